"""Names: the short way says what the long one says."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport import model
from passport.errors import MalformedError
from passport.limits import LIMITS
from passport.model import Holder

USUAL = ["Zoé", "Jean-Pierre", "Dupont", "L’Héveder-Nuñez", "d'Ornano", "Šťastný", "de La Tour", "Å"]
OTHER = [
    "Nguyễn",
    "Мария",
    "J. R.",
    "Anne--Marie",
    "x" * 60,
    "O'",
    "Al-",
    "3M",
    "Zoé ",
    " Zoé",
    "a\u0301",
    "",
]


def _answer(text: str) -> str:
    try:
        Holder(text, "B")
    except MalformedError as error:
        return error.code
    return "taken"


def _long_way(text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    class Nothing:
        @staticmethod
        def fullmatch(_: str) -> None:
            return None

    with monkeypatch.context() as patched:
        patched.setattr(model, "_USUAL", Nothing)
        return _answer(text)


def test_each_usual_letter_is_a_character_of_its_own() -> None:
    letters = [chr(c) for c in range(0x250) if model._USUAL.fullmatch(chr(c))]
    assert len(letters) > 240
    for letter in letters:
        assert letter.isalpha()
        assert letter.isprintable()
        assert unicodedata.is_normalized("NFC", letter)
        assert unicodedata.is_normalized("NFC", "a" + letter + "e")
        assert unicodedata.combining(letter) == 0


@pytest.mark.parametrize("text", [*USUAL, *OTHER, "é" * LIMITS.name_chars, "é" * (LIMITS.name_chars + 1)])
def test_both_ways_say_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _answer(text) == _long_way(text, monkeypatch)
    if text in USUAL:
        assert model._USUAL.fullmatch(text)
        assert _answer(text) == "taken"


@given(st.text("aZéÿžŉ '’-.\u0301\u202e", max_size=8))
def test_both_ways_say_the_same_of_anything(text: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert _answer(text) == _long_way(text, monkeypatch)
