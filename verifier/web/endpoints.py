"""Endpoints: how a program is answered. Plain ASGI: the way in and out is half of a quick answer.

What is decided here: that there is one method (POST; OPTIONS says so, anything else is a problem), that an
error of ours becomes a problem, and who may read the answer from a page of another site (CORS). Checking asks
for no cookie and no password, and tells a page nothing that its own server could not ask: so any page may.
Not so a route where look-ups are counted for each network: there a page elsewhere would guess with the
networks of its visitors, and answers are for pages of this site and for programs.

Left to others: the answers (`api`, `vc_api`), bodies (`bodies`), headers that every answer has (`guard`).
Source: the Fetch standard, section 3.3 (CORS).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from passport.errors import PassportError
from verifier.web.guard import Whole
from verifier.web.problems import ProblemError, problem_response

__all__ = ["ANY_ORIGIN", "Endpoint", "json_response"]

ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}
_ALLOWED: Final = {"Allow": "OPTIONS, POST"}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}
_JSON: Final = (b"content-type", b"application/json")
_ANY: Final = (b"access-control-allow-origin", b"*")


class _Json(Response):
    """An answer of JSON that is already in bytes; made without looking at each header."""

    def __init__(self, body: bytes) -> None:
        self.status_code = 200
        self.body = body
        self.background = None
        self.raw_headers = [_JSON, (b"content-length", b"%d" % len(body))]


def json_response(value: object) -> Response:
    """Return the answer 200 with `value` as JSON; bytes are JSON already."""
    return _Json(value if type(value) is bytes else msgspec.json.encode(value))


class Endpoint:
    """One route for programs. `problem_of`: another way to say an error; `open_to_pages`: see above.

    `take`: how a body that came whole is answered without a call, as `answer` would answer it (`Whole`).
    """

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[Response]],
        *,
        open_to_pages: bool,
        problem_of: Callable[[PassportError], Response] = problem_response,
        take: Callable[[bytes, Callable[[bytes | Exception], None]], bool] | None = None,
    ) -> None:
        self._answer = answer
        self._open = open_to_pages
        self._problem_of = problem_of
        self.whole = Whole(take, [_JSON, *([_ANY] if open_to_pages else [])]) if take else None

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """Return the answer to one request."""
        if scope["method"] == "POST":
            try:
                response = await self._answer(Request(scope, receive))
            except PassportError as error:
                response = self._problem_of(error)
        else:
            response = self._other(scope["method"])
        if self._open:
            response.raw_headers.append(_ANY)
        return response

    def _other(self, method: str) -> Response:
        if method == "OPTIONS":
            return Response(status_code=204, headers=_ALLOWED | (_PREFLIGHT if self._open else {}))
        problem = ProblemError(405, "http", "There is no such method here.", hint="Use POST.")
        return problem_response(problem, headers=_ALLOWED)
