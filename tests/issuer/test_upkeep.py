"""Upkeep: what is due is signed before it is, by one process at a time, and what could not be is known."""

from __future__ import annotations

import pytest

from issuer.register import Register
from issuer.register import upkeep as module
from issuer.register.changes import withdraw
from issuer.register.issuing import issue
from issuer.register.status_documents import SIGN_AGAIN, status_document
from issuer.register.upkeep import HELD_SECONDS, Turn, UpkeepState, leave, overdue, upkeep_state
from issuer.store import statuses
from keys.records import Purpose
from passport.jose import split
from passport.limits import LIMITS
from passport.status import TTL_SECONDS, read_status_token
from tests.issuer.registers import BODY, OTHER, START, Clock, change, reopened, request, rows

DAY = 86_400


def turn(register: Register, holder: str = "a") -> Turn:
    """Make one whole turn."""
    made = Turn(register, holder=holder)
    while made.step():
        pass
    return made


def signed_at(register: Register) -> dict[str, int]:
    with register.reading() as session:
        return {age.id: age.signed_at or 0 for age in statuses.ages(session)}


def issue_for_both(register: Register) -> None:
    issue(register, BODY, [request()], actor="test")
    issue(register, OTHER, [request(place=None)], actor="test")


def more_lists(register: Register, count: int) -> None:
    """Begin many lists, all signed at once, as a region would have them."""
    for number in range(2, count + 2):
        change(
            register,
            "INSERT INTO status_list (id, body, number, size, taken, revision, signed_at, signed_revision,"
            ' signed_token, "array") SELECT ?, body, ?, size, 0, revision, signed_at, signed_revision,'
            ' signed_token, "array" FROM status_list WHERE id = ?',
            *(f"{BODY}.{number}", number, f"{BODY}.1"),
        )


def test_lists_and_now_are_signed_before_they_are_due(register: Register, clock: Clock) -> None:
    issue_for_both(register)
    first = turn(register)
    assert (first.signed, first.failed) == (2, {})
    assert set(signed_at(register).values()) == {START}
    for minute in range(90):
        clock.time = START + 60 * minute
        assert all(clock.time - at <= SIGN_AGAIN for at in signed_at(register).values())
        turn(register)
    clock.time += DAY
    turn(register)
    now = register.trust().now
    assert now is not None
    assert now.issued_at > START + DAY
    assert upkeep_state(register).failures == 0


def test_nothing_due_is_nothing_written(register: Register) -> None:
    issue_for_both(register)
    turn(register)
    before = rows(register, "SELECT * FROM upkeep")
    assert turn(register, "b").signed == 0
    assert rows(register, "SELECT * FROM upkeep") == before == [("documents", "a", START + 180, START, 0, "")]


def test_a_withdrawal_is_signed_though_nobody_asks(register: Register, clock: Clock) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    turn(register)
    withdraw(register, made.code, actor="test")
    clock.time += 60
    assert turn(register).signed == 1
    [(token,)] = rows(register, "SELECT signed_token FROM status_list")
    assert isinstance(token, bytes)
    read = read_status_token(split(token, max_bytes=LIMITS.status_token_bytes))
    assert read.issued_at == START + 60
    assert sum(read.array[i] for i in range(len(read.array))) == 1


def test_what_is_due_after_a_restart_is_in_the_register(register: Register, clock: Clock) -> None:
    issue_for_both(register)
    turn(register)
    clock.time += SIGN_AGAIN
    with reopened(register) as again:
        assert turn(again, "after the restart").signed == 2


def test_one_process_at_a_time(register: Register, clock: Clock) -> None:
    issue_for_both(register)
    assert turn(register, "a").signed == 2
    [made] = issue(register, BODY, [request(1)], actor="test")
    withdraw(register, made.code, actor="test")
    assert turn(register, "b").signed == 0
    leave(register, holder="b")  # it is not b's to leave
    assert turn(register, "b").signed == 0
    clock.time += HELD_SECONDS - 1
    assert turn(register, "b").signed == 0
    clock.time += 1
    assert turn(register, "b").signed == 1  # a gave no sign of life


def test_the_work_is_handed_over(register: Register) -> None:
    issue_for_both(register)
    first = Turn(register, holder="a")
    assert first.step(seconds=0)
    assert turn(register, "b").signed == 0
    leave(register, holder="a")
    assert turn(register, "b").signed == 1
    assert not first.step()
    assert first.signed == 1


