"""The typed code: every single error and every neighbour swap is caught, and says where to look."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedError, PassportError
from passport.typed_code import (
    _WEIGHTS_3,
    _WEIGHTS_8,
    ALPHABET,
    LENGTH,
    _times_8,
    format_code,
    new_code,
    read_code,
)

CODES = [new_code(random_below=random.Random(seed).randrange) for seed in range(40)]


def _refused(code: str) -> bool:
    try:
        read_code(code)
    except MalformedError as error:
        return error.code == "code_check"
    return False


@pytest.mark.parametrize("code", CODES)
def test_every_single_error_is_caught(code: str) -> None:
    for place in range(LENGTH):
        for other in ALPHABET.replace(code[place], ""):
            assert _refused(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize("code", CODES)
def test_every_swap_of_neighbours_is_caught(code: str) -> None:
    for place in range(LENGTH - 1):
        a, b = code[place], code[place + 1]
        if a != b:
            assert _refused(code[:place] + b + a + code[place + 2 :])


def test_the_proof_for_all_codes_at_once() -> None:
    """The check is linear: an error of difference d at place i shows when weight·d is not zero in one field.

    Walked over every difference and place, this proves the two tests above for all 24^10 codes.
    """
    pairs = [(a, b) for a in range(24) for b in range(24) if a != b]
    for place in range(LENGTH):
        for a, b in pairs:
            in_8 = _times_8(a // 3, _WEIGHTS_8[place]) ^ _times_8(b // 3, _WEIGHTS_8[place])
            in_3 = (a % 3 - b % 3) * _WEIGHTS_3[place] % 3
            assert (in_8, in_3) != (0, 0)
    for place in range(LENGTH - 1):
        for a, b in pairs:
            weights_8, weights_3 = _WEIGHTS_8[place : place + 2], _WEIGHTS_3[place : place + 2]
            before_8 = _times_8(a // 3, weights_8[0]) ^ _times_8(b // 3, weights_8[1])
            after_8 = _times_8(b // 3, weights_8[0]) ^ _times_8(a // 3, weights_8[1])
            before_3 = (a % 3 * weights_3[0] + b % 3 * weights_3[1]) % 3
            after_3 = (b % 3 * weights_3[0] + a % 3 * weights_3[1]) % 3
            assert (before_8, before_3) != (after_8, after_3)


def test_gf8_is_a_field() -> None:
    for a in range(1, 8):
        assert sorted(_times_8(a, b) for b in range(8)) == list(range(8))
        for b in range(8):
            for c in range(8):
                assert _times_8(a, b ^ c) == _times_8(a, b) ^ _times_8(a, c)
                assert _times_8(_times_8(a, b), c) == _times_8(a, _times_8(b, c))


@given(st.integers(0, len(CODES) - 1), st.sampled_from(["-", " ", " - ", "\u00a0", ".", "–"]))
def test_case_spaces_and_dashes_are_forgiven(which: int, between: str) -> None:
    code = CODES[which]
    assert read_code(between.join((code[:4], code[4:8], code[8:])).lower() + " ") == code


def test_groups_as_printed() -> None:
    assert format_code("2346789BCDF") == "2346-789B-CDF"


@pytest.mark.parametrize(
    ("typed", "group"), [("O346-789B-CDF", 1), ("2346-7I9B-CDF", 2), ("2346-789B-CDZ", 3)]
)
def test_a_letter_outside_names_its_group(typed: str, group: int) -> None:
    with pytest.raises(MalformedError) as caught:
        read_code(typed)
    assert caught.value.code == "code_letter"
    assert caught.value.detail == {"group": group}


@pytest.mark.parametrize(("right", "seen"), ["8B", "B8", "6G", "G6", "GC", "VY", "PR"])
def test_a_character_that_looks_alike_names_its_group_or_none_and_never_another(
    right: str, seen: str
) -> None:
    named = 0
    for code in CODES:
        for place in (place for place in range(LENGTH) if code[place] == right):
            with pytest.raises(MalformedError) as caught:
                read_code(code[:place] + seen + code[place + 1 :])
            group = 1 + place // 4
            assert caught.value.code == "code_check"
            assert caught.value.detail in ({}, {"group": group})
            named += caught.value.detail == {"group": group}
    assert named


@pytest.mark.parametrize("typed", ["", "2346", "2346-789B-CDFG", "x" * 10_000, "٢٣٤٦-٧٨٩B-CDF"])
def test_wrong_length_or_script(typed: str) -> None:
    with pytest.raises(MalformedError):
        read_code(typed)


def test_codes_are_spread_over_the_alphabet() -> None:
    seen = "".join(new_code() for _ in range(400))
    assert set(seen) == set(ALPHABET)


@given(st.text(max_size=80))
def test_any_text_gives_a_code_or_our_error(text: str) -> None:
    try:
        assert len(read_code(text)) == LENGTH
    except PassportError as error:
        assert error.code.startswith("code_")  # noqa: PT017
