"""The observation grid as published: complete, in both languages, of frameworks that exist."""

from __future__ import annotations

import json

import pytest

import schemas
from passport.errors import UnsupportedError
from passport.framework import framework
from passport.gestures import (
    DECOUVERTE,
    DIGCOMP,
    LANGUAGES,
    Rating,
    gesture,
    gestures_of,
    rated_competences,
    rating_meaning,
    rating_word,
    rule_in_words,
    rule_table,
    template,
    templates,
)

DATA = schemas.read_json("gestes.json")


def test_every_competence_of_both_frameworks_has_gestures() -> None:
    for id_ in (DIGCOMP, DECOUVERTE):
        assert rated_competences(id_) == tuple(c.id for c in framework(id_).competences)
    assert {len(gestures_of(DIGCOMP, c)) for c in rated_competences(DIGCOMP)} == {7}


def test_every_gesture_is_found_by_its_id_and_says_itself_in_both_languages() -> None:
    for id_ in (DIGCOMP, DECOUVERTE):
        for competence in rated_competences(id_):
            for one in gestures_of(id_, competence):
                assert gesture(one.id) is one
                assert (one.framework, one.competence) == (id_, competence)
                assert (one.level is None) is (id_ == DECOUVERTE)
                assert all(one.label(lang) for lang in LANGUAGES)


def test_a_gesture_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnsupportedError) as refused:
        gesture("9.9.g9")
    assert refused.value.code == "unknown_gesture"
    assert gestures_of(DIGCOMP, "D1") == ()
    assert template("zz") is None


def test_every_template_names_what_is_there() -> None:
    assert len(templates()) == len(DATA["ateliers"])
    for one in templates():
        assert template(one.id) == one
        found = [gesture(id_) for id_ in one.gestures]
        assert {g.framework for g in found} == {one.framework}
        assert {g.competence for g in found} == set(one.competences)
        assert 5 <= len(found) <= 8
        assert all(one.title(lang) for lang in LANGUAGES)


def test_ratings_are_those_of_the_file() -> None:
    assert [one["id"] for one in DATA["ratings"]] == [rating.value for rating in Rating]
    assert rating_word(Rating.ALONE, "fr") == "seul(e)"
    assert rating_word(None, "fr") == "pas vu"
    assert all(rating_meaning(rating, lang) for rating in (*Rating, None) for lang in LANGUAGES)


def test_the_rule_is_the_one_of_the_file() -> None:
    assert json.dumps([row.proposed for row in rule_table()]) == "[3, 2, 1, null]"
    assert rule_in_words(DIGCOMP, "fr") == DATA["rule"]["paragraph"]["fr"]
    assert rule_in_words(DECOUVERTE, "en") == DATA["rule"]["decouverte"]["en"]
