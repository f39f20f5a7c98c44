"""Engines: from a URL to connections that are set up the way we rely on.

Decided here: SQLite or PostgreSQL by psycopg, and nothing else; how a connection is set up. On both COMMIT
means on the disk, and whoever waits for a lock gives up after 60 s. SQLite: WAL, `synchronous=FULL`,
foreign keys on; the driver's own transactions are switched off and BEGIN is sent here (SQLAlchemy manual,
"pysqlite", transactions). PostgreSQL: a connection that a restart of the server has cut is replaced before
it is used.

Left to others: transactions (`database`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError

from passport.errors import PassportError

__all__ = [
    "BUSY_SECONDS",
    "CONNECT_SECONDS",
    "WRITES",
    "DatabaseError",
    "database_file",
    "make_engine",
    "same_database",
    "shown_url",
]

BUSY_SECONDS: Final = 60
CONNECT_SECONDS: Final = 10
WRITES: Final = "passport_writes"
"""The execution option of a connection that will write."""

_POSTGRESQL: Final = "postgresql+psycopg"
_HARMLESS: Final = frozenset({"application_name", "host", "port", "sslmode", "target_session_attrs"})
_SYNONYMS: Final = frozenset({"postgres", "postgresql", _POSTGRESQL})
# Whoever set the server to more than `on` (a standby must have it too) keeps that.
_SET_UP: Final = (
    f"SET lock_timeout = '{BUSY_SECONDS}s'",
    "SELECT set_config(name, 'on', false) FROM pg_settings"
    " WHERE name = 'synchronous_commit' AND setting = 'off'",
)


class DatabaseError(PassportError):
    """The database is missing, of another revision, or does not answer."""

    default_code = "database"


def _url_error(message: str) -> DatabaseError:
    hint = "Expected sqlite:///FILE or postgresql://USER@HOST/DATABASE."
    return DatabaseError(message, code="database_url", hint=hint)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _url_error("What names the database is not a database URL.") from None
    if parsed.drivername in _SYNONYMS:
        return parsed.set(drivername=_POSTGRESQL)
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return parsed
    # Not quoted: what stands there may be a password out of place.
    raise _url_error("The URL names neither SQLite nor PostgreSQL (by psycopg).")


def database_file(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for a server. Raises `DatabaseError` (`database_url`)."""
    parsed = _parsed(url)
    if parsed.drivername == _POSTGRESQL:
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise _url_error("A register in memory would be lost.")
    return Path(parsed.database)


def shown_url(url: str) -> str:
    """Return the URL as it may be shown: without password, and of its options only those that are harmless.

    An SQLite file by its whole path. Raises `DatabaseError` (`database_url`).
    """
    file, parsed = database_file(url), _parsed(url)
    if file is not None:
        return f"sqlite:///{file.absolute()}"
    harmless = {name: value for name, value in parsed.query.items() if name in _HARMLESS}
    plain = parsed.set(drivername="postgresql", query=harmless)
    return plain.render_as_string(hide_password=True)


def same_database(one: str, other: str) -> bool:
    """Tell whether two URLs name the same database, as far as the URLs themselves tell."""
    files = [database_file(url) for url in (one, other)]
    if None in files:
        mine, theirs = (_parsed(url) for url in (one, other))
        where = [(u.host or u.query.get("host"), u.port or 5432, u.database) for u in (mine, theirs)]
        return files == [None, None] and where[0] == where[1]
    return len({file.resolve() for file in files if file is not None}) == 1


def make_engine(url: str, *, foreign_keys: str = "ON", connect_seconds: int = CONNECT_SECONDS) -> Engine:
    """Return the engine for `url`; nothing is opened yet.

    `foreign_keys`: of SQLite; ``OFF`` only for migrations. Raises `DatabaseError` (`database_url`).
    """
    if database_file(url) is None:
        return _server_engine(_parsed(url), connect_seconds)
    return _file_engine(url, foreign_keys)


def _server_engine(url: URL, connect_seconds: int) -> Engine:
    timeouts = {} if "connect_timeout" in url.query else {"connect_timeout": connect_seconds}
    engine = create_engine(url, pool_pre_ping=True, connect_args=timeouts)

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            for statement in _SET_UP:
                cursor.execute(statement)
        connection.commit()  # a setting of a transaction that is rolled back would be lost

    @event.listens_for(engine, "handle_error")
    def _close(failed: ExceptionContext) -> None:
        # SQLAlchemy leaves the cursor of a lost connection open; psycopg warns of one that the server held.
        statement = failed.execution_context
        if failed.is_disconnect and statement is not None and statement.cursor is not None:
            statement.cursor.close()

    return engine


def _file_engine(url: str, foreign_keys: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None
        # Foreign keys can only be switched outside a transaction: here, or not at all.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"foreign_keys={foreign_keys}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
