"""What the status lists say of one credential: one list of four values, or two of one bit and a hint.

Decided here: which lists a credential needs, and how what they say adds up. A QR token names one Token
Status List. The other forms name two W3C lists, and both must be at hand and recent for green: one cannot
stand for the other. Those have no bit for *replaced*: the Token Status List of the same array, at the address
of the lists without their ending, is a hint that is followed when it is at hand, and never needed
(docs/adr/0009).

Withdrawn is final, so that a list too old to make anything green may still say *withdrawn*. Left to others:
whose lists may be believed (`statuses`, `verifying`), fetching them (`sources`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from passport.bitstring import purpose_uri
from passport.claims import Claims, Purpose
from passport.status import Status
from verifier.report import Reason, first_reason
from verifier.statuses import StatusSnapshot

__all__ = ["read_bits", "read_entry", "uris_of"]

_WITHDRAWN: Final = int(Status.WITHDRAWN)
_REASONS: Final = (None, Reason.WITHDRAWN, Reason.SUSPENDED, Reason.REPLACED)  # by the value of an entry
_OF_BIT: Final[Mapping[Purpose, int]] = {
    Purpose.REVOCATION: _WITHDRAWN,
    Purpose.SUSPENSION: int(Status.SUSPENDED),
}
# What a hint may say: anything else of it, its absence too, says nothing.
_HINTS: Final = frozenset({Reason.WITHDRAWN, Reason.SUSPENDED, Reason.REPLACED})


def uris_of(claims: Claims) -> tuple[str, ...]:
    """Return the addresses of the lists that settle the matter, the ones that are needed first."""
    uri = claims.status.uri
    if not claims.purposes:
        return (uri,)
    return (*(purpose_uri(uri, purpose) for purpose in claims.purposes), uri)


def read_bits(
    claims: Claims, lists: Sequence[StatusSnapshot | None], *, at: int
) -> tuple[Reason | None, int | None]:
    """Return what two lists of bits and the hint say at the instant `at`, None for valid; and their age.

    `lists`: in the order of `uris_of`, None for one that is not at hand. The age is that of the oldest list
    that is needed, in seconds since 1970.
    """
    index = claims.status.index
    *needed, hint = lists
    pairs = zip(needed, claims.purposes, strict=True)
    found = [read_entry(snapshot, index, at=at, purpose=purpose) for snapshot, purpose in pairs]
    said = read_entry(hint, index, at=at)
    reasons = [reason for reason in (*found, said if said in _HINTS else None) if reason is not None]
    ages = [snapshot.issued_at for snapshot in needed if snapshot is not None]
    return (first_reason(reasons) if reasons else None), min(ages, default=None)


def read_entry(
    snapshot: StatusSnapshot | None, index: int, *, at: int, purpose: Purpose | None = None
) -> Reason | None:
    """Return what one list says of an entry at the instant `at`, None for valid.

    `purpose`: what its bits say; None for a Token Status List.
    """
    if snapshot is None or snapshot.purpose is not purpose:
        return Reason.STATUS_UNAVAILABLE
    try:
        value = snapshot.array[index]
    except IndexError:
        return Reason.MALFORMED
    if purpose is not None and value:
        value = _OF_BIT[purpose]
    if value != _WITHDRAWN and at >= snapshot.recent_until:
        return Reason.STATUS_STALE
    return _REASONS[value]
