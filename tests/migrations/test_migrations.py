"""Migrations on both databases, up and down, with data in every table: rows counted, foreign keys checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.issuing import issue
from issuer.settings import DATABASE_FILE
from issuer.store import migrating
from issuer.store.engine import DatabaseError, make_engine
from issuer.store.migrating import check_revision, current_revision, migrate, newest_revision
from issuer.store.tables import METADATA
from tests.issuer.databases import NewDatabase, ask, counts, is_sqlite, tell
from tests.issuer.registers import BODY, START, fill, make_register, reopened, request


@pytest.fixture
def url(tmp_path: Path, new_database: NewDatabase) -> str:
    return new_database(tmp_path)


@pytest.fixture
def full(tmp_path: Path, new_database: NewDatabase) -> str:
    """A register with at least one row in every table."""
    folder = tmp_path / "scheme"
    with make_register(folder, url=new_database(folder)) as register:
        fill(register)
        return register.settings.database_url


def test_the_tables_are_those_of_the_migrations(url: str) -> None:
    migrate(url)
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []
    finally:
        engine.dispose()
    assert set(counts(url)) == set(METADATA.tables) | {"alembic_version"}


def test_nothing_cascades_and_every_constraint_has_its_name(url: str) -> None:
    migrate(url)
    if is_sqlite(url):
        _every_line_names_its_constraint(url)
    else:
        deletes = ask(url, "SELECT DISTINCT confdeltype::text FROM pg_constraint WHERE contype = 'f'")
        assert deletes == [("a",)]  # no action
        named = "SELECT conname FROM pg_constraint WHERE contype IN ('f', 'p', 'u')"
        names = {str(name) for (name,) in ask(url, f"{named} AND connamespace = 'public'::regnamespace")}
        ours = {str(c.name) for table in METADATA.tables.values() for c in table.constraints}
        assert {name for name in names if "alembic" not in name} == ours
    for table in METADATA.tables.values():
        assert all(constraint.name for constraint in table.constraints)
        assert all(key.ondelete is None for key in table.foreign_keys)


def _every_line_names_its_constraint(url: str) -> None:
    sql = "\n".join(str(s) for (s,) in ask(url, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    assert "CASCADE" not in sql.upper()
    for kind in ("FOREIGN KEY", "PRIMARY KEY", "UNIQUE ("):
        places = [line for line in sql.splitlines() if kind in line and "alembic_version" not in line]
        assert places
        assert all("CONSTRAINT" in line for line in places)


def test_a_full_register_fills_every_table(full: str) -> None:
    counted = counts(full)
    assert {name for name, count in counted.items() if count == 0} == set()


def test_migrating_again_keeps_every_row(full: str, tmp_path: Path) -> None:
    before = counts(full)
    migrate(full)
    migrate(full, newest_revision())
    assert counts(full) == before


def test_down_and_up(full: str) -> None:
    migrate(full, "base")
    assert set(counts(full)) <= {"alembic_version"}
    assert current_revision(full) is None
    migrate(full)
    counted = counts(full)
    assert counted.pop("alembic_version") == 1
    assert set(counted.values()) == {0}
    check_revision(full)


def test_a_batch_change_keeps_the_rows_of_child_tables(full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite changes a column by copying the table and dropping the old one. With foreign keys on, that
    drop has emptied or refused child tables; a migration to come must find the way here safe."""
    before = counts(full)
    upgraded: list[Any] = []

    def upgrade(config: Any, revision: str) -> None:
        from alembic.operations import Operations

        connection = config.attributes["connection"]
        if is_sqlite(full):
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
        operations = Operations(MigrationContext.configure(connection, opts={"target_metadata": METADATA}))
        for table in ("attestation", "holder", "body", "audit_head", "status_list"):
            recreate = "always" if is_sqlite(full) else "never"  # PostgreSQL changes a table in its place
            with operations.batch_alter_table(table, recreate=recreate) as batch:
                batch.alter_column(next(c.name for c in METADATA.tables[table].columns), nullable=False)
        upgraded.append(revision)

    monkeypatch.setattr(migrating.command, "upgrade", upgrade)
    migrate(full)
    assert upgraded == ["head"]
    assert counts(full) == before
    if is_sqlite(full):
        assert ask(full, "PRAGMA foreign_key_check") == []


def test_a_migration_that_leaves_orphans_is_rolled_back(full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts(full)

    def upgrade(config: Any, revision: str) -> None:
        config.attributes["connection"].exec_driver_sql("DELETE FROM holder")

    monkeypatch.setattr(migrating.command, "upgrade", upgrade)
    with pytest.raises(DatabaseError) as caught:
        migrate(full)
    # PostgreSQL refuses by itself, at the statement.
    assert caught.value.code == ("foreign_keys" if is_sqlite(full) else "database")
    assert not is_sqlite(full) or "attestation" in caught.value.message
    assert counts(full) == before


def test_a_migration_that_fails_leaves_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = migrating.command.upgrade

    def upgrade(config: Any, revision: str) -> None:
        honest(config, revision)
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrating.command, "upgrade", upgrade)
    with pytest.raises(RuntimeError):
        migrate(url)
    assert counts(url) == {}


def test_a_migrated_register_goes_on(full: str, tmp_path: Path, new_database: NewDatabase) -> None:
    migrate(full)
    with make_register(tmp_path / "other", url=new_database(tmp_path / "other")) as other:
        settings = other.settings
    assert settings.folder.name == "other"
    migrate(settings.database_url)
    with Register.open(settings, passphrase=None, clock=lambda: START) as register:
        assert check(register) == []
        with reopened(register) as again:
            issue(again, BODY, [request(50)], actor="test")
            assert check(again) == []


def test_the_revision_is_checked(url: str) -> None:
    assert current_revision(url) is None
    with pytest.raises(DatabaseError) as caught:
        check_revision(url)
    assert caught.value.code == "database_missing"
    assert not is_sqlite(url) or not Path(url.removeprefix("sqlite:///")).exists()
    migrate(url)
    assert current_revision(url) == newest_revision()
    tell(url, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(DatabaseError) as caught:
        check_revision(url)
    assert caught.value.code == "database_revision"


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u@db/passport", "oracle:x"),
        *("postgresql+asyncpg://u@db/passport", "postgresql://u@db:port/passport"),
    ],
)
def test_what_is_no_database_is_refused(wrong: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        current_revision(wrong)
    assert caught.value.code == "database_url"
    assert DATABASE_FILE.endswith(".sqlite3")
