"""A stolen cookie is worth nothing once its owner has signed out, ended it, left, or changed their role."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from issuer.register import Register
from issuer.staff.accounts import staff_of
from issuer.staff.enrolling import invite_again
from issuer.staff.managing import end_role, end_sessions_of
from issuer.staff.roles import Grant, Role, Staff
from issuer.staff.sessions import end_one_session, open_sessions, session_of
from issuer.store.staff import add_role
from issuer.web.desk.routes import cookie_name
from tests.issuer.desk.conftest import BODY, OTHER, Seat, Seats, sign_in
from tests.issuer.registers import rows

Ends = Callable[[Register, Seat, Staff], None]


def _signed_out(_: Register, owner: Seat, __: Staff) -> None:
    owner.post("/desk/sign-out")


def _ended_from_the_list(register: Register, owner: Seat, _: Staff) -> None:
    session = session_of(register, owner.client.cookies[cookie_name(register)])
    assert session is not None
    assert session.id in {one.id for one in open_sessions(register, session)}
    end_one_session(register, session, session.id)


def _ended_by_a_referent(register: Register, owner: Seat, referent: Staff) -> None:
    end_sessions_of(register, referent, owner.account)


def _taken_off_the_staff(register: Register, owner: Seat, referent: Staff) -> None:
    end_role(register, referent, owner.account, Grant(Role.TRAINER, BODY))


def _given_new_ways_in(register: Register, owner: Seat, referent: Staff) -> None:
    invite_again(register, owner.account, by=referent, actor=referent.actor)


@pytest.mark.parametrize(
    "end",
    [_signed_out, _ended_from_the_list, _ended_by_a_referent, _taken_off_the_staff, _given_new_ways_in],
)
def test_a_stolen_cookie_opens_nothing_after(register: Register, app: object, seat: Seats, end: Ends) -> None:
    owner, referent = seat(Role.TRAINER), staff_of(register, seat(Role.REFERENT).account)
    assert referent is not None
    thief = sign_in(register, app, owner.account)
    secret = owner.client.cookies[cookie_name(register)]
    thief.client.cookies.clear()
    thief.client.cookies.set(cookie_name(register), secret)
    thief.csrf = owner.csrf
    assert thief.client.get("/desk/people", follow_redirects=False).status_code == 200
    end(register, owner, referent)
    before = rows(register, "SELECT count(*) FROM audit_row")
    for path in ("/desk", "/desk/people", "/desk/workshops", "/desk/account", "/desk/people/new"):
        answer = thief.client.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/desk/sign-in")
    for path in ("/desk/people", "/desk/people/new", "/desk/pin", "/desk/lock", "/desk/account/codes"):
        tried = thief.post(path, given_name="A", family_name="B", identity="seen", pin="8042", text="A")
        assert tried.status_code in {303, 403}, path  # type: ignore[attr-defined]
        assert "A B" not in tried.text  # type: ignore[attr-defined]
    assert rows(register, "SELECT count(*) FROM audit_row") == before
    assert rows(register, "SELECT count(*) FROM holder") == [(0,)]


def test_a_role_that_ends_takes_the_other_role_s_session_along(
    register: Register, app: object, seat: Seats
) -> None:
    """Two roles, one of them taken away: every session ends, and the next has what is left."""
    owner, referent = seat(Role.TRAINER), staff_of(register, seat(Role.REFERENT).account)
    assert referent is not None
    with register.writing() as session:
        add_role(session, owner.account, role="trainer", body=OTHER, at=register.now())
    assert owner.client.get("/desk/people", follow_redirects=False).status_code == 200
    end_role(register, referent, owner.account, Grant(Role.TRAINER, BODY))
    assert owner.client.get("/desk/people", follow_redirects=False).status_code == 303
    left = staff_of(register, sign_in(register, app, owner.account).account)
    assert left is not None
    assert left.bodies(Role.TRAINER) == {OTHER}
