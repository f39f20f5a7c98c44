"""The vectors, answered by the bundle for browsers: as each file says, and word for word as Python does."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.browser.sides import Case, Documents, browser_answers, python_answers, same

pytestmark = pytest.mark.node

FOLDER = Path(__file__).parents[2] / "vectors"
FILES = sorted(FOLDER.glob("*.json"))


def documents_of(named: dict[str, Any]) -> Documents:
    def read(name: str | None) -> bytes | None:
        return (FOLDER / name).read_bytes() if name is not None else None

    return Documents(
        pin=read(named["pin"]) or b"",
        trust_list=read(named["trust_list"]),
        now=read(named["now"]),
        statuses=tuple(read(name) or b"" for name in named["statuses"]),
        sets={digest: read(name) or b"" for digest, name in named["sets"].items()},
    )


def vectors() -> list[tuple[Case, dict[str, Any]]]:
    """Return every vector as a case, with what it expects."""
    found = []
    for path in FILES:
        vector = json.loads(path.read_text())
        kind = "digits" if "digits" in vector else "token"
        known = documents_of(vector["documents"])
        found.append((Case(vector[kind], known, vector["at"], kind, path.stem), vector["expect"]))
    return found


@cache
def _answered() -> dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    given = vectors()
    cases = [case for case, _ in given]
    browser, missing = browser_answers(cases)
    assert missing == []
    rows = zip(given, browser, python_answers(cases), strict=True)
    return {case.name: (expect, theirs, ours) for (case, expect), theirs, ours in rows}


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_vector(name: str) -> None:
    expect, browser, python = _answered()[name]
    (report,) = browser["reports"]
    got = {
        "verdict": report["verdict"],
        "reason": report["reason"],
        "shows_attestation": report["attestation"] is not None,
        "specimen": report["specimen"],
    }
    assert got == expect, report["checks"]
    assert same(browser) == same(python)


def test_every_vector_ran() -> None:
    assert len(_answered()) == len(FILES) == 408
