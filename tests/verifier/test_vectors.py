"""Every vector, one failure a file: the answer is exactly what the file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passport.errors import PassportError
from passport.packing import unpack
from passport.trust.reading import read_pin
from verifier import Reason, StatusSnapshot, Trust, read_status, verify
from verifier.verifying import verify_all

FOLDER = Path(__file__).parents[1] / "vectors"
FILES = sorted(FOLDER.glob("*.json"))
KEYS = {"why", "source", "token", "digits", "documents", "at", "expect"}
DOCUMENTS = {"pin", "trust_list", "now", "statuses", "sets"}
EXPECT = {"verdict", "reason", "shows_attestation", "specimen"}


def _read(name: str | None) -> bytes | None:
    return (FOLDER / name).read_bytes() if name is not None else None


def _known(documents: dict[str, Any]) -> tuple[Trust | None, dict[str, StatusSnapshot]]:
    pin = read_pin(_read(documents["pin"]) or b"")
    sets = {digest: _read(name) or b"" for digest, name in documents["sets"].items()}
    trust = Trust.salvage(_read(documents["trust_list"]), _read(documents["now"]), pin=pin, sets=sets)
    snapshots = {}
    for name in documents["statuses"] if trust else []:
        try:
            snapshot = read_status(_read(name) or b"", trust=trust)
        except PassportError:
            continue  # a list that must not be believed is not known
        snapshots[snapshot.uri] = snapshot
    return trust, snapshots


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    vector = json.loads(path.read_text())
    assert vector.keys() <= KEYS
    assert vector["documents"].keys() == DOCUMENTS
    assert vector["expect"].keys() == EXPECT
    assert vector["why"]
    assert vector["source"]
    trust, statuses = _known(vector["documents"])
    token = unpack(vector["digits"]) if "digits" in vector else vector["token"]
    report = verify(token, trust=trust, status=statuses, at=vector["at"])
    got = {
        "verdict": report.verdict.value,
        "reason": report.reason.value,
        "shows_attestation": report.attestation is not None,
        "specimen": report.specimen,
    }
    assert got == vector["expect"], report.checks
    assert bool(report) is (vector["expect"]["verdict"] == "valid")


def test_every_vector_ran() -> None:
    assert len(FILES) == 408


def test_every_reason_of_verify_has_a_vector() -> None:
    told = {json.loads(path.read_text())["expect"]["reason"] for path in FILES}
    # `documents_disagree` is about a file that holds two credentials: tests/verifier/test_files.py.
    assert told == {reason.value for reason in Reason} - {"documents_disagree"}


def test_every_document_is_used() -> None:
    named = json.dumps([json.loads(path.read_text())["documents"] for path in FILES])
    assert all(f"documents/{path.name}" in named for path in (FOLDER / "documents").iterdir())


def test_together_they_are_judged_as_each_is_alone() -> None:
    """What one credential of a call has shown of its key is not taken for true of another."""
    asked: dict[str, list[dict[str, Any]]] = {}
    for path in FILES:
        vector = json.loads(path.read_text())
        asked.setdefault(json.dumps([vector["documents"], vector["at"]]), []).append(vector)
    several = [vectors for vectors in asked.values() if len(vectors) > 1]
    assert sum(map(len, several)) > 200
    for vectors in several:
        trust, statuses = _known(vectors[0]["documents"])
        tokens = [unpack(one["digits"]) if "digits" in one else one["token"] for one in vectors]
        given = [*tokens, *reversed(tokens), *tokens]
        at = vectors[0]["at"]
        alone = [verify(token, trust=trust, status=statuses, at=at) for token in given]
        assert verify_all(given, trust=trust, status=statuses, at=at) == alone
