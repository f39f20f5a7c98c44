"""Slowing down whoever guesses, without ever locking anybody out, and without knowing whom.

Decided here: an attempt is counted before anything is compared, so that a thousand at once are a thousand;
what is counted is a keyed hash of the name that was typed (there or not: nothing is looked up), of the
network, and of both together. After some free ones each failure doubles the wait, up to a bound: the bound is
short for the name alone, and does not hold in a network where this name came in before, so that a stranger
elsewhere cannot keep somebody out. Counts are forgotten after a day. A wait is never longer than its bound,
however the clock was set.

Left to others: what is compared (`signing_in`, `passkeys`, `proving`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from issuer.register.folder import Register
from issuer.staff.keyed import keyed_hash
from issuer.store import flows as store
from issuer.store.database import Session
from issuer.store.tables import ThrottleRow

__all__ = ["Attempt", "begin_attempt", "succeeded"]

_DAY: Final = 86_400
_KNOWN_SECONDS: Final = 90 * _DAY
_PURPOSE: Final = "throttle"


@dataclass(frozen=True, slots=True)
class _Rule:
    """So many free failures, then a wait that doubles up to so many seconds."""

    free: int
    longest: int

    def wait(self, failures: int) -> int:
        return 0 if failures < self.free else min(self.longest, 2 ** min(failures - self.free + 1, 20))


_PAIR: Final = _Rule(free=4, longest=900)
_NAME: Final = _Rule(free=20, longest=300)
_NETWORK: Final = _Rule(free=40, longest=900)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt, counted as failed until it succeeds. `wait`: seconds; more than 0: it may not go on.

    `network`, `pair`, `name`, `known`: what was counted; the last three are "" where no name is guessed.
    """

    wait: int
    network: str
    pair: str = ""
    name: str = ""
    known: str = ""


def begin_attempt(register: Register, *, network: str, name: str | None = None) -> Attempt:
    """Count an attempt from `network`, at `name` (what was typed, or an account) where one is guessed."""
    at = register.now()
    begun = Attempt(0, _hashed(register, "network", network))
    if name is not None:
        begun = Attempt(
            0,
            begun.network,
            pair=_hashed(register, "pair", name, network),
            name=_hashed(register, "name", name),
            known=_hashed(register, "known", name, network),
        )
    wait = register.transact(lambda session: _count(session, begun, at=at))
    return replace(begun, wait=wait)


def _hashed(register: Register, *words: str) -> str:
    return keyed_hash(register, _PURPOSE, "\x00".join(words))


def _count(session: Session, attempt: Attempt, *, at: int) -> int:
    store.drop_throttles_before(session, at - _KNOWN_SECONDS)
    rules = {attempt.network: _NETWORK}
    if attempt.pair:
        rules |= {attempt.pair: _PAIR, attempt.name: _NAME}
    rows = store.throttles(session, [*rules, attempt.known])
    if attempt.known in rows:
        del rules[attempt.name]
    wait = max(_left(rows.get(key), rule, at=at) for key, rule in rules.items())
    if wait == 0:
        for key, rule in rules.items():
            failures = _failures(rows.get(key), at=at) + 1
            until = at + wait_now if (wait_now := rule.wait(failures)) else 0
            store.keep_throttle(session, key, rows.get(key), failures=failures, at=at, until=until)
    return wait


def _left(row: ThrottleRow | None, rule: _Rule, *, at: int) -> int:
    return 0 if row is None else min(max(row.until - at, 0), rule.longest)


def _failures(row: ThrottleRow | None, *, at: int) -> int:
    """Return the failures of the last day; a count from the future was made before the clock was set back."""
    return row.failures if row is not None and at - row.at < _DAY else 0


def succeeded(session: Session, attempt: Attempt, *, at: int) -> None:
    """Take an attempt back: it was no failure, and this name came in from this network."""
    own = [attempt.pair, attempt.name, attempt.known] if attempt.pair else []
    rows = store.throttles(session, [attempt.network, *own])
    counted = rows.get(attempt.network)
    left = max(counted.failures - 1, 0) if counted is not None else 0
    store.keep_throttle(session, attempt.network, counted, failures=left, at=at, until=0)
    for key in own:
        store.keep_throttle(session, key, rows.get(key), failures=0, at=at, until=0)
