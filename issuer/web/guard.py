"""Around every request: size, security headers, one log line, and no error of Python to anyone.

Decided here: the headers of every answer, how large a request may be (counted as it arrives, whatever it
said of itself), and what is logged: method, the *pattern* of the route, status, time. The path itself may
hold a code. Left to others: what a request does.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from issuer.web.logs import log
from issuer.web.problems import Problem, problem_response

__all__ = ["MAX_REQUEST_BYTES", "Guard"]

MAX_REQUEST_BYTES: Final = 65_536
_LARGER: Final[Mapping[str, int]] = {
    "/desk/import": 8 * 1_048_576,
    "/desk/pending/correct": 8 * 1_048_576,
    "/desk/bodies/": 524_288,
}
"""Pages that take a file: how their path begins → how many bytes a request to it may have."""
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class _TooLarge(Exception):  # noqa: N818 (never leaves this module)
    pass


Refusal = Callable[[Scope, Problem, str], Response]
"""Puts a refusal into the words of whoever asked: a page or a problem. The text is a reference, or ""."""


def _in_a_problem(_: Scope, problem: Problem, __: str) -> Response:
    return problem_response(problem)


class Guard:
    """ASGI middleware. `https`: whether the public address is one, so that browsers may be told to stay."""

    def __init__(self, app: ASGIApp, *, https: bool, refusal: Refusal = _in_a_problem) -> None:
        self._app = app
        self._refusal = refusal
        self._headers = (*_HEADERS, _HSTS) if https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Guarded(scope, receive, send, headers=self._headers)
        refuse = partial(request.refuse, self._refusal)
        try:
            await self._app(scope, request.receive, request.send)
        except ClientDisconnect:
            pass  # whoever asked went away half-way: no answer, and no error of ours
        except _TooLarge:
            await refuse(Problem(413, "too_large", "The request is larger than this page takes."))
        except Exception as error:  # noqa: BLE001 (the last door: no word of it reaches the caller)
            reference = secrets.token_hex(4)
            log("request.failed", level=logging.ERROR, failure=error, reference=reference)
            said = f"Something went wrong here. Reference: {reference}."
            await refuse(Problem(500, "unexpected", said), reference=reference)
        request.log()


class _Guarded:
    """One request on its way."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, *, headers: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = headers
        self._received = 0
        self._most = _most_bytes(scope["path"])
        self._began = time.perf_counter()
        self._status = 0

    async def receive(self) -> Message:
        """Pass on a piece of the request, counting."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            raise _TooLarge
        return message

    async def send(self, message: Message) -> None:
        """Pass on a piece of the answer, with our headers."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            own = {name for name, _ in message["headers"]}
            added = [header for header in self._headers if header[0] not in own]
            message = {**message, "headers": [*message["headers"], *added]}
        await self._send(message)

    async def refuse(self, refusal: Refusal, problem: Problem, *, reference: str = "") -> None:
        """Refuse, unless an answer has begun."""
        if not self._status:
            response = refusal(self._scope, problem, reference)
            await response(self._scope, self._receive, self.send)

    def log(self) -> None:
        """Write the line of this request."""
        route = getattr(self._scope.get("route"), "path", "-")
        milliseconds = round((time.perf_counter() - self._began) * 1000, 1)
        method = self._scope["method"] if self._scope["method"] in _METHODS else "-"
        log("request", method=method, route=route, status=self._status, milliseconds=milliseconds)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


def _most_bytes(path: str) -> int:
    return next((most for start, most in _LARGER.items() if path.startswith(start)), MAX_REQUEST_BYTES)
