"""The bundle in a real Chromium, whose WebCrypto is not Node's: all vectors, and some damaged cases."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from tests import node
from tests.pages.conftest import chromium  # noqa: F401  the fixture
from tests.verifier.browser.sides import HERE, Case, batch_of, python_answers, same
from tests.verifier.browser.test_differential import SOURCES
from tests.verifier.browser.test_vectors import vectors

pytestmark = [pytest.mark.node, pytest.mark.browser]

PAGE = "https://verification.example"
ASK = """async batch => {
    const [core, { answers }] = await Promise.all([import("/bundle.mjs"), import("/answers.mjs")]);
    return { found: await answers(core, batch), missing: await core.missingAlgorithms() };
}"""


def _files() -> dict[str, tuple[str, bytes]]:
    script = "text/javascript"
    return {
        f"{PAGE}/": ("text/html", b"<!doctype html><title>.</title>"),
        f"{PAGE}/bundle.mjs": (script, node.bundle().read_bytes()),
        f"{PAGE}/answers.mjs": (script, Path(HERE / "answers.mjs").read_bytes()),
    }


def _answers(browser: Browser, cases: list[Case]) -> dict[str, Any]:
    files = _files()

    def serve(route: Route) -> None:
        kind, body = files[route.request.url]  # anything else that were asked for would be an error here
        route.fulfill(content_type=kind, body=body)

    context = browser.new_context(service_workers="block")
    context.route("**/*", serve)
    page = context.new_page()
    page.goto(f"{PAGE}/")
    answer: dict[str, Any] = page.evaluate(ASK, json.loads(json.dumps(batch_of(cases))))
    context.close()
    return answer


def test_every_vector_is_answered_as_python_answers_it(chromium: Browser) -> None:  # noqa: F811
    cases = [case for case, _ in vectors()]
    answer = _answers(chromium, cases)
    assert answer["missing"] == []
    found = dict(zip((case.name for case in cases), map(same, answer["found"]), strict=True))
    python = dict(zip((case.name for case in cases), map(same, python_answers(cases)), strict=True))
    assert found == python


def test_damaged_cases_are_answered_as_python_answers_them(chromium: Browser) -> None:  # noqa: F811
    rng = random.Random("chromium")
    sources = ("tokens", "claims", "digits", "credentials", "consistent credentials", "bitstring documents")
    cases = [case for name in sources for case in rng.sample(list(SOURCES[name](rng)), 100)]
    assert list(map(same, _answers(chromium, cases)["found"])) == list(map(same, python_answers(cases)))
