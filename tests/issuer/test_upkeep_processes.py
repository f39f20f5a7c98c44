"""Counters that are killed while they keep documents fresh, and the ones that go on. Real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from issuer.register import Register
from issuer.register.issuing import issue
from issuer.register.status_documents import SIGN_AGAIN
from issuer.store import statuses
from tests.issuer.counter import SPEED
from tests.issuer.registers import BODY, OTHER, START, request, rows

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Counter:
    """A counter that runs. `log`: what it has written."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def health(self) -> tuple[int, dict[str, object]]:
        """Return what ``/healthz`` says; 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def signed(self) -> int:
        """Return how many documents it has signed again."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return sum(line["count"] for line in lines if line["event"] == "upkeep.signed")


@contextmanager
def counter(register: Register, epoch: float, log: Path) -> Iterator[Counter]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.issuer.counter", register.settings.folder, epoch, port]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, "PASSPORT_DATABASE_URL": register.settings.database_url},
            stderr=file,
        )
        try:
            yield Counter(process, port, log)
        finally:
            process.kill()
            process.wait(timeout=60)


def until(reached: Callable[[], bool], *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.05)


def signed_at(register: Register) -> set[int]:
    with register.reading() as session:
        return {age.signed_at or 0 for age in statuses.ages(session)}


def test_killed_and_started_again_it_signs_what_fell_due(register: Register, tmp_path: Path) -> None:
    issue(register, BODY, [request()], actor="test")
    issue(register, OTHER, [request(place=None)], actor="test")
    epoch = time.time()
    with counter(register, epoch, tmp_path / "first.log") as first:
        until(lambda: first.signed() >= 4)  # each list at once, and each again when its time had come
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
    before = signed_at(register)
    assert min(before) >= START + 1_320
    time.sleep((SIGN_AGAIN + 60) / SPEED)
    assert signed_at(register) == before  # nobody was there
    with counter(register, epoch, tmp_path / "second.log") as second:
        until(lambda: second.signed() >= 2)
        assert min(signed_at(register)) > max(before)
        until(lambda: second.health()[0] == 200)
        second.process.terminate()
        assert second.process.wait(timeout=30) in {0, -signal.SIGTERM}
    assert rows(register, "SELECT until FROM upkeep") == [(0,)]  # it handed the work over


def test_of_two_one_signs_and_the_other_goes_on_when_it_is_killed(register: Register, tmp_path: Path) -> None:
    issue(register, BODY, [request()], actor="test")
    epoch = time.time()
    with (
        counter(register, epoch, tmp_path / "a.log") as a,
        counter(register, epoch, tmp_path / "b.log") as b,
    ):
        both = (a, b)
        until(lambda: a.signed() + b.signed() >= 1)
        until(lambda: all(one.health()[0] == 200 for one in both))
        worker, other = both if a.signed() > b.signed() else (b, a)
        os.kill(worker.process.pid, signal.SIGKILL)
        done = other.signed()
        until(lambda: other.signed() > done)
        status, said = other.health()
        assert (status, said["status"]) == (200, "ok")
        assert b'"level": "error"' not in worker.log.read_bytes() + other.log.read_bytes()
