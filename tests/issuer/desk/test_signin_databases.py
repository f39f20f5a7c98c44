"""What must happen once happens once when two do it at the same moment, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from issuer.register import Register
from issuer.register.access import secret_of
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.enrolling import enrol, invite, opened
from issuer.staff.flows import begin_flow, take_flow
from issuer.staff.managing import colleagues, end_role
from issuer.staff.pins import set_pin, unlock_with_pin
from issuer.staff.roles import Grant, Role
from issuer.staff.sessions import lock_session, open_session, session_of
from issuer.staff.signing_in import sign_in_with_password
from issuer.staff.throttle import begin_attempt
from issuer.staff.ways import renew_codes, set_password, ways_of
from passport.errors import PassportError
from tests.issuer.databases import NewDatabase
from tests.issuer.registers import BODY, Clock, make_register, rows

PASSWORD = "loutre galet brioche sabot"


@pytest.fixture
def register(tmp_path: Path, clock: Clock, new_database: NewDatabase) -> Iterator[Register]:
    folder = tmp_path / "scheme"
    with make_register(folder, clock, url=new_database(folder)) as made:
        yield made


def at_once(call: Callable[[], Any], count: int = 6) -> list[Any]:
    """Run the same call in threads that begin together; return what each returned, or the error's code."""
    start = threading.Barrier(count)

    def run(_: int) -> Any:
        start.wait()
        try:
            return call()
        except PassportError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_one_code_lets_one_in(register: Register) -> None:
    account = add_account(register, "Zoé", Grant(Role.TRAINER, BODY), actor="test")
    staff = staff_of(register, account)
    assert staff is not None
    name, codes = set_password(register, staff, PASSWORD), renew_codes(register, staff)

    def enter() -> str | None:
        return sign_in_with_password(register, name=name, password=PASSWORD, code=codes[0], network="n")

    answers = at_once(enter, 3)
    assert (answers.count(account), answers.count(None)) == (1, 2)
    assert ways_of(register, account).codes_left == 9


def test_one_link_makes_one_colleague(register: Register) -> None:
    secret = secret_of(invite(register, "Zoé", Grant(Role.AGENCY), by=None, actor="test").address)
    answers = at_once(lambda: enrol(register, secret, opened(register, secret).account, "", lambda *_: None))
    assert (answers.count(None), answers.count("link_closed")) == (1, 5)
    assert rows(register, "SELECT count(*) FROM account") == [(1,)]


def test_one_answer_takes_what_was_begun(register: Register) -> None:
    flow = begin_flow(register, "k", {"é": 1})
    assert take_flow(register, "other", flow) is None
    answers = at_once(lambda: take_flow(register, "k", flow))
    assert [one for one in answers if one is not None] == [{"é": 1}]


def test_attempts_at_once_are_all_counted(register: Register) -> None:
    waits = at_once(lambda: begin_attempt(register, name="a", network="n").wait, 12)
    assert waits.count(0) == 4


def test_a_pin_is_tried_five_times_however_many_try_at_once(register: Register) -> None:
    account = add_account(register, "Zoé", Grant(Role.AUDITOR), actor="test")
    secret = open_session(register, account, way="t", device="", is_shared=True, proved=True)
    session = session_of(register, secret)
    assert session is not None
    set_pin(register, session, "7391")
    lock_session(register, session)
    answers = at_once(lambda: unlock_with_pin(register, session, "1111"), 8)
    assert None not in answers
    assert session_of(register, secret) is None


def test_the_team_is_found_and_a_role_ends(register: Register) -> None:
    referent = add_account(register, "Yan", Grant(Role.REFERENT, BODY), actor="test")
    trainer = add_account(register, "Zoé", Grant(Role.TRAINER, BODY), actor="test")
    add_account(register, "Odile", Grant(Role.AGENCY), actor="test")
    by = staff_of(register, referent)
    assert by is not None
    assert [one.account for one in colleagues(register, by)] == [trainer]
    end_role(register, by, trainer, Grant(Role.TRAINER, BODY))
    assert colleagues(register, by) == []
    assert staff_of(register, trainer) is None
