"""What an attestation says: the one model behind every signed form, every print and every page.

Frozen types, validated when they are made (`SQLModel(table=True)` validates nothing, so tables are
filled only from these). They are structs of msgspec, made in less than half of the time of frozen
dataclasses: one of each is made for every credential that is checked. An attestation says: this holder,
these competences of this framework at these levels, seen on this day in this way at this place of this
body. It holds no label: a level is a framework (with its version in the id), a competence id and a number,
and nothing else.

Left to others: what a level means (`passport.framework`), how it is signed (`passport.formats`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType, to_builtins
from msgspec.structs import force_setattr, replace

from passport.errors import MalformedError
from passport.limits import LIMITS

__all__ = [
    "SLUG",
    "Attestation",
    "Discreet",
    "Holder",
    "Method",
    "ToldAttestation",
    "clean_name",
    "is_slug",
]

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_FRAMEWORK: Final = re.compile(r"[a-z][a-z0-9.-]{1,39}")
_COMPETENCE: Final = re.compile(r"[A-Z]?[0-9]{1,2}(?:\.[0-9]{1,2})?")
LATEST_INSTANT: Final = 253_402_300_799  # 9999-12-31T23:59:59Z: beyond it no calendar can show the day
_EARLIEST_BIRTH: Final = date(1900, 1, 1)


class Method(StrEnum):
    """How the level was seen: observed gestures, a test, or the person's own statement."""

    OBSERVATION = "observation"
    TEST = "test"
    DECLARATION = "declaration"


@lru_cache(maxsize=1024)
def _fits_slug(text: str) -> bool:
    """Tell whether a short text fits; a counter sees the same few again and again."""
    return SLUG.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Tell whether `text` may name a body or a place in a URL: a-z, 0-9 and inner dashes.

    What is too long for one is not kept in memory either.
    """
    return len(text) <= LIMITS.slug_chars and _fits_slug(text)


@lru_cache(maxsize=1024)
def _check_ids(framework: str, competences: tuple[str, ...]) -> None:
    """Refuse ids that are not well formed; a counter sees the same few together again and again."""
    if len(framework) > LIMITS.slug_chars or _FRAMEWORK.fullmatch(framework) is None:
        raise MalformedError("The framework id is not well formed.", code="framework_id")
    if not competences:
        raise MalformedError("An attestation names at least one competence.", code="levels_empty")
    if not all(len(one) <= LIMITS.slug_chars and _COMPETENCE.fullmatch(one) for one in competences):
        raise MalformedError("A competence id is not well formed.", code="competence_id")


def clean_name(text: str) -> str:
    """Return `text` in NFC, white space folded to single spaces, ends trimmed.

    Two spellings that look the same become the same bytes, so that a re-print and a search agree.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


# Words of letters that are one character each, with one space, apostrophe or hyphen between them: what nearly
# every name here is, and right as it stands. A test holds each of these letters to all that is asked below.
_USUAL: Final = re.compile(r"(?:[A-Za-zÀ-ÖØ-öø-ž]+[ '’-])*[A-Za-zÀ-ÖØ-öø-ž]+")
# Letters that show nothing, and more marks on one letter than any written language puts there.
_ODD: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]|[\u0300-\u036f]{4}"
)


def _check_name(text: str, what: str) -> None:
    length = len(text)
    if 0 < length <= LIMITS.name_chars and _USUAL.fullmatch(text) is not None:
        return
    if not 0 < length <= LIMITS.name_chars:
        raise MalformedError(
            f"The {what} has {length} characters; expected 1 to {LIMITS.name_chars}.", code="name_length"
        )
    if "  " in text or text != text.strip() or not unicodedata.is_normalized("NFC", text):
        raise MalformedError(f"The {what} is not in its clean form (NFC, single spaces).", code="name_form")
    # A name begins with a letter, digit or apostrophe, not with a mark that sits on nothing. Not printable:
    # control and format characters (a direction override would re-order the line that the name is printed
    # in), surrogates, private use, unassigned, separators other than the plain space.
    if (
        not (text[0].isalnum() or text[0] in "'’")
        or not text.isprintable()
        or (not text.isascii() and _ODD.search(text))
    ):
        raise MalformedError(f"The {what} holds a character that no name has.", code="name_characters")


