"""The rule, row by row, example by example, over everything that a grid can hold. The JSON is the source."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from issuer.workshop.proposing import HIGHEST, propose
from passport.gestures import DECOUVERTE, DIGCOMP, Rating, gestures_of, rated_competences, templates

RULE = schemas.read_json("gestes.json")["rule"]
ATELIERS = schemas.read_json("gestes.json")["ateliers"]
CELLS: tuple[Rating | None, ...] = (*Rating, None)
ORDER = {None: 0, Rating.NOT_YET: 0, Rating.WITH_HELP: 1, Rating.ALONE: 2}


def _ratings(ids: list[str], cells: tuple[Rating | None, ...]) -> dict[str, Rating]:
    return {id_: cell for id_, cell in zip(ids, cells, strict=True) if cell is not None}


def _ids(framework: str, competence: str) -> list[str]:
    return [g.id for g in gestures_of(framework, competence)]


def _said(text: str) -> tuple[Rating | None, ...]:
    return tuple(None if word == "-" else Rating(word) for word in text.split())


@pytest.mark.parametrize("example", RULE["examples"], ids=lambda e: e["ratings"])
def test_every_example_of_the_file(example: dict[str, str | int | None]) -> None:
    competence = str(example["competence"])
    ratings = _ratings(_ids(DIGCOMP, competence), _said(str(example["ratings"])))
    assert propose(DIGCOMP, competence, ratings).level == example["proposed"]


def _row(cells: dict[int, set[Rating | None]]) -> dict[str, object]:
    """Find the row of the table as its note says it, in words of its own."""
    alone, done = {Rating.ALONE}, {Rating.ALONE, Rating.WITH_HELP}
    for row in RULE["table"]:
        asked = {level: row[f"level_{level}_gestures"] for level in (1, 2, 3)}
        fits = [
            word == "any"
            or (word == "all_alone" and cells[level] <= alone)
            or (word == "all_at_least_with_help" and cells[level] <= done)
            for level, word in asked.items()
        ]
        if all(fits):
            return dict(row)
    raise AssertionError("the last row takes everything")


def test_everything_that_a_grid_of_seven_gestures_can_hold() -> None:
    gestures = gestures_of(DIGCOMP, "2.1")
    ids = [g.id for g in gestures]
    levels = set()
    for cells in product(CELLS, repeat=len(ids)):
        by_level = {
            level: {cell for g, cell in zip(gestures, cells, strict=True) if g.level == level}
            for level in (1, 2, 3)
        }
        row = _row(by_level)
        proposal = propose(DIGCOMP, "2.1", _ratings(ids, cells))
        assert (proposal.level, proposal.reason("fr"), proposal.reason("en")) == (
            row["proposed"],
            row["fr"],
            row["en"],
        )
        levels.add(proposal.level)
    assert levels == {None, 1, 2, 3}


COMPETENCES = st.sampled_from(rated_competences(DIGCOMP))


@given(COMPETENCES, st.lists(st.sampled_from(CELLS), min_size=7, max_size=7), st.integers(0, 6))
def test_doing_more_alone_never_lowers_the_level(
    competence: str, cells: list[Rating | None], at: int
) -> None:
    ids = _ids(DIGCOMP, competence)
    before = propose(DIGCOMP, competence, _ratings(ids, tuple(cells))).level or 0
    better = [*cells[:at], Rating.ALONE, *cells[at + 1 :]]
    after = propose(DIGCOMP, competence, _ratings(ids, tuple(better))).level or 0
    assert before <= after <= HIGHEST


@given(COMPETENCES, st.lists(st.sampled_from(CELLS), min_size=7, max_size=7))
def test_what_was_not_seen_and_what_is_not_done_yet_propose_the_same(
    competence: str, cells: list[Rating | None]
) -> None:
    ids = _ids(DIGCOMP, competence)
    unseen = [None if cell is Rating.NOT_YET else cell for cell in cells]
    assert propose(DIGCOMP, competence, _ratings(ids, tuple(cells))) == propose(
        DIGCOMP, competence, _ratings(ids, tuple(unseen))
    )


@given(COMPETENCES, st.lists(st.sampled_from(CELLS), min_size=7, max_size=7))
def test_gestures_of_other_competences_count_for_nothing(competence: str, cells: list[Rating | None]) -> None:
    ids = _ids(DIGCOMP, competence)
    mine = _ratings(ids, tuple(cells))
    others = {
        g: Rating.ALONE for c in rated_competences(DIGCOMP) if c != competence for g in _ids(DIGCOMP, c)
    }
    assert propose(DIGCOMP, competence, {**others, **mine}) == propose(DIGCOMP, competence, mine)


def test_the_highest_level_that_a_template_can_propose_is_the_one_of_the_file() -> None:
    for one, data in zip(templates(), ATELIERS, strict=True):
        if one.framework == DIGCOMP:
            alone = dict.fromkeys(one.gestures, Rating.ALONE)
            found = {c: propose(DIGCOMP, c, alone).level for c in one.competences}
            assert found == data["max_level"]


@pytest.mark.parametrize("theme", rated_competences(DECOUVERTE))
def test_a_theme_of_decouverte_is_a_mention_and_never_a_level(theme: str) -> None:
    ids = _ids(DECOUVERTE, theme)
    for cells in product(CELLS, repeat=len(ids)):
        seen = set(cells)
        done = seen <= {Rating.ALONE, Rating.WITH_HELP}
        expected = (2 if seen == {Rating.ALONE} else 1) if done else None
        assert propose(DECOUVERTE, theme, _ratings(ids, cells)).level == expected


def test_a_competence_without_gestures_is_proposed_nothing() -> None:
    assert propose(DIGCOMP, "9.9", {}).level is None
    assert propose("crcn", "1.1", {"1.1.g1": Rating.ALONE}).level is None
    assert propose(DECOUVERTE, "D9", {}).level is None
