"""What a trainer does to an attestation of one of their people: withdraw, suspend, restore, correct, replace.

Decided here: it is asked for by the person and the attestation, both within the trainer's bodies; each needs
a reason, which is private: it stands in the register and in the letter to the holder and nowhere else (a
withdrawal is an administrative act, whose reasons are told to the person: DOMAIN). A correction gives the
file the corrected name. Left to others: what may follow what (`issuer.register.changes`), the letter
(`letters`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from issuer.people.editing import rename_in
from issuer.people.facts import Fact, fact_of, unknown_attestation
from issuer.people.files import PEOPLE_ROLES, Person, person_in
from issuer.register import changes
from issuer.register.folder import Register
from issuer.register.issuing import Issued, IssueRequest
from issuer.staff.roles import Staff
from issuer.store import facts as store
from passport.errors import MalformedError
from passport.status import Status

__all__ = ["Act", "act_on", "acts_for", "correct_fact", "one_fact", "replace_fact", "replace_fact_by"]


class Act(StrEnum):
    """What can be done to an attestation; the words of addresses."""

    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    RESTORE = "restore"
    CORRECT = "correct"
    REPLACE = "replace"


_STEPS: Final[dict[Act, Callable[..., changes.Change]]] = {
    Act.WITHDRAW: changes.withdraw,
    Act.SUSPEND: changes.suspend,
    Act.RESTORE: changes.restore,
}
_OPEN: Final = {
    Status.VALID: (Act.CORRECT, Act.REPLACE, Act.SUSPEND, Act.WITHDRAW),
    Status.SUSPENDED: (Act.RESTORE, Act.CORRECT, Act.WITHDRAW),
    Status.REPLACED: (Act.CORRECT, Act.SUSPEND, Act.WITHDRAW),
    Status.WITHDRAWN: (),
}


def acts_for(fact: Fact) -> tuple[Act, ...]:
    """Return what may be done to an attestation as it stands; nothing to another body's."""
    return _OPEN[fact.status] if fact.is_own else ()


def one_fact(
    register: Register, person_id: str, attestation_id: str, *, bodies: frozenset[str]
) -> tuple[Person, Fact]:
    """Return a person and one attestation that one of `bodies` made of them.

    Raises `RegisterError`: `unknown_person`, `unknown_attestation`.
    """
    with register.reading() as session:
        person = person_in(session, person_id, bodies=bodies)
        return person, fact_of(session, person.id, attestation_id, bodies=bodies)


def act_on(
    register: Register, staff: Staff, person_id: str, attestation_id: str, *, act: Act, reason: str
) -> None:
    """Withdraw, suspend or restore. Raises `PassportError`: `reason`, `unknown_…`, `final`, `status_step`."""
    _, fact = one_fact(register, person_id, attestation_id, bodies=staff.bodies(*PEOPLE_ROLES))
    _STEPS[act](register, fact.code, actor=staff.actor, reason=needed(reason))


def needed(reason: str) -> str:
    """Return a reason that says something. Raises `MalformedError` (`reason_missing`)."""
    if not reason.strip():
        raise MalformedError("The reason is empty.", code="reason_missing")
    return reason.strip()


def correct_fact(
    register: Register,
    staff: Staff,
    person_id: str,
    attestation_id: str,
    *,
    request: IssueRequest,
    reason: str,
) -> Issued:
    """Withdraw a wrong attestation and make the right one, for the same person, whom the file then names so.

    Raises as `act_on` and `issue`.
    """
    person, fact = one_fact(register, person_id, attestation_id, bodies=staff.bodies(*PEOPLE_ROLES))
    wanted = dataclasses.replace(request, holder_id=person.id)
    made = changes.correct(register, fact.code, wanted, actor=staff.actor, reason=needed(reason))
    if request.holder not in (person.holder, fact.attestation.holder):
        register.transact(lambda session: rename_in(session, person.id, request.holder))
    return made


def replace_fact(
    register: Register, staff: Staff, person_id: str, attestation_id: str, *, request: IssueRequest
) -> Issued | None:
    """Make a newer attestation that takes the place of an older one, which stays valid. Raises as `issue`."""
    _, fact = one_fact(register, person_id, attestation_id, bodies=staff.bodies(*PEOPLE_ROLES))
    return changes.replace(register, fact.code, request, actor=staff.actor)


def replace_fact_by(
    register: Register, staff: Staff, person_id: str, attestation_id: str, *, newer_id: str
) -> None:
    """Say that a newer attestation of the same person takes the place of an older one.

    Raises `RegisterError`: `unknown_…`, `other_person`, `same_attestation`, `replaced_by_it`, `status_step`.
    """
    bodies = staff.bodies(*PEOPLE_ROLES)
    person, fact = one_fact(register, person_id, attestation_id, bodies=bodies)
    with register.reading() as session:
        newer = store.found(session, newer_id)
    if newer is None or newer[0].holder_id != person.id or newer[0].body not in bodies:
        raise unknown_attestation()
    changes.replace(register, fact.code, newer[0].code, actor=staff.actor)
