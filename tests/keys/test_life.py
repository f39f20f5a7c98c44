"""How long a key lives, and how it ends."""

from __future__ import annotations

import pytest

from keys.records import LIFETIMES, SCHEME
from keys.ring import KeyRing, Purpose
from passport.trust.model import KeyState, Period
from tests.keys.rings import SLUG, refused
from tests.town import DAY, NOON

YEAR = 365 * DAY
END = NOON + 30 * DAY


@pytest.mark.parametrize(
    ("purpose", "years"),
    [(Purpose.CREDENTIAL, 2), (Purpose.STATUS, 6), (Purpose.PUBLICATION, 2), (Purpose.ROOT, 10)],
)
def test_every_key_has_an_end_by_its_purpose(ring: KeyRing, purpose: Purpose, years: int) -> None:
    owner = SLUG if purpose in {Purpose.CREDENTIAL, Purpose.STATUS} else SCHEME
    assert ring.generate(owner, purpose, at=NOON).period == Period(NOON, NOON + years * YEAR)
    assert ring.generate(owner, purpose, at=NOON, until=END).period == Period(NOON, END)
    assert LIFETIMES.keys() == set(Purpose)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (-1, None),
        (253_402_300_800, None),
        (253_402_300_799, None),
        (2**70, None),
        (NOON, 253_402_300_800),
        (NOON, NOON),
        (NOON, NOON - 1),
        (NOON, 2**70),
    ],
)
def test_a_key_out_of_the_calendar_is_refused_and_takes_no_number(
    ring: KeyRing, at: int, until: int | None
) -> None:
    with refused("key_period"):
        ring.generate(SLUG, Purpose.CREDENTIAL, at=at, until=until)
    assert ring.records() == ()
    assert ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON).kid == "c2026-1"


def test_an_end_is_never_put_off(ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON, until=END)
    for state in (KeyState.ACTIVE, KeyState.SEALED, KeyState.COMPROMISED):
        with refused("key_period"):
            ring.change_state(SLUG, record.kid, state=state, until=END + 1)
    assert ring.records() == (record,)
    assert ring.change_state(SLUG, record.kid, state=KeyState.SEALED, until=END - 1).period.end == END - 1
    with refused("key_period"):
        ring.change_state(SLUG, record.kid, state=KeyState.SEALED, until=END)


def test_nothing_is_sealed_without_an_end(ring: KeyRing) -> None:
    """No ring makes a key without an end any more; a record of one is refused all the same."""
    made = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    endless = type(made)(SLUG, made.kid, made.purpose, made.state, Period(NOON), made.public)
    with refused("key_period"):
        endless.moved(KeyState.SEALED, until=None, sealed_set=None)
    assert endless.moved(KeyState.SEALED, until=END, sealed_set=None).period == Period(NOON, END)
    assert endless.moved(KeyState.COMPROMISED, until=None, sealed_set=None).period == Period(NOON)


def test_a_sealed_set_is_never_replaced(ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    first = ring.change_state(SLUG, record.kid, state=KeyState.SEALED, sealed_set="ab" * 32)
    for state in (KeyState.SEALED, KeyState.COMPROMISED):
        with refused("sealed_set"):
            ring.change_state(SLUG, record.kid, state=state, sealed_set="cd" * 32)
    assert ring.records() == (first,)
    stolen = ring.change_state(SLUG, record.kid, state=KeyState.COMPROMISED, sealed_set="ab" * 32)
    assert stolen.sealed_set == "ab" * 32


def test_a_key_that_may_still_sign_has_no_set(ring: KeyRing) -> None:
    record = ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON)
    with refused("sealed_set"):
        ring.change_state(SLUG, record.kid, state=KeyState.ACTIVE, sealed_set="ab" * 32)
