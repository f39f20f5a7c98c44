"""From stored attestations to their files: the sheet, the card, the QR as a picture, the token.

Decided here: which files there are and how they are named (``2346-789B-CDF.pdf``, ``….card.pdf``,
``….png``, ``….jwt``), that each appears whole or not at all, that one which is already there with the
same bytes is left alone, and that many are drawn by several processes. Everything is drawn from what was
committed: it can be done again at any time, and nothing here signs. Left to others: the drawing
(`passport.documents`), what was issued (`issuer.register`).

    write_prints(print_jobs(register, issued), out)
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from issuer.processes import BrokenProcessPool, cores, spread
from issuer.register import Register
from issuer.register.bodies import body_list
from passport.documents.card import render_card
from passport.documents.content import BodyLine, SheetContent, sheet_content
from passport.documents.sheet import render_sheet
from passport.documents.symbol import Symbol, draw_symbol, symbol_png
from passport.errors import PassportError
from passport.framework import Lang
from passport.model import Attestation, Holder, Method
from passport.typed_code import format_code

__all__ = [
    "MEDIA_TYPES",
    "PrintJob",
    "Printable",
    "Said",
    "draw",
    "file_name",
    "print_jobs",
    "said_of",
    "write_prints",
]

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "card.pdf": "application/pdf",
    "png": "image/png",
    "jwt": "application/jwt",
}
"""Kind of file → media type; `application/jwt` is RFC 7519 section 10.3.1."""

_MODULE_PX: Final = 10
_ALONE: Final = 32  # fewer sheets than this are drawn before other processes have started


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
    """Everything that is needed to draw one attestation, in another process too."""

    code: str
    token: bytes
    digits: str
    said: Said
    body: BodyLine
    verify_url: str
    contact: str
    specimen: bool
    lang: Lang


def print_jobs(register: Register, attestations: Iterable[Printable]) -> list[PrintJob]:
    """Return what to draw, with the names of bodies and places as they are today."""
    scheme = register.scheme
    bodies = {known.slug: known for known in body_list(register)}
    lang: Lang = "en" if scheme.languages[:1] == ("en",) else "fr"
    listed = register.trust().trust_list
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
    if kind == "jwt":
        return job.token
    if kind not in MEDIA_TYPES:
        raise PassportError(
            f"No file of the kind {kind[:20]!r}.", code="print_kind", hint=f"Known: {', '.join(MEDIA_TYPES)}."
        )
    symbol = _symbol(job)
    return symbol_png(symbol, module_px=_MODULE_PX) if kind == "png" else _drawn(kind, _content(job), symbol)


def _symbol(job: PrintJob) -> Symbol:
    return draw_symbol(f"{job.verify_url}#", job.digits)


def _drawn(kind: str, content: SheetContent, symbol: Symbol) -> bytes:
    return render_card(content, symbol) if kind == "card.pdf" else render_sheet(content, symbol)


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
    )


def _write_all(job: PrintJob, out: Path) -> str:
    """Write the files of one attestation; the symbol is drawn once for all three."""
    symbol, content = _symbol(job), _content(job)
    for kind in ("pdf", "card.pdf"):
        _write(out / file_name(job.code, kind), _drawn(kind, content, symbol))
    _write(out / file_name(job.code, "png"), symbol_png(symbol, module_px=_MODULE_PX))
    _write(out / file_name(job.code, "jwt"), job.token)
    return job.code


def _write(path: Path, data: bytes) -> None:
    """Put the whole file in place in one step: a killed process leaves no half of a sheet."""
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".passport-{os.getpid()}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sweep(out: Path) -> None:
    """Remove the halves of files that killed processes left: they hold names."""
    for half in out.glob(".passport-*-*.tmp"):
        writer = half.name.split("-")[1]
        if writer.isdigit() and not _is_alive(int(writer)):
            half.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def write_prints(
    jobs: Sequence[PrintJob],
    out: Path,
    *,
    done: Callable[[str], None] = lambda code: None,
    processes: int | None = None,
) -> list[Path]:
    """Draw and write all files of all jobs; return their paths in order.

    `out` is made, readable by its owner only: it holds names. `done` is told each code as it is
    finished. `processes`: as many as there are cores by default. Raises `PassportError`
    (`print_folder`, `print_failed`, and what `draw` raises); what is written stays, and the same call
    again completes it.
    """
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(out)
        _draw_all(jobs, out, done=done, processes=processes or cores())
    except OSError as error:
        raise PassportError(
            f"The folder {out} cannot be written: {error.strerror}.",
            code="print_folder",
            hint="The attestations are issued. Choose another folder and give the same command again.",
        ) from None
    return [out / file_name(job.code, kind) for job in jobs for kind in MEDIA_TYPES]


def _draw_all(jobs: Sequence[PrintJob], out: Path, *, done: Callable[[str], None], processes: int) -> None:
    write = partial(_write_all, out=out)
    try:
        alone = len(jobs) < _ALONE or processes == 1
        for code in map(write, jobs) if alone else spread(write, jobs, processes=min(processes, len(jobs))):
            done(code)
    except BrokenProcessPool:
        raise PassportError(
            "A drawing process ended before its time (not enough memory?).",
            code="print_failed",
            hint="The attestations are issued. Give the same command again: it draws what is missing.",
        ) from None
