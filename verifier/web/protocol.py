"""The protocol: HTTP/1.1 as httptools reads it, with bounds on what comes before a body.

What is decided here: how large the head of a request may be and how long it may take, that a connection on
which nothing is asked is left, and how much is read ahead of the answers. The parser keeps every header, and
waits for the end of one, for as long as a sender likes: a few hundred connections that drip a byte a minute,
or one header without an end, would be enough. Requests that come before earlier ones are answered wait in a
queue, bodies and all; it would be filled again with each answer, many times faster than it is emptied.
Bodies have their own bounds (`bodies`).

Fields after a body in pieces (trailers) are left out: a server before this one may have judged the head
alone, and they are not to be taken for a part of it (RFC 9110 section 6.5.1).

Both counters are served through this; a web server before them has bounds of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sized
from types import MappingProxyType
from typing import Any, Final, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from verifier.web.whole import Answering, Taker

__all__ = ["BoundedProtocol"]

_HEAD_BYTES: Final = 65_536
_HEADERS: Final = 100
_HEAD_SECONDS: Final = 20
_JSON: Final = b"application/json"
_NO_TAKERS: Final[Mapping[bytes, Taker]] = MappingProxyType({})

# Called for each header of each request: by name, for `super()` takes longer than they do.
_take_url: Final = HttpToolsProtocol.on_url
_take_header: Final = HttpToolsProtocol.on_header
_begin: Final = HttpToolsProtocol.on_headers_complete
_take_body: Final = HttpToolsProtocol.on_body
_complete: Final = HttpToolsProtocol.on_message_complete


class _InTurn(FlowControl):
    """Reads no further while requests of this connection wait for their turn: each of them came whole."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Read on, unless somebody waits."""
        if not self._waiting:
            super().resume_reading()


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Refuses by 400 what is too large, and leaves one whose head does not come."""

    _in_head = False
    _head_bytes = 0
    _patience: asyncio.TimerHandle | None = None
    _taker: Taker | None = None  # who is offered the request that is read, if it comes whole
    _body = b""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # How many are served at once, and under which path, is for the ordinary way to say.
        usual = self.limit_concurrency is None and not self.root_path
        self._takers = _takers_of(self.app) if usual else _NO_TAKERS

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a first request."""
        super().connection_made(transport)
        self.flow = _InTurn(transport, self.pipeline)
        self._be_patient()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came; a head that is not whole yet is counted and has its time, and so has no head."""
        already = self._in_head
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._taker is not None:  # the rest of the body is still to come
            self._go_the_ordinary_way()
        if self._in_head:
            self._head_bytes += len(data) if already else 0
            if self._head_bytes > _HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")
                return
        # An empty line, or the rest of a body whose answer is given: the time for another request, which
        # uvicorn begins with the answer, ended when it came.
        idle = self.cycle is not None and self.cycle.response_complete
        if self._patience is None and (self._in_head or idle):
            self._be_patient()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        self._head_bytes += len(url)
        if self._head_bytes > _HEAD_BYTES:
            raise ValueError("the head is too large")
        _take_url(self, url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header; count one after a body in pieces. What is raised is a 400 to the sender."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > _HEAD_BYTES or len(self.headers) >= _HEADERS:
            raise ValueError("the head is too large")
        if self._in_head:
            _take_header(self, name, value)

    def on_headers_complete(self) -> None:
        """Go on with a request whose head is whole."""
        self._in_head = False
        if self._patience is not None:
            self._stop_waiting()
        self._taker = self._takers.get(self.url)
        if self._taker is None or not self._is_usual():
            self._taker = None
            _begin(self)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if self._taker is None:
            _take_body(self, body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        """Offer a request that came whole, and go the ordinary way with any other."""
        if self._taker is None:
            _complete(self)
            return
        answering = Answering(self, keep_alive=self.parser.should_keep_alive())
        if self._taker(self._body, answering.tell):
            self.cycle = cast("RequestResponseCycle", answering)
            self._taker, self._body = None, b""
        else:
            self._go_the_ordinary_way()
            _complete(self)

    def _is_usual(self) -> bool:
        """Tell whether a head asks for nothing but an answer to some JSON, and nobody else waits for one."""
        # Not in pieces: behind the last of them come further fields, which are no part of the head.
        names = [name for name, _ in self.headers]
        return (
            b"content-length" in names
            and b"content-type" in names
            and self.headers[names.index(b"content-type")][1].partition(b";")[0].strip().lower() == _JSON
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and (self.cycle is None or self.cycle.response_complete)
            and not (self.expect_100_continue or self.parser.should_upgrade() or self.flow.write_paused)
        )

    def _go_the_ordinary_way(self) -> None:
        body, self._taker, self._body = self._body, None, b""
        _begin(self)
        if body:
            _take_body(self, body)

    def _be_patient(self) -> None:
        self._patience = self.loop.call_later(_HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _takers_of(app: Any) -> Mapping[bytes, Taker]:
    """Return who is offered what, by the address that a request names. Who calls is asked by none of them."""
    if isinstance(app, ProxyHeadersMiddleware):
        app = app.app
    return getattr(app, "takers", _NO_TAKERS)
