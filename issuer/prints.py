"""From stored attestations to what is printed of them: the sheet, the large print, the card, the picture.

Decided here: which kinds of file there are and how they are named (``2346-789B-CDF.pdf``,
``….large.pdf``, ``….card.pdf``, ``….png``, ``….jwt``, ``….html``), and what travels inside a sheet.
Everything is drawn from what was committed: it can be done again at any time, and nothing here signs.
Left to others: the drawing (`passport.documents`), writing the files (`issuer.print_files`), what was
issued (`issuer.register`).

    draw(print_jobs(register, issued)[0], "pdf")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Final, Protocol

from issuer.print_seal import SealSource, ready_seal, seal_source, sealed, sealed_once
from issuer.register import Register
from issuer.register.bodies import body_list
from passport.documents.archive import Attachment
from passport.documents.card import render_card
from passport.documents.content import BodyLine, SheetContent, sheet_content
from passport.documents.large import render_large
from passport.documents.phone import render_phone_picture
from passport.documents.sheet import render_sheet
from passport.documents.symbol import Symbol, draw_symbol
from passport.documents.twin import render_card_twin, render_twin
from passport.errors import PassportError
from passport.framework import Lang
from passport.model import Attestation, Holder, Method
from passport.pages.catalogue import catalogue
from passport.typed_code import format_code

__all__ = [
    "EVERYDAY",
    "LARGE",
    "MEDIA_TYPES",
    "TWINS",
    "Drawing",
    "PrintJob",
    "Printable",
    "Said",
    "draw",
    "file_name",
    "print_jobs",
    "said_of",
]

LARGE: Final = "large.pdf"

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    LARGE: "application/pdf",
    "card.pdf": "application/pdf",
    "png": "image/png",
    "jwt": "application/jwt",
}
"""Kind of file → media type; `application/jwt` is RFC 7519 section 10.3.1."""

EVERYDAY: Final = tuple(kind for kind in MEDIA_TYPES if kind != LARGE)
"""The kinds that are written for every attestation; the large print is made for who asks."""

TWINS: Final = ("html", "card.html")
"""The HTML twins of the sheet (and of the large print) and of the card, written for who asks."""

_SEALED: Final = frozenset({"pdf", LARGE})  # a card has no room to say so


class Printable(Protocol):
    """What `issue` answers and what the register gives back later."""

    @property
    def code(self) -> str:
        """Eleven characters."""

    @property
    def body(self) -> str:
        """Slug of the body."""

    @property
    def token(self) -> bytes:
        """The signed JWT."""

    @property
    def digits(self) -> str:
        """The token as packed for the QR."""

    @property
    def attestation(self) -> Attestation:
        """What was attested."""


@dataclass(frozen=True, slots=True)
class Said:
    """An attestation as plain values: its own read-only mapping does not travel between processes."""

    issuer: str
    holder: Holder
    framework: str
    levels: tuple[tuple[str, int], ...]
    assessed_on: date
    method: Method
    issued_at: int
    place: str | None
    expires_at: int | None
    specimen: bool

    def attestation(self) -> Attestation:
        """Return the attestation itself."""
        return Attestation(
            issuer=self.issuer,
            holder=self.holder,
            framework=self.framework,
            levels=dict(self.levels),
            assessed_on=self.assessed_on,
            method=self.method,
            issued_at=self.issued_at,
            place=self.place,
            expires_at=self.expires_at,
            specimen=self.specimen,
        )


def said_of(said: Attestation) -> Said:
    """Return an attestation as values that travel."""
    return Said(
        *(said.issuer, said.holder, said.framework, tuple(said.levels.items()), said.assessed_on),
        *(said.method, said.issued_at, said.place, said.expires_at, said.specimen),
    )


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Everything that is needed to draw one attestation, in another process too.

    `attachments`: signed forms that travel in the sheet besides the QR token, which always does.
    """

    code: str
    token: bytes
    digits: str
    said: Said
    body: BodyLine
    verify_url: str
    contact: str
    specimen: bool
    lang: Lang
    attachments: tuple[Attachment, ...] = ()
    seal: SealSource | None = None


