"""Apart: files of strangers are read in processes of their own, with a bounded share of the machine.

What is decided here: how long, with how much memory, how many at once and how many in line. PDF and image
decoders are large programs in C++; a file made to crash, fill or hang one must cost its sender an error and
nobody else a thing, the other files of the same sender included. So the files of one request go to one
child, which loads the decoders once and reads each file in a fork of itself: a decoder that was taken over
has seen one file, and can answer for that one only. The command line reads in the same way: who checks a
paper was handed it by somebody else.

Left to others: reading (`verifier.files`). A text needs no decoder and no child.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

from passport.baking.svg import looks_like_svg
from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.limits import LIMITS
from verifier.files import FoundCredential, load_library, read_file

__all__ = ["FileRead", "read_files_apart", "read_sent"]

# What a file holds, or why it could not be read.
FileRead = list[FoundCredential] | PassportError

_HEADS: Final = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")
_SECONDS: Final = 15  # for one file
_ALL_SECONDS: Final = 60  # for all files of one request, the start of the child included
_START_SECONDS: Final = 5
_MEMORY_BYTES: Final = 2_000_000_000
_ANSWER_BYTES: Final = 2_000_000
_LENGTH: Final = 8
_AT_ONCE: Final = threading.BoundedSemaphore(2)
# One request of several files at a time: somebody with one paper always finds a place beside it.
_SEVERAL: Final = threading.BoundedSemaphore(1)
# Those being read and those that wait. Each holds a thread of the server, which has forty for everything:
# a flood of files must not keep the trust list from anybody.
_IN_LINE: Final = threading.BoundedSemaphore(8)
_WAIT_SECONDS: Final = 20


def read_sent(
    files: Sequence[bytes], read_apart: Callable[[Sequence[bytes]], list[FileRead]]
) -> list[FileRead]:
    """Read texts here, and what needs a decoder apart, all in one go. Raises as `read_apart` does."""
    apart = iter(read_apart([data for data in files if _needs_decoder(data)]))
    return [next(apart) if _needs_decoder(data) else _read_text(data) for data in files]


def _needs_decoder(data: bytes) -> bool:
    return any(head in data[:1_024] for head in _HEADS) or looks_like_svg(data)


def _read_text(data: bytes) -> FileRead:
    try:
        return read_file(data)
    except PassportError as error:
        return error


def read_files_apart(files: Sequence[bytes]) -> list[FileRead]:
    """Return for each file what `verifier.files.read_file` returns, or the error that it raises.

    Errors of here: `file_broken` (reading took too long, or ended its process), `file_late` (all files
    together took too long). Raises `PassportError` (`busy`) when too many files are being read.
    """
    fitting = [data for data in files if len(data) <= LIMITS.file_bytes]
    read = iter(_in_turn(fitting) if fitting else ())
    return [next(read) if len(data) <= LIMITS.file_bytes else _too_big() for data in files]


def _in_turn(files: Sequence[bytes]) -> list[FileRead]:
    if not _IN_LINE.acquire(blocking=False):
        raise _busy()
    try:
        if len(files) == 1:
            with _turn(_AT_ONCE):
                return _read(files)
        with _turn(_SEVERAL), _turn(_AT_ONCE):
            return _read(files)
    except OSError:  # no process to be had: that says nothing about the files
        raise _busy() from None
    finally:
        _IN_LINE.release()


@contextmanager
def _turn(places: threading.BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(timeout=_WAIT_SECONDS):
        raise _busy()
    try:
        yield
    finally:
        places.release()


def _read(files: Sequence[bytes]) -> list[FileRead]:
    whole, _, _ = _ask_child(files).rpartition(b"\n")
    answers = [_received(line) for line in whole.split(b"\n")[: len(files)] if line]
    unread = _late() if len(files) > 1 else _broken()
    return [*answers, *[unread] * (len(files) - len(answers))]


def _ask_child(files: Sequence[bytes]) -> bytes:
    """Return the lines of the child, one a file; fewer when it had no more time."""
    # -P: else `-m` looks for modules in the folder that the server was started in, before any other.
    program = [sys.executable, "-P", "-B", "-m", "verifier.apart", str(_SECONDS), str(_ALL_SECONDS)]
    try:
        return subprocess.run(  # noqa: S603  nothing in it comes from outside
            program,
            input=b"".join(len(data).to_bytes(_LENGTH) + data for data in files),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_ALL_SECONDS + _START_SECONDS,  # a last resort: the child keeps its time
            env={"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PATH": os.defpath},
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as late:
        return late.stdout or b""


def _received(line: bytes) -> FileRead:
    """Return what a line says; a line that the decoder of a hostile file may have written."""
    try:
        answer = json.loads(line)
        failure = answer.get("error")
        if failure is not None:
            kind = UnsupportedError if failure["unsupported"] else MalformedError
            return kind(failure["message"], code=failure["code"], hint=failure["hint"])
        return [
            FoundCredential(
                base64.b64decode(one["token"]), str(one["where"]), disagrees=bool(one["disagrees"])
            )
            for one in answer["found"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return _broken()


def _busy() -> PassportError:
    return PassportError("Too many files are being read.", code="busy", hint="Try again in a minute.")


def _broken() -> PassportError:
    return MalformedError("The file cannot be read.", code="file_broken")


def _late() -> PassportError:
    return MalformedError(
        "There was no time left to read the file.", code="file_late", hint="Send it alone, or with fewer."
    )


def _too_big() -> PassportError:
    return MalformedError("The file is larger than this program reads.", code="too_big")


# What follows runs in the child.


def _serve(given: BinaryIO, told: BinaryIO, *, each: int, together: int) -> None:
    """Read files from `given`, each after its length; tell a line of JSON for each, while there is time.

    `each`, `together`: seconds for one file and for all of them.
    """
    until = time.monotonic() + together
    for library in ("PIL", "zxingcpp", "pypdfium2"):
        _load_if_there(library)
    while len(length := given.read(_LENGTH)) == _LENGTH:
        data = given.read(int.from_bytes(length))
        seconds = min(each, until - time.monotonic())
        if seconds <= 0:
            return
        told.write((_answer_of_fork(data, seconds) if hasattr(os, "fork") else _answer(data)) + b"\n")
        told.flush()


def _load_if_there(library: str) -> None:
    try:
        load_library(library)
    except UnsupportedError:
        return  # said again, and better, for the file that needs it


def _answer_of_fork(data: bytes, seconds: float) -> bytes:
    """Return the answer of a process that knows this file only and writes nowhere but into its pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for inherited in (0, 1, reading):
                os.close(inherited)
            _limit_this_process()
            with os.fdopen(writing, "wb") as answer:
                answer.write(_answer(data))
        finally:
            os._exit(0)
    os.close(writing)
    try:
        return _heard(reading, time.monotonic() + seconds).partition(b"\n")[0] or b"{}"
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _heard(reading: int, until: float) -> bytes:
    """Return what a pipe gives before its end; nothing when it says too much or for too long."""
    told = b""
    while len(told) < _ANSWER_BYTES and select.select([reading], [], [], max(0, until - time.monotonic()))[0]:
        piece = os.read(reading, 65_536)
        if not piece:
            return told
        told += piece
    return b""


def _answer(data: bytes) -> bytes:
    try:
        found = read_file(data)
    except PassportError as error:
        unsupported = isinstance(error, UnsupportedError)
        failure = {"code": error.code, "message": error.message, "hint": error.hint}
        return json.dumps({"error": {**failure, "unsupported": unsupported}}).encode()
    told: list[dict[str, Any]] = [
        {"token": base64.b64encode(f.token).decode(), "where": f.where, "disagrees": f.disagrees}
        for f in found
    ]
    return json.dumps({"found": told}).encode()


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:  # no such limits on this system; the time limit of the parent still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would keep a person's paper on disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a decoder taken over writes into no file
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # and starts nothing


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer, each=int(sys.argv[1]), together=int(sys.argv[2]))
