"""Upkeep: `now` and every status list are signed again before they are due, by one process at a time.

Decided here: what is due, from the times in the register and from nothing else (so a restart forgets
nothing); that a list is signed two to eight minutes before it is due, so that whoever asks for it never waits
for a signature, and a thousand lists do not fall due together; in which order (`now`, lists that changed,
then the oldest); that a turn is made of short slices, and that one list that cannot be signed keeps no other
waiting. One process does it at a time: it holds a row of the database, which another may have three minutes
after the last sign of life. What was done twice all the same was only done twice. And when something is
overdue: the documents are then in danger of going stale.

Left to others: signing (`status_documents`, `trust_documents`), when a turn begins, logs (`issuer.web`).
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from issuer.register.folder import Register
from issuer.register.status_documents import SIGN_AGAIN, renew_status
from issuer.register.trust_documents import NOW_AGE, now_is_due, refresh_now
from issuer.store import documents, statuses
from issuer.store import upkeep as store
from issuer.store.database import DatabaseError
from issuer.store.statuses import ListAge
from passport.errors import PassportError

__all__ = ["Overdue", "Turn", "UpkeepState", "leave", "overdue", "upkeep_state"]

HELD_SECONDS: Final = 180
_SLICE_SECONDS: Final = 0.2
_EARLY: Final = 120  # two turns
_SPREAD: Final = 360
# Two hours of the twenty-four that a verifier allows a list, two days of the seven that `now` lives.
_LIST_OVERDUE: Final = 4 * SIGN_AGAIN
_NOW_OVERDUE: Final = 2 * NOW_AGE
_NOW: Final = "now"


@dataclass(frozen=True, slots=True)
class Overdue:
    """What should long have been signed again. `oldest`, `now`: when it was last signed, None: in time."""

    lists: int
    oldest: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class UpkeepState:
    """How upkeep goes. `worked_at`: when all that was due was last signed; `failures`: failed turns since."""

    worked_at: int | None
    failures: int
    failure: str


def upkeep_state(register: Register) -> UpkeepState:
    """Return how upkeep goes, in whichever process."""
    with register.reading() as session:
        row = store.state(session)
    return UpkeepState(None, 0, "") if row is None else UpkeepState(row.worked_at, row.failures, row.failure)


def overdue(register: Register) -> Overdue:
    """Return what is overdue, from the register alone."""
    at = register.now()
    with register.reading() as session:
        ages, now = statuses.ages(session), documents.document(session, documents.NOW)
    # One never signed was begun just now, or its turn fails, which is told apart.
    late = [a.signed_at for a in ages if a.signed_at is not None and at - a.signed_at > _LIST_OVERDUE]
    made_at = at if now is None else now.made_at
    return Overdue(len(late), min(late, default=None), made_at if at - made_at > _NOW_OVERDUE else None)


def _early(age: ListAge) -> int:
    """Return how many seconds before its time a list is signed: always the same for one signature."""
    digest = hashlib.sha256(f"{age.id} {age.signed_at}".encode()).digest()
    return _EARLY + int.from_bytes(digest[:4], "big") % _SPREAD


def _due(register: Register) -> deque[tuple[str, int]]:
    """Return what is due, with the seconds that it is early."""
    at = register.now()
    with register.reading() as session:
        ages, now = statuses.ages(session), now_is_due(session, at)
    ordered = sorted(ages, key=lambda age: (age.is_current, age.signed_at or 0))
    early = [(age, _early(age)) for age in ordered]
    due = [(a.id, e) for a, e in early if not a.is_current or at - (a.signed_at or 0) > SIGN_AGAIN - e]
    return deque([(_NOW, 0)] * now + due)


class Turn:
    """One turn over all that is due: call `step` for as long as it returns true.

    `signed`: how many documents were. `failed`: what could not be, with the error. Not safe between threads.
    """

    def __init__(self, register: Register, *, holder: str) -> None:
        self.signed = 0
        self.failed: dict[str, Exception] = {}
        self._register = register
        self._holder = holder
        self._left: deque[tuple[str, int]] | None = None

    def step(self, *, seconds: float = _SLICE_SECONDS) -> bool:
        """Sign for about `seconds`; tell whether something is left.

        Raises `DatabaseError` when the database does not answer: the turn is then over.
        """
        if self._left is None:
            self._left = _due(self._register)
            if not self._left and not upkeep_state(self._register).failures:
                return False
        if not self._hold():
            return False  # another process is at it
        ends = time.monotonic() + seconds
        while self._left:
            self._renew(*self._left.popleft())
            if time.monotonic() >= ends:
                break
        if self._left:
            return True
        self._note()
        return False

    @property
    def failure(self) -> str:
        """The code of the commonest failure, or ""."""
        return _commonest(self.failed.values())

    def _hold(self) -> bool:
        at = self._register.now()
        return self._register.transact(
            lambda session: store.take(session, holder=self._holder, at=at, seconds=HELD_SECONDS)
        )

    def _renew(self, what: str, early: int) -> None:
        try:
            if what == _NOW:
                refresh_now(self._register)
            else:
                renew_status(self._register, what, early=early)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 (one that fails must not keep the others waiting)
            self.failed[what] = error
        else:
            self.signed += 1

    def _note(self) -> None:
        at, code = self._register.now(), self.failure
        with self._register.writing() as session:
            if code:
                store.note_failure(session, code=code)
            else:
                store.note_success(session, at=at)


def _commonest(errors: Iterable[Exception]) -> str:
    codes = Counter(error.code if isinstance(error, PassportError) else "unexpected" for error in errors)
    return max(codes, key=lambda code: codes[code], default="")


def leave(register: Register, *, holder: str) -> None:
    """Let another process take over at once. Raises `DatabaseError`."""
    with register.writing() as session:
        store.leave(session, holder=holder)
