"""An application that only spends a processor's time, in a process of its own: what a machine does to any."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.pages.serving import served
from verifier.web.serving import calm

__all__ = ["Spender", "spending_apart"]


@dataclass(frozen=True)
class Spender:
    """The server."""

    port: int
    pid: int


@contextmanager
def spending_apart(seconds: float) -> Iterator[Spender]:
    """Serve it. `seconds`: how long a request occupies the processor, beside the way in and out."""
    program = [sys.executable, "-m", "tests.bench.spending", str(seconds)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Spender(int(process.stdout.readline().rpartition(":")[2]), process.pid)
        process.stdin.close()


def main() -> None:
    seconds = float(sys.argv[1])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await receive()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    calm()
    with served(app) as url:
        print(url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
