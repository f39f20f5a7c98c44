"""What is signed here, read by programs that are not ours, from published keys alone.

jwcrypto (JOSE), sd-jwt (the reference implementation of RFC 9901), openbadgeslib (Open Badges 3.0 and
Bitstring Status Lists), PyLD (JSON-LD 1.1, with the contexts that openbadgeslib ships: nothing is fetched).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto import jwk, jws
from openbadgeslib.ob3 import OB3Verifier
from openbadgeslib.ob3.contexts import load_context
from openbadgeslib.ob3.verifier import OB3VerificationError
from pyld import jsonld
from sd_jwt.verifier import SDJWTVerifier

import schemas
from passport.claims import Purpose
from passport.jose import split
from passport.limits import LIMITS
from tests.town import TestKey, Town

A = "csc-marmiers"
OURS = "https://passeport.example/contexts/attestation-1"


@pytest.fixture
def today() -> Town:
    """openbadgeslib looks at the machine's clock."""
    return Town.make(at=int(datetime.now(UTC).timestamp()) - 3_600)


def published(key: TestKey) -> jwk.JWK:
    """The one JWK that the address in `kid` answers with."""
    return jwk.JWK(**dict(key.public.jwk))


def pem(key: TestKey) -> bytes:
    return published(key).export_to_pem()


@pytest.mark.parametrize("form", ["issue", "badge", "vc"])
def test_jwcrypto_verifies_each_form(form: str) -> None:
    town = Town.make()
    token = getattr(town, form)()
    read = jws.JWS()
    read.deserialize(token.decode())
    read.verify(published(town.bodies[A].credential_key), alg="ES256")
    assert read.payload == split(token).payload
    with pytest.raises(jws.InvalidJWSSignature):
        read.verify(published(town.bodies["epn-ville"].credential_key), alg="ES256")


@pytest.mark.parametrize("purpose", Purpose)
def test_jwcrypto_verifies_the_lists(purpose: Purpose) -> None:
    town = Town.make()
    read = jws.JWS()
    read.deserialize(town.bitstring_document(A, purpose).decode())
    read.verify(published(town.bodies[A].status_key), alg="ES256")
    assert json.loads(read.payload)["credentialSubject"]["statusPurpose"] == purpose.value


def test_the_reference_implementation_of_sd_jwt_reads_the_qr_token() -> None:
    town = Town.make()
    token = town.issue()
    key = published(town.bodies[A].credential_key)
    verifier = SDJWTVerifier(token.decode() + "~", lambda issuer, header: key)
    claims = verifier.get_verified_payload()
    assert claims["iss"] == town.bodies[A].issuer
    assert claims["vct"] == "https://passeport.example/vct/attestation-1"
    assert (claims["given_name"], claims["levels"]) == ("Zoé", {"1.1": 2, "2.1": 3, "4.2": 1})


def fetcher(town: Town) -> Any:
    lists = {
        f"{town.bodies[A].uri}.{purpose}": town.bitstring_document(A, purpose, issued_at=town.at)
        for purpose in Purpose
    }
    return lambda url: lists[url]


def test_an_open_badges_library_verifies_the_badge_and_its_lists(today: Town) -> None:
    badge = today.badge(expires_at=today.at + 86_400 * 365)
    verifier = OB3Verifier(pem(today.bodies[A].credential_key))
    credential = verifier.verify(badge.decode())
    assert credential.issuer.id == today.bodies[A].issuer
    assert credential.recipient_id == json.loads(split(badge).payload)["sub"]
    verifier.check_status(credential, download=fetcher(today))
    today.set_status(A, badge, 3)  # replaced: still valid for everybody
    verifier.check_status(credential, download=fetcher(today))


@pytest.mark.parametrize(("value", "word"), [(1, "revocation"), (2, "suspension")])
def test_an_open_badges_library_sees_what_was_withdrawn(today: Town, value: int, word: str) -> None:
    badge = today.badge()
    verifier = OB3Verifier(pem(today.bodies[A].credential_key))
    credential = verifier.verify(badge.decode())
    today.set_status(A, badge, value)
    with pytest.raises(OB3VerificationError, match=word):
        verifier.check_status(credential, download=fetcher(today))


def test_an_open_badges_library_verifies_the_signature_of_a_list(today: Town) -> None:
    badge = today.badge()
    verifier = OB3Verifier(pem(today.bodies[A].credential_key))
    credential = verifier.verify(badge.decode())
    from openbadgeslib.ob3.status import check_credential_status

    status_key = pem(today.bodies[A].status_key)
    check_credential_status(credential, download=fetcher(today), verify_list=True, list_pubkey_pem=status_key)
    with pytest.raises(OB3VerificationError):
        verifier.check_status(credential, verify_list=True, download=fetcher(today))  # not by this key


def _loader(url: str, options: Any = None) -> dict[str, Any]:
    if url == OURS:
        text = json.dumps(schemas.read_json("contexts/attestation-1.json"))
        document = json.loads(text.replace("{url}", "https://passeport.example"))
    else:
        document = load_context(url)
    return {
        "contextUrl": None,
        "documentUrl": url,
        "document": document,
        "contentType": "application/ld+json",
    }


def _leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(_leaves(one) for name, one in value.items() if name != "@context")
    if isinstance(value, list):
        return sum(_leaves(one) for one in value)
    return 1


@pytest.mark.parametrize("changes", [{}, {"specimen": True}, {"place": None}])
def test_json_ld_knows_every_term(changes: dict[str, Any]) -> None:
    """A term that no context defines is dropped by JSON-LD: then it is not what was signed."""
    credential = Town.make().credential(**changes)[1]
    options = {"documentLoader": _loader}
    expanded = jsonld.expand(credential, options)
    assert "_:" not in json.dumps(expanded)
    again = jsonld.compact(expanded, {"@context": credential["@context"]}, options)
    assert _leaves(again) == _leaves(credential)
    for word in ("given_name", "family_name", "framework", "assessed_on", "method"):
        assert again["credentialSubject"][word] == credential["credentialSubject"][word]


def test_json_ld_knows_every_term_of_a_list() -> None:
    document = Town.make().bitstring_document(A, Purpose.REVOCATION)
    listed = json.loads(split(document, max_bytes=LIMITS.status_token_bytes).payload)
    options = {"documentLoader": _loader}
    again = jsonld.compact(jsonld.expand(listed, options), {"@context": listed["@context"]}, options)
    assert _leaves(again) == _leaves(listed)


def test_the_key_at_the_address_is_the_key_in_pem() -> None:
    key = Town.make().bodies[A].credential_key
    raw = key.public._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert pem(key) == raw
