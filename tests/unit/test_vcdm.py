"""VCDM 2.0 by shape: what conforms has no fault, and each statement of the standard has one that breaks it.

The list of cases follows that of the W3C's public test suite for the data model; the documents are our own.
"""

from __future__ import annotations

import copy
import hashlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.limits import LIMITS
from passport.vcdm import check_credential
from passport.vcdm.terms import (
    CREDENTIALS_V2,
    OPEN_BADGES,
    OPEN_BADGES_EXTENSIONS,
    UNDEFINED_TERMS,
    bundled_contexts,
)
from passport.vcdm.values import instant, is_url
from schemas import read_bytes

MINE = "https://passeport.example.org/contexts/attestation-1"
CONTEXTS = {
    MINE: {"@protected": True, "Skill": "https://x.example/#Skill", "stage": "https://x.example/#stage"}
}
_ABSENT = object()

CREDENTIAL: dict[str, Any] = {
    "@context": [CREDENTIALS_V2, OPEN_BADGES],
    "id": "https://passeport.example.org/c/1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": "Compétences numériques",
    "issuer": {
        "id": "https://passeport.example.org/o/cap-blanc",
        "type": ["Profile"],
        "name": "Centre social",
    },
    "validFrom": "2026-11-25T12:00:00Z",
    "credentialSubject": {
        "id": "urn:uuid:6f1c1f2e-0b7a-4c0e-9f0a-000000000001",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://passeport.example.org/achievements/1",
            "type": ["Achievement"],
            "name": "DigComp 3.0",
            "description": "…",
            "criteria": {"narrative": "…"},
            "resultDescription": [
                {
                    "id": "urn:x:r",
                    "type": ["ResultDescription"],
                    "name": "Niveau",
                    "resultType": "Level",
                    "valueMax": "8",
                }
            ],
        },
        "result": [{"type": ["Result"], "resultDescription": "urn:x:r", "value": "3"}],
    },
    "credentialStatus": {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://passeport.example.org/status/3",
    },
    "credentialSchema": {"id": "https://passeport.example.org/s", "type": "JsonSchema"},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The credential with one member set, or taken away."""
    made = copy.deepcopy(CREDENTIAL)
    place: Any = made
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        place = place[step]
    if value is _ABSENT:
        del place[last]
    else:
        place[last] = value
    return made


def codes(document: dict[str, Any]) -> list[str]:
    return [fault.code for fault in check_credential(document, contexts=CONTEXTS)]


def test_an_open_badge_has_no_fault() -> None:
    assert check_credential(CREDENTIAL) == []


def test_the_bundled_contexts_are_the_published_ones() -> None:
    hashes = {
        "credentials-v2": "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        "open-badges-3.0.3": "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761",
    }
    for name, digest in hashes.items():
        assert hashlib.sha256(read_bytes(f"contexts/{name}.json")).hexdigest() == digest
    assert set(bundled_contexts()) == {CREDENTIALS_V2, OPEN_BADGES, OPEN_BADGES_EXTENSIONS, UNDEFINED_TERMS}


TEXT = {"@value": "Nom", "@language": "fr", "@direction": "ltr"}
MINIMAL_SUBJECT = {"id": "did:example:subject"}
PROOF = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-rdfc-2019", "proofPurpose": "assertionMethod"}
EXAMPLE = {"ExampleCredential": "https://x.example/#ExampleCredential"}

CONFORMING = {
    "our own context": changed("@context", [CREDENTIALS_V2, OPEN_BADGES, MINE]),
    "a context as object": changed("@context", [CREDENTIALS_V2, OPEN_BADGES, EXAMPLE]),
    "undefined terms": {
        **changed("@context", [CREDENTIALS_V2, OPEN_BADGES, UNDEFINED_TERMS]),
        "somethingElse": {"quite": "new"},
    },
    "a type that is a URL": changed("type/1", "https://x.example/#T"),
    "a member that is a URL": {**CREDENTIAL, "https://x.example/#p": 1},
    "issuer is a URL": changed("issuer", "did:example:issuer"),
    "an issuer's name in a language": changed("issuer/name", TEXT),
    "a name in languages": changed("name", [TEXT, {"@value": "Name", "@language": "en-GB"}]),
    "no name": changed("name", _ABSENT),
    "no id": changed("id", _ABSENT),
    "a DID as id": changed("id", "did:example:1"),
    "several subjects": changed("credentialSubject", [MINIMAL_SUBJECT, {"id": "did:example:b"}]),
    "milliseconds": changed("validFrom", "2026-11-25T12:00:00.123Z"),
    "a zone": changed("validFrom", "2026-11-25T12:00:00-05:00"),
    "the last second of the day": changed("validFrom", "2026-11-25T24:00:00+14:00"),
    "no dates": changed("validFrom", _ABSENT),
    "until the same instant": {**CREDENTIAL, "validUntil": "2026-11-25T13:00:00+01:00"},
    "far future": {**CREDENTIAL, "validUntil": "12026-01-01T00:00:00Z"},
    "two statuses": changed("credentialStatus", [CREDENTIAL["credentialStatus"]] * 2),
    "several schemas": changed("credentialSchema", [CREDENTIAL["credentialSchema"]] * 2),
    "evidence": {**CREDENTIAL, "evidence": [{"type": "Evidence", "name": "Atelier", "genre": "x"}]},
    "a proof": {**CREDENTIAL, "proof": PROOF},
    "claims of a JWT": {
        **CREDENTIAL,
        "iss": CREDENTIAL["issuer"]["id"],
        "jti": CREDENTIAL["id"],
        "sub": CREDENTIAL["credentialSubject"]["id"],
        "nbf": 1,
        "exp": 2,
    },
    "related resource": {
        **CREDENTIAL,
        "relatedResource": [
            {"id": "https://x.example/a", "digestSRI": "sha256-AAAA", "mediaType": "text/plain"}
        ],
    },
    "an entry of messages": changed(
        "credentialStatus",
        {
            **CREDENTIAL["credentialStatus"],
            "statusPurpose": "message",
            "statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x1", "message": "b"}],
        },
    ),
}


@pytest.mark.parametrize("name", CONFORMING)
def test_what_conforms_has_no_fault(name: str) -> None:
    assert codes(CONFORMING[name]) == []


def status(**members: object) -> dict[str, Any]:
    return changed("credentialStatus", {**CREDENTIAL["credentialStatus"], **members})


BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no context": (changed("@context", _ABSENT), ["context_form"]),
    "context is a string": (changed("@context", CREDENTIALS_V2), ["context_form"]),
    "no context in the list": (changed("@context", []), ["context_form"]),
    "another context first": (changed("@context", [OPEN_BADGES, CREDENTIALS_V2]), ["context_first"]),
    "version 1.1": (
        changed("@context", ["https://www.w3.org/2018/credentials/v1"]),
        ["context_first", "context_unknown"],
    ),
    "a context that is not known": (
        changed("@context", [CREDENTIALS_V2, OPEN_BADGES, "https://x.example/c"]),
        ["context_unknown"],
    ),
    "a context that is no URL": (
        changed("@context", [CREDENTIALS_V2, OPEN_BADGES, "https ://not-a-url/c"]),
        ["context_form"],
    ),
    "a context that is a number": (changed("@context", [CREDENTIALS_V2, OPEN_BADGES, 1]), ["context_form"]),
    "a context that is null": (changed("@context", [CREDENTIALS_V2, OPEN_BADGES, None]), ["context_form"]),
    "a context that imports": (
        changed("@context", [CREDENTIALS_V2, OPEN_BADGES, {"@import": "https://x.example/c"}]),
        ["context_form"],
    ),
    "a context with a reverse term": (
        changed("@context", [CREDENTIALS_V2, OPEN_BADGES, {"a": {"@reverse": "https://x.example/a"}}]),
        ["context_form"],
    ),
    "a context twice": (
        changed("@context", [CREDENTIALS_V2, OPEN_BADGES, OPEN_BADGES]),
        ["context_repeated"],
    ),
    "undefined terms not last": (
        changed("@context", [CREDENTIALS_V2, UNDEFINED_TERMS, OPEN_BADGES]),
        ["context_order"],
    ),
    "a protected term redefined": (
        changed("@context", [CREDENTIALS_V2, OPEN_BADGES, {"VerifiableCredential": "https://x.example/#V"}]),
        ["term_redefined"],
    ),
    "a protected term taken away": (
        changed("@context", [CREDENTIALS_V2, OPEN_BADGES, {"name": None}]),
        ["term_redefined"],
    ),
    "a protected term of its own redefined": (
        changed(
            "@context",
            [
                CREDENTIALS_V2,
                OPEN_BADGES,
                {"@protected": True, **EXAMPLE},
                {"ExampleCredential": "urn:x:other"},
            ],
        ),
        ["term_redefined"],
    ),
    "no type": (changed("type", _ABSENT), ["type_missing", *["term_unmapped"] * 5]),
    "type is empty": (changed("credentialSubject/result/0/type", []), ["type_form", *["term_unmapped"] * 2]),
    "type is a number": (changed("credentialSchema/type", 1), ["type_missing", "type_form"]),
    "other type only": (changed("type", ["OpenBadgeCredential"]), ["type_required", *["term_unmapped"] * 5]),
    "type unmapped": (changed("type/1", "UnmappedCredential"), ["type_unmapped"]),
    "type of the badge without its context": (
        {**changed("@context", [CREDENTIALS_V2]), "credentialSubject": MINIMAL_SUBJECT, "issuer": "did:a:b"},
        ["type_unmapped"],
    ),
    "term unmapped": ({**CREDENTIAL, "colour": "green"}, ["term_unmapped"]),
    "term unmapped below": (changed("credentialSubject/achievement/colour", 1), ["term_unmapped"]),
    "a type's terms end with its object": (
        changed("credentialSubject/achievement/role", "x"),
        ["term_unmapped"],
    ),
    "id null": (changed("id", None), ["id_form"]),
    "id not a URL": (changed("id", "not-a-url"), ["id_form"]),
    "two ids": (changed("id", ["urn:x:1", "urn:x:2"]), ["id_form"]),
    "two ids of a subject": (changed("credentialSubject/id", ["urn:x:1"]), ["id_form"]),
    "raw keyword": (changed("credentialSubject/@id", "urn:x:1"), ["keyword_unexpected"]),
    "name with another key": (changed("name", {**TEXT, "url": "x"}), ["text_form"]),
    "name is a number": (changed("name", 1), ["text_form"]),
    "names are none": (changed("name", []), ["text_form"]),
    "names in a list of lists": (changed("name", [["x"]]), ["text_form"]),
    "language is none": (changed("name", {"@value": "x", "@language": "not a language"}), ["text_form"]),
    "direction is none": (changed("name", {"@value": "x", "@direction": "up"}), ["text_form"]),
    "description of the issuer": (changed("issuer/description", {"@value": 1}), ["text_form"]),
    "name far below": (changed("credentialSubject/achievement/name", {"fr": "x"}), ["text_form"]),
    "value object with a key": (changed("credentialSubject/role", {"@value": "x", "a": 1}), ["value_object"]),
    "no issuer": (changed("issuer", _ABSENT), ["issuer_missing"]),
    "issuer null": (changed("issuer", None), ["issuer_missing"]),
    "issuer is no URL": (changed("issuer", "Centre social"), ["issuer_form"]),
    "issuers": (changed("issuer", ["did:a:b", "did:a:c"]), ["issuer_form"]),
    "issuer without id": (changed("issuer/id", _ABSENT), ["issuer_form"]),
    "issuer with id null": (changed("issuer/id", None), ["issuer_form", "id_form"]),
    "no subject": (changed("credentialSubject", _ABSENT), ["subject_missing"]),
    "subjects none": (changed("credentialSubject", []), ["subject_missing"]),
    "subject empty": (changed("credentialSubject", {}), ["subject_form"]),
    "one subject empty": (changed("credentialSubject", [MINIMAL_SUBJECT, {}]), ["subject_form"]),
    "subject a string": (changed("credentialSubject", "did:a:b"), ["subject_form"]),
    "date without zone": (changed("validFrom", "2026-11-25T12:00:00"), ["date_form"]),
    "date alone": (changed("validFrom", "2026-11-25"), ["date_form"]),
    "no such day": (changed("validFrom", "2026-02-29T12:00:00Z"), ["date_form"]),
    "date a number": ({**CREDENTIAL, "validUntil": 1}, ["date_form"]),
    "until before from": ({**CREDENTIAL, "validUntil": "2026-11-25T12:59:59.9+01:00"}, ["date_order"]),
    "dates of 1.1": (
        {**CREDENTIAL, "issuanceDate": "2026-11-25T12:00:00Z"},
        ["date_of_1_1", "term_unmapped"],
    ),
    "status without type": (
        changed("credentialStatus/type", _ABSENT),
        ["type_missing", *["term_unmapped"] * 3],
    ),
    "status a string": (changed("credentialStatus", "https://x.example/"), ["object_form"]),
    "statuses none": (changed("credentialStatus", []), ["object_form"]),
    "a status in a list a string": (changed("credentialStatus", ["x"]), ["object_form"]),
    "status id no URL": (status(id="x"), ["id_form"]),
    "status id of the list": (status(id="https://passeport.example.org/status/3"), ["status_id"]),
    "index a number": (status(statusListIndex=94567), ["status_index"]),
    "index padded": (status(statusListIndex="094567"), ["status_index"]),
    "index negative": (status(statusListIndex="-1"), ["status_index"]),
    "list no URL": (status(statusListCredential="x"), ["status_list"]),
    "no purpose": (changed("credentialStatus/statusPurpose", _ABSENT), ["status_purpose"]),
    "size nought": (status(statusSize=0), ["status_size"]),
    "size true": (status(statusSize=True), ["status_size"]),
    "messages missing": (status(statusPurpose="message"), ["status_message"]),
    "messages too few": (
        status(statusSize=2, statusMessage=[{"status": "0x0", "message": "a"}]),
        ["status_message"],
    ),
    "schema without id": (changed("credentialSchema/id", _ABSENT), ["id_missing"]),
    "schema without type": (changed("credentialSchema/type", _ABSENT), ["type_missing"]),
    "schema id no URL": (changed("credentialSchema/id", "x"), ["id_form"]),
    "terms without type": ({**CREDENTIAL, "termsOfUse": {"id": "urn:x:t"}}, ["type_missing"]),
    "evidence without type": ({**CREDENTIAL, "evidence": [{"id": "urn:x:e"}]}, ["type_missing"]),
    "refresh without type": ({**CREDENTIAL, "refreshService": {"id": "urn:x:r"}}, ["type_missing"]),
    "proof without type": ({**CREDENTIAL, "proof": {}}, ["type_missing"]),
    "wrapped": ({**CREDENTIAL, "vc": {}}, ["jwt_wrapper", "term_unmapped"]),
    "another iss": ({**CREDENTIAL, "iss": "https://other.example"}, ["claims_conflict"]),
    "another jti": ({**CREDENTIAL, "jti": "urn:x:1"}, ["claims_conflict"]),
    "another sub": ({**CREDENTIAL, "sub": "urn:x:1"}, ["claims_conflict"]),
    "related without digest": (
        {**CREDENTIAL, "relatedResource": [{"id": "urn:x:1"}]},
        ["related_digest_missing"],
    ),
    "related without id": ({**CREDENTIAL, "relatedResource": {"digestSRI": "sha256-A"}}, ["id_missing"]),
    "related twice": (
        {**CREDENTIAL, "relatedResource": [{"id": "urn:x:1", "digestSRI": "sha256-A"}] * 2},
        ["related_repeated"],
    ),
    "related a string": ({**CREDENTIAL, "relatedResource": ["urn:x:1"]}, ["object_form"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_has_exactly_these_faults(name: str) -> None:
    document, expected = BROKEN[name]
    assert codes(document) == expected


def test_a_fault_says_where_and_which_section() -> None:
    (fault,) = check_credential(changed("credentialSubject/achievement/a~b~1", 1))
    assert (fault.pointer, fault.section) == ("/credentialSubject/achievement/a~0b~01", "VCDM 2.0 5.2")
    assert "a~b~1" in fault.message


def test_a_fault_never_quotes_a_claim() -> None:
    secret = "Zéphyrine Untel"
    for path in ("id", "issuer", "validFrom", "credentialSubject/id", "credentialStatus/statusListIndex"):
        faults = check_credential(changed(path, secret))
        assert faults
        assert secret not in "".join(fault.message + fault.pointer for fault in faults)


STATUS_LIST: dict[str, Any] = {
    "@context": [CREDENTIALS_V2],
    "id": "https://passeport.example.org/status/3",
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "issuer": "https://passeport.example.org/o/cap-blanc",
    "validFrom": "2026-11-25T12:00:00Z",
    "credentialSubject": {
        "id": "https://passeport.example.org/status/3#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": "uH4sIAAAAAAAAA",
        "ttl": 3_600_000,
    },
}


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("encodedList", "H4sIAAAAAAAAA", "status_encoding"),
        ("encodedList", "uH4s=", "status_encoding"),
        ("ttl", "300", "status_ttl"),
        ("ttl", -1, "status_ttl"),
        ("statusPurpose", "", "status_purpose"),
        ("type", "JsonSchema", "status_list_type"),
    ],
)
def test_a_status_list_has_its_members(member: str, value: object, code: str) -> None:
    assert check_credential(STATUS_LIST) == []
    broken = {**STATUS_LIST, "credentialSubject": {**STATUS_LIST["credentialSubject"], member: value}}
    assert code in [fault.code for fault in check_credential(broken)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-11-25T12:00:00Z", "2026-11-25T12:00:00.1Z"),
        ("2026-11-25T12:00:00.45Z", "2026-11-25T12:00:00.5Z"),
        ("2026-11-25T12:00:00+01:00", "2026-11-25T12:00:00Z"),
        ("2024-02-29T23:59:59Z", "2024-03-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z"),
        ("-0001-12-31T23:59:59Z", "0000-01-01T00:00:00Z"),
    ],
)
def test_instants_compare_as_they_are(earlier: str, later: str) -> None:
    first, second = instant(earlier), instant(later)
    assert first is not None
    assert second is not None
    assert first < second


def test_equal_instants_are_equal() -> None:
    assert instant("2026-11-25T24:00:00Z") == instant("2026-11-26T01:00:00.000+01:00") == (1_795_651_200, "")
    assert instant("1970-01-01T00:00:00Z") == (0, "")


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-25T12:00:00z", "2026-11-25t12:00:00Z", "2026-11-25T12:00:00+14:01", "2026-11-25T12:00Z",
     "2026-13-01T00:00:00Z", "2026-04-31T00:00:00Z", "1900-02-29T00:00:00Z", "02026-11-25T12:00:00Z",
     "2026-11-25T24:00:01Z", "2026-11-25T12:00:00.Z", "2026-11-25T12:00:00Z\n", "٢٠٢٦-11-25T12:00:00Z"],
)  # fmt: skip
def test_what_is_no_instant(text: str) -> None:
    assert instant(text) is None


def test_urls() -> None:
    assert all(is_url(text) for text in ("https://é.example/a", "urn:x:y", "did:web:a%3A8443", "data:,x"))
    assert not any(
        is_url(text) for text in ("", "x", "/a", "//a", "https ://a", "a b:c", "urn:", "urn:a\n", 1)
    )


def deep(levels: int) -> dict[str, Any]:
    inner: Any = "x"
    for _ in range(levels):
        inner = {"a": inner}
    return {**CREDENTIAL, "credentialSubject": inner}


def test_what_is_too_large_is_not_looked_at() -> None:
    wide = changed("credentialSubject", [MINIMAL_SUBJECT] * LIMITS.credential_values)
    for document in (deep(LIMITS.json_depth), wide):
        assert codes(document) == ["too_large"]


def test_the_slowest_document_within_the_limits_takes_less_than_a_second() -> None:
    terms = {f"t{n}": {"@id": f"urn:x:{n}", "@context": {"a": "urn:x:a"}} for n in range(90)}
    many = [{"type": "VerifiableCredential", "id": "urn:x:1"}] * 1_500
    slow = {**CREDENTIAL, "@context": [CREDENTIALS_V2, OPEN_BADGES, terms], "credentialSubject": many}
    types = changed("type", ["VerifiableCredential"] * (LIMITS.credential_values - 100))
    for document in (slow, types):
        began = time.process_time()
        codes(document)
        assert time.process_time() - began < 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([CREDENTIALS_V2, "id", "urn:x:y"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["@context", "type", "id", "@value", "name", "proof", "relatedResource", "issuer", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*CREDENTIAL, "proof", "evidence", "relatedResource", "sub", "vc"]), JSON)
def test_any_json_gives_faults_and_never_an_exception(member: str, value: object) -> None:
    for fault in check_credential({**CREDENTIAL, member: value}):
        assert fault.code.replace("_", "").isalnum()
        assert fault.message.endswith(".")
