"""What a verifier holds to be true: an accepted trust list, its `now`, and sealed sets. No I/O, no clock.

Decided here: whether trust is fresh at an instant, and what a body's key is worth for a signature made
at an instant: good, not valid, compromised, or not decidable with what is at hand (DESIGN, "Trust").

Left to others: fetching, keeping and refusing older versions (`sources`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from passport.errors import PassportError
from passport.jose import CompactJws
from passport.trust.model import KeyState, KeyUse, Now, Pin, TrustedKey, TrustList
from passport.trust.reading import read_now, read_sealed_set, read_trust_list
from verifier.report import Reason

__all__ = ["Trust"]

_NO_SETS: Final[Mapping[str, frozenset[bytes]]] = MappingProxyType({})
_MEMBER_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Trust:
    """One scheme as known to a verifier. `sets`: hash → members of the sealed sets at hand."""

    trust_list: TrustList
    now: Now | None
    sets: Mapping[str, frozenset[bytes]] = field(default_factory=lambda: _NO_SETS, repr=False)

    @classmethod
    def read(
        cls,
        list_document: bytes,
        now_document: bytes | None,
        *,
        pin: Pin,
        sets: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Trust:
        """Return the trust in these documents; raise `PassportError` when one must not be accepted."""
        trust_list = read_trust_list(list_document, pin=pin)
        now = read_now(now_document, trust_list=trust_list) if now_document is not None else None
        members = {digest: read_sealed_set(document, digest=digest) for digest, document in sets.items()}
        return cls(trust_list, now, MappingProxyType(members))

    @classmethod
    def salvage(
        cls,
        list_document: bytes | None,
        now_document: bytes | None,
        *,
        pin: Pin,
        sets: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Trust | None:
        """Return what may be trusted of documents that may be missing or bad; None when the list is.

        A bad `now` or set counts as missing: *undetermined* in `verify`, never green.
        """
        if list_document is None:
            return None
        read = {digest: _salvage_set(data, digest) for digest, data in sets.items()}
        # A set without a member is a set: of a key that signed nothing, nothing verifies.
        members = {digest: known for digest, known in read.items() if known is not None}
        for now in (now_document, None):
            try:
                trust = cls.read(list_document, now, pin=pin)
            except PassportError:
                continue
            return cls(trust.trust_list, trust.now, MappingProxyType(members))
        return None

    @property
    def as_of(self) -> int:
        """The moment of which this trust speaks: that of `now`, or of the list when there is none."""
        return self.now.issued_at if self.now else self.trust_list.issued_at

    def weakness(self, at: int) -> Reason | None:
        """Return why this trust cannot make anything green at `at`, or None when it is fresh."""
        if self.now is None:
            return Reason.TRUST_UNAVAILABLE
        if at >= self.now.expires_at or at >= self.trust_list.expires_at:
            return Reason.TRUST_STALE
        if (self.now.list_version, self.now.list_digest) != (self.trust_list.version, self.trust_list.digest):
            return Reason.TRUST_STALE  # it speaks of another list, newer or older than the one at hand
        return None

    def is_refused(self, key: TrustedKey) -> bool:
        """Tell whether a key is known to be stolen, from the list or, at once, from `now`."""
        if key.state is KeyState.COMPROMISED:
            return True
        return self.now is not None and key.key.thumbprint in self.now.refused_keys

    def is_plainly_good(self, key: TrustedKey) -> bool:
        """Tell whether all that `judge_key` could say of `key` hangs on its dates: it was neither sealed nor
        refused, and is for credentials.
        """
        return key.use is KeyUse.CREDENTIAL and key.state is KeyState.ACTIVE and not self.is_refused(key)

    def judge_key(
        self, key: TrustedKey, jws: CompactJws, signed_at: int
    ) -> tuple[Reason | None, tuple[str, ...]]:
        """Return why `key` is worth nothing for this credential signed at `signed_at`, or None; and its sets.

        A compromised key verifies only members of its sealed set; when that set is not at hand nothing can
        be said. A sealed (retired) key verifies members when the set is at hand and by its dates otherwise.
        The sets: the hashes of those that decide about signatures of this key, at hand or not.
        """
        refused = self.is_refused(key)
        sealed = refused or key.state is KeyState.SEALED
        sets = tuple(sorted(self._bound_sets(key, refused=refused))) if sealed else ()
        if key.use is not KeyUse.CREDENTIAL or key.state is KeyState.PLANNED:
            return Reason.KEY_NOT_VALID, sets
        if not key.period.holds(signed_at):
            return Reason.KEY_NOT_VALID, sets
        return (self._sealed_weakness(key, jws, refused=refused) if sealed else None), sets

    def _sealed_weakness(self, key: TrustedKey, jws: CompactJws, *, refused: bool) -> Reason | None:
        bound = self._bound_sets(key, refused=refused)
        at_hand = [self.sets[digest] for digest in bound if digest in self.sets]
        member = jws.member_digest(key.key.alg)[:_MEMBER_BYTES]
        if any(member in members for members in at_hand):
            return None
        if len(at_hand) < len(bound):
            return Reason.TRUST_UNAVAILABLE if refused else None
        if refused:
            return Reason.KEY_COMPROMISED
        return Reason.KEY_NOT_VALID if bound else None

    def _bound_sets(self, key: TrustedKey, *, refused: bool) -> frozenset[str]:
        """Return the hashes of the sets that may hold a signature of this key.

        The list binds one to the key. A key that `now` refuses at once may find its set in `now` itself,
        before a ceremony has put it in the list.
        """
        if key.sealed_set is not None:
            return frozenset({key.sealed_set})
        return self.now.sealed_sets if refused and self.now is not None else frozenset()

    def accepts_status_key(self, key: TrustedKey, signed_at: int) -> bool:
        """Tell whether a status list signed at `signed_at` by this key may be believed."""
        return (
            key.use is KeyUse.STATUS
            and key.state is KeyState.ACTIVE
            and key.period.holds(signed_at)
            and not self.is_refused(key)
        )


def _salvage_set(document: bytes, digest: str) -> frozenset[bytes] | None:
    try:
        return read_sealed_set(document, digest=digest)
    except PassportError:
        return None
