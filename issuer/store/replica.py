"""A replica: another server that follows the database and may only be read (PostgreSQL, streaming).

Decided here: a replica is asked only when it is one of *this* register (the first trust list is the same);
one that does not answer is left alone for a while, with one line in the log, and another when it is back;
nothing is ever written to it. A replica may be behind. Left to others: which answers of a replica will do
(`issuer.register.folder.Register.look` and whoever calls it).
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from issuer.store import documents
from issuer.store.database import Database
from issuer.store.engine import DatabaseError, database_file

__all__ = ["Replica", "mark_of"]

_ALONE_SECONDS: Final = 15.0
_CONNECT_SECONDS: Final = 2
_LOGGER: Final = logging.getLogger("issuer")

T = TypeVar("T")


def mark_of(session: Session) -> str | None:
    """Return what tells this register from any other: the hash of its first trust list, which is signed."""
    first = documents.document(session, f"{documents.TRUST}1")
    return None if first is None else hashlib.sha256(first.data).hexdigest()


class Replica:
    """Sessions on a replica. `mark`: of the register it must be a replica of. Safe between threads."""

    def __init__(self, url: str, *, mark: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        if database_file(url) is not None:
            raise DatabaseError(
                "A replica is a PostgreSQL server.",
                code="database_url",
                hint="PASSPORT_DATABASE_REPLICA_URL names it; SQLite has none.",
            )
        self._database = Database(url, connect_seconds=_CONNECT_SECONDS)
        self._mark = mark
        self._clock = clock
        self._is_known = False
        self._alone_until: float | None = None

    def check(self) -> None:
        """Raise `DatabaseError` (`replica_other`) when it answers and is of another register."""
        try:
            self.ask(lambda _: None)
        except DatabaseError as error:
            if error.code == "replica_other":
                raise

    def ask(self, work: Callable[[Session], T]) -> T:
        """Return what `work` reads at one moment of the replica. Raises `DatabaseError` when it cannot."""
        if self._alone_until is not None and self._clock() < self._alone_until:
            raise DatabaseError("The replica did not answer a moment ago.")
        try:
            with self._database.reading() as session:
                self._recognise(session)
                answer = work(session)
        except DatabaseError as error:
            if self._alone_until is None:
                _LOGGER.warning("replica.lost", extra={"passport": {"code": error.code}})
            self._is_known, self._alone_until = False, self._clock() + _ALONE_SECONDS
            raise
        if self._alone_until is not None:
            self._alone_until = None
            _LOGGER.warning("replica.back")
        return answer

    def _recognise(self, session: Session) -> None:
        if self._is_known:
            return
        if mark_of(session) != self._mark:
            raise DatabaseError(
                "The replica is not one of this register.",
                code="replica_other",
                hint="Correct PASSPORT_DATABASE_REPLICA_URL, or leave it out.",
            )
        self._is_known = True

    def close(self) -> None:
        """Close every connection."""
        self._database.close()
