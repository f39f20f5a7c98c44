"""Apart: files of strangers are read in processes of their own, with a bounded share of the machine.

What is decided here: how long, with how much memory, how many at once and how many in line. PDF and image
decoders are large programs in C++; a file made to crash, fill or hang one must cost its sender an error and
nobody else a thing, the other files of the same sender included. So the files of one request go to one
child, which loads the decoders once and reads each file in a fork of itself: a decoder that was taken over
has seen one file, and can answer for that one only. The command line reads in the same way: who checks a
paper was handed it by somebody else.

Left to others: what happens in the child (`verifier.apart_child`). A text needs no decoder and no child.
"""

from __future__ import annotations

import base64
import json
import math
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Final, cast

from passport.baking.svg import looks_like_svg
from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.limits import LIMITS
from verifier.apart_child import ANSWER_BYTES, LENGTH_BYTES, SECONDS_A_FILE, Job
from verifier.files import FoundCredential, read_file

__all__ = ["FileRead", "LongReader", "read_files_apart", "read_receipt_apart", "read_sent"]

# What a file holds, or why it could not be read.
FileRead = list[FoundCredential] | PassportError

_HEADS: Final = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")
_ALL_SECONDS: Final = 60  # for all files of one request, the start of the child included
_START_SECONDS: Final = 5
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
    return _told_by_child("credentials", files)


def read_receipt_apart(data: bytes) -> dict[str, bytes] | None:
    """Return the files that travel in a receipt, None when `data` is none.

    Raises what `verifier.receipt_reading.receipt_files` does, and `MalformedError` (`file_broken`) when
    reading took too long or too much.
    """
    try:
        answer = _told_by_child("receipt", [data]).partition(b"\n")[0]
        return _received_files(answer)
    except OSError:
        raise _busy() from None


def _received_files(line: bytes) -> dict[str, bytes] | None:
    answer = _parsed(line)
    if isinstance(answer, PassportError):
        raise answer
    try:
        files = answer["files"]
        return None if files is None else {name: base64.b64decode(data) for name, data in files.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        raise _broken() from None


def _told_by_child(job: Job, files: Sequence[bytes]) -> bytes:
    try:
        return subprocess.run(  # noqa: S603  our own interpreter, our own module
            _child(job, _ALL_SECONDS),
            input=b"".join(len(data).to_bytes(LENGTH_BYTES) + data for data in files),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_ALL_SECONDS + _START_SECONDS,  # a last resort: the child keeps its time
            env=_surroundings(),
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as late:
        return late.stdout or b""


def _child(job: Job, seconds: float) -> list[str]:
    # -P: else `-m` looks for modules in the folder that the server was started in, before any other.
    return [sys.executable, "-P", "-B", "-m", "verifier.apart_child", job, str(seconds)]


def _surroundings() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PATH": os.defpath}


class LongReader:
    """One child for many files of one's own, one after another; for one thread at a time.

    A child that ended is started again for the next file. No line and no turn: who makes these decides how
    many there are.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    def read(self, data: bytes) -> FileRead:
        """Return what `verifier.files.read_file` returns, or the error that it raises, or `file_broken`."""
        if len(data) > LIMITS.file_bytes:
            return _too_big()
        try:
            child = self._started()
            given = cast(BinaryIO, child.stdin)
            given.write(len(data).to_bytes(LENGTH_BYTES) + data)
            given.flush()
            line = _line_of(child, seconds=SECONDS_A_FILE + _START_SECONDS)
        except OSError:
            line = b""
        if not line:
            self._end()
            return _broken()
        return _received(line)

    def close(self) -> None:
        """End the child, at once, whatever it does; no further file is read. May be called by any thread."""
        self._closed = True
        self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise OSError
        if self._child is None:
            # A group of its own: Ctrl-C is for the parent, which closes its children in order.
            self._child = subprocess.Popen(  # noqa: S603  as above
                _child("credentials", math.inf),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_surroundings(),
                start_new_session=True,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # with the fork that reads a file just now
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):  # what was not yet written is lost with the child
                cast(BinaryIO, pipe).close()


def _line_of(child: subprocess.Popen[bytes], *, seconds: float) -> bytes:
    """Return the next line of a child; nothing when it ended, says too much or takes too long."""
    told, until = b"", time.monotonic() + seconds
    reading, most = cast(BinaryIO, child.stdout).fileno(), ANSWER_BYTES["credentials"]
    while len(told) <= most and select.select([reading], [], [], max(0, until - time.monotonic()))[0]:
        piece = os.read(reading, 65_536)
        if not piece:
            return b""
        told += piece
        if told.endswith(b"\n"):
            return told[:-1]
    return b""


def _received(line: bytes) -> FileRead:
    """Return what a line says; a line that the decoder of a hostile file may have written."""
    answer = _parsed(line)
    if isinstance(answer, PassportError):
        return answer
    try:
        return [
            FoundCredential(
                base64.b64decode(one["token"]), str(one["where"]), disagrees=bool(one["disagrees"])
            )
            for one in answer["found"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return _broken()


def _parsed(line: bytes) -> Any:
    """Return the object in a line, or the error that it tells."""
    try:
        answer = json.loads(line)
        failure = answer.get("error")
        if failure is None:
            return answer
        kind = UnsupportedError if failure["unsupported"] else MalformedError
        return kind(failure["message"], code=failure["code"], hint=failure["hint"])
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
