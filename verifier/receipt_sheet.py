"""The receipt as a PDF: the words of a verdict on one page, and the evidence attached to it.

What is decided here: which words of a verdict the receipt repeats (all that its page says of the
attestation), how each document is named to people, and what is advised: how long to keep it, and how anyone
makes the check again. The advice follows French practice for the files of recruitment (docs/adr/0020).

Left to others: the verdict and the evidence (`verifier.receipt`), the drawing (`passport.documents`). The
drawing room is imported when a receipt is made: a base install has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from passport.framework import Lang
from passport.pages.catalogue import Catalogue, catalogue
from passport.timestamps import write_timestamp
from verifier.details import AttestationWords, moment_in_words
from verifier.files import RECEIPT_FILE, load_library
from verifier.receipt import CREDENTIAL_FILE, PIN_FILE, Judged, Receipt, list_of, names_of, take_evidence
from verifier.schemes import Schemes
from verifier.several import FoundAgain
from verifier.statuses import read_list
from verifier.wording import Wording, word_report

if TYPE_CHECKING:
    from passport.documents.archive import Attachment
    from passport.documents.receipt import ReceiptContent, ReceiptPart

__all__ = ["KEPT_MONTHS", "Maker", "make_receipt"]

KEPT_MONTHS: Final = 24
"""How long a receipt may be kept after the last contact with the person (CNIL, recruitment: two years)."""

_PROGRAM: Final = "passport-verify"
_MEDIA: Final = {".json": "application/json", ".jwt": "application/jwt"}
_MORE: Final = 5


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a receipt, and how. `name`: of the page's site, or of the person who checks; "" is not said.

    `means`: the checking page or the program. `contact`: whom to call, "" for the scheme's own. `offline`:
    no network was used. `months`: see `KEPT_MONTHS`.
    """

    means: Literal["page", "program"]
    name: str
    contact: str
    offline: bool
    months: int = KEPT_MONTHS


@dataclass(frozen=True, slots=True)
class _Document:
    """One file of a receipt in words. `dated`: seconds since 1970, None for what has no date."""

    file: str
    words: str
    data: bytes
    dated: int | None


def make_receipt(found: FoundAgain, *, documents: Schemes, maker: Maker, lang: Lang) -> tuple[bytes, Judged]:
    """Check anew, and return the receipt (a PDF) with what it tells.

    Raises `MalformedError` (`nothing_given`, `receipt_too_big`), `UnsupportedError` (`library_missing`),
    `PassportError` (`glyph_missing`, `page_full`).
    """
    load_library("reportlab")
    from passport.documents.receipt import render_receipt

    receipt, judged = take_evidence(found, documents=documents)
    checked = judged.checked
    contact = maker.contact or documents.contact_of(checked.report)
    said = word_report(
        checked.report, lang=lang, contact=contact, reference=checked.reference, offline=maker.offline
    )
    travelling = list(_documents(receipt, judged, maker=maker, lang=lang))
    content = _content(said, receipt, travelling, maker=maker, specimen=checked.report.specimen)
    return render_receipt(content, attachments=[_attachment(one) for one in travelling]), judged


def _content(
    said: Wording, receipt: Receipt, travelling: list[_Document], *, maker: Maker, specimen: bool
) -> ReceiptContent:
    from passport.documents.receipt import ReceiptContent, ReceiptPart

    words, told = catalogue(said.lang), said.attestation
    severity: Literal["ok", "attention", "stop", "unknown"] = said.severity  # type: ignore[assignment]
    return ReceiptContent(
        lang=said.lang,
        title=words.text("receipt.title"),
        specimen=words.text("sheet.specimen") if specimen else "",
        about=(_by(said, maker, words), words.text("receipt.reference", reference=said.reference)),
        severity=severity,
        icon=said.icon,
        mark=said.mark,
        verdict=said.title,
        lead=" ".join((said.lead, *said.lines)),
        advice=" ".join((said.next, *said.notice[2:])),
        name=(words.text("fields.name"), told.name) if told else (),
        seen=(f"{told.ago}.",) if told and told.ago else (),
        skills=ReceiptPart(words.text("fields.can_do"), _skills(told)),
        facts=ReceiptPart(
            words.text("receipt.facts" if told else "receipt.facts_other"), tuple(_facts(said, told, words))
        ),
        ticks_title=words.text("result.ticks"),
        ticks=tuple((tick.outcome.value, tick.text) for tick in said.ticks),
        documents_title=words.text("receipt.documents.title"),
        documents=tuple(
            (one.words, hashlib.sha256(one.data).hexdigest())
            for one in travelling
            if one.file not in {RECEIPT_FILE, PIN_FILE}
        ),
        parts=tuple(_parts(receipt, maker, words)),
        hand=words.lines("receipt.hand.lines"),
    )


