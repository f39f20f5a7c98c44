"""Opening hours as people write them, and as the national schema wants them (those of OpenStreetMap).

Decided here: what is read. Lines of days and spans, in French or English (« du lundi au vendredi : 9 h – 12 h
et 14 h – 17 h 30 », « samedi 10h-12h »), become ``Mo-Fr 09:00-12:00,14:00-17:30; Sa 10:00-12:00``; whoever
writes OpenStreetMap's own form (its wiki, *Key:opening_hours/specification*) is taken at their word. Nothing
is guessed: a line that is neither is refused. Left to others: hours in words (`issuer.web.directory`).

    read_hours("lundi et mercredi de 9h à 12h") == "Mo,We 09:00-12:00"
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["CLOSED", "DAYS", "DAY_LIST", "SPANS", "read_hours"]

DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
"""The days of the week, as OpenStreetMap names them."""

_DAY: Final = "|".join(DAYS)
DAY_LIST: Final = rf"(?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*"
"""Pattern of days and spans of days: ``Mo-We,Fr``."""

_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
SPANS: Final = rf"{_TIME}-(?:{_TIME}|24:00)(?:,{_TIME}-(?:{_TIME}|24:00))*"
"""Pattern of spans of a day: ``09:00-12:00,14:00-18:00``."""

CLOSED: Final = "off"
"""What stands in the place of spans on a day when nobody is there."""

_MOST: Final = 200
_MOST_TYPED: Final = 600
_OSM: Final = re.compile(r"[A-Za-z0-9:;,+\-\[\]\"() /|.]{1,200}")
_OSM_WORD: Final = re.compile(rf"\b(?:{_DAY}|PH|SH)\b|24/7")
_NAMES: Final = (
    *("lundi lun monday mon", "mardi mar tuesday tue", "mercredi mer wednesday wed"),
    *("jeudi jeu thursday thu", "vendredi ven friday fri", "samedi sam saturday sat"),
    "dimanche dim sunday sun",
)
_DAY_OF: Final = {name: day for names, day in zip(_NAMES, DAYS, strict=True) for name in names.split()}
_NAME: Final = "|".join(sorted(_DAY_OF, key=len, reverse=True))
_NAMED: Final = rf"(?:{_NAME})s?\.?"
_AND: Final = r"(?:\s*,\s*|\s+et\s+|\s+and\s+|\s*&\s*)"
_TO: Final = r"(?:\s*-\s*|\s+(?:au|à|a|to)\s+)"
_THE: Final = r"(?:(?:du|de|le|les|from|on)\s+)?"
_DAY_SPAN: Final = rf"{_THE}{_NAMED}(?:{_TO}{_NAMED})?"
_HOUR: Final = r"[0-9]{1,2}\s?(?:h|:)\s?(?:[0-9]{2})?"
_SPAN: Final = rf"(?:(?:de|from)\s+)?{_HOUR}{_TO}{_HOUR}"
_LINE: Final = re.compile(
    rf"({_DAY_SPAN}(?:{_AND}{_DAY_SPAN})*|tous les jours|every day)"
    rf"\s*:?\s*({_SPAN}(?:{_AND}{_SPAN})*|fermée?|closed)\.?"
)


def read_hours(typed: str) -> str:
    """Return opening hours as OpenStreetMap writes them, "" for none. Raises `ValueError`."""
    if len(typed) > _MOST_TYPED:
        raise ValueError("too long")
    lines = [line.strip() for line in re.split(r"[\n;]", typed) if line.strip()]
    read = "; ".join(_read_line(line) for line in lines)
    if len(read) > _MOST:
        raise ValueError("too long")
    return read


def _read_line(line: str) -> str:
    if _OSM.fullmatch(line) and _OSM_WORD.search(line):
        return line
    plain = re.sub(r"[\u00a0\u202f\s]+", " ", line.casefold()).replace("–", "-").replace("—", "-")
    found = _LINE.fullmatch(plain)
    if found is None:
        raise ValueError(line)
    return f"{_days(found[1])} {_spans(found[2])}"


def _days(text: str) -> str:
    if text in {"tous les jours", "every day"}:
        return "Mo-Su"
    spans = (re.findall(_NAME, span) for span in re.split(_AND, text))
    return ",".join("-".join(_DAY_OF[name] for name in names) for names in spans)


def _spans(text: str) -> str:
    if text[0] in "fc":
        return CLOSED
    ends = [_time(end) for end in re.findall(_HOUR, text)]
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    if not all(start < end for start, end in pairs):
        raise ValueError(text)
    return ",".join(f"{start}-{end}" for start, end in pairs)


def _time(text: str) -> str:
    hour, minute = [*re.findall(r"[0-9]+", text), "00"][:2]
    read = f"{int(hour):02}:{minute}"
    if not re.fullmatch(rf"{_TIME}|24:00", read):
        raise ValueError(text)
    return read
