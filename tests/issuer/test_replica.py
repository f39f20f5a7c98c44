"""A replica by real streaming replication: read where it will do, never believed where it is behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.bodies import NewBody, add_body
from issuer.register.changes import withdraw
from issuer.register.codes import answer_code
from issuer.register.issuing import issue
from issuer.register.publishing import all_paths, document, publish_trust_list
from issuer.register.sealing import retire_keys
from issuer.register.trust_documents import renew_now
from issuer.settings import Settings
from issuer.store.replica import Replica
from keys.records import Purpose
from passport.errors import PassportError
from passport.jose import split
from tests.issuer.databases import ask
from tests.issuer.registers import BODY, PASSPHRASE, Clock, make_register, request, seen
from tests.issuer.test_bodies import GOOD
from tests.postgres import Server, Standby

pytestmark = pytest.mark.postgres
LIST = f"/status/{BODY}.1"


@pytest.fixture(scope="module")
def standby(postgres: Server) -> Iterator[Standby]:
    """One for all tests of this file."""
    made = Standby(postgres)
    yield made
    made.remove()


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    made = postgres.new_database()
    yield made
    postgres.drop(made)


@pytest.fixture
def register(tmp_path: Path, clock: Clock, url: str, standby: Standby) -> Iterator[Register]:
    """A register whose database is followed by the standby."""
    with make_register(tmp_path / "scheme", clock, url=url) as made:
        settings = replace(made.settings, replica_url=standby.url(url))
        standby.catch_up()
    with Register.open(settings, passphrase=PASSPHRASE, clock=clock) as opened:
        yield opened


@pytest.fixture
def asked(standby: Standby) -> Iterator[list[str]]:
    """What is asked of the replica, and of nobody else."""
    told: list[str] = []
    folder = str(standby._folder)

    def listen(connection: object, _cursor: object, sql: str, *_: object) -> None:
        if connection.engine.url.query.get("host") == folder:  # type: ignore[attr-defined]
            told.append(sql)

    event.listen(Engine, "before_cursor_execute", listen)
    yield told
    event.remove(Engine, "before_cursor_execute", listen)


def shown(register: Register, path: str) -> bytes:
    found = document(register, path)
    assert found is not None
    return found.data


def issued_at(token: bytes) -> int:
    return int(split(token).payload and json.loads(split(token).payload)["iat"])


def test_what_is_public_is_read_from_the_replica(
    register: Register, standby: Standby, asked: list[str]
) -> None:
    [made] = issue(register, BODY, [request(0)], actor="test")
    old = register.ring.signer(BODY, Purpose.CREDENTIAL, at=register.now()).kid
    retire_keys(register, BODY, actor="test", but=None)
    digest = next(r.sealed_set for r in register.ring.records(BODY) if r.kid == old)
    first = {path: shown(register, path) for path in all_paths(register)}
    standby.catch_up()
    asked.clear()
    assert {path: shown(register, path) for path in all_paths(register)} == first
    told = " ".join(asked)
    for column in ("signed_token", "public_document.data", "body.slug", "credential.member_digest"):
        assert column in told
    assert f"/trust/sets/{digest}" in first
    assert answer_code(register, made.code) == made.token
    assert "attestation.code" in " ".join(asked)
    assert all(sql.lstrip().startswith("SELECT") for sql in asked)


def test_what_is_decided_is_not(register: Register, standby: Standby, asked: list[str]) -> None:
    standby.catch_up()
    asked.clear()
    [made] = issue(register, BODY, [request(0, source="s")], actor="test")
    assert issue(register, BODY, [request(0, source="s")], actor="test")[0].code == made.code
    withdraw(register, made.code, actor="test")
    assert check(register) == []
    assert asked == []


def test_a_withdrawal_is_never_hidden_by_a_replica_that_is_behind(
    register: Register, standby: Standby, clock: Clock
) -> None:
    [made] = issue(register, BODY, [request(0)], actor="test")
    before = shown(register, LIST)
    assert seen(register, made.token)
    standby.catch_up()
    assert shown(register, LIST) == before
    standby.pause()
    try:
        clock.time += 5
        withdraw(register, made.code, actor="test")
        assert not seen(register, made.token)
        after = shown(register, LIST)
        assert issued_at(after) > issued_at(before)
        for _ in range(3):
            assert shown(register, LIST) == after
        with Register.open(register.settings, passphrase=None, clock=clock) as locked:
            assert shown(locked, LIST) == after  # signed by nobody here, and still not the older one
    finally:
        standby.resume()
    standby.catch_up()
    assert shown(register, LIST) == after


def test_no_document_goes_back_in_time(register: Register, standby: Standby, clock: Clock) -> None:
    standby.catch_up()
    standby.pause()
    try:
        clock.time += 5
        add_body(register, NewBody(**GOOD), actor="test")  # type: ignore[arg-type]
        publish_trust_list(register, actor="test")
        renew_now(register)
        [row] = ask(register.settings.database_url, "SELECT data FROM public_document WHERE name = 'now'")
        assert shown(register, "/trust/now.json") == row[0]
        newest = ask(
            register.settings.database_url,
            "SELECT data FROM public_document ORDER BY version DESC, name DESC",
        )
        assert shown(register, "/trust/list.json") == newest[0][0] != newest[-1][0]
        assert document(register, f"/o/{GOOD['slug']}/did.json") is not None
        [made] = issue(register, BODY, [request(1)], actor="test")
        assert answer_code(register, made.code) == made.token
    finally:
        standby.resume()


def test_a_replica_that_is_gone_is_told_once_and_done_without(
    register: Register, standby: Standby, caplog: pytest.LogCaptureFixture
) -> None:
    [made] = issue(register, BODY, [request(0)], actor="test")
    token = shown(register, LIST)
    standby.stop()
    with caplog.at_level(logging.WARNING, logger="issuer"):
        assert shown(register, LIST) == token
        assert answer_code(register, made.code) == made.token
        assert [record.message for record in caplog.records] == ["replica.lost"]
        # It is not there at the start either.
        with Register.open(register.settings, passphrase=None, clock=register.now) as again:
            assert shown(again, LIST) == token
        standby.start()
        standby.catch_up()
        assert register._replica is not None
        register._replica._alone_until = 0.0  # the pause is over
        assert answer_code(register, made.code) == made.token
    assert [record.message for record in caplog.records][-1] == "replica.back"


def test_a_replica_of_another_register_is_refused(
    register: Register, tmp_path: Path, clock: Clock, postgres: Server
) -> None:
    other = postgres.new_database()
    with make_register(tmp_path / "other", clock, url=other):
        pass
    settings = replace(register.settings, replica_url=other)
    with pytest.raises(PassportError) as caught:
        Register.open(settings, passphrase=None, clock=clock)
    assert caught.value.code == "replica_other"
    postgres.drop(other)


def test_a_file_is_no_replica(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PassportError) as caught:
        Replica(f"sqlite:///{tmp_path}/r.sqlite3", mark="m")
    assert caught.value.code == "database_url"
    monkeypatch.setenv("PASSPORT_DATABASE_REPLICA_URL", "postgresql://u:hidden@h/d")
    assert Settings.of(tmp_path).replica_url == "postgresql://u:hidden@h/d"
    assert "hidden" not in repr(Settings.of(tmp_path))
