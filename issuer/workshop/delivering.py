"""Issuing for everyone in one action: all that was confirmed, in one transaction.

Decided here: what is confirmed becomes one attestation a person, for the row of the register that stands on
the list; the request's source is this workshop and this person, so that pressing twice, or two trainers at
once, gives one attestation (`issuer.register.known`); decisions, attestations, what they replace and the
audit rows stand or fall together. Somebody whose attestation must not be signed is left out and told of, with
their decision kept: the others get theirs. Whoever got no level gets no attestation: a paper that says they
were there is printed of them (`papers`). A workshop is over when everyone is settled.

Left to others: whether the choices can stand (`deciding`), signing (`issuer.register.issuing`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from issuer.register import chain
from issuer.register.changes import change_in, link_in
from issuer.register.folder import Register, RegisterError
from issuer.register.issuing import Signed, issue_planned
from issuer.register.planning import plan
from issuer.register.requests import DuplicateError, Issued, IssueRequest, RefusedError
from issuer.staff.roles import Staff
from issuer.store import attestations, statuses
from issuer.store import workshops as store
from issuer.store.database import Session
from issuer.workshop.attending import Attendee, attendees_in
from issuer.workshop.deciding import (
    Assessed,
    Choice,
    ChoiceFault,
    Levels,
    faults_of,
    levels,
    was_progress,
    workshop_changed,
)
from issuer.workshop.plans import Workshop, workshop_in
from passport.errors import PassportError
from passport.model import Method
from passport.status import Status

__all__ = ["ChoicesError", "Delivery", "Failure", "decide", "deliver"]

_NOT_YET: Final = "workshop_ahead"


class ChoicesError(PassportError):
    """Some choices cannot stand, so nothing was kept. `faults`: all of them."""

    default_code = "workshop_choices"

    def __init__(self, faults: Sequence[ChoiceFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} of the choices cannot stand.")


@dataclass(frozen=True, slots=True)
class Failure:
    """Whose attestation was not signed, and why (the code of a lint, or ``duplicate``)."""

    person: str
    code: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was done. `issued`: people whose attestation was made now; `failures`: those who got none."""

    issued: tuple[str, ...]
    failures: tuple[Failure, ...]


def decide(
    register: Register, staff: Staff, workshop_id: str, choices: Sequence[Choice], *, bodies: frozenset[str]
) -> None:
    """Keep the trainer's choices without issuing anything. Raises as `deliver`."""
    shown = _checked(register, workshop_id, choices, bodies=bodies)

    def work(session: Session) -> None:
        _keep(session, shown, choices, staff=staff, at=register.now())

    register.transact(work)


def deliver(
    register: Register,
    staff: Staff,
    workshop_id: str,
    choices: Sequence[Choice],
    *,
    bodies: frozenset[str],
    keep_older: frozenset[str] = frozenset(),
) -> Delivery:
    """Keep the choices and issue for everyone who has a level and no attestation of this workshop yet.

    `choices`: one for each competence of each such person; for the others nothing changes. `keep_older`:
    people whose earlier attestations are not to be replaced. Raises `ChoicesError`; `PassportError`:
    `unknown_workshop`, `workshop_ahead`, `workshop_changed`, and what `issue` raises for all of it.
    """
    shown = _checked(register, workshop_id, choices, bodies=bodies)
    if shown.workshop.held_on > register.today():
        raise RegisterError("The workshop has not been held yet.", code=_NOT_YET)
    failures: list[Failure] = []
    wanted = _wanted(shown, choices)
    while True:
        order = _Order(shown, tuple(choices), tuple(wanted.items()), keep_older)
        try:
            return Delivery(_issue(register, staff, order), tuple(failures))
        except RefusedError as error:
            failed = {order.wanted[one.position][0]: one.code for one in error.refusals}
        except DuplicateError as error:
            failed = {order.wanted[one.position][0]: "duplicate" for one in error.duplicates}
        failures += [Failure(person, code) for person, code in failed.items()]
        wanted = {person: levels for person, levels in wanted.items() if person not in failed}


def _checked(
    register: Register, workshop_id: str, choices: Sequence[Choice], *, bodies: frozenset[str]
) -> Levels:
    shown = levels(register, workshop_id, bodies=bodies)
    if faults := faults_of(shown, choices):
        raise ChoicesError(faults)
    return shown


@dataclass(frozen=True, slots=True)
class _Order:
    """What one transaction is to do. `wanted`: (person, levels), in the order of the requests."""

    shown: Levels
    choices: tuple[Choice, ...]
    wanted: tuple[tuple[str, Mapping[str, int]], ...]
    keep_older: frozenset[str]


def _wanted(shown: Levels, choices: Sequence[Choice]) -> dict[str, dict[str, int]]:
    """Return the levels to attest, of people who have none of this workshop yet, in the order of the list."""
    chosen: dict[str, dict[str, int]] = defaultdict(dict)
    for choice in choices:
        if choice.level is not None:
            chosen[choice.person][choice.competence] = choice.level
    open_ = (one.person.id for one in shown.people if one.attestation_id is None)
    return {person: chosen[person] for person in open_ if chosen[person]}


