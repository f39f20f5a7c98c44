"""Status entries and codes: random, free, never the same twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.changes import withdraw
from issuer.register.entries import fresh_codes, take_entries
from issuer.register.issuing import issue
from issuer.store import statuses
from passport.errors import PassportError
from passport.limits import LIMITS
from passport.typed_code import new_code
from tests.issuer.registers import BODY, SCHEME, change, request, rows, seen

LIST_SIZE = SCHEME.status_list_entries


def dice(*numbers: int) -> Callable[[int], int]:
    """Return a source of random numbers that is not random at all; the last number comes for ever."""
    waiting: Iterator[int] = iter(numbers)

    def roll(below: int) -> int:
        return next(waiting, numbers[-1]) % below

    return roll


def test_lists_are_long_enough_to_hide_in() -> None:
    assert LIST_SIZE == LIMITS.status_min_entries == 131_072


def test_indices_tell_nothing_of_their_order(register: Register) -> None:
    issue(register, BODY, [request(n) for n in range(200)], actor="test")
    found = rows(register, "SELECT position FROM credential ORDER BY rowid")
    positions = [int(str(p)) for (p,) in found]
    assert len(set(positions)) == 200
    rising = sum(a < b for a, b in pairwise(positions))
    assert 60 < rising < 140  # 99.5 on average; 10 standard deviations
    assert min(positions) < LIST_SIZE // 8 < LIST_SIZE * 7 // 8 < max(positions)


def test_a_taken_index_is_never_taken_again(register: Register) -> None:
    with register.writing() as session:
        [first] = take_entries(session, BODY, ["a"], list_size=LIST_SIZE, random_below=dice(7))
    with register.writing() as session:
        [second] = take_entries(session, BODY, ["b"], list_size=LIST_SIZE, random_below=dice(7, 7, 7, 8))
    assert (first.position, second.position) == (7, 8)


def test_a_draw_that_never_finds_anything_ends(register: Register) -> None:
    with register.writing() as session:
        take_entries(session, BODY, ["a"], list_size=LIST_SIZE, random_below=dice(7))
    with pytest.raises(PassportError) as caught, register.writing() as session:
        take_entries(session, BODY, ["b"], list_size=LIST_SIZE, random_below=dice(7))
    assert caught.value.code == "status_entries"
    assert rows(register, "SELECT position FROM status_entry") == [(7,)]


def test_the_unique_constraint_decides_not_the_look_before_it(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another process takes the index between our look and our insert (PostgreSQL)."""
    with register.writing() as session:
        take_entries(session, BODY, ["a"], list_size=LIST_SIZE, random_below=dice(7))
    monkeypatch.setattr(statuses, "taken", lambda *_: set())
    with register.writing() as session:
        found = take_entries(
            session, BODY, ["b", "c"], list_size=LIST_SIZE, random_below=dice(7, 9, 1, 11, 12, 1)
        )
    assert {entry.position for entry in found} == {11, 12}
    owners = dict(rows(register, "SELECT position, attestation_id FROM status_entry"))
    assert owners[7] == "a"
    assert sorted(owners) == [7, 11, 12]


def test_a_half_full_list_is_left(register: Register) -> None:
    [first] = issue(register, BODY, [request(0)], actor="test")
    change(register, "UPDATE status_list SET taken = ?", LIST_SIZE // 2 - 2)
    more = issue(register, BODY, [request(n) for n in range(1, 6)], actor="test")
    found = rows(
        register,
        "SELECT list_id, count(DISTINCT attestation_id) FROM credential GROUP BY list_id ORDER BY list_id",
    )
    assert found == [(f"{BODY}.1", 3), (f"{BODY}.2", 3)]
    assert all(seen(register, made.token) for made in [first, *more])
    assert [f.code for f in check(register)] == ["status_taken"]  # what this test wrote by hand
    [(number, taken)] = rows(register, "SELECT number, taken FROM status_list WHERE number = 2")
    assert (number, taken) == (2, 3)


def test_the_size_that_is_set_is_that_of_the_next_list(register: Register) -> None:
    """A list keeps the size it was begun with: what was signed says an index of that list."""
    [first] = issue(register, BODY, [request(0)], actor="test")
    change(register, "UPDATE status_list SET taken = ?", LIST_SIZE // 2 - 1)
    register.scheme = replace(register.scheme, status_list_entries=LIMITS.status_max_entries)
    more = issue(register, BODY, [request(n) for n in range(1, 4)], actor="test")
    found = rows(register, 'SELECT number, size, length("array") FROM status_list ORDER BY number')
    assert found == [(1, LIST_SIZE, LIST_SIZE // 4), (2, 2**20, 2**18)]
    withdraw(register, more[2].code, actor="test")
    reasons = [str(seen(register, made.token).reason) for made in [first, *more]]
    assert reasons == ["valid", "valid", "valid", "withdrawn"]


def test_a_code_in_use_is_drawn_again(register: Register) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    other, third = new_code(), new_code()
    drawn = iter([made.code, other, other, made.code, third])
    with register.reading() as session:
        codes = fresh_codes(session, 2, new=lambda: next(drawn))
    assert codes == [other, third]


def test_codes_that_are_all_taken_end(register: Register) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    with register.reading() as session, pytest.raises(PassportError) as caught:
        fresh_codes(session, 1, new=lambda: made.code)
    assert caught.value.code == "codes"
