"""Making and opening a data folder: it refuses to start rather than guess."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer.register import Register, chain, trust_documents
from issuer.settings import DATABASE_FILE, SchemeSettings, Settings
from issuer.store.rows import insert_rows
from issuer.store.tables import PlaceRow
from keys.records import Purpose
from keys.sealing import FLOOR
from passport.errors import PassportError
from tests.issuer.databases import counts, is_sqlite, tell
from tests.issuer.registers import PASSPHRASE, SCHEME, START, Clock, change, reopened, rows


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_new_folder_holds_what_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "scheme"
    settings = Settings(folder, f"sqlite:///{folder / DATABASE_FILE}")
    with Register.create(settings, SCHEME, passphrase=PASSPHRASE, clock=Clock(), cost=FLOOR) as register:
        purposes = [record.purpose for record in register.ring.records()]
        assert sorted(purposes) == [Purpose.PUBLICATION, Purpose.ROOT]
        assert register.trust().trust_list.version == 1
        assert register.trust().weakness(START) is None
        assert not register.trust().trust_list.bodies
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("register.secret", "code.secret", DATABASE_FILE):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert SchemeSettings.read(folder) == SCHEME
    assert rows_of_journal(folder) == "wal"


def rows_of_journal(folder: Path) -> object:
    connection = sqlite3.connect(folder / DATABASE_FILE)
    try:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]
    finally:
        connection.close()


def test_a_scheme_is_made_once(register: Register) -> None:
    before = tree(register.settings.folder)
    with pytest.raises(PassportError) as caught:
        Register.create(register.settings, SCHEME, passphrase=PASSPHRASE, cost=FLOOR)
    assert caught.value.code == "folder_used"
    assert tree(register.settings.folder) == before


def test_a_folder_half_made_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(trust_documents, "publish_trust_list", fail)
    settings = Settings(tmp_path / "half", f"sqlite:///{tmp_path / 'half' / DATABASE_FILE}")
    with pytest.raises(OSError, match="full"):
        Register.create(settings, SCHEME, passphrase=PASSPHRASE, clock=Clock(), cost=FLOOR)
    with pytest.raises(PassportError) as caught:
        Register.open(settings, passphrase=PASSPHRASE)
    assert caught.value.code == "no_scheme"


def test_a_used_database_is_not_taken_over(register: Register, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "other", register.settings.database_url)
    with pytest.raises(PassportError) as caught:
        Register.create(settings, SCHEME, passphrase=PASSPHRASE, cost=FLOOR)
    assert caught.value.code == "database_used"


def test_an_open_register_is_the_one_that_was_made(register: Register) -> None:
    with reopened(register) as again:
        assert again.scheme == register.scheme
        assert again.trust().trust_list == register.trust().trust_list
        assert again.person_secret == register.person_secret
        assert again.code_secret == register.code_secret


def unmigrate(register: Register) -> None:
    change(register, "UPDATE alembic_version SET version_num = '9999'")


def empty_database(register: Register) -> None:
    url = register.settings.database_url
    if not is_sqlite(url):
        for table in counts(url):
            tell(url, f"DROP TABLE {table} CASCADE")
        return
    for path in register.settings.folder.glob(f"{DATABASE_FILE}*"):
        path.unlink()
    sqlite3.connect(register.settings.folder / DATABASE_FILE).close()


def lose_database(register: Register) -> None:
    if is_sqlite(register.settings.database_url):
        (register.settings.folder / DATABASE_FILE).unlink()
    else:
        change(register, "DROP SCHEMA public CASCADE")


def forget_trust(register: Register) -> None:
    change(register, "DELETE FROM public_document")


def forge_trust(register: Register) -> None:
    [(data,)] = rows(register, "SELECT data FROM public_document WHERE name = 'trust/2'")
    assert isinstance(data, bytes)
    forged = data.replace(b'"signature":"', b'"signature":"AAAA', 1)
    change(register, "UPDATE public_document SET data = ? WHERE name = 'trust/2'", forged)


def open_key_to_others(register: Register) -> None:
    next((register.settings.folder / "keys").rglob("c*.json")).chmod(0o644)


def in_folder(breaks: Callable[[Path], object]) -> Callable[[Register], object]:
    return lambda register: breaks(register.settings.folder)


BREAKAGES: dict[str, tuple[str, Callable[[Register], object]]] = {
    "no folder": ("no_folder", in_folder(shutil.rmtree)),
    "no scheme.json": ("no_scheme", in_folder(lambda folder: (folder / "scheme.json").unlink())),
    "damaged scheme.json": ("scheme_file", in_folder(lambda f: (f / "scheme.json").write_text("{"))),
    "no keys": ("no_ring", in_folder(lambda folder: shutil.rmtree(folder / "keys"))),
    "a key others may read": ("key_file_open", open_key_to_others),
    "no secret": ("secret_missing", in_folder(lambda folder: (folder / "register.secret").unlink())),
    "short secret": ("secret_missing", in_folder(lambda f: (f / "register.secret").write_text("00"))),
    "no database": ("database_missing", lose_database),
    "empty database": ("database_missing", empty_database),
    "another revision": ("database_revision", unmigrate),
    "no trust list": ("trust_missing", forget_trust),
    "forged trust list": ("compact_form", forge_trust),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_refuses_to_start(register: Register, name: str) -> None:
    expected, breaks = BREAKAGES[name]
    register.close()
    breaks(register)
    before = tree(register.settings.folder) if register.settings.folder.exists() else None
    with pytest.raises(PassportError) as caught:
        reopened(register)
    assert caught.value.code == expected
    if before is None:
        assert not register.settings.folder.exists()
    else:
        assert {n for n in tree(register.settings.folder) if not n.endswith(("-wal", "-shm"))} == {
            n for n in before if not n.endswith(("-wal", "-shm"))
        }


def test_a_wrong_passphrase_is_refused(register: Register) -> None:
    with pytest.raises(PassportError) as caught:
        reopened(register, passphrase=b"no")
    assert caught.value.code == "wrong_passphrase"


def test_a_list_of_another_scheme_is_refused(register: Register) -> None:
    """The database of one folder under the keys of another: our own root keys decide."""
    shutil.rmtree(register.settings.folder / "keys" / "scheme")
    for purpose in (Purpose.ROOT, Purpose.PUBLICATION):
        register.ring.generate("scheme", purpose, at=START)
    with pytest.raises(PassportError) as caught:
        reopened(register)
    assert caught.value.code == "root_signatures"


def write_then_fail(register: Register) -> None:
    with register.writing() as session:
        chain.append(session, "scheme", "test.event", {}, at=START)
        raise ZeroDivisionError


def test_leaving_the_block_by_an_error_keeps_nothing(register: Register) -> None:
    before = rows(register, "SELECT count(*) FROM audit_row")
    with pytest.raises(ZeroDivisionError):
        write_then_fail(register)
    assert rows(register, "SELECT count(*) FROM audit_row") == before


def test_durability_and_foreign_keys_are_on(register: Register) -> None:
    with register.reading() as session:
        connection = session.connection()
        if not is_sqlite(register.settings.database_url):
            settings = "synchronous_commit", "lock_timeout", "transaction_isolation", "transaction_read_only"
            shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in settings]
            assert shown == ["on", "1min", "repeatable read", "on"]
            return
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "foreign_keys", "busy_timeout", "journal_mode")
        }
    assert asked == {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000, "journal_mode": "wal"}


def test_the_database_error_quotes_no_value(register: Register) -> None:
    with pytest.raises(PassportError) as caught, register.writing() as session:
        insert_rows(session, PlaceRow, [{"body": "nobody", "id": "x", "name": "Marie Secret", "start": 1}])
    assert caught.value.code == "database"
    assert "Secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_open_folder_and_umask_do_not_open_what_is_in_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        folder = tmp_path / "s"
        folder.mkdir(mode=0o755)
        settings = Settings(folder, f"sqlite:///{folder / DATABASE_FILE}")
        Register.create(settings, SCHEME, passphrase=PASSPHRASE, clock=Clock(), cost=FLOOR).close()
        assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / DATABASE_FILE).stat().st_mode) == 0o600
    finally:
        os.umask(old)
