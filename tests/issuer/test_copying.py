"""A register copied from SQLite to PostgreSQL and back: every row, once, or nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.bodies import NewBody, add_body
from issuer.register.changes import withdraw
from issuer.register.copying import CopyReport, copy_register
from issuer.register.issuing import issue
from issuer.register.publishing import publish_trust_list
from issuer.store import copying
from issuer.store.database import Database
from issuer.store.engine import same_database, shown_url
from issuer.store.migrating import migrate
from issuer.store.tables import METADATA
from passport.errors import PassportError
from tests.issuer.databases import ask, counts, tell
from tests.issuer.registers import BODY, PASSPHRASE, Clock, fill, make_register, request, seen
from tests.issuer.test_bodies import GOOD
from tests.postgres import Server

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).resolve().parents[2]
SEED = 20261125
WAYS = ["sqlite to postgresql", "postgresql to sqlite", "postgresql to postgresql", "sqlite to sqlite"]


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def urls(tmp_path: Path, postgres: Server) -> Iterator[dict[str, list[str]]]:
    """Two empty databases of each kind."""
    servers = [postgres.new_database(), postgres.new_database()]
    yield {"sqlite": [f"sqlite:///{tmp_path}/{n}.sqlite3" for n in range(2)], "postgresql": servers}
    for url in servers:
        postgres.drop(url)


@pytest.fixture
def pair(request: pytest.FixtureRequest, urls: dict[str, list[str]]) -> tuple[str, str]:
    """Source and target."""
    way = getattr(request, "param", WAYS[0])
    source, target = way.split(" to ")
    return urls[source][0], urls[target][1]


@pytest.fixture
def full(tmp_path: Path, clock: Clock, pair: tuple[str, str]) -> Iterator[Register]:
    """A register with rows in every table."""
    with make_register(tmp_path / "scheme", clock, url=pair[0]) as made:
        fill(made)
        yield made


def on(register: Register, url: str) -> Register:
    """Open the folder with another database."""
    settings = replace(register.settings, database_url=url)
    return Register.open(settings, passphrase=PASSPHRASE, clock=register.now)


def total(url: str) -> int:
    return sum(count for name, count in counts(url).items() if name != "alembic_version")


@pytest.mark.parametrize("pair", WAYS, indirect=True)
def test_every_row_arrives_and_the_copy_goes_on(full: Register, pair: tuple[str, str]) -> None:
    told: list[tuple[int, int]] = []
    report = copy_register(full, pair[1], progress=lambda done, all_: told.append((done, all_)))
    assert report == CopyReport(rows=total(pair[0]), tables=len(METADATA.tables), chains=4, made=True)
    assert counts(pair[1]) == counts(pair[0])
    assert all(count for count in counts(pair[1]).values())
    assert (sum(done for done, _ in told), {all_ for _, all_ in told}) == (2 * report.rows, {2 * report.rows})
    for table in ("status_change", "body"):
        order = "id" if table == "status_change" else "slug"
        both = [ask(url, f"SELECT * FROM {table} ORDER BY {order}") for url in pair]  # noqa: S608
        assert len(both[0]) == len(both[1]) > 0
    assert ask(pair[1], "SELECT successor FROM body WHERE slug = 'a-body'") == [(BODY,)]
    with on(full, pair[1]) as copied:
        assert check(copied) == []
        # The next numbers are free on either database.
        add_body(copied, NewBody(**GOOD), actor="test")
        publish_trust_list(copied, actor="test")
        [made] = issue(copied, BODY, [request(70)], actor="test")
        withdraw(copied, made.code, actor="test")
        assert not seen(copied, made.token)
        assert check(copied) == []


@pytest.mark.parametrize("pair", WAYS[:2], indirect=True)
def test_given_again_it_compares(full: Register, pair: tuple[str, str]) -> None:
    first = copy_register(full, pair[1], progress=quiet)
    assert copy_register(full, pair[1], progress=quiet) == replace(first, made=False)
    issue(full, BODY, [request(60)], actor="test")  # the service was not stopped
    before = counts(pair[1])
    with pytest.raises(PassportError) as caught:
        copy_register(full, pair[1], progress=quiet)
    assert caught.value.code == "copy_used"
    assert "attestation" in caught.value.message
    assert "one_time_link" not in caught.value.message
    assert counts(pair[1]) == before


def test_there_and_back_is_the_same(
    full: Register, pair: tuple[str, str], urls: dict[str, list[str]]
) -> None:
    copy_register(full, pair[1], progress=quiet)
    back = urls["sqlite"][1]
    with on(full, pair[1]) as copied:
        copy_register(copied, back, progress=quiet)
    assert copy_register(full, back, progress=quiet).made is False


@pytest.mark.parametrize("pair", WAYS[:2], indirect=True)
def test_only_an_empty_database_is_taken(full: Register, pair: tuple[str, str]) -> None:
    tell(pair[1], "CREATE TABLE other (id int)")
    with pytest.raises(PassportError) as caught:
        copy_register(full, pair[1], progress=quiet)
    assert caught.value.code == "copy_used"
    assert set(counts(pair[1])) == {"other"}
    tell(pair[1], "DROP TABLE other")
    migrate(pair[1])
    tell(pair[1], "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(PassportError) as caught:
        copy_register(full, pair[1], progress=quiet)
    assert caught.value.code == "copy_revision"
    assert total(pair[1]) == 0


@pytest.mark.parametrize("pair", WAYS[:2], indirect=True)
def test_the_source_itself_is_no_target(full: Register, pair: tuple[str, str]) -> None:
    with pytest.raises(PassportError) as caught:
        copy_register(full, pair[0], progress=quiet)
    assert caught.value.code == "copy_same"


@pytest.mark.parametrize("pair", WAYS[:2], indirect=True)
def test_a_copy_that_reads_back_otherwise_is_not_kept(
    full: Register, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = copying._copy_table

    def forgetful(*given: object, **named: object) -> object:
        done = honest(*given, **named)  # type: ignore[arg-type]
        if done.table == "status_list":
            given[1].execute(METADATA.tables["status_list"].update().values(array=b"\x01"))  # type: ignore[attr-defined]
        return done

    monkeypatch.setattr(copying, "_copy_table", forgetful)
    with pytest.raises(PassportError) as caught:
        copy_register(full, pair[1], progress=quiet)
    assert caught.value.code == "copy_differs"
    assert "status_list" in caught.value.message
    assert total(pair[1]) == 0


@pytest.mark.parametrize("pair", WAYS[:2], indirect=True)
def test_a_broken_chain_is_not_copied(full: Register, pair: tuple[str, str]) -> None:
    tell(pair[0], "UPDATE audit_row SET event = 'x' WHERE chain = ? AND seq = 2", BODY)
    with pytest.raises(PassportError) as caught:
        copy_register(full, pair[1], progress=quiet)
    assert (caught.value.code, BODY in caught.value.message) == ("copy_chain", True)
    assert total(pair[1]) == 0


@pytest.mark.parametrize("pair", WAYS[:2], indirect=True)
def test_killed_at_any_moment_the_target_is_empty_and_the_command_completes(
    full: Register, pair: tuple[str, str]
) -> None:
    issue(full, BODY, [request(n) for n in range(100, 600)], actor="test", accept_duplicates=True)
    numbers, killed = random.Random(SEED), 0
    environment = {**os.environ, "PASSPORT_DATABASE_URL": pair[0], "PASSPORT_COPY_TO": pair[1]}
    words = [sys.executable, "-m", "tests.issuer.copier", str(full.settings.folder)]
    for _ in range(4):
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(numbers.uniform(0.0, 0.1))
        process.kill()
        process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL and total(pair[1]) == 0
        assert total(pair[1]) in {0, total(pair[0])}
    assert killed
    copy_register(full, pair[1], progress=quiet)
    assert counts(pair[1]) == counts(pair[0])


@pytest.mark.parametrize("pair", WAYS[:2], indirect=True)
def test_whoever_writes_meanwhile_waits_and_is_not_in_the_copy(
    full: Register, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, answers = total(pair[0]), []
    writer = threading.Thread(target=lambda: answers.append(issue(full, BODY, [request(80)], actor="test")))

    def progress(done: int, all_: int) -> None:
        if not writer.ident:
            writer.start()
            time.sleep(0.4)
            with full.reading():  # who reads does not wait
                assert full.trust()
        assert answers == []

    assert copy_register(full, pair[1], progress=progress).rows == before
    writer.join(timeout=60)
    assert len(answers[0]) == 1
    assert total(pair[1]) == before < total(pair[0])


@pytest.mark.parametrize("pair", WAYS[1:2], indirect=True)
def test_what_is_being_committed_when_the_copy_begins_is_in_it(full: Register, pair: tuple[str, str]) -> None:
    """The lock was once taken in the transaction that read: its moment was then before the wait."""
    database, written = Database(pair[0]), threading.Event()

    def slow() -> None:
        with database.writing() as session:
            session.execute(METADATA.tables["lookup_day"].insert().values(day=1, key=b"k"))
            written.set()
            time.sleep(0.5)

    writer = threading.Thread(target=slow)
    writer.start()
    written.wait(timeout=30)
    copy_register(full, pair[1], progress=quiet)
    writer.join()
    database.close()
    assert ask(pair[1], "SELECT count(*) FROM lookup_day WHERE day = 1") == [(1,)]


def test_a_url_is_shown_without_its_secrets() -> None:
    shown = shown_url("postgresql+psycopg://u:hidden@db.example:5433/r?password=hidden&sslmode=require")
    assert shown == "postgresql://u:***@db.example:5433/r?sslmode=require"
    assert shown_url("sqlite:////d/r.sqlite3") == "sqlite:////d/r.sqlite3"
    assert same_database("postgres://a:x@h/r", "postgresql+psycopg://b@h:5432/r")
    assert not same_database("postgres://a:x@h/r", "postgres://a:x@h/s")
    assert not same_database("postgres://a:x@h/r", "sqlite:////d/r.sqlite3")
