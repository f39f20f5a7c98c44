"""The W3C encoding of a status list: the most significant bit first, and the same array as the other one."""

from __future__ import annotations

import base64
import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.bitstring import Bits, bits_of, read_bitstring
from passport.claims import Purpose
from passport.errors import MalformedError
from passport.jose import split
from passport.limits import LIMITS
from passport.status import StatusArray
from tests.town import NOON, Town

VALUE = {Purpose.REVOCATION: 1, Purpose.SUSPENSION: 2}


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=400).filter(lambda v: len(v) % 8 == 0))
def test_a_bit_is_set_where_the_array_has_the_value(values: list[int]) -> None:
    array = StatusArray.empty(len(values))
    for index, value in enumerate(values):
        array[index] = value
    for purpose, value in VALUE.items():
        bits = bits_of(array, purpose)
        assert [bits[i] for i in range(len(bits))] == [int(v == value) for v in values]
        again = Bits.decode(bits.encode())
        assert [again[i] for i in range(len(again))] == [bits[i] for i in range(len(bits))]


def test_the_first_entry_is_the_most_significant_bit() -> None:
    array = StatusArray.empty(131_072)
    array[0] = array[9] = 1
    text = bits_of(array, Purpose.REVOCATION).encode()
    data = gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))
    assert text[0] == "u"
    assert (len(data), data[0], data[1], sum(data[2:])) == (16_384, 0x80, 0x40, 0)


def test_no_index_lies_outside() -> None:
    bits = Bits(bytes(2))
    assert len(bits) == 16
    for index in (-1, 16):
        with pytest.raises(IndexError):
            bits[index]


def test_a_list_reads_back_and_the_same_list_is_the_same_bytes() -> None:
    town = Town.make()
    fake = town.bodies["csc-marmiers"]
    for index in random.Random(5).sample(range(131_072), 300):
        fake.array[index] = index % 4
    for purpose in Purpose:
        token = town.bitstring_document("csc-marmiers", purpose)
        read = read_bitstring(split(token, max_bytes=LIMITS.status_token_bytes))
        assert (read.uri, read.purpose, read.issuer) == (f"{fake.uri}.{purpose}", purpose, fake.issuer)
        assert (read.issued_at, read.expires_at, read.ttl) == (NOON - 600, NOON - 600 + 7 * 86_400, 3_600)
        assert [read.array[i] for i in range(len(read.array))] == [
            int(fake.array[i] == VALUE[purpose]) for i in range(131_072)
        ]
        assert bits_of(fake.array, purpose).encode() == bits_of(fake.array, purpose).encode()


@pytest.mark.parametrize("text", ["", "u", "z123", "uAAAA", "u====", "ué", "H4sIAAAAAAAA_w"])
def test_what_is_no_list_is_our_error(text: str) -> None:
    with pytest.raises(MalformedError):
        Bits.decode(text)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60))
def test_any_bytes_are_our_error_or_a_list(data: bytes) -> None:
    try:
        Bits.decode("u" + base64.urlsafe_b64encode(data).decode().rstrip("="))
    except MalformedError:
        return
