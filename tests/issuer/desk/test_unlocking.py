"""Locking, the PIN of the day, and the second factor again: nothing typed is lost or opens by itself."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.staff.accounts import staff_of
from issuer.staff.roles import Role
from issuer.staff.sessions import open_session, session_of
from issuer.staff.ways import renew_codes, set_app
from tests.issuer.desk.conftest import BODY, Seat, Seats, sign_in
from tests.issuer.registers import Clock, rows

LOCKED = "Le guichet est verrouillé"
PROVE = "Encore une vérification"


def codes_of(register: Register, seat: Seat) -> list[str]:
    staff = staff_of(register, seat.account)
    assert staff is not None
    return renew_codes(register, staff)


def post(seat: Seat, path: str, **fields: str) -> Any:
    return seat.client.post(path, data={"csrf": seat.csrf, **fields}, follow_redirects=False)


@pytest.fixture
def tablet(seat: Seats) -> Seat:
    """A trainer on a shared tablet, with a PIN."""
    made = seat(Role.TRAINER, shared=True)
    assert post(made, "/desk/pin", pin="7391", again="7391").status_code == 303
    return made


def test_a_shared_device_locks_itself_and_the_pin_leads_back(tablet: Seat, clock: Clock) -> None:
    clock.time += 899
    assert tablet.client.get("/desk").status_code == 200
    clock.time += 900
    led = tablet.client.get("/desk/account", follow_redirects=False)
    assert led.headers["location"] == "/desk/locked?lang=fr&next=/desk/account"
    page = tablet.client.get(led.headers["location"])
    assert LOCKED in page.text
    assert "Mon accès" not in page.text  # no menu, no name
    assert "Camille" not in page.text
    opened = post(tablet, "/desk/locked", hold_pin="7391", next="/desk/account")
    assert (opened.status_code, opened.headers["location"]) == (303, "/desk/account?lang=fr")
    assert tablet.client.get("/desk").status_code == 200


def test_a_form_that_comes_into_a_locked_session_goes_on_after_the_pin(
    tablet: Seat, clock: Clock, register: Register
) -> None:
    clock.time += 900
    held = post(tablet, "/desk/pin", pin="4 2 9 6", again="4296", next="/desk/account")
    assert LOCKED in held.text
    carried = re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', held.text)
    fields = {name: value for name, value in carried if name not in {"csrf", "next"} or value}
    assert fields["again"] == "4296"
    wrong = post(tablet, "/desk/pin", **{**fields, "pin": "4296", "hold_pin": "0000"})
    assert (wrong.status_code, 'value="4296"' in wrong.text) == (422, True)
    went_on = post(tablet, "/desk/pin", **{**fields, "pin": "4296", "hold_pin": "7391", "csrf": tablet.csrf})
    assert went_on.headers["location"] == "/desk/account?lang=fr&done=pin_set"


def test_five_wrong_pins_end_the_session(tablet: Seat, register: Register) -> None:
    post(tablet, "/desk/lock")
    answers = [post(tablet, "/desk/locked", hold_pin="1111") for _ in range(4)]
    assert [re.search(r"entrer de nouveau\s: (\d)", a.text)[1] for a in answers] == list("4321")  # type: ignore[index]
    last = post(tablet, "/desk/locked", hold_pin="1111")
    assert last.headers["location"].startswith("/desk/sign-in")
    assert post(tablet, "/desk/locked", hold_pin="7391").headers["location"].startswith("/desk/sign-in")
    assert rows(register, "SELECT count(*) FROM staff_session WHERE ended_at IS NULL") == [(0,)]


def test_a_right_pin_forgives_the_wrong_ones(tablet: Seat) -> None:
    for _ in range(3):
        post(tablet, "/desk/lock")
        for _ in range(3):
            assert post(tablet, "/desk/locked", hold_pin="1111").status_code == 422
        assert post(tablet, "/desk/locked", hold_pin="7391").status_code == 303


def test_a_pin_lives_as_long_as_its_session_and_no_longer(tablet: Seat, clock: Clock) -> None:
    clock.time += 12 * 3_600
    assert post(tablet, "/desk/locked", hold_pin="7391").headers["location"].startswith("/desk/sign-in")


def test_a_pin_is_worth_nothing_in_another_session(tablet: Seat, register: Register, app: object) -> None:
    other = sign_in(register, app, tablet.account, shared=True)
    post(other, "/desk/lock")
    assert LOCKED in post(other, "/desk/locked", hold_pin="7391").text
    assert other.client.get("/desk", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("pin", ["", "123", "123456789", "0000", "4321", "12a4", "١٢٣٤"])
def test_what_is_no_pin_is_not_taken(seat: Seats, register: Register, pin: str) -> None:
    trainer = seat(Role.TRAINER, shared=True)
    assert post(trainer, "/desk/pin", pin=pin, again=pin).status_code == 422
    assert post(trainer, "/desk/pin", pin="7391", again="7392").status_code == 422
    assert rows(register, "SELECT pin FROM staff_session") == [(None,)]


def test_a_clock_that_goes_back_unlocks_nothing(tablet: Seat, clock: Clock) -> None:
    clock.time += 900
    assert tablet.client.get("/desk", follow_redirects=False).status_code == 303
    clock.time -= 890
    led = tablet.client.get("/desk", follow_redirects=False)
    assert led.headers["location"].startswith("/desk/locked")


def test_a_clock_that_goes_far_back_locks_what_was_open(seat: Seats, clock: Clock) -> None:
    clock.time += 10_000
    trainer = seat(Role.TRAINER)
    clock.time -= 61
    assert trainer.client.get("/desk", follow_redirects=False).status_code == 303


def test_a_locked_session_does_nothing_and_can_be_left(tablet: Seat) -> None:
    post(tablet, "/desk/lock", next="/desk/account")
    assert LOCKED in post(tablet, "/desk/account/codes").text
    assert tablet.client.get("/desk/staff").status_code == 403
    assert post(tablet, "/desk/sign-out").headers["location"].startswith("/desk/sign-in")


def test_what_needs_a_second_factor_asks_and_leads_back(
    seat: Seats, register: Register, clock: Clock
) -> None:
    trainer = seat(Role.TRAINER)
    codes = codes_of(register, trainer)
    clock.time += 601
    led = trainer.client.get("/desk/account/password", follow_redirects=False)
    assert led.headers["location"] == "/desk/prove?lang=fr&next=/desk/account/password"
    assert PROVE in trainer.client.get(led.headers["location"]).text
    assert post(trainer, "/desk/prove", hold_code="2222222222").status_code == 422
    proved = post(trainer, "/desk/prove", hold_code=codes[0], next="/desk/account/password")
    assert proved.headers["location"] == "/desk/account/password?lang=fr"
    assert trainer.client.get("/desk/account/password", follow_redirects=False).status_code == 200
    clock.time += 601
    assert post(trainer, "/desk/prove", hold_code=codes[0]).status_code == 422  # used


def test_a_form_that_needs_a_second_factor_is_carried_along(
    seat: Seats, register: Register, clock: Clock
) -> None:
    referent = seat(Role.REFERENT)
    codes = codes_of(register, referent)
    clock.time += 601
    fields = {"name": 'Zoé "Z" Vidal', "role": f"trainer:{BODY}"}
    held = post(referent, "/desk/staff/links", **fields)
    assert PROVE in held.text
    assert 'name="name" value="Zoé &#34;Z&#34; Vidal"' in held.text
    assert rows(register, "SELECT * FROM enrolment") == []
    assert 'value="Zoé' in post(referent, "/desk/staff/links", **fields, hold_code="1").text
    done = post(referent, "/desk/staff/links", **fields, hold_code=codes[0])
    assert "Le lien est prêt" in done.text
    assert rows(register, "SELECT name FROM enrolment") == [('Zoé "Z" Vidal',)]


def test_a_proof_is_for_one_session_and_a_clock_that_goes_back_ends_it(
    seat: Seats, register: Register, app: object, clock: Clock
) -> None:
    trainer = seat(Role.TRAINER)
    other = sign_in(register, app, trainer.account, proved=False)
    assert trainer.client.get("/desk/account/password", follow_redirects=False).status_code == 200
    assert other.client.get("/desk/account/password", follow_redirects=False).status_code == 303
    clock.time -= 30
    assert trainer.client.get("/desk/account/password", follow_redirects=False).status_code == 303


def test_wrong_codes_slow_down(seat: Seats, register: Register, clock: Clock) -> None:
    trainer = seat(Role.TRAINER, proved=False)
    codes = codes_of(register, trainer)
    answers = [post(trainer, "/desk/prove", hold_code="2222222222").status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]
    assert post(trainer, "/desk/prove", hold_code=codes[0]).status_code == 429
    clock.time += 900
    assert post(trainer, "/desk/prove", hold_code=codes[0]).status_code == 303


def test_somebody_ends_their_own_sessions_and_nobody_elses(
    seat: Seats, register: Register, app: object
) -> None:
    trainer, stranger = seat(Role.TRAINER), seat(Role.TRAINER)
    second = sign_in(register, app, trainer.account)
    ids = {
        str(digest): str(id_)
        for digest, id_ in rows(register, "SELECT account, id FROM staff_session ORDER BY created_at")
    }
    post(trainer, "/desk/account/sessions/end", id=ids[stranger.account])
    assert stranger.client.get("/desk").status_code == 200
    post(trainer, "/desk/account/sessions/end", id=ids[trainer.account])
    alive = [one.client.get("/desk", follow_redirects=False).status_code for one in (trainer, second)]
    assert sorted(alive) == [200, 303]
    left = trainer if alive[0] == 200 else second
    assert post(left, "/desk/account/sessions/end", id="all").headers["location"].startswith("/desk/sign-in")
    assert left.client.get("/desk", follow_redirects=False).status_code == 303


def test_an_application_is_set_up_by_showing_its_code(seat: Seats, register: Register, clock: Clock) -> None:
    trainer = seat(Role.TRAINER)
    page = post(trainer, "/desk/account/app").text
    seed = re.search(r'<code class="address">([A-Z2-7 ]+)</code>', page)
    flow = re.search(r'name="flow" value="([^"]+)"', page)
    assert seed is not None
    assert flow is not None
    other = seat(Role.TRAINER)
    stolen = post(other, "/desk/account/app/confirm", flow=flow[1], code="000000")
    assert stolen.status_code == 422
    page = post(trainer, "/desk/account/app").text
    seed, flow = (
        re.search(r'<code class="address">([A-Z2-7 ]+)</code>', page),
        re.search(r'name="flow" value="([^"]+)"', page),
    )
    assert seed is not None
    assert flow is not None
    code = pyotp.TOTP(seed[1].replace(" ", "")).at(int(clock.time))
    assert post(trainer, "/desk/account/app/confirm", flow=flow[1], code=code).status_code == 303
    assert "Application de codes\u00a0: oui" in trainer.client.get("/desk/account").text


def test_a_session_without_its_account_is_nobody(register: Register, nobody: TestClient) -> None:
    assert session_of(register, "A" * 43) is None
    assert session_of(register, "") is None


def test_an_application_set_twice_keeps_the_last(register: Register, seat: Seats, clock: Clock) -> None:
    staff = staff_of(register, seat(Role.TRAINER).account)
    assert staff is not None
    for _ in range(2):
        seed = pyotp.random_base32()
        set_app(register, staff, seed, pyotp.TOTP(seed).at(int(clock.time)))
    assert open_session(register, staff.account, way="t", device="d", is_shared=False, proved=False)
