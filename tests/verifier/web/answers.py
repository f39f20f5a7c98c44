"""What tests of the API ask of an answer."""

from __future__ import annotations

from typing import Any

from verifier.web.openapi.operations import OPERATIONS

JSON = {"content-type": "application/json"}
PATHS = [operation.path for operation in OPERATIONS]


def is_problem(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert {"type", "title", "detail"} <= body.keys()
