"""What is counted for the board and when; the first page; where to go on; how long a body may attest."""

from __future__ import annotations

import re

import pytest

from issuer.board.care import note_checked
from issuer.board.counting import COUNT_SECONDS, MINIMUM, board, count_again, count_when_due
from issuer.network.directory import places_attesting
from issuer.people.files import add_person
from issuer.register import Register
from issuer.register.bodies import NewBody, add_body
from issuer.register.folder import RegisterError
from issuer.register.issuing import issue
from issuer.staff.accounts import staff_of
from issuer.staff.roles import Role
from issuer.web.upkeep import Upkeep
from tests.issuer.desk.conftest import BODY, OTHER, Seats
from tests.issuer.desk.test_network import CARD
from tests.issuer.registers import Clock, request, rows


def test_upkeep_counts_again_when_an_hour_has_passed_and_something_was_written(
    register: Register, clock: Clock, seat: Seats
) -> None:
    upkeep = Upkeep(register)
    upkeep.errands()
    first = rows(register, "SELECT made_at FROM snapshot WHERE name = 'board'")
    assert first == [(clock.time,)]  # before anybody looked at the page
    issue(register, BODY, [request(n) for n in range(MINIMUM)], actor="test")
    clock.time += COUNT_SECONDS - 1
    upkeep.errands()
    assert board(register).people == 0
    clock.time += 1
    upkeep.errands()
    assert board(register).people == MINIMUM
    assert (
        f"Personnes avec une attestation\u00a0: {MINIMUM}" in seat(Role.AGENCY).client.get("/desk/board").text
    )


def test_upkeep_counts_nothing_when_nothing_was_written(register: Register, clock: Clock) -> None:
    assert count_when_due(register)
    clock.time += 10 * COUNT_SECONDS
    assert not count_when_due(register)
    issue(register, BODY, [request(1)], actor="test")
    assert count_when_due(register)
    clock.time += 2 * COUNT_SECONDS
    count_again(register)
    clock.time -= 2 * COUNT_SECONDS  # the count is of a time to come: the clock was ahead
    issue(register, BODY, [request(2)], actor="test")
    assert count_when_due(register)


def test_a_count_that_fails_stops_no_mail(
    register: Register, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Register) -> bool:
        raise RegisterError("No.", code="locked")

    monkeypatch.setattr("issuer.web.upkeep.count_when_due", fail)
    Upkeep(register).errands()
    assert [record.getMessage() for record in caplog.records] == ["board.failed"]


def test_the_board_says_when_the_register_was_last_checked(seat: Seats, register: Register) -> None:
    agency = seat(Role.AGENCY)
    assert "Dernier contrôle" not in agency.client.get("/desk/board").text
    note_checked(register, 0)
    assert (
        "Dernier contrôle du registre\u00a0: le 21 septembre 2026." in agency.client.get("/desk/board").text
    )


def test_groups_that_are_all_small_are_named_without_a_plot(seat: Seats, register: Register) -> None:
    issue(register, BODY, [request(n) for n in range(MINIMUM - 1)], actor="test")
    count_again(register)
    page = seat(Role.AGENCY).client.get("/desk/board").text
    assert "<svg" not in page.partition("<h1>")[2]
    assert "Trop peu de personnes pour un chiffre" in page
    assert "Personnes par structure" in page


def test_the_first_page_opens_what_each_role_may_do_and_says_what_waits(
    seat: Seats, register: Register
) -> None:
    for role in Role:
        page = seat(role).client.get("/desk").text
        doors = re.findall(r'<li><a href="(/desk/[a-z/]+)\?lang=fr"><strong>', page)
        assert doors, role
        for door in doors:
            assert seat(role).client.get(door).status_code == 200, (role, door)
    assert "Fiches de lieux à compléter\u00a0: 2" in seat(Role.REFERENT).client.get("/desk").text
    assert "Points à surveiller" in seat(Role.AUDITOR).client.get("/desk").text
    assert "À faire" not in seat(Role.TRAINER).client.get("/desk").text


def test_where_to_go_on_is_where_the_framework_is_attested(seat: Seats, register: Register) -> None:
    referent = seat(Role.REFERENT)
    referent.client.post(f"/desk/places/{BODY}/salle", data={"csrf": referent.csrf, **CARD})
    add_body(
        register,
        NewBody("pix", "Lieu du CRCN", "association", (("crcn", 1, 5),), (("ici", "Salle du CRCN"),)),
        actor="test",
    )
    places = places_attesting(register, "digcomp-3.0", first=frozenset({OTHER}))
    assert {one.body for one in places} <= {BODY, OTHER}
    assert [one.key for one in places_attesting(register, "crcn", first=frozenset())] == ["pix.ici"]
    trainer = seat(Role.TRAINER)
    staff = staff_of(register, trainer.account)
    assert staff is not None
    someone = add_person(
        register,
        staff,
        BODY,
        given_name="Zoé",
        family_name="Sautarel",
        identity="known",
        accept_homonyms=True,
    )
    found = trainer.client.post("/desk/people", data={"csrf": trainer.csrf, "text": "Sautarel"}).text
    assert "pas encore vu(e)" in found
    page = trainer.client.get(f"/desk/people/{someone}").text
    assert f'href="/reseau?lang=fr#{BODY}.salle"' in page
    assert "samedi\u00a0: 10\u00a0h\u00a0–\u00a012\u00a0h" in page
    assert "Salle du CRCN" not in page


def test_the_page_of_a_body_says_since_when_and_until_when(seat: Seats, register: Register) -> None:
    agency = seat(Role.AGENCY)
    path = f"/desk/bodies/{BODY}"
    assert re.search(r"niveaux 1 à \d, depuis le ", agency.client.get(path).text)
    agency.post(path, act="end_accreditation", framework="digcomp-3.0")
    page = agency.client.get(path).text
    assert "Ce qu’elle a pu attester" in page
    assert re.search(r"niveaux 1 à \d, du .* au ", page)
