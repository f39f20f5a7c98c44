"""Compressed arrays: read back by other inflaters, small beside the best compression, and never a bomb."""

from __future__ import annotations

import gzip
import random
import subprocess
import zlib
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedError
from passport.jose import split
from passport.limits import LIMITS
from passport.list_compression import Container, compress, inflate
from passport.status import Status, StatusArray, read_status_token, write_status_token
from tests.town import NOON, TestKey

MILLION: Final = 1_000_000
BEST: Final[dict[Container, Callable[[bytes], bytes]]] = {
    Container.ZLIB: lambda array: zlib.compress(array, 9),
    Container.GZIP: lambda array: gzip.compress(array, 9),
}
READ: Final[dict[Container, Callable[[bytes], bytes]]] = {
    Container.ZLIB: zlib.decompress,
    Container.GZIP: gzip.decompress,
}
BOTH = pytest.mark.parametrize("container", list(Container), ids=lambda c: c.name.lower())
# The two encodings, and the values that a real list of each holds.
ENCODINGS = pytest.mark.parametrize(
    ("container", "bits", "values"),
    [
        (Container.ZLIB, 2, [Status.WITHDRAWN]),
        (Container.ZLIB, 2, [Status.WITHDRAWN, Status.WITHDRAWN, Status.SUSPENDED, Status.REPLACED]),
        (Container.GZIP, 1, [1]),
    ],
    ids=["two-bits", "two-bits-mixed", "one-bit"],
)
# Long runs with strays between, as lists are: bytes alone seldom look like one.
ARRAYS = st.lists(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(st.integers(0, 255), st.integers(1, 70_000)).map(lambda run: bytes([run[0]]) * run[1]),
    ),
    max_size=12,
).map(b"".join)


def array_of(share: float, *, bits: int, values: list[int], entries: int = MILLION) -> bytes:
    """Return an array with `share` of its entries, at random places, not 0."""
    numbers, per_byte = random.Random(7), 8 // bits
    array = bytearray(entries // per_byte)
    for index in numbers.sample(range(entries), round(entries * share)):
        array[index // per_byte] |= numbers.choice(values) << index % per_byte * bits
    return bytes(array)


@BOTH
@given(array=ARRAYS)
def test_any_inflater_reads_it(container: Container, array: bytes) -> None:
    stream = compress(array, container)
    assert READ[container](stream) == array
    assert inflate(stream, container, max_bytes=len(array)) == array
    assert compress(bytearray(array), container) == stream


@BOTH
@given(array=ARRAYS, level=st.integers(0, 9))
def test_we_read_what_others_compressed(container: Container, array: bytes, level: int) -> None:
    theirs = zlib.compress(array, level) if container is Container.ZLIB else gzip.compress(array, level)
    assert inflate(theirs, container, max_bytes=len(array)) == array


@ENCODINGS
@pytest.mark.parametrize("share", [0, 0.00001, 0.0001, 0.001, 0.01, 0.03, 0.1, 0.5])
def test_it_is_small_beside_the_best(
    container: Container, bits: int, values: list[int], share: float
) -> None:
    array = array_of(share, bits=bits, values=values)
    assert len(compress(array, container)) <= 1.13 * len(BEST[container](array))


def test_another_program_reads_a_list_of_a_million() -> None:
    array = array_of(0.01, bits=1, values=[1])
    stream = compress(array, Container.GZIP)
    read = subprocess.run(["gzip", "-dc"], input=stream, capture_output=True, check=True)
    assert read.stdout == array


def test_a_gzip_stream_tells_neither_time_nor_name() -> None:
    """Magic, DEFLATE, no flags, no time (RFC 1952 section 2.3.1): the same array is the same bytes."""
    assert compress(b"\x01" * 99, Container.GZIP)[:8] == bytes.fromhex("1f8b080000000000")


def test_a_list_next_to_empty_has_the_bytes_of_the_highest_level() -> None:
    """As the specification recommends; its vectors are such lists (`test_status`)."""
    array = bytearray(262_144)
    array[::4_096] = b"\x01" * 64
    assert compress(array, Container.ZLIB) == zlib.compress(array, 9)
    array[1] = 1
    assert compress(array, Container.ZLIB) != zlib.compress(array, 9)


@BOTH
def test_noise_grows_by_next_to_nothing(container: Container) -> None:
    noise = random.Random(7).randbytes(262_144)
    assert len(compress(noise, container)) <= 262_144 * 1.001 + 30


@pytest.mark.parametrize("entries", [LIMITS.status_min_entries, LIMITS.status_max_entries])
def test_readers_hold_the_largest_list_whatever_is_in_it(entries: int) -> None:
    array = StatusArray(random.Random(7).randbytes(entries // 4))
    signed = write_status_token(
        array, uri="https://a.example/status/a.1", issued_at=NOON, signer=TestKey("s")
    )
    assert 4 * len(signed) <= LIMITS.status_token_bytes
    read = read_status_token(split(signed, max_bytes=LIMITS.status_token_bytes)).array
    assert len(read) == entries
    assert all(read[index] == array[index] for index in range(0, entries, 97))


@BOTH
def test_a_bomb_is_not_inflated(container: Container) -> None:
    bomb = BEST[container](bytes(50_000_000))
    with pytest.raises(MalformedError) as caught:
        inflate(bomb, container, max_bytes=LIMITS.status_list_bytes)
    assert caught.value.code == "too_big"


@BOTH
def test_one_byte_too_many_is_refused(container: Container) -> None:
    stream = compress(bytes(1_000), container)
    assert inflate(stream, container, max_bytes=1_000) == bytes(1_000)
    with pytest.raises(MalformedError) as caught:
        inflate(stream, container, max_bytes=999)
    assert caught.value.code == "too_big"


@BOTH
def test_what_is_cut_longer_or_changed_is_refused(container: Container) -> None:
    array = array_of(0.01, bits=2, values=[1], entries=4_096)
    stream = compress(array, container)
    wrong = [stream + b"x", stream + stream, *(stream[:end] for end in range(len(stream)))]
    wrong += [stream[:-2] + bytes([stream[-2] ^ 1]) + stream[-1:]]  # the checksum, or the length
    for damaged in wrong:
        with pytest.raises(MalformedError) as caught:
            inflate(damaged, container, max_bytes=len(array))
        assert caught.value.code == "status_damaged"


def test_a_container_is_not_the_other() -> None:
    for written, read in ((Container.ZLIB, Container.GZIP), (Container.GZIP, Container.ZLIB)):
        with pytest.raises(MalformedError):
            inflate(compress(bytes(99), written), read, max_bytes=99)