def _issue(register: Register, staff: Staff, order: _Order) -> tuple[str, ...]:
    workshop, people = order.shown.workshop, {one.person.id: one.person for one in order.shown.people}
    requests = [_request(workshop, people[person], levels) for person, levels in order.wanted]
    # Where nobody has a level nothing is signed, and no key is needed.
    planned = plan(register, workshop.body, requests, actor=staff.actor) if requests else None

    def work(session: Session) -> tuple[str, ...]:
        _check_unchanged(session, order)
        at = register.now()
        _keep(session, order.shown, order.choices, staff=staff, at=at)
        _lock_older(session, order)
        known: dict[int, Issued] = {}
        made: list[Signed] = []
        if planned is not None:
            known, made = issue_planned(register, session, planned, accept_duplicates=False)
        ids = _ids(session, known) | {one.item.position: one.id for one in made}
        _attach(session, order, ids)
        for one in made:
            _replace_older(register, session, order, one.item.position, newer=one.id, actor=staff.actor)
        _close(session, order, ids, at=at)
        detail = {"workshop": workshop.id, "attestations": [one.id for one in made], "actor": staff.actor}
        chain.append(session, workshop.body, "workshop.delivered", detail, at=at)
        return tuple(order.wanted[one.item.position][0] for one in made)

    return register.transact(work)


def _request(workshop: Workshop, person: Attendee, levels: Mapping[str, int]) -> IssueRequest:
    return IssueRequest(
        holder=person.holder,
        holder_id=person.id,
        framework=workshop.framework,
        levels=levels,
        assessed_on=workshop.held_on,
        method=Method.OBSERVATION,
        place=workshop.place,
        # What was taken back was issued under another number: the same decision can then be issued anew.
        source_key=f"workshop:{workshop.id}:{person.id}:{workshop.framework}:{person.undone}",
    )


def _check_unchanged(session: Session, order: _Order) -> None:
    """Refuse when the list is not the one that was shown: somebody left it, or a paper was taken back."""
    workshop_in(session, order.shown.workshop.id, bodies=frozenset({order.shown.workshop.body}))
    now = {one.id: one for one in attendees_in(session, order.shown.workshop.id)}
    if any(now.get(one.person.id) != one.person for one in order.shown.people):
        raise workshop_changed()


def _keep(session: Session, shown: Levels, choices: Sequence[Choice], *, staff: Staff, at: int) -> None:
    """Write the decisions of everyone whose paper is not issued, as far as this transaction sees."""
    issued = {row.holder_id for row in store.decisions(session, shown.workshop.id) if row.attestation_id}
    rows = [
        {
            "workshop": shown.workshop.id,
            "holder_id": choice.person,
            "competence": choice.competence,
            "proposed": choice.proposed,
            "level": choice.level,
            "why": choice.why,
            "by": staff.actor,
            "at": at,
        }
        for choice in choices
        if choice.person not in issued
    ]
    store.put_decisions(session, rows)


def _ids(session: Session, known: Mapping[int, Issued]) -> dict[int, str]:
    """Return the ids of attestations that this source had made before."""
    found = attestations.by_code(session, [one.code for one in known.values()])
    return {position: found[one.code][0].id for position, one in known.items()}


def _attach(session: Session, order: _Order, ids: Mapping[int, str]) -> None:
    for position, id_ in ids.items():
        person, levels = order.wanted[position]
        store.attach_decisions(session, order.shown.workshop.id, person, list(levels), attestation_id=id_)


def _older(order: _Order, person: str) -> Sequence[str]:
    """Return the codes of what may be replaced for somebody; which is, is said again with what is issued."""
    found = next((one for one in order.shown.people if one.person.id == person), None)
    return found.older_codes if found is not None and person not in order.keep_older else ()


def _lock_older(session: Session, order: _Order) -> None:
    """Lock the lists of what will be replaced, before the chain's head, which issuing locks."""
    codes = [code for person, _ in order.wanted for code in _older(order, person)]
    found = attestations.by_code(session, codes)
    statuses.lock_lists(session, sorted({credential.list_id for _, credential in found.values()}))


def _replace_older(
    register: Register, session: Session, order: _Order, position: int, *, newer: str, actor: str
) -> None:
    person, levels = order.wanted[position]
    for older in attestations.by_code(session, _older(order, person)).values():
        if was_progress(older[0].levels, levels):
            link_in(register, session, newer, older[0].id, kind="replaces")
            change_in(register, session, older, Status.REPLACED, actor=actor)


def _close(session: Session, order: _Order, ids: Mapping[int, str], *, at: int) -> None:
    """Say that the workshop is over when everyone has their paper, or was decided to get none."""
    got = {order.wanted[position][0] for position in ids}
    chosen = {choice.person for choice in order.choices if choice.level is not None}
    decided = {choice.person for choice in order.choices}
    if all(_is_settled(one, got, decided - chosen) for one in order.shown.people):
        store.change_workshop(session, order.shown.workshop.id, closed_at=at)


def _is_settled(one: Assessed, got: set[str], without: set[str]) -> bool:
    return one.attestation_id is not None or one.person.id in got or one.person.id in without
