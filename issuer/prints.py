"""From stored attestations to what is printed of them: the sheet, the large print, the card, the picture.

Decided here: which kinds of file there are and how they are named (``2346-789B-CDF.pdf``, ``….large.pdf``,
``….card.pdf``, ``….png``, ``….jwt``, ``….ob3.jwt``, ``….vc.jwt``, ``….html``), and what travels inside a
sheet. Everything is drawn from what was committed: it can be done again at any time, and nothing here signs
an attestation. Left to others: the drawing (`passport.documents`), writing the files (`issuer.print_files`),
what was issued (`issuer.register`), the seal of a scheme (`issuer.print_seal`).

    draw(print_jobs(register, issued)[0], "pdf")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final, Protocol

from issuer.print_seal import SealSource, ready_seal, seal_source, sealed
from issuer.register import Register
from issuer.register.bodies import body_list
from passport.documents.archive import Attachment
from passport.documents.badge import BadgeContent, badge_content, render_badge_png, render_badge_svg
from passport.documents.card import render_card
from passport.documents.content import BodyLine, SheetContent, sheet_content
from passport.documents.large import render_large
from passport.documents.phone import render_phone_picture
from passport.documents.sheet import render_sheet
from passport.documents.symbol import Symbol, draw_symbol
from passport.documents.twin import render_card_twin, render_twin
from passport.errors import PassportError
from passport.formats import open_badge, qr_token, w3c_vc
from passport.framework import Lang
from passport.model import Attestation, Holder, Method
from passport.pages.catalogue import catalogue
from passport.typed_code import format_code

__all__ = [
    "BADGES",
    "EVERYDAY",
    "LARGE",
    "MEDIA_TYPES",
    "SEALED",
    "TWINS",
    "Drawing",
    "PrintJob",
    "Printable",
    "Said",
    "draw",
    "file_name",
    "kinds_of",
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
    "ob3.jwt": open_badge.MEDIA_TYPE,
    "vc.jwt": w3c_vc.MEDIA_TYPE,
    "html": "text/html; charset=utf-8",
    "card.html": "text/html; charset=utf-8",
    "badge.png": "image/png",
    "badge.svg": "image/svg+xml",
}
"""Kind of file → media type; `application/jwt` is RFC 7519 section 10.3.1."""
_FORM_OF: Final = {"jwt": qr_token.FORMAT, "ob3.jwt": open_badge.FORMAT, "vc.jwt": w3c_vc.FORMAT}

BADGES: Final = ("badge.png", "badge.svg")
"""The Open Badge baked into a picture, written when asked for."""

TWINS: Final = ("html", "card.html")
"""The HTML twins, written when asked for."""

SEALED: Final = frozenset({"pdf", LARGE})
"""The kinds that carry a seal, where there is one: a card has no room to say so."""

EVERYDAY: Final = ("pdf", "card.pdf", "png", "jwt", "ob3.jwt", "vc.jwt")
"""The kinds that are written for every attestation; the others are made for who asks."""


class Printable(Protocol):
    """What `issue` answers and what the register gives back later."""

    @property
    def code(self) -> str:
        """Eleven characters."""

    @property
    def body(self) -> str:
        """Slug of the body."""

    @property
    def tokens(self) -> Mapping[str, bytes]:
        """Every signed form, by its name."""

    @property
    def digits(self) -> str:
        """The QR token as packed."""

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

    `tokens`: form → token; a forged paper of a demo has its QR token alone.
    """

    code: str
    tokens: Mapping[str, bytes]
    digits: str
    said: Said
    body: BodyLine
    verify_url: str
    contact: str
    specimen: bool
    lang: Lang
    seal: SealSource | None = None

    @property
    def check_url(self) -> str:
        """What the symbol says."""
        return f"{self.verify_url}#{self.digits}"

    @property
    def token(self) -> bytes:
        """The QR token."""
        return self.tokens[qr_token.FORMAT]


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
            tokens=dict(one.tokens),
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


def kinds_of(job: PrintJob) -> list[str]:
    """Return the kinds of files that there are of an attestation."""
    needed = {**_FORM_OF, **dict.fromkeys(BADGES, open_badge.FORMAT)}
    return [kind for kind in MEDIA_TYPES if needed.get(kind, qr_token.FORMAT) in job.tokens]


def draw(job: PrintJob, kind: str) -> bytes:
    """Return one file of an attestation; `kind` is one of `kinds_of`. The same job, the same bytes.

    Raises `PassportError`: `glyph_missing`, `logo_unreadable`, `qr_too_large`, `print_kind`.
    """
    known = kinds_of(job)
    if kind not in known:
        raise PassportError(
            f"No file of the kind {kind[:20]!r}.", code="print_kind", hint=f"Known: {', '.join(known)}."
        )
    if kind not in SEALED:
        job = replace(job, seal=None)  # a seal that cannot be set keeps nobody from a card
    drawn = Drawing(job).drawn(kind)
    return sealed(drawn, job.seal) if job.seal else drawn


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
            seal_name=ready_seal(job.seal).name if job.seal else "",
        )

    @property
    def badge(self) -> BadgeContent:
        """The words of the badge."""
        job = self.job
        return badge_content(job.said.attestation(), body=job.body, specimen=job.specimen, lang=job.lang)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What travels in the sheet: the token of the QR, byte for byte, and the Open Badge of the same."""
        words, dated = catalogue(self.job.lang), self.job.said.issued_at
        carried = [kind for kind in ("jwt", "ob3.jwt") if _FORM_OF[kind] in self.job.tokens]
        return tuple(
            Attachment(
                f"attestation.{kind}",
                MEDIA_TYPES[kind],
                self.job.tokens[_FORM_OF[kind]],
                words.text(f"sheet.attached.{_FORM_OF[kind]}"),
                dated=dated,
            )
            for kind in carried
        )

    def drawn(self, kind: str) -> bytes:
        """Return one file, as `draw` does, without a seal."""
        return self.job.tokens[_FORM_OF[kind]] if kind in _FORM_OF else _RENDERERS[kind](self)


_RENDERERS: Final[dict[str, Callable[[Drawing], bytes]]] = {
    "pdf": lambda one: render_sheet(one.content, one.symbol, attachments=one.attachments),
    LARGE: lambda one: render_large(one.content, one.symbol, attachments=one.attachments),
    "card.pdf": lambda one: render_card(one.content, one.symbol),
    "png": lambda one: render_phone_picture(one.content, one.symbol),
    "html": lambda one: render_twin(one.content, one.symbol, check_url=one.job.check_url),
    "badge.png": lambda one: render_badge_png(one.badge, one.job.tokens[open_badge.FORMAT]),
    "badge.svg": lambda one: render_badge_svg(one.badge, one.job.tokens[open_badge.FORMAT]),
    "card.html": lambda one: render_card_twin(one.content, one.symbol, check_url=one.job.check_url),
}
