"""Asking: the load that benches put on a server, from one process over loopback.

At a rate, requests come at even distances and are timed from when they should have begun: a server that is
slow does not make its own work less.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any, Final

import uvloop

__all__ = ["ask_at_rate", "ask_on_and_on", "post"]

_CONNECTIONS: Final = 64


def post(path: str, value: dict[str, Any]) -> bytes:
    """Return a request with `value` as JSON."""
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


def ask_on_and_on(port: int, requests: Sequence[bytes], *, seconds: float) -> tuple[float, int]:
    """Ask as fast as answers come; return the seconds that passed and how many were answered."""
    return uvloop.run(_saturate(port, requests, seconds=seconds))


async def _saturate(port: int, requests: Sequence[bytes], *, seconds: float) -> tuple[float, int]:
    connections = await _connect(port, _CONNECTIONS if len(requests) > 1 else 1)
    began, answered = time.perf_counter(), 0

    async def keep_asking(connection: _Connection, first: int) -> None:
        nonlocal answered
        number = first
        while time.perf_counter() - began < seconds:
            await connection.ask(requests[number % len(requests)])
            number, answered = number + 1, answered + 1

    await asyncio.gather(*(keep_asking(one, n * 97) for n, one in enumerate(connections)))
    return time.perf_counter() - began, answered


def ask_at_rate(
    port: int, requests: Sequence[bytes], *, rate: float, seconds: float
) -> list[tuple[float, float]]:
    """Return when each request was due, and how long its answer took from then; in seconds."""
    return uvloop.run(_at_rate(port, requests, rate=rate, seconds=seconds))


async def _at_rate(
    port: int, requests: Sequence[bytes], *, rate: float, seconds: float
) -> list[tuple[float, float]]:
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for connection in await _connect(port, _CONNECTIONS):
        free.put_nowait(connection)
    taken: list[tuple[float, float]] = []

    async def ask(request: bytes, due: float) -> None:
        connection = await free.get()
        await connection.ask(request)
        taken.append((due - began, time.perf_counter() - due))
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
