"""The grid: how each gesture of each person went, one tap at a time.

Decided here: a cell has a revision, which counts the taps on it. A tap is written over the revision that its
page had seen; when somebody else tapped meanwhile, neither is lost: the cell keeps what it holds and the tap
comes back as a *conflict* with both values, for a human to choose. The same tap sent again (an answer was
lost on the way) changes nothing. What is unticked is *not seen*. Once a paper was issued, the cells of that
person stand as the proof of it.

Which ratings count for somebody: the newest of each gesture, of the workshops of this body held until the
day of this one (a grid on paper that is entered later has then the same result).

Left to others: which level follows (`proposing`), the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issuer.register.folder import Register
from issuer.staff.roles import Staff
from issuer.store import staff as staff_store
from issuer.store import workshops as store
from issuer.store.database import Session
from issuer.store.tables import DecisionRow, RatingRow
from issuer.workshop.attending import Attendee, attendees_in
from issuer.workshop.plans import Workshop, workshop_in
from passport.errors import MalformedError
from passport.gestures import Rating

__all__ = ["Cell", "Conflict", "Grid", "Saved", "Tap", "grid", "grid_in", "save_taps", "standing_ratings"]

_NOT_SEEN = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds. `rating`: None for what nobody saw; `revision`: 0 where nobody has tapped yet."""

    rating: Rating | None = None
    revision: int = 0


_EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap on the cell of a person and a gesture, over the `revision` that the page had seen."""

    person: str
    gesture: str
    rating: Rating | None
    revision: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A tap that was not written: `cell` is what is there, by the colleague `by` ("" for oneself)."""

    tap: Tap
    cell: Cell
    by: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid as it stands. `cells`: (person, gesture) → cell; those that are not in it are empty.

    `decisions`: what was decided, of people who left the list too; `issued`: whose paper of this workshop is
    issued, so that their cells stand.
    """

    workshop: Workshop
    people: tuple[Attendee, ...]
    cells: Mapping[tuple[str, str], Cell]
    decisions: tuple[DecisionRow, ...]
    issued: frozenset[str]

    def cell(self, person: str, gesture: str) -> Cell:
        """Return one cell."""
        return self.cells.get((person, gesture), _EMPTY)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of taps: the grid after them, and what must be chosen by a human."""

    grid: Grid
    conflicts: tuple[Conflict, ...]


def grid(register: Register, workshop_id: str, *, bodies: frozenset[str]) -> Grid:
    """Return the grid of a workshop. Raises `RegisterError` (`unknown_workshop`)."""
    with register.reading() as session:
        return grid_in(session, workshop_id, bodies=bodies)


def grid_in(session: Session, workshop_id: str, *, bodies: frozenset[str]) -> Grid:
    """Return what `grid` returns, in the caller's transaction."""
    workshop = workshop_in(session, workshop_id, bodies=bodies)
    rows, decisions = store.ratings(session, workshop.id), store.decisions(session, workshop.id)
    return Grid(
        workshop=workshop,
        people=tuple(attendees_in(session, workshop.id)),
        cells={(row.holder_id, row.gesture): _cell(row) for row in rows},
        decisions=tuple(decisions),
        issued=frozenset(row.holder_id for row in decisions if row.attestation_id),
    )


def _cell(row: RatingRow) -> Cell:
    return Cell(Rating(row.rating) if row.rating else None, row.revision)


def save_taps(
    register: Register, staff: Staff, workshop_id: str, taps: Sequence[Tap], *, bodies: frozenset[str]
) -> Saved:
    """Write taps, each on its own; return the grid after them and those that were not written.

    A tap on somebody who is not on the list, or on a gesture of another workshop, is refused with all others.
    Raises `PassportError`: `unknown_workshop`, `unknown_cell`.
    """

    def work(session: Session) -> Saved:
        before = grid_in(session, workshop_id, bodies=bodies)
        by = {(row.holder_id, row.gesture): row.by for row in store.ratings(session, workshop_id)}
        conflicts = []
        for tap in taps:
            _check(before, tap)
            if not _written(session, before, tap, staff=staff, at=register.now()):
                cell = before.cell(tap.person, tap.gesture)
                other = by.get((tap.person, tap.gesture), "")
                conflicts.append(Conflict(tap, cell, _name(session, other, but=staff.actor)))
        return Saved(grid_in(session, workshop_id, bodies=bodies), tuple(conflicts))

    return register.transact(work)


def _check(grid: Grid, tap: Tap) -> None:
    known = any(one.id == tap.person for one in grid.people) and tap.gesture in grid.workshop.gestures
    if not known:
        raise MalformedError("There is no such cell in this grid.", code="unknown_cell")


def _written(session: Session, grid: Grid, tap: Tap, *, staff: Staff, at: int) -> bool:
    """Write one tap; tell whether the cell now holds what was tapped."""
    cell = grid.cell(tap.person, tap.gesture)
    if cell.rating == tap.rating:
        return True
    if tap.person in grid.issued or cell.revision != tap.revision:
        return False
    row = {
        "workshop": grid.workshop.id,
        "holder_id": tap.person,
        "gesture": tap.gesture,
        "rating": tap.rating.value if tap.rating else _NOT_SEEN,
        "by": staff.actor,
        "at": at,
    }
    return store.put_rating(session, row, revision=tap.revision)


def _name(session: Session, actor: str, *, but: str) -> str:
    """Return the name of a colleague by the id that rows keep."""
    if actor == but:
        return ""
    row = staff_store.account(session, actor.removeprefix("staff:"))
    return row.name if row is not None else ""


def standing_ratings(session: Session, grid: Grid) -> Mapping[str, Mapping[str, Rating]]:
    """Return the ratings that count: person → gesture → the newest, of this workshop and of those before."""
    workshop, people = grid.workshop, [one.id for one in grid.people]
    standing: dict[str, dict[str, Rating]] = defaultdict(dict)
    earlier = store.earlier_ratings(
        session,
        people,
        body=workshop.body,
        framework=workshop.framework,
        until=workshop.held_on,
        but=workshop.id,
    )
    for person, gesture, rating in earlier:
        standing[person][gesture] = Rating(rating)
    for (person, gesture), cell in grid.cells.items():
        if cell.rating is not None:
            standing[person][gesture] = cell.rating
    return standing
