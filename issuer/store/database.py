"""The database: one engine, short readers, and one writer at a time on SQLite.

Decided here: how a connection is set up and how a transaction begins. SQLite: WAL, `synchronous=FULL`
(COMMIT means on the disk), a busy timeout of 60 s, foreign keys on; writers open with ``BEGIN
IMMEDIATE``, readers with plain ``BEGIN``. A writer that starts as a reader cannot upgrade when another
has written meanwhile: the default lost 424 of 600 concurrent issuances (DESIGN, rule 4). The driver's
own transactions are switched off and BEGIN is sent here (SQLAlchemy manual, "pysqlite", transactions).

Left to others: what is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from passport.errors import PassportError

__all__ = ["Collision", "Database", "DatabaseError", "Session", "database_file", "make_engine"]

BUSY_SECONDS: Final = 60
_WRITES: Final = "passport_writes"

Collision = IntegrityError
"""What a unique constraint answers when two writers took the same thing."""


class DatabaseError(PassportError):
    """The database is missing, of another revision, or does not answer."""

    default_code = "database"


def database_file(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for a server. Raises `DatabaseError` for what is no URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseError("PASSPORT_DATABASE_URL is not a database URL.", code="database_url") from None
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise DatabaseError("A register in memory would be lost.", code="database_url")
    return Path(parsed.database)


def make_engine(url: str, *, foreign_keys: str = "ON") -> Engine:
    """Return the engine for `url`; nothing is opened yet. `foreign_keys`: ``OFF`` only for migrations."""
    if database_file(url) is None:
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None
        # Foreign keys can only be switched outside a transaction: here, or not at all.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"foreign_keys={foreign_keys}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn an error of the driver into ours; its own words may quote values, which may be names."""
    try:
        yield
    except SQLAlchemyError as error:
        raise DatabaseError(
            f"The database refused ({type(error).__name__}).",
            hint="If it is busy or the disk is full, try again; otherwise run `passport check`.",
        ) from None


class Database:
    """Sessions on one database. `close` when done."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self._writer = self._engine.execution_options(**{_WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment of the database; nothing is kept of it.

        Raises `DatabaseError` (`database`) when the database does not answer or is busy too long.
        """
        # Closing ends the transaction without COMMIT; rows that were read stay readable.
        with _in_our_words(), Session(self._engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that commits on a clean exit and otherwise leaves nothing behind.

        Raises as `reading`.
        """
        with _in_our_words(), Session(self._writer, expire_on_commit=False, autoflush=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
