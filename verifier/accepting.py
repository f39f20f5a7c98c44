"""Accepting: which documents of one pinned scheme are believed, and never taken back. No I/O, no clock.

What is decided here, for a document whoever handed it over (a server, a folder, this program's own kept
files): the readers of `passport` accept it; it is not dated ahead of the clock (it would lock out all honest
ones after it); and its version or time is not older than one already accepted (rollback; The Update
Framework, section 5). A list that is accepted brings the pin of the next one. What a replaced publication
key signed is forgotten with it: a thief may have dated it ahead. Every document is held as it was received.

Left to others: asking (`verifier.sources`), what the age of a document means (`verifier.trust`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from passport.errors import TrustError
from passport.limits import LIMITS
from passport.trust.model import KeyState, Now, Pin, TrustList
from passport.trust.reading import read_now, read_sealed_set, read_trust_list
from verifier.statuses import StatusSnapshot, read_status
from verifier.trust import Trust

__all__ = ["Holding", "Received", "accept_status", "scheme_url_of"]

_Value = TypeVar("_Value", covariant=True)


@dataclass(frozen=True, slots=True)
class Received(Generic[_Value]):
    """What a document says, and its bytes as they came."""

    value: _Value
    document: bytes = field(repr=False)


_NO_SETS: Final[Mapping[str, Received[frozenset[bytes]]]] = MappingProxyType({})


def scheme_url_of(pin: Pin) -> str:
    """Return the address of the pinned scheme, without a slash at its end."""
    return pin.issuer_prefix.removesuffix("/o/")


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held of one scheme. Frozen: accepting a document makes another one.

    `sets`: hash → sealed set. `steps`: the lists that changed the roots, on the way from the pin at the
    start. `trust`: the same for `verify()`; None while no list was accepted.
    """

    pin: Pin
    trust_list: Received[TrustList] | None = None
    now: Received[Now] | None = None
    sets: Mapping[str, Received[frozenset[bytes]]] = field(default_factory=lambda: _NO_SETS, repr=False)
    steps: tuple[Received[TrustList], ...] = field(default=(), repr=False)
    trust: Trust | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        if self.trust_list is not None:
            members = {digest: received.value for digest, received in self.sets.items()}
            now = self.now.value if self.now else None
            object.__setattr__(self, "trust", Trust(self.trust_list.value, now, MappingProxyType(members)))

    @property
    def is_settled(self) -> bool:
        """Whether list and `now` speak of each other."""
        if self.trust_list is None or self.now is None:
            return False
        return self.now.value.list_digest == self.trust_list.value.digest

    @property
    def wanted_sets(self) -> frozenset[str]:
        """The hashes of the sealed sets that decide something."""
        if self.trust_list is None:
            return frozenset()
        now = self.now.value if self.now else None
        refused = now.refused_keys if now else frozenset()
        wanted = {
            key.sealed_set
            for body in self.trust_list.value.bodies.values()
            for key in body.keys.values()
            if key.sealed_set is not None
            and (key.state in {KeyState.SEALED, KeyState.COMPROMISED} or key.key.thumbprint in refused)
        }
        if now is not None and refused:
            wanted |= now.sealed_sets  # a key refused at once: its set may be bound by `now` alone
        return frozenset(wanted)

    def with_list(self, document: bytes, *, at: float) -> Holding:
        """Return what is held once this list is; raise `PassportError` when it must not be accepted."""
        found = read_trust_list(document, pin=self.pin)
        _refuse_ahead(found.issued_at, at)
        known = self.trust_list.value if self.trust_list else None
        if known is not None and found.version < known.version:
            raise TrustError("The trust list is older than one already seen.", code="rollback")
        if known is not None and found.version == known.version:
            if found.digest != known.digest:
                raise TrustError("There are two trust lists of one version.", code="two_of_one_version")
            return self
        received = Received(found, document)
        steps = self.steps if _same_roots(found.pin, self.pin) else (*self.steps, received)
        same_key = known is None or known.publication_key.thumbprint == found.publication_key.thumbprint
        now = self.now if same_key else None
        return replace(self, pin=found.pin, trust_list=received, now=now, steps=steps)

    def with_now(self, document: bytes, *, at: float) -> Holding:
        """Return what is held once this `now` is; raise `PassportError` when it must not be accepted."""
        if self.trust_list is None:
            raise TrustError("There is no trust list that could accept a `now`.", code="trust_missing")
        trust_list = self.trust_list.value
        found = read_now(document, trust_list=trust_list)
        _refuse_ahead(found.issued_at, at)
        if found.list_version == trust_list.version and found.list_digest != trust_list.digest:
            raise TrustError("`now` speaks of another list of this version.", code="two_of_one_version")
        if self.now is not None and _goes_back(found, self.now.value):
            raise TrustError("`now` is older than one already seen.", code="rollback")
        if self.now is not None and document == self.now.document:
            return self
        return replace(self, now=Received(found, document))

    def with_set(self, document: bytes, *, digest: str) -> Holding:
        """Return what is held once this sealed set is; raise `PassportError` when it is another."""
        members = read_sealed_set(document, digest=digest)
        return replace(self, sets=MappingProxyType({**self.sets, digest: Received(members, document)}))

    def with_sets_wanted(self) -> Holding:
        """Return what is held without the sealed sets that decide nothing any more."""
        wanted = self.wanted_sets
        if wanted >= self.sets.keys():
            return self
        return replace(self, sets=MappingProxyType({d: s for d, s in self.sets.items() if d in wanted}))


def accept_status(
    document: bytes, *, uri: str, trust: Trust, known: StatusSnapshot | None, at: float
) -> StatusSnapshot:
    """Return the status list in `document`, asked for at `uri`, as it takes the place of `known`.

    Raises `PassportError`: what `read_status` says, `status_uri` (the list of another address),
    `dated_ahead`, `rollback` (older than `known`).
    """
    found = read_status(document, trust=trust)
    if found.uri != uri:
        raise TrustError("The status list is the one of another address.", code="status_uri")
    _refuse_ahead(found.issued_at, at)
    if known is not None and found.issued_at < known.issued_at:
        raise TrustError("The status list is older than one already seen.", code="rollback")
    return found


def _same_roots(one: Pin, other: Pin) -> bool:
    keys = [{key.thumbprint for key in pin.root_keys} for pin in (one, other)]
    return keys[0] == keys[1] and one.threshold == other.threshold


def _goes_back(found: Now, known: Now) -> bool:
    """Tell whether `found` is older in its time, or in the list that it speaks of (TUF 5.4.3)."""
    return found.issued_at < known.issued_at or found.list_version < known.list_version


def _refuse_ahead(issued_at: int, at: float) -> None:
    if issued_at > at + LIMITS.clock_leeway_seconds:
        raise TrustError("The document is dated ahead of this clock.", code="dated_ahead")
