"""The checking counter over HTTP, on one core: served in a process of its own, asked from the other core.

The reference is the raw signature verification, by a process on the server's core, in turns with the load.
Rates are told as milliseconds a credential, so that a ratio of 2.5 is 40 % of the raw rate. The load
generator disturbs where cores are few: the time of a processor that the server itself used for a request is
told beside. At half of the greatest rate, requests come at even distances and are timed from when they
should have begun.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import uvloop
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.bench.measure import Row
from tests.pages.apart import Process, serving_apart
from tests.verifier.test_files import photo
from verifier.web.serving import calm

CONNECTIONS, TURNS, SECONDS = 64, 5, 2.0
AGAINST = "raw ECDSA verify"
ROOT = Path(__file__).parents[2]


def run() -> list[Row]:
    """Return the rows of this bench."""
    cores = sorted(os.sched_getaffinity(0))
    with serving_apart(tokens=1_000) as server, _raw() as raw:
        _pin(server.pid, cores[0])
        _pin(raw.pid, cores[0])
        os.sched_setaffinity(0, {cores[-1]})
        calm()  # the collector of the load generator would be taken for the server's slowness
        try:
            return [*_ones(server, raw), *_many(server, raw), *_latency(server), _photo(server)]
        finally:
            os.sched_setaffinity(0, set(cores))


def _ones(server: Process, raw: subprocess.Popen[str]) -> list[Row]:
    requests = [_request("/api/v1/verify", {"credential": token}) for token in server.tokens]
    return _against_raw("POST /api/v1/verify", server, raw, requests, each=1, goal="≤ 3.3 (aim 2.5)")


def _many(server: Process, raw: subprocess.Popen[str]) -> list[Row]:
    requests = [_request("/api/v1/verify/batch", {"credentials": list(server.tokens)})]
    name, each = "batch of 1,000, a credential", len(server.tokens)
    return _against_raw(name, server, raw, requests, each=each, goal="≤ 1.67")


def _against_raw(
    name: str, server: Process, raw: subprocess.Popen[str], requests: Sequence[bytes], *, each: int, goal: str
) -> list[Row]:
    _ask(server, requests, seconds=SECONDS / 2)
    walls, cpus, raws = [], [], []
    for _ in range(TURNS):
        raws.append(_raw_ms(raw))
        used = _used(server.pid)
        seconds, answered = _ask(server, requests, seconds=SECONDS)
        walls.append(seconds * 1000 / answered / each)
        cpus.append((_used(server.pid) - used) * 1000 / answered / each)
    reference = statistics.median(raws)
    return [
        _row(name, statistics.median(walls), reference, goal),
        _row(f"{name}: the server's CPU", statistics.median(cpus), reference, goal),
    ]


def _row(name: str, ours: float, reference: float, goal: str) -> Row:
    return Row(name, round(ours, 4), AGAINST, round(reference, 4), round(ours / reference, 2), goal)


def _latency(server: Process) -> list[Row]:
    requests = [_request("/api/v1/verify", {"credential": token}) for token in server.tokens]
    seconds, answered = _ask(server, requests, seconds=SECONDS)
    rate = answered / seconds / 2
    taken = sorted(uvloop.run(_at_rate(_port(server), requests, rate=rate, seconds=3 * SECONDS)))
    median, late = (taken[int(len(taken) * part)] * 1000 for part in (0.5, 0.99))
    ratio = round(late / median, 2)
    return [
        Row(f"p99 at {rate:.0f} requests a second", round(late, 3), "median", round(median, 3), ratio, "≤ 5")
    ]


def _photo(server: Process) -> Row:
    picture = photo(server.tokens[0].encode())
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        answer = httpx2.post(f"{server.url}/api/v1/verify/file", files={"file": picture}, timeout=60)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.json()["verdict"] == "valid", answer.text
    return Row(
        "photo of 12 megapixels → verdict", round(statistics.median(taken), 1), "-", None, None, "≤ 1,000 ms"
    )


# The load.


def _request(path: str, value: dict[str, Any]) -> bytes:
    body = json.dumps(value).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class _Connection(asyncio.Protocol):
    """Keeps one connection busy; `ended` has the moments when answers were whole."""

    def __init__(self) -> None:
        self.waiting: asyncio.Future[None] | None = None
        self._left = 0
        self._head = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(error or ConnectionResetError("the server went away"))

    async def ask(self, request: bytes) -> None:
        self.waiting = asyncio.get_running_loop().create_future()
        self._left, self._head = -1, b""
        self.transport.write(request)
        await self.waiting

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            head, blank, body = self._head.partition(b"\r\n\r\n")
            if not blank:
                return
            assert head.startswith(b"HTTP/1.1 200 "), head
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self._left, data = int(length), body
        self._left -= len(data)
        if self._left == 0 and self.waiting is not None:
            self.waiting.set_result(None)


def _port(server: Process) -> int:
    return int(server.url.rpartition(":")[2])


def _ask(server: Process, requests: Sequence[bytes], *, seconds: float) -> tuple[float, int]:
    """Ask as fast as answers come; return the seconds that passed and how many were answered."""
    return uvloop.run(_saturate(_port(server), requests, seconds=seconds))


async def _saturate(port: int, requests: Sequence[bytes], *, seconds: float) -> tuple[float, int]:
    connections = await _connect(port, CONNECTIONS if len(requests) > 1 else 1)
    began, answered = time.perf_counter(), 0

    async def keep_asking(connection: _Connection, first: int) -> None:
        nonlocal answered
        number = first
        while time.perf_counter() - began < seconds:
            await connection.ask(requests[number % len(requests)])
            number, answered = number + 1, answered + 1

    await asyncio.gather(*(keep_asking(one, n * 97) for n, one in enumerate(connections)))
    return time.perf_counter() - began, answered


async def _at_rate(port: int, requests: Sequence[bytes], *, rate: float, seconds: float) -> list[float]:
    """Return how long each answer took, from the moment when its request was due."""
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for connection in await _connect(port, 64):
        free.put_nowait(connection)
    taken: list[float] = []

    async def ask(request: bytes, due: float) -> None:
        connection = await free.get()
        await connection.ask(request)
        taken.append(time.perf_counter() - due)
        free.put_nowait(connection)

    began, tasks = time.perf_counter(), set()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        while (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait if wait > 0.002 else 0)
        task = asyncio.create_task(ask(requests[number % len(requests)], due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return taken


async def _connect(port: int, count: int) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(_Connection, "127.0.0.1", port) for _ in range(count)]
    return [connection for _, connection in made]


# The reference, and what is used.


@contextmanager
def _raw() -> Iterator[subprocess.Popen[str]]:
    """A process that measures the raw verification when it is told a line."""
    program = [sys.executable, "-m", "tests.bench.bench_api"]
    with subprocess.Popen(
        program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def _raw_ms(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def _measure_raw() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    data, algorithm = os.urandom(520), ec.ECDSA(hashes.SHA256())
    signature, public = key.sign(data, algorithm), key.public_key()
    for _ in sys.stdin:
        count, began, used = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - began < SECONDS / 2:
            public.verify(signature, data, algorithm)
            count += 1
        print((time.process_time() - used) * 1000 / count, flush=True)


def _pin(process: int, core: int) -> None:
    for thread in Path(f"/proc/{process}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def _used(process: int) -> float:
    """Return the seconds of a processor that the threads of a process have used."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


if __name__ == "__main__":
    _measure_raw()
