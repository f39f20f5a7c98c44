"""Whole: a small request that came in one piece, answered as soon as its answer is there.

What is decided here: what stands in the place of an ASGI call for a request whose head says nothing unusual
and whose body came with it. A scope, an event, a task and four coroutines for each of them take as long as
checking a signature does. Who is offered such a request may leave it: then it goes the ordinary way, to the
application, as any other does. Both ways give the same bytes (a test asks both).

Left to others: what is usual and whole (`protocol`), who is offered what (`guard`), the answers (`api`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

__all__ = ["Answering", "Taker", "Tell"]

Tell = Callable[[int, bytes, bytes], None]
"""Given an answer: its status, the lines of its head with ``%d`` for the length, its body."""

Taker = Callable[[bytes, Tell], bool]
"""Given a body, and what to give the answer to, once and later; returns whether it takes the request up."""


class Answering:
    """A request that was taken up, in the place of uvicorn's record of one (`RequestResponseCycle`).

    uvicorn sets `disconnected` when the connection is lost, and `keep_alive` when the server ends.
    """

    __slots__ = ("_protocol", "disconnected", "keep_alive", "response_complete")

    message_event: ClassVar = asyncio.Event()  # is set for whoever waits for a body: nobody here

    def __init__(self, protocol: HttpToolsProtocol, *, keep_alive: bool) -> None:
        self._protocol: HttpToolsProtocol | None = protocol
        self.disconnected = False
        self.keep_alive = keep_alive
        self.response_complete = False

    def tell(self, status: int, head: bytes, body: bytes) -> None:
        """Send the answer, and go on with the connection."""
        # Connections hold their last request: one that held its connection would keep both when it ends.
        protocol, self._protocol, self.response_complete = self._protocol, None, True
        if protocol is None or self.disconnected or protocol.transport.is_closing():
            return
        of_all = b"".join([b"%b: %b\r\n" % header for header in protocol.server_state.default_headers])
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        protocol.transport.write(b"".join((STATUS_LINE[status], of_all, head % len(body), end, body)))
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()
