"""Processes that are killed while issuing, and processes that issue at once. Real ones."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from issuer.register import Register
from issuer.register.audit import check
from tests.issuer.databases import is_sqlite
from tests.issuer.registers import BODY, reopened, rows, seen

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261125
PEOPLE, CALLS = 50, 4
NAMED = "application_name=worker"


def worker(register: Register, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.issuer.worker", register.settings.folder, *arguments]
    url = register.settings.database_url
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, "PASSPORT_DATABASE_URL": url if is_sqlite(url) else f"{url}&{NAMED}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def let_the_server_notice(register: Register) -> None:
    """PostgreSQL outlives the process that was killed: what it was about to commit, it may still commit."""
    if is_sqlite(register.settings.database_url):
        return
    for _ in range(200):
        if rows(register, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'worker'") == [
            (0,)
        ]:
            return
        time.sleep(0.05)
    raise AssertionError("the server still serves a process that was killed")


def people(register: Register) -> int:
    return int(str(rows(register, "SELECT count(*) FROM attestation")[0][0]))


def assert_whole(register: Register) -> None:
    """Nothing half there, no index twice, chains unbroken, every token good."""
    let_the_server_notice(register)
    assert check(register) == []
    total = people(register)
    assert total % PEOPLE == 0
    for table in ("holder", "status_entry"):
        assert rows(register, f"SELECT count(*) FROM {table}") == [(total,)]  # noqa: S608
    assert rows(register, "SELECT form, count(*) FROM credential GROUP BY form ORDER BY form") == [
        (form, total) for form in ("ob3", "qr", "vc") if total
    ]
    assert rows(register, "SELECT count(DISTINCT position) FROM credential") == [(total,)]
    assert rows(register, "SELECT count(*) FROM audit_row WHERE event = 'attestation.issued'") == [(total,)]
    if is_sqlite(register.settings.database_url):
        assert rows(register, "PRAGMA integrity_check") == [("ok",)]
        assert rows(register, "PRAGMA foreign_key_check") == []


def run(register: Register, *arguments: object) -> int:
    process = worker(register, *arguments)
    said, wrong = process.communicate(timeout=120)
    assert process.returncode == 0, wrong
    return int(said.split()[-1])


def test_killed_at_any_statement_it_leaves_nothing_half(register: Register) -> None:
    run(register, "first", PEOPLE, 1)  # makes the status list: afterwards every run has the same statements
    statements = run(register, "rehearsal", PEOPLE, CALLS)
    assert statements > 40
    numbers = random.Random(SEED)
    kills = [*sorted(numbers.sample(range(2, statements), 5)), statements]  # the last one is the last COMMIT
    for kill_at in kills:
        made = people(register)
        process = worker(register, f"town-{kill_at}", PEOPLE, CALLS, kill_at)
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, f"not killed at statement {kill_at} (seed {SEED})"
        assert_whole(register)
        assert made <= people(register) < made + PEOPLE * CALLS
    for kill_at in kills:
        run(register, f"town-{kill_at}", PEOPLE, CALLS)
    assert people(register) == PEOPLE + PEOPLE * CALLS * (1 + len(kills))
    run(register, f"town-{kills[0]}", PEOPLE, CALLS)
    assert people(register) == PEOPLE + PEOPLE * CALLS * (1 + len(kills))
    assert_whole(register)


def test_killed_at_any_moment_the_same_command_completes(register: Register) -> None:
    """By the clock, from outside: in the middle of signing, of the disk's own work, of anything."""
    numbers = random.Random(SEED)
    for _ in range(4):
        process = worker(register, "town", PEOPLE, CALLS)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(numbers.uniform(0.0, 0.15))
        process.kill()
        process.communicate(timeout=120)
        assert_whole(register)
    run(register, "town", PEOPLE, CALLS)
    assert people(register) == PEOPLE * CALLS
    assert_whole(register)


def test_eight_processes_issue_at_once(register: Register) -> None:
    calls, each = 6, 3
    processes = [worker(register, f"desk-{n}", each, calls) for n in range(8)]
    for process in processes:
        _, wrong = process.communicate(timeout=180)
        assert process.returncode == 0, wrong
    assert people(register) == 8 * calls * each
    assert check(register) == []
    assert rows(register, "SELECT count(DISTINCT position) FROM credential") == [(8 * calls * each,)]
    seqs = [seq for (seq,) in rows(register, "SELECT seq FROM audit_row WHERE chain = ? ORDER BY seq", BODY)]
    assert seqs == list(range(1, 2 + 8 * calls * each))
    with reopened(register) as again:
        [(token,)] = rows(again, "SELECT token FROM credential LIMIT 1")
        assert isinstance(token, bytes)
        assert seen(again, token)


def test_eight_processes_with_the_same_file_issue_it_once(register: Register) -> None:
    processes = [worker(register, "one-file", 5, 2) for _ in range(8)]
    for process in processes:
        _, wrong = process.communicate(timeout=180)
        assert process.returncode == 0, wrong
    assert people(register) == 10
    assert check(register) == []
