"""The VC API from end to end: one counter issues, the other verifies, with nothing but public documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from fastapi.testclient import TestClient

import schemas
from issuer.cli.together import RegisterSource
from issuer.register import Register
from issuer.register.changes import withdraw
from issuer.register.lookup import stored_many
from passport.credential import context_of
from passport.formats import w3c_vc
from passport.jose import split
from passport.vcdm import check_credential
from tests.issuer.web.conftest import URL
from tests.issuer.web.test_api import paths, problem
from verifier.schemes import Schemes
from verifier.sources import Documents
from verifier.web.app import create_app
from verifier.web.settings import CheckingSettings

ISSUE = "/credentials/issue"
V2 = "https://www.w3.org/ns/credentials/v2"
ASKED: dict[str, Any] = {
    "@context": [
        V2,
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        f"{URL}/contexts/attestation-1",
    ],
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": f"{URL}/o/centre", "type": ["Profile"]},
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "given_name": "Zoé",
        "family_name": "L’Hôpital",
        "framework": "digcomp-3.0",
        "assessed_on": "2026-03-14",
        "method": "observation",
        "place": "salle",
        "result": [
            {"type": ["Result"], "achievedLevel": f"{URL}/frameworks/digcomp-3.0#1.1-2"},
            {"type": ["Result"], "achievedLevel": f"{URL}/frameworks/digcomp-3.0#2.1-3"},
        ],
    },
}


@pytest.fixture
def checking(register: Register) -> Iterator[TestClient]:
    documents = Documents(
        RegisterSource(register), register.ring.root_pin(register.scheme.issuer_prefix), register.now
    )
    app = create_app(CheckingSettings(), documents=Schemes([documents]), codes=None, clock=register.now)
    with TestClient(app, base_url="https://verif.example", raise_server_exceptions=False) as made:
        yield made


def issue(client: TestClient, bearer: dict[str, str], **headers: str) -> dict[str, Any]:
    answer = client.post(ISSUE, json={"credential": ASKED}, headers={**bearer, **headers})
    assert answer.status_code == 201, answer.text
    envelope: dict[str, Any] = answer.json()["verifiableCredential"]
    return envelope


def token_of(envelope: dict[str, Any]) -> bytes:
    head, _, token = envelope["id"].partition(",")
    assert head == "data:application/vc+jwt"
    return str(token).encode()


def in_presentation(*credentials: object) -> dict[str, Any]:
    return {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": list(credentials)}


def test_issued_here_is_verified_there(
    client: TestClient, checking: TestClient, bearer: dict[str, str]
) -> None:
    envelope = issue(client, bearer)
    assert (envelope["@context"], envelope["type"]) == (V2, "EnvelopedVerifiableCredential")
    claims = json.loads(split(token_of(envelope)).payload)
    assert claims["credentialSubject"]["given_name"] == "Zoé"
    assert [r["achievedLevel"] for r in claims["credentialSubject"]["result"]] == [
        f"{URL}/frameworks/digcomp-3.0#1.1-2",
        f"{URL}/frameworks/digcomp-3.0#2.1-3",
    ]
    asked = {
        "verifiableCredential": envelope,
        "options": {"returnResults": True, "returnProblemDetails": True},
    }
    answer = checking.post("/credentials/verify", json=asked)
    assert answer.status_code == 200
    assert answer.json() == {
        "verified": True,
        "problemDetails": [],
        "results": {"proof": [{"verified": True}], "credentialStatus": [{"verified": True}]},
    }
    shown = checking.post("/presentations/verify", json={"presentation": in_presentation(envelope)}).json()
    assert (shown["verified"], shown["problemDetails"]) == (True, [])


def test_a_withdrawn_one_is_not_verified_and_spoils_its_presentation(
    client: TestClient, checking: TestClient, register: Register, bearer: dict[str, str]
) -> None:
    good, bad = (
        issue(client, bearer),
        client.post(ISSUE, json={"credential": _with("family_name", "Autre")}, headers=bearer).json()[
            "verifiableCredential"
        ],
    )
    (code,) = [one.code for one in _all(register) if one.tokens[w3c_vc.FORMAT] == token_of(bad)]
    withdraw(register, code, actor="test", reason="r")
    options = {"returnProblemDetails": True}
    answer = checking.post("/credentials/verify", json={"verifiableCredential": bad, "options": options})
    assert answer.json()["verified"] is False
    assert answer.json()["problemDetails"][0]["type"].endswith("/problems#withdrawn")
    shown = checking.post("/presentations/verify", json={"presentation": in_presentation(good, bad)}).json()
    assert shown["verified"] is False
    assert [one["verified"] for one in shown["results"]["credentials"]] == [True, False]


def _all(register: Register) -> list[Any]:
    from sqlmodel import select

    from issuer.store.tables import AttestationRow

    with register.reading() as session:
        codes = session.scalars(select(AttestationRow.code)).all()
    return list(stored_many(register, list(codes)))


def _with(name: str, value: object) -> dict[str, Any]:
    asked = deepcopy(ASKED)
    asked["credentialSubject"][name] = value
    return asked


def test_the_same_key_gives_the_same_credential(
    client: TestClient, bearer: dict[str, str], register: Register
) -> None:
    first = issue(client, bearer, **{"Idempotency-Key": "k1"})
    assert issue(client, bearer, **{"Idempotency-Key": "k1"}) == first
    assert len(_all(register)) == 1


def test_another_body_may_not_issue_for_this_one(client: TestClient, other_bearer: dict[str, str]) -> None:
    answer = client.post(ISSUE, json={"credential": ASKED}, headers=other_bearer)
    assert paths(problem(answer, 400, "issuer")) == {"/credential/issuer": "issuer"}
    assert problem(client.post(ISSUE, json={"credential": ASKED}), 401, "token")


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"@context": V2}, "/credential/@context", "context_form"),
        ({"id": "urn:uuid:1"}, "/credential/id", "not_taken"),
        ({"validFrom": "2026-03-14T00:00:00Z"}, "/credential/validFrom", "not_taken"),
        ({"validFrom": "2026-03-14"}, "/credential/validFrom", "date_form"),
        (
            {"credentialStatus": {"type": "BitstringStatusListEntry"}},
            "/credential/credentialStatus",
            "not_taken",
        ),
        ({"favourite": 1}, "/credential/favourite", "not_taken"),
        ({"type": []}, "/credential/type", "type_required"),
    ],
)
def test_what_the_counter_gives_itself_is_not_taken(
    client: TestClient, bearer: dict[str, str], change: dict[str, Any], path: str, code: str
) -> None:
    answer = client.post(ISSUE, json={"credential": {**ASKED, **change}}, headers=bearer)
    errors = problem(answer, 400, "credential")["errors"]
    assert (path, code) in [(error["path"], error["code"]) for error in errors], errors


@pytest.mark.parametrize(
    ("credential", "path"),
    [
        (_with("framework", "unknown-9"), "/credential/credentialSubject/framework"),
        (_with("assessed_on", "14/03/2026"), "/credential/credentialSubject/assessed_on"),
        (_with("given_name", "\u202e"), "/credential/credentialSubject/given_name"),
        (_with("result", [{"type": ["Result"], "achievedLevel": f"{URL}/x#1.1-9"}]), None),
        (_with("result", []), "/credential/credentialSubject/levels"),
        (
            _with("result", [{"type": ["Result"], "achievedLevel": f"{URL}/frameworks/crcn#1.1-2"}]),
            "/credential/credentialSubject/result",
        ),
        (
            _with(
                "result",
                [{"type": ["Result"], "achievedLevel": "https://a.example/frameworks/digcomp-3.0#1.1-2"}],
            ),
            "/credential/credentialSubject/result",
        ),
        (
            _with("identifier", [{"type": "IdentityObject", "hashed": False, "identityHash": "Autre"}]),
            "/credential/credentialSubject/identifier",
        ),
        (_with("specimen", True), "/credential/credentialSubject/specimen"),
    ],
)
def test_wrong_claims_are_named(
    client: TestClient, bearer: dict[str, str], credential: dict[str, Any], path: str | None
) -> None:
    answer = client.post(ISSUE, json={"credential": credential}, headers=bearer)
    assert answer.status_code == 422, answer.text
    found = [error["path"] for error in answer.json()["errors"]]
    assert all(one.startswith("/credential/credentialSubject") for one in found)
    assert path is None or path in found


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"credential":[]}', b'{"credential":{},"x":1}', b"\xff"])
def test_what_is_no_request_is_a_problem(client: TestClient, bearer: dict[str, str], raw: bytes) -> None:
    answer = client.post(ISSUE, content=raw, headers={**bearer, "Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_option_that_is_not_known_is_an_error(
    client: TestClient, checking: TestClient, bearer: dict[str, str]
) -> None:
    asked = {"credential": ASKED, "options": {"mandatoryPointers": ["/issuer"]}}
    assert problem(client.post(ISSUE, json=asked, headers=bearer), 400, "UNKNOWN_OPTION_PROVIDED")
    answer = checking.post(
        "/presentations/verify",
        json={"presentation": in_presentation(), "options": {"challenge": "c"}},
    )
    assert answer.status_code == 400
    assert answer.json()["type"] == "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED"


@pytest.mark.parametrize(
    "given",
    [
        {"verifiableCredential": "eyJ"},
        {"verifiableCredential": {"id": "data:application/vc+jwt,x.y.z"}},
        {"verifiableCredential": {**ASKED}},
        {"verifiableCredential": []},
        {"verifiableCredential": None},
    ],
)
def test_what_is_no_credential_is_not_verified(checking: TestClient, given: dict[str, Any]) -> None:
    options = {"returnProblemDetails": True}
    answer = checking.post("/credentials/verify", json={**given, "options": options})
    assert answer.status_code == 200
    assert answer.json()["verified"] is False
    assert answer.json()["problemDetails"]


def test_a_presentation_that_misses_its_members_is_a_problem(checking: TestClient) -> None:
    for given in ({}, {"presentation": {}, "verifiablePresentation": {}}, {"other": 1}):
        answer = checking.post("/presentations/verify", json=given)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    bare = checking.post("/presentations/verify", json={"presentation": in_presentation("eyJhbGciOi")}).json()
    assert bare["verified"] is False


def test_what_is_signed_passes_the_checks_of_shape(client: TestClient, bearer: dict[str, str]) -> None:
    claims = json.loads(split(token_of(issue(client, bearer))).payload)
    own = schemas.read_json("contexts/attestation-1.json")["@context"]
    assert check_credential(claims, contexts={context_of(URL): own}) == []
