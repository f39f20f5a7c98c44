"""Migrations, up and down, with data in every table: rows counted, foreign keys checked."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from issuer.register import Register
from issuer.register.access import new_one_time_link
from issuer.register.audit import check
from issuer.register.bodies import close_body, new_api_token
from issuer.register.changes import correct
from issuer.register.codes import count_lookup
from issuer.register.idempotency import keep
from issuer.register.issuing import issue
from issuer.settings import DATABASE_FILE
from issuer.store import migrating
from issuer.store.database import DatabaseError, make_engine
from issuer.store.migrating import check_revision, current_revision, migrate, newest_revision
from issuer.store.tables import METADATA
from tests.issuer.registers import BODY, OTHER, START, make_register, reopened, request


def tables(url: str) -> dict[str, int]:
    """Return the number of rows of every table, as the database itself counts."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {n: connection.execute(f"SELECT count(*) FROM {n}").fetchone()[0] for (n,) in names}  # noqa: S608
    finally:
        connection.close()


def execute(url: str, *statements: str) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        with connection:
            for statement in statements:
                connection.execute(statement)
    finally:
        connection.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.sqlite3'}"


@pytest.fixture
def full(tmp_path: Path) -> str:
    """A register with at least one row in every table."""
    with make_register(tmp_path / "scheme") as register:
        made = issue(register, BODY, [request(n) for n in range(3)], actor="test")
        correct(register, made[0].code, request(levels={"1.1": 4}), actor="test", reason="r")
        new_api_token(register, BODY, label="caisse")
        keep(register, BODY, "k", request=b"q", response=b"r")
        count_lookup(register, "192.0.2.1")
        new_one_time_link(register)
        close_body(register, OTHER, at=START + 1, successor=BODY, actor="test")
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
    assert set(tables(url)) == set(METADATA.tables) | {"alembic_version"}


def test_nothing_cascades_and_every_constraint_has_its_name(url: str) -> None:
    migrate(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    sql = "\n".join(s for (s,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    connection.close()
    assert "CASCADE" not in sql.upper()
    for kind in ("FOREIGN KEY", "PRIMARY KEY", "UNIQUE ("):
        places = [line for line in sql.splitlines() if kind in line and "alembic_version" not in line]
        assert places
        assert all("CONSTRAINT" in line for line in places)
    for table in METADATA.tables.values():
        assert all(constraint.name for constraint in table.constraints)
        assert all(key.ondelete is None for key in table.foreign_keys)


def test_a_full_register_fills_every_table(full: str) -> None:
    counted = tables(full)
    assert {name for name, count in counted.items() if count == 0} == set()


def test_migrating_again_keeps_every_row(full: str, tmp_path: Path) -> None:
    before = tables(full)
    migrate(full)
    migrate(full, newest_revision())
    assert tables(full) == before


def test_down_and_up(full: str) -> None:
    migrate(full, "base")
    assert set(tables(full)) <= {"alembic_version"}
    assert current_revision(full) is None
    migrate(full)
    counted = tables(full)
    assert counted.pop("alembic_version") == 1
    assert set(counted.values()) == {0}
    check_revision(full)


def test_a_batch_change_keeps_the_rows_of_child_tables(full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite changes a column by copying the table and dropping the old one. With foreign keys on, that
    drop has emptied or refused child tables; a migration to come must find the way here safe."""
    before = tables(full)
    upgraded: list[Any] = []

    def upgrade(config: Any, revision: str) -> None:
        from alembic.operations import Operations

        connection = config.attributes["connection"]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
        operations = Operations(MigrationContext.configure(connection, opts={"target_metadata": METADATA}))
        for table in ("attestation", "holder", "body", "audit_head", "status_list"):
            with operations.batch_alter_table(table, recreate="always") as batch:
                batch.alter_column(next(c.name for c in METADATA.tables[table].columns), nullable=False)
        upgraded.append(revision)

    monkeypatch.setattr(migrating.command, "upgrade", upgrade)
    migrate(full)
    assert upgraded == ["head"]
    assert tables(full) == before
    connection = sqlite3.connect(full.removeprefix("sqlite:///"))
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_migration_that_leaves_orphans_is_rolled_back(full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(full)

    def upgrade(config: Any, revision: str) -> None:
        config.attributes["connection"].exec_driver_sql("DELETE FROM holder")

    monkeypatch.setattr(migrating.command, "upgrade", upgrade)
    with pytest.raises(DatabaseError) as caught:
        migrate(full)
    assert caught.value.code == "foreign_keys"
    assert "attestation" in caught.value.message
    assert tables(full) == before


def test_a_migration_that_fails_leaves_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = migrating.command.upgrade

    def upgrade(config: Any, revision: str) -> None:
        honest(config, revision)
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrating.command, "upgrade", upgrade)
    with pytest.raises(RuntimeError):
        migrate(url)
    assert tables(url) == {}


def test_a_migrated_register_goes_on(full: str, tmp_path: Path) -> None:
    migrate(full)
    with make_register(tmp_path / "other") as other:
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
    assert not Path(url.removeprefix("sqlite:///")).exists()
    migrate(url)
    assert current_revision(url) == newest_revision()
    execute(url, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(DatabaseError) as caught:
        check_revision(url)
    assert caught.value.code == "database_revision"


@pytest.mark.parametrize("wrong", ["", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_database_is_refused(wrong: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        current_revision(wrong)
    assert caught.value.code == "database_url"
    assert DATABASE_FILE.endswith(".sqlite3")
