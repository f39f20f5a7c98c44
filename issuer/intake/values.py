"""What one cell says: a date, a level, a way of assessing, a name. Each reader gives a value or a fault.

What is decided here: the forms that are taken and, for each that is not, the fix that a person can
follow. Nothing is guessed that could be somebody's birth date or level: a year of two digits, a month
before a day and a spreadsheet's day number are explained and refused. Left to others: which cell it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from issuer.intake.faults import shown
from issuer.intake.headers import folded
from passport.errors import MalformedError
from passport.framework import Framework, framework, framework_ids
from passport.model import Holder, Method, clean_name

__all__ = ["Refused", "read_day", "read_framework", "read_level", "read_method", "read_name", "read_place"]

_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]+)")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})")
_MIDNIGHT: Final = re.compile(r"[ T]00?:00(?::00(?:\.0+)?)?Z?\Z")
_SERIAL: Final = re.compile(r"([0-9]{4,5})(?:[.,]0+)?")
_LEVEL: Final = re.compile(r"(?:niveau|niv\.?|level|n)?\s*([0-9]{1,3})(?:[.,]0+)?", re.I)
_EARLIEST: Final = date(1900, 1, 1)
_SERIAL_ZERO: Final = date(1899, 12, 30)  # day 0 of spreadsheets, for every day after February 1900
_FORMULA: Final = ("=", "+", "-", "@", "|", "＝", "＋", "－", "＠")
_IN_NO_NAME: Final = frozenset('=|?<>{}[]\\^~`$%"*;_#@\N{REPLACEMENT CHARACTER}¿')

_METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        folded(word): method
        for method, words in {
            Method.OBSERVATION: (
                "observation",
                "observations",
                "observé",
                "observée",
                "gestes observés",
                "observed",
                "atelier",
            ),
            Method.TEST: ("test", "tests", "examen", "quiz"),
            Method.DECLARATION: (
                "déclaration",
                "déclaratif",
                "auto-déclaration",
                "declaration",
                "declared",
                "self-declaration",
            ),
        }.items()
        for word in words
    }
)
_MENTIONS: Final[Mapping[str, int]] = MappingProxyType(
    {
        folded(word): step
        for step, words in {
            1: ("avec aide", "avec de l’aide", "aidé", "aidée", "with help"),
            2: (
                "seul",
                "seule",
                "seul(e)",
                "seul·e",
                "seul/e",
                "sans aide",
                "alone",
                "on their own",
                "without help",
            ),
        }.items()
        for word in words
    }
)


class Refused(Exception):  # noqa: N818 (a refusal of one cell, gathered into IntakeError)
    """A cell says nothing that can be taken; `code` and `values` are those of the fault."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def read_day(text: str, *, today: date) -> date:
    """Return a day of the past: ``14/03/1958``, ``14.03.1958``, ``14-03-1958`` or ``1958-03-14``.

    Raises `Refused`: `date_two_digits`, `date_serial`, `date_month_first`, `date_impossible`,
    `date_form`, `date_future`, `date_early`.
    """
    plain = _MIDNIGHT.sub("", text)
    first = _YEAR_FIRST.fullmatch(plain)
    if first:
        day = _day(text, year=int(first[1]), month=int(first[2]), day=int(first[3]))
    else:
        day = _day_first(text, plain)
    if day > today:
        raise Refused("date_future", cell=shown(text), today=f"{today:%d/%m/%Y}")
    if day < _EARLIEST:
        raise Refused("date_early", cell=shown(text))
    return day


def _day_first(text: str, plain: str) -> date:
    match = _DAY_FIRST.fullmatch(plain)
    if match is None:
        serial = _SERIAL.fullmatch(plain)
        if serial and int(serial[1]) > 366:
            meant = _SERIAL_ZERO + timedelta(days=int(serial[1]))
            raise Refused("date_serial", cell=shown(text), meant=f"{meant:%d/%m/%Y}")
        raise Refused("date_form", cell=shown(text))
    day, month, year = int(match[1]), int(match[2]), match[3]
    if len(year) != 4:
        raise Refused("date_two_digits", cell=shown(text))
    if month > 12 and day <= 12:
        raise Refused("date_month_first", cell=shown(text), fixed=f"{month:02d}/{day:02d}/{year}")
    return _day(text, year=int(year), month=month, day=day)


