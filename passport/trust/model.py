"""What the trust documents say: the scheme, its roots, its bodies, their accreditations and keys.

Frozen types, in the shape of the documents. Times are seconds since 1970 (NumericDate); `until` is the
first second that is out; None means no end is set. Nothing here is trusted by existing: `reading.py`
alone makes these from bytes, after the signatures.

Sources: DESIGN.md, "Trust". The rule of root rotation is that of The Update Framework, section 5.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from passport.jose import PublicKey

__all__ = [
    "Accreditation",
    "Body",
    "KeyState",
    "KeyUse",
    "Now",
    "Period",
    "Pin",
    "Place",
    "Scheme",
    "TrustList",
    "TrustedKey",
]


class KeyUse(StrEnum):
    """What a body's key may sign: credentials or status lists, never both."""

    CREDENTIAL = "credential"
    STATUS = "status"


class KeyState(StrEnum):
    """The life of a key. Every key ends sealed: the exact set of what it signed is then published."""

    PLANNED = "planned"
    ACTIVE = "active"
    SEALED = "sealed"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (included) until `end` (excluded; None: open)."""

    start: int
    end: int | None = None

    def holds(self, instant: int) -> bool:
        """Tell whether `instant` lies within."""
        return self.start <= instant and (self.end is None or instant < self.end)


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A body's key with its use, its state, its dates and, once sealed, the hash of its set."""

    key: PublicKey
    use: KeyUse
    state: KeyState
    period: Period
    sealed_set: str | None = None


@dataclass(frozen=True, slots=True)
class Accreditation:
    """A body may attest this framework at these levels (both included) in this period."""

    framework: str
    lowest: int
    highest: int
    period: Period

    def covers(self, framework: str, levels: Mapping[str, int], instant: int) -> bool:
        """Tell whether all `levels` of `framework` may be attested at `instant`."""
        return (
            framework == self.framework
            and self.period.holds(instant)
            and self.lowest <= min(levels.values())
            and max(levels.values()) <= self.highest
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where people go: a centre, a library, an itinerant stop. Closed places stay listed."""

    id: str
    name: str
    period: Period


@dataclass(frozen=True, slots=True)
class Body:
    """A legal body that attests. `period.end` is the day it left the scheme; `successor` a slug."""

    slug: str
    name: str
    kind: str
    issuer: str
    period: Period
    successor: str | None
    places: tuple[Place, ...]
    accreditations: tuple[Accreditation, ...]
    keys: Mapping[str, TrustedKey]
    status_prefix: str

    def may_attest(self, framework: str, levels: Mapping[str, int], instant: int) -> bool:
        """Tell whether this body belonged to the scheme at `instant` and might attest all these levels."""
        if not self.period.holds(instant):
            return False
        for accreditation in self.accreditations:  # noqa: SIM110 (hot path: `any()` costs a microsecond)
            if accreditation.covers(framework, levels, instant):
                return True
        return False

    def place_name(self, place: str | None) -> str | None:
        """Return the name of a place of this body, or None when it is not listed."""
        for known in self.places:  # hot path: a generator costs half a microsecond
            if known.id == place:
                return known.name
        return None


@dataclass(frozen=True, slots=True)
class Scheme:
    """The governance. `url` has no trailing slash; it speaks only for issuers under `issuer_prefix`."""

    name: str
    kind: str
    url: str
    issuer_prefix: str
    contact: str
    languages: tuple[str, ...]

    @property
    def is_demo(self) -> bool:
        """Whether everything in this scheme is a specimen, without value."""
        return self.kind == "demo"


@dataclass(frozen=True, slots=True)
class Pin:
    """What a verifier trusts from the start: root keys, how many must sign, and the issuer prefix."""

    root_keys: tuple[PublicKey, ...]
    threshold: int
    issuer_prefix: str


@dataclass(frozen=True, slots=True)
class TrustList:
    """One accepted version of the trust list. `digest`: SHA-256 of the payload, base64url."""

    version: int
    issued_at: int
    expires_at: int
    scheme: Scheme
    pin: Pin
    publication_key: PublicKey
    bodies: Mapping[str, Body] = field(repr=False)
    digest: str

    def body_of(self, issuer: str) -> Body | None:
        """Return the body with this issuer identifier."""
        return self.bodies.get(issuer)


@dataclass(frozen=True, slots=True)
class Now:
    """The short-lived companion of a list. It narrows trust and never widens it.

    `refused_keys`: thumbprints not trusted from this moment on. `sealed_sets`: hashes of the published
    sets. `checkpoint`: body slug → head of its audit chain.
    """

    issued_at: int
    expires_at: int
    list_version: int
    list_digest: str
    refused_keys: frozenset[str]
    sealed_sets: frozenset[str]
    checkpoint: Mapping[str, str]
