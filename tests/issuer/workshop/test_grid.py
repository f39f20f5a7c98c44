"""The grid: every cell for itself, nothing lost, nothing overwritten unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from issuer.register import Register
from issuer.workshop.attending import add_people, attendees, people_of_last, take_off
from issuer.workshop.grid import Cell, Saved, Tap, grid, save_taps
from issuer.workshop.plans import NewWorkshop, new_workshop
from passport.errors import PassportError
from passport.gestures import Rating, template
from tests.issuer.registers import BODY, rows
from tests.issuer.workshop.conftest import BODIES, HELD_ON, Held, Opens, trainer

G = "2.1.g1"


def tap(held: Held, rating: Rating | None, revision: int, **more: object) -> Saved:
    one = Tap(held.people[0], str(more.get("gesture", G)), rating, revision)
    return save_taps(
        held.register,
        more.get("staff", held.staff),  # type: ignore[arg-type]
        held.id,
        [one],
        bodies=BODIES,
    )


def test_a_tap_is_kept_counted_and_unticked(register: Register, opened: Opens) -> None:
    held = opened(1)
    person = held.people[0]
    assert tap(held, Rating.ALONE, 0).grid.cell(person, G) == Cell(Rating.ALONE, 1)
    assert tap(held, Rating.NOT_YET, 1).grid.cell(person, G) == Cell(Rating.NOT_YET, 2)
    assert tap(held, None, 2).grid.cell(person, G) == Cell(None, 3)
    assert rows(register, "SELECT rating, revision, by FROM rating") == [("", 3, held.staff.actor)]


def test_the_same_tap_sent_again_changes_nothing(register: Register, opened: Opens) -> None:
    held = opened(1)
    tap(held, Rating.ALONE, 0)
    again = tap(held, Rating.ALONE, 0)
    assert again.conflicts == ()
    assert again.grid.cell(held.people[0], G) == Cell(Rating.ALONE, 1)
    assert tap(held, None, 0, gesture="2.1.g2").grid.cell(held.people[0], "2.1.g2") == Cell()


def test_two_trainers_on_one_cell_see_both_values_and_nothing_is_overwritten(
    register: Register, opened: Opens
) -> None:
    held, other = opened(1), trainer(register, name="Sacha Brun")
    tap(held, Rating.ALONE, 0, staff=other)
    (conflict,) = tap(held, Rating.NOT_YET, 0).conflicts
    assert (conflict.tap.rating, conflict.cell, conflict.by) == (
        Rating.NOT_YET,
        Cell(Rating.ALONE, 1),
        "Sacha Brun",
    )
    assert grid(register, held.id, bodies=BODIES).cell(held.people[0], G) == Cell(Rating.ALONE, 1)
    # Chosen again, over what is there now.
    assert tap(held, Rating.NOT_YET, 1).conflicts == ()


def test_two_trainers_on_two_cells_both_keep_theirs(register: Register, opened: Opens) -> None:
    held = opened(1)
    gestures, other = ["2.1.g1", "2.1.g2", "2.1.g3", "2.2.g1"], trainer(register, name="Sacha")

    def all_of(staff: object, rating: Rating, mine: list[str]) -> None:
        for id_ in mine:
            assert tap(held, rating, 0, gesture=id_, staff=staff).conflicts == ()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(all_of, held.staff, Rating.ALONE, gestures[:2])
        two = pool.submit(all_of, other, Rating.WITH_HELP, gestures[2:])
        one.result()
        two.result()
    shown = grid(register, held.id, bodies=BODIES)
    found = [shown.cell(held.people[0], id_).rating for id_ in gestures]
    assert found == [Rating.ALONE, Rating.ALONE, Rating.WITH_HELP, Rating.WITH_HELP]


def test_one_tap_that_has_no_cell_refuses_all_of_them(register: Register, opened: Opens) -> None:
    held, other = opened(1), opened(1)
    good = Tap(held.people[0], G, Rating.ALONE, 0)
    for bad in (
        Tap(other.people[0], G, Rating.ALONE, 0),
        Tap(held.people[0], "5.1.g1", Rating.ALONE, 0),
        Tap("zz", "zz", None, 0),
    ):
        with pytest.raises(PassportError) as refused:
            save_taps(register, held.staff, held.id, [good, bad], bodies=BODIES)
        assert refused.value.code == "unknown_cell"
    assert rows(register, "SELECT count(*) FROM rating") == [(0,)]


def test_whoever_is_taken_off_the_list_and_comes_back_has_their_taps(
    register: Register, opened: Opens
) -> None:
    held = opened(2)
    tap(held, Rating.ALONE, 0)
    take_off(register, held.id, held.people[0], bodies=BODIES)
    assert [one.id for one in attendees(register, held.id, bodies=BODIES)] == held.people[1:]
    with pytest.raises(PassportError):
        tap(held, Rating.NOT_YET, 1)
    add_people(register, held.id, held.people, bodies=BODIES)
    assert [one.id for one in attendees(register, held.id, bodies=BODIES)] == held.people
    shown = grid(register, held.id, bodies=BODIES)
    assert shown.cell(held.people[0], G) == Cell(Rating.ALONE, 1)


def test_the_people_of_the_last_workshop_are_offered(register: Register, opened: Opens) -> None:
    held = opened(2)
    known = template("e-mail")
    assert known is not None
    id_ = new_workshop(register, held.staff, NewWorkshop(BODY, None, HELD_ON, "Suite", known.gestures))
    assert [one.id for one in people_of_last(register, id_, bodies=BODIES)] == held.people
    add_people(register, id_, held.people[:1], bodies=BODIES)
    assert [one.id for one in people_of_last(register, id_, bodies=BODIES)] == held.people[1:]


def _new(**changed: object) -> NewWorkshop:
    known = template("e-mail")
    assert known is not None
    usual: dict[str, object] = {
        "body": BODY,
        "place": "salle",
        "held_on": HELD_ON,
        "title": "E-mail",
        "gestures": known.gestures,
    }
    return NewWorkshop(**{**usual, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": ""}, "workshop_title"),
        ({"title": "a" * 101}, "workshop_title"),
        ({"title": "a\u202eb"}, "workshop_title"),
        ({"gestures": ("2.1.g1",) * 5}, "workshop_gestures"),
        ({"gestures": ("2.1.g1", "2.1.g2", "2.1.g3", "2.1.g4")}, "workshop_gestures"),
        ({"gestures": (*(f"2.1.g{n}" for n in range(1, 8)), "2.2.g1", "2.2.g2")}, "workshop_gestures"),
        ({"gestures": ("2.1.g1", "2.2.g1", "2.3.g1", "2.4.g1", "2.4.g2")}, "workshop_competences"),
        ({"gestures": ("2.1.g1", "2.1.g2", "2.1.g3", "2.1.g4", "D1.g1")}, "workshop_framework"),
        ({"gestures": ("2.1.g1", "2.1.g2", "2.1.g3", "2.1.g4", "zz")}, "unknown_gesture"),
    ],
)
def test_what_is_no_workshop_is_refused(changed: dict[str, object], code: str) -> None:
    with pytest.raises(PassportError) as refused:
        _new(**changed)
    assert refused.value.code == code


def test_a_workshop_is_of_a_place_and_a_day_and_a_body_of_the_trainer(register: Register) -> None:
    staff = trainer(register)
    for changed, code in (
        ({"place": "ailleurs"}, "workshop_place"),
        ({"held_on": HELD_ON.replace(year=1999)}, "workshop_day"),
        ({"held_on": HELD_ON.replace(year=2028)}, "workshop_day"),
        ({"body": "regie"}, "unknown_body"),
        ({"body": "zz"}, "unknown_body"),
    ):
        with pytest.raises(PassportError) as refused:
            new_workshop(register, staff, _new(**changed))
        assert refused.value.code == code
    assert rows(register, "SELECT count(*) FROM workshop") == [(0,)]
