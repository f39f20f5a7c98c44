"""The published JSON Schema and type metadata of the QR token say what the reader does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import schemas
from passport.errors import PassportError
from passport.formats.qr_payload import MEMBERS
from passport.formats.qr_token import read_claims
from passport.framework import framework_ids
from passport.jose import split
from tests.town import Town

SCHEMA: dict[str, Any] = schemas.read_json("claims/attestation-1.schema.json")
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
VECTORS = Path(__file__).parents[1] / "vectors"
# What JSON Schema cannot say (its own description lists it), and what is not JSON for every reader.
BEYOND_SCHEMA = {
    f"claims-{name}"
    for name in (
        "level-beyond", "competence-unknown", "name-override", "name-not-nfc", "name-blank", "name-marks",
        "day-february", "exp-before-iat", "iat-beyond", "duplicate-member", "float", "exponent", "surrogate",
        "byte-order-mark",
    )
}  # fmt: skip


def _payloads(reason: str) -> list[tuple[str, bytes]]:
    found = []
    for path in sorted(VECTORS.glob("claims-*.json")):
        vector = json.loads(path.read_text())
        if vector["expect"]["reason"] == reason:
            found.append((path.stem, split(vector["token"].encode()).payload))
    return found


@pytest.mark.parametrize(("name", "payload"), _payloads("malformed"))
def test_what_the_reader_refuses_the_schema_refuses(name: str, payload: bytes) -> None:
    if name == "claims-status-index-beyond":
        return  # refused by the list's own length, not by the claims
    with pytest.raises(PassportError):
        read_claims(payload)
    try:
        accepted = VALIDATOR.is_valid(json.loads(payload))
    except (ValueError, RecursionError):
        accepted = False
    assert accepted is (name in BEYOND_SCHEMA)


def test_there_are_such_vectors() -> None:
    assert len(_payloads("malformed")) > 30


@pytest.mark.parametrize("levels", [{"1.1": 2}, {f"{a}.{b}": 1 for a in (1, 2, 3, 4, 5) for b in (1, 2, 3)}])
def test_what_is_written_fits_the_schema(levels: dict[str, int]) -> None:
    payload = split(Town.make().issue(levels=levels)).payload
    VALIDATOR.validate(json.loads(payload))
    assert dict(read_claims(payload).attestation.levels) == levels


def test_the_schema_is_itself_well_formed_and_complete() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == MEMBERS
    assert tuple(sorted(SCHEMA["properties"]["framework"]["enum"])) == framework_ids()


def test_the_type_metadata_names_only_members_of_the_type() -> None:
    metadata = schemas.read_json("claims/vct-attestation-1.json")
    for claim in metadata["claims"]:
        assert claim["path"][0] in MEMBERS
        assert {display["locale"] for display in claim["display"]} == {"fr", "en"}
