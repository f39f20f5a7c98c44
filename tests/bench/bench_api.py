"""The checking counter over HTTP, on one core: served in a process of its own, asked from the other core.

The reference is the raw signature verification, by a process on the server's core, in turns with the load.
Rates are told as milliseconds a credential, so that a ratio of 2.5 is 40 % of the raw rate. The load
generator disturbs where cores are few: the time of a processor that the server itself used is told beside.
At half of the greatest rate, requests come at even distances, and the slowest are told beside those of an
application that does nothing but occupy the processor for as long: what a shared machine does to both (it
stops everybody for hundredths of a second, and who came meanwhile waits) is not the counter's. What the host
of a virtual machine took of its processors is told too: when that is more than a hundredth, the slowest in a
hundred are those who waited for the host.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.bench.asking import ask_at_rate, ask_on_and_on, post
from tests.bench.measure import Row
from tests.bench.spending import spending_apart
from tests.pages.apart import Process, serving_apart
from tests.verifier.test_files import photo
from verifier.web.serving import calm

TURNS, SECONDS, LATENCY_SECONDS = 5, 2.0, 12
BARE_SECONDS = 0.0001  # a processor's time for a request that asks for nothing
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
            return [*_ones(server, raw), *_many(server, raw), *_latency(server, cores[0]), _photo(server)]
        finally:
            os.sched_setaffinity(0, set(cores))


def _ones(server: Process, raw: subprocess.Popen[str]) -> list[Row]:
    requests = [post("/api/v1/verify", {"credential": token}) for token in server.tokens]
    return _against_raw("POST /api/v1/verify", server, raw, requests, each=1, goal="≤ 3.3 (aim 2.5)")


def _many(server: Process, raw: subprocess.Popen[str]) -> list[Row]:
    requests = [post("/api/v1/verify/batch", {"credentials": list(server.tokens)})]
    name, each = "batch of 1,000, a credential", len(server.tokens)
    return _against_raw(name, server, raw, requests, each=each, goal="≤ 1.67")


def _against_raw(
    name: str, server: Process, raw: subprocess.Popen[str], requests: Sequence[bytes], *, each: int, goal: str
) -> list[Row]:
    ask_on_and_on(_port(server), requests, seconds=SECONDS / 2)
    walls, cpus, raws = [], [], []
    for _ in range(TURNS):
        raws.append(_raw_ms(raw))
        used = _used(server.pid)
        seconds, answered = ask_on_and_on(_port(server), requests, seconds=SECONDS)
        walls.append(seconds * 1000 / answered / each)
        cpus.append((_used(server.pid) - used) * 1000 / answered / each)
    reference = statistics.median(raws)
    return [
        _row(name, statistics.median(walls), reference, goal),
        _row(f"{name}: the server's CPU", statistics.median(cpus), reference, goal),
    ]


def _row(name: str, ours: float, reference: float, goal: str) -> Row:
    return Row(name, round(ours, 4), AGAINST, round(reference, 4), round(ours / reference, 2), goal)


def _latency(server: Process, core: int) -> list[Row]:
    requests = [post("/api/v1/verify", {"credential": token}) for token in server.tokens]
    seconds, answered = ask_on_and_on(_port(server), requests, seconds=SECONDS)
    rate = answered / seconds / 2
    used, stolen = _used(server.pid), _stolen()
    ours = ask_at_rate(_port(server), requests, rate=rate, seconds=LATENCY_SECONDS)
    taken = (_stolen() - stolen) / LATENCY_SECONDS
    busy = (_used(server.pid) - used) / len(ours)
    with spending_apart(busy - BARE_SECONDS) as spender:
        _pin(spender.pid, core)
        theirs = ask_at_rate(spender.port, requests, rate=rate, seconds=LATENCY_SECONDS)
    name, control = (
        f"p99 at {rate:.0f} a second, {taken:.1%} stolen",
        "an application that only spends that time",
    )
    return [*_late_rows(name, ours, "≤ 5"), *_late_rows(control, theirs, "the machine's")]


def _late_rows(name: str, taken: list[tuple[float, float]], goal: str) -> list[Row]:
    """Return the slowest in a hundred against the median: of the median second, and of all."""
    seconds_apart = defaultdict(list)
    for due, late in taken:
        seconds_apart[int(due)].append(late)
    everything = [late for _, late in taken]
    median = _part(everything, 0.5)
    usual = statistics.median(_part(lates, 0.99) for lates in seconds_apart.values())
    slowest = {f"{name}: of the median second": usual, f"{name}: of all": _part(everything, 0.99)}
    return [
        Row(said, round(late, 3), "median", round(median, 3), round(late / median, 2), goal)
        for said, late in slowest.items()
    ]


def _part(lates: list[float], part: float) -> float:
    """Return a quantile, in milliseconds."""
    return sorted(lates)[int(len(lates) * part)] * 1000


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


def _port(server: Process) -> int:
    return int(server.url.rpartition(":")[2])


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


def _stolen() -> float:
    """Return the seconds of a processor that the host has taken from this machine, the mean of all."""
    of_all = Path("/proc/stat").read_text().splitlines()[0].split()
    return int(of_all[8]) / os.sysconf("SC_CLK_TCK") / (os.cpu_count() or 1)


def _used(process: int) -> float:
    """Return the seconds of a processor that the threads of a process have used."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


if __name__ == "__main__":
    _measure_raw()
