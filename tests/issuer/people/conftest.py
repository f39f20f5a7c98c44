"""A register with two bodies, on SQLite or on PostgreSQL, and somebody who works in each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from issuer.people.files import add_person
from issuer.register import Register
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.roles import Grant, Role, Staff
from tests.issuer.registers import BODY, OTHER

AddPerson = Callable[..., str]


def new_staff(register: Register, role: Role, body: str | None) -> Staff:
    account = add_account(register, "Camille Vidal", Grant(role, body), actor="test")
    staff = staff_of(register, account)
    assert staff is not None
    return staff


@pytest.fixture
def trainer(register: Register) -> Staff:
    return new_staff(register, Role.TRAINER, BODY)


@pytest.fixture
def stranger(register: Register) -> Staff:
    """A trainer of the other body."""
    return new_staff(register, Role.TRAINER, OTHER)


@pytest.fixture
def add(register: Register, trainer: Staff) -> AddPerson:
    """Add somebody to the first body: `add("Hélène", "Sautarel")`."""

    def make(given: str, family: str, **more: object) -> str:
        values = {"identity": "known", "accept_homonyms": True, **more}
        return add_person(register, trainer, BODY, given_name=given, family_name=family, **values)  # type: ignore[arg-type]

    return make
