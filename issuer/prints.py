"""From stored attestations to what is printed of them: the sheet, the card, the QR as a picture, the token.

Decided here: which files there are and how they are named (``2346-789B-CDF.pdf``, ``….card.pdf``,
``….png``, ``….jwt``, ``….ob3.jwt``, ``….vc.jwt``, when asked ``….html``). Everything is drawn from what was
committed: it can be done again at any time, and nothing here signs an attestation. Left to others: the
drawing (`passport.documents`), what was issued (`issuer.register`), the seal of a scheme
(`issuer.print_seal`), writing files (`issuer.print_files`).

    draw(print_jobs(register, issued)[0], "pdf")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Protocol

from issuer.print_seal import SealSource, ready_seal, seal_source, sealed
from issuer.register import Register
from issuer.register.bodies import body_list
from passport.documents.card import render_card
from passport.documents.content import BodyLine, SheetContent, sheet_content
from passport.documents.sheet import render_sheet
from passport.documents.symbol import Symbol, draw_symbol, symbol_png
from passport.documents.twin import render_card_twin, render_twin
from passport.errors import PassportError
from passport.formats import open_badge, qr_token, w3c_vc
from passport.framework import Lang
from passport.model import Attestation, Holder, Method
from passport.typed_code import format_code

__all__ = [
    "MEDIA_TYPES",
    "SEALED",
    "TWIN_TYPES",
    "PrintJob",
    "Printable",
    "Said",
    "draw",
    "draw_all",
    "file_name",
    "kinds_of",
    "print_jobs",
    "said_of",
]

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "card.pdf": "application/pdf",
    "png": "image/png",
    "jwt": "application/jwt",
    "ob3.jwt": open_badge.MEDIA_TYPE,
    "vc.jwt": w3c_vc.MEDIA_TYPE,
}
"""Kind of file → media type; `application/jwt` is RFC 7519 section 10.3.1."""
_FORMS: Final = {"jwt": qr_token.FORMAT, "ob3.jwt": open_badge.FORMAT, "vc.jwt": w3c_vc.FORMAT}

TWIN_TYPES: Final = {"html": "text/html; charset=utf-8", "card.html": "text/html; charset=utf-8"}
"""The HTML twins, written when asked for."""

SEALED: Final = frozenset({"pdf"})
"""The kinds that carry a seal, where there is one: a card has no room to say so."""

_MODULE_PX: Final = 10


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

    def symbol(self) -> Symbol:
        """Draw the symbol."""
        return draw_symbol(f"{self.verify_url}#", self.digits)

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
    return [kind for kind in MEDIA_TYPES if kind not in _FORMS or _FORMS[kind] in job.tokens]


def draw(job: PrintJob, kind: str) -> bytes:
    """Return one file of an attestation; `kind` is one of `kinds_of`. The same job, the same bytes.

    Raises `PassportError`: `glyph_missing`, `logo_unreadable`, `qr_too_large`, `print_kind`.
    """
    known = kinds_of(job)
    if kind in known and kind in _FORMS:
        return job.tokens[_FORMS[kind]]
    if kind not in known:
        raise PassportError(
            f"No file of the kind {kind[:20]!r}.", code="print_kind", hint=f"Known: {', '.join(known)}."
        )
    if kind not in SEALED:
        job = replace(job, seal=None)  # a seal that cannot be set keeps nobody from a card
    drawn = _RENDERERS[kind](_content(job), job.symbol(), job)
    return sealed(drawn, job.seal) if job.seal else drawn


def draw_all(job: PrintJob, kinds: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Give each file as (kind, bytes), not sealed yet; words and symbol are made once for all."""
    symbol, content = job.symbol(), _content(job)
    for kind in kinds:
        yield kind, job.tokens[_FORMS[kind]] if kind in _FORMS else _RENDERERS[kind](content, symbol, job)


_RENDERERS: Final[dict[str, Callable[[SheetContent, Symbol, PrintJob], bytes]]] = {
    "pdf": lambda content, symbol, _: render_sheet(content, symbol),
    "card.pdf": lambda content, symbol, _: render_card(content, symbol),
    "png": lambda _, symbol, __: symbol_png(symbol, module_px=_MODULE_PX),
    "html": lambda content, symbol, job: render_twin(content, symbol, check_url=job.check_url),
    "card.html": lambda content, symbol, job: render_card_twin(content, symbol, check_url=job.check_url),
}


def _content(job: PrintJob) -> SheetContent:
    return sheet_content(
        job.said.attestation(),
        body=job.body,
        code=format_code(job.code),
        verify_url=job.verify_url,
        contact=job.contact,
        specimen=job.specimen,
        lang=job.lang,
        token=job.token.decode("ascii"),
        seal_name=ready_seal(job.seal).name if job.seal else "",
    )
