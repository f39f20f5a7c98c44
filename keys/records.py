"""What is publicly known of a key of ours: one record, from which every public document is made.

Decided here: what a key is for (`Purpose`), how it is named, how long it lives (`LIFETIMES`), the life it
may lead (`KeyRecord.moved`), and the shape of a record in its file. Left to others: the private part
(`keys.key_file`), the documents for strangers (`keys.documents`), what a verifier makes of a state
(`verifier`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from passport.errors import MalformedError, PassportError
from passport.jose import PublicKey
from passport.model import LATEST_INSTANT, is_slug
from passport.strictjson import Json, Reader
from passport.trust.model import KeyState, KeyUse, Period, TrustedKey

__all__ = [
    "LIFETIMES",
    "SCHEME",
    "KeyRecord",
    "Purpose",
    "dated",
    "is_kid",
    "kid_number",
    "kid_stem",
    "next_states",
    "read_record",
]

SCHEME: Final = "scheme"
_KID: Final = re.compile(r"([rpcs][0-9]{4}-)([1-9][0-9]{0,5})", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_YEAR: Final = 365 * 86_400


class Purpose(StrEnum):
    """What a key signs, and nothing else: trust lists, `now`, credentials, or status lists."""

    ROOT = "root"
    PUBLICATION = "publication"
    CREDENTIAL = "credential"
    STATUS = "status"

    def check_owner(self, owner: str) -> None:
        """Raise `PassportError` (`key_owner`) unless `owner` may hold such a key.

        The scheme holds root and publication keys, a body (by its slug) credential and status keys.
        """
        of_scheme = self in {Purpose.ROOT, Purpose.PUBLICATION}
        if not is_slug(owner) or (owner == SCHEME) != of_scheme:
            raise PassportError(
                f"A {self.value} key cannot belong to {owner[:40]!r}.",
                code="key_owner",
                hint="The scheme holds root and publication keys; a body holds credential and status keys.",
            )


LIFETIMES: Final[Mapping[Purpose, int]] = MappingProxyType(
    {
        # A head of a scheme is replaced by a ceremony of its people: rarely, and yet within memory.
        Purpose.ROOT: 10 * _YEAR,
        # Online, signs every day and is renewed by one command: a theft unnoticed ends by itself.
        Purpose.PUBLICATION: 2 * _YEAR,
        # What it signed stays good after its end; the less one key has signed, the less a theft touches.
        Purpose.CREDENTIAL: 2 * _YEAR,
        # Papers of a body that has left need its lists for years, and few hands are left to renew it.
        Purpose.STATUS: 6 * _YEAR,
    }
)
"""How many seconds a key of each purpose is good for, unless an end is given. Every key has an end, so
that the alarms before it can ring."""

next_states: Final[Mapping[KeyState, frozenset[KeyState]]] = MappingProxyType(
    {
        KeyState.PLANNED: frozenset(KeyState),
        KeyState.ACTIVE: frozenset({KeyState.ACTIVE, KeyState.SEALED, KeyState.COMPROMISED}),
        # Never back: what was sealed is a closed set, and what was stolen stays stolen.
        KeyState.SEALED: frozenset({KeyState.SEALED, KeyState.COMPROMISED}),
        KeyState.COMPROMISED: frozenset({KeyState.COMPROMISED}),
    }
)


_ENDED: Final = frozenset({KeyState.SEALED, KeyState.COMPROMISED})


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """The public part of one key. `sealed_set`: hex SHA-256 of the set of what it signed, once sealed."""

    owner: str
    kid: str
    purpose: Purpose
    state: KeyState
    period: Period
    public: PublicKey
    sealed_set: str | None = None

    def __post_init__(self) -> None:
        self.purpose.check_owner(self.owner)
        if _KID.fullmatch(self.kid) is None or self.kid[0] != self.purpose.value[0]:
            raise MalformedError(f"The kid {self.kid[:64]!r} is not one of a {self.purpose} key.", code="kid")
        if self.public.kid != self.kid:
            raise MalformedError("The kid of the record is not the kid of its public key.", code="kid")
        if self.sealed_set is not None and _DIGEST.fullmatch(self.sealed_set) is None:
            raise MalformedError("The hash of the sealed set is not 64 hex digits.", code="sealed_set")
        start, end = self.period.start, self.period.end
        if end is not None and end < start:
            raise MalformedError("The key ends before it begins.", code="key_period")
        if not 0 <= start <= (start if end is None else end) <= LATEST_INSTANT:
            raise MalformedError("The dates of the key lie outside the calendar.", code="key_period")

    def signs_at(self, instant: int) -> bool:
        """Tell whether the key is active and `instant` (NumericDate) within its dates."""
        return self.state is KeyState.ACTIVE and self.period.holds(instant)

    def moved(self, state: KeyState, *, until: int | None, sealed_set: str | None) -> KeyRecord:
        """Return the record in its next state; None leaves the end, or the sealed set, as it is.

        Raises `PassportError`: `key_state` (a key never comes back), `key_period` (an end is never moved
        back, and nothing is sealed without one), `sealed_set` (set once, when the key has ended).
        """
        named = f"The key {self.kid} of {self.owner}"
        if state not in next_states[self.state]:
            raise PassportError(f"{named} is {self.state} and cannot become {state}.", code="key_state")
        end = self.period.end
        if until is not None and end is not None and until > end:
            raise PassportError(f"{named} ends earlier already; an end is never put off.", code="key_period")
        end = end if until is None else until
        if state is KeyState.SEALED and end is None:
            raise PassportError(f"{named} has no end and cannot be sealed.", code="key_period")
        if sealed_set is not None and self.sealed_set not in {None, sealed_set}:
            raise PassportError(f"{named} has its sealed set already.", code="sealed_set")
        if sealed_set is not None and state not in _ENDED:
            raise PassportError(f"{named} may still sign: its set is not complete.", code="sealed_set")
        return replace(
            self, state=state, period=Period(self.period.start, end), sealed_set=sealed_set or self.sealed_set
        )

    def trusted(self) -> TrustedKey:
        """Return the record in the shape of the trust list. Only for credential and status keys."""
        return TrustedKey(
            key=self.public,
            use=KeyUse(self.purpose.value),
            state=self.state,
            period=self.period,
            sealed_set=self.sealed_set,
        )

    def to_json(self) -> Json:
        """Return the record as it stands in its file."""
        return {
            "owner": self.owner,
            "kid": self.kid,
            "purpose": self.purpose.value,
            "state": self.state.value,
            "from": self.period.start,
            "until": self.period.end,
            "jwk": dict(self.public.jwk),
            "sealed_set": self.sealed_set,
        }


def read_record(reader: Reader) -> KeyRecord:
    """Return the record in a key file; raise `PassportError` when it is not well formed."""
    try:
        purpose, state = Purpose(reader.text("purpose")), KeyState(reader.text("state"))
    except ValueError:
        raise MalformedError("The key has an unknown purpose or state.", code="key_record") from None
    return KeyRecord(
        owner=reader.text("owner"),
        kid=reader.text("kid"),
        purpose=purpose,
        state=state,
        period=Period(reader.integer("from"), reader.optional_integer("until")),
        public=PublicKey.from_jwk(reader.raw("jwk")),
        sealed_set=reader.optional_text("sealed_set"),
    )


def dated(purpose: Purpose, *, at: int, until: int | None) -> Period:
    """Return when a new key is good: from `at` until `until`, or for its lifetime.

    Raises `PassportError` (`key_period`) when that is no time of the calendar, or no time at all.
    """
    end = at + LIFETIMES[purpose] if until is None else until
    if not 0 <= at < end <= LATEST_INSTANT:
        raise PassportError(
            "A key cannot begin or end at this time.",
            code="key_period",
            hint="Give seconds since 1970, the end after the beginning, and check the clock.",
        )
    return Period(at, end)


def is_kid(text: str) -> bool:
    """Tell whether `text` has the form of a kid of ours: ``c2026-1``."""
    return _KID.fullmatch(text) is not None


def kid_stem(purpose: Purpose, at: int) -> str:
    """Return the beginning of the kids of a purpose in the year of `at` (UTC): ``c2026-``."""
    return f"{purpose.value[0]}{datetime.fromtimestamp(at, UTC).year:04d}-"


def kid_number(kid: str, stem: str) -> int:
    """Return the number at the end of `kid` when it begins with `stem`, else 0."""
    match = _KID.fullmatch(kid)
    return int(match.group(2)) if match is not None and match.group(1) == stem else 0
