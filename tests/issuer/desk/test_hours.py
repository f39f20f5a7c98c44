"""Opening hours: as people type them, as the national schema wants them, and back into words."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.network.hours import DAYS, read_hours
from issuer.web.directory import hours_in_words, phone_in_words
from passport.framework import Lang

_TIMES = st.integers(0, 24 * 4 - 1).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


def _spans(times: list[str]) -> str:
    return ",".join(f"{start}-{end}" for start, end in zip(times[::2], times[1::2], strict=True))


_SPANS = (
    st.sampled_from([2, 4])
    .flatmap(lambda size: st.lists(_TIMES, min_size=size, max_size=size, unique=True))
    .map(lambda times: _spans(sorted(times)))
)
_DAY = st.one_of(
    st.sampled_from(DAYS),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map("-".join),
)
_LINE = st.tuples(st.lists(_DAY, min_size=1, max_size=3).map(",".join), _SPANS | st.just("off")).map(" ".join)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("du lundi au vendredi : 9 h – 12 h et 14 h – 17 h 30", "Mo-Fr 09:00-12:00,14:00-17:30"),
        ("Lundi, mardi et jeudi 9h-12h\nsamedi 10h-12h", "Mo,Tu,Th 09:00-12:00; Sa 10:00-12:00"),
        ("les mardis de 9h30 à 12h.", "Tu 09:30-12:00"),
        ("lun-ven 9h-17h ; dim. fermé", "Mo-Fr 09:00-17:00; Su off"),
        ("Tous les jours : 8h-20h", "Mo-Su 08:00-20:00"),
        ("Monday to Friday: 09:00-12:00 and 14:00-18:00", "Mo-Fr 09:00-12:00,14:00-18:00"),
        ("Mo-Fr 09:00-12:00; PH off", "Mo-Fr 09:00-12:00; PH off"),
        ("24/7", "24/7"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, read: str) -> None:
    assert read_hours(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        *("quand il fait beau", "lundi", "9h-12h", "lundi 14h-9h", "lundi 9h-25h", "lundi 9h-12h70"),
        *("<b>", "lundi 9h-12h, sur rendez-vous", "x" * 601, "lundi 9h-12h\n" * 20),
    ],
)
def test_nothing_is_guessed(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_hours(typed)


@given(st.lists(_LINE, max_size=4).map("; ".join), st.sampled_from(["fr", "en"]))
def test_what_is_shown_reads_back_as_it_was(hours: str, lang: Lang) -> None:
    assert read_hours("\n".join(hours_in_words(hours, lang))) == hours


@given(st.text(max_size=700))
def test_any_text_is_read_or_refused(typed: str) -> None:
    with contextlib.suppress(ValueError):
        assert len(read_hours(typed)) <= 200


def test_a_long_line_costs_nothing() -> None:
    began = time.process_time()
    for typed in (
        "lundi " * 100,
        "lundi et " * 66,
        "lundi" + " " * 590 + "x",
        "lundi 9h-12h" + ", 9h-12h" * 70,
    ):
        with pytest.raises(ValueError, match=r"."):
            read_hours(f"{typed}!")
    assert time.process_time() - began < 1


def test_a_french_number_is_shown_as_it_is_said() -> None:
    assert phone_in_words("+33471000000") == "04\u00a071\u00a000\u00a000\u00a000"
    assert phone_in_words("+3225551234") == "+3225551234"
    assert phone_in_words("") == ""
