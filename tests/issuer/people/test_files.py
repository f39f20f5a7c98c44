"""Opening a file: homonyms are a question, what is wrong is refused, and nobody sees the people of others."""

from __future__ import annotations

from datetime import date

import pytest

from issuer.people.files import HomonymsError, add_person, person
from issuer.register import Register
from issuer.register.audit import check
from issuer.register.folder import RegisterError
from issuer.register.issuing import issue
from issuer.staff.roles import Role, Staff
from passport.errors import PassportError
from passport.model import Holder
from tests.issuer.people.conftest import AddPerson, new_staff
from tests.issuer.registers import BODY, OTHER, request, rows

MINE = frozenset({BODY})
BORN = date(1951, 3, 2)


def test_a_person_is_added_and_seen(register: Register, trainer: Staff) -> None:
    id_ = add_person(
        register,
        trainer,
        BODY,
        given_name="  Hélène ",
        family_name="Sautarel",
        birthdate=BORN,
        identity="seen",
        email=" helene@example.org ",
    )
    seen = person(register, id_, bodies=MINE)
    assert (seen.given_name, seen.family_name, seen.birthdate) == ("Hélène", "Sautarel", BORN)
    assert (seen.email, seen.identities) == ("helene@example.org", {BODY: "seen"})
    assert "Sautarel" not in repr(seen)
    ((event, detail),) = rows(register, "SELECT event, detail FROM audit_row WHERE event LIKE 'person.%'")
    assert event == "person.added"
    assert "Sautarel" not in str(detail)
    assert check(register) == []


def test_homonyms_are_shown_and_a_human_decides(register: Register, trainer: Staff, add: AddPerson) -> None:
    first = add("Jean", "Dupont")
    with pytest.raises(HomonymsError) as raised:
        add("jean", "DUPOND", accept_homonyms=False)
    assert [one.id for one in raised.value.candidates] == [first]
    assert "upon" not in str(raised.value)
    second = add("jean", "DUPOND", accept_homonyms=True)
    assert second != first


@pytest.mark.parametrize(
    ("other", "born"),
    [("Jean-Pierre Dupont", None), ("Jeanne Martin", None), ("Jean Dupont", date(1960, 1, 1))],
)
def test_another_name_or_birth_date_is_no_homonym(
    register: Register, add: AddPerson, other: str, born: date | None
) -> None:
    add("Jean", "Dupont", birthdate=BORN)
    given_name, _, family_name = other.partition(" ")
    add(given_name, family_name, birthdate=born, accept_homonyms=False)


def test_the_people_of_another_body_are_no_homonyms(
    register: Register, add: AddPerson, stranger: Staff
) -> None:
    add("Jean", "Dupont")
    add_person(register, stranger, OTHER, given_name="Jean", family_name="Dupont", identity="known")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"given_name": " "}, "name_length"),
        ({"given_name": "a" * 101}, "name_length"),
        ({"family_name": "x\u202ey"}, "name_characters"),
        ({"family_name": "="}, "name_characters"),
        ({"birthdate": date(1899, 1, 1)}, "birthdate"),
        ({"birthdate": date(2026, 9, 30)}, "birthdate"),
        ({"identity": "guessed"}, "identity"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.example, c@d.example"}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
    ],
)
def test_what_is_wrong_is_refused(
    register: Register, trainer: Staff, wrong: dict[str, object], code: str
) -> None:
    values = {"given_name": "Jean", "family_name": "Dupont", "identity": "known", **wrong}
    with pytest.raises(PassportError) as raised:
        add_person(register, trainer, BODY, **values)  # type: ignore[arg-type]
    assert raised.value.code == code
    assert rows(register, "SELECT * FROM holder") == []


@pytest.mark.parametrize(("role", "body"), [(Role.TRAINER, OTHER), (Role.AGENCY, None), (Role.AUDITOR, None)])
def test_nobody_adds_people_to_another_body(register: Register, role: Role, body: str | None) -> None:
    staff = new_staff(register, role, body)
    with pytest.raises(RegisterError) as raised:
        add_person(register, staff, BODY, given_name="Jean", family_name="Dupont", identity="known")
    assert raised.value.code == "unknown_body"


def test_another_bodys_person_looks_like_nobody(register: Register, add: AddPerson) -> None:
    id_ = add("Jean", "Dupont")
    said = set()
    for asked, bodies in ((id_, frozenset({OTHER})), ("0" * 24, MINE), (id_, frozenset())):
        with pytest.raises(RegisterError) as raised:
            person(register, asked, bodies=bodies)
        said.add((raised.value.code, str(raised.value)))
    assert len(said) == 1


def test_an_attestation_is_made_for_a_person_who_is_there(register: Register, add: AddPerson) -> None:
    id_ = add("Jean", "Dupont")
    known = request(holder=Holder("Jean", "Dupont"), holder_id=id_)
    issue(register, BODY, [known], actor="test")
    assert rows(register, "SELECT holder_id FROM attestation") == [(id_,)]
    assert rows(register, "SELECT count(*) FROM holder") == [(1,)]


@pytest.mark.parametrize("whose", ["stranger", "nobody"])
def test_no_attestation_for_a_person_of_another_body(
    register: Register, add: AddPerson, stranger: Staff, whose: str
) -> None:
    id_ = "0" * 24
    if whose == "stranger":
        id_ = add_person(register, stranger, OTHER, given_name="Jean", family_name="Dupont", identity="known")
    with pytest.raises(RegisterError) as raised:
        issue(register, BODY, [request(holder_id=id_)], actor="test")
    assert raised.value.code == "unknown_person"
    assert rows(register, "SELECT * FROM attestation") == []
