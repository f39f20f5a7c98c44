"""The database: SQLite in a file or PostgreSQL by URL; short readers, writers that keep all or nothing.

Decided here: how a transaction begins, what is tried again, and the words for what fails. Readers see one
moment. SQLite has one writer: it opens with ``BEGIN IMMEDIATE``; one that starts as a reader cannot upgrade
when another has written meanwhile (the default lost 424 of 600 concurrent issuances: DESIGN, rule 4).
PostgreSQL has many: a transaction that lost to another one (a deadlock, the same unique value) left nothing,
and is run again. A lost connection is never tried again by itself: a COMMIT may have arrived.

Left to others: how a connection is set up (`engine`), what is read or written, who waits for whom (`locks`).
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from issuer.store.engine import (
    BUSY_SECONDS,
    CONNECT_SECONDS,
    WRITES,
    DatabaseError,
    database_file,
    make_engine,
)
from issuer.store.locks import hold_register, share_register

__all__ = ["Collision", "Database", "DatabaseError", "Session", "database_file", "in_our_words"]

_TRIES: Final = 10
_PAUSE_SECONDS: Final = 0.05
_SAMPLE: Final = 400
"""Rows of each index that SQLite looks at; what its manual proposes is 100 to 1,000."""
# Another transaction was in the way: serialization, deadlock, the same unique value (PostgreSQL manual,
# appendix A). SQLite names none of these: its writer is alone.
_LOST_TO_ANOTHER: Final = frozenset({"40001", "40P01", "23505"})
_LOCK_TIMEOUT: Final = "55P03"
_DISK_FULL: Final = "53100"

T = TypeVar("T")

Collision = IntegrityError
"""What a unique constraint answers when two writers took the same thing."""


class ConflictError(DatabaseError):
    """Another transaction was in the way; this one left nothing, and may be run again."""


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn an error of the driver into ours; its own words may quote values, which may be names."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _told(error) from None


def _told(error: SQLAlchemyError) -> DatabaseError:
    if isinstance(error, DBAPIError):
        if getattr(error.orig, "sqlstate", None) in _LOST_TO_ANOTHER:
            return ConflictError(
                "Another program wrote the same thing at the same moment; nothing was kept.",
                hint="Try again.",
            )
        if error.connection_invalidated:
            return DatabaseError(
                "The connection to the database was lost.",
                hint="Do the same again: what was kept already is recognised and not made twice.",
            )
        if _waited_in_vain(error.orig):
            return DatabaseError(
                f"Another program kept the database to itself for more than {BUSY_SECONDS} seconds.",
                hint="Try again when that import or copy has ended.",
            )
        if _found_no_room(error.orig):
            return DatabaseError(
                "The disk of the database is full; nothing was kept.",
                code="database_full",
                hint="Make room, then do the same again.",
            )
    return DatabaseError(
        f"The database refused ({type(error).__name__}).",
        hint="If it is busy, try again; otherwise run `passport check`.",
    )


def _found_no_room(cause: object) -> bool:
    full = getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return full or getattr(cause, "sqlstate", None) == _DISK_FULL


def _waited_in_vain(cause: object) -> bool:
    busy = getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return busy or getattr(cause, "sqlstate", None) == _LOCK_TIMEOUT


class _Moment:
    """The session that the readings of a block share: opened by the first of them, ended with the block."""

    def __init__(self) -> None:
        self._session: Session | None = None

    def session(self, engine: Engine) -> Session:
        if self._session is None:
            self._session = Session(engine, expire_on_commit=False, autoflush=False)
        return self._session

    def end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with in_our_words():
                session.close()


class Database:
    """Sessions on one database. `close` when done. `connect_seconds`: to wait for a server at most."""

    def __init__(self, url: str, *, connect_seconds: int = CONNECT_SECONDS) -> None:
        engine = make_engine(url, connect_seconds=connect_seconds)
        # One moment for a reader: PostgreSQL would otherwise show each statement another one.
        is_server = database_file(url) is None
        self._one_moment = {"isolation_level": "REPEATABLE READ"} if is_server else {}
        read_only = {"postgresql_readonly": True} if is_server else {}
        self._reader = engine.execution_options(**self._one_moment, **read_only)
        self._writer = engine.execution_options(**{WRITES: True})
        self._moment: ContextVar[_Moment | None] = ContextVar("moment", default=None)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment of the database; nothing is kept of it.

        Raises `DatabaseError` (`database`) when the database does not answer or is busy too long.
        """
        moment = self._moment.get()
        with in_our_words():
            if moment is not None:
                yield moment.session(self._reader)
                return
            # Closing ends the transaction without COMMIT; rows that were read stay readable.
            with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
                yield session

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """Let everything that this thread reads within the block be read in one transaction.

        A page asks many small things: opening and ending a transaction for each costs as much as the answers.
        What the block itself writes, it reads afterwards: then another moment begins.
        """
        moment = _Moment()
        token = self._moment.set(moment)
        try:
            yield
        finally:
            self._moment.reset(token)
            moment.end()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that commits on a clean exit and otherwise leaves nothing behind.

        A moment of this thread ends before it, so that nobody waits for a second connection while they hold
        a first, and after it, so that what was written is read. Raises as `reading`.
        """
        self._end_moment()
        with in_our_words(), Session(self._writer, expire_on_commit=False, autoflush=False) as session:
            share_register(session)
            yield session
            session.commit()
            self._end_moment()

    def _end_moment(self) -> None:
        if (moment := self._moment.get()) is not None:
            moment.end()

    @contextmanager
    def alone(self) -> Iterator[Session]:
        """Give a session of one moment, beside which nobody writes; the caller commits it, or leaves nothing.

        Raises as `reading`.
        """
        engine = self._writer.execution_options(**self._one_moment)
        with in_our_words(), Session(self._writer) as gate:
            # In a transaction of its own: one that waits for the lock has its moment before the wait, and
            # would miss what the others were committing.
            hold_register(gate)
            with Session(engine, expire_on_commit=False, autoflush=False) as session:
                yield session

    def transact(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returned, once it is committed; run it again when another was in the way.

        `work` must have no effect but in its session: it may run several times. Raises as `reading`.
        """
        for left in reversed(range(_TRIES)):
            try:
                with self.writing() as session:
                    return work(session)
            except ConflictError:
                if not left:
                    raise
                # Not all at the same moment again.
                time.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 - no secret
        raise AssertionError("unreachable")

    def tend(self) -> None:
        """Let SQLite look at how its rows are spread (ANALYZE, on samples: some milliseconds).

        Without it SQLite takes any index for as good as another, and walks through all attestations of a body
        to find those of one person. A PostgreSQL server does this by itself. Raises as `reading`.
        """
        if self._writer.dialect.name != "sqlite":
            return
        with self.writing() as session:
            session.execute(text(f"PRAGMA analysis_limit = {_SAMPLE}"))
            session.execute(text("ANALYZE"))
        # What an open connection has read of it, it keeps ("The ANALYZE command", SQLite).
        self._writer.dispose()

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
