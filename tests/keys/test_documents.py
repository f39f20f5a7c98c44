"""Key documents for strangers: exact names, exact addresses, and which keys are shown."""

from __future__ import annotations

import pytest

from keys.documents import (
    controlled_identifier,
    did_document,
    did_of,
    issuer_metadata,
    issuer_metadata_url,
    jwk,
    jwks,
    shown_keys,
)
from keys.records import KeyRecord, Purpose
from passport.errors import MalformedError
from passport.jose import PublicKey
from passport.trust.model import KeyState, Period
from tests.town import NOON, TestKey

ISSUER = "https://h.example:8443/o/csc-marmiers"
DID = "did:web:h.example%3A8443:o:csc-marmiers"


def a_record(kid: str, state: KeyState = KeyState.ACTIVE, alg: str = "ES256") -> KeyRecord:
    purpose = Purpose.STATUS if kid.startswith("s") else Purpose.CREDENTIAL
    return KeyRecord("csc-marmiers", kid, purpose, state, Period(NOON), TestKey(kid, alg).public)


RECORDS = (
    a_record("c2026-1", KeyState.SEALED),
    a_record("c2026-2"),
    a_record("c2026-3", KeyState.PLANNED),
    a_record("c2026-4", KeyState.COMPROMISED),
    a_record("s2026-1"),
)


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_one_jwk_has_what_a_stranger_needs_and_nothing_private(alg: str) -> None:
    record = a_record("c2026-1", alg=alg)
    members = jwk(record)
    point = {"x", "y"} if alg == "ES256" else {"x"}
    assert members.keys() == {"kty", "crv", "alg", "use", "kid"} | point
    assert (members["kid"], members["use"], members["alg"]) == ("c2026-1", "sig", alg)
    assert PublicKey.from_jwk(members).thumbprint == record.public.thumbprint


def test_a_set_holds_exactly_the_records_given() -> None:
    assert jwks(RECORDS) == {"keys": [jwk(record) for record in RECORDS]}


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        (ISSUER, "https://h.example:8443/.well-known/jwt-vc-issuer/o/csc-marmiers"),
        ("https://h.example/tenant/1/", "https://h.example/.well-known/jwt-vc-issuer/tenant/1"),
        ("https://h.example", "https://h.example/.well-known/jwt-vc-issuer"),
    ],
)
def test_the_metadata_path_lies_between_host_and_path(issuer: str, url: str) -> None:
    assert issuer_metadata_url(issuer) == url


def test_metadata_names_the_issuer_and_one_source_of_keys() -> None:
    metadata = issuer_metadata(ISSUER, RECORDS)
    assert metadata == {"issuer": ISSUER, "jwks": {"keys": [jwk(RECORDS[0]), jwk(RECORDS[1])]}}


@pytest.mark.parametrize(
    ("issuer", "did"),
    [
        (ISSUER, DID),
        ("https://h.example/o/csc", "did:web:h.example:o:csc"),
        ("https://h.example", "did:web:h.example"),
        ("http://127.0.0.1:8000/o/csc", "did:web:127.0.0.1%3A8000:o:csc"),
    ],
)
def test_the_did_of_an_issuer(issuer: str, did: str) -> None:
    assert did_of(issuer) == did


def test_the_did_document_leads_back_to_itself() -> None:
    document = did_document(ISSUER, RECORDS)
    assert document["id"] == DID
    assert document["alsoKnownAs"] == [ISSUER]
    assert document["verificationMethod"] == [
        {"id": f"{DID}#{r.kid}", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": jwk(r)}
        for r in RECORDS[:2]
    ]
    assert document["assertionMethod"] == [f"{DID}#c2026-1", f"{DID}#c2026-2"]
    contexts = document["@context"]
    assert isinstance(contexts, list)
    assert contexts[0] == "https://www.w3.org/ns/did/v1"


def test_the_controlled_identifier_document_is_the_issuers_own() -> None:
    """A status key is a method, whose address the lists name, and may not assert."""
    document = controlled_identifier(ISSUER, RECORDS)
    assert (document["@context"], document["id"]) == (["https://www.w3.org/ns/cid/v1"], ISSUER)
    assert document["assertionMethod"] == [f"{ISSUER}/keys/{r.kid}" for r in RECORDS[:2]]
    methods = document["verificationMethod"]
    assert isinstance(methods, list)
    by_id = {method["id"]: method for method in methods}
    status = [f"{ISSUER}/status-keys/{r.kid}" for r in shown_keys(RECORDS, Purpose.STATUS)]
    assert status
    assert list(by_id) == [*document["assertionMethod"], *status]
    assert all(m["controller"] == ISSUER and m["type"] == "JsonWebKey" for m in methods)


@pytest.mark.parametrize("issuer", ["", "h.example/o/x", "ftp://h.example/o/x", "https://"])
def test_an_issuer_is_a_web_address(issuer: str) -> None:
    with pytest.raises(MalformedError):
        did_document(issuer, RECORDS)
