"""How the command line fails: one plain sentence, what to do, an exit status; never a traceback.

Decided here: exit status 1 for what was refused, 2 for wrong use, 130 when interrupted; what an
unexpected error shows (a reference and the place in the code, not its words: they may quote a name) and
that its frames go to the JSON log named by `PASSPORT_LOG`; that of many faults of a file the first are said
and the others counted. Left to others: the words.
"""

from __future__ import annotations

import json
import os
import secrets
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from issuer.cli.output import note, print_json
from issuer.cli.words import detail_of, language, said_error, say
from issuer.intake import MAX_FAULTS, IntakeError
from passport.errors import PassportError

__all__ = ["INTERRUPTED", "REFUSED", "WRONG_USE", "UsageFault", "refuse", "unexpected", "wrong_use"]

REFUSED: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130
_SHOWN: Final = 50  # sentences about a file: the first show what is wrong with the others


class UsageFault(Exception):  # noqa: N818 (the words of a usage error, not an error of the house)
    """The command was written wrongly; its text is already in the language of the terminal."""


def refuse(error: PassportError, *, as_json: bool) -> int:
    """Say what was refused and what to do."""
    message, hint = said_error(error.code, error.message, error.hint)
    lines, delivered = error.detail.get("lines"), error.detail.get("delivered")
    if as_json:
        print_json({"error": _for_machines(error, message, hint)})
        return REFUSED
    if isinstance(error, IntakeError):
        note(say("faults", count=error.count))
        _list([fault.sentence(language()) for fault in error.faults[:_SHOWN]], count=error.count)
        return REFUSED
    note(f"{say('error')}{message}")
    if isinstance(lines, tuple):
        _list([str(line["text"]) for line in lines], count=len(lines))
    if delivered:
        note(say("partly", delivered=delivered, of=error.detail.get("of")))
    if hint:
        note(hint)
    if detail_of(error) and not lines:
        note(say("detail", detail=detail_of(error)))
    return REFUSED


def _list(sentences: Sequence[str], *, count: int) -> None:
    """Write the first of many sentences, and how many others there are."""
    for sentence in sentences[:_SHOWN]:
        note(f"- {sentence}")
    if count > _SHOWN:
        note(say("others", count=count - _SHOWN))


def _for_machines(error: PassportError, message: str, hint: str) -> dict[str, object]:
    said: dict[str, object] = {"code": error.code, "message": message, "hint": hint}
    if isinstance(error, IntakeError):
        said["count"] = error.count
        said["errors"] = [fault.to_json(language()) for fault in error.faults]
    elif isinstance(lines := error.detail.get("lines"), tuple):
        said["count"] = len(lines)
        said["errors"] = list(lines[:MAX_FAULTS])
    return said | {name: error.detail[name] for name in ("delivered", "of") if name in error.detail}


def wrong_use(text: str, *, command: str, as_json: bool) -> int:
    """Say how the command was wrongly written."""
    if as_json:
        print_json({"error": {"code": "usage", "message": text, "hint": f"{command} --help"}})
    else:
        note(say("usage", detail=text, command=command))
    return WRONG_USE


def unexpected(error: BaseException, *, as_json: bool) -> int:
    """Say that something unforeseen happened, with a reference; the frames go to the log."""
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = (
        f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}" if last else type(error).__name__
    )
    _log(reference, error, frames)
    text = say("unexpected", reference=reference, where=where)
    if as_json:
        print_json({"error": {"code": "unexpected", "message": text, "reference": reference}})
    else:
        note(text)
    return REFUSED


def _log(reference: str, error: BaseException, frames: traceback.StackSummary) -> None:
    """Append one JSON line: where, never what: the words of an exception may hold a name."""
    named = os.environ.get("PASSPORT_LOG", "")
    if not named:
        return
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "level": "error",
        "event": "unexpected",
        "reference": reference,
        "error": type(error).__name__,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    try:
        handle = os.open(named, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
    except OSError:
        return  # a log that cannot be written must not hide the message
