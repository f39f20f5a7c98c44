"""The command line of the checking side: ``passport-verify``, alone and offline.

What is decided here: what a WHAT may be (a file, a token, digits, a QR address, a typed code, ``-``), what
is printed, and the exit status: 0 every one valid, 1 at least one not valid, 3 none invalid but at least
one undetermined, 2 wrong use. A typed code proves nothing about a paper, so it never gives 0.

Left to others: checking (`counter`), words (`wording`), documents (`setting_up`). A base install reads
tokens, digits and addresses; PDF files and pictures need the extra ``[verifier]``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Final

from passport.errors import PassportError
from passport.framework import Lang
from passport.limits import LIMITS
from passport.typed_code import format_code, read_code
from verifier.apart import read_files_apart, read_sent
from verifier.asking import ask_counter
from verifier.counter import Checked, check_found, check_text
from verifier.details import reader_zone
from verifier.intake import looks_like_code
from verifier.report import Verdict
from verifier.setting_up import documents_from, read_bounded
from verifier.sources import Documents
from verifier.speaking import shown, speak
from verifier.wording import word_page, word_report

__all__ = ["main"]

_EXIT: Final = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNDETERMINED: 3}
_WRONG_USE: Final = 2
_KNOWN_BAD: Final = frozenset({"code_withdrawn", "code_suspended", "code_expired", "code_not_found"})


def main(argv: Sequence[str] | None = None, *, prog: str = "passport-verify") -> int:
    """Check what the arguments name and return the exit status. Wrong options leave by `SystemExit` (2).

    `prog`: the name in help and errors; ``passport verify`` is the same program.
    """
    options = _parser(prog).parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without é still gets its verdict
    try:
        return _run(options)
    except PassportError as error:
        sys.stderr.write(f"{prog}: {shown(str(error))}\n")
        return _WRONG_USE
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away; nothing more can be said
        return _WRONG_USE


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Check attestations of digital skills with public documents and nothing else.",
        epilog="Exit status: 0 every one valid, 1 at least one not valid, 3 none invalid but at least one "
        "undetermined, 2 wrong use.",
    )
    add = parser.add_argument
    add(
        "what",
        nargs="+",
        metavar="WHAT",
        help="file (.jwt, .pdf, .png, .jpg, .svg), token, digits, address or code; - reads standard input",
    )
    add(
        "--trust",
        metavar="FILE_OR_URL",
        help="trust list, scheme address, or folder made by 'passport publish' (with its status lists)",
    )
    add("--status", metavar="FILE_OR_URL", action="append", default=[], help="status list; may be repeated")
    add(
        "--at",
        metavar="TIME",
        type=_instant,
        help="check as of this time: 2027-03-01, 2027-03-01T14:00Z or seconds since 1970",
    )
    add("--json", action="store_true", help="print one report a line, as JSON")
    add("--lang", choices=["fr", "en"], default="fr", help="language of the answer (default: fr)")
    add(
        "--pin",
        metavar="FILE",
        type=Path,
        help="pin.json that was kept from the scheme; without it the one in --trust is believed",
    )
    add("--counter", metavar="URL", help="checking counter to ask about a typed code")
    return parser


def _instant(text: str) -> int:
    """Read ``--at``. A day alone is its beginning, a time without a zone is local time of the town."""
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    try:
        if len(text) == 10:
            moment = datetime.combine(date.fromisoformat(text), clock_time())
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; expected 2027-03-01T14:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=reader_zone())).timestamp())


def _run(options: argparse.Namespace) -> int:
    codes = [what for what in options.what if looks_like_code(what) and not _is_file(what)]
    rest = [what for what in options.what if what not in codes]
    status = {_ask(code, options) for code in codes}
    if rest:
        if options.trust is None:
            raise PassportError(
                "--trust is missing: nothing can be checked without a trust list.",
                code="trust_missing",
                hint="Give a folder made by 'passport publish', a trust list, or the address of a scheme.",
            )
        documents, online = documents_from(
            options.trust, status=options.status, pin=options.pin, clock=time.time
        )
        for what in rest:
            status |= {
                _report(c, options, documents, online=online) for c in _check(what, documents, options.at)
            }
    return next(code for code in (1, 3, 0, _WRONG_USE) if code in status)


def _is_file(what: str) -> bool:
    try:
        return what == "-" or Path(what).is_file()
    except (OSError, ValueError):  # a token is too long for a name
        return False


def _check(what: str, documents: Documents, at: int | None) -> list[Checked]:
    if what == "-":
        return _check_file(sys.stdin.buffer.read(LIMITS.file_bytes + 1), documents, at)
    if _is_file(what):
        data = read_bounded(Path(what), most=LIMITS.file_bytes, what="the file")
        return _check_file(data, documents, at)
    try:
        return check_text(what, documents=documents, at=at)
    except PassportError as error:
        raise PassportError(
            f"{what[:60]!r} is neither a file nor an attestation.", code=error.code, hint=error.hint
        ) from None


def _check_file(data: bytes, documents: Documents, at: int | None) -> list[Checked]:
    """Check a file that somebody else made: what hangs, fills or crashes its decoder ends there."""
    [read] = read_sent([data], read_files_apart)
    if isinstance(read, PassportError):
        raise read
    return check_found(read, documents=documents, at=at)


def _report(checked: Checked, options: argparse.Namespace, documents: Documents, *, online: bool) -> int:
    report = checked.report
    if options.json:
        _print_json(report.to_json())
        return _EXIT[report.verdict]
    trust = documents.trust()
    contact = trust.trust_list.scheme.contact if trust else ""
    lang: Lang = options.lang
    said = word_report(report, lang=lang, contact=contact, reference=checked.reference, offline=not online)
    sys.stdout.write(speak(said, colour=_colour()))
    return _EXIT[report.verdict]


def _print_json(value: object) -> None:
    """Write one line; what a terminal might obey is escaped, and so still the same JSON."""
    line = json.dumps(value, ensure_ascii=False)
    sys.stdout.write("".join(json.dumps(c)[1:-1] if shown(c) != c else c for c in line) + "\n")


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _ask(typed: str, options: argparse.Namespace) -> int:
    code = format_code(read_code(typed))
    if options.counter is None:
        raise PassportError(
            "A typed code is looked up over the network.",
            code="counter_missing",
            hint="Give the address of a checking counter: --counter URL.",
        )
    state, values = ask_counter(options.counter, code, lang=options.lang)
    if options.json:
        _print_json({"state": state, "code": code, "values": values})
    else:
        said = word_page(state, lang=options.lang, **{**values, "code": code})
        sys.stdout.write(speak(said, colour=_colour()))
    return 1 if state in _KNOWN_BAD else 3
