"""What becomes of an attestation: withdrawn, suspended, restored, corrected, replaced.

Decided here: withdrawing is final (DESIGN, rule 9); a suspension can be lifted; **correcting is
withdrawing** and **replacing is progress** (rule 10): the old one then stays valid and says that another
has replaced it. Status, audit row, private reason and link stand or fall in one transaction. A repeat
that changes nothing adds nothing. The audit row knows neither reason nor link's content: opaque ids only.

Left to others: signing the changed list (`status_documents`, at the next fetch), letters to the holder.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from issuer.register import chain
from issuer.register.folder import BrokenRegisterError, Register, RegisterError
from issuer.register.issuing import Issued, IssueRequest, as_issued, issue_planned
from issuer.register.lookup import normal_code, unknown_code
from issuer.register.planning import plan
from issuer.store import attestations, statuses
from issuer.store.attestations import Found
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.tables import LinkRow, StatusChangeRow
from passport.errors import MalformedError
from passport.status import Status, StatusArray

__all__ = [
    "Change",
    "change_in",
    "correct",
    "link_in",
    "note_in",
    "replace",
    "restore",
    "suspend",
    "withdraw",
    "withdraw_found",
]

_REASON_CHARS: Final = 1_000
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_EVENTS: Final = {
    Status.VALID: "attestation.restored",
    Status.WITHDRAWN: "attestation.withdrawn",
    Status.SUSPENDED: "attestation.suspended",
    Status.REPLACED: "attestation.replaced",
}
# From which status each can be asked for. Withdrawn leads nowhere. A suspended one cannot be replaced: it
# would be valid again by the back door.
_FROM: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType(
    {
        Status.WITHDRAWN: frozenset({Status.VALID, Status.SUSPENDED, Status.REPLACED}),
        Status.SUSPENDED: frozenset({Status.VALID, Status.REPLACED}),
        Status.VALID: frozenset({Status.SUSPENDED}),
        Status.REPLACED: frozenset({Status.VALID}),
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a change did to the status of attestation `code`."""

    code: str
    body: str
    before: Status
    after: Status

    @property
    def changed(self) -> bool:
        """False when it already was so: then nothing was written."""
        return self.before is not self.after


def withdraw(register: Register, code: str, *, actor: str, reason: str | None = None) -> Change:
    """Withdraw an attestation, for good. `reason` stays in the register (at most 1,000 characters).

    Raises `PassportError`: `unknown_code`, `code_*` when it is not a code, `reason`, `actor`.
    """
    return _set(register, code, Status.WITHDRAWN, actor=actor, reason=reason)


def suspend(register: Register, code: str, *, actor: str, reason: str | None = None) -> Change:
    """Suspend an attestation until it is restored or withdrawn. Raises as `withdraw`, and `final`."""
    return _set(register, code, Status.SUSPENDED, actor=actor, reason=reason)


def restore(register: Register, code: str, *, actor: str, reason: str | None = None) -> Change:
    """Lift a suspension; one that was replaced before it is replaced again. Raises as `suspend`."""
    return _set(register, code, Status.VALID, actor=actor, reason=reason)


def _set(register: Register, code: str, after: Status, *, actor: str, reason: str | None) -> Change:
    def work(session: Session) -> Change:
        return change_in(register, session, _found(session, code), after, actor=actor, reason=reason)

    return register.transact(work)


def withdraw_found(register: Register, session: Session, found: Found, *, actor: str) -> Change:
    """Withdraw an attestation in the caller's transaction, which locked its list. Raises as `withdraw`."""
    return change_in(register, session, found, Status.WITHDRAWN, actor=actor)


def _found(session: Session, code: str) -> Found:
    normal = normal_code(code)
    found = attestations.by_code(session, [normal]).get(normal)
    if found is None:
        raise unknown_code()
    return found


def change_in(
    register: Register,
    session: Session,
    found: Found,
    wanted: Status,
    *,
    actor: str,
    reason: str | None = None,
) -> Change:
    """Set one status in the caller's transaction, with its private row and its audit row.

    Whoever changes several locks their lists first (`statuses.lock_lists`). Raises as `suspend`.
    """
    chain.check_actor(actor)
    _check_reason(reason)
    attestation, credential = found
    row = statuses.list_row(session, credential.list_id)
    if row is None:
        raise BrokenRegisterError(f"The status list {credential.list_id} is gone.", code="unknown_list")
    data = bytearray(row.array)
    array = StatusArray(data)
    before = Status(array[credential.position])
    # One that was replaced is not suspended: there is nothing to lift.
    if before is wanted or (wanted is Status.VALID and before is Status.REPLACED):
        return Change(attestation.code, attestation.body, before, before)
    _check_step(before, wanted)
    lifts_to_replaced = wanted is Status.VALID and _was_replaced(session, attestation.id)
    after = Status.REPLACED if lifts_to_replaced else wanted
    array[credential.position] = after
    statuses.put_array(session, credential.list_id, data=bytes(data))
    note_in(register, session, found, before, after=after, actor=actor, reason=reason)
    return Change(attestation.code, attestation.body, before, after)


def _check_reason(reason: str | None) -> None:
    # PostgreSQL keeps no NUL in a text, and no database a lone surrogate.
    if reason is not None and (len(reason) > _REASON_CHARS or _NO_TEXT.search(reason)):
        raise MalformedError(f"A reason has at most {_REASON_CHARS} characters, and is text.", code="reason")


