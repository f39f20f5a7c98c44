"""Public documents, pages, typed codes, health and logs of the issuing counter."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.register.publishing import all_paths, document
from issuer.web import codes
from issuer.web.app import create_app
from issuer.web.guard import MAX_REQUEST_BYTES, Guard
from issuer.web.logs import JsonFormatter, log
from issuer.web.pages import page_words
from tests.issuer.web.test_api import ASKED, PATH, problem


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that any logger of this process writes, as the counter would write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the client's, not the counter's
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_every_public_document_is_served_as_published(
    client: TestClient, register: Register, bearer: dict[str, str]
) -> None:
    client.post(PATH, json=ASKED, headers=bearer)
    paths = all_paths(register)
    assert {"/trust/list.json", "/trust/now.json", "/status/centre.1"} <= set(paths)
    for path in paths:
        answer = client.get(path)
        kept = document(register, path)
        assert kept is not None
        assert (answer.status_code, answer.content) == (200, kept.data), path
        assert answer.headers["content-type"] == kept.media_type
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == f"public, max-age={kept.max_age}"
        tag = answer.headers["etag"]
        for condition in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            known = client.get(path, headers={"If-None-Match": condition})
            assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
        assert client.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
        assert client.head(path).content == b""
        preflight = client.options(path, headers={"Origin": "https://a.example"})
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")


@pytest.mark.parametrize(
    "path",
    [
        "/trust/99.json",
        "/status/centre.99",
        "/o/nobody/did.json",
        "/o/centre/keys/s2026-1",
        "/vct/x",
        "/frameworks/x",
    ],
)
def test_documents_that_there_are_not(client: TestClient, path: str) -> None:
    assert problem(client.get(path), 404, "not_found")


def test_a_change_changes_the_tag(client: TestClient, register: Register, bearer: dict[str, str]) -> None:
    from issuer.register.changes import withdraw

    code = client.post(PATH, json=ASKED, headers=bearer).json()["code"]
    tag = client.get("/status/centre.1").headers["etag"]
    withdraw(register, code, actor="test")
    assert client.get("/status/centre.1", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/o/centre", "/trust/list.json", "/nulle-part", PATH])
def test_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"]
    assert "set-cookie" not in headers
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_body_s_page(client: TestClient, lang: str) -> None:
    page = client.get(f"/o/centre?lang={lang}")
    assert page.headers["content-type"].startswith("text/html")
    assert f'<html lang="{lang}">' in page.text
    assert "Centre social &lt;b&gt;" in page.text
    assert "La Salle" in page.text
    assert "<script" not in page.text
    assert page.text.count("<h1") == 1
    sheet = next(part for part in page.text.split('"') if part.startswith("/static/style."))
    assert client.get(sheet).headers["content-type"].startswith("text/css")


def test_a_body_that_is_not_listed_has_no_page(client: TestClient) -> None:
    problem(client.get("/o/nobody"), 404, "not_found")
    problem(client.get("/static/nothing.css"), 404, "not_found")


def test_texts_are_in_both_languages() -> None:
    assert page_words("fr").keys() == page_words("en").keys()
    same = {text for key, text in page_words("fr").items() if text == page_words("en")[key]}
    assert same <= {"Attestations", "Codes", "Latitude", "Longitude", "Signature", "Test"}


def _ask(client: TestClient, secret: str, asked: Any) -> Any:
    return client.post("/internal/codes", json=asked, headers={codes.SECRET_HEADER: secret})


def test_codes_are_for_whoever_shares_the_secret(
    client: TestClient, register: Register, bearer: dict[str, str]
) -> None:
    made = client.post(PATH, json=ASKED, headers=bearer).json()
    asked = {"code": made["code"].lower(), "network": "192.0.2.7"}
    for secret in ("", "x", register.code_secret[:-1], bearer["Authorization"]):
        problem(_ask(client, secret, asked), 401, "secret")
    answer = _ask(client, register.code_secret, asked)
    assert answer.json() == {"token": made["token"]}
    assert answer.headers["cache-control"] == "no-store"
    unknown = {"code": "2346-789B-CDF", "network": "192.0.2.7"}
    assert _ask(client, register.code_secret, unknown).status_code in {404, 422}
    problem(_ask(client, register.code_secret, {"code": "abc", "network": "x"}), 422, "code_format")
    problem(_ask(client, register.code_secret, {"code": made["code"]}), 400, "json")
    problem(_ask(client, register.code_secret, []), 400, "json")


def test_too_many_look_ups_wait_and_no_code_is_locked(
    client: TestClient, register: Register, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "LOOKUPS_A_DAY", 2)
    code = client.post(PATH, json=ASKED, headers=bearer).json()["code"]
    asked = {"code": code, "network": "192.0.2.7"}
    assert [_ask(client, register.code_secret, asked).status_code for _ in range(2)] == [200, 200]
    refused = _ask(client, register.code_secret, asked)
    problem(refused, 429, "too_many")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    elsewhere = _ask(client, register.code_secret, {"code": code, "network": "192.0.2.8"})
    assert elsewhere.status_code == 200


def test_no_name_code_or_key_in_any_log(
    client: TestClient,
    register: Register,
    bearer: dict[str, str],
    lines: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    made = client.post(PATH, json=ASKED, headers={**bearer, "Idempotency-Key": "clef"}).json()
    client.post(PATH, json=ASKED | {"given_name": "Zoé<"}, headers=bearer)
    client.get(f"{PATH}/{made['code']}.pdf?nom=L’Hôpital", headers=bearer)
    client.get(f"{PATH}/{made['code']}.pdf")
    _ask(client, register.code_secret, {"code": made["code"], "network": "192.0.2.7"})
    client.get("/L’Hôpital")
    written = lines.getvalue() + "".join(capfd.readouterr())
    ours = [json.loads(line) for line in lines.getvalue().splitlines()]
    requests = [line for line in ours if line["event"] == "request"]
    assert {"/api/v1/attestations", "/api/v1/attestations/{name}", "/internal/codes", "-"} <= {
        line["route"] for line in requests
    }
    secrets = ("Zoé", "Hôpital", made["code"], made["code"].replace("-", ""), made["token"], made["digits"])
    for secret in (*secrets, bearer["Authorization"][7:], register.code_secret, "192.0.2.7", "1958", "clef"):
        assert secret not in written.replace("-ligne", ""), secret


def test_an_error_of_ours_shows_a_reference_and_nothing_else(
    client: TestClient, bearer: dict[str, str], lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("Zoé L’Hôpital 82JD")

    monkeypatch.setattr("issuer.web.attestations.issue", broken)
    answer = client.post(PATH, json=ASKED, headers=bearer)
    members = problem(answer, 500, "unexpected")
    assert "RuntimeError" not in answer.text
    failed = next(json.loads(line) for line in lines.getvalue().splitlines() if "request.failed" in line)
    assert failed["reference"] in members["detail"]
    assert failed["error"] == "RuntimeError"
    assert any("attestations.py" in frame for frame in failed["frames"])
    assert "Hôpital" not in lines.getvalue()


def test_a_locked_counter_says_unavailable_and_not_why(
    register: Register, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Register.open(register.settings, passphrase=None) as locked:
        app = create_app(locked.settings, register=locked)
        with TestClient(app, raise_server_exceptions=False) as client:
            answer = client.post(PATH, json=ASKED, headers=bearer)
    members = problem(answer, 503, "unavailable")
    assert "passphrase" not in members["detail"].lower()
    assert answer.headers["retry-after"]


def test_a_request_without_length_is_counted_as_it_comes() -> None:
    async def run() -> tuple[int, int]:
        pieces = 0

        async def receive() -> dict[str, Any]:
            nonlocal pieces
            pieces += 1
            return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def greedy(scope: Any, take: Any, give: Any) -> None:
            while True:
                await take()

        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await Guard(greedy, https=False)(scope, receive, send)
        return sent[0]["status"], pieces

    status, pieces = asyncio.run(run())
    assert status == 413
    assert pieces == MAX_REQUEST_BYTES // 10_000 + 1


def test_log_lines_of_others_lose_their_words_with_their_exceptions(lines: io.StringIO) -> None:
    try:
        raise ValueError("Zoé")
    except ValueError as error:
        logging.getLogger("other").error("failed for %s", "Zoé", exc_info=error)
    log("own", count=3, name="Zoé")
    other, own = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (other["event"], other["error"]) == ("exception", "ValueError")
    assert own["count"] == 3
    assert "Zoé" not in lines.getvalue()
