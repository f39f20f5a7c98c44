"""A receipt's evidence: what a verdict rests on, taken along, so that anyone can reach it again.

What is decided here: what travels in a receipt (the credential as it was handed over, every public document
that the verdict rests on, the pin, and a list of it all), that the verdict which a receipt tells is the one
that *this evidence* gives, and that whoever checks one again brings a pin of their own: the one inside is
there to be looked at and never believed. Nothing that the list claims can make a verdict better.

Left to others: the sheet that people read (`verifier.receipt_sheet`), taking the files out of a PDF
(`verifier.receipt_reading`), judging (`verifier.several`), which documents count (`Documents.used`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from passport.errors import MalformedError, PassportError
from passport.limits import LIMITS
from passport.strictjson import Reader, compact_json, parse_object
from passport.timestamps import read_timestamp, write_timestamp
from passport.trust.model import Pin
from passport.trust.writing import pin_document
from verifier.apart import read_receipt_apart
from verifier.counter import Checked
from verifier.files import RECEIPT_FILE, looks_like_pdf
from verifier.report import Reason
from verifier.schemes import Schemes
from verifier.several import FoundAgain, check_again
from verifier.sources import Documents, KeptSource

__all__ = [
    "CREDENTIAL_FILE",
    "PIN_FILE",
    "Judged",
    "Receipt",
    "judge",
    "list_of",
    "names_of",
    "open_receipt",
    "take_evidence",
]

FORMAT: Final = "passport-receipt-1"
PIN_FILE: Final = "pin.json"
CREDENTIAL_FILE: Final = "attestation.jwt"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DISAGREES: Final = Reason.DOCUMENTS_DISAGREE.value
_LIST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Receipt:
    """The evidence of one check. `documents`: by URL, as received. `says`: the reason that it states.

    `made_at`: seconds since 1970. `pin`: that of its maker, as a document; never believed.
    """

    found: FoundAgain
    made_at: int
    says: str
    documents: Mapping[str, bytes] = field(repr=False)
    pin: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a receipt's evidence gives, and the documents that it was judged with."""

    checked: Checked
    documents: Schemes


def take_evidence(found: FoundAgain, *, documents: Schemes) -> tuple[Receipt, Judged]:
    """Check what a page carries anew, and return the evidence with the verdict that it gives.

    Raises `MalformedError`: `nothing_given` (there is nothing to judge), `receipt_too_big`.
    """
    (paper,) = check_again([found], documents=documents)
    if paper.checked is None:
        raise MalformedError("Nothing could be judged.", code="nothing_given")
    report = paper.checked.report
    kept = documents.used(report)
    if len(kept) > LIMITS.receipt_files - 3 or sum(map(len, kept.values())) > LIMITS.receipt_bytes:
        raise MalformedError("The documents are larger than a receipt can be.", code="receipt_too_big")
    pin = documents.pin_of(report)
    receipt = Receipt(paper.carried, report.checked_at, "", kept, pin_document(pin))
    # From the evidence alone: a document fetched while we looked must not stand beside another verdict.
    judged = judge(receipt, pins=[pin], at=report.checked_at)
    return replace(receipt, says=judged.checked.report.reason.value), judged


def judge(receipt: Receipt, *, pins: Sequence[Pin], at: int) -> Judged:
    """Return what the evidence gives at `at`, believing the first of `pins` whose roots signed its list."""
    judging = [Documents(KeptSource(receipt.documents), pin, lambda: at) for pin in pins]
    documents = Schemes([next((one for one in judging if one.trust() is not None), judging[0])])
    (paper,) = check_again([receipt.found], documents=documents)
    if paper.checked is None:
        raise MalformedError("The receipt holds no attestation.", code="receipt_broken")
    return Judged(paper.checked, documents)


def names_of(receipt: Receipt) -> dict[str, str]:
    """Return the file name of each document of a receipt, by URL."""
    names: dict[str, str] = {}
    for url in receipt.documents:
        names[url] = _file_name(url, taken=names.values())
    return names


def list_of(receipt: Receipt, *, reference: str, checked_by: str) -> bytes:
    """Return the list that makes a file a receipt: what was found out when, and what each file is."""
    names = names_of(receipt)
    documents = [
        {"url": url, "file": names[url], "sha256": hashlib.sha256(document).hexdigest()}
        for url, document in receipt.documents.items()
    ]
    return compact_json(
        {
            "format": FORMAT,
            "checked_at": write_timestamp(receipt.made_at),
            "verdict": Reason(receipt.says).verdict.value,
            "reason": receipt.says,
            **({"note": receipt.found.note} if receipt.found.note else {}),
            "reference": reference,
            "checked_by": checked_by,
            "documents": documents,
        }
    )


def open_receipt(data: bytes) -> Receipt | None:
    """Return the evidence in a file, read in a process of its own; None when it is no receipt.

    Raises `MalformedError`: `file_broken`, `file_encrypted`, `receipt_broken`; `UnsupportedError`:
    `library_missing`.
    """
    files = read_receipt_apart(data) if looks_like_pdf(data) else None
    if files is None:
        return None
    try:
        return _read(files)
    except (PassportError, UnicodeDecodeError, KeyError):
        raise MalformedError(
            "The receipt is damaged: its files are not those that it lists.", code="receipt_broken"
        ) from None


def _read(files: Mapping[str, bytes]) -> Receipt:
    reader = Reader(parse_object(files[RECEIPT_FILE], max_bytes=_LIST_BYTES), "receipt")
    if reader.text("format") != FORMAT:
        raise MalformedError("The receipt is of another format.", code="receipt_format")
    named = reader.many(
        "documents", lambda one: (one.text("url"), one.text("file")), at_most=LIMITS.receipt_files
    )
    credential = files[CREDENTIAL_FILE][: LIMITS.token_chars + 1].decode("utf-8")
    note = _DISAGREES if reader.optional_text("note") == _DISAGREES else ""
    return Receipt(
        FoundAgain(credential, note, ""),
        read_timestamp(reader.text("checked_at")),
        reader.text("reason"),
        {url: files[name] for url, name in named if name in files},  # what was taken out is not at hand
        files[PIN_FILE],
    )


def _file_name(url: str, *, taken: Collection[str]) -> str:
    """Return a plain name for the document at `url`: its path, or a digest of it where that is no name."""
    name = url.split("/", 3)[-1].replace("/", "-")
    if _NAME.fullmatch(name) and name not in taken:
        return name
    return f"document-{hashlib.sha256(url.encode()).hexdigest()[:32]}"
