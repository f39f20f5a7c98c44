"""Who is there: the list of a workshop, in the order in which people were added.

Decided here: somebody is on a list once; taken off it, what was seen of them stays and counts no longer;
back on it, it counts again; whoever has a paper of this workshop stays on the list; only people with a file
in the body of the workshop can be added. Left to others: finding and adding people (`issuer.people`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from issuer.people.files import person_in
from issuer.register.folder import Register, RegisterError
from issuer.store import workshops as store
from issuer.store.database import Session
from issuer.store.tables import HolderRow
from issuer.workshop.plans import Workshop, unknown_workshop, workshop_in
from passport.model import Holder

__all__ = ["MOST_PEOPLE", "Attendee", "add_people", "attendees", "attendees_in", "people_of_last", "take_off"]

MOST_PEOPLE = 60
"""People on one list: far more than a workshop has, few enough for one page and one print."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody on the list. `undone`: how often what was issued for them here was taken back."""

    id: str
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birthdate: date | None = field(repr=False)
    undone: int

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def holder(self) -> Holder:
        """The person as an attestation names them."""
        return Holder(self.given_name, self.family_name, self.birthdate)


def attendees(register: Register, workshop_id: str, *, bodies: frozenset[str]) -> list[Attendee]:
    """Return the list of a workshop. Raises `RegisterError` (`unknown_workshop`)."""
    with register.reading() as session:
        workshop_in(session, workshop_id, bodies=bodies)
        return attendees_in(session, workshop_id)


def attendees_in(session: Session, workshop_id: str) -> list[Attendee]:
    """Return the list of a workshop that the caller may see."""
    return [_attendee(holder, row.undone) for row, holder in store.attending(session, workshop_id)]


def _attendee(holder: HolderRow, undone: int) -> Attendee:
    return Attendee(holder.id, holder.given_name, holder.family_name, holder.birthdate, undone)


def add_people(
    register: Register, workshop_id: str, people: Sequence[str], *, bodies: frozenset[str]
) -> None:
    """Put people on the list; whoever is on it already stays where they are.

    Raises `RegisterError`: `unknown_workshop`, `unknown_person`, `workshop_full`.
    """

    def work(session: Session) -> None:
        workshop = workshop_in(session, workshop_id, bodies=bodies)
        position, new = store.last_position(session, workshop.id), []
        for id_ in dict.fromkeys(people):
            # Only from the files of this very body, and whoever was merged as the one they are now.
            known = person_in(session, id_, bodies=frozenset({workshop.body})).id
            row = store.attendance(session, workshop.id, known)
            if row is not None:
                store.change_attendance(session, workshop.id, known, left_at=None)
                continue
            position += 1
            new.append(_row(workshop, known, position, at=register.now()))
        store.add_attendance(session, new)
        if len(store.attending(session, workshop.id)) > MOST_PEOPLE:
            raise RegisterError(f"A list has {MOST_PEOPLE} people at most.", code="workshop_full")

    register.transact(work)


def _row(workshop: Workshop, holder_id: str, position: int, *, at: int) -> dict[str, object]:
    line = {"workshop": workshop.id, "holder_id": holder_id, "position": position}
    return {**line, "added_at": at, "undone": 0}


def take_off(register: Register, workshop_id: str, person: str, *, bodies: frozenset[str]) -> None:
    """Take somebody off the list. Raises `RegisterError`: `unknown_workshop`, `already_issued`."""

    def work(session: Session) -> None:
        workshop = workshop_in(session, workshop_id, bodies=bodies)
        if store.attendance(session, workshop.id, person) is None:
            raise unknown_workshop()
        if any(
            row.attestation_id for row in store.decisions(session, workshop.id) if row.holder_id == person
        ):
            raise RegisterError("The paper of this person is issued.", code="already_issued")
        store.change_attendance(session, workshop.id, person, left_at=register.now())

    register.transact(work)


def people_of_last(register: Register, workshop_id: str, *, bodies: frozenset[str]) -> list[Attendee]:
    """Return who was at the body's workshop before this one and is not on this list: likely to be back."""
    with register.reading() as session:
        workshop = workshop_in(session, workshop_id, bodies=bodies)
        before = store.latest(session, bodies={workshop.body}, before=workshop.id)
        if before is None:
            return []
        there = {one.id for one in attendees_in(session, workshop.id)}
        return [
            _attendee(holder, row.undone)
            for row, holder in store.attending(session, before.id)
            if holder.id not in there and holder.erased_at is None and holder.merged_into is None
        ]
