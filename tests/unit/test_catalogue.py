"""The words of pages and prints: two languages that agree, strict filling, dates and times in words."""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest

from passport.errors import PassportError
from passport.pages.catalogue import Catalogue, catalogue, date_in_words, fill, time_in_words

FR, EN = catalogue("fr"), catalogue("en")
FRENCH_FAULT = re.compile(r"'|(?<![\u00a0\u202f])[:;?!»]|«(?![\u00a0\u202f])|  |\.\.\.")


def said(words: Catalogue, key: str) -> str:
    """Return the text at `key`, each hole filled with the name of its value."""
    values = {name: name.upper() for name in words.placeholders(key)}
    if key.split(".")[-1] == "lines":
        return "\n".join(words.lines(key, **values))
    return words.text(key, **values)


def test_both_languages_have_the_same_keys() -> None:
    assert FR.keys == EN.keys
    assert len(FR.keys) > 100


@pytest.mark.parametrize("key", FR.keys)
def test_both_languages_ask_for_the_same_values(key: str) -> None:
    assert FR.placeholders(key) == EN.placeholders(key)
    for words in (FR, EN):
        text = said(words, key)
        assert text == text.strip()
        assert text
        assert "{" not in text
        assert "}" not in text
    assert said(FR, key).count("\n") == said(EN, key).count("\n")


def test_french_is_set_as_french() -> None:
    assert [(key, said(FR, key)) for key in FR.keys if FRENCH_FAULT.search(said(FR, key))] == []


def test_english_apostrophes_and_quotes_are_typographic() -> None:
    assert [key for key in EN.keys if re.search("['\"]", said(EN, key))] == []


def test_a_person_is_never_told_of_a_passport_or_a_certificate() -> None:
    forbidden = re.compile(r"passeport|passport|certificat\b|certificate\b|\bFALC\b", re.IGNORECASE)
    assert [key for words in (FR, EN) for key in words.keys if forbidden.search(said(words, key))] == []


def test_what_must_be_printed_is_there_word_for_word() -> None:
    assert FR.text("notice") == (
        "Attestation locale de compétences numériques. "
        "Ce n’est ni un diplôme ni une certification professionnelle."
    )
    assert FR.text("your_paper") == "Ce papier est à vous. C’est vous qui choisissez à qui le montrer."
    assert FR.text("compare_name") == "Comparez le nom"
    assert FR.text("site.specimen") == FR.text("sheet.specimen") == "Spécimen, sans valeur"
    assert FR.text("site.title") == "Vérifier une attestation"


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422, 429, 500, 503])
def test_an_error_page_says_what_to_do_and_never_that_an_attestation_is_invalid(status: int) -> None:
    for words in (FR, EN):
        texts = [said(words, f"errors.{status}.{part}") for part in ("title", "lead", "next")]
        assert len(set(texts)) == 3
        assert not re.search(r"invalid|refusé|HTTP|\b[45]\d\d\b", " ".join(texts), re.IGNORECASE)


def test_the_privacy_notice_stays_short_enough_to_be_read() -> None:
    assert len(said(FR, "back.privacy.text").split()) <= 95


def test_filling_is_strict() -> None:
    assert FR.text("level.number", level=3, max=8) == "Niveau 3 sur 8"
    for values in ({}, {"level": 3}, {"level": 3, "max": 8, "more": 1}):
        with pytest.raises(PassportError) as error:
            FR.text("level.number", **values)
        assert error.value.code == "text_values"
    with pytest.raises(PassportError) as error:
        FR.lines("back.next.lines")
    assert error.value.code == "text_values"
    assert FR.lines("back.next.lines", contact="Régie, 01 99 00 00 00")[-1].endswith(
        ": Régie, 01 99 00 00 00."
    )


@pytest.mark.parametrize("key", ["no.such.key", "site", "", "site.title.more", "back.why.lines"])
def test_an_unknown_text_is_an_error(key: str) -> None:
    with pytest.raises(PassportError) as error:
        FR.text(key)
    assert error.value.code == "unknown_text"


def test_lines_and_text_are_not_confused() -> None:
    assert len(FR.lines("back.why.lines")) == 3
    with pytest.raises(PassportError) as error:
        FR.lines("site.title")
    assert error.value.code == "unknown_text"


def test_a_value_is_never_read_as_a_template() -> None:
    hostile = "{max} %s {0.__class__} \\1 \0"
    assert FR.text("level.number", level=hostile, max=8) == f"Niveau {hostile} sur 8"
    assert len(FR.lines("back.next.lines", contact=hostile)) == 3
    assert fill("{a}{b}", {"a": "{b}", "b": "x"}, where="here") == "{b}x"


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(PassportError) as error:
        catalogue("../fr")
    assert error.value.code == "unknown_language"
    assert catalogue("fr") is FR


def test_dates_in_words() -> None:
    assert date_in_words(date(2027, 3, 1), "fr") == "1er mars 2027"
    assert date_in_words(date(2027, 3, 3), "fr") == "3 mars 2027"
    assert date_in_words(date(2027, 8, 31), "fr") == "31 août 2027"
    assert date_in_words(date(2027, 3, 1), "en") == "1 March 2027"
    assert date_in_words(date(2026, 12, 25), "en") == "25 December 2026"
    months = {date_in_words(date(2027, month, 2), "fr") for month in range(1, 13)}
    assert len(months) == 12


def test_times_in_words() -> None:
    zone = timezone(timedelta(hours=2))
    assert time_in_words(datetime(2027, 3, 1, 14, 5, tzinfo=zone), "fr") == "14\u00a0h\u00a005"
    assert time_in_words(datetime(2027, 3, 1, 9, 0, tzinfo=UTC), "fr") == "9\u00a0h\u00a000"
    assert time_in_words(datetime(2027, 3, 1, 9, 5, tzinfo=UTC), "en") == "09:05"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(PassportError) as error:
        time_in_words(datetime(2027, 3, 1, 14, 5), "fr")  # noqa: DTZ001
    assert error.value.code == "naive_time"


def test_the_files_hold_texts_and_lines_only_and_no_key_with_a_dot() -> None:
    def check(node: Any) -> None:
        for name, value in node.items():
            assert re.fullmatch(r"[a-z0-9_]+", name), name
            if isinstance(value, dict):
                check(value)
            else:
                assert isinstance(value, str) or all(isinstance(line, str) for line in value), name

    for lang in ("fr", "en"):
        check(json.loads(files("passport.pages").joinpath("catalogue", f"{lang}.json").read_bytes()))