def _day(text: str, *, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused("date_impossible", cell=shown(text)) from None


def read_level(text: str, known: Framework, competence: str) -> int | None:
    """Return the step of a competence: a number, or the word of the framework; None for an empty cell.

    Raises `Refused`: `level_form`, `level_range`, `mention_form`.
    """
    if not text:
        return None
    spoken = _MENTIONS.get(folded(text)) if known.scale == "mentions" else None
    if spoken:
        return spoken
    match = _LEVEL.fullmatch(text)
    values = {"cell": shown(text), "low": str(known.min_level), "high": str(known.max_level)}
    if match is None:
        raise Refused("mention_form" if known.scale == "mentions" else "level_form", **values)
    level = int(match[1])
    if not known.knows(competence, level):
        raise Refused("mention_form" if known.scale == "mentions" else "level_range", **values)
    return level


def read_method(text: str) -> Method:
    """Return how the level was seen. Raises `Refused` (`method_unknown`)."""
    found = _METHODS.get(folded(text))
    if found is None:
        raise Refused("method_unknown", cell=shown(text))
    return found


def read_framework(text: str) -> Framework:
    """Return the framework that an id or a short name means. Raises `Refused` (`framework_unknown`)."""
    key = folded(text)
    for known in framework_ids():
        named = folded(known)
        short = folded(known.split("-", 1)[0])
        major = folded(known.removesuffix(".0"))
        if key in (named, short, major):
            return framework(known)
    raise Refused("framework_unknown", cell=shown(text), known=", ".join(framework_ids()))


def read_place(text: str, places: Mapping[str, str]) -> str:
    """Return the id of a place of the body from its id or its name. Raises `Refused` (`place_unknown`)."""
    key = folded(text)
    for place, name in places.items():
        if text == place or key in (folded(place), folded(name)):
            return place
    listed = ", ".join(f"{name} ({place})" for place, name in places.items()) or "-"
    raise Refused("place_unknown", cell=shown(text), known=listed)


def read_name(text: str) -> str:
    """Return a name in its clean form.

    Raises `Refused`: `name_missing`, `name_formula`, `name_start`, `name_damaged` (letters lost on the
    way, or encoded twice), `name_character`, `name_length`, `name_invisible`.
    """
    name = clean_name(text)
    if not name:
        raise Refused("name_missing")
    if name.startswith(_FORMULA):
        raise Refused("name_formula", cell=shown(name))
    if _is_damaged(name):
        raise Refused("name_damaged", cell=shown(name))
    foreign = sorted(set(name) & _IN_NO_NAME)
    if foreign or not any(unicodedata.category(c).startswith("L") for c in name):
        raise Refused("name_character", cell=shown(name), characters=" ".join(foreign) or shown(name))
    if not name[0].isalnum():
        raise Refused("name_start", cell=shown(name))
    try:
        Holder(given_name=name, family_name=name)
    except MalformedError as error:
        code = "name_length" if error.code == "name_length" else "name_invisible"
        raise Refused(code, cell=shown(name)) from None
    return name


def _is_damaged(name: str) -> bool:
    """Tell whether letters were lost ("H?l?ne", a replacement sign) or encoded twice ("HÃ©lÃ¨ne")."""
    if "\N{REPLACEMENT CHARACTER}" in name or re.search(r"\w\?|\?\w", name):
        return True
    if name.isascii():
        return False
    for encoding in ("cp1252", "latin-1"):
        try:
            return name.encode(encoding).decode("utf-8") != name
        except UnicodeError:
            continue
    return False
