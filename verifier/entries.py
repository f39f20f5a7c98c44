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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from passport.bitstring import purpose_uri
from passport.claims import Claims, Purpose
from passport.limits import LIMITS
from passport.status import Status
from verifier.report import Reason, first_reason
from verifier.statuses import StatusSnapshot

__all__ = ["StatusFinding", "read_entries", "uris_of"]

_STATUS: Final = tuple(Status)
_OF_BIT: Final = {Purpose.REVOCATION: Status.WITHDRAWN, Purpose.SUSPENSION: Status.SUSPENDED}
_REASONS: Final = {
    Status.VALID: None,
    Status.WITHDRAWN: Reason.WITHDRAWN,
    Status.SUSPENDED: Reason.SUSPENDED,
    Status.REPLACED: Reason.REPLACED,
}
# What a hint may say: anything else of it, its absence too, says nothing.
_HINTS: Final = frozenset({Reason.WITHDRAWN, Reason.SUSPENDED, Reason.REPLACED})


@dataclass(frozen=True, slots=True)
class StatusFinding:
    """What was found: the reason, None for valid, and the age of the oldest list that was needed."""

    reason: Reason | None
    as_of: int | None


def uris_of(claims: Claims) -> tuple[str, ...]:
    """Return the addresses of the lists that settle the matter, the ones that are needed first."""
    uri = claims.status.uri
    if not claims.purposes:
        return (uri,)
    return (*(purpose_uri(uri, purpose) for purpose in claims.purposes), uri)


def read_entries(claims: Claims, lists: Sequence[StatusSnapshot | None], *, at: int) -> StatusFinding:
    """Return what `lists`, in the order of `uris_of`, say at the instant `at`; None: not at hand."""
    index = claims.status.index
    if not claims.purposes:
        snapshot = lists[0]
        return StatusFinding(_read(snapshot, index, None, at), snapshot.issued_at if snapshot else None)
    *needed, hint = lists
    pairs = zip(needed, claims.purposes, strict=True)
    found = [_read(snapshot, index, purpose, at) for snapshot, purpose in pairs]
    said = _read(hint, index, None, at)
    reasons = [reason for reason in found if reason is not None] + ([said] if said in _HINTS and said else [])
    ages = [snapshot.issued_at for snapshot in needed if snapshot is not None]
    return StatusFinding(first_reason(reasons) if reasons else None, min(ages, default=None))


def _read(snapshot: StatusSnapshot | None, index: int, purpose: Purpose | None, at: int) -> Reason | None:
    if snapshot is None or snapshot.purpose is not purpose:
        return Reason.STATUS_UNAVAILABLE
    if index >= len(snapshot.array):
        return Reason.MALFORMED
    value = snapshot.array[index]
    status = _STATUS[value] if purpose is None else _OF_BIT[purpose] if value else Status.VALID
    if status is not Status.WITHDRAWN and not _is_recent(snapshot, at):
        return Reason.STATUS_STALE
    return _REASONS[status]


def _is_recent(snapshot: StatusSnapshot, at: int) -> bool:
    """Up to a day, or the list's own `ttl` when a service that closed signed it for longer."""
    age = at - snapshot.issued_at
    return age <= max(LIMITS.status_fresh_seconds, snapshot.ttl) and at < snapshot.expires_at
