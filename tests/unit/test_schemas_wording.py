"""The words of verdicts: complete, honest, and never against the person."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

import schemas

# DESIGN.md, the reasons of a report, each with the verdict it goes with.
REASONS = {
    "valid": "valid",
    "replaced": "valid",
    "issuer_left": "valid",
    "expired": "invalid",
    "not_yet_valid": "invalid",
    "withdrawn": "invalid",
    "suspended": "invalid",
    "signature_invalid": "invalid",
    "issuer_unknown": "invalid",
    "issuer_not_accredited": "invalid",
    "key_not_valid": "invalid",
    "key_compromised": "invalid",
    "status_unavailable": "undetermined",
    "status_stale": "undetermined",
    "trust_unavailable": "undetermined",
    "trust_stale": "undetermined",
    "documents_disagree": "invalid",
    "specimen": "invalid",
    "malformed": "invalid",
    "unsupported": "invalid",
}

FRENCH_FAULT = re.compile(r"'|(?<![\u00a0\u202f])[:;?!»]|«(?![\u00a0\u202f])|  |\.\.\.")
FORBIDDEN = re.compile(r"passeport|certificat\b|dipl[ôo]m|passport|certificate\b|\bFALC\b", re.IGNORECASE)

VERDICTS = schemas.read_json("wording/verdicts.json")
STATES = VERDICTS["states"]


def strings(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from strings(value, f"{path}/{name}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from strings(value, f"{path}/{number}")
    elif isinstance(node, str):
        yield path, node


def french(node: Any) -> Iterator[tuple[str, str]]:
    return ((p, s) for p, s in strings(node) if "/fr" in p and "/official" not in p)


def test_every_reason_of_a_report_has_its_words_and_its_verdict() -> None:
    reports = {k: s["verdict"] for k, s in STATES.items() if s["kind"] == "report" and "variant_of" not in s}
    assert reports == REASONS
    assert all(
        STATES[s["variant_of"]]["verdict"] == s["verdict"] for s in STATES.values() if "variant_of" in s
    )
    assert STATES["specimen_notice"]["kind"] == "page"


@pytest.mark.parametrize("code", STATES)
def test_a_state_is_complete_and_alike_in_both_languages(code: str) -> None:
    state = STATES[code]
    assert state["severity"] in VERDICTS["severities"]
    for texts in (state, *([state["company"]] if "company" in state else [])):
        for lang in ("fr", "en"):
            assert set(texts[lang]) == {"title", "lead", "next", "easy", "optional"}
            assert all(texts[lang][part] for part in ("title", "lead", "next", "easy"))
            for line in texts[lang]["optional"]:
                assert set(re.findall(r"\{(\w+)\}", line["text"])) == set(line["needs"])
        for part in ("title", "lead", "next"):
            holes = [sorted(re.findall(r"\{(\w+)\}", texts[lang][part])) for lang in ("fr", "en")]
            assert set(holes[0]) == set(holes[1]), (code, part)
            assert set(holes[0]) <= set(VERDICTS["placeholders"])
        assert [x["needs"] for x in texts["fr"]["optional"]] == [x["needs"] for x in texts["en"]["optional"]]


def test_only_a_valid_report_may_look_green() -> None:
    assert {k for k, s in STATES.items() if s["severity"] == "ok"} == {"valid", "issuer_left"}
    assert all(
        s["verdict"] == "valid" for s in STATES.values() if s["severity"] == "ok" or s["icon"] == "check"
    )
    assert all(s["severity"] == "unknown" for s in STATES.values() if s["verdict"] == "undetermined")


def test_a_failure_of_ours_is_never_called_invalid_nor_blamed_on_the_person() -> None:
    for code in (
        "status_unavailable",
        "trust_unavailable",
        "trust_stale",
        "status_stale",
        "service_unavailable",
    ):
        words = " ".join(s for _, s in strings({lang: STATES[code][lang] for lang in ("fr", "en")}))
        assert not re.search(r"invalid|refusée|fausse|faux\b|not genuine", words, re.IGNORECASE), code
        assert "Ce n’est pas la faute de la personne" in words, code
    for code, state in STATES.items():
        if state["verdict"] == "invalid" and state["severity"] == "stop":
            assert "peut-être pour rien" in state["fr"]["next"], code
            assert "nothing to do with it" in state["en"]["next"], code


def test_a_company_is_not_called_a_person() -> None:
    for code, state in STATES.items():
        if "company" in state:
            words = " ".join(s for _, s in strings(state["company"]))
            assert not re.search(r"la personne|the person|Marie", words), code
        elif state["kind"] == "report" and state["verdict"] != "invalid":
            pytest.fail(f"{code} has no words for a company")


def test_the_words_of_verdicts_are_french_and_ours() -> None:
    words = [*french(STATES), *french(VERDICTS["ticks"]), *french(VERDICTS["severities"])]
    assert [(p, s) for p, s in words if FRENCH_FAULT.search(s)] == []
    assert [(p, s) for p, s in strings(STATES) if FORBIDDEN.search(s)] == []


def test_ticks_say_all_three_outcomes() -> None:
    assert list(VERDICTS["ticks"]) == ["signature", "accredited", "not_withdrawn", "dates"]
    for tick in VERDICTS["ticks"].values():
        assert set(tick) == {"passed", "failed", "undetermined"}
        assert len({said["fr"] for said in tick.values()}) == 3
