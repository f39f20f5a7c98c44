"""The child: reads files of strangers one after another, each in a fork of itself, and tells what they hold.

What is decided here: what one file may take (time, memory, no file written, no process started) and how an
answer is said: a line of JSON. A decoder that was taken over has seen one file, and can answer for that one
only. Run as ``python -m verifier.apart_child JOB SECONDS``: so long for all files together (``inf``: as
long as there are files); it ends with its standard input, so it never outlives its parent for long.

Left to others: reading (`verifier.files`, `verifier.receipt_reading`), who may have a child, and what its
lines are worth (`verifier.apart`).
"""

from __future__ import annotations

import base64
import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final, Literal

from passport.errors import PassportError, UnsupportedError
from passport.limits import LIMITS
from verifier.files import load_library, read_file
from verifier.receipt_reading import receipt_files

__all__ = ["ANSWER_BYTES", "LENGTH_BYTES", "SECONDS_A_FILE", "Job", "serve"]

Job = Literal["credentials", "receipt"]
"""What is asked about each file: the credentials in it, or the files that travel in it as a receipt."""

SECONDS_A_FILE: Final = 15
ANSWER_BYTES: Final[Mapping[Job, int]] = {"credentials": 2_000_000, "receipt": 2 * LIMITS.receipt_bytes}
LENGTH_BYTES: Final = 8
_MEMORY_BYTES: Final = 2_000_000_000


def serve(given: BinaryIO, told: BinaryIO, *, seconds: float, job: Job = "credentials") -> None:
    """Read files from `given`, each after its length; tell a line of JSON for each, while there is time."""
    until = time.monotonic() + seconds
    for library in ("PIL", "zxingcpp", "pypdfium2"):
        _load_if_there(library)
    gc.freeze()  # what is loaded stays shared by all forks, instead of being copied by their collections
    while len(length := given.read(LENGTH_BYTES)) == LENGTH_BYTES:
        data = given.read(int.from_bytes(length))
        left = min(SECONDS_A_FILE, until - time.monotonic())
        if left <= 0:
            return
        answer = _answer_of_fork(data, left, job=job) if hasattr(os, "fork") else _answer(data, job)
        told.write(answer + b"\n")
        told.flush()


def _load_if_there(library: str) -> None:
    try:
        load_library(library)
    except UnsupportedError:
        return  # said again, and better, for the file that needs it


def _answer_of_fork(data: bytes, seconds: float, *, job: Job) -> bytes:
    """Return the answer of a process that knows this file only and writes nowhere but into its pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for inherited in (0, 1, reading):
                os.close(inherited)
            _limit_this_process()
            with os.fdopen(writing, "wb") as answer:
                answer.write(_answer(data, job))
        finally:
            os._exit(0)
    os.close(writing)
    try:
        heard = _heard(reading, time.monotonic() + seconds, most=ANSWER_BYTES[job])
        return heard.partition(b"\n")[0] or b"{}"
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _heard(reading: int, until: float, *, most: int) -> bytes:
    """Return what a pipe gives before its end; nothing when it says too much or for too long."""
    told = bytearray()
    while len(told) < most and select.select([reading], [], [], max(0, until - time.monotonic()))[0]:
        piece = os.read(reading, 65_536)
        if not piece:
            return bytes(told)
        told += piece
    return b""


def _answer(data: bytes, job: Job) -> bytes:
    try:
        return json.dumps(_JOBS[job](data)).encode()
    except PassportError as error:
        unsupported = isinstance(error, UnsupportedError)
        failure = {"code": error.code, "message": error.message, "hint": error.hint}
        return json.dumps({"error": {**failure, "unsupported": unsupported}}).encode()


def _credentials(data: bytes) -> dict[str, Any]:
    told = [
        {"token": base64.b64encode(f.token).decode(), "where": f.where, "disagrees": f.disagrees}
        for f in read_file(data)
    ]
    return {"found": told}


def _receipt(data: bytes) -> dict[str, Any]:
    files = receipt_files(data)
    if files is None:
        return {"files": None}
    return {"files": {name: base64.b64encode(data).decode() for name, data in files.items()}}


_JOBS: Final[Mapping[Job, Callable[[bytes], dict[str, Any]]]] = {
    "credentials": _credentials,
    "receipt": _receipt,
}


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:  # no such limits on this system; the time limit of the parent still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_A_FILE, SECONDS_A_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would keep a person's paper on disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a decoder taken over writes into no file
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # and starts nothing


if __name__ == "__main__":
    asked: Job = "receipt" if sys.argv[1] == "receipt" else "credentials"
    serve(sys.stdin.buffer, sys.stdout.buffer, seconds=float(sys.argv[2]), job=asked)
