"""Writing prints into a folder: one file of each kind for each attestation.

Decided here: that each file appears whole or not at all, that one which is already there with the same
bytes, or sealed with them, is left alone, and that many are drawn by several processes. Left to others:
what is drawn (`issuer.prints`).

    write_prints(print_jobs(register, issued), out)
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Final

from issuer.print_seal import ready_seal, sealed_once
from issuer.prints import MEDIA_TYPES, SEALED, PrintJob, draw_all, file_name
from passport.errors import PassportError

__all__ = ["write_prints"]

_CHUNK: Final = 16
_ALONE: Final = 32  # fewer sheets than this are drawn before other processes have started


def _write_all(job: PrintJob, out: Path, kinds: Sequence[str]) -> str:
    """Write the files of one attestation."""
    for kind, drawn in draw_all(job, kinds):
        path = out / file_name(job.code, kind)
        _write(path, sealed_once(drawn, job.seal, kept=path) if job.seal and kind in SEALED else drawn)
    return job.code


def _write(path: Path, data: bytes) -> None:
    """Put the whole file in place in one step: a killed process leaves no half of a sheet."""
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".passport-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_prints(
    jobs: Sequence[PrintJob],
    out: Path,
    *,
    done: Callable[[str], None] = lambda code: None,
    processes: int | None = None,
    kinds: Sequence[str] = tuple(MEDIA_TYPES),
) -> list[Path]:
    """Draw and write the files of all jobs; return their paths in order.

    `kinds`: keys of `MEDIA_TYPES` and of `TWIN_TYPES`.

    `out` is made, readable by its owner only: it holds names. `done` is told each code as it is
    finished. `processes`: as many as there are cores by default. Raises `PassportError`
    (`print_folder`, `print_failed`, what `draw` raises; a seal that may not be set is refused first); what
    is written stays, and the same call again completes it.
    """
    for source in {job.seal for job in jobs if job.seal}:
        ready_seal(source)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _draw_all(jobs, partial(_write_all, out=out, kinds=kinds), done=done, processes=processes or _cores())
    except OSError as error:
        raise PassportError(
            f"The folder {out} cannot be written: {error.strerror}.",
            code="print_folder",
            hint="The attestations are issued. Choose another folder and give the same command again.",
        ) from None
    return [out / file_name(job.code, kind) for job in jobs for kind in kinds]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _draw_all(
    jobs: Sequence[PrintJob], write: Callable[[PrintJob], str], *, done: Callable[[str], None], processes: int
) -> None:
    if len(jobs) < _ALONE or processes == 1:
        for job in jobs:
            done(write(job))
        return
    # Not plain fork: this process may hold threads and open database connections.
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    try:
        with ProcessPoolExecutor(min(processes, len(jobs)), mp_context=context) as pool:
            for code in pool.map(write, jobs, chunksize=_CHUNK):
                done(code)
    except BrokenProcessPool:
        raise PassportError(
            "A drawing process ended before its time (not enough memory?).",
            code="print_failed",
            hint="The attestations are issued. Give the same command again: it draws what is missing.",
        ) from None
