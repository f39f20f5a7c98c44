"""A workshop with its trainer and people on its list, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from issuer.people.files import add_person
from issuer.register import Register
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.roles import Grant, Role, Staff
from issuer.workshop.attending import add_people
from issuer.workshop.deciding import Choice, levels
from issuer.workshop.grid import Tap, grid, save_taps
from issuer.workshop.plans import NewWorkshop, new_workshop
from passport.gestures import Rating, template
from tests.issuer.registers import BODY

HELD_ON = date(2026, 9, 20)
BODIES = frozenset({BODY})


def trainer(register: Register, body: str = BODY, name: str = "Camille") -> Staff:
    account = add_account(register, name, Grant(Role.TRAINER, body), actor="test")
    found = staff_of(register, account)
    assert found is not None
    return found


@dataclass
class Held:
    """A workshop that was opened, with its trainer and the people on its list."""

    register: Register
    staff: Staff
    id: str
    people: list[str]

    @property
    def bodies(self) -> frozenset[str]:
        return self.staff.bodies(Role.TRAINER)

    def tap(self, person: str, ratings: Mapping[str, Rating | None], *, staff: Staff | None = None) -> None:
        """Tap over whatever stands there."""
        shown = grid(self.register, self.id, bodies=self.bodies)
        taps = [Tap(person, id_, rating, shown.cell(person, id_).revision) for id_, rating in ratings.items()]
        assert not save_taps(self.register, staff or self.staff, self.id, taps, bodies=self.bodies).conflicts

    def rate_all(self, rating: Rating, people: Sequence[str] | None = None) -> None:
        """Rate every gesture of these people, or of everyone."""
        gestures = grid(self.register, self.id, bodies=self.bodies).workshop.gestures
        for person in people or self.people:
            self.tap(person, dict.fromkeys(gestures, rating))

    def choices(self, **changed: tuple[int | None, str]) -> list[Choice]:
        """Return what is offered for everyone, changed for `person` in every competence."""
        shown = levels(self.register, self.id, bodies=self.bodies)
        return [
            Choice(one.person.id, q.competence, q.offered, *changed.get(one.person.id, (q.offered, "")))
            for one in shown.people
            if one.attestation_id is None
            for q in one.questions
        ]


Opens = Callable[..., Held]


@pytest.fixture
def opened(register: Register) -> Opens:
    """Open a workshop: `opened(names=2, kind="e-mail")`; `people`: known people instead of new ones."""

    def make(
        names: int = 2,
        *,
        kind: str = "e-mail",
        held_on: date = HELD_ON,
        staff: Staff | None = None,
        people: Sequence[str] = (),
        body: str = BODY,
    ) -> Held:
        known = template(kind)
        assert known is not None
        someone = staff or trainer(register, body)
        place = "salle" if body == BODY else None
        new = NewWorkshop(body, place, held_on, known.title("fr"), known.gestures, known.id)
        id_ = new_workshop(register, someone, new)
        there = list(people) or [
            add_person(
                register,
                someone,
                body,
                given_name=f"Zoé{chr(97 + n)}",
                family_name=f"Bois{chr(97 + n) * 3}",
                identity="known",
                accept_homonyms=True,
            )
            for n in range(names)
        ]
        add_people(register, id_, there, bodies=frozenset({body}))
        return Held(register, someone, id_, there)

    return make
