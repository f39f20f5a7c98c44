"""Status arrays: the very bytes of the specification's vectors, and refusals of what is not a list."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedError, PassportError
from passport.jose import b64url
from passport.status import StatusArray
from tests.town import Town
from verifier.statuses import read_list

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data/token-status-list.json").read_text()
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['bits']}-bits")
def test_encodes_the_very_bytes_of_the_specification(vector: dict[str, Any]) -> None:
    array = StatusArray.empty(vector["size"], bits=vector["bits"])
    for index, value in vector["statuses"].items():
        array[int(index)] = value
    assert array.encode() == vector["lst"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['bits']}-bits")
def test_decodes_the_vectors(vector: dict[str, Any]) -> None:
    array = StatusArray.decode(vector["lst"], bits=vector["bits"])
    assert len(array) == vector["size"]
    assert {str(i): array[i] for i in range(len(array)) if array[i]} == {
        index: value for index, value in vector["statuses"].items() if value
    }


def test_all_four_widths_are_tried() -> None:
    assert [vector["bits"] for vector in VECTORS] == [1, 2, 4, 8]


@given(st.dictionaries(st.integers(0, 4095), st.integers(0, 3)))
def test_round_trip(values: dict[int, int]) -> None:
    array = StatusArray.empty(4096)
    for index, value in values.items():
        array[index] = value
    back = StatusArray.decode(array.encode(), bits=2)
    assert all(back[index] == values.get(index, 0) for index in range(4096))


@pytest.mark.parametrize("index", [-1, 4096, 10**9])
def test_an_index_outside_raises(index: int) -> None:
    array = StatusArray.empty(4096)
    with pytest.raises(IndexError):
        array[index]
    with pytest.raises(IndexError):
        array[index] = 1


def test_a_value_too_wide_is_refused() -> None:
    with pytest.raises(IndexError):
        StatusArray.empty(16)[0] = 4


def test_a_bomb_is_not_inflated() -> None:
    lst = b64url(zlib.compress(bytes(200_000_000), 9)).decode()
    with pytest.raises(MalformedError) as caught:
        StatusArray.decode(lst, bits=2)
    assert caught.value.code == "too_big"


@pytest.mark.parametrize("lst", ["", "AAAA", "é", "eNpjYAAAAAEAAQ=="])
def test_damaged_lists_are_refused(lst: str) -> None:
    with pytest.raises(MalformedError):
        StatusArray.decode(lst, bits=2)


def test_bytes_behind_the_stream_are_refused() -> None:
    lst = b64url(zlib.compress(bytes(64)) + b"x").decode()
    with pytest.raises(MalformedError):
        StatusArray.decode(lst, bits=2)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_list_or_our_error(data: bytes) -> None:
    try:
        read_list(data)
    except PassportError:
        return
    raise AssertionError("random bytes were read as a status list")


def test_cut_and_flipped_tokens_give_our_error(town: Town) -> None:
    document = town.status_document("csc-marmiers")
    for place in range(0, len(document), 7):
        for damaged in (
            document[:place],
            document[:place] + bytes([document[place] ^ 4]) + document[place + 1 :],
        ):
            try:
                read_list(damaged)
            except PassportError:
                continue
