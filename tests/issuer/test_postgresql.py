"""What only a server that lets many write at once can do wrong, tried on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.changes import correct, replace, withdraw
from issuer.register.issuing import DuplicateError, Issued, issue
from issuer.register.publishing import publish_trust_list
from issuer.register.sealing import refuse_key
from issuer.register.trust_documents import renew_now
from issuer.store.database import Database, DatabaseError
from keys.records import Purpose
from passport.errors import PassportError
from passport.jose import split
from passport.trust.writing import sealed_set_document
from tests.issuer.databases import ask, tell
from tests.issuer.registers import BODY, START, Clock, change, make_register, request, rows, seen
from tests.issuer.test_processes import worker
from tests.issuer.test_sealing import judge
from tests.postgres import Server

pytestmark = pytest.mark.postgres
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    made = postgres.new_database()
    yield made
    postgres.drop(made)


@pytest.fixture
def register(tmp_path: Path, clock: Clock, url: str) -> Iterator[Register]:
    """On PostgreSQL alone."""
    with make_register(tmp_path / "scheme", clock, url=url) as made:
        yield made


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads that begin together; return what each returned or raised."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except PassportError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def cut_connections(url: str) -> None:
    assert ask(url, f"SELECT pg_terminate_backend(pid) {OTHERS}")


@pytest.mark.parametrize("at", ["INSERT INTO status_entry", "INSERT INTO credential", "UPDATE audit_head"])
def test_a_connection_lost_in_the_middle_leaves_nothing_half(register: Register, url: str, at: str) -> None:
    issue(register, BODY, [request(0)], actor="test")
    cut: list[str] = []

    def scissors(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        if at in sql and not cut:
            cut.append(sql)
            cut_connections(url)

    event.listen(Engine, "before_cursor_execute", scissors)
    try:
        with pytest.raises(DatabaseError) as caught:
            issue(register, BODY, [request(n, source=f"s{n}") for n in (1, 2)], actor="test")
    finally:
        event.remove(Engine, "before_cursor_execute", scissors)
    assert cut
    assert caught.value.code == "database"
    assert "lost" in caught.value.message
    for table in ("attestation", "holder", "status_entry", "status_list"):
        assert rows(register, f"SELECT count(*) FROM {table}") == [(1,)]  # noqa: S608
    assert rows(register, "SELECT count(*) FROM credential") == [(3,)]  # one attestation, in three forms
    again = issue(register, BODY, [request(n, source=f"s{n}") for n in (1, 2)], actor="test")
    assert [made.created for made in again] == [True, True]
    assert check(register) == []


def test_a_server_that_was_restarted_meanwhile_is_not_noticed(register: Register, url: str) -> None:
    issue(register, BODY, [request(0)], actor="test")
    cut_connections(url)
    assert register.trust().trust_list.version == 2
    cut_connections(url)
    [made] = issue(register, BODY, [request(1)], actor="test")
    assert seen(register, made.token)


@pytest.mark.parametrize("at", ["before", "midway"])
def test_rows_that_the_server_holds_are_let_go_when_it_is_lost(register: Register, url: str, at: str) -> None:
    """A cursor left open would warn when it is thrown away, at any later moment."""
    issue(register, BODY, [request(n, source=f"s{n}") for n in range(3)], actor="test")
    opened: list[Any] = []

    def note(_connection: object, cursor: Any, sql: str, *_: object) -> None:
        if "FROM credential" in sql:
            opened.append(cursor)
            if at == "before":
                cut_connections(url)

    def read() -> None:
        wanted = text("SELECT token FROM credential").execution_options(yield_per=1)
        with register.reading() as session, closing(session.execute(wanted)) as found:
            for _ in found:
                cut_connections(url)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with pytest.raises(DatabaseError):
            read()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [type(cursor).__name__ for cursor in opened] == ["ServerCursor"]
    assert all(cursor.closed for cursor in opened)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    database = Database("postgresql://passport:hidden@127.0.0.1:1/passport")
    with pytest.raises(DatabaseError) as caught, database.reading() as session:
        session.execute(text("SELECT 1"))
    database.close()
    assert caught.value.code == "database"
    assert "hidden" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.__suppress_context__


def test_the_head_of_the_chain_is_locked_last(register: Register) -> None:
    issue(register, BODY, [request(0)], actor="test")
    told: list[str] = []

    def listen(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        told.append(" ".join(sql.split()[:3]) if "audit_head" not in sql else f"HEAD {sql.split()[0]}")

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        issue(register, BODY, [request(1)], actor="test")
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert told[-3:] == ["HEAD SELECT", "INSERT INTO audit_row", "HEAD UPDATE"]
    assert sum(line.startswith("HEAD") for line in told) == 2
    assert told[-4].startswith("UPDATE status_list")


def test_a_reader_sees_one_moment_and_writes_nothing(register: Register) -> None:
    with register.reading() as session:
        before = session.execute(text("SELECT count(*) FROM attestation")).scalar()
        issue(register, BODY, [request(0)], actor="test")
        assert session.execute(text("SELECT count(*) FROM attestation")).scalar() == before == 0
    with pytest.raises(DatabaseError), register.reading() as session:
        session.execute(text("DELETE FROM credential"))
    assert rows(register, "SELECT count(*) FROM credential") == [(3,)]


def test_a_deadlock_is_undone_and_run_again(url: str) -> None:
    database = Database(url)
    tell(url, "CREATE TABLE pair (id int PRIMARY KEY, seen int NOT NULL)")
    tell(url, "INSERT INTO pair VALUES (1, 0), (2, 0)")
    both, runs = threading.Barrier(2), []

    def in_order(*ids: int) -> None:
        def work(session: Any) -> None:
            runs.append(ids)
            session.execute(text("UPDATE pair SET seen = seen + 1 WHERE id = :id"), {"id": ids[0]})
            if len(runs) <= 2:
                both.wait(timeout=30)
            session.execute(text("UPDATE pair SET seen = seen + 1 WHERE id = :id"), {"id": ids[1]})

        database.transact(work)

    assert at_once(lambda: in_order(1, 2), lambda: in_order(2, 1)) == [None, None]
    database.close()
    assert len(runs) == 3
    assert ask(url, "SELECT seen FROM pair ORDER BY id") == [(2,), (2,)]


def test_what_always_collides_is_told_in_the_end(url: str) -> None:
    database = Database(url)
    tell(url, "CREATE TABLE one (id int PRIMARY KEY)")
    tell(url, "INSERT INTO one VALUES (1)")
    tries = []

    def work(session: Any) -> None:
        tries.append(1)
        session.execute(text("INSERT INTO one VALUES (1)"))

    with pytest.raises(DatabaseError) as caught:
        database.transact(work)
    database.close()
    assert (caught.value.code, len(tries)) == ("database", 10)
    assert "same moment" in caught.value.message


def test_two_desks_that_say_the_same_of_a_person_make_it_once(register: Register) -> None:
    issue(register, BODY, [request(99)], actor="test")

    def desk(source: str) -> Callable[[], list[Issued]]:
        return lambda: issue(
            register, BODY, [request(n, source=f"{source}-{n}") for n in range(3)], actor="t"
        )

    answers = at_once(*(desk(f"desk{n}") for n in range(4)))
    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert sum(isinstance(answer, DuplicateError) for answer in answers) == 3
    assert rows(register, "SELECT count(*) FROM attestation") == [(4,)]


def test_withdrawals_at_once_lose_none(register: Register) -> None:
    made = issue(register, BODY, [request(n) for n in range(8)], actor="test")
    more = [lambda n=n: issue(register, BODY, [request(n)], actor="test") for n in range(8, 12)]
    answers = at_once(*(lambda m=m: withdraw(register, m.code, actor="test") for m in made), *more)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert check(register) == []
    assert not any(seen(register, m.token) for m in made)
    assert all(seen(register, answer[0].token) for answer in answers[8:])


def test_corrections_and_withdrawals_do_not_block_each_other(register: Register) -> None:
    made = issue(register, BODY, [request(n) for n in range(6)], actor="test")
    change(register, "UPDATE status_list SET taken = size / 2")  # new ones go to another list
    corrections = [
        lambda n=n: correct(register, made[n].code, request(50 + n), actor="t", reason="r") for n in range(3)
    ]
    withdrawals = [lambda n=n: withdraw(register, made[n].code, actor="t") for n in range(3, 6)]
    answers = at_once(*corrections, *withdrawals)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert {finding.code for finding in check(register)} <= {"status_taken"}  # written by hand above


def test_of_two_attestations_only_one_replaces_the_other(register: Register) -> None:
    one, two = issue(register, BODY, [request(0), request(0, levels={"1.1": 5})], actor="test")
    answers = at_once(
        lambda: replace(register, one.code, two.code, actor="t"),
        lambda: replace(register, two.code, one.code, actor="t"),
    )
    assert [answer.code for answer in answers if answer is not None] == ["replaced_by_it"]
    assert rows(register, "SELECT count(*) FROM link") == [(1,)]


def test_lists_published_at_once_have_versions_of_their_own(register: Register) -> None:
    answers = at_once(*(lambda: publish_trust_list(register, actor="t") for _ in range(4)))
    assert sorted(answers) == [3, 4, 5, 6]
    assert register.trust().trust_list.version == 6
    assert check(register) == []


def test_a_stolen_key_is_refused_while_eight_issue_and_its_set_is_whole(register: Register) -> None:
    kid = register.ring.signer(BODY, Purpose.CREDENTIAL, at=START).kid
    processes = [worker(register, f"desk-{n}", 1, 5_000) for n in range(8)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    digest = refuse_key(register, BODY, kid, actor="test")
    for process in processes:
        _, wrong = process.communicate(timeout=180)
        assert process.returncode != 0
        assert "retired a moment ago" in wrong or "no_key" in wrong or "signs" in wrong, wrong
    signed = rows(register, "SELECT token, member_digest FROM credential WHERE kid = ?", kid)
    assert digest == sealed_set_document([bytes(member) for _, member in signed])[0]
    assert {str(split(bytes(token)).header["kid"]).rpartition("/")[2] for token, _ in signed} == {kid}
    assert renew_now(register)
    assert all(judge(register, bytes(token)) for token, _ in signed[:3])
    assert check(register) == []
