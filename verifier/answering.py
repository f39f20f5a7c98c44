"""Answering on the command line: from a WHAT to reports, and from a report to lines or JSON.

What is decided here: what a WHAT may be (a file, a token, digits, a QR address, ``-``), and when the
documents inside a receipt are those that count. Never by themselves: whoever carries a withdrawn
attestation could hand in a receipt of better days. Only with ``--at``, which asks how things stood, are they
looked at, and then nothing else is; they are believed as far as a pin goes that their reader holds.

Left to others: checking (`counter`), receipts (`receipt`), words (`wording`), options (`cli`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from passport.errors import PassportError
from passport.framework import Lang
from passport.limits import LIMITS
from passport.pages.catalogue import catalogue
from passport.timestamps import write_timestamp
from passport.trust.model import Pin
from verifier.apart import read_files_apart, read_sent
from verifier.arguments import AT_RECEIPT
from verifier.counter import Checked, check_found, check_text
from verifier.details import moment_in_words
from verifier.files import RECEIPT_PLACE
from verifier.receipt import Receipt, judge, open_receipt
from verifier.schemes import Schemes
from verifier.setting_up import read_bounded
from verifier.speaking import shown, speak
from verifier.wording import Wording, word_report

__all__ = ["Against", "Answer", "answers_to", "is_file", "is_folder", "print_json", "say", "tell"]


@dataclass(frozen=True, slots=True)
class Against:
    """What is checked against. `documents`: None when only a pin was given, which is enough for receipts.

    `pins`: what a receipt's documents may be believed by. `online`: whether a network was used.
    """

    documents: Schemes | None
    online: bool
    pins: Sequence[Pin]

    @property
    def own(self) -> Schemes:
        """The documents of who checks. Raises `PassportError` (`trust_missing`)."""
        if self.documents is None:
            raise PassportError(
                "--trust is missing: nothing but a receipt can be checked without a trust list.",
                code="trust_missing",
                hint="Give a folder made by 'passport publish', a trust list, or the address of a scheme.",
            )
        return self.documents


@dataclass(frozen=True, slots=True)
class Answer:
    """One report, the documents that it rests on, and what is said beside it.

    `further`: members for the line of JSON.
    """

    checked: Checked
    documents: Schemes
    online: bool
    notes: tuple[str, ...] = ()
    further: dict[str, object] = field(default_factory=dict)


def is_folder(what: str) -> bool:
    """Tell whether a WHAT names a folder."""
    try:
        return Path(what).is_dir()
    except (OSError, ValueError):
        return False


def is_file(what: str) -> bool:
    """Tell whether a WHAT names a file, or standard input."""
    try:
        return what == "-" or Path(what).is_file()
    except (OSError, ValueError):  # a token is too long for a name
        return False


def answers_to(what: str, against: Against, *, at: int | None, lang: Lang) -> list[Answer]:
    """Return an answer for each credential in `what`. Raises `PassportError` when it holds none.

    `at`: seconds since 1970, `AT_RECEIPT` for the time that a receipt names, None for now.
    """
    if is_folder(what):
        raise PassportError(
            f"{what[:60]!r} is a folder: its files are checked into a table.",
            code="csv_missing",
            hint="Say where the table goes: --csv OUT.csv.",
        )
    if is_file(what):
        return _of_file(what, against, at=at, lang=lang)
    documents = against.own
    try:
        checked = check_text(what, documents=documents, at=None if at == AT_RECEIPT else at)
    except PassportError as error:
        raise PassportError(
            f"{what[:60]!r} is neither a file nor an attestation.", code=error.code, hint=error.hint
        ) from None
    _refuse_receipt_time(at)
    return [Answer(one, documents, against.online) for one in checked]


def _of_file(what: str, against: Against, *, at: int | None, lang: Lang) -> list[Answer]:
    if what == "-":
        data = sys.stdin.buffer.read(LIMITS.file_bytes + 1)
    else:
        data = read_bounded(Path(what), most=LIMITS.file_bytes, what="the file")
    receipt = open_receipt(data) if at is not None and len(data) <= LIMITS.file_bytes else None
    if receipt is not None:
        return [_of_receipt(receipt, against, at=receipt.made_at if at == AT_RECEIPT else at or 0, lang=lang)]
    _refuse_receipt_time(at)
    [read] = read_sent([data], read_files_apart)
    if isinstance(read, PassportError):
        raise read
    found = check_found(read, documents=against.own, at=at)
    return [Answer(one, against.own, against.online, _is_receipt(one, lang)) for one in found]


def _refuse_receipt_time(at: int | None) -> None:
    if at == AT_RECEIPT:
        raise PassportError(
            "'--at receipt' is for receipts, and this is none.",
            code="receipt_missing",
            hint="Give a time: --at 2027-03-01T14:00Z.",
        )


def _is_receipt(checked: Checked, lang: Lang) -> tuple[str, ...]:
    if checked.where != RECEIPT_PLACE:
        return ()
    return (catalogue(lang).text("receipt.rechecked.today", option="--at receipt"),)


def _of_receipt(receipt: Receipt, against: Against, *, at: int, lang: Lang) -> Answer:
    judged = judge(receipt, pins=against.pins, at=at)
    reason, words = judged.checked.report.reason.value, catalogue(lang)
    date, time = moment_in_words(at, lang)
    notes = [words.text("receipt.rechecked.as_of", date=date, time=time)]
    if at == receipt.made_at and receipt.says != reason:
        notes.append(words.text("receipt.rechecked.differs"))
    notes.append(words.text("receipt.rechecked.text"))
    told = {"made_at": write_timestamp(receipt.made_at), "says": receipt.says}
    return Answer(judged.checked, judged.documents, False, tuple(notes), {"receipt": told})


def tell(answer: Answer, *, as_json: bool, lang: Lang) -> None:
    """Print one answer."""
    if as_json:
        print_json(answer.checked.report.to_json() | answer.further)
        return
    contact = answer.documents.contact_of(answer.checked.report)
    reference, offline = answer.checked.reference, not answer.online
    said = word_report(
        answer.checked.report, lang=lang, contact=contact, reference=reference, offline=offline
    )
    say(said, notes=answer.notes)


def say(said: Wording, *, notes: Sequence[str] = ()) -> None:
    """Print the words of a verdict, in colour where a terminal wants it."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    sys.stdout.write(speak(said, colour=colour, notes=notes))


def print_json(value: object) -> None:
    """Write one line; what a terminal might obey is escaped, and so still the same JSON."""
    line = json.dumps(value, ensure_ascii=False)
    sys.stdout.write("".join(json.dumps(c)[1:-1] if shown(c) != c else c for c in line) + "\n")
