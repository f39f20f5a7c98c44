"""The clock set back by an hour and by a day: what was over stays over, and nothing is backdated."""

from __future__ import annotations

import re

import pytest

from issuer.people.files import add_person
from issuer.people.opening import OPEN_SECONDS, open_paper, opened
from issuer.people.pending import LIFE_SECONDS as ACT_SECONDS
from issuer.people.pending import agree, ask_withdraw
from issuer.register import Register, publishing
from issuer.register.audit import check
from issuer.register.changes import withdraw
from issuer.register.folder import RegisterError
from issuer.register.issuing import issue
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.ending import end_what_is_over
from issuer.staff.enrolling import LINK_SECONDS, invite
from issuer.staff.enrolling import opened as opened_link
from issuer.staff.flows import begin_flow, take_flow
from issuer.staff.pins import set_pin
from issuer.staff.roles import Grant, Role, Staff
from issuer.staff.sessions import LIFE_SECONDS, session_of
from issuer.staff.throttle import begin_attempt
from issuer.web.upkeep import Upkeep
from issuer.workshop.undoing import UNDO_SECONDS, may_undo
from passport.errors import PassportError
from tests.issuer.desk.conftest import BODY, Seat, Seats
from tests.issuer.desk.forms import read_page
from tests.issuer.desk.settled import settle
from tests.issuer.registers import START, Clock, request, rows, seen

HOUR, DAY = 3_600, 86_400
BACK = pytest.mark.parametrize("back", [HOUR, DAY], ids=["an hour", "a day"])
GRANT = Grant(Role.TRAINER, BODY)


def opens(seat: Seat) -> bool:
    return seat.client.get("/desk/account", follow_redirects=False).status_code == 200


def trainer(register: Register, name: str = "Alix") -> Staff:
    found = staff_of(register, add_account(register, name, GRANT, actor="test"))
    assert found is not None
    return found


@BACK
@pytest.mark.parametrize("noticed", ["by upkeep", "by a visit"])
def test_a_session_that_ended_stays_ended(
    register: Register, seat: Seats, clock: Clock, back: int, noticed: str
) -> None:
    """With its PIN, too: the twelve hours are not given a second time."""
    someone = seat(Role.TRAINER, shared=True)
    session = session_of(register, next(iter(someone.client.cookies.values())))
    assert session is not None
    set_pin(register, session, "804213")
    clock.time += LIFE_SECONDS
    if noticed == "by upkeep":
        Upkeep(register).errands()
    else:
        assert not opens(someone)
    clock.time -= back
    assert not opens(someone)
    answer = someone.post("/desk/locked", hold_pin="804213")
    assert answer.headers["location"].startswith("/desk/sign-in")  # type: ignore[attr-defined]
    assert not opens(someone)


@BACK
def test_a_session_is_not_open_before_it_began(seat: Seats, clock: Clock, back: int) -> None:
    someone = seat(Role.TRAINER)
    assert opens(someone)
    clock.time -= back
    assert not opens(someone)


@BACK
def test_a_link_that_was_over_does_not_open_again(register: Register, clock: Clock, back: int) -> None:
    link = invite(register, "Zoé", GRANT, by=None, actor="test").address.partition("#")[2]
    clock.time += LINK_SECONDS - 1
    assert opened_link(register, link)
    clock.time += 1
    Upkeep(register).errands()
    clock.time -= back if back == DAY else LINK_SECONDS // 2
    with pytest.raises(PassportError, match="does not open"):
        opened_link(register, link)
    assert rows(register, "SELECT used_at FROM one_time_link") == [(START + LINK_SECONDS,)]


@BACK
def test_a_link_lives_no_longer_than_its_hour(register: Register, clock: Clock, back: int) -> None:
    """Made, then the clock is set back: it waits until the clock has caught up."""
    clock.time += DAY
    link = invite(register, "Zoé", GRANT, by=None, actor="test").address.partition("#")[2]
    clock.time -= back
    with pytest.raises(PassportError, match="does not open"):
        opened_link(register, link)
    clock.time += back
    assert opened_link(register, link).name == "Zoé"


def test_a_begun_sign_in_that_was_over_is_gone(register: Register, clock: Clock) -> None:
    secret = begin_flow(register, "test", {"a": 1})
    clock.time += HOUR
    end_what_is_over(register)
    clock.time -= HOUR
    assert take_flow(register, "test", secret) is None


@BACK
def test_guessing_is_slowed_down_all_the_same(register: Register, clock: Clock, back: int) -> None:
    clock.time += 2 * DAY
    waits = [begin_attempt(register, name="zoe", network="192.0.2.1").wait for _ in range(6)]
    assert waits[-1] > 0
    clock.time -= back
    after = begin_attempt(register, name="zoe", network="192.0.2.1").wait
    assert 0 < after <= 900


