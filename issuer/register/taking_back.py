"""Taking back what was issued a moment ago: it is withdrawn, and what it replaced stands as before.

Decided here: an attestation that was *replaced* by one that is taken back is valid again, unless another one
that still stands replaces it too; the private link to what was taken back is removed. Nothing is unmade: the
attestation was issued, and is withdrawn for good (DESIGN, rule 9). Left to others: until when something may
be taken back (`issuer.workshop.undoing`), the step itself (`changes`).
"""

from __future__ import annotations

from collections.abc import Sequence

from issuer.register.changes import change_in, note_in
from issuer.register.folder import Register
from issuer.register.known import status_of
from issuer.store import attestations, statuses
from issuer.store.attestations import Found
from issuer.store.database import Session
from passport.status import Status, StatusArray

__all__ = ["take_back_in"]


def take_back_in(
    register: Register, session: Session, found: Sequence[Found], *, actor: str, reason: str
) -> list[Found]:
    """Withdraw attestations in the caller's transaction; return those that were not withdrawn before.

    `reason`: stays in the register. Raises as `changes.withdraw`.
    """
    replaced = [(one[0].id, older) for one in found for older in attestations.replaced_by(session, one[0].id)]
    every = [*found, *(older for _, older in replaced)]
    statuses.lock_lists(session, sorted({credential.list_id for _, credential in every}))
    taken = []
    for one in found:
        change = change_in(register, session, one, Status.WITHDRAWN, actor=actor, reason=reason)
        taken += [one] if change.changed else []
    for newer_id, older in replaced:
        attestations.unlink(session, newer_id=newer_id, older_id=older[0].id)
        _release(register, session, older, actor=actor, reason=reason)
    return taken


def _release(register: Register, session: Session, older: Found, *, actor: str, reason: str) -> None:
    """Let an attestation be valid again, if nothing that stands replaces it and it was not changed since."""
    attestation, credential = older
    if status_of(session, [older])[attestation.id] is not Status.REPLACED:
        return
    if any(link.kind == "replaces" for link in attestations.replacements(session, attestation.id)):
        return
    data = bytearray(statuses.array(session, credential.list_id) or b"")
    StatusArray(data)[credential.position] = Status.VALID
    statuses.put_array(session, credential.list_id, data=bytes(data))
    note_in(register, session, older, Status.REPLACED, after=Status.VALID, actor=actor, reason=reason)
