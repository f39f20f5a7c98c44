"""Intake of text: the three writings of one token, and everything that people leave around it."""

from __future__ import annotations

import contextlib
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.packing import pack, qr_url
from tests.town import Town
from verifier.intake import TEXT_CHARS, looks_like_code, read_text

TOKEN = Town.make().issue()
JWT = TOKEN.decode()
DIGITS = pack(TOKEN)


@pytest.mark.parametrize(
    "text",
    [
        JWT,
        JWT + "~",
        DIGITS,
        qr_url("https://verif.example/v", DIGITS),
        qr_url("verif.example/v", DIGITS),
        f"https://verif.example/v#{JWT}",
        f"  \t{JWT}\r\n",
        f"« {JWT} »",
        f'"{JWT}",',
        f"\ufeff\u200b{JWT}\u200b\u200e",
        "\r\n".join(textwrap.wrap(JWT, 64)),
        " ".join(textwrap.wrap(DIGITS, 4)),
        "\u00a0".join(textwrap.wrap(DIGITS, 3)),
        "\n".join(textwrap.wrap(qr_url("https://verif.example/v", DIGITS), 76)),
        f"Voici mon attestation : {JWT} Merci !",
        f"Mon adresse est <{qr_url('https://verif.example/v', DIGITS)}>, bonne journée.",
    ],
)
def test_every_writing_of_a_token_gives_the_same_bytes(text: str) -> None:
    assert read_text(text) == [TOKEN]


@pytest.mark.parametrize(
    "page", ["https://evil.example/v", "http://127.0.0.1:1/x?y=z", "javascript:alert(1)//"]
)
def test_the_address_is_never_looked_at(page: str) -> None:
    assert read_text(f"{page}#{DIGITS}") == [TOKEN]


def test_several_tokens_are_all_read_and_each_once() -> None:
    other = Town.make().issue()
    text = f"{JWT}\n{pack(other)}\n{JWT}~\nhttps://x.example/v#{DIGITS}\n"
    assert read_text(text) == [TOKEN, other]


@pytest.mark.parametrize(
    "text",
    ["bonjour", "https://example.org/", "https://example.org/page#top", "1234 5678", "a.b.c", "#", "é" * 300],
)
def test_what_is_no_attestation_is_said_to_be_none(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_text(text)
    assert caught.value.code == "not_an_attestation"


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b", "« »"])
def test_blank_is_said_to_be_blank(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_text(text)
    assert caught.value.code == "nothing_given"


def test_size_is_looked_at_first() -> None:
    with pytest.raises(MalformedError) as caught:
        read_text("9" * (TEXT_CHARS + 1))
    assert caught.value.code == "too_big"


def test_damaged_digits_say_so() -> None:
    with pytest.raises(MalformedError) as caught:
        read_text(DIGITS[:-3])
    assert caught.value.code.startswith("qr_")


def test_digits_of_a_newer_dictionary_are_unsupported_not_broken() -> None:
    packed = int(DIGITS).to_bytes((int(DIGITS).bit_length() + 7) // 8, "big")
    newer = int.from_bytes(packed[:1] + b"\xee" + packed[2:], "big")
    with pytest.raises(UnsupportedError) as caught:
        read_text(str(newer))
    assert caught.value.code == "dictionary_unknown"


def test_a_cut_token_is_handed_on_as_it_is() -> None:
    assert read_text(JWT[:-5]) == [TOKEN[:-5]]


def test_what_is_damaged_beside_whole_ones_is_handed_on_too() -> None:
    head, payload, signature = TOKEN.decode().split(".")
    cut, digits = f"{head}.{payload}.{signature[:-20]}", pack(TOKEN)[:-40]
    text = f"Bonjour,\n{TOKEN.decode()}\nhttps://x.example/v#{digits}\n{cut}\neyJ.a https://x.example/v#"
    assert read_text(text) == [TOKEN, digits.encode(), cut.encode()]


def test_a_token_with_something_behind_it_is_not_made_right() -> None:
    """A tolerant reader that trimmed would verify a text that nobody signed."""
    assert read_text(JWT + "A") == [TOKEN + b"A"]
    assert read_text(JWT + "~WyJhIl0~") == [TOKEN + b"~WyJhIl0"]
    assert read_text(JWT + "~~") == [TOKEN + b"~~"]


@pytest.mark.parametrize(
    "text", ["2346789BCDF", "2346-789B-CDF", " 2346 789b cdf ", "2346–789B–CDF", "ABCD-1234-5E"]
)
def test_a_typed_code_is_recognised_even_when_wrong(text: str) -> None:
    assert looks_like_code(text)


@pytest.mark.parametrize(
    "text", [JWT, DIGITS, "bonjour", "", "2346", "https://a.example/#2346-789B-CDF", "2" * 65]
)
def test_what_is_no_typed_code_is_not_taken_for_one(text: str) -> None:
    assert not looks_like_code(text)


@given(st.text(max_size=400))
def test_any_text_gives_tokens_or_our_own_error(text: str) -> None:
    looks_like_code(text)
    with contextlib.suppress(PassportError):
        assert all(isinstance(token, bytes) for token in read_text(text))