class Discreet(Struct, frozen=True, gc=False):
    """Holds personal data, of which neither `repr` nor rich shows anything: it could come into a log."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Holder(Discreet, frozen=True, gc=False):
    """The person named on the paper. `birthdate` only where the holder wants it (DESIGN, rule 8).

    Names are NFC with single spaces; raises `MalformedError` (`name_length`, `name_form`,
    `name_characters`, `birthdate`).
    """

    given_name: str
    family_name: str
    birthdate: date | None = None

    def __post_init__(self) -> None:
        _check_name(self.given_name, "given name")
        _check_name(self.family_name, "family name")
        if self.birthdate is not None and self.birthdate < _EARLIEST_BIRTH:
            raise MalformedError("The birth date lies before 1900.", code="birthdate")

    @property
    def full_name(self) -> str:
        """Given name and family name, as printed."""
        return f"{self.given_name} {self.family_name}"

    @property
    def masked_name(self) -> str:
        """Given name and initial, for answers to a typed code: ``Marie D.``."""
        return f"{self.given_name} {self.family_name[0].upper()}."


class Attestation(Struct, frozen=True, gc=False):
    """Competences at levels, seen on a day, in a way, by a body.

    `issuer`: the body's identifier, ``https://HOST/o/{slug}``. `framework`: id with its version
    (``digcomp-3.0``). `levels`: competence id → level, 1 to 9, at least one. `issued_at`,
    `expires_at`: seconds since 1970 (NumericDate, RFC 7519 section 2). `place`: id of a place of the
    body, as the trust list names it. `specimen`: made by a demo scheme, without value.
    """

    issuer: str
    holder: Holder
    framework: str
    levels: Mapping[str, int]
    assessed_on: date
    method: Method
    issued_at: int
    place: str | None = None
    expires_at: int | None = None
    specimen: bool = False

    def __post_init__(self) -> None:
        levels = dict(self.levels)
        _check_ids(self.framework, tuple(levels))
        for level in levels.values():  # hot path: `min` and `max` take twice as long
            if not 1 <= level <= 9:
                raise MalformedError("A level is a number from 1 to 9.", code="level_range")
        if self.place is not None and not is_slug(self.place):
            raise MalformedError("The place id is not well formed.", code="place_id")
        if not 0 <= self.issued_at <= LATEST_INSTANT or (self.expires_at or 0) > LATEST_INSTANT:
            raise MalformedError("A time lies outside the calendar.", code="instant")
        if self.expires_at is not None and self.expires_at <= self.issued_at:
            raise MalformedError("The end of validity is not after the issue.", code="validity_order")
        force_setattr(self, "levels", MappingProxyType(levels))

    def without_birthdate(self) -> Attestation:
        """Return what the forms for badge platforms and other systems say: the same without the birth date.

        A paper is shown to one person; those travel and are published (DESIGN, rule 8).
        """
        if self.holder.birthdate is None:
            return self
        return replace(self, holder=replace(self.holder, birthdate=None))

    def told(self) -> ToldAttestation:
        """Return the attestation as reports and APIs tell it."""
        holder = self.holder
        return ToldAttestation(
            holder.given_name,
            holder.family_name,
            UNSET if holder.birthdate is None else holder.birthdate,
            self.framework,
            dict(self.levels),
            self.assessed_on,
            self.method,
            self.place,
            self.issued_at,
            self.expires_at,
        )

    def to_json(self) -> dict[str, object]:
        """Return what is told as plain JSON values, dates as ISO 8601."""
        members: dict[str, object] = to_builtins(self.told())
        return members


class ToldAttestation(Discreet, frozen=True, gc=False):
    """An attestation in JSON: its members, in their order. The birth date is a member where there is one."""

    given_name: str
    family_name: str
    birthdate: date | UnsetType
    framework: str
    levels: dict[str, int]
    assessed_on: date
    method: Method
    place: str | None
    issued_at: int
    expires_at: int | None
