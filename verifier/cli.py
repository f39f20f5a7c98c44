"""The command line of the checking side: ``passport-verify``, alone and offline.

What is decided here: which options go together, and the exit status: 0 every one valid, 1 at least one not
valid, 3 none invalid but at least one undetermined, 2 wrong use, 130 stopped. A typed code proves nothing
about a paper, so it never gives 0.

Left to others: what a WHAT may be and how it is answered (`answering`), folders (`folder`), receipts
(`receipt_writing`), documents (`setting_up`). A base install reads tokens, digits and addresses; PDF files,
pictures and receipts need the extra ``[verifier]``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from passport.errors import PassportError
from passport.typed_code import format_code, read_code
from verifier.answering import Against, answers_to, is_file, is_folder, print_json, say, tell
from verifier.arguments import AT_RECEIPT, parser_of
from verifier.asking import ask_counter
from verifier.folder import STOPPED, Checking, check_into_csv, told
from verifier.intake import looks_like_code
from verifier.receipt_writing import write_receipt
from verifier.report import Verdict
from verifier.schemes import Schemes
from verifier.setting_up import documents_from, pin_in
from verifier.speaking import shown
from verifier.wording import word_page

__all__ = ["main"]

_EXIT: Final = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNDETERMINED: 3}
_WRONG_USE: Final = 2
_KNOWN_BAD: Final = frozenset({"code_withdrawn", "code_suspended", "code_expired", "code_not_found"})


def main(argv: Sequence[str] | None = None, *, prog: str = "passport-verify") -> int:
    """Check what the arguments name and return the exit status. Wrong options leave by `SystemExit` (2).

    `prog`: the name in help and errors; ``passport verify`` is the same program.
    """
    options = parser_of(prog).parse_args(argv)
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


def _run(options: argparse.Namespace) -> int:
    if options.csv is not None:
        return _table(options)
    if options.receipt is not None:
        return _receipt(options)
    codes = [what for what in options.what if looks_like_code(what) and not is_file(what)]
    rest = [what for what in options.what if what not in codes]
    status = {_ask(code, options) for code in codes}
    if rest:
        against = _against(options)
        for what in rest:
            for answer in answers_to(what, against, at=options.at, lang=options.lang):
                tell(answer, as_json=options.json, lang=options.lang)
                status.add(_EXIT[answer.checked.report.verdict])
    return _worst(status)


def _worst(status: set[int]) -> int:
    return next(code for code in (1, 3, 0, _WRONG_USE) if code in status)


def _against(options: argparse.Namespace) -> Against:
    kept = [pin_in(path) for path in options.pin]
    if not options.trust and kept and options.at is not None:
        return Against(None, online=False, pins=kept)
    documents, online = _documents(options)
    return Against(documents, online=online, pins=[*(one.pin for one in documents.all), *kept])


def _documents(options: argparse.Namespace) -> tuple[Schemes, bool]:
    if not options.trust:
        raise PassportError(
            "--trust is missing: nothing can be checked without a trust list.",
            code="trust_missing",
            hint="Give a folder made by 'passport publish', a trust list, or the address of a scheme.",
        )
    return documents_from(
        options.trust, status=options.status, pins=options.pin, keep=options.keep, clock=time.time
    )


def _table(options: argparse.Namespace) -> int:
    for what in options.what:
        if what == "-" or not (is_file(what) or is_folder(what)):
            raise PassportError(
                f"{what[:60]!r} is neither a file nor a folder: --csv takes nothing else.",
                code="csv_files_only",
            )
    if options.at == AT_RECEIPT:
        raise PassportError("A table has one time: --at receipt is for single receipts.", code="at_receipt")
    documents, online = _documents(options)
    checking = Checking(documents, online=online, at=options.at, lang=options.lang)
    tally, found = check_into_csv([Path(what) for what in options.what], options.csv, checking=checking)
    sys.stdout.write("\n".join(told(tally, found, options.csv, options.lang)) + "\n")
    return STOPPED if tally.stopped else _worst({_EXIT[verdict] for verdict in tally.verdicts})


def _receipt(options: argparse.Namespace) -> int:
    """Check one attestation as of now, and write what was found out."""
    if options.at is not None:
        raise PassportError("A receipt says what is known now: leave --at out.", code="receipt_now")
    if len(options.what) != 1 or (looks_like_code(options.what[0]) and not is_file(options.what[0])):
        raise PassportError("A receipt is of one attestation, and never of a typed code.", code="receipt_one")
    documents, online = _documents(options)
    against = Against(documents, online=online, pins=())
    answers = answers_to(options.what[0], against, at=None, lang=options.lang)
    if len(answers) != 1:
        raise PassportError(
            f"A receipt is of one attestation; there are {len(answers)}.",
            code="receipt_one",
            hint="Give them one by one, or make a table: --csv OUT.csv.",
        )
    answer = write_receipt(answers[0], options.receipt, by=options.by, lang=options.lang)
    tell(answer, as_json=False, lang=options.lang)
    return _EXIT[answer.checked.report.verdict]


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
        print_json({"state": state, "code": code, "values": values})
    else:
        say(word_page(state, lang=options.lang, **{**values, "code": code}))
    return 1 if state in _KNOWN_BAD else 3
