"""The background task of the counter, and what ``/healthz`` says of it."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.register import upkeep as turns
from issuer.register.issuing import issue
from issuer.register.upkeep import Turn, upkeep_state
from issuer.store import statuses
from issuer.web.app import create_app
from issuer.web.logs import JsonFormatter
from issuer.web.upkeep import Upkeep
from keys.records import Purpose
from tests.issuer.registers import BODY, PASSPHRASE, START, Clock, make_register, request
from tests.postgres import Server

DAY = 86_400


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path, clock: Clock) -> Iterator[Register]:
    with make_register(tmp_path / "scheme", clock) as made:
        issue(made, BODY, [request()], actor="test")
        yield made


@pytest.fixture
def quiet(register: Register) -> TestClient:
    """The counter, whose background task is not started: a test makes the turns."""
    return TestClient(create_app(register.settings, register=register))


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the counter writes to its log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("issuer")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(level)


def health(client: TestClient) -> tuple[int, str, list[str]]:
    """Return the status, the word and the codes of the reasons."""
    answer = client.get("/healthz")
    said = answer.json()
    assert all(reason["detail"].endswith(".") for reason in said["reasons"])
    return answer.status_code, said["status"], [reason["code"] for reason in said["reasons"]]


def last_signed(register: Register) -> int:
    with register.reading() as session:
        return max(age.signed_at or 0 for age in statuses.ages(session))


def until(reached: Callable[[], bool], *, seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.02)


def broken(*_: object, **__: object) -> Any:
    raise RuntimeError("Zoé")


def test_all_is_well(quiet: TestClient, register: Register) -> None:
    Upkeep(register).once()
    answer = quiet.get("/healthz")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        "status": "ok",
        "reasons": [],
        "database": "ok",
        "now": "fresh",
        "trust_list": "fresh",
        "trust_list_until": START + 180 * DAY,
        "keys_ending": [],
        "upkeep": {"worked_at": START, "failures": 0, "failure": "", "overdue": 0},
    }


def test_a_list_that_is_overdue(quiet: TestClient, register: Register, clock: Clock) -> None:
    Upkeep(register).once()
    clock.time += 7_201
    assert health(quiet) == (503, "down", ["status_overdue"])
    assert "2026-09-21T14:13:20Z" in quiet.get("/healthz").json()["reasons"][0]["detail"]
    Upkeep(register).once()
    assert health(quiet) == (200, "ok", [])


def test_now_that_is_overdue_and_then_ends(quiet: TestClient, register: Register, clock: Clock) -> None:
    clock.time += 2 * DAY + 1
    assert health(quiet) == (503, "down", ["now_overdue"])
    clock.time = START + 8 * DAY
    assert health(quiet) == (503, "down", ["now_expired", "now_overdue"])
    Upkeep(register).once()
    assert health(quiet) == (200, "ok", [])


def test_a_trust_list_that_ends(quiet: TestClient, register: Register, clock: Clock) -> None:
    clock.time += 151 * DAY
    Upkeep(register).once()
    assert health(quiet) == (200, "warning", ["trust_list_ending"])
    clock.time = START + 180 * DAY
    Upkeep(register).once()
    assert health(quiet) == (503, "down", ["trust_list_expired"])


def test_keys_that_end_soon_are_named(quiet: TestClient, register: Register) -> None:
    register.ring.generate(BODY, Purpose.CREDENTIAL, at=START, until=START + 10 * DAY)
    said = quiet.get("/healthz").json()
    assert health(quiet) == (200, "warning", ["keys_ending"])
    assert [name.split("/")[0] for name in said["keys_ending"]] == [BODY]


def test_a_third_failure_is_red(
    quiet: TestClient, register: Register, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep = Upkeep(register)
    with monkeypatch.context() as patched:
        patched.setattr(turns, "renew_status", broken)
        upkeep.once()
        upkeep.once()
        assert health(quiet) == (200, "warning", ["upkeep_failing"])
        upkeep.once()
    assert (upkeep.failures, upkeep.failure) == (3, "unexpected")
    assert health(quiet) == (503, "down", ["upkeep_failing"])
    detail = quiet.get("/healthz").json()["reasons"][0]["detail"]
    assert "in a row: 3 (unexpected); it last worked never" in detail
    upkeep.once()
    assert (upkeep.failures, upkeep.failure) == (0, "")
    assert health(quiet) == (200, "ok", [])
    assert '"code": "unexpected", "count": 1' in lines.getvalue()
    assert '"error": "RuntimeError"' in lines.getvalue()
    assert '"event": "upkeep.signed", "count": 1' in lines.getvalue()
    assert "Zoé" not in lines.getvalue()


def test_locked_keys_are_red(register: Register) -> None:
    settings = register.settings
    with Register.open(settings, passphrase=None, clock=register.now) as locked:
        client = TestClient(create_app(settings, register=locked))
        Upkeep(locked).once()
        assert health(client) == (503, "down", ["locked"])
    with Register.open(settings, passphrase=PASSPHRASE, clock=register.now) as opened:
        client = TestClient(create_app(settings, register=opened))
        assert health(client) == (200, "warning", ["upkeep_failing"])
        Upkeep(opened).once()
        assert health(client) == (200, "ok", [])


def test_a_database_that_does_not_answer(
    quiet: TestClient, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Register, "trust", broken)
    answer = quiet.get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
    assert "Zoé" not in answer.text


def test_the_counter_signs_by_itself(register: Register, clock: Clock) -> None:
    app = create_app(register.settings, register=register, upkeep_seconds=0.02)
    with TestClient(app) as client:
        for hour in range(4):
            clock.time = START + 3_600 * hour
            until(lambda: last_signed(register) == clock.time)
        until(lambda: upkeep_state(register).worked_at == clock.time)
        assert client.get("/healthz").json()["upkeep"]["worked_at"] == clock.time
        clock.time += 2 * DAY
        until(lambda: register.trust().now.issued_at == clock.time)  # type: ignore[union-attr]
    assert turns_left(register)


def turns_left(register: Register) -> bool:
    """Tell whether another process could take over at once."""
    with register.reading() as session:
        row = turns.store.state(session)
    return row is not None and row.until == 0


def test_a_failure_ends_no_task(register: Register, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Turn, "step", broken)
        app = create_app(register.settings, register=register, upkeep_seconds=0.02)
        with TestClient(app) as client:
            until(lambda: health(client)[0] == 503)
            patched.undo()
            until(lambda: last_signed(register) == START)
            until(lambda: health(client) == (200, "ok", []))


def test_requests_are_answered_while_many_lists_are_signed(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slices end, and the next request comes through."""
    order: list[str] = []

    def slow(_: Turn) -> bool:
        order.append("slice")
        time.sleep(0.05)
        return len(order) < 400

    monkeypatch.setattr(Turn, "step", slow)
    with TestClient(create_app(register.settings, register=register, upkeep_seconds=0.02)) as client:
        for _ in range(5):
            assert client.get("/trust/list.json").status_code == 200
            order.append("request")
            time.sleep(0.15)
    requests = [place for place, what in enumerate(order) if what == "request"]
    assert len(order) < 100
    assert requests[-1] - requests[0] > 5, order


