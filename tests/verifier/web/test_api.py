"""The API: a report is 200 whatever it says, wrong use is a problem, and nothing personal is written down."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from PIL import Image
from starlette.testclient import TestClient

from passport.documents.symbol import draw_symbol, symbol_png
from passport.limits import LIMITS
from passport.packing import pack, qr_url
from passport.typed_code import format_code
from tests.pages.serving import Counter, cases
from tests.town import Town
from tests.verifier.web.answers import is_problem
from verifier import Reason

CASES = cases()


def png(token: bytes) -> bytes:
    return symbol_png(draw_symbol("https://verif.example/v#", pack(token)), module_px=6)


@pytest.mark.parametrize("name", CASES)
def test_a_report_is_200_whatever_the_verdict(name: str) -> None:
    counter, text = CASES[name]
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        answer = client.post("/api/v1/verify", json={"credential": text})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    expected = {"demo": Reason.VALID, "short": Reason.VALID}.get(name, name)
    assert body["reason"] == expected
    assert body["verdict"] == Reason(expected).verdict
    assert body["specimen"] == (name in {"demo", "specimen"})


def test_all_reasons_that_can_occur_here_were_seen() -> None:
    files_only = {Reason.DOCUMENTS_DISAGREE}
    assert set(Reason) - files_only <= {Reason(name) for name in CASES if name in set(Reason)}


def test_every_writing_is_taken(client: TestClient, counter: Counter) -> None:
    token = counter.town.issue()
    for text in (
        token.decode(),
        token.decode() + "~",
        pack(token),
        qr_url("https://any.example/v", pack(token)),
    ):
        assert client.post("/api/v1/verify", json={"credential": text}).json()["verdict"] == "valid"


def test_what_is_no_credential_is_malformed(client: TestClient) -> None:
    for text in ("", "bonjour", "https://example.org/", "9" * 500, "e" * 60_000):
        answer = client.post("/api/v1/verify", json={"credential": text})
        assert (answer.status_code, answer.json()["reason"]) == (200, "malformed")
        assert answer.json()["attestation"] is None


def test_files(client: TestClient, counter: Counter) -> None:
    one, two = counter.town.issue(), counter.town.issue()
    sent = [("file", ("x.bin", png(one), "text/plain")), ("file", ("y", two, "application/pdf"))]
    answer = client.post("/api/v1/verify/file", files=sent).json()
    assert answer["verdict"] == "valid"
    assert [(r["file"], r["where"], r["verdict"]) for r in answer["reports"]] == [
        (0, "image", "valid"),
        (1, "text", "valid"),
    ]


def test_a_file_without_a_credential_is_wrong_use(client: TestClient) -> None:
    stream = io.BytesIO()
    Image.new("L", (200, 200), 255).save(stream, "PNG")
    is_problem(client.post("/api/v1/verify/file", files={"file": stream.getvalue()}), 422, "no_code_in_file")
    is_problem(client.post("/api/v1/verify/file", files={"file": b"PK\x03\x04\x00\xff"}), 415, "file_type")
    is_problem(client.post("/api/v1/verify/file", data={"file": "text"}), 422, "file_missing")


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/api/v1/verify", b"{", {}, 400, "json"),
        ("/api/v1/verify", b"\xff\xfe", {}, 400, "json"),
        ("/api/v1/verify", b"[" * 50_000, {}, 400, "json"),
        ("/api/v1/verify", b'{"a":' * 5_000 + b"1" + b"}" * 5_000, {}, 400, "json"),
        ("/api/v1/verify", b"[]", {}, 422, "members"),
        ("/api/v1/verify", b"null", {}, 422, "members"),
        ("/api/v1/verify", b'{"credential": 1}', {}, 422, "members"),
        ("/api/v1/verify", b'{"credential": null}', {}, 422, "members"),
        ("/api/v1/verify", b'{"credential": ["x"]}', {}, 422, "members"),
        ("/api/v1/verify", b'{"credential": "x", "at": 1}', {}, 422, "members"),
        ("/api/v1/verify", b'{"credential": "x"}', {"content-type": "text/plain"}, 415, "media_type"),
        ("/api/v1/verify", b'{"credential": "' + b"x" * 4 * LIMITS.token_chars + b'"}', {}, 413, "too_big"),
        ("/api/v1/verify/batch", b'{"credentials": []}', {}, 422, "members"),
        ("/api/v1/verify/batch", b'{"credentials": [1]}', {}, 422, "members"),
        ("/api/v1/verify/batch", b'{"credentials": "x"}', {}, 422, "members"),
        ("/api/v1/verify/batch", json.dumps({"credentials": ["x"] * 1_001}).encode(), {}, 422, "members"),
        ("/api/v1/verify/file", b"x", {}, 415, "media_type"),
        ("/api/v1/verify/file", b"x", {"content-type": "multipart/form-data"}, 400, "form"),
        ("/api/v1/verify/file", b"x", {"content-type": "multipart/form-data; boundary=y"}, 400, "form"),
        ("/api/v1/codes", b'{"code": 1}', {}, 422, "members"),
        ("/api/v1/codes", b'{"code": "2346"}', {}, 422, "code_format"),
        ("/api/v1/codes", b'{"code": "2346-789B-CDF"}', {}, 422, "code_check"),
        ("/api/v1/codes", b'{"code": "2346-7890-CDF"}', {}, 422, "code_letter"),
        ("/api/v1/nothing", b"{}", {}, 404, "http"),
    ],
)
def test_wrong_use_is_a_problem(
    client: TestClient,
    counter: Counter,
    path: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    is_problem(
        client.post(path, content=body, headers={"content-type": "application/json"} | headers), status, code
    )
    assert counter.asked == []


def test_a_body_without_a_promised_length_is_cut_while_it_comes(client: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 65_536
            yield b"x" * 65_536

    is_problem(
        client.post("/api/v1/verify", content=endless(), headers={"content-type": "application/json"}),
        413,
        "too_big",
    )


def test_a_huge_file_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/verify/file", files={"file": b"x" * (LIMITS.file_bytes + 100_000)})
    is_problem(answer, 413, "too_big")


def test_many_parts_are_refused(client: TestClient) -> None:
    is_problem(client.post("/api/v1/verify/file", files=[("file", b"x")] * 51), 413, "too_many")
    is_problem(client.post("/api/v1/verify/file", files=[("file", b"")] * 501), 400, "form")


def test_the_group_to_read_again_is_named_before_any_look_up(client: TestClient, counter: Counter) -> None:
    answer = client.post("/api/v1/codes", json={"code": "2346-78OB-CDF"})
    assert answer.json()["group"] == 2
    assert counter.asked == []


def test_a_code_gives_a_state_and_a_masked_name(client: TestClient, counter: Counter) -> None:
    code = counter.add_code(counter.town.issue())
    answer = client.post("/api/v1/codes", json={"code": format_code(code).lower()})
    assert answer.json() == {
        "state": "code_found",
        "code": format_code(code),
        "values": {"issued": "2026-11-25", "name": "Zoé L.", "issuer": "Centre social de Marmiers"},
    }


def test_a_code_that_nobody_has_and_too_many(client: TestClient, counter: Counter) -> None:
    code = counter.add_code(counter.town.issue())
    del counter.codes[code]
    assert client.post("/api/v1/codes", json={"code": code}).json()["state"] == "code_not_found"
    counter.wait_seconds = 90
    answer = client.post("/api/v1/codes", json={"code": code})
    is_problem(answer, 429, "too_many_attempts")
    assert answer.headers["retry-after"] == "90"
    counter.broken = True
    is_problem(client.post("/api/v1/codes", json={"code": code}), 503, "source_unavailable")


def test_nothing_personal_is_logged(
    client: TestClient, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = counter.town.issue()
    code = counter.add_code(token)
    client.post("/api/v1/verify", json={"credential": token.decode()})
    client.post("/api/v1/codes", json={"code": code})
    client.post("/v?lang=fr&x=Zoé", data={"paste": token.decode()})
    client.get(f"/p/{code}")
    client.get("/v?token=" + token.decode())
    ours = [record for record in caplog.records if record.name == "passport.access"]
    lines = [json.loads(record.getMessage()) for record in ours]
    assert [line["route"] for line in lines] == ["/api/v1/verify", "/api/v1/codes", "/v", "-", "/v"]
    assert all(line.keys() == {"method", "route", "status", "ms"} for line in lines)
    written = "".join(record.getMessage() for record in ours)
    assert not any(
        secret in written for secret in (code, token.decode()[:20], "Zo", "testclient", "127.0.0.1")
    )


def test_a_fault_of_ours_is_a_plain_500_that_quotes_nothing(
    counter: Counter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("Zoé L’Hévéder")

    monkeypatch.setattr(counter.documents, "check_at_hand", explode)
    with TestClient(counter.app(), raise_server_exceptions=False) as client:  # type: ignore[arg-type]
        answer = client.post("/api/v1/verify", json={"credential": counter.town.issue().decode()})
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "Zo" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


def test_the_same_report_as_the_library(client: TestClient, counter: Counter) -> None:
    from verifier import verify

    token = counter.town.issue()
    town: Town = counter.town
    expected = verify(token, trust=town.trust(), status=town.status(), at=town.at).to_json()
    answer = client.post("/api/v1/verify", json={"credential": token.decode()}).json()
    assert answer == json.loads(json.dumps(expected))
