"""Coming in with a password and a code: what is answered, what is counted, what a session is worth."""

from __future__ import annotations

import logging
import re
import threading

import argon2
import pyotp
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from issuer.register import Register
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.managing import end_role
from issuer.staff.roles import Grant, Role
from issuer.staff.signing_in import normal_sign_in_name
from issuer.staff.throttle import begin_attempt
from issuer.staff.ways import renew_codes, set_app, set_password
from issuer.web.desk.cookies import cookie_name
from passport.errors import PassportError
from tests.issuer.desk.conftest import BODY, Seats
from tests.issuer.registers import Clock, rows

PASSWORD = "loutre galet brioche sabot"
WRONG = "L’identifiant, le mot de passe ou le code ne va pas"


class Colleague:
    """Somebody with a password, an application and a sheet."""

    def __init__(self, register: Register) -> None:
        self.account = add_account(register, "Zoé Vidal", Grant(Role.TRAINER, BODY), actor="test")
        staff = staff_of(register, self.account)
        assert staff is not None
        self.name = set_password(register, staff, PASSWORD)
        self.codes = renew_codes(register, staff)
        self.seed = pyotp.random_base32()
        set_app(register, staff, self.seed, pyotp.TOTP(self.seed).at(register.now()))

    def app(self, clock: Clock) -> str:
        return pyotp.TOTP(self.seed).at(int(clock.time))


@pytest.fixture
def zoe(register: Register) -> Colleague:
    return Colleague(register)


def enter(client: TestClient, name: str, code: str, password: str = PASSWORD, **more: str) -> Response:
    fields = {"name": name, "password": password, "code": code, "device": "own", **more}
    return client.post("/desk/sign-in", data=fields, follow_redirects=False)


def opens(client: TestClient) -> bool:
    return client.get("/desk", follow_redirects=False).status_code == 200


def test_name_password_and_code_open_the_desk(nobody: TestClient, zoe: Colleague) -> None:
    assert re.fullmatch(r"zoe\.[0-9]{4}", zoe.name)
    answer = enter(nobody, zoe.name.upper() + " ", zoe.codes[0].lower(), next="/desk/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/account?lang=fr")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-desk=")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        *("httponly", "secure", "path=/", "samesite=lax")
    }
    assert opens(nobody)


def test_on_a_shared_device_a_pin_is_offered_first(nobody: TestClient, zoe: Colleague) -> None:
    answer = enter(nobody, zoe.name, zoe.codes[0], device="shared")
    assert answer.headers["location"] == "/desk/pin?next=/desk&lang=fr"
    assert nobody.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/desk/../p",
        "/desk//evil",
        "/p",
        "/desk?x=1",
        "/deskx",
        "\\desk",
    ],
)
def test_afterwards_somebody_is_led_to_the_desk_and_nowhere_else(
    nobody: TestClient, zoe: Colleague, wanted: str
) -> None:
    answer = enter(nobody, zoe.name, zoe.codes[0], next=wanted)
    assert answer.headers["location"] == "/desk?lang=fr"
    assert f'value="{wanted}"' not in nobody.get("/desk/sign-in", params={"next": wanted}).text


def test_a_printed_code_opens_once(nobody: TestClient, zoe: Colleague) -> None:
    assert enter(nobody, zoe.name, zoe.codes[3]).status_code == 303
    nobody.cookies.clear()
    assert enter(nobody, zoe.name, zoe.codes[3]).status_code == 422
    assert enter(nobody, zoe.name, zoe.codes[4]).status_code == 303


def test_a_code_of_the_application_opens_once_and_none_before_it(
    nobody: TestClient, zoe: Colleague, clock: Clock
) -> None:
    assert enter(nobody, zoe.name, zoe.app(clock)).status_code == 422  # shown when it was set up
    clock.time += 60
    earlier, now = pyotp.TOTP(zoe.seed).at(int(clock.time) - 30), zoe.app(clock)
    assert enter(nobody, zoe.name, f"{now[:3]} {now[3:]}").status_code == 303
    nobody.cookies.clear()
    assert [enter(nobody, zoe.name, code).status_code for code in (now, earlier)] == [422, 422]
    clock.time -= 60  # set back: what was taken stays taken
    assert enter(nobody, zoe.name, zoe.app(clock)).status_code == 422


def test_a_code_of_another_opens_nothing(nobody: TestClient, register: Register, zoe: Colleague) -> None:
    other = Colleague(register)
    assert enter(nobody, zoe.name, other.codes[0]).status_code == 422
    assert enter(nobody, other.name, other.codes[0]).status_code == 303


