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
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from verifier.web.whole import Taker, Tell

__all__ = ["CAMERA", "Guard", "Program", "Whole", "policy"]

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


class Whole(NamedTuple):
    """How a program answers a body that came whole, where it can. `headers`: those of such an answer.

    `take`: given a body, and what to give the answer (JSON, or the fault of ours that came in its place),
    once and later; returns whether it takes the request up.
    """

    take: Callable[[bytes, Callable[[bytes | Exception], None]], bool]
    headers: Headers


class Program(Protocol):
    """What answers programs at one address, whole and at once."""

    whole: Whole | None

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """Return the answer to one request."""


class Guard:
    """The application as served: around all of it. `paths`: the addresses that may be named in the log.

    `programs`: what answers at which address before `app` is asked: the router and its layers for errors take
    as long as reading the request, and a program needs neither. `takers`: what may be answered without even
    a call of this application (`verifier.web.whole`), by the address that a request names.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str], programs: Mapping[str, Program]) -> None:
        self.app = app
        self.programs = programs
        self._paths = paths
        self.takers: Mapping[bytes, Taker] = {
            path.encode(): self._taker(path, program.whole)
            for path, program in programs.items()
            if program.whole is not None
        }

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
        self._log(scope["method"], scope["path"], status=guarded.status or 500, began=began)

    def _taker(self, path: str, whole: Whole) -> Taker:
        take, head = whole.take, _lines(whole.headers)

        def take_up(body: bytes, tell: Tell) -> bool:
            began = time.perf_counter()

            def told(answer: bytes | Exception) -> None:
                status = 200 if isinstance(answer, bytes) else 500
                try:
                    if isinstance(answer, bytes):
                        tell(status, head, answer)
                    else:
                        _LOG.error(json.dumps(_fault(answer)))
                        tell(status, _lines(_FAULT_HEADERS), _FAULT)
                except Exception as error:  # noqa: BLE001  others of this turn have their answers still to come
                    _LOG.error(json.dumps(_fault(error)))
                self._log("POST", path, status=status, began=began)

            return take(body, told)

        return take_up

    def _log(self, method: str, path: str, *, status: int, began: float) -> None:
        if not _LOG.isEnabledFor(logging.INFO):
            return
        # Only an address that is declared is named: a path can hold what somebody typed.
        route = path if path in self._paths else "-"
        method = method if method in {"GET", "HEAD", "POST"} else "-"
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        _LOG.info(json.dumps({"method": method, "route": route, "status": status, "ms": milliseconds}))


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


def _lines(headers: Headers) -> bytes:
    """Return headers as they are sent; ``%d`` stands for the length of the body."""
    sized = [(name, value) for name, value in headers if name != b"content-length"]
    sized.insert(1, (b"content-length", b"%d"))
    return b"".join(b"%b: %b\r\n" % header for header in _completed(sized))


_FAULT: Final = (
    b'{"type":"about:blank","title":"Internal error","status":500,"code":"internal","detail":"A fault."}'
)
_FAULT_HEADERS: Final = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_FAULT)).encode()),
]


async def _answer_500(send: Send) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": _FAULT_HEADERS})
    await send({"type": "http.response.body", "body": _FAULT})
