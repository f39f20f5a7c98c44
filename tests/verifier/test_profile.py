"""Profiles: one writing, hostile ones refused, and three answers of which none is « cannot »."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from passport.errors import MalformedError
from passport.framework import framework, framework_ids
from tests.town import DAY, NOON, Town
from verifier import Reason, Verdict, verify
from verifier.comparing import compared, profile_lines
from verifier.profile import Fit, answers, make_profile, overall, read_profile
from verifier.wording import word_report

TOWN = Town.make()
GOOD = verify(TOWN.issue(), trust=TOWN.trust(), status=TOWN.status(), at=NOON)  # 1.1: 2, 2.1: 3, 4.2: 1


def test_a_profile_has_one_writing() -> None:
    profile = read_profile("digcomp-3.0:2.1-2,1.1-3")
    assert profile.text == "digcomp-3.0:1.1-3,2.1-2"
    assert read_profile(profile.text) == profile


@given(st.sampled_from(framework_ids()), st.data())
def test_what_is_made_is_read_back(name: str, data: st.DataObject) -> None:
    known = framework(name)
    ids, steps = st.sampled_from([c.id for c in known.competences]), st.sampled_from(list(known.level_labels))
    made = make_profile(known, data.draw(st.dictionaries(ids, steps, min_size=1)))
    assert read_profile(made.text) == made


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "digcomp-3.0", "digcomp-3.0:", "digcomp-3.0:1.1", "digcomp-3.0:1.1-9", "digcomp-3.0:1.1-0",
        "digcomp-3.0:9.9-1", "digcomp-3.0:1.1-1,", "digcomp-3.0:1.1-1,1.1-2", "digcomp-3.0:1.1-1;2.1-1",
        "digcomp-2.2:1.1-1", "../digcomp-3.0:1.1-1", "decouverte:D1-3", "digcomp-3.0:1.1-١",
        "digcomp-3.0:1.1-1\n", " digcomp-3.0:1.1-1", "digcomp-3.0:1.1-1#<script>",
        "digcomp-3.0:" + "1.1-1," * 99,
    ],
)  # fmt: skip
def test_a_hostile_profile_is_refused(text: str) -> None:
    with pytest.raises(MalformedError) as error:
        read_profile(text)
    assert error.value.code == "profile"


@given(st.text(max_size=60))
def test_any_text_is_a_profile_or_refused(text: str) -> None:
    with contextlib.suppress(MalformedError):
        assert read_profile(text).levels


@pytest.mark.parametrize(
    ("text", "each", "whole"),
    [
        ("digcomp-3.0:1.1-2", ["met"], "met"),
        ("digcomp-3.0:1.1-1,2.1-3", ["met", "met"], "met"),
        ("digcomp-3.0:1.1-2,2.1-4", ["met", "partly"], "partly"),
        ("digcomp-3.0:1.1-8", ["partly"], "partly"),
        ("digcomp-3.0:1.1-2,5.4-1", ["met", "not_assessed"], "partly"),
        ("digcomp-3.0:5.4-1", ["not_assessed"], "not_assessed"),
        ("crcn:1.1-1", ["not_assessed"], "not_assessed"),  # levels of two frameworks are never converted
    ],
)
def test_the_answers(text: str, each: list[str], whole: str) -> None:
    assert GOOD.attestation is not None
    found = answers(read_profile(text), GOOD.attestation)
    assert [fit.value for fit in found.values()] == each
    assert overall(found).value == whole


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("reason", list(Reason))
def test_only_what_holds_is_compared(reason: Reason, lang: str) -> None:
    report = structs.replace(GOOD, reason=reason)
    said = word_report(report, lang=lang)
    comparison = compared(read_profile("digcomp-3.0:1.1-2,2.1-8,5.4-1"), report, said)
    if said.attestation is None:
        assert comparison is None
    elif reason.verdict is Verdict.INVALID:
        assert comparison is not None
        assert (comparison.fit, comparison.lines) == ("", ())
    else:
        assert comparison is not None
        assert [line.fit for line in comparison.lines] == ["met", "partly", "not_assessed"]
        assert comparison.lines[2].attested == ""
        told = " ".join(line.answer for line in comparison.lines).lower()
        assert not any(
            word in told for word in ("incapable", "unable", "cannot", "insuffisant", "échec", "fail")
        )
    assert compared(None, report, said) is None


def test_levels_are_said_in_words_and_first_steps_without_a_number() -> None:
    said = [line.level for line in profile_lines(read_profile("digcomp-3.0:1.1-2,2.1-8"), "fr")]
    assert said[0] == "Niveau 2 sur 8 ou plus\u00a0: Avec de l’aide si besoin"
    assert said[1].startswith("Niveau 8 sur 8\u00a0: ")
    first = [line.level for line in profile_lines(read_profile("decouverte:D1-1,D2-2"), "fr")]
    assert first == ["Avec aide, ou mieux", "Seul(e)"]


def test_an_old_paper_is_compared_as_long_as_it_holds() -> None:
    assert GOOD.attestation is not None
    late = structs.replace(GOOD, checked_at=NOON + 900 * DAY)
    comparison = compared(read_profile("digcomp-3.0:1.1-2"), late, word_report(late, lang="fr"))
    assert comparison is not None
    assert comparison.fit == Fit.MET
