"""Public documents over HTTP: for everyone, cacheable, from any page (CORS).

Decided here: `ETag` and ``If-None-Match`` (RFC 9110 section 13), `Cache-Control` from the document's own
age, ``Access-Control-Allow-Origin: *`` on these and on nothing else. Left to others: the documents
(`issuer.register.publishing`).
"""

from __future__ import annotations

import hashlib
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from issuer.register import Register
from issuer.register.publishing import PublicDocument, document
from issuer.web.problems import Problem

__all__ = ["PREFIXES", "public_answer", "public_routes"]

PREFIXES: Final = (
    *("/trust/", "/status/", "/o/", "/.well-known/jwt-vc-issuer/"),
    *("/vct/", "/contexts/", "/schemas/", "/frameworks/"),
)
_CORS: Final = {"Access-Control-Allow-Origin": "*"}
_PREFLIGHT: Final = {
    **_CORS,
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_PATHS: Final = (
    *("/trust/{name}.json", "/trust/sets/{digest}", "/status/{list_id}"),
    *("/o/{slug}/did.json", "/o/{slug}/cid.json", "/.well-known/jwt-vc-issuer/o/{slug}"),
    *("/o/{slug}/keys/{kid}", "/o/{slug}/status-keys/{kid}"),
    *("/vct/{name}", "/contexts/{name}", "/schemas/{name}", "/frameworks/{name}"),
)


def public_routes(register: Register) -> APIRouter:
    """Return the routes of all public documents."""
    router = APIRouter()

    async def serve(request: Request) -> Response:
        return await run_in_threadpool(public_answer, register, request, request.url.path)

    async def preflight() -> Response:
        return Response(status_code=204, headers=_PREFLIGHT)

    for path in _PATHS:
        router.add_api_route(path, serve, methods=["GET", "HEAD"])
        router.add_api_route(path, preflight, methods=["OPTIONS"])
    return router


def public_answer(register: Register, request: Request, path: str) -> Response:
    """Return the answer to a request for the document at `path`. Raises `Problem` (404)."""
    found = document(register, path)
    if found is None:
        raise Problem(404, "not_found", "There is no such document.", headers=_CORS)
    return _answer(request, found)


def _answer(request: Request, found: PublicDocument) -> Response:
    tag = f'"{hashlib.sha256(found.data).hexdigest()[:32]}"'
    headers = {
        **_CORS,
        "Access-Control-Expose-Headers": "ETag",
        "Cache-Control": f"public, max-age={found.max_age}",
        "ETag": tag,
    }
    if _is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(found.data, media_type=found.media_type, headers=headers)


def _is_known(condition: str, tag: str) -> bool:
    """Compare weakly, as ``If-None-Match`` wants (RFC 9110 section 13.1.2)."""
    named = {part.strip().removeprefix("W/") for part in condition[:2_000].split(",")}
    return "*" in named or tag in named
