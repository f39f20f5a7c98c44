"""Our own tokens, checked before COMMIT as a stranger would check them.

Decided here: with the current public documents and with status lists signed now, in every encoding; anything
but *valid*, another form than was asked for or another text stops everything. Left to others: the checks
(`verifier`), when they are made (`issuing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from issuer.register.entries import StatusEntry
from issuer.register.folder import Register
from issuer.register.planning import Item, Plan
from issuer.register.status_documents import write_lists
from issuer.store import statuses as status_store
from issuer.store.database import Session
from keys.forms import said_in
from passport.errors import PassportError
from passport.status import StatusArray
from verifier import StatusSnapshot, read_status, verify

__all__ = ["verify_own"]


def verify_own(
    register: Register,
    session: Session,
    planned: Plan,
    items: Sequence[Item],
    *,
    entries: Sequence[StatusEntry],
    tokens: Sequence[Mapping[str, bytes]],
) -> None:
    """Raise `PassportError` (`self_check`) unless every token of `items`, in every form, is valid.

    `tokens`: form → token, in the order of `items`; `entries`: their status entries, for the lists to read.
    """
    snapshots = _snapshots(register, session, planned, {entry.list_id for entry in entries})
    for item, forms in zip(items, tokens, strict=True):
        for form, token in forms.items():
            report = verify(token, trust=planned.trust, status=snapshots, at=planned.at)
            said = said_in(form, item.attestation)
            if not report or (report.format, report.attestation) != (form, said):
                raise PassportError(
                    f"A token that was just signed does not verify ({form}): {report.reason}.",
                    code="self_check",
                    hint="Nothing was issued. Check the clock and the trust list.",
                )


def _snapshots(
    register: Register, session: Session, planned: Plan, list_ids: set[str]
) -> dict[str, StatusSnapshot]:
    snapshots = {}
    for list_id in sorted(list_ids):
        array = StatusArray(status_store.array(session, list_id) or b"")
        lists = write_lists(register, list_id, array, issued_at=planned.at, signer=planned.status_signer)
        for document in lists.values():
            snapshot = read_status(document, trust=planned.trust)
            snapshots[snapshot.uri] = snapshot
    return snapshots
