"""Two verifiers asked the same: ours in Python, and the bundle for browsers in one process of Node.

Decides: how a case is handed to each, and what counts as the same answer. Left to others: which cases.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passport.errors import PassportError, UnsupportedError
from passport.packing import unpack
from passport.trust.reading import read_pin
from tests import node
from verifier import StatusSnapshot, Trust, read_status, verify
from verifier.intake import read_text

__all__ = ["RUNNER", "Case", "Documents", "batch_of", "browser_answers", "known_of", "python_answers", "same"]

HERE = Path(__file__).parent
RUNNER = HERE / "run.mjs"
_SECONDS = 300
# Python's own parser gives up on nesting sooner or later, by version and by what called it; both refuse.
_NESTED = {"json_depth", "json_syntax"}


@dataclass(frozen=True)
class Documents:
    """What both sides know, as bytes."""

    pin: bytes
    trust_list: bytes | None
    now: bytes | None
    statuses: tuple[bytes, ...] = ()
    sets: dict[str, bytes] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Case:
    """One thing to judge: a token (text or bytes), digits, or a text that holds tokens."""

    given: str | bytes
    documents: Documents
    at: int
    kind: str = "token"
    name: str = ""


def batch_of(cases: Sequence[Case]) -> dict[str, Any]:
    """Return the cases as `answers.mjs` takes them; each document is in it once."""
    documents: dict[str, str] = {}
    known: dict[str, Any] = {}

    def keep(data: bytes | None) -> str | None:
        if data is None:
            return None
        name = hashlib.sha256(data).hexdigest()
        documents[name] = base64.b64encode(data).decode()
        return name

    def listed(given: Documents) -> str:
        name = str(id(given))
        known[name] = known.get(name) or {
            "pin": keep(given.pin),
            "trust_list": keep(given.trust_list),
            "now": keep(given.now),
            "statuses": [keep(status) for status in given.statuses],
            "sets": {digest: keep(data) for digest, data in given.sets.items()},
        }
        return name

    def task(case: Case) -> dict[str, Any]:
        given = {"known": listed(case.documents), "at": case.at}
        if isinstance(case.given, bytes):
            return given | {"bytes": base64.b64encode(case.given).decode()}
        return given | {case.kind: case.given}

    tasks = [task(case) for case in cases]
    return {"documents": documents, "known": known, "cases": tasks}


def browser_answers(cases: Sequence[Case], *options: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what the bundle answers, and the algorithms that it misses there."""
    command = [node.NODE, RUNNER, node.bundle(), *options]
    given = json.dumps(batch_of(cases))
    run = subprocess.run(command, input=given, capture_output=True, text=True, timeout=_SECONDS)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert len(said["found"]) == len(cases)
    return said["found"], said["missing"]


def python_answers(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return what Python answers, in the shape of `answers.mjs`."""
    known: dict[int, tuple[Trust | None, dict[str, StatusSnapshot]]] = {}
    return [_python_answer(case, known) for case in cases]


def _python_answer(case: Case, read: dict[int, Any]) -> dict[str, Any]:
    if id(case.documents) not in read:
        read[id(case.documents)] = known_of(case.documents)
    trust, status = read[id(case.documents)]
    try:
        tokens = _tokens(case)
    except PassportError as error:
        return {"refused": error.code, "unsupported": isinstance(error, UnsupportedError)}
    reports = [verify(token, trust=trust, status=status, at=case.at) for token in tokens]
    return {
        "reports": [
            r.to_json() | {"status_uris": list(r.status_uris), "browser_cannot": False} for r in reports
        ]
    }


def _tokens(case: Case) -> Sequence[str | bytes]:
    if isinstance(case.given, str) and case.kind == "digits":
        return [unpack(case.given)]
    if isinstance(case.given, str) and case.kind == "text":
        return read_text(case.given)
    return [case.given]


def known_of(given: Documents) -> tuple[Trust | None, dict[str, StatusSnapshot]]:
    """Return what our own verifier knows from these documents."""
    trust = Trust.salvage(given.trust_list, given.now, pin=read_pin(given.pin), sets=given.sets)
    snapshots = {}
    for document in given.statuses if trust else ():
        try:
            snapshot = read_status(document, trust=trust)
        except PassportError:
            continue
        snapshots[snapshot.uri] = snapshot
    return trust, snapshots


def same(answer: dict[str, Any]) -> Any:
    """Return an answer as it is compared: whole, save which of two codes says "nested too deep"."""

    def seen(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: seen(member) for name, member in value.items()}
        if isinstance(value, list):
            return [seen(member) for member in value]
        return "json_nested" if value in _NESTED else value

    return seen(json.loads(json.dumps(answer)))