def _by(said: Wording, maker: Maker, words: Catalogue) -> str:
    if maker.name:
        if maker.means == "page":
            return words.text("receipt.by_page", checked=said.checked, site=maker.name)
        return words.text("receipt.by_name", checked=said.checked, name=maker.name)
    return words.text("receipt.by_program", checked=said.checked, program=_PROGRAM)


def _skills(told: AttestationWords | None) -> tuple[str, ...]:
    """Say each competence: what the person can do, where there is room; else its name and level."""
    if told is None:
        return ()
    if len(told.can_do) > _MORE:
        return tuple(can.short for can in told.can_do)
    return tuple(f"{can.sentence} ({can.short})" for can in told.can_do)


def _facts(said: Wording, told: AttestationWords | None, words: Catalogue) -> Iterator[str]:
    pairs = list(told.rows) if told else []
    if told and told.can_do:
        pairs.append((words.text("receipt.framework"), told.framework))
    pairs += [
        (words.text("result.reason"), said.reason),
        (words.text("result.format"), said.format),
    ]
    return (words.text("receipt.pair", label=label, value=value) for label, value in pairs)


def _parts(receipt: Receipt, maker: Maker, words: Catalogue) -> Iterator[ReceiptPart]:
    from passport.documents.receipt import ReceiptPart

    name, folder = words.text("receipt.file"), words.text("receipt.folder")
    command = f"{_PROGRAM} {name} --trust {folder} --at {write_timestamp(receipt.made_at)}"
    given: dict[str, dict[str, str | int]] = {
        "limits": {},
        "kept": {"months": maker.months},
        "again": {"command": command},
    }
    for part, values in given.items():
        title = words.text(f"receipt.{part}.title")
        yield ReceiptPart(title, words.lines(f"receipt.{part}.lines", **values))


def _documents(receipt: Receipt, judged: Judged, *, maker: Maker, lang: Lang) -> Iterator[_Document]:
    """Give each file in words: the credential first, then what it was judged with."""
    words, names = catalogue(lang), names_of(receipt)
    by, reference = maker.name or _PROGRAM, judged.checked.reference
    listed = list_of(receipt, reference=reference, checked_by=by)
    given = receipt.found.credential.encode()
    yield _Document(CREDENTIAL_FILE, words.text("receipt.documents.credential"), given, None)
    for url, document in receipt.documents.items():
        kind, dated, values = _kind_of(url, document, judged)
        if dated is not None:
            date, time = moment_in_words(dated, lang)
            values = {**values, "date": date, "time": time}
        yield _Document(names[url], words.text(f"receipt.documents.{kind}", **values), document, dated)
    yield _Document(PIN_FILE, words.text("receipt.documents.pin"), receipt.pin, None)
    yield _Document(RECEIPT_FILE, words.text("receipt.documents.list"), listed, receipt.made_at)


def _kind_of(url: str, document: bytes, judged: Judged) -> tuple[str, int | None, dict[str, str | int]]:
    """Return what a document is, its date, and what else is said of it."""
    trust, path = judged.documents.known, url.removeprefix(judged.documents.scheme_url)
    if path.startswith("/trust/sets/"):
        return "sealed_set", None, {}
    if path == "/trust/list.json" and trust is not None:
        return "trust_list", trust.trust_list.issued_at, {"version": trust.trust_list.version}
    if path == "/trust/now.json" and trust is not None and trust.now is not None:
        return "now", trust.now.issued_at, {}
    return "status", read_list(document).issued_at, {"name": url.rpartition("/")[2][:60]}


def _attachment(one: _Document) -> Attachment:
    from passport.documents.archive import Attachment

    ending = one.file[one.file.rfind(".") :]
    return Attachment(
        one.file, _MEDIA.get(ending, "application/octet-stream"), one.data, one.words, one.dated
    )
