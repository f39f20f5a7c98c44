"""Times as W3C credentials write them: `dateTimeStamp`, here always UTC and whole seconds.

Decided here: one writing, ``2026-11-25T12:00:00Z``. The zone is obligatory (XML Schema 1.1 Part 2,
section 3.4.28; VC Data Model 2.0, section 4.9): a time without one names 26 different hours. Fractions
and other zones say nothing that seconds since 1970 do not, and would be a second writing of the same.

Left to others: what a time means.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from passport.errors import MalformedError

__all__ = ["read_timestamp", "write_timestamp"]

# No hour 24: newer Pythons take it for the next day, others and browsers do not.
_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}Z", re.ASCII)


def write_timestamp(seconds: int) -> str:
    """Return seconds since 1970 as a `dateTimeStamp`; up to the year 9999 (`passport.model` holds it)."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_timestamp(text: str) -> int:
    """Return the seconds since 1970 of a `dateTimeStamp`; raise `MalformedError` (`timestamp`)."""
    try:
        if _FORM.fullmatch(text) is None:
            raise ValueError(text)
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise MalformedError("Expected a time as 2026-11-25T12:00:00Z.", code="timestamp") from None
