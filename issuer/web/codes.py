"""``POST /internal/codes``: the one narrow call between the counters, for typed codes.

Decided here: the caller shows the shared secret (compared in constant time) in ``Passport-Code-Secret``;
it gives the code and the network of the person who typed it; it gets the signed token or nothing. Look-ups
are counted by network and day. Too many: 429 for that network until the day ends; the code is never
locked, or anyone could block a paper. Left to others: counting (`issuer.register.codes`), the state shown.
"""

from __future__ import annotations

import hmac
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from issuer.register import Register
from issuer.register.codes import answer_code, count_lookup
from issuer.web.problems import Problem
from passport.errors import PassportError
from passport.strictjson import compact_json, parse_object
from passport.typed_code import read_code

__all__ = ["SECRET_HEADER", "code_routes", "look_up", "wait_of"]

SECRET_HEADER: Final = "Passport-Code-Secret"  # noqa: S105 (the name of a header)
LOOKUPS_A_DAY: Final = 300
"""For one network: an adviser's office stays under it, and it leaves 2^-37 of the codes to a guesser."""

_DAY: Final = 86_400
_MAX_BYTES: Final = 1_024
_NETWORK_CHARS: Final = 100


def code_routes(register: Register) -> APIRouter:
    """Return the route."""
    router = APIRouter()

    @router.post("/internal/codes")
    async def answer(request: Request) -> Response:
        shown = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(shown.encode(), register.code_secret.encode()):
            raise Problem(401, "secret", "This call is for a checking counter that shares the secret.")
        code, network = _read(await request.body())
        token, wait = await run_in_threadpool(look_up, register, code, network)
        if wait:
            raise Problem(429, "too_many", "Too many look-ups today.", headers={"Retry-After": str(wait)})
        if token is None:
            raise Problem(404, "unknown_code", "No attestation has this code.")
        answered = compact_json({"token": token.decode("ascii")})
        return Response(answered, media_type="application/json", headers={"Cache-Control": "no-store"})

    return router


def _read(raw: bytes) -> tuple[str, str]:
    wrong = Problem(400, "json", 'Expected {"code": …, "network": …}.')
    try:
        members = parse_object(raw, max_bytes=_MAX_BYTES)
    except PassportError as error:
        raise wrong from error
    code, network = members.get("code"), members.get("network")
    if not isinstance(code, str) or not isinstance(network, str) or len(network) > _NETWORK_CHARS:
        raise wrong
    return code, network


def look_up(register: Register, code: str, network: str) -> tuple[bytes | None, int]:
    """Return (token or None, seconds to wait; more than 0: nothing was looked up).

    Raises `MalformedError` for what can be no code: that costs no look-up.
    """
    read_code(code)
    if count_lookup(register, network) > LOOKUPS_A_DAY:
        return None, wait_of(register.now())
    return answer_code(register, code), 0


def wait_of(now: int) -> int:
    """Return the seconds until counting begins anew."""
    return _DAY - now % _DAY
