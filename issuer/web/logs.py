"""Logs: one JSON object a line, without personal data, codes, keys or query strings.

Decided here: which members a line may have. Our own records say them in ``extra={"passport": {...}}`` and
only names of the list below come through. Of any exception the frames are kept and its words are not:
they may quote a name or a code. Records of other libraries keep their text unless they carry an exception.
Left to others: what is worth a line, where lines go (standard error, by `set_up_logs`).
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from types import TracebackType
from typing import Final, TextIO

__all__ = ["JsonFormatter", "log", "set_up_logs"]

_MEMBERS: Final = frozenset(
    {"method", "route", "status", "milliseconds", "reference", "body", "count", "code", "path", "url"}
)
# A code or a token that some library put into its text must not get through.
_TEXT_CHARS: Final = 200
_LOGGER: Final = "issuer"


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._event(record),
        }
        line |= _structured(line["event"])
        members = getattr(record, "passport", {})
        line |= {name: value for name, value in members.items() if name in _MEMBERS}
        if record.exc_info:
            line |= _failure(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

    def _event(self, record: logging.LogRecord) -> str:
        if record.exc_info and record.args:
            return "exception"  # the arguments may be what somebody sent
        return record.getMessage()[:_TEXT_CHARS].partition("\n")[0]


def _structured(event: object) -> dict[str, object]:
    """Return the members of a line that the checking counter already wrote as JSON."""
    if not isinstance(event, str) or not event.startswith("{"):
        return {}
    try:
        members = json.loads(event)
    except ValueError:
        return {}
    return {"event": "request", **members} if isinstance(members, dict) else {}


_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | bool


def _failure(exc_info: _ExcInfo) -> dict[str, object]:
    if not isinstance(exc_info, tuple) or exc_info[0] is None or exc_info[1] is None:
        return {}
    frames = traceback.extract_tb(exc_info[1].__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": exc_info[0].__name__, "frames": where}


def log(
    event: str, /, *, level: int = logging.INFO, failure: BaseException | None = None, **members: object
) -> None:
    """Write one line; members that are not on the list are left out."""
    logging.getLogger(_LOGGER).log(level, event, extra={"passport": members}, exc_info=failure)


def set_up_logs(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send every record of this process to `stream` (standard error) as JSON; replaces other handlers."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    # Its lines hold whole addresses, codes among them.
    logging.getLogger("uvicorn.access").disabled = True