def _was_replaced(session: Session, attestation_id: str) -> bool:
    return any(link.kind == "replaces" for link in attestations.replacements(session, attestation_id))


def _check_step(before: Status, after: Status) -> None:
    if before in _FROM[after]:
        return
    raise RegisterError(
        f"A {before.name.lower()} attestation cannot become {after.name.lower()}.",
        code="final" if before is Status.WITHDRAWN else "status_step",
        hint="Withdrawing is final: issue a new attestation." if before is Status.WITHDRAWN else "",
    )


def note_in(
    register: Register,
    session: Session,
    found: Found,
    before: Status,
    *,
    after: Status,
    actor: str,
    reason: str | None,
) -> None:
    """Keep what was changed: the private row with the reason, and the audit row without."""
    attestation, credential = found
    at = register.now()
    change = {"attestation_id": attestation.id, "before": int(before), "after": int(after), "at": at}
    insert_rows(session, StatusChangeRow, [{**change, "actor": actor, "reason": reason}])
    detail = {
        "attestation": attestation.id,
        "list": credential.list_id,
        "index": credential.position,
        "before": int(before),
        "after": int(after),
        "actor": actor,
    }
    chain.append(session, attestation.body, _EVENTS[after], detail, at=at)


def correct(
    register: Register, code: str, request: IssueRequest, *, actor: str, reason: str | None = None
) -> Issued:
    """Withdraw a wrong attestation and issue the right one, in one transaction; the link stays private.

    Asked again with the same `source_key`, it gives the corrected one back. Raises as `issue` and
    `withdraw`; `final` when the old one was withdrawn before, for another reason.
    """
    return _supersede(register, code, request, actor=actor, after=Status.WITHDRAWN, reason=reason)


def replace(register: Register, code: str, by: IssueRequest | str, *, actor: str) -> Issued | None:
    """Say that a newer attestation takes the place of an older one, which stays valid (status 3).

    `by`: a request, which is issued in the same transaction for the same holder and returned; or the code
    of an attestation of the same body that is there already, and then None. Raises as `issue` and
    `suspend`; `same_attestation`, `other_body`, `other_person`, `replaced_by_it`.
    """
    if isinstance(by, IssueRequest):
        return _supersede(register, code, by, actor=actor, after=Status.REPLACED)
    with register.writing() as session:
        older, newer = _found(session, code), _found(session, by)
        if older[0].id == newer[0].id:
            raise RegisterError("An attestation cannot replace itself.", code="same_attestation")
        if older[0].body != newer[0].body:
            raise RegisterError("The two attestations are of different bodies.", code="other_body")
        _check_person(older[0].person_key, newer[0].person_key)
        statuses.lock_lists(session, (older[1].list_id, newer[1].list_id))
        _check_order(session, older[0].id, newer[0].id)
        link_in(register, session, newer[0].id, older[0].id, kind="replaces")
        change_in(register, session, older, Status.REPLACED, actor=actor)
    return None


def _check_order(session: Session, older_id: str, newer_id: str) -> None:
    """Refuse a link whose reverse is there: of two attestations one is the newer."""
    if any(link.newer_id == older_id for link in attestations.replacements(session, newer_id)):
        raise RegisterError("The other one was already replaced by this one.", code="replaced_by_it")


def _check_person(older: str, newer: str) -> None:
    if older != newer:
        raise RegisterError(
            "The newer attestation is of another person.",
            code="other_person",
            hint="A wrong or new name is corrected, which withdraws the old attestation.",
        )


def _supersede(
    register: Register,
    code: str,
    request: IssueRequest,
    *,
    actor: str,
    after: Status,
    reason: str | None = None,
) -> Issued:
    with register.reading() as session:
        found, _ = _found(session, code)
    body = found.body
    if after is Status.REPLACED:
        request = dataclasses.replace(request, holder_id=found.holder_id)
    planned = plan(register, body, [request], actor=actor)
    kind = "corrects" if after is Status.WITHDRAWN else "replaces"

    def work(session: Session) -> Issued:
        older = _found(session, code)
        statuses.lock_lists(session, [older[1].list_id])  # before the chain's head, which issuing locks
        if after is Status.REPLACED:
            _check_person(older[0].person_key, planned.items[0].person_key)
        known, made = issue_planned(register, session, planned, accept_duplicates=True)
        newer_id = made[0].id if made else _found(session, known[0].code)[0].id
        if newer_id == older[0].id:
            raise RegisterError("An attestation cannot take its own place.", code="same_attestation")
        linked = link_in(register, session, newer_id, older[0].id, kind=kind)
        change = change_in(register, session, older, after, actor=actor, reason=reason)
        if linked and not change.changed and after is Status.WITHDRAWN:
            raise RegisterError(
                "The attestation was already withdrawn.", code="final", hint="Issue the new one by itself."
            )
        return as_issued(made[0], body) if made else known[0]

    return register.transact(work)


def link_in(register: Register, session: Session, newer_id: str, older_id: str, *, kind: str) -> bool:
    """Keep the private link; tell whether it is new."""
    if any(link.newer_id == newer_id for link in attestations.replacements(session, older_id)):
        return False
    row = {"newer_id": newer_id, "older_id": older_id, "kind": kind, "at": register.now()}
    insert_rows(session, LinkRow, [row])
    return True
