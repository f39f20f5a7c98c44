"""Issuances a second on a real PostgreSQL: eight processes, one attestation a transaction, one body.

COMMIT waits for the disk, as in service. The reference is one process alone: what eight reach is limited by
the cores, by the disk and by the head of the one audit chain, which each transaction locks last.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from issuer.register import Register
from tests.bench.measure import Row
from tests.issuer.registers import make_register
from tests.issuer.test_processes import worker
from tests.postgres import Server

CALLS = 60
WORKERS = 8


def run() -> list[Row]:
    """Return the rows of this bench."""
    server = Server(durable=True)
    try:
        with (
            tempfile.TemporaryDirectory() as scratch,
            make_register(Path(scratch) / "scheme", url=server.new_database()) as register,
        ):
            alone = _rate(register, 1)
            together = _rate(register, WORKERS)
    finally:
        server.stop()
    name = f"PostgreSQL: {WORKERS} processes, {together:.0f} issuances a second (alone {alone:.0f})"
    ours, reference = 1000 / together, 1000 / alone
    return [Row(name, round(ours, 2), "one process", round(reference, 2), round(ours / reference, 2), "≤ 1")]


def _rate(register: Register, workers: int) -> float:
    """Return issuances a second, from the moment when all are ready."""
    processes = [worker(register, f"bench-{workers}-{n}", 1, CALLS) for n in range(workers)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    start = time.perf_counter()
    for process in processes:
        _, wrong = process.communicate(timeout=600)
        assert process.returncode == 0, wrong
    return workers * CALLS / (time.perf_counter() - start)
