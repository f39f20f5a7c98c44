"""Writing prints into a folder: one file of each kind a person, or one file for a whole workshop.

Decided here: that each file appears whole or not at all, that one which is already there with the same
bytes, or sealed with them, is left alone, that many are drawn by several processes, and how the file of a
workshop is named: without a name of a person, and the same again for the same people. Left to others: what
is drawn (`issuer.prints`).

    write_prints(print_jobs(register, issued), out)
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from issuer.print_seal import ready_seal, sealed_once
from issuer.prints import EVERYDAY, SEALED, Drawing, PrintJob, file_name, kinds_of
from issuer.processes import BrokenProcessPool, cores, spread
from passport.documents.workshop import MOST_AT_ONCE, render_workshop
from passport.errors import PassportError
from passport.framework import Lang

__all__ = ["write_prints", "write_together"]

_ALONE: Final = 32  # fewer sheets than this are drawn before other processes have started
_WORKSHOP: Final[dict[Lang, str]] = {"fr": "atelier", "en": "workshop"}


def write_prints(
    jobs: Sequence[PrintJob],
    out: Path,
    *,
    kinds: Sequence[str] = EVERYDAY,
    done: Callable[[str], None] = lambda code: None,
    processes: int | None = None,
) -> list[Path]:
    """Draw and write the files of all jobs, of all `kinds`; return their paths in order.

    `out` is made, readable by its owner only: it holds names. `done` is told each code as it is
    finished. `processes`: as many as there are cores by default. Raises `PassportError`
    (`print_folder`, `print_failed`, what `draw` raises; a seal that may not be set is refused first); what
    is written stays, and the same call again completes it.
    """
    for source in {job.seal for job in jobs if job.seal}:
        ready_seal(source)
    with _folder(out):
        _draw_all(jobs, partial(_write_all, out=out, kinds=kinds), done=done, processes=processes or cores())
    return [out / file_name(job.code, kind) for job in jobs for kind in _there(job, kinds)]


def write_together(jobs: Sequence[PrintJob], out: Path) -> list[Path]:
    """Write the sheets, then the cards, of all jobs in one file to be printed; return its path.

    More than `MOST_AT_ONCE` make several files, numbered. The same people give the same name, other
    people another one, on the same day too. Raises what `write_prints` raises.
    """
    parts = [jobs[at : at + MOST_AT_ONCE] for at in range(0, len(jobs), MOST_AT_ONCE)]
    stem = _stem(jobs) if jobs else ""
    names = [f"{stem}-{at + 1}.pdf" if len(parts) > 1 else f"{stem}.pdf" for at in range(len(parts))]
    with _folder(out):
        for part, name in zip(parts, names, strict=True):
            drawings = [Drawing(job) for job in part]
            _write(out / name, render_workshop([(one.content, one.symbol) for one in drawings]))
    return [out / name for name in names]


def _stem(jobs: Sequence[PrintJob]) -> str:
    """Name the file by the last day of assessment and by who is in it, as a hash of the codes."""
    day = max(job.said.assessed_on for job in jobs)
    codes = "\n".join(sorted(job.code for job in jobs))
    mark = hashlib.sha256(codes.encode("ascii")).hexdigest()[:8]
    return f"{_WORKSHOP[jobs[0].lang]}-{day.isoformat()}-{mark}"


@contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Make the folder, and say what is wrong with it when a file cannot be written."""
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(out)
        yield
    except OSError as error:
        raise PassportError(
            f"The folder {out} cannot be written: {error.strerror}.",
            code="print_folder",
            hint="The attestations are issued. Choose another folder and give the same command again.",
        ) from None


def _there(job: PrintJob, kinds: Sequence[str]) -> list[str]:
    """Return those of `kinds` that there are of an attestation."""
    known = kinds_of(job)
    return [kind for kind in kinds if kind in known]


def _write_all(job: PrintJob, *, out: Path, kinds: Sequence[str]) -> str:
    """Write the files of one attestation."""
    drawing = Drawing(job)
    for kind in _there(job, kinds):
        path, drawn = out / file_name(job.code, kind), drawing.drawn(kind)
        _write(path, sealed_once(drawn, job.seal, kept=path) if job.seal and kind in SEALED else drawn)
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


def _draw_all(
    jobs: Sequence[PrintJob],
    write: Callable[[PrintJob], str],
    *,
    done: Callable[[str], None],
    processes: int,
) -> None:
    alone = len(jobs) < _ALONE or processes == 1
    try:
        for code in map(write, jobs) if alone else spread(write, jobs, processes=min(processes, len(jobs))):
            done(code)
    except BrokenProcessPool:
        raise PassportError(
            "A drawing process ended before its time (not enough memory?).",
            code="print_failed",
            hint="The attestations are issued. Give the same command again: it draws what is missing.",
        ) from None
