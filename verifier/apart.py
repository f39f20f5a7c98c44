"""Apart: files of strangers are read in a process of their own, with a bounded share of the machine.

What is decided here: how long, with how much memory, how many at once and how many in line. PDF and image
decoders are large programs in C++; a file made to crash, fill or hang one must cost its sender an error and
nobody else a thing. The child reads the file on its standard input and writes what it found as JSON.

Left to others: reading (`verifier.files`). The command line reads its user's own files without this.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from typing import Any, Final

from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.limits import LIMITS
from verifier.files import FoundCredential, read_file

__all__ = ["read_file_apart"]

_SECONDS: Final = 15
_MEMORY_BYTES: Final = 2_000_000_000
_AT_ONCE: Final = threading.BoundedSemaphore(2)
# Those being read and those that wait. Each holds a thread of the server, which has forty for everything:
# a flood of files must not keep the trust list from anybody.
_IN_LINE: Final = threading.BoundedSemaphore(8)
_WAIT_SECONDS: Final = 20
_BUSY: Final = "Too many files are being read."
_AGAIN: Final = "Try again in a minute."


def read_file_apart(data: bytes) -> list[FoundCredential]:
    """Return what `verifier.files.read_file` returns, and raise what it raises.

    Also raises `PassportError` (`busy`) when too many files are being read, and `MalformedError`
    (`file_broken`) when reading took too long or ended the child.
    """
    if len(data) > LIMITS.file_bytes:
        raise MalformedError("The file is larger than this program reads.", code="too_big")
    if not _IN_LINE.acquire(blocking=False):
        raise PassportError(_BUSY, code="busy", hint=_AGAIN)
    try:
        if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
            raise PassportError(_BUSY, code="busy", hint=_AGAIN)
        try:
            return _received(json.loads(_ask_child(data)))
        finally:
            _AT_ONCE.release()
    except (subprocess.SubprocessError, ValueError):
        raise MalformedError("The file cannot be read.", code="file_broken") from None
    except OSError:  # no process to be had: that says nothing about the file
        raise PassportError(_BUSY, code="busy", hint=_AGAIN) from None
    finally:
        _IN_LINE.release()


def _ask_child(data: bytes) -> bytes:
    # -P: else `-m` looks for modules in the folder that the server was started in, before any other.
    return subprocess.run(
        [sys.executable, "-P", "-B", "-m", "verifier.apart"],
        input=data,
        capture_output=True,
        timeout=_SECONDS,
        env={"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PATH": os.defpath},
        check=True,
    ).stdout


def _received(answer: Any) -> list[FoundCredential]:
    failure = answer.get("error")
    if failure is not None:
        kind = UnsupportedError if failure["unsupported"] else MalformedError
        raise kind(failure["message"], code=failure["code"], hint=failure["hint"])
    return [
        FoundCredential(base64.b64decode(one["token"]), one["where"], disagrees=one["disagrees"])
        for one in answer["found"]
    ]


def _answer(data: bytes) -> dict[str, object]:
    try:
        found = read_file(data)
    except PassportError as error:
        unsupported = isinstance(error, UnsupportedError)
        failure = {"code": error.code, "message": error.message, "hint": error.hint}
        return {"error": {**failure, "unsupported": unsupported}}
    return {
        "found": [
            {"token": base64.b64encode(f.token).decode(), "where": f.where, "disagrees": f.disagrees}
            for f in found
        ]
    }


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
    _limit_this_process()
    sys.stdout.write(json.dumps(_answer(sys.stdin.buffer.read(LIMITS.file_bytes + 1))))
