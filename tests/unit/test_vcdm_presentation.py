"""Presentations by shape, envelopes, self-asserted credentials, and the digests of related resources."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from passport.limits import LIMITS
from passport.vcdm import Enveloped, check_presentation, check_related, enveloped_credentials
from passport.vcdm.terms import CREDENTIALS_V2
from tests.unit.test_vcdm import CREDENTIAL

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0." + "A" * 86
ENVELOPE = {
    "@context": CREDENTIALS_V2,
    "type": "EnvelopedVerifiableCredential",
    "id": f"data:application/vc+jwt,{TOKEN}",
}
HOLDER = CREDENTIAL["issuer"]["id"]


def presentation(*credentials: object, **members: object) -> dict[str, Any]:
    made: dict[str, Any] = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"]}
    if credentials:
        made["verifiableCredential"] = list(credentials)
    return made | members


def envelope(**members: object) -> dict[str, Any]:
    return {name: value for name, value in {**ENVELOPE, **members}.items() if value is not None}


def codes(document: dict[str, Any]) -> list[str]:
    return [fault.code for fault in check_presentation(document)]


CONFORMING = {
    "empty": presentation(),
    "one": presentation(ENVELOPE),
    "one, not in a list": presentation() | {"verifiableCredential": ENVELOPE},
    "several": presentation(ENVELOPE, ENVELOPE),
    "contexts as a list": presentation(envelope(**{"@context": [CREDENTIALS_V2]})),
    "type as a list": presentation(envelope(type=["EnvelopedVerifiableCredential"])),
    "SD-JWT": presentation(envelope(id=f"data:application/vc+sd-jwt,{TOKEN}~")),
    "COSE": presentation(envelope(id="data:application/vc+cose;base64,0oRDoQE=")),
    "an id": presentation(ENVELOPE, id="urn:uuid:1"),
    "a holder": presentation(ENVELOPE, holder="did:example:holder"),
    "a holder as object": presentation(ENVELOPE, holder={"id": "did:example:holder"}),
    "terms of use": presentation(ENVELOPE, termsOfUse=[{"type": "https://x.example/#Terms"}]),
    "self-asserted": presentation(CREDENTIAL, holder=HOLDER),
    "with its own proof": presentation({**CREDENTIAL, "proof": {"type": "DataIntegrityProof"}}),
}


@pytest.mark.parametrize("name", CONFORMING)
def test_what_conforms_has_no_fault(name: str) -> None:
    assert codes(CONFORMING[name]) == []


BROKEN = {
    "no context": ({"type": ["VerifiablePresentation"]}, ["context_form"]),
    "context a string": (presentation(**{"@context": CREDENTIALS_V2}), ["context_form"]),
    "another context first": (
        presentation(**{"@context": ["https://x.example/", CREDENTIALS_V2]}),
        ["context_first", "context_unknown"],
    ),
    "unknown context": (
        presentation(**{"@context": [CREDENTIALS_V2, "https://x.example/"]}),
        ["context_unknown"],
    ),
    "no type": ({"@context": [CREDENTIALS_V2]}, ["type_missing"]),
    "type of a credential": (presentation(type="VerifiableCredential"), ["type_required"]),
    "type unmapped": (presentation(type=["VerifiablePresentation", "Unmapped"]), ["type_unmapped"]),
    "id no URL": (presentation(id="x"), ["id_form"]),
    "term unmapped": (presentation(colour="green"), ["term_unmapped"]),
    "a bare string": (presentation(TOKEN), ["credential_form"]),
    "a URL": (presentation("https://x.example/c"), ["credential_form"]),
    "a data URL": (presentation(ENVELOPE["id"]), ["credential_form"]),
    "a number": (presentation(1), ["credential_form"]),
    "none": (presentation() | {"verifiableCredential": []}, ["credential_count"]),
    "too many": (presentation(*[ENVELOPE] * (LIMITS.presented_credentials + 1)), ["credential_count"]),
    "envelope without context": (
        presentation(envelope(**{"@context": None})),
        ["envelope_context", "type_unmapped"],
    ),
    "envelope of another context": (
        presentation(envelope(**{"@context": "https://x.example/"})),
        ["envelope_context", "context_unknown"],
    ),
    "envelope with two types": (
        presentation(envelope(type=["EnvelopedVerifiableCredential", "VerifiableCredential"])),
        ["envelope_type"],
    ),
    "envelope without id": (presentation(envelope(id=None)), ["envelope_id"]),
    "token without data": (presentation(envelope(id=TOKEN)), ["envelope_id", "id_form"]),
    "data of another kind": (presentation(envelope(id=f"data:text/plain,{TOKEN}")), ["envelope_id"]),
    "JWT of 1.1": (presentation(envelope(id=f"data:application/vc+ld+jwt,{TOKEN}")), ["envelope_id"]),
    "data that is no JWS": (presentation(envelope(id="data:application/vc+jwt,abc")), ["envelope_id"]),
    "JWT in base64": (presentation(envelope(id=f"data:application/vc+jwt;base64,{TOKEN}~")), ["envelope_id"]),
    "envelope with more": (presentation(envelope(name="x")), []),
    "long token": (
        presentation(envelope(id=f"data:application/vc+jwt,{'a' * 2 * LIMITS.token_chars}.b.c")),
        ["envelope_id"],
    ),
    "holder no URL": (presentation(holder="Zoé"), ["holder_form"]),
    "holder without id": (presentation(holder={"name": "Zoé"}), ["holder_form"]),
    "proof without type": (presentation(proof={}), ["type_missing"]),
    "wrapped": (presentation(vp={}), ["jwt_wrapper", "term_unmapped"]),
    "self-asserted without holder": (presentation(CREDENTIAL), ["holder_required"]),
    "self-asserted by another": (presentation(CREDENTIAL, holder="did:example:acme"), ["holder_required"]),
    "a credential with a fault": (
        presentation({**CREDENTIAL, "validFrom": "2026-11-25"}, holder=HOLDER),
        ["date_form"],
    ),
    "a credential without contexts": (
        presentation({k: v for k, v in CREDENTIAL.items() if k != "@context"}, holder=HOLDER),
        ["context_form"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_has_these_faults(name: str) -> None:
    document, expected = BROKEN[name]
    assert codes(document)[: len(expected)] == expected
    assert bool(codes(document)) == bool(expected)


def test_tokens_come_out_of_their_envelopes_in_order() -> None:
    other = envelope(id=f"data:application/vc+sd-jwt,{TOKEN}~")
    assert enveloped_credentials(presentation(ENVELOPE, "x", CREDENTIAL, other)) == [
        Enveloped("/verifiableCredential/0", "jwt", TOKEN.encode()),
        Enveloped("/verifiableCredential/3", "sd-jwt", f"{TOKEN}~".encode()),
    ]


def test_a_large_presentation_is_not_looked_at() -> None:
    assert codes(presentation(*["x"] * LIMITS.credential_values)) == ["too_large"]


DATA = b"the schema"
URL = "https://passeport.example.org/s"
SHA256, SHA384, SHA512 = (hashlib.new(name, DATA).digest() for name in ("sha256", "sha384", "sha512"))
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def sri(name: str, digest: bytes) -> str:
    return f"{name}-{base64.b64encode(digest).decode()}"


def multibase(digest: bytes, code: int = 0x12, base: str = "u") -> str:
    hashed = bytes([code, len(digest)]) + digest
    if base == "u":
        return "u" + base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    number, text = int.from_bytes(hashed, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "z" + text


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("digestSRI", sri("sha256", SHA256), []),
        ("digestSRI", sri("sha384", SHA384), []),
        ("digestSRI", f"{sri('sha256', b'0' * 32)} {sri('sha512', SHA512)}", []),
        ("digestSRI", f"{sri('sha256', SHA256)} {sri('sha512', b'0' * 64)}", ["related_digest"]),
        ("digestSRI", sri("sha256", SHA384[:32]), ["related_digest"]),
        ("digestSRI", sri("md5", SHA256), ["related_digest_unknown"]),
        ("digestSRI", "sha256-AAA", ["related_digest"]),
        ("digestSRI", 1, ["related_digest_unknown"]),
        ("digestMultibase", multibase(SHA256), []),
        ("digestMultibase", multibase(SHA256, base="z"), []),
        ("digestMultibase", multibase(SHA512, 0x13), []),
        ("digestMultibase", multibase(SHA384, 0x20, "z"), []),
        ("digestMultibase", [multibase(SHA256)], []),
        ("digestMultibase", [multibase(SHA256), multibase(b"0" * 32)], ["related_digest"]),
        ("digestMultibase", multibase(SHA256, 0x11), ["related_digest_unknown"]),
        ("digestMultibase", multibase(SHA256[:31]), ["related_digest"]),
        ("digestMultibase", "m" + multibase(SHA256)[1:], ["related_digest_unknown"]),
        ("digestMultibase", "z0OIl", ["related_digest_unknown"]),
        ("digestMultibase", "u*", ["related_digest_unknown"]),
        ("digestMultibase", "z" + "1" * 500, ["related_digest_unknown"]),
        ("other", 1, ["related_digest_unknown"]),
    ],
)
def test_a_resource_that_is_used_must_be_the_one_that_was_meant(
    member: str, value: object, expected: list[str]
) -> None:
    document = {**CREDENTIAL, "relatedResource": [{"id": URL, member: value}]}
    faults = check_related(document, {URL: DATA})
    assert [fault.code for fault in faults] == expected
    assert all(fault.pointer == "/relatedResource/0" for fault in faults)


def test_both_digests_must_match() -> None:
    both = {"id": URL, "digestSRI": sri("sha256", SHA256), "digestMultibase": multibase(b"0" * 32)}
    assert [f.code for f in check_related({"relatedResource": both}, {URL: DATA})] == ["related_digest"]


def test_a_resource_that_is_not_used_is_no_fault() -> None:
    document = {"relatedResource": [{"id": URL, "digestSRI": "sha256-AAAA"}, "x", {"id": 1}]}
    assert check_related(document, {"https://other.example/": DATA}) == []