def test_stopping_waits_for_the_slice_at_hand(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice in its thread would otherwise write to a register that was closed."""
    begun, ended = threading.Event(), threading.Event()

    def slow(_: Turn) -> bool:
        begun.set()
        time.sleep(0.3)
        ended.set()
        return True

    monkeypatch.setattr(Turn, "step", slow)

    async def live() -> None:
        async with Upkeep(register).running():
            while not begun.is_set():
                await asyncio.sleep(0.01)

    asyncio.run(live())
    assert ended.is_set()


def test_pauses_grow_with_failures(register: Register) -> None:
    upkeep = Upkeep(register, every=60)
    pauses = []
    for failures in range(9):
        upkeep.failures = failures
        pauses.append(upkeep._pause())
    assert pauses == [60, 15, 30, 60, 120, 240, 300, 300, 300]


@pytest.mark.postgres
def test_a_database_that_is_gone_for_a_moment(tmp_path: Path, clock: Clock, postgres: Server) -> None:
    url = postgres.new_database()
    name = url.removeprefix("postgresql://postgres@/").partition("?")[0]
    with make_register(tmp_path / "scheme", clock, url=url) as register:
        issue(register, BODY, [request()], actor="test")
        app = create_app(register.settings, register=register, upkeep_seconds=0.05)
        with TestClient(app) as client:
            until(lambda: health(client) == (200, "ok", []))
            postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            postgres.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
            )
            assert health(client) == (503, "down", ["database"])
            clock.time += 3_600
            time.sleep(0.5)
            assert health(client)[0] == 503
            postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            until(lambda: health(client) == (200, "ok", []))
            assert last_signed(register) == clock.time
    postgres.drop(url)
