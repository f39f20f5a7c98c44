"""Guard: what stands around every answer. Security headers, the access log, and the last catch.

What is decided here: what a page may load (its own style sheet and scripts, nothing else, from nowhere
else; a page that checks by itself asks the pinned schemes too), that no answer is kept by a cache unless it
says so itself, what is logged (method, route, status, time: no address, no query, no body, no caller), and
that a fault of ours is a plain 500 whose log line holds no value of a variable.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CAMERA", "Guard", "Program", "policy"]

_LOG: Final = logging.getLogger("passport.access")
Headers = list[tuple[bytes, bytes]]


def policy(*connected: str) -> str:
    """Return the content security policy of an answer. `connected`: further addresses that it may ask."""
    return "; ".join(
        (
            "default-src 'none'",
            *(
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "manifest-src 'self'",
                "worker-src 'self'",
            ),
            " ".join(("connect-src 'self'", *connected)),
            *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
            # A text becomes a script, a worker or a tree only in the one place that page.js names.
            *("require-trusted-types-for 'script'", "trusted-types passport"),
        )
    )


_PERMISSIONS: Final = "camera={camera}, geolocation=(), microphone=(), payment=(), usb=()"
# The permissions of a page that may show a camera; the person is asked all the same.
CAMERA: Final = _PERMISSIONS.format(camera="(self)")
_HEADERS: Final = {
    "content-security-policy": policy(),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": _PERMISSIONS.format(camera="()"),
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
_PROGRAMS: Final = frozenset({b"application/json", b"application/problem+json"})
_FOR_PROGRAMS: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
_ENCODED: Final = tuple((name.encode(), value.encode()) for name, value in _HEADERS.items())


class Program(Protocol):
    """What answers programs at one address, whole and at once."""

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """Return the answer to one request."""


class Guard:
    """The application as served: around all of it. `paths`: the addresses that may be named in the log.

    `programs`: what answers at which address before `app` is asked: the router and its layers for errors take
    as long as reading the request, and a program needs neither.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str], programs: Mapping[str, Program]) -> None:
        self.app = app
        self.programs = programs
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens inside."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, guarded = time.perf_counter(), _Guarded(send)
        try:
            program = self.programs.get(scope["path"])
            if program is None:
                await self.app(scope, receive, guarded.send)
            else:
                await guarded.send_whole(await program.answer(scope, receive))
        except Exception as error:  # noqa: BLE001  the last catch: a stack with values must not reach a log
            _LOG.error(json.dumps(_fault(error)))
            if not guarded.status:
                await _answer_500(guarded.send)
        if _LOG.isEnabledFor(logging.INFO):
            self._log(scope, status=guarded.status or 500, seconds=time.perf_counter() - began)

    def _log(self, scope: Scope, *, status: int, seconds: float) -> None:
        # Only an address that is declared is named: a path can hold what somebody typed.
        route = scope["path"] if scope["path"] in self._paths else "-"
        method = scope["method"] if scope["method"] in {"GET", "HEAD", "POST"} else "-"
        _LOG.info(
            json.dumps({"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)})
        )


class _Guarded:
    """The way out of one request. `status`: what was answered, 0 before that."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        """Send one message; an answer begins with the headers that it lacks."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = _completed(message["headers"])
        await self._send(message)

    async def send_whole(self, response: Response) -> None:
        """Send an answer that is there whole."""
        self.status = response.status_code
        headers = _completed(response.raw_headers)
        await self._send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await self._send({"type": "http.response.body", "body": response.body})


def _completed(headers: Headers) -> Headers:
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    return [*headers, *_lacking(tuple([name for name, _ in headers]), kind)]


@lru_cache(maxsize=256)
def _lacking(present: tuple[bytes, ...], kind: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return our headers that an answer lacks; the same few sets of names come again and again.

    An answer for programs is no page: it needs those that keep it from being taken for one, and no others.
    """
    ours = _FOR_PROGRAMS if kind in _PROGRAMS else _ENCODED
    return tuple(header for header in ours if header[0] not in present)


def _fault(error: Exception) -> dict[str, object]:
    """Name an error by its kind and place; its message may quote what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames],
    }


async def _answer_500(send: Send) -> None:
    body = (
        b'{"type":"about:blank","title":"Internal error","status":500,"code":"internal","detail":"A fault."}'
    )
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
