"""Reading signed JSON so that every implementation reads the same thing, and writing it compactly.

Decided here (DESIGN, rule 5): UTF-8 only, no byte order mark, no surrogate escape, no duplicate member,
no NaN or Infinity, no floating point number at all, bounded nesting; an integer is held below 2^53 where
it is read. The size is checked by the caller before anything is parsed. A `Reader` then takes members out
of an object by name and type, and says in one sentence which member is wrong.

Left to others: what the members mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from json.scanner import make_scanner
from typing import Final, NoReturn, TypeVar

from passport.errors import MalformedError
from passport.limits import LIMITS

__all__ = ["Json", "Reader", "compact_json", "parse_object"]

Json = dict[str, object]
T = TypeVar("T")

_MAX_INTEGER: Final = 2**53
# Half a surrogate pair is not text: implementations differ on it, and it cannot be written as UTF-8 again.
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def _object(pairs: list[tuple[str, object]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("A JSON member is named twice.", code="json_duplicate")
    return members


def _refuse_number(text: str) -> NoReturn:
    raise MalformedError("A JSON number is not an integer.", code="json_number")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_refuse_number,
    parse_constant=_refuse_number,
)

# The decoder's own scanner: no white space before or after the one object, and half the time.
_SCAN: Final = make_scanner(_DECODER)  # type: ignore[arg-type]  # typeshed names the wrong context


def parse_object(data: bytes, *, max_bytes: int) -> Json:
    """Return the JSON object in `data`, UTF-8, at most `max_bytes`; raise `MalformedError` otherwise."""
    if len(data) > max_bytes:
        raise MalformedError(f"The JSON has {len(data)} bytes; expected at most {max_bytes}.", code="too_big")
    if data[:1] != b"{":
        raise MalformedError("Expected a JSON object.", code="json_object")
    if b"\\" in data and _SURROGATE.search(data):
        raise MalformedError("The JSON holds a surrogate escape; expected UTF-8.", code="json_surrogate")
    try:
        text = data.decode("utf-8")
        value, end = _SCAN(text, 0)
        if end != len(text):
            raise ValueError("trailing text")
    except (ValueError, StopIteration, RecursionError):
        raise MalformedError("The JSON cannot be read.", code="json_syntax") from None
    if _too_deep(data) and _depth(value) > LIMITS.json_depth:
        raise MalformedError(f"The JSON is nested deeper than {LIMITS.json_depth}.", code="json_depth")
    if not isinstance(value, dict):
        raise MalformedError("Expected a JSON object.", code="json_object")
    return value


def _too_deep(data: bytes) -> bool:
    """Cheap and sufficient: nesting beyond the limit needs more opening brackets than the limit."""
    return data.count(b"{") + data.count(b"[") > LIMITS.json_depth


def _depth(value: object) -> int:
    deepest = 0
    level = [value]
    while level:
        deepest += 1
        level = [child for parent in level for child in _children(parent)]
    return deepest


def _children(value: object) -> Iterator[object]:
    """Yield what can be nested deeper: objects and lists. A plain value is no level of its own."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from (child for child in inner if isinstance(child, dict | list))


def compact_json(value: object) -> bytes:
    """Return `value` as UTF-8 JSON without white space, members in the order given.

    Accents stay as they are (PAPER.md: escapes cost 10 bytes of QR).
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


class Reader:
    """Takes the members of one JSON object out by name and type; every error names the member.

    Unknown members are left alone: a newer document with more to say can still be read.
    """

    def __init__(self, members: object, where: str) -> None:
        # Hot path: what was parsed is a plain dict, and asking an abstract class costs a microsecond.
        if type(members) is not dict and not isinstance(members, Mapping):
            raise MalformedError(f"{where}: expected an object.", code="json_object")
        self._members: Mapping[str, object] = members
        self._where = where

    def _wrong(self, name: str, expected: str) -> MalformedError:
        got = type(self._members[name]).__name__ if name in self._members else "nothing"
        return MalformedError(f"{self._where}.{name}: expected {expected}, got {got}.", code="json_member")

    def has(self, name: str) -> bool:
        """Tell whether the member is there and not null."""
        return self._members.get(name) is not None

    def text(self, name: str, *, max_chars: int = 300) -> str:
        """Return a string member of 1 to `max_chars` characters."""
        value = self._members.get(name)
        if type(value) is str and 0 < len(value) <= max_chars:
            return value
        raise self._wrong(name, f"1 to {max_chars} characters")

    def line(self, name: str, *, max_chars: int = 300) -> str:
        """Return a string member that people are shown in one line: no control or format character.

        A direction override in a name would re-order the words of the page that it stands on.
        """
        value = self.text(name, max_chars=max_chars)
        if not all(c.isprintable() or c in "\u00a0\u202f" for c in value):  # French has no-break spaces
            raise self._wrong(name, "characters that can be shown in a line")
        return value

    def integer(self, name: str, *, low: int = 0, high: int = _MAX_INTEGER - 1) -> int:
        """Return an integer member between `low` and `high`, both included."""
        value = self._members.get(name)
        if type(value) is int and low <= value <= high:
            return value
        raise self._wrong(name, f"an integer from {low} to {high}")

    def optional_integer(self, name: str) -> int | None:
        """Return an integer member, or None when it is missing or null."""
        return self.integer(name) if self.has(name) else None

    def optional_text(self, name: str, *, max_chars: int = 300) -> str | None:
        """Return a string member, or None when it is missing or null."""
        return self.text(name, max_chars=max_chars) if self.has(name) else None

    def member(self, name: str) -> Reader:
        """Return a reader of an object member."""
        value = self._members.get(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return Reader(value, f"{self._where}.{name}")

    def raw(self, name: str) -> Json:
        """Return an object member as it is."""
        value = self._members.get(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return value

    def many(self, name: str, read: Callable[[Reader], T], *, at_most: int) -> tuple[T, ...]:
        """Return each object of a list member, read by `read`."""
        items = self.items(name, at_most=at_most)
        return tuple(read(Reader(item, f"{self._where}.{name}[{i}]")) for i, item in enumerate(items))

    def texts(self, name: str, *, at_most: int, max_chars: int = 300) -> tuple[str, ...]:
        """Return each string of a list member."""
        items = self.items(name, at_most=at_most)
        if not all(isinstance(item, str) and 0 < len(item) <= max_chars for item in items):
            raise self._wrong(name, f"a list of strings of at most {max_chars} characters")
        return tuple(str(item) for item in items)

    def integers(self, name: str, *, at_most: int) -> tuple[int, ...]:
        """Return each integer of a list member."""
        items = self.items(name, at_most=at_most)
        if not all(type(item) is int for item in items):
            raise self._wrong(name, "a list of integers")
        return tuple(item for item in items if isinstance(item, int))

    def items(self, name: str, *, at_most: int) -> list[object]:
        """Return a list member of at most `at_most` items, as they are."""
        value = self._members.get(name)
        if not isinstance(value, list) or len(value) > at_most:
            raise self._wrong(name, f"a list of at most {at_most}")
        return value
