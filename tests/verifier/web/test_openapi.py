"""The OpenAPI document: it is valid, describes the real routes, and each example is what is answered."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.pages.serving import Counter
from tests.verifier.web.examples import FILE, Example, ask, examples
from verifier.codes import _OWN_WORDS, _STATES
from verifier.report import Reason
from verifier.web.guard import Guard
from verifier.web.openapi.document import openapi_document
from verifier.web.openapi.operations import OPERATIONS
from verifier.web.openapi.shapes import CODE_STATES

DOCUMENT = openapi_document()
EXAMPLES = examples()
FOR_PROGRAMS = ("/api", "/credentials", "/presentations", "/openapi")
KNOWN = json.loads(FILE.read_text())


def validator(schema: dict[str, str]) -> jsonschema.Draft202012Validator:
    """A validator of a shape of the document, formats too."""
    registry: Registry[Any] = Registry().with_resource("urn:api", Resource(DOCUMENT, DRAFT202012))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    whole = {"$ref": "urn:api" + schema["$ref"]}
    return jsonschema.Draft202012Validator(whole, registry=registry, format_checker=checker)


def described(example: Example, status: int) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][example.path]["post"]["responses"][str(status)]
    return found


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_is_served_by_us_and_loads_nothing(client: TestClient) -> None:
    answer = client.get("/openapi.json")
    assert answer.json() == DOCUMENT
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    again = client.get("/openapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/openapi.json").status_code == 200
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


def test_every_route_for_programs_is_described_and_no_other(counter: Counter) -> None:
    guard = counter.app()
    assert isinstance(guard, Guard)
    pages = [route.path for route in guard.app.routes if isinstance(route, Route)]  # type: ignore[attr-defined]
    there = {(path, "post") for path in guard.programs} | {
        (path, "get") for path in pages if path.startswith(FOR_PROGRAMS)
    }
    told = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert there == told
    assert guard.programs.keys() == {op.path for op in OPERATIONS}


def test_every_state_of_a_code_is_described() -> None:
    own = {reason.value for reason in _OWN_WORDS} | set(_STATES.values())
    assert set(CODE_STATES) == own | {"code_not_found", "service_unavailable"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.path.rpartition('/')[2]}-{e.name}")
def test_an_example_is_what_is_answered(example: Example) -> None:
    answer = ask(example)
    stored = next(one for one in KNOWN[example.path] if one["name"] == example.name)
    renew = "run: python -m tests.verifier.web.examples, and read the difference"
    assert (answer.status_code, answer.json()) == (stored["status"], stored["answer"]), renew
    assert stored["request"] == example.shown, renew
    response = described(example, answer.status_code)
    [(media_type, content)] = response["content"].items()
    assert answer.headers["content-type"] == media_type
    assert content["examples"][example.name]["value"] == answer.json()
    validator(content["schema"]).validate(answer.json())
    assert all(name.lower() in answer.headers for name in response.get("headers", {}))
    request = DOCUMENT["paths"][example.path]["post"]["requestBody"]["content"]
    if example.shown is not None and answer.status_code == 200:
        validator(next(iter(request.values()))["schema"]).validate(example.shown)


def test_every_reason_and_every_state_has_an_example_and_none_is_left_over() -> None:
    named = {path: {one["name"] for one in stored} for path, stored in KNOWN.items()}
    assert {reason.value for reason in Reason} <= named["/api/v1/verify"] | {"documents_disagree"}
    assert "documents_disagree" in named["/api/v1/verify/file"]
    assert set(CODE_STATES) <= named["/api/v1/codes"]
    ours = {(example.path, example.name) for example in EXAMPLES}
    assert ours == {(path, name) for path, names in named.items() for name in names}
    assert len(ours) == len(EXAMPLES)


def test_every_answer_that_is_not_rare_has_an_example() -> None:
    """What no request can bring about by itself has tests of its own (`test_api`, `test_hostile`)."""
    by_itself = {"405", "408", "500"}
    for operation in OPERATIONS:
        responses = DOCUMENT["paths"][operation.path]["post"]["responses"]
        shown = {
            status for status, said in responses.items() if "examples" in next(iter(said["content"].values()))
        }
        rare = by_itself | ({"503"} if operation.name != "lookUpCode" else set())
        assert set(responses) - shown <= rare | ({"422"} if operation.tag == "VC API" else set())