def test_undo_is_closed_when_the_clock_was_set_back(register: Register) -> None:
    assert may_undo(START, START + UNDO_SECONDS - 1)
    assert may_undo(START, START - 30)  # two machines need not agree to the second
    assert not may_undo(START, START + UNDO_SECONDS)
    assert not may_undo(START, START - HOUR)
    assert not may_undo(START, START - DAY)


def test_a_workshop_is_not_undone_through_the_page_either(
    register: Register, seat: Seats, clock: Clock
) -> None:
    clock.time += DAY
    done = settle(register, BODY).done
    clock.time -= HOUR
    someone = seat(Role.TRAINER)
    page = someone.client.get(f"/desk/workshops/{done}/papers").text
    assert "/undo" not in page
    (person,) = rows(register, "SELECT holder_id FROM attendance WHERE workshop = ?", done)[0]
    answer = someone.post(f"/desk/workshops/{done}/undo", person=str(person))
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert rows(register, "SELECT count(*) FROM status_change WHERE after = 1") == [(0,)]


@BACK
def test_nothing_is_issued_with_a_time_that_is_over(register: Register, clock: Clock, back: int) -> None:
    clock.time += 2 * DAY
    (made,) = issue(register, BODY, [request(0)], actor="test")
    clock.time -= back
    with pytest.raises(RegisterError) as caught:
        issue(register, BODY, [request(1)], actor="test")
    assert caught.value.code == "clock_back"
    assert rows(register, "SELECT count(*) FROM attestation") == [(1,)]
    clock.time += back - 240  # within what two clocks may differ
    assert issue(register, BODY, [request(1)], actor="test")
    assert seen(register, made.token)
    assert check(register) == []


def test_the_desk_says_that_the_clock_went_back_and_issues_when_it_is_right(
    register: Register, seat: Seats, clock: Clock
) -> None:
    clock.time += 2 * DAY
    settled = settle(register, BODY)
    before = rows(register, "SELECT count(*) FROM attestation")
    path = f"/desk/workshops/{settled.ids['workshop']}"
    clock.time -= HOUR // 2
    someone = seat(Role.TRAINER)
    form = next(
        one for one in read_page(someone.client.get(f"{path}/levels").text).forms if "act" in one.fixed
    )
    offered = dict(
        re.findall(
            r'name="(l\.[^"]+)".*?<option value="(\d)" selected',
            someone.client.get(f"{path}/levels").text,
            re.DOTALL,
        )
    )
    fields = {**form.fixed, **offered, "act": "issue"}
    answer = someone.client.post(form.action, data=fields, follow_redirects=False)
    assert answer.status_code == 503
    assert "L’horloge du guichet a reculé" in answer.text
    assert rows(register, "SELECT count(*) FROM attestation") == before
    clock.time += HOUR // 2
    again = next(one for one in read_page(answer.text).forms if "act" in one.fixed)
    assert someone.client.post(again.action, data=again.fixed, follow_redirects=False).status_code == 303
    assert rows(register, "SELECT count(*) FROM attestation") != before


@BACK
def test_a_status_list_is_never_older_than_before(register: Register, clock: Clock, back: int) -> None:
    """And what was withdrawn while the clock was back is withdrawn for who checks later."""
    clock.time += 2 * DAY
    (made,) = issue(register, BODY, [request(0)], actor="test")
    Upkeep(register).once()
    before = rows(register, "SELECT max(signed_at) FROM status_list")
    clock.time -= back
    withdraw(register, made.code, actor="test", reason="r")
    assert publishing.all_paths(register)
    Upkeep(register).once()
    assert rows(register, "SELECT max(signed_at) FROM status_list")[0] >= before[0]
    clock.time += back + 60
    assert not seen(register, made.token)


@BACK
def test_a_shown_paper_and_an_act_that_waits_grow_no_older(
    register: Register, clock: Clock, back: int
) -> None:
    clock.time += 2 * DAY
    one, other = trainer(register), trainer(register, "Sacha")
    person = add_person(
        register, one, BODY, given_name="Zoé", family_name="Bois", identity="seen", accept_homonyms=True
    )
    made = issue(register, BODY, [request(0, holder_id=None)], actor=one.actor)
    assert person
    shown = open_paper(register, one, BODY, made[0].code)
    clock.time -= back
    with pytest.raises(PassportError):
        opened(register, one, shown)  # shown in the future
    clock.time += back + OPEN_SECONDS
    with pytest.raises(PassportError):
        opened(register, one, shown)
    act = ask_withdraw(register, one, BODY, [made[0].code], reason="r")
    clock.time += ACT_SECONDS + 1
    with pytest.raises(PassportError):
        agree(register, other, act)
