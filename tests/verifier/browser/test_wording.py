"""The page made in the browser says, of every vector and in both languages, what the server's page says."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from passport.errors import PassportError
from passport.framework import Lang, framework_ids
from passport.packing import unpack
from tests import node
from tests.verifier.browser.sides import HERE, batch_of, known_of
from tests.verifier.browser.test_vectors import vectors
from verifier import verify
from verifier.comparing import compared
from verifier.profile import read_profile
from verifier.web.device import device_files
from verifier.web.frame import reach_of
from verifier.wording import check_reference, word_page, word_report

pytestmark = pytest.mark.node

CONTACT = "Réseau d’Exemple, 01 99 00 00 00, aide@exemple.example"
WAYS: list[dict[str, Any]] = [
    {"lang": lang, "offline": offline, "contact": contact}
    for lang in ("fr", "en")
    for offline, contact in ((False, CONTACT), (True, ""))
]
PROFILES = [
    "digcomp-3.0:1.1-2,2.1-8,5.4-1",
    "digcomp-3.0:1.1-1",
    "decouverte:D1-1,D2-2",
    "crcn:1.1-3",
    *(
        "x",
        "",
        "digcomp-3.0:",
        "digcomp-3.0:1.1-9",
        "digcomp-3.0:1.1-1,1.1-2",
        "nope:1.1-1",
        "digcomp-3.0:9.9-1",
    ),
]
CONTACTS = [CONTACT, "", "+33 1 99 00 00 00", "a.b@c-d.example.org ou 0199000000", "06.99.00.00.00", "12 rue"]
PAGES = ["not_an_attestation", "qr_unreadable"]
# What the browser does not need: a line of a table, a masked name.
_LEFT_OUT = {"lang", "body", "assessed_on", "short"}


@dataclass(frozen=True)
class Both:
    browser: dict[str, Any]
    names: tuple[str, ...]
    python: list[dict[str, Any]]


def served(path: Path) -> Path:
    """Write down what the counter serves of words and frameworks."""
    node.bundle()
    files = device_files()
    assert files is not None
    data = {
        "words": {lang: json.loads(file.data) for lang, file in files.words.items()},
        "frameworks": {
            one: {lang: json.loads(file.data) for lang, file in named.items()}
            for one, named in files.frameworks.items()
        },
    }
    assert list(data["frameworks"]) == list(framework_ids())
    path.write_text(json.dumps(data), "utf-8")
    return path


def shape(value: Any) -> Any:
    """Return what a dataclass of ours says, as JSON, without what only the server's table needs."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items() if name not in _LEFT_OUT}
    if isinstance(value, (list, tuple)):
        return [shape(one) for one in value]
    return value


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    cases = [case for case, _ in vectors()]
    given = {
        "batch": batch_of(cases),
        "ways": WAYS,
        "pages": PAGES,
        "profiles": PROFILES,
        "contacts": CONTACTS,
    }
    command = [node.NODE, HERE / "wording.mjs", served(tmp_path_factory.mktemp("served") / "data.json")]
    run = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    python, names = [], []
    for case in cases:
        trust, status = known_of(case.documents)
        token = unpack(str(case.given)) if case.kind == "digits" else str(case.given).encode()
        report = verify(token, trust=trust, status=status, at=case.at)
        for way in WAYS:
            said = word_report(report, reference=check_reference(token, report.checked_at), **way)
            fits = [compared(profile, report, said) if (profile := _profile(p)) else None for p in PROFILES]
            python.append(shape({"said": asdict(said), "fits": [one and asdict(one) for one in fits]}))
            names.append(f"{case.name} {way['lang']} {way['offline']}")
    return Both(json.loads(run.stdout), tuple(names), python)


@cache
def _profile(text: str) -> Any:
    try:
        return read_profile(text)
    except PassportError:
        return None


def test_every_vector_is_worded_alike(both: Both) -> None:
    browser = dict(zip(both.names, both.browser["found"], strict=True))
    assert len(browser) == len(WAYS) * len(vectors())
    for name, ours in zip(both.names, both.python, strict=True):
        assert shape(browser[name]) == json.loads(json.dumps(ours)), name


def test_every_reason_was_among_them(both: Both) -> None:
    states = {one["said"]["state"] for one in both.python}
    assert {"valid", "offline_valid", "offline_unknown", "withdrawn", "trust_stale", "replaced"} <= states
    assert len(states) > 18


def test_states_without_a_report_are_worded_alike(both: Both) -> None:
    languages: tuple[Lang, ...] = ("fr", "en")
    ours = [shape(asdict(word_page(state, lang=lang))) for state in PAGES for lang in languages]
    assert both.browser["pages"] == json.loads(json.dumps(ours))


def test_every_text_that_the_page_asks_for_is_served() -> None:
    files = device_files()
    assert files is not None
    sources = "".join(path.read_text("utf-8") for path in (node.BROWSER / "src" / "page").glob("*.ts"))
    asked = set(re.findall(r"""words\.(?:text|lines)\(\s*["`]([a-z_.]+)""", sources))
    assert len(asked) > 60
    for file in files.words.values():
        served = json.loads(file.data)["texts"]
        assert [key for key in asked if not any(one.startswith(key) for one in served)] == []


def test_the_same_profiles_are_read(both: Both) -> None:
    assert both.browser["profiles"] == [_profile(text) is not None for text in PROFILES]


def test_the_same_numbers_and_addresses_are_found(both: Both) -> None:
    assert both.browser["reaches"] == [asdict(reach_of(contact)) for contact in CONTACTS]
