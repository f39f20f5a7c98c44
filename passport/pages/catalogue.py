"""Words for people: the texts of every page and print, by key, in French and in English.

What is decided here: how a text is found and filled (dotted keys over ``catalogue/{lang}.json``;
``{name}`` takes a value), and how a date and a time are said. Filling is strict: a key that does not
exist, a value that is missing and a value that no text asks for are errors, so that no page ever shows
a hole or a brace. Values are put in once and never read as a template; they are **not** escaped, which
is the work of the page that shows them.

Left to others: the wording of verdicts (`schemas/wording/verdicts.json`, the verifier's), sentences of
levels (`passport.framework`), time zones (the caller's). Standard library only: the verify library
uses this without any extra installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from passport.errors import PassportError
from passport.framework import Lang

__all__ = ["Catalogue", "catalogue", "date_in_words", "fill", "time_in_words"]

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_NO_BREAK: Final = "\u00a0"
_MONTHS: Final[Mapping[Lang, tuple[str, ...]]] = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


class Catalogue:
    """The texts of one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Final[Lang] = lang
        source = files("passport.pages").joinpath("catalogue", f"{lang}.json")
        self._texts: Final = MappingProxyType(dict(_flatten(json.loads(source.read_bytes()), "")))

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, sorted."""
        return tuple(sorted(self._texts))

    def text(self, key: str, **values: str | int) -> str:
        """Return one text, filled.

        Raises `PassportError`: `unknown_text` (no such key, or a list: see `lines`), `text_values` (a
        value is missing or asked for by no placeholder).
        """
        found = self._find(key)
        if not isinstance(found, str):
            raise PassportError(
                f"The text {key!r} is a list of lines.", code="unknown_text", hint="Ask for it with lines()."
            )
        return fill(found, values, where=f"{self.lang}:{key}")

    def lines(self, key: str, **values: str | int) -> tuple[str, ...]:
        """Return a text of several lines, filled; every value is used in at least one line.

        Raises `PassportError` as `text` does.
        """
        found = self._find(key)
        if isinstance(found, str):
            raise PassportError(
                f"The text {key!r} is a single text.", code="unknown_text", hint="Ask for it with text()."
            )
        _check(_wanted(*found), values, f"{self.lang}:{key}")
        return tuple(_put(line, values) for line in found)

    def spoken(self, beginnings: tuple[str, ...]) -> Iterator[tuple[str, str | tuple[str, ...]]]:
        """Yield the keys that begin so, and their texts unfilled: for a page that fills them itself."""
        return ((key, self._texts[key]) for key in self.keys if key.startswith(beginnings))

    def placeholders(self, key: str) -> frozenset[str]:
        """Return the names of the values that a text needs. Raises `PassportError` (`unknown_text`)."""
        found = self._find(key)
        return _wanted(found) if isinstance(found, str) else _wanted(*found)

    def _find(self, key: str) -> str | tuple[str, ...]:
        try:
            return self._texts[key]
        except KeyError:
            raise PassportError(
                f"The catalogue has no text {key!r} in {self.lang!r}.", code="unknown_text"
            ) from None


@cache
def catalogue(lang: Lang) -> Catalogue:
    """Return the texts of one language, read once. Raises `PassportError` (`unknown_language`)."""
    if lang not in _MONTHS:
        raise PassportError(f"No texts in {lang!r}.", code="unknown_language", hint="Known: fr, en.")
    return Catalogue(lang)


def fill(template: str, values: Mapping[str, object], *, where: str) -> str:
    """Put `values` into the ``{name}`` places of `template`; `where` names the text in errors.

    Values are never looked at again: a brace in a name cannot ask for another value. Raises
    `PassportError` (`text_values`) unless the names are exactly those of the template.
    """
    _check(_wanted(template), values, where)
    return _put(template, values)


def date_in_words(day: date, lang: Lang) -> str:
    """Return a date in words: ``1er mars 2027``, ``3 mars 2027``; ``1 March 2027``."""
    number = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[lang][day.month - 1]} {day.year}"


def time_in_words(moment: datetime, lang: Lang) -> str:
    """Return a time of day: ``14 h 05`` (with no-break spaces), ``14:05``.

    `moment` is aware and already in the zone of the reader. Raises `PassportError` (`naive_time`): a
    time without a zone was never converted, and would be wrong by an hour or two without a sign.
    """
    if moment.tzinfo is None:
        raise PassportError("The time has no zone; expected an aware datetime.", code="naive_time")
    if lang == "fr":
        return _NO_BREAK.join((str(moment.hour), "h", f"{moment.minute:02d}"))
    return f"{moment.hour:02d}:{moment.minute:02d}"


def _wanted(*templates: str) -> frozenset[str]:
    return frozenset(name for template in templates for name in _PLACEHOLDER.findall(template))


def _check(wanted: frozenset[str], values: Mapping[str, object], where: str) -> None:
    if wanted != values.keys():
        raise PassportError(
            f"The text {where} wants the values {sorted(wanted)}, got {sorted(values)}.", code="text_values"
        )


def _put(template: str, values: Mapping[str, object]) -> str:
    return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), template)


def _flatten(node: Any, prefix: str) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Turn nested objects into dotted keys; a list of strings is one text of several lines."""
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flatten(value, f"{key}.")
        else:
            yield key, value if isinstance(value, str) else tuple(value)
