"""A second look: the holder asks, another trainer assesses again, and says what came of it.

Decided here: whoever made or noted it is not the one who looks again, where that can be known (an attestation
issued by an account, a request noted by one); an open one is taken by one person; it ends with an outcome:
the level stays, it is changed (the new attestation is named), or the holder no longer asks. Every step is a
row of the body's audit chain.

Left to others: assessing (`issuer.workshop`), changing an attestation (`acting`).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from issuer.people.facts import fact_of
from issuer.people.files import PEOPLE_ROLES, person_in
from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.staff.roles import Staff
from issuer.store import looks as store
from issuer.store.database import Session
from issuer.store.tables import SecondLookRow
from passport.errors import MalformedError

__all__ = [
    "OUTCOMES",
    "Look",
    "ask_look",
    "close_look",
    "look_of",
    "looks_of_person",
    "open_looks",
    "take_look",
]

OUTCOMES: Final = ("same", "changed", "dropped")
"""The level stays; it is changed; the holder no longer asks."""


@dataclass(frozen=True, slots=True)
class Look:
    """A second look. `may_take`: whether whoever asks may be the one who looks again."""

    id: str
    body: str
    person: str
    attestation: str | None
    asked_at: int
    noted_by: str
    taken_by: str | None
    closed_at: int | None
    outcome: str | None
    may_take: bool


def unknown_look() -> RegisterError:
    """Return the error for a second look that is not there, or not for whoever asks."""
    return RegisterError("There is no such second look here.", code="unknown_look")


def ask_look(register: Register, staff: Staff, person_id: str, attestation_id: str) -> str:
    """Note that a holder asks for a second look at an attestation; return its id (of the open one, if any).

    Raises `RegisterError`: `unknown_person`, `unknown_attestation`.
    """
    bodies = staff.bodies(*PEOPLE_ROLES)

    def work(session: Session) -> str:
        person = person_in(session, person_id, bodies=bodies)
        fact = fact_of(session, person.id, attestation_id, bodies=bodies)
        waiting = store.open_for(session, attestation_id)
        if waiting is not None:
            return waiting.id
        row = {
            "id": secrets.token_hex(12),
            "body": fact.body,
            "holder_id": person.id,
            "attestation_id": fact.id,
            "asked_at": register.now(),
            "noted_by": staff.actor,
        }
        store.add(session, row)
        _note(register, session, "look.asked", row["id"], fact.body, staff)
        return str(row["id"])

    return register.transact(work)


def open_looks(register: Register, staff: Staff) -> list[Look]:
    """Return the second looks of one's bodies that are not closed, the oldest first."""
    with register.reading() as session:
        rows = store.open_in(session, bodies=staff.bodies(*PEOPLE_ROLES))
        return _looks(session, rows, staff)


def looks_of_person(register: Register, staff: Staff, person_id: str) -> list[Look]:
    """Return the second looks that a person asked one's bodies for, the newest first."""
    with register.reading() as session:
        rows = store.of_person(session, person_id, bodies=staff.bodies(*PEOPLE_ROLES))
        return _looks(session, rows, staff)


def look_of(register: Register, staff: Staff, look_id: str) -> Look:
    """Return one second look. Raises `RegisterError` (`unknown_look`)."""
    with register.reading() as session:
        return _looks(session, [_row(session, staff, look_id)], staff)[0]


def _row(session: Session, staff: Staff, look_id: str) -> SecondLookRow:
    row = store.one(session, look_id)
    if row is None or row.body not in staff.bodies(*PEOPLE_ROLES):
        raise unknown_look()
    return row


def _looks(session: Session, rows: Sequence[SecondLookRow], staff: Staff) -> list[Look]:
    theirs = _theirs(session, rows, staff)
    return [
        Look(
            id=row.id,
            body=row.body,
            person=row.holder_id,
            attestation=row.attestation_id,
            asked_at=row.asked_at,
            noted_by=row.noted_by,
            taken_by=row.taken_by,
            closed_at=row.closed_at,
            outcome=row.outcome,
            may_take=row.taken_by is None and row.closed_at is None and row.id not in theirs,
        )
        for row in rows
    ]


def _theirs(session: Session, rows: Sequence[SecondLookRow], staff: Staff) -> set[str]:
    """Return where this member of staff made what is looked at again. Whoever noted the wish may look."""
    about = [row.attestation_id for row in rows if row.attestation_id is not None]
    makers = store.makers(session, about) if about else {}
    return {row.id for row in rows if staff.actor in makers.get(row.attestation_id or "", ())}


def take_look(register: Register, staff: Staff, look_id: str) -> None:
    """Take a second look. Raises `RegisterError`: `unknown_look`, `look_own`, `look_taken`."""

    def work(session: Session) -> None:
        row = _row(session, staff, look_id)
        if _theirs(session, [row], staff):
            raise RegisterError("Somebody else looks again, not whoever decided.", code="look_own")
        if row.taken_by == staff.actor:
            return
        if not store.take(session, look_id, by=staff.actor):
            raise RegisterError("Somebody has taken it, or it is closed.", code="look_taken")
        _note(register, session, "look.taken", look_id, row.body, staff)

    register.transact(work)


def close_look(
    register: Register, staff: Staff, look_id: str, *, outcome: str, outcome_id: str | None = None
) -> None:
    """Close a second look with what came of it. `outcome_id`: the attestation that was made, if any.

    Whoever took it closes it; one that the holder no longer asks for may be closed by anybody. Raises
    `PassportError`: `unknown_look`, `look_outcome`, `look_other`, `unknown_attestation`.
    """
    if outcome not in OUTCOMES or (outcome == "changed") is not (outcome_id is not None):
        raise MalformedError("A second look ends in one of three ways.", code="look_outcome")

    def work(session: Session) -> None:
        row = _row(session, staff, look_id)
        if row.closed_at is not None:
            return
        if outcome != "dropped" and row.taken_by != staff.actor:
            raise RegisterError("Whoever took it closes it.", code="look_other")
        if outcome_id is not None:
            fact_of(session, row.holder_id, outcome_id, bodies=frozenset({row.body}))
        store.close(session, look_id, outcome=outcome, outcome_id=outcome_id, at=register.now())
        _note(register, session, "look.closed", look_id, row.body, staff)

    register.transact(work)


def _note(register: Register, session: Session, event: str, id_: object, body: str, staff: Staff) -> None:
    chain.append(session, body, event, {"look": id_, "actor": staff.actor}, at=register.now())
