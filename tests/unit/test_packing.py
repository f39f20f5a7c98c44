"""The packing: byte-for-byte round trips, frozen dictionaries, and nothing but our errors for any digits."""

from __future__ import annotations

import hashlib
import zlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.framework import framework
from passport.limits import LIMITS
from passport.model import Holder, Method
from passport.packing import _dictionary, pack, qr_url, unpack
from tests.town import NOON, Town
from verifier import verify

TOWN = Town.make()
TRUST = TOWN.trust()
STATUS = TOWN.status(TRUST)
DIGITS = pack(TOWN.issue())
names = st.text(st.characters(categories=["L"]), min_size=1, max_size=30).map(lambda t: t.strip() or "A")


def _clean(text: str) -> str:
    from passport.model import clean_name

    return clean_name(text)


@settings(max_examples=150, deadline=None)
@given(
    given_name=names,
    family_name=names,
    chosen=st.dictionaries(st.integers(0, 20), st.integers(1, 8), min_size=1),
    born=st.none() | st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    method=st.sampled_from(list(Method)),
    place=st.sampled_from([None, "mediatheque"]),
)
def test_round_trip_is_byte_for_byte(
    given_name: str,
    family_name: str,
    chosen: dict[int, int],
    born: date | None,
    method: Method,
    place: str | None,
) -> None:
    competences = framework("digcomp-3.0").competences
    token = TOWN.issue(
        holder=Holder(_clean(given_name), _clean(family_name), born),
        levels={competences[index].id: level for index, level in chosen.items()},
        method=method,
        place=place,
    )
    digits = pack(token)
    assert unpack(digits) == token
    assert digits.isdecimal()
    assert digits[0] != "0"


@pytest.mark.parametrize(("competences", "at_most"), [(3, 470), (21, 510)])
def test_sizes_are_those_of_the_design(competences: int, at_most: int) -> None:
    order = framework("digcomp-3.0").competences
    token = TOWN.issue(
        holder=Holder("Marie-Élisabeth", "Lefebvre-Duc"),  # 27 characters
        levels={competence.id: 1 + place % 6 for place, competence in enumerate(order[:competences])},
    )
    assert len(pack(token)) <= at_most


def test_every_dictionary_is_frozen_by_its_hash() -> None:
    versions = schemas.read_json("dictionaries/index.json")["versions"]
    assert versions
    for version, name in versions.items():
        assert hashlib.sha256(schemas.read_bytes(f"dictionaries/{name}.bin")).hexdigest() == name
        assert _dictionary(int(version))


def test_no_dictionary_holds_a_host() -> None:
    for version in schemas.read_json("dictionaries/index.json")["versions"]:
        data = _dictionary(int(version))
        after = {data[i + 3 : i + 4] for i in range(len(data)) if data[i : i + 3] == b"://"}
        assert after <= {b"", b"/"}


def test_an_unknown_dictionary_says_so() -> None:
    packed = b"\x01\xfe" + b"x" * 80
    with pytest.raises(UnsupportedError) as caught:
        unpack(str(int.from_bytes(packed, "big")))
    assert caught.value.code == "dictionary_unknown"


def test_a_bomb_stops_at_the_bound() -> None:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _dictionary(1))
    stream = compressor.compress(b"0" * 300_000) + compressor.flush()
    assert len(stream) < 400
    digits = str(int.from_bytes(b"\x01\x01" + stream + bytes(64), "big"))
    with pytest.raises(MalformedError) as caught:
        unpack(digits)
    assert caught.value.code == "too_big"


def test_bytes_behind_the_stream_are_refused() -> None:
    number = int(pack(TOWN.issue()))
    packed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    longer = packed[:-64] + b"\x00" + packed[-64:]
    with pytest.raises(MalformedError):
        unpack(str(int.from_bytes(longer, "big")))


@pytest.mark.parametrize(
    "digits", ["", "0", "1", "12 34", "-5", "+5", "1e5", "１２３", "0" + "1" * 400, "9" * 1201]
)
def test_what_is_not_digits_of_ours(digits: str) -> None:
    with pytest.raises(MalformedError):
        unpack(digits)


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789", min_size=1, max_size=LIMITS.qr_digits + 50))
def test_any_digits_give_a_token_or_our_error(digits: str) -> None:
    try:
        unpack(digits)
    except PassportError:
        return


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_code_is_never_valid_for_another_text(data: st.DataObject) -> None:
    digits = DIGITS
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    damaged = digits[:place] + other + digits[place + 1 :]
    try:
        token = unpack(damaged)
    except PassportError:
        return
    report = verify(token, trust=TRUST, status=STATUS, at=NOON)
    assert bool(report) is (token == unpack(digits))


def test_the_page_and_the_digits() -> None:
    assert qr_url("https://passeport.example/v", "123") == "https://passeport.example/v#123"