def test_every_wrong_answer_is_the_same_answer_after_the_same_work(
    nobody: TestClient, zoe: Colleague, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, *given: str) -> bool:
        reckoned.append(given[0])
        return verify(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    clock.time += 60
    tried = [
        (zoe.name, "2346B-CDFGH", PASSWORD),
        (zoe.name, zoe.codes[0], "wrong"),
        (zoe.name, "", PASSWORD),
        ("personne.0000", zoe.codes[0], PASSWORD),
        ("", "", ""),
        ("x" * 60, "1" * 20, "y" * 200),
    ]
    bodies = set()
    for name, code, password in tried:
        before = len(reckoned)
        answer = enter(nobody, name, code, password)
        assert len(reckoned) - before == 1
        assert (answer.status_code, WRONG in answer.text) == (422, True)
        assert not password or password not in answer.text
        bodies.add(re.sub(r'value="[^"]*" autocomplete="username"', "", answer.text))
    assert len(bodies) == 1


def test_what_was_typed_as_a_name_comes_back_and_the_password_does_not(nobody: TestClient) -> None:
    answer = enter(nobody, '"><script>', "1", "unusual password")
    assert "&#34;&gt;&lt;script&gt;" in answer.text
    assert "unusual password" not in answer.text


def test_the_wait_grows_and_is_the_same_for_who_is_not_there(
    nobody: TestClient, zoe: Colleague, clock: Clock
) -> None:
    waits: dict[str, list[str | None]] = {zoe.name: [], "personne.0000": []}
    for name, seen in waits.items():
        for _ in range(6):
            answer = enter(nobody, name, "1", "wrong")
            seen.append(answer.headers.get("retry-after"))
            clock.time += int(answer.headers.get("retry-after", 0))
    assert waits[zoe.name] == waits["personne.0000"]
    assert [wait for wait in waits[zoe.name] if wait] == ["2"]
    for _ in range(4):
        clock.time += 1_000
        enter(nobody, zoe.name, "1", "wrong")
    answer = enter(nobody, zoe.name, zoe.codes[0])
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 8
    assert "Rien n’est bloqué" in answer.text
    clock.time += int(answer.headers["retry-after"])
    assert enter(nobody, zoe.name, zoe.codes[0]).status_code == 303  # right, once the wait is over
    nobody.cookies.clear()
    assert enter(nobody, zoe.name, "1", "wrong").status_code == 422  # and forgiven


def test_a_wait_is_never_longer_than_its_bound_however_the_clock_goes(
    register: Register, clock: Clock
) -> None:
    for _ in range(60):
        attempt = begin_attempt(register, name="a", network="192.0.2.1")
        clock.time += attempt.wait
    assert begin_attempt(register, name="a", network="192.0.2.1").wait <= 900
    clock.time -= 30 * 86_400
    assert begin_attempt(register, name="a", network="192.0.2.1").wait <= 900
    clock.time += 32 * 86_400
    assert begin_attempt(register, name="a", network="192.0.2.1").wait == 0


def test_a_stranger_elsewhere_keeps_nobody_out_where_they_come_in(
    register: Register, nobody: TestClient, zoe: Colleague, clock: Clock
) -> None:
    assert enter(nobody, zoe.name, zoe.codes[0]).status_code == 303
    nobody.cookies.clear()
    for number in range(120):
        begin_attempt(register, name=zoe.name, network=f"198.51.100.{number}")
    assert begin_attempt(register, name=zoe.name, network="203.0.113.9").wait > 0
    assert enter(nobody, zoe.name, zoe.codes[1]).status_code == 303


def test_a_network_that_tries_many_names_waits(register: Register) -> None:
    waits = [begin_attempt(register, name=f"n{n}", network="192.0.2.1").wait for n in range(45)]
    assert waits[0] == 0
    assert waits[-1] > 0
    assert begin_attempt(register, name="n", network="192.0.2.2").wait == 0


def test_a_thousand_at_once_are_counted_before_they_are_compared(register: Register) -> None:
    waits: list[int] = []
    threads = [
        threading.Thread(target=lambda: waits.append(begin_attempt(register, name="a", network="n").wait))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(0) == 4


def test_what_is_counted_names_nobody(register: Register) -> None:
    begin_attempt(register, name="zoe.1234", network="192.0.2.77")
    kept = str(rows(register, "SELECT * FROM throttle"))
    assert "zoe" not in kept
    assert "192.0.2" not in kept


def test_a_stolen_cookie_opens_nothing_after_the_sign_out(
    nobody: TestClient, register: Register, zoe: Colleague
) -> None:
    enter(nobody, zoe.name, zoe.codes[0])
    name = cookie_name(register)
    stolen = nobody.cookies[name]
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', nobody.get("/desk").text)
    assert csrf is not None
    assert nobody.post("/desk/sign-out", data={"csrf": "0" * 64}).status_code == 403
    assert opens(nobody)
    left = nobody.post("/desk/sign-out", data={"csrf": csrf[1]}, follow_redirects=False)
    assert left.headers["clear-site-data"] == '"cache"'
    assert name not in nobody.cookies
    nobody.cookies.set(name, stolen)
    assert not opens(nobody)
    replayed = nobody.post("/desk/sign-out", data={"csrf": csrf[1]}, follow_redirects=False)
    assert replayed.status_code == 303


def test_a_sign_in_gives_a_new_session_and_ends_the_one_before(
    nobody: TestClient, register: Register, zoe: Colleague
) -> None:
    name = cookie_name(register)
    nobody.cookies.set(name, "A" * 43)  # fixed by somebody else beforehand
    enter(nobody, zoe.name, zoe.codes[0])
    first = nobody.cookies.get(name, domain="pass.example")
    assert first not in {None, "A" * 43}
    page = nobody.get("/desk").text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert csrf is not None
    assert enter(nobody, zoe.name, zoe.codes[1], csrf=csrf[1]).status_code == 303
    assert len(rows(register, "SELECT * FROM staff_session WHERE ended_at IS NULL")) == 1


def test_a_role_that_is_taken_away_ends_the_session_and_the_sign_in(
    nobody: TestClient, register: Register, zoe: Colleague, seat: Seats
) -> None:
    enter(nobody, zoe.name, zoe.codes[0])
    assert opens(nobody)
    referent = staff_of(register, seat(Role.REFERENT).account)
    assert referent is not None
    end_role(register, referent, zoe.account, Grant(Role.TRAINER, BODY))
    assert not opens(nobody)
    assert WRONG in enter(nobody, zoe.name, zoe.codes[1]).text


def test_another_sites_page_signs_nobody_in(nobody: TestClient, zoe: Colleague) -> None:
    fields = {"name": zoe.name, "password": PASSWORD, "code": zoe.codes[0]}
    answer = nobody.post("/desk/sign-in", data=fields, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not opens(nobody)


def test_nothing_of_a_sign_in_is_logged_or_kept_in_the_clear(
    nobody: TestClient, register: Register, zoe: Colleague, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    enter(nobody, zoe.name, zoe.codes[0])
    cookie = nobody.cookies[cookie_name(register)]
    nobody.cookies.clear()
    enter(nobody, zoe.name, zoe.codes[1], "wrong password")
    kept = "".join(
        str(rows(register, f"SELECT * FROM {table}"))  # noqa: S608 (names of our own tables)
        for table in ("account", "recovery_code", "staff_session", "throttle", "audit_row")
    )
    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    for secret in (PASSWORD, zoe.codes[0], zoe.seed, "wrong password", cookie):
        assert secret not in kept
        assert secret not in logged
    assert zoe.name not in logged
    assert "Zoé" not in str(rows(register, "SELECT detail FROM audit_row"))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("onze lettre", "password_short"),
        ("x" * 129, "password_long"),
        ("motdepasse123", "password_common"),
        ("Zoé Vidal 2026 !", "password_common"),
        ("azertyuiop1234", "password_common"),
        ("Attestation2026", "password_common"),
        ("aaaaaaaaaaaaaaaa", "password_common"),
    ],
)
def test_a_password_that_is_tried_first_is_not_taken(
    register: Register, zoe: Colleague, password: str, code: str
) -> None:
    staff = staff_of(register, zoe.account)
    assert staff is not None
    with pytest.raises(PassportError) as caught:
        set_password(register, staff, password)
    assert caught.value.code == code


def test_a_password_is_the_same_on_every_keyboard(
    nobody: TestClient, register: Register, zoe: Colleague
) -> None:
    staff = staff_of(register, zoe.account)
    assert staff is not None
    set_password(register, staff, "Cafe\u0301 lointain vif")
    assert enter(nobody, zoe.name, zoe.codes[0], "Caf\u00e9 lointain vif").status_code == 303


def test_names_are_read_as_people_type_them() -> None:
    assert normal_sign_in_name(" Zoé.1234 ") == normal_sign_in_name("zoe.1234") == "zoe.1234"
