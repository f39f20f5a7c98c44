"""One credential, written and read back: the same attestation, whatever it is; nothing else is taken."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from passport.claims import StatusReference
from passport.credential import CredentialIds, new_ids, write_credential
from passport.credential_reading import read_credential
from passport.errors import MalformedError, PassportError
from passport.formats import open_badge, w3c_vc
from passport.framework import framework, framework_ids
from passport.jose import split
from passport.limits import LIMITS
from passport.model import Attestation, Holder, Method
from passport.timestamps import read_timestamp, write_timestamp
from tests.town import NOON, Town, an_attestation

ISSUER = "https://passeport.example/o/csc-marmiers"
STATUS = StatusReference("https://passeport.example/status/csc-marmiers.1", 5)
IDS = CredentialIds(
    "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e", "urn:uuid:7c9e6679-7425-40de-944b-e07fc1f90ae7"
)
VECTORS = Path(__file__).parents[1] / "vectors"


def written(attestation: Attestation, **changes: Any) -> dict[str, Any]:
    given = {"ids": IDS, "status": STATUS, "issuer_name": "Centre social", "lang": "fr"} | changes
    return write_credential(attestation, **given)


@st.composite
def attestations(draw: st.DrawFn) -> Attestation:
    known = framework(draw(st.sampled_from(framework_ids())))
    ids = draw(st.sets(st.sampled_from([c.id for c in known.competences]), min_size=1))
    levels = {c: draw(st.integers(known.min_level, known.max_level)) for c in sorted(ids)}
    names = st.sampled_from(["Zoé", "Ana", "李", "L’Hévéder-Nuñez", "d'Arc", "Ó Briain"])
    issued = draw(st.integers(0, 4_000_000_000))
    return Attestation(
        issuer=ISSUER,
        holder=Holder(draw(names), draw(names)),
        framework=known.id,
        levels=levels,
        assessed_on=draw(st.dates(date(1, 1, 1), date(9999, 12, 31))),
        method=draw(st.sampled_from(Method)),
        issued_at=issued,
        place=draw(st.sampled_from([None, "mediatheque", "a"])),
        expires_at=draw(st.one_of(st.none(), st.integers(issued + 1, 250_000_000_000))),
        specimen=draw(st.booleans()),
    )


@settings(deadline=None, max_examples=60)
@given(attestations(), st.sampled_from(["fr", "en"]), st.integers(0, 4_194_303))
def test_what_is_written_reads_back(attestation: Attestation, lang: str, index: int) -> None:
    status = StatusReference(STATUS.uri, index)
    credential = written(attestation, lang=lang, status=status)
    claims = read_credential(json.loads(json.dumps(credential)))
    assert claims.attestation == attestation
    assert claims.status == status
    assert claims.type_uri == "https://passeport.example/contexts/attestation-1"


def test_a_birth_date_is_left_out() -> None:
    attestation = an_attestation(ISSUER, holder=Holder("Ana", "Č", date(1958, 3, 14)))
    credential = written(attestation)
    assert "1958" not in json.dumps(credential)
    assert read_credential(credential).attestation == attestation.without_birthdate()


def test_every_competence_of_every_framework_fits_a_token() -> None:
    for known in map(framework, framework_ids()):
        levels = {c.id: known.max_level for c in known.competences}
        attestation = an_attestation(ISSUER, framework=known.id, levels=levels, expires_at=NOON + 9)
        payload = open_badge.write_claims(attestation, written(attestation))
        assert len(payload) * 4 / 3 < LIMITS.token_chars - 500


def test_ids_are_random_and_lead_nowhere() -> None:
    made = {text for _ in range(50) for ids in [new_ids()] for text in (ids.credential, ids.subject)}
    assert len(made) == 100
    assert all(text.startswith("urn:uuid:") and text[23] == "4" for text in made)


def _members(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [path, *(p for name, one in value.items() for p in _members(one, (*path, name)))]
    if isinstance(value, list):
        return [path, *(p for i, one in enumerate(value) for p in _members(one, (*path, i)))]
    return [path]


CREDENTIAL = written(an_attestation(ISSUER, expires_at=NOON + 9, specimen=True))
WORDS = {"name", "description", "narrative", "targetName", "targetFramework"}


def _changed(path: tuple[Any, ...], new: object) -> dict[str, Any]:
    copy: Any = json.loads(json.dumps(CREDENTIAL))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = new
    return dict(copy)


@pytest.mark.parametrize("new", [None, 0, 1, True, "", "x", [], {}, ["x"], {"x": 1}])
def test_no_member_can_be_changed_and_still_be_read_as_the_same(new: object) -> None:
    """Whatever stands in the place of a member: an error of ours, or another attestation, never the same."""
    right = read_credential(CREDENTIAL)
    for path in _members(CREDENTIAL)[1:]:
        if (path[-1] in WORDS and new == "x") or json.dumps(_changed(path, new)) == json.dumps(CREDENTIAL):
            continue
        try:
            claims = read_credential(_changed(path, new))
        except PassportError:
            continue
        assert claims != right, path


@pytest.mark.parametrize("path", [p for p in _members(CREDENTIAL) if p == () or isinstance(p[-1], str)])
def test_no_member_can_be_added(path: tuple[Any, ...]) -> None:
    copy: Any = json.loads(json.dumps(CREDENTIAL))
    place = copy
    for step in path:
        place = place[step]
    if isinstance(place, dict):
        place["zusatz"] = 1
        with pytest.raises(MalformedError) as caught:
            read_credential(copy)
        assert caught.value.code == "credential_form"
        assert "zusatz" in caught.value.message


def test_the_error_says_where() -> None:
    with pytest.raises(MalformedError, match=r"credential\.credentialSubject\.achievement\.alignment\[1\]"):
        read_credential(_changed(("credentialSubject", "achievement", "alignment", 1, "targetCode"), "5.1"))


SCHEMA = schemas.read_json("claims/attestation-credential-1.schema.json")


def _schema(url: str) -> Any:
    return json.loads(json.dumps(SCHEMA).replace("{url}", url))


def _of_vectors() -> list[tuple[str, dict[str, Any], str]]:
    found = []
    for path in sorted([*VECTORS.glob("badge-*.json"), *VECTORS.glob("vc-*.json")]):
        vector = json.loads(path.read_text())
        payload = split(vector["token"].rstrip("~").encode()).payload
        found.append((path.stem, json.loads(payload), vector["expect"]["reason"]))
    return found


# What JSON Schema cannot say: its own description lists it. The headers are not part of it.
BEYOND_SCHEMA = {
    *("subject-level-raised", "subject-level-beyond", "subject-result-twice", "subject-alignment-other"),
    *("subject-name-differs", "subject-name-blank", "status-index-differs", "valid-until-before"),
    *("no-iss", "iss-differs", "jti-differs", "no-jti", "nbf-differs", "no-nbf", "sub-differs", "no-sub"),
    *("exp-differs", "no-exp", "no-valid-until", "nbf", "exp", "sub"),
}


@pytest.mark.parametrize(("name", "payload", "reason"), _of_vectors(), ids=lambda value: str(value)[:40])
def test_the_schema_says_what_the_reader_does(name: str, payload: dict[str, Any], reason: str) -> None:
    form, _, case = name.partition("-")
    if case.startswith("header-"):
        return
    issuer = payload.get("issuer")
    host = str(issuer["id"]) if isinstance(issuer, dict) else "https://passeport.example/o/x"
    accepted = jsonschema.Draft201909Validator(_schema(host.rpartition("/o/")[0])).is_valid(payload)
    refused = reason in {"malformed", "unsupported"}
    assert accepted is (not refused or case in BEYOND_SCHEMA), case
    assert form in {"badge", "vc"}


def test_the_schema_is_well_formed_and_knows_the_frameworks() -> None:
    jsonschema.Draft201909Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["credentialSubject"]["properties"]["framework"]["enum"] == list(
        framework_ids()
    )


@pytest.mark.parametrize("seconds", [0, NOON, 253_402_300_799])
def test_times_have_one_writing(seconds: int) -> None:
    text = write_timestamp(seconds)
    assert read_timestamp(text) == seconds
    for other in (text[:-1], text.replace("Z", "+00:00"), text.lower(), f"{text} ", text.replace("Z", ".0Z")):
        with pytest.raises(MalformedError):
            read_timestamp(other)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30T12:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25T24:00:01Z", "٢٠٢٦-11-25T12:00:00Z", ""],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        read_timestamp(text)


def test_the_two_envelopes_hold_the_same_credential() -> None:
    town = Town.make()
    attestation, credential = town.credential()
    badge = json.loads(open_badge.write_claims(attestation, credential))
    plain = json.loads(w3c_vc.write_claims(credential))
    assert {name: badge.pop(name) for name in ("iss", "jti", "nbf", "sub")} == {
        "iss": attestation.issuer,
        "jti": credential["id"],
        "nbf": NOON,
        "sub": credential["credentialSubject"]["id"],
    }
    assert badge == plain
