"""What is built for browsers: small, with a known licence, unable to fetch, and with the tables of Python."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import unicodedata
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import schemas
from passport.errors import MalformedError
from passport.framework import framework, framework_ids
from passport.limits import LIMITS
from passport.model import LATEST_INSTANT, Holder
from tests import node
from tests.verifier.browser.sides import HERE, browser_answers, python_answers, same
from tests.verifier.browser.test_vectors import vectors
from verifier.intake import looks_like_code
from verifier.report import CHECK_CODES, PRECEDENCE

pytestmark = pytest.mark.node

MOST_BYTES = 18_000
# A typed code is asked of a server: both must send the same texts there.
CODES = [
    *("2346-789B-CD8", " 2346 789b cd8\n", "2346–789B–CDF", "ABCD-1234-5E", "« 2346​789B CDF »", "2346"),
    *("2346  789B-CD8", "2346\v789B-CD8", "2346-789B-CD8 merci", "bonjour", "", "2" * 64, "​" * 60 + "2346"),
    *("​" * 50 + "2346789BCD8", "​" * 60 + "2346789BCD8", "2346.789B.CD8", "(2346-789B-CD8)", "é346-789B-CD8"),
]
SOURCES = sorted((node.BROWSER / "src").rglob("*.ts"))


@cache
def _tables() -> dict[str, Any]:
    node.bundle()  # makes the vocabulary
    tables_of = [node.NODE, HERE / "tables.mjs", json.dumps(CODES)]
    run = subprocess.run(tables_of, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    tables: dict[str, Any] = json.loads(run.stdout)
    return tables


def test_it_is_small() -> None:
    assert len(gzip.compress(node.bundle().read_bytes(), 9)) <= MOST_BYTES


def test_it_says_whose_it_is() -> None:
    licences = (node.bundle().parent / "LICENCES.txt").read_text("utf-8")
    assert (
        node.bundle().read_text("utf-8").startswith("/*! Digital skills passport, EUPL-1.2; parts by others")
    )
    assert re.findall(r"^(\S+) [\d.]+, (.+)$", licences, re.M) == [("zxing-wasm", "MIT")]
    assert "compiled from ZXing-C++, Apache-2.0" in licences
    assert "Apache License" in licences
    assert "Permission is hereby granted, free of charge" in licences


def test_it_cannot_fetch_show_or_tell_the_time() -> None:
    """The types forbid it too: `globals.d.ts` names all that a browser is asked for."""
    asks = re.compile(
        r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|document|navigator"
        r"|localStorage|indexedDB|caches|Date\.now|new Date\(\)|setTimeout|eval|Function\()\b"
    )
    assert asks.findall(node.bundle().read_text("utf-8")) == []


def test_nothing_built_names_a_server_of_others() -> None:
    built = sorted(node.bundle().parent.glob("*.js"))
    assert len(built) == 5
    for path in built:
        named = set(re.findall(r"https?://[a-z0-9.-]+", path.read_text("utf-8")))
        assert named <= {"http://www.w3.org", "https://www.w3.org", "https://purl.imsglobal.org"}, path


def test_its_files_are_short_and_say_what_they_decide() -> None:
    assert len(SOURCES) > 15
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert text.startswith("// "), path
        assert text.count("\n") <= 300, path


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((node.BROWSER / "package-lock.json").read_text("utf-8"))
    assert [name for name, one in lock["packages"].items() if "resolved" in one] == []
    assert all("integrity" in one for name, one in lock["packages"].items() if name)


def test_limits_are_those_of_python() -> None:
    named = {re.sub(r"[A-Z]", lambda c: "_" + c[0].lower(), k): v for k, v in _tables()["limits"].items()}
    assert named.pop("latest_instant") == LATEST_INSTANT
    assert named == {name: getattr(LIMITS, name) for name in named}


def test_frameworks_and_dictionaries_are_those_of_schemas() -> None:
    assert _tables()["dictionaries"] == schemas.read_json("dictionaries/index.json")["versions"]
    assert _tables()["frameworks"] == {
        name: {
            "competences": [competence.id for competence in framework(name).competences],
            "levels": list(framework(name).level_labels),
        }
        for name in framework_ids()
    }


def test_reasons_and_checks_are_those_of_python() -> None:
    assert _tables()["reasons"] == [[reason.value, reason.verdict.value] for reason in PRECEDENCE]
    assert _tables()["checks"] == list(CHECK_CODES)


def test_the_same_texts_look_like_typed_codes() -> None:
    told = [looks_like_code(text) for text in CODES]
    assert _tables()["codes"] == told
    assert 5 < sum(told) < len(told) - 5


def _is_name(text: str) -> bool:
    try:
        Holder(text, "b")
    except MalformedError:
        return False
    return True


def test_every_character_that_python_knows_is_judged_alike() -> None:
    """Characters younger than this Python's Unicode are left out: docs/known-issues.md."""
    characters, marks = _tables()["characters"], _tables()["names"]
    assert len(marks) == 2 * len(characters) > 400_000
    apart = [
        hex(ord(character))
        for place, character in enumerate(characters)
        if unicodedata.category(character) != "Cn"
        and marks[2 * place : 2 * place + 2] != f"{_is_name(character):d}{_is_name(f'a{character}b'):d}"
    ]
    assert apart == []
    assert _tables()["blanks"] == [character for character in characters if character.isspace()]


@pytest.mark.parametrize(("algorithm", "missing"), [("Ed25519", ["EdDSA"]), ("ECDSA", ["ES256"])])
def test_a_browser_without_an_algorithm_is_undecided_and_says_so(algorithm: str, missing: list[str]) -> None:
    cases = [case for case, _ in vectors()]
    answers, told = browser_answers(cases, f"without={algorithm}")
    assert told == missing
    apart = 0
    for case, answer, ours in zip(cases, answers, python_answers(cases), strict=True):
        if same(answer) == same(ours):
            continue
        apart += 1
        if "cannot" in answer:
            continue  # the documents themselves could not be checked: a page asks its server
        (report,) = answer["reports"]
        assert (report["verdict"], report["browser_cannot"]) == ("undetermined", True), case.name
        assert report["attestation"] is None
    assert apart


def test_a_time_that_is_no_number_makes_nothing_green() -> None:
    (case, _) = next(row for row in vectors() if row[0].name == "valid")
    answers, _ = browser_answers([replace(case, at=None)])  # type: ignore[arg-type]
    assert answers[0]["reports"][0]["verdict"] == "undetermined"
