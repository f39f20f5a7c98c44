"""Single values of the data model: URLs, instants, texts with a language.

Decided here: what a URL is (absolute, no space, nothing that must be escaped), what a `dateTimeStamp` is
(XML Schema 1.1 part 2, section 3.4.28: the zone is obligatory, the day must exist) and how two compare, and
what a text with a language is (VCDM 2.0 section 11.1). Left to others: where they stand (`credential`).
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["instant", "is_text", "is_url"]

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
_STAMP: Final = re.compile(
    r"(-?)([1-9][0-9]{3,8}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T(?:([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,20}))?|24:00:00(?:\.0{1,20})?)"
    r"(?:Z|([+-])(0[0-9]|1[0-3]):([0-5][0-9])|([+-])14:00)",
    re.ASCII,
)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8}")
_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_url(value: object) -> bool:
    """Tell whether `value` is an absolute URL (VCDM 2.0 section 4.4)."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def instant(value: object) -> tuple[int, str] | None:
    """Return a `dateTimeStamp` as (seconds since 1970, digits of the fraction); None when it is not one.

    The results compare as the instants do. Years have four to nine digits.
    """
    stamp = _STAMP.fullmatch(value) if isinstance(value, str) else None
    if stamp is None:
        return None
    sign, year_text, month_text, day_text, hour, minute, second, fraction, *zone = stamp.groups()
    year, month, day = int(sign + year_text), int(month_text), int(day_text)
    if day > _DAYS[month - 1] + (month == 2 and _is_leap(year)):
        return None
    at_noon = 86_400 if hour is None else int(hour) * 3_600 + int(minute) * 60 + int(second)
    return _days(year, month, day) * 86_400 + at_noon - _offset(*zone), (fraction or "").rstrip("0")


def _offset(sign: str | None, hours: str | None, minutes: str | None, far: str | None) -> int:
    if far is not None:
        return 14 * 3_600 if far == "+" else -14 * 3_600
    if sign is None:
        return 0
    seconds = int(hours or 0) * 3_600 + int(minutes or 0) * 60
    return seconds if sign == "+" else -seconds


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar; `datetime` ends with the year 9999."""
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400
    in_year = sum(_DAYS[: month - 1]) + (month > 2 and _is_leap(year)) + day - 1
    return before * 365 + leaps + in_year - 719_162


def is_text(value: object) -> bool:
    """Tell whether `value` is a string, a text with its language, or a list of these (section 11.1)."""
    if isinstance(value, list):
        return bool(value) and all(not isinstance(item, list) and is_text(item) for item in value)
    if not isinstance(value, dict):
        return isinstance(value, str)
    language = value.get("@language", "und")
    return (
        isinstance(value.get("@value"), str)
        and value.keys() <= {"@value", "@language", "@direction"}
        and isinstance(language, str)
        and _LANGUAGE.fullmatch(language) is not None
        and value.get("@direction", "ltr") in ("ltr", "rtl")
    )
