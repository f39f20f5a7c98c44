"""The VC API of the issuing counter: ``POST /credentials/issue``, for one body by its bearer token.

Decided here: which credential is taken. It is one of ours without what only the counter can know: the
members that it is issued with (`id`, `validFrom`, `credentialStatus`, `credentialSchema`, the ids within)
are left out, and a credential that brings them is refused, because they would be replaced. Its issuer is the
caller's body. What it claims goes the way of every other request: the same lints, one transaction, the same
checks; the answer is the envelope of the W3C form (docs/adr/0015).

Left to others: shapes (`passport.vcdm`), issuing (`issuer.register`). Source: VCALM 1.0 (the VC API of the
W3C CCG), section 3.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

import schemas
from issuer.register import Register, idempotency
from issuer.web.asked import Asked, asked_of
from issuer.web.attestations import Caller, issue_one
from issuer.web.problems import FieldError, Problem
from passport.credential import VC_CONTEXT, context_of
from passport.errors import PassportError
from passport.formats import w3c_vc
from passport.framework import framework_ids
from passport.strictjson import Json, compact_json, parse_object
from passport.vcdm import check_credential

__all__ = ["vc_api_routes"]

_JSON: Final = "application/json"
_MOST: Final = 65_536
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_SUBJECT: Final = "/credential/credentialSubject"
_TAKEN: Final = frozenset({"@context", "type", "issuer", "credentialSubject", "name"})
_CLAIMS: Final = ("given_name", "family_name", "framework", "assessed_on", "method", "place")
_AROUND: Final = frozenset({"type", "result"})


def vc_api_routes(register: Register) -> APIRouter:
    """Return the route."""
    router = APIRouter()
    caller = Depends(Caller(register))

    @router.post("/credentials/issue")
    async def make(request: Request, body: str = caller) -> Response:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != _JSON:
            raise Problem(415, "media_type", f"Expected {_JSON}.")
        key = request.headers.get("idempotency-key")
        answer = await run_in_threadpool(_make, register, body, await request.body(), key)
        return Response(answer, 201, media_type=_JSON, headers=_PRIVATE)

    return router


def _make(register: Register, body: str, raw: bytes, key: str | None) -> bytes:
    if key is not None:
        kept = idempotency.recall(register, body, key, request=raw)
        if kept is not None:
            return kept
    source = None if key is None else f"vc-api:{hashlib.sha256(key.encode()).hexdigest()}"
    issued = issue_one(register, body, _read(register, body, raw, source))
    token = issued.tokens[w3c_vc.FORMAT].decode("ascii")
    envelope = {
        "@context": VC_CONTEXT,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:{w3c_vc.MEDIA_TYPE},{token}",
    }
    answer = compact_json({"verifiableCredential": envelope})
    if key is not None:
        idempotency.keep(register, body, key, request=raw, response=answer)
    return answer


def _read(register: Register, body: str, raw: bytes, source: str | None) -> Asked:
    """Return what a request asks for. Raises `Problem`: 400 (not such a request), 422 (wrong claims)."""
    try:
        given = parse_object(raw, max_bytes=_MOST)
    except PassportError as error:
        raise Problem(400, "json", "The request is not one JSON object.") from error
    credential = given.get("credential")
    if not given.keys() <= {"credential", "options"} or not isinstance(credential, dict):
        raise Problem(400, "members", "Expected a JSON object with credential, and options if any.")
    if given.get("options", {}) != {}:
        raise Problem(400, "UNKNOWN_OPTION_PROVIDED", "No option is known here.")
    _check(register, body, credential)
    claims = _claims(credential, frameworks=f"{register.scheme.url}/frameworks/")
    return asked_of(claims, source_key=source, at=_SUBJECT)


def _check(register: Register, body: str, credential: Json) -> None:
    url = register.scheme.url
    own = {context_of(url): schemas.read_json("contexts/attestation-1.json")["@context"]}
    faults = check_credential(credential, contexts=own)
    errors = [FieldError(f"/credential{fault.pointer}", fault.code, fault.message) for fault in faults]
    replaced = sorted(credential.keys() - _TAKEN)
    why = "The counter gives this itself, or does not attest it."
    errors += [FieldError(f"/credential/{name[:40]}", "not_taken", why) for name in replaced]
    if errors:
        raise Problem(400, "credential", "The credential cannot be issued as it is.", errors=errors)
    issuer = credential["issuer"]
    if (issuer.get("id") if isinstance(issuer, dict) else issuer) != register.scheme.issuer(body):
        error = FieldError("/credential/issuer", "issuer", "Expected the body of the bearer token.")
        raise Problem(400, "issuer", "The issuer is another one.", errors=[error])


def _claims(credential: Json, *, frameworks: str) -> Json:
    """Return the claims by the names of ``/api/v1/attestations``; what is not one is refused.

    `frameworks`: the address that the scheme publishes its frameworks under.
    """
    subject = credential["credentialSubject"]
    if not isinstance(subject, dict):
        raise Problem(
            422,
            "fields",
            "Expected one subject.",
            errors=[FieldError(_SUBJECT, "type", "Expected one object.")],
        )
    unknown = sorted(subject.keys() - {*_CLAIMS} - _AROUND)
    if unknown:
        errors = [
            FieldError(f"{_SUBJECT}/{name[:40]}", "not_taken", "Not attested here.") for name in unknown
        ]
        raise Problem(422, "fields", "Some claims are not attested here.", errors=errors)
    claims = {name: subject[name] for name in _CLAIMS if name in subject}
    named = subject.get("framework")
    if named not in framework_ids():
        return {**claims, "levels": {}}  # the framework itself is what is wrong
    return {**claims, "levels": _levels(subject, prefix=f"{frameworks}{named}#")}


def _levels(subject: Mapping[str, object], *, prefix: str) -> Json:
    """Return competence → level from the results: ``…/frameworks/{id}#{competence}-{level}``.

    `prefix`: all before the competence. A level of another framework would be attested as one of this.
    """
    results = subject.get("result")
    levels: Json = {}
    for result in results if isinstance(results, list) else [results]:
        achieved = result.get("achievedLevel") if isinstance(result, dict) else None
        competence, _, level = str(achieved).removeprefix(prefix).rpartition("-")
        if not (
            str(achieved).startswith(prefix)
            and level.isascii()
            and level.isdigit()
            and len(level) == 1
            and competence not in levels
        ):
            detail = "Expected one achievedLevel a result: the framework's address, #, competence-level."
            errors = [FieldError(f"{_SUBJECT}/result", "levels", detail)]
            raise Problem(422, "fields", "The levels cannot be read.", errors=errors)
        levels[competence] = int(level)
    return levels
