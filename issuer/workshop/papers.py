"""The papers of a workshop: what there is to print, what was printed, what was handed over.

Decided here: an attestation is *to be printed*, *printed*, or *handed over* on a day; printing again what was
printed before is noted in the audit chain, before it is drawn (`issuer.register.lookup`). Whoever was decided
to get no level has a paper that says they were there: it is drawn from the list, holds no level and no code,
and is no attestation of anything (ADR 22). Left to others: drawing, and the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from issuer.register.folder import Register
from issuer.register.lookup import StoredAttestation, note_reprinted, stored_by_id
from issuer.staff.roles import Staff
from issuer.store import handovers
from issuer.store.database import Session
from issuer.workshop.attending import Attendee
from issuer.workshop.deciding import Levels, levels
from issuer.workshop.grid import grid
from issuer.workshop.plans import workshop_in
from issuer.workshop.undoing import may_undo
from passport.gestures import Rating
from passport.status import Status

__all__ = [
    "DoneGesture",
    "Paper",
    "Papers",
    "Participation",
    "hand_over",
    "papers",
    "participations",
    "to_print",
]

State = Literal["to_print", "printed", "handed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper of one person. `levels`: as signed. `undoable`: whether it may still be taken back."""

    person: Attendee
    attestation: StoredAttestation
    printed_at: int | None
    handed_on: date | None
    undoable: bool

    @property
    def state(self) -> State:
        """Where the paper is; one that was withdrawn is to be printed and handed over no more."""
        if self.attestation.status is Status.WITHDRAWN:
            return "withdrawn"
        if self.handed_on is not None:
            return "handed"
        return "printed" if self.printed_at is not None else "to_print"


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything of a workshop. `without`: who was decided to get no level; `open`: who is not decided."""

    levels: Levels
    papers: tuple[Paper, ...]
    without: tuple[Attendee, ...]
    open: tuple[Attendee, ...]


@dataclass(frozen=True, slots=True)
class DoneGesture:
    """A gesture that somebody did."""

    gesture: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Participation:
    """Somebody who was there and gets no level, with what they did."""

    person: Attendee
    done: tuple[DoneGesture, ...]


def papers(register: Register, workshop_id: str, *, bodies: frozenset[str]) -> Papers:
    """Return the papers of a workshop. Raises `RegisterError` (`unknown_workshop`)."""
    shown = levels(register, workshop_id, bodies=bodies, with_older=False)
    ids = [one.attestation_id for one in shown.people if one.attestation_id is not None]
    stored = stored_by_id(register, ids)
    with register.reading() as session:
        handed = handovers.of(session, ids)
    found = []
    for one in shown.people:
        if one.attestation_id in stored:
            known, row = stored[one.attestation_id], handed.get(one.attestation_id)
            undoable = may_undo(known.attestation.issued_at, register.now())
            printed, on = (row.printed_at, row.handed_on) if row is not None else (None, None)
            found.append(Paper(one.person, known, printed, on, undoable))
    return Papers(
        levels=shown,
        papers=tuple(found),
        without=tuple(one.person for one in shown.people if one.is_settled and one.attestation_id is None),
        open=tuple(one.person for one in shown.people if not one.is_settled),
    )


def to_print(
    register: Register, staff: Staff, workshop_id: str, people: Sequence[str], *, bodies: frozenset[str]
) -> list[StoredAttestation]:
    """Return what is to be drawn for these people, once it was noted that it is printed, or printed again.

    Somebody without a paper, or whose attestation was withdrawn, is left out. Raises `RegisterError`
    (`unknown_workshop`).
    """
    chosen = [
        one
        for one in papers(register, workshop_id, bodies=bodies).papers
        if one.person.id in people and one.state != "withdrawn"
    ]
    if again := [one.attestation for one in chosen if one.printed_at is not None]:
        note_reprinted(register, again, actor=staff.actor)

    def work(session: Session) -> None:
        for one in chosen:
            handovers.put(session, one.attestation.id, by=staff.actor, printed_at=register.now())

    register.transact(work)
    return [one.attestation for one in chosen]


def hand_over(
    register: Register, staff: Staff, workshop_id: str, people: Sequence[str], *, bodies: frozenset[str]
) -> int:
    """Note that these people were given their paper today; return how many. Raises as `to_print`."""
    chosen = [
        one.attestation.id
        for one in papers(register, workshop_id, bodies=bodies).papers
        if one.person.id in people and one.state in {"to_print", "printed"}
    ]

    def work(session: Session) -> None:
        workshop_in(session, workshop_id, bodies=bodies)
        for id_ in chosen:
            handovers.put(session, id_, by=staff.actor, handed_on=register.today())

    register.transact(work)
    return len(chosen)


def participations(
    register: Register, workshop_id: str, people: Sequence[str], *, bodies: frozenset[str]
) -> list[Participation]:
    """Return whoever of these people is on the list without an attestation, with what they did here."""
    shown = grid(register, workshop_id, bodies=bodies)
    done = {Rating.ALONE: True, Rating.WITH_HELP: False}
    found = []
    for person in shown.people:
        if person.id in people and person.id not in shown.issued:
            rated = ((id_, shown.cell(person.id, id_).rating) for id_ in shown.workshop.gestures)
            gestures = tuple(DoneGesture(id_, done[rating]) for id_, rating in rated if rating in done)
            found.append(Participation(person, gestures))
    return found
