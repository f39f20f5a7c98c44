"""The API of bodies: what is issued, what is refused and how, and that nothing is issued twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.register.bodies import close_body
from issuer.register.lookup import stored
from passport.packing import unpack

ASKED: dict[str, Any] = {
    "given_name": "Zoé",
    "family_name": "L’Hôpital",
    "birthdate": "1958-03-14",
    "framework": "digcomp-3.0",
    "levels": {"2.1": 3, "1.1": 2},
    "assessed_on": "2026-03-14",
    "method": "observation",
    "place": "salle",
}
PATH = "/api/v1/attestations"


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the members of a problem, after looking at what every problem must have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    members: dict[str, Any] = answer.json()
    assert members["status"] == status
    assert members["code"] == code
    assert members["type"] == f"urn:passport:problem:{code}"
    assert members["title"]
    assert members["detail"]
    assert "Traceback" not in answer.text
    return members


def paths(members: dict[str, Any]) -> dict[str, str]:
    return {error["path"]: error["code"] for error in members["errors"]}


def test_issuing_and_fetching(client: TestClient, register: Register, bearer: dict[str, str]) -> None:
    answer = client.post(PATH, json=ASKED, headers=bearer)
    assert answer.status_code == 201
    made = answer.json()
    assert list(made) == ["code", "token", "digits", "verify_url", "links"]
    kept = stored(register, made["code"])
    assert (kept.token.decode(), kept.body) == (made["token"], "centre")
    assert kept.attestation.holder.full_name == "Zoé L’Hôpital"
    assert dict(kept.attestation.levels) == {"1.1": 2, "2.1": 3}
    assert unpack(made["digits"]) == kept.token
    assert made["verify_url"] == f"https://attestations.example/v#{made['digits']}"
    starts = {"png": b"\x89PNG"} | dict.fromkeys(("pdf", "large.pdf", "card.pdf"), b"%PDF")
    starts |= dict.fromkeys(("jwt", "ob3.jwt", "vc.jwt"), b"eyJ")
    starts |= {"badge.png": b"\x89PNG", "badge.svg": b"<?xml"}
    types = {
        "pdf": "application/pdf",
        "large.pdf": "application/pdf",
        "card.pdf": "application/pdf",
        "png": "image/png",
        "jwt": "application/jwt",
        "ob3.jwt": "text/plain; charset=utf-8",
        "vc.jwt": "application/vc+jwt",
        "badge.png": "image/png",
        "badge.svg": "image/svg+xml",
    }
    assert made["links"].keys() == types.keys()
    for kind, link in made["links"].items():
        fetched = client.get(link, headers=bearer)
        assert fetched.status_code == 200, kind
        assert fetched.content.startswith(starts[kind])
        assert fetched.headers["content-type"] == types[kind]
        assert fetched.headers["cache-control"] == "private, no-store"
        assert "access-control-allow-origin" not in fetched.headers
    assert client.get(answer.headers["location"], headers=bearer).content.startswith(b"%PDF")


def test_the_same_key_and_bytes_give_the_same_answer(
    client: TestClient, register: Register, bearer: dict[str, str]
) -> None:
    headers = {**bearer, "Idempotency-Key": "atelier-1/ligne-4"}
    first, again = (client.post(PATH, json=ASKED, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    other = client.post(PATH, json=ASKED | {"given_name": "Léa"}, headers=headers)
    problem(other, 422, "idempotency_conflict")


def test_a_lost_answer_is_found_again_and_only_for_the_same_request(
    client: TestClient, bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {**bearer, "Idempotency-Key": "k"}
    with monkeypatch.context() as broken:
        broken.setattr("issuer.web.attestations.idempotency.keep", lambda *_, **__: None)
        first = client.post(PATH, json=ASKED, headers=headers).json()
        conflict = client.post(PATH, json=ASKED | {"levels": {"1.1": 1}}, headers=headers)
    problem(conflict, 422, "idempotency_conflict")
    assert client.post(PATH, json=ASKED, headers=headers).json() == first


def test_a_key_belongs_to_one_body(
    client: TestClient, bearer: dict[str, str], other_bearer: dict[str, str]
) -> None:
    answers = [
        client.post(PATH, json=ASKED, headers={**who, "Idempotency-Key": "same"})
        for who in (bearer, other_bearer)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["code"] != answers[1].json()["code"]


def test_one_key_sent_by_many_at_once_issues_once(client: TestClient, bearer: dict[str, str]) -> None:
    codes: list[str] = []

    def send() -> None:
        answer = client.post(PATH, json=ASKED, headers={**bearer, "Idempotency-Key": "race"})
        codes.append(answer.json()["code"])

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes) == 6
    assert len(set(codes)) == 1


@pytest.mark.parametrize(
    "header",
    [
        *(
            {},
            {"Authorization": ""},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer psp_" + "x" * 43},
        ),
        *(
            {"Authorization": "Basic Y2VudHJlOng="},
            {"Authorization": b"Bearer psp_\xc3\xa9"},
        ),
    ],
)
def test_without_a_token_nothing(client: TestClient, header: dict[str, Any]) -> None:
    for answer in (
        client.post(PATH, json=ASKED, headers=header),
        client.get(f"{PATH}/x.pdf", headers=header),
    ):
        problem(answer, 401, "token")
        assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_another_body_s_attestation_does_not_exist(
    client: TestClient, bearer: dict[str, str], other_bearer: dict[str, str]
) -> None:
    made = client.post(PATH, json=ASKED, headers=bearer).json()
    foreign = problem(client.get(f"{PATH}/{made['code']}.pdf", headers=other_bearer), 404, "unknown_code")
    absent = problem(client.get(f"{PATH}/2346-789B-CDF.pdf", headers=other_bearer), 404, "unknown_code")
    assert foreign == absent


def test_a_body_that_has_left_has_no_token_any_more(
    client: TestClient, register: Register, bearer: dict[str, str]
) -> None:
    close_body(register, "centre", at=register.now(), actor="test")
    problem(client.post(PATH, json=ASKED, headers=bearer), 401, "token")


@pytest.mark.parametrize("kind", ["pdf.exe", "", "jwt~", "ob3", "png/x"])
def test_files_that_there_are_not(client: TestClient, bearer: dict[str, str], kind: str) -> None:
    code = client.post(PATH, json=ASKED, headers=bearer).json()["code"]
    answer = client.get(f"{PATH}/{code}.{kind}", headers=bearer)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_wrong_field_is_named(client: TestClient, bearer: dict[str, str]) -> None:
    wrong = {
        "given_name": "=cmd|x",
        "family_name": 7,
        "birthdate": "14/03/1958",
        "framework": "digcomp-3.0",
        "levels": {"1.1": 9, "9.9": 1, "2.1": "3", "a/b~": 1},
        "method": "devinette",
        "place": "La Salle",
        "reason": "x",
        "accept_duplicates": "oui",
    }
    members = problem(client.post(PATH, json=wrong, headers=bearer), 422, "fields")
    assert paths(members) == {
        "/reason": "unknown_member",
        "/assessed_on": "missing",
        "/given_name": "value",
        "/family_name": "type",
        "/birthdate": "value",
        "/levels/1.1": "level",
        "/levels/9.9": "unknown_competence",
        "/levels/2.1": "level",
        "/levels/a~1b~0": "unknown_competence",
        "/method": "value",
        "/place": "value",
        "/accept_duplicates": "type",
    }
    assert "cmd" not in str(members)


@pytest.mark.parametrize(
    ("change", "status", "code", "path"),
    [
        ({"levels": {"1.1": 5}}, 403, "not_accredited", "/levels"),
        ({"framework": "crcn"}, 403, "not_accredited", "/levels"),
        ({"assessed_on": "2099-01-01"}, 422, "refused", "/assessed_on"),
        ({"place": "lune"}, 422, "refused", "/place"),
        ({"birthdate": "2026-03-15"}, 422, "refused", "/birthdate"),
        ({"levels": {}}, 422, "fields", "/levels"),
        ({"levels": [1]}, 422, "fields", "/levels"),
        ({"levels": {"1.1": True}}, 422, "fields", "/levels/1.1"),
        ({"framework": None}, 422, "fields", "/framework"),
        ({"birthdate": "1850-01-01"}, 422, "fields", "/birthdate"),
    ],
)
def test_what_may_not_be_attested(
    client: TestClient, bearer: dict[str, str], change: dict[str, Any], status: int, code: str, path: str
) -> None:
    members = problem(client.post(PATH, json=ASKED | change, headers=bearer), status, code)
    assert path in paths(members)


def test_the_same_again_is_a_question(client: TestClient, bearer: dict[str, str]) -> None:
    first = client.post(PATH, json=ASKED, headers=bearer).json()["code"]
    members = problem(client.post(PATH, json=ASKED, headers=bearer), 409, "duplicates")
    assert first in members["errors"][0]["detail"]
    assert paths(members) == {"/accept_duplicates": "duplicate"}
    accepted = client.post(PATH, json=ASKED | {"accept_duplicates": True}, headers=bearer)
    assert accepted.status_code == 201
    assert accepted.json()["code"] != first


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{}", "text/plain", 415, "media_type"),
        (b"{", "application/json", 400, "json"),
        (b"[]", "application/json", 400, "json"),
        (b"\xff", "application/json", 400, "json"),
        (b'{"given_name":"A","given_name":"B"}', "application/json", 400, "json"),
        (b"[" * 5_000, "application/json", 400, "json"),
        (b'{"a":"' + b"x" * 20_000 + b'"}', "application/json", 400, "json"),
        (b"x" * 70_000, "application/json", 413, "too_large"),
    ],
)
def test_what_is_no_request(
    client: TestClient, bearer: dict[str, str], content: bytes, media_type: str, status: int, code: str
) -> None:
    headers = {**bearer, "Content-Type": media_type}
    problem(client.post(PATH, content=content, headers=headers), status, code)


@pytest.mark.parametrize("key", ["", "x" * 101, "clé\u00e9".encode().decode("latin-1")])
def test_keys_that_are_no_keys(client: TestClient, bearer: dict[str, str], key: str) -> None:
    answer = client.post(PATH, json=ASKED, headers={**bearer, "Idempotency-Key": key.encode("latin-1")})
    problem(answer, 400, "idempotency_key")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nulle-part", 404, "not_found"),
        ("DELETE", PATH, 405, "method"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/openapi.json", 404, "not_found"),
        ("POST", "/trust/list.json", 405, "method"),
    ],
)
def test_what_is_not_served(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    problem(client.request(method, path), status, code)
