"""A workshop of eight in a large town: issuing for everyone, and drawing their papers."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from issuer.people.files import add_person
from issuer.prints import Drawing, print_jobs
from issuer.register import Register
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.roles import Grant, Role, Staff
from issuer.workshop.attending import add_people
from issuer.workshop.deciding import Choice, levels
from issuer.workshop.delivering import deliver
from issuer.workshop.grid import Tap, save_taps
from issuer.workshop.papers import to_print
from issuer.workshop.plans import NewWorkshop, new_workshop
from passport.documents.warming import warm_up
from passport.documents.workshop import render_workshop
from passport.gestures import Rating, template
from tests.bench.measure import Row
from tests.issuer.registers import BODY, SEEN_ON

__all__ = ["workshop_rows"]

PEOPLE = 8
ROUNDS = 5
BODIES = frozenset({BODY})


def workshop_rows(name: str, register: Register) -> list[Row]:
    """Return the rows of workshops held in `register`."""
    account = add_account(register, "Bench", Grant(Role.TRAINER, BODY), actor="bench")
    staff = staff_of(register, account)
    assert staff is not None
    warm_up()
    issuing, printing = [], []
    for _ in range(ROUNDS):
        held, people = _held(register, staff)
        choices = _choices(register, held)
        issuing.append(_milliseconds(lambda h=held, c=choices: _deliver(register, staff, h, c)))
        printing.append(_milliseconds(lambda h=held, p=people: _print(register, staff, h, p)))
    return [
        _row(f"{name}: issuing for {PEOPLE} people of a workshop", issuing, "≤ 500 ms"),
        _row(f"{name}: their sheets and cards in one PDF", printing, "≤ 500 ms"),
    ]


def _row(said: str, times: list[float], goal: str) -> Row:
    return Row(
        f"{said} ({min(times):.0f} to {max(times):.0f} ms)", round(median(times), 1), "-", None, None, goal
    )


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _held(register: Register, staff: Staff) -> tuple[str, list[str]]:
    known = template("e-mail")
    assert known is not None
    new = NewWorkshop(BODY, "salle", SEEN_ON, "E-mail", known.gestures, known.id)
    held = new_workshop(register, staff, new)
    people = [
        add_person(
            register,
            staff,
            BODY,
            given_name=f"Zénobie{chr(97 + n)}",
            family_name="Atelier",
            identity="known",
            accept_homonyms=True,
        )
        for n in range(PEOPLE)
    ]
    add_people(register, held, people, bodies=BODIES)
    taps = [Tap(person, id_, Rating.ALONE, 0) for person in people for id_ in known.gestures]
    save_taps(register, staff, held, taps, bodies=BODIES)
    return held, people


def _choices(register: Register, held: str) -> list[Choice]:
    shown = levels(register, held, bodies=BODIES)
    return [
        Choice(one.person.id, question.competence, question.offered, question.offered)
        for one in shown.people
        for question in one.questions
    ]


def _deliver(register: Register, staff: Staff, held: str, choices: list[Choice]) -> None:
    assert len(deliver(register, staff, held, choices, bodies=BODIES).issued) == PEOPLE


def _print(register: Register, staff: Staff, held: str, people: list[str]) -> None:
    found = to_print(register, staff, held, people, bodies=BODIES)
    drawings = [Drawing(job) for job in print_jobs(register, found)]
    assert render_workshop([(one.content, one.symbol) for one in drawings]).startswith(b"%PDF")
