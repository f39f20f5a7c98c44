"""Manners of the API: methods, pages of other sites, and bodies that two readers would read differently."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from tests.verifier.web.answers import JSON, PATHS, is_problem


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_method_is_a_problem_and_options_say_the_right_one(client: TestClient, path: str) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "TRACE", "BREW"):
        answer = client.request(method, path)
        is_problem(answer, 405, "http")
        assert answer.headers["allow"] == "OPTIONS, POST"
    head = client.head(path)
    assert (head.status_code, head.headers["allow"]) == (405, "OPTIONS, POST")
    asked = client.options(path)
    assert (asked.status_code, asked.content, asked.headers["allow"]) == (204, b"", "OPTIONS, POST")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_another_site_may_check_and_may_not_look_up_codes(client: TestClient, path: str) -> None:
    """Without cookie or password: what the page learns its own server could ask too. Codes are counted."""
    asking = {"Origin": "https://emploi.example", "Access-Control-Request-Method": "POST"}
    before = client.options(path, headers=asking | {"Access-Control-Request-Headers": "content-type"})
    answers = [before, client.post(path, content=b"{", headers=asking), client.get(path, headers=asking)]
    allowed = {answer.headers.get("access-control-allow-origin") for answer in answers}
    assert allowed == ({None} if path.endswith("codes") else {"*"})
    assert ("access-control-allow-methods" in before.headers) is not path.endswith("codes")
    assert not any("access-control-allow-credentials" in answer.headers for answer in answers)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/verify", b'{"credential":"a","credential":"b"}'),
        ("/api/v1/verify", b'{"credential":"a","\\u0063redential":"b"}'),
        ("/api/v1/verify/batch", b'{"credentials":["a"],"credentials":["b"]}'),
        ("/api/v1/codes", b'{"code":"2346-789B-CDF","code":"2346-789B-CDG"}'),
        ("/credentials/verify", b'{"verifiableCredential":{"id":"a","id":"b"}}'),
        ("/credentials/verify", b'{"verifiableCredential":[[[{"a":1,"b":{"a":1,"a":1}}]]]}'),
    ],
)
def test_a_member_named_twice_is_refused_whichever_reader_would_take_which(
    client: TestClient, path: str, body: bytes
) -> None:
    is_problem(client.post(path, content=body, headers=JSON), 400, "json")


def test_texts_with_quotes_and_backslashes_are_read_as_they_are(client: TestClient) -> None:
    for text in ('"', '\\"":', 'a":"b', '{"a":"a","a":"a"}', "\\u0000", "\x00", "é\u2028\U0001f600"):
        for escaped in (True, False):
            body = json.dumps({"credential": text}, ensure_ascii=escaped)
            answer = client.post("/api/v1/verify", content=body.encode(), headers=JSON)
            assert (answer.status_code, answer.json()["reason"]) == (200, "malformed")


@pytest.mark.parametrize("depth", [*range(10, 1_300, 43), *range(880, 1_010, 3), 100_000])
def test_what_is_nested_deeply_is_given_back_or_refused(client: TestClient, depth: int) -> None:
    nested = b'{"a":' * depth + b"1" + b"}" * depth
    body = b'{"verifiableCredential":%b,"options":{"returnCredential":true,"returnResults":true}}' % nested
    answer = client.post("/credentials/verify", content=body, headers=JSON)
    if answer.status_code != 200:
        is_problem(answer, 400, "json")
    elif depth < 900:
        assert answer.json()["verified"] is False
