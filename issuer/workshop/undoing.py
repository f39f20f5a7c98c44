"""Taking back what a workshop issued, for a quarter of an hour.

Decided here: what was issued is withdrawn, for good; what it replaced stands as before; the decisions are
open again, and what is then issued is another attestation. Papers that were printed say from then on, to
whoever checks them, that they were withdrawn. Later than that somebody corrects, person by person. Left to
others: the withdrawal (`issuer.register.taking_back`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.register.taking_back import take_back_in
from issuer.staff.roles import Staff
from issuer.store import attestations
from issuer.store import workshops as store
from issuer.store.database import Session
from issuer.workshop.plans import workshop_in

__all__ = ["UNDO_SECONDS", "may_undo", "undo"]

UNDO_SECONDS: Final = 15 * 60
_SKEW_SECONDS: Final = 60


def may_undo(issued_at: int, now: int) -> bool:
    """Tell whether what was issued at `issued_at` may be taken back; not with a clock set back since."""
    return -_SKEW_SECONDS <= now - issued_at < UNDO_SECONDS


def undo(
    register: Register,
    staff: Staff,
    workshop_id: str,
    people: Sequence[str],
    *,
    bodies: frozenset[str],
    reason: str,
) -> int:
    """Take back what was issued for these people here; return for how many.

    `reason`: what the register keeps. Raises `RegisterError`: `unknown_workshop`, `undo_late` (for one of
    them it is too late: nothing was done).
    """

    def work(session: Session) -> int:
        workshop, at = workshop_in(session, workshop_id, bodies=bodies), register.now()
        by_person = {
            row.holder_id: row.attestation_id
            for row in store.decisions(session, workshop.id)
            if row.attestation_id is not None and row.holder_id in people
        }
        found = attestations.by_id(session, list(by_person.values()))
        if not all(may_undo(row.issued_at, at) for row, _ in found.values()):
            raise RegisterError("It is too late to take this back.", code="undo_late")
        if not found:
            return 0
        store.detach_decisions(session, workshop.id, list(found))
        store.count_undone(session, workshop.id, list(by_person))
        store.change_workshop(session, workshop.id, closed_at=None)
        taken = take_back_in(register, session, list(found.values()), actor=staff.actor, reason=reason)
        detail = {"workshop": workshop.id, "attestations": sorted(found), "actor": staff.actor}
        chain.append(session, workshop.body, "workshop.undone", detail, at=at)
        return len(taken)

    return register.transact(work)
