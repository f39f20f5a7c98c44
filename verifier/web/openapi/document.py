"""The OpenAPI document: put together once from operations, shapes and examples, and served as it is.

What is decided here: the form of the document, and that it is served by us alone: FastAPI's own pages for
such a document load scripts from another host. Source: OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from verifier.web.endpoints import ANY_ORIGIN
from verifier.web.openapi.operations import OPERATIONS, PROBLEMS, Operation
from verifier.web.openapi.shapes import Shape, ref, shapes

__all__ = ["PATH", "openapi_document", "openapi_routes"]

PATH: Final = "/openapi.json"
_PROBLEM: Final = "application/problem+json"
_ABOUT: Final = (
    "Checks credentials of digital skills: what was signed, by whom, whether that body may attest it, and "
    "whether it "
    "still holds. No account, no cookie, nothing kept. Any page of any site may ask (CORS `*`, without "
    "credentials), "
    "except for typed codes.\n\nThe library and the command line `passport-verify` give the very same "
    "reports, "
    "without a network too."
)


@cache
def openapi_document() -> dict[str, Any]:
    """Return the document."""
    examples = msgspec.json.decode(files("verifier.web.openapi").joinpath("examples.json").read_bytes())
    paths = {op.path: {op.method: _operation(op, examples.get(op.path, []))} for op in OPERATIONS}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Checking counter",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(op.tag for op in OPERATIONS)],
        "security": [],
        "paths": {**paths, PATH: {"get": _itself()}},
        "components": {"schemas": shapes()},
    }


def _operation(operation: Operation, examples: list[dict[str, Any]]) -> Shape:
    sent = {one["name"]: _shown(one, one["request"]) for one in examples if one["request"] is not None}
    content = {operation.media_type: {"schema": ref(operation.request), "examples": sent}}
    statuses = [200, *operation.problems]
    return {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "requestBody": {"required": True, "content": content},
        "responses": {
            str(status): _response(operation, status, [one for one in examples if one["status"] == status])
            for status in statuses
        },
    }


def _response(operation: Operation, status: int, examples: list[dict[str, Any]]) -> Shape:
    good = status == 200
    media_type, shape = ("application/json", operation.answer) if good else (_PROBLEM, "Problem")
    headers = {"Access-Control-Allow-Origin": _header("Any page may read the answer.")}
    shown = headers if operation.open_to_pages and status != 500 else {}
    shown |= {"Allow": _header("The methods that there are.")} if status == 405 else {}
    shown |= {"Retry-After": _header("Seconds to wait.")} if status == 429 else {}
    content: Shape = {"schema": ref(shape)}
    if examples:
        content["examples"] = {one["name"]: _shown(one, one["answer"]) for one in examples}
    return {
        "description": "The answer." if good else PROBLEMS[status],
        "content": {media_type: content},
    } | ({"headers": shown} if shown else {})


def _header(description: str) -> Shape:
    return {"description": description, "required": True, "schema": {"type": "string"}}


def _shown(example: dict[str, Any], value: object) -> Shape:
    return {"summary": example["summary"], "value": value}


def _itself() -> Shape:
    return {
        "operationId": "describe",
        "summary": "This document",
        "responses": {
            "200": {
                "description": "An OpenAPI 3.1 document.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    }


def openapi_routes() -> list[Route]:
    """Return the route of the document."""
    data = msgspec.json.encode(openapi_document())
    tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
    headers = {"Cache-Control": "public, max-age=3600", "ETag": tag, **ANY_ORIGIN}

    def serve(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(data, 200, headers, media_type="application/json")

    return [Route(PATH, serve, methods=["GET"])]
