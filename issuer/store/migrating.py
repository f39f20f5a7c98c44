"""The schema's revision: which one the program needs, which one a database has, and the way between.

Decided here: migrations run in one transaction. On SQLite foreign keys are off before it begins (a
batch change drops the old table, and with them on the rows of its child tables would go), and
``foreign_key_check`` must find nothing before COMMIT. On PostgreSQL changes of the
schema are part of the transaction too. Alembic's configuration is made in code: there is no
`alembic.ini` to be lost. Nothing here makes a database by itself: the caller says so.
"""

from __future__ import annotations

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from issuer.store.database import in_our_words
from issuer.store.engine import WRITES, DatabaseError, database_file, make_engine
from issuer.store.locks import hold_migrations

__all__ = ["bring_up", "check_revision", "current_revision", "is_bare", "migrate", "newest_revision"]

_SCRIPTS: Final = "issuer.store:migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    # Where Alembic splits lists of folders; said outright, else it warns.
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Return the revision that this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise DatabaseError("This installation holds no migrations.", code="migrations_missing")
    return head


def current_revision(url: str) -> str | None:
    """Return the revision of a database, None when it has no schema of ours (or no file)."""
    file = database_file(url)
    if file is not None and not file.is_file():
        return None
    engine = make_engine(url)
    try:
        with in_our_words(), engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def check_revision(url: str) -> None:
    """Refuse a database that is missing or at another revision (`database_missing`, `database_revision`)."""
    current = _present_revision(url)
    if current != newest_revision():
        raise _wrong_revision(current)


def is_bare(url: str) -> bool:
    """Tell whether a database holds no table at all, ours or another's (or there is no file)."""
    file = database_file(url)
    if file is not None and not file.is_file():
        return True
    engine = make_engine(url)
    try:
        with in_our_words(), engine.connect() as connection:
            return not inspect(connection).get_table_names()
    finally:
        engine.dispose()


def bring_up(url: str) -> tuple[str, str]:
    """Bring a register that is there to the revision this program needs; return the one before and after.

    Makes nothing. Raises `DatabaseError`: `database_missing`; `database_revision` when the database is of a
    newer program; `foreign_keys`. Nothing is changed then.
    """
    current = _present_revision(url)
    if not _is_known(current):
        raise _wrong_revision(current)
    migrate(url)
    return current, newest_revision()


def _present_revision(url: str) -> str:
    current = current_revision(url)
    if current is None:
        raise DatabaseError(
            "There is no register in the database.",
            code="database_missing",
            hint="A new one is made by `passport init`. Was PASSPORT_DATABASE_URL set when it was made?",
        )
    return current


def _is_known(revision: str) -> bool:
    """Tell whether this program has the migration of `revision`: else it is a newer program's."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return any(script.revision == revision for script in scripts)


def _wrong_revision(current: str) -> DatabaseError:
    older = "It is an older one: keep a copy of the folder, then run `passport migrate`."
    newer = "It is of a newer program: use that one."
    return DatabaseError(
        f"The database is at revision {current}; this program needs {newest_revision()}.",
        code="database_revision",
        hint=f"{older if _is_known(current) else newer} Nothing was changed.",
    )


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to `revision`, up or down (``base``: no tables); make the file if it is not there.

    All or nothing. Raises `DatabaseError` (`foreign_keys`) when rows would be left without their parents.
    """
    engine = make_engine(url, foreign_keys="OFF")
    try:
        # The write lock is taken at once: two programs must not migrate side by side.
        with in_our_words(), engine.execution_options(**{WRITES: True}).begin() as connection:
            hold_migrations(connection)
            config = _config(connection)
            if _is_below(config, connection, revision):
                command.upgrade(config, revision)
            else:
                command.downgrade(config, revision)
            _check_foreign_keys(connection)
    finally:
        engine.dispose()


def _is_below(config: Config, connection: Connection, revision: str) -> bool:
    """Tell whether the database stands below `revision` (or at it)."""
    if revision in {"head", "heads"}:
        return True
    if revision == "base":
        return False
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    line = [script.revision for script in scripts.walk_revisions("base", revision)]
    return current is None or current in line


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        tables = ", ".join(sorted({str(row[0]) for row in orphans}))
        raise DatabaseError(
            f"After the migration {len(orphans)} rows of {tables} have no parent; nothing was changed.",
            code="foreign_keys",
        )