def test_a_clock_that_was_put_back_locks_nobody_out(register: Register, clock: Clock) -> None:
    issue_for_both(register)
    clock.time += 10 * DAY
    turn(register, "a")
    clock.time = START
    withdraw(register, issue(register, BODY, [request(5)], actor="test")[0].code, actor="test")
    assert turn(register, "b").signed == 1


def test_what_another_process_signed_meanwhile_is_not_signed_again(register: Register, clock: Clock) -> None:
    issue_for_both(register)
    turn(register)
    clock.time += SIGN_AGAIN + 1
    waiting = Turn(register, holder="a")
    waiting.step(seconds=0)
    tokens = {name: status_document(register, name) for name in signed_at(register)}
    while waiting.step():
        pass
    assert {name: status_document(register, name) for name in tokens} == tokens


def test_hundreds_of_lists_do_not_fall_due_together(register: Register, clock: Clock) -> None:
    issue(register, BODY, [request()], actor="test")
    turn(register)
    more_lists(register, 200)
    signed: list[int] = []
    for minute in range(31):
        clock.time = START + 60 * minute
        signed.append(turn(register).signed)
    assert sum(signed) == 201
    assert max(signed) < 60  # six minutes share them
    assert all(1_320 <= at - START <= 1_740 for at in signed_at(register).values())


def test_a_slice_ends_with_its_time(register: Register) -> None:
    issue_for_both(register)
    made = Turn(register, holder="a")
    assert made.step(seconds=0)
    assert made.signed == 1
    assert not made.step(seconds=0)
    assert made.signed == 2


def test_one_list_that_fails_keeps_no_other_waiting(register: Register, clock: Clock) -> None:
    issue_for_both(register)
    turn(register)
    [status_key] = [r for r in register.ring.records(BODY) if r.purpose is Purpose.STATUS]
    assert status_key.period.end is not None
    # In time for the key of the other body, which is the younger one.
    register.ring.generate(OTHER, Purpose.STATUS, at=status_key.period.end)
    clock.time = status_key.period.end + 1
    for failures in (1, 2, 3):
        made = turn(register)
        assert set(made.failed) >= {f"{BODY}.1"}
        state = upkeep_state(register)
        assert (state.worked_at, state.failures) == (START, failures)
        assert state.failure
    assert signed_at(register)[f"{OTHER}.1"] == clock.time
    assert signed_at(register)[f"{BODY}.1"] == START
    late = overdue(register)
    assert (late.lists, late.oldest) == (1, START)


def test_a_failure_is_over_when_somebody_else_signed(register: Register, clock: Clock) -> None:
    """Asked for meanwhile, a list is signed by whoever serves it: nothing is due, and nothing failing."""
    issue(register, BODY, [request()], actor="test")
    change(register, "INSERT INTO upkeep VALUES ('documents', 'gone', 0, NULL, 5, 'no_key')")
    status_document(register, f"{BODY}.1")
    turn(register)
    assert upkeep_state(register) == UpkeepState(START, 0, "")


def test_locked_keys_are_a_failure(register: Register) -> None:
    issue_for_both(register)
    with reopened(register, passphrase=None) as locked:
        made = turn(locked)
    assert made.failure == "locked"
    assert (upkeep_state(register).failure, upkeep_state(register).failures) == ("locked", 1)
    assert turn(register).signed == 2


def test_unknown_errors_are_kept_with_what_failed(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_for_both(register)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Zoé")

    with monkeypatch.context() as patched:
        patched.setattr(module, "renew_status", broken)
        made = turn(register)
    assert made.failure == upkeep_state(register).failure == "unexpected"
    assert [type(error) for error in made.failed.values()] == [RuntimeError, RuntimeError]


def test_what_is_overdue(register: Register, clock: Clock) -> None:
    issue_for_both(register)
    assert overdue(register).lists == 0  # never signed, and begun just now
    turn(register)
    clock.time += 2 * TTL_SECONDS
    assert overdue(register).lists == 0
    clock.time += 1
    late = overdue(register)
    assert (late.lists, late.oldest, late.now) == (2, START, None)
    clock.time = START + 2 * DAY + 1
    assert overdue(register).now == START
    turn(register)
    assert overdue(register).lists == 0
    assert overdue(register).now is None
