"""``/api/v1/attestations``: a body's own program issues, and fetches what it issued.

Decided here: the bearer token (RFC 6750) of one body decides for which body; another body's attestation is
answered like one that does not exist. ``Idempotency-Key`` is optional and honoured: the same key and
bytes give the same answer, other bytes a problem. Left to others: what may be attested, keeping answers
(`issuer.register`), drawing (`issuer.prints`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from issuer.prints import MEDIA_TYPES, TWINS, draw, file_name, print_jobs
from issuer.register import Register, idempotency
from issuer.register.bodies import body_of_token
from issuer.register.issuing import DuplicateError, Issued, IssueRequest, RefusedError, issue
from issuer.register.lookup import stored
from issuer.web.asked import Asked, field_of, read_asked
from issuer.web.problems import FieldError, Problem
from passport.errors import InputError
from passport.packing import qr_url
from passport.strictjson import compact_json
from passport.typed_code import format_code

__all__ = ["Caller", "attestation_routes", "issue_one"]

_JSON: Final = "application/json"
# A twin is a file to be kept: served from here, its own style would fall to the policy of this counter.
_SERVED: Final = tuple(kind for kind in MEDIA_TYPES if kind not in TWINS)
_PRIVATE: Final = {"Cache-Control": "private, no-store"}


class Caller:
    """Who calls: the slug of a body, from the bearer token; a FastAPI dependency."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def __call__(self, request: Request) -> str:
        """Return the slug. Raises `Problem` (401)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        slug = None
        if scheme.lower() == "bearer":
            slug = await run_in_threadpool(body_of_token, self._register, token.strip())
        if slug is None:
            raise Problem(
                401,
                "token",
                "A bearer token of a body is needed (passport body token).",
                headers={"WWW-Authenticate": 'Bearer realm="attestations"'},
            )
        return slug


def attestation_routes(register: Register) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(prefix="/api/v1/attestations")
    caller = Depends(Caller(register))

    @router.post("")
    async def make(request: Request, body: str = caller) -> Response:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != _JSON:
            raise Problem(415, "media_type", f"Expected {_JSON}.")
        raw = await request.body()
        key = request.headers.get("idempotency-key")
        answer = await run_in_threadpool(_make, register, body, raw, key)
        location = f"/api/v1/attestations/{json.loads(answer)['code']}.pdf"
        return Response(answer, 201, media_type=_JSON, headers={**_PRIVATE, "Location": location})

    @router.get("/{name}")
    async def fetch(name: str, body: str = caller) -> Response:
        code, _, kind = name.partition(".")
        data = await run_in_threadpool(_file, register, body, code, kind)
        disposition = f'inline; filename="{file_name(data[0], kind)}"'
        headers = {**_PRIVATE, "Content-Disposition": disposition}
        return Response(data[1], media_type=MEDIA_TYPES[kind], headers=headers)

    return router


def _make(register: Register, body: str, raw: bytes, key: str | None) -> bytes:
    if key is not None:
        kept = idempotency.recall(register, body, key, request=raw)
        if kept is not None:
            return kept
    asked = read_asked(raw, source_key=_source_key(key))
    answer = _answer(register, issue_one(register, body, asked))
    if key is not None:
        idempotency.keep(register, body, key, request=raw, response=answer)
    return answer


def _source_key(key: str | None) -> str | None:
    return None if key is None else f"api:{hashlib.sha256(key.encode()).hexdigest()}"


def issue_one(register: Register, body: str, asked: Asked) -> Issued:
    """Issue what was asked for. Raises `Problem`: 403, 409, 422."""
    try:
        (issued,) = issue(
            register, body, [asked.request], actor="api", accept_duplicates=asked.accept_duplicates
        )
    except RefusedError as error:
        if any(refusal.code == "source_conflict" for refusal in error.refusals):
            raise _conflict() from None
        fields = [field_of(refusal, at=asked.at) for refusal in error.refusals]
        refused = all(refusal.code == "not_accredited" for refusal in error.refusals)
        detail = "The body may not attest this." if refused else "The attestation was refused."
        code = "not_accredited" if refused else "refused"
        raise Problem(403 if refused else 422, code, detail, errors=fields) from None
    except DuplicateError as error:
        known = ", ".join(format_code(one.code) for one in error.duplicates if one.code)
        detail = f"Attested before: {known}. Set accept_duplicates to issue it nevertheless."
        errors = [FieldError("/accept_duplicates", "duplicate", detail)]
        raise Problem(409, "duplicates", "This was attested before.", errors=errors) from None
    if not issued.created and not _says(issued, asked.request):
        # A crash kept the attestation and lost the answer; now the key comes with something else.
        raise _conflict()
    return issued


def _conflict() -> Problem:
    return Problem(422, "idempotency_conflict", "This Idempotency-Key was used with another request.")


def _says(issued: Issued, request: IssueRequest) -> bool:
    said = issued.attestation
    return (said.holder, said.framework, dict(said.levels), said.assessed_on, said.method, said.place) == (
        *(request.holder, request.framework, dict(request.levels)),
        *(request.assessed_on, request.method, request.place),
    )


def _answer(register: Register, issued: Issued) -> bytes:
    code = format_code(issued.code)
    own = f"{register.scheme.url}/api/v1/attestations/{code}"
    return compact_json(
        {
            "code": code,
            "token": issued.token.decode("ascii"),
            "digits": issued.digits,
            "verify_url": qr_url(register.scheme.verify_url, issued.digits),
            "links": {kind: f"{own}.{kind}" for kind in _SERVED},
        }
    )


def _file(register: Register, body: str, code: str, kind: str) -> tuple[str, bytes]:
    missing = Problem(404, "unknown_code", "This body has no such attestation.")
    if kind not in _SERVED:
        raise missing
    try:
        found = stored(register, code)
    except InputError as error:
        raise missing from error
    if found.body != body:
        raise missing
    (job,) = print_jobs(register, [found])
    return found.code, draw(job, kind)