def print_jobs(register: Register, attestations: Iterable[Printable]) -> list[PrintJob]:
    """Return what to draw, with the names of bodies and places as they are today."""
    scheme = register.scheme
    bodies = {known.slug: known for known in body_list(register)}
    lang: Lang = "en" if scheme.languages[:1] == ("en",) else "fr"
    listed, seal = register.trust().trust_list, seal_source(register)
    jobs = []
    for one in attestations:
        known, named = bodies[one.body], listed.body_of(one.attestation.issuer)
        # Of a body that has left, only the trust list still names the places.
        place = one.attestation.place
        place_name = known.place_name(place) or (named.place_name(place) if named else None)
        job = PrintJob(
            code=one.code,
            token=one.token,
            digits=one.digits,
            said=said_of(one.attestation),
            body=BodyLine(name=known.name, place_name=place_name, logo_png=known.logo_png),
            verify_url=scheme.verify_url,
            contact=scheme.contact,
            specimen=scheme.is_demo,
            lang=lang,
            seal=seal,
        )
        jobs.append(job)
    return jobs


def file_name(code: str, kind: str) -> str:
    """Return the name of a file: the code as printed on the paper, and the kind."""
    return f"{format_code(code)}.{kind}"


def draw(job: PrintJob, kind: str) -> bytes:
    """Return one file of an attestation; `kind` is a key of `MEDIA_TYPES`. The same job, the same bytes.

    Raises `PassportError`: `glyph_missing`, `logo_unreadable`, `qr_too_large`, `print_kind`.
    """
    return Drawing(job).file(kind)


class Drawing:
    """One attestation being drawn: its symbol and its words are made once for all its files."""

    def __init__(self, job: PrintJob) -> None:
        self.job = job

    @cached_property
    def symbol(self) -> Symbol:
        """The QR."""
        return draw_symbol(f"{self.job.verify_url}#", self.job.digits)

    @cached_property
    def content(self) -> SheetContent:
        """The words."""
        job = self.job
        return sheet_content(
            job.said.attestation(),
            body=job.body,
            code=format_code(job.code),
            verify_url=job.verify_url,
            contact=job.contact,
            specimen=job.specimen,
            lang=job.lang,
        )

    @cached_property
    def sealed_content(self) -> SheetContent:
        """The words with who seals the file, where somebody does."""
        if self.job.seal is None:
            return self.content
        said = catalogue(self.job.lang).text("sheet.seal", name=ready_seal(self.job.seal).name)
        return replace(self.content, seal=said)

    @property
    def check_url(self) -> str:
        """What the symbol says."""
        return f"{self.job.verify_url}#{self.job.digits}"

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What travels in the sheet; the token first, the very one in the QR: a verifier refuses two."""
        words = catalogue(self.job.lang).text("sheet.attached")
        token = Attachment(
            "attestation.jwt", MEDIA_TYPES["jwt"], self.job.token, words, dated=self.job.said.issued_at
        )
        return (token, *self.job.attachments)

    def file(self, kind: str) -> bytes:
        """Return one file, as `draw` does, with its seal where there is one."""
        return self._told(kind, seal=sealed)

    def file_beside(self, kind: str, kept: Path) -> bytes:
        """Return one file; where `kept` holds it already, sealed and whole, that very file."""
        return self._told(kind, seal=partial(sealed_once, kept=kept))

    def _told(self, kind: str, *, seal: Callable[[bytes, SealSource], bytes]) -> bytes:
        if kind not in _RENDERERS:
            raise PassportError(
                f"No file of the kind {kind[:20]!r}.",
                code="print_kind",
                hint=f"Known: {', '.join(MEDIA_TYPES)}.",
            )
        drawn = _RENDERERS[kind](self)
        return seal(drawn, self.job.seal) if self.job.seal and kind in _SEALED else drawn


_RENDERERS: Final[dict[str, Callable[[Drawing], bytes]]] = {
    "pdf": lambda one: render_sheet(one.sealed_content, one.symbol, attachments=one.attachments),
    LARGE: lambda one: render_large(one.sealed_content, one.symbol, attachments=one.attachments),
    "card.pdf": lambda one: render_card(one.content, one.symbol),
    "png": lambda one: render_phone_picture(one.content, one.symbol),
    "jwt": lambda one: one.job.token,
    "html": lambda one: render_twin(one.sealed_content, one.symbol, check_url=one.check_url),
    "card.html": lambda one: render_card_twin(one.content, one.symbol, check_url=one.check_url),
}
