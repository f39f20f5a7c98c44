"""The quick reader of a payload and the one with care say the same, or the quick one says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from pprint import pformat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from passport.claims import Claims, StatusReference
from passport.errors import PassportError
from passport.formats.qr_payload import decode_payload
from passport.formats.qr_reading import read_with_care
from passport.formats.qr_token import _read_as_written, read_claims, write_claims
from passport.framework import framework, framework_ids
from passport.jose import split
from passport.limits import LIMITS
from passport.model import Attestation, Holder, Method
from passport.strictjson import compact_json

VCT = "https://passeport.example/vct/attestation-1"
STATUS = StatusReference("https://passeport.example/status/csc.1", 1001)
FULL = Attestation(
    issuer="https://passeport.example/o/csc",
    holder=Holder("Zoé", "L’Héveder-Nuñez", date(1951, 3, 14)),
    framework="digcomp-3.0",
    levels={"1.1": 2, "2.1": 3},
    assessed_on=date(2026, 11, 24),
    method=Method.OBSERVATION,
    issued_at=1_795_608_000,
    place="mediatheque",
    expires_at=1_895_608_000,
    specimen=True,
)
PAYLOAD = write_claims(FULL, vct=VCT, status=STATUS)
WHOLE: dict[str, Any] = json.loads(PAYLOAD)
ODD = (
    *(None, True, False, 0, 1, -1, 1.0, 1.5, 2**53 - 1, 2**53, 2**64, 10**400, "", " ", "a", "\u202e", "é"),
    *("x" * 300, "x" * 301, "e\u0301", "2026-02-30", "2026-11-24T00:00:00Z", "1899-12-31", "0001-01-01"),
    *("\\ud83d", "a\\b", 'a"b', "\\ud83dhttps://passeport.example/vct/attestation-1", "\x7f"),
    *({"status_list": {"idx": 1, "uri": "\\ud83d"}}, {"status_list": {"idx": 1, "uri": 'a"'}}),
    *("observation", "12", "120", [], {}, [1], {"1.1": 2}, {"1.1": 10}, {"9.9": 1}, {"1.1": True}),
    *({"status_list": {"idx": 1, "uri": "x"}}, {"status_list": {"idx": 1, "uri": "x", "more": 1}}),
    *({"status_list": {"idx": LIMITS.status_list_bytes * 4, "uri": "x"}}, {"status_list": {"idx": 1}}),
)


@dataclass(frozen=True)
class Answer:
    """What a reader makes of a payload: claims, or the kind and the code of an error.

    `shown`: the kinds of the values, for True equals 1 and a method its text.
    """

    claims: Claims | None
    error: tuple[str, str] | None = None
    shown: str = ""

    @classmethod
    def of(cls, claims: Claims) -> Answer:
        holder = claims.attestation.holder
        return cls(claims, shown=repr((claims, holder.given_name, holder.family_name, holder.birthdate)))


def answer(payload: bytes, read: Any = read_claims) -> Answer:
    try:
        return Answer.of(read(payload))
    except PassportError as error:
        return Answer(None, (type(error).__name__, error.code))


def agree(payload: bytes) -> bool:
    """Hold both readers against each other; tell whether the quick one had an answer."""
    careful, quick = answer(payload, read_with_care), _read_as_written(payload)
    assert quick is None or Answer.of(quick) == careful
    assert answer(payload) == careful
    return quick is not None


def changed() -> Iterator[bytes]:
    """Yield the whole payload with each member made odd, dropped, added, moved or named twice."""
    for name in (*WHOLE, "nbf", "cnf", "more"):
        for value in ODD:
            yield compact_json({**WHOLE, name: value})
            yield json.dumps({**WHOLE, name: value}, separators=(",", ":")).encode()  # escapes
            yield PAYLOAD[:-1] + b"," + compact_json({name: value})[1:]  # perhaps a second time
        yield compact_json({other: value for other, value in WHOLE.items() if other != name})
        yield compact_json({name: WHOLE.get(name), **WHOLE})
    yield from (PAYLOAD[:at] + more + PAYLOAD[at:] for at in range(len(PAYLOAD)) for more in (b" ", b"0"))
    yield from (PAYLOAD[:at] + PAYLOAD[at + 1 :] for at in range(len(PAYLOAD)))
    yield from (PAYLOAD[:at] + b"\xff" + PAYLOAD[at + 1 :] for at in range(len(PAYLOAD)))


def test_readers_agree_on_whatever_is_changed() -> None:
    quick = [agree(payload) for payload in changed()]
    assert 50 < sum(quick) < len(quick) / 5  # a good value in its place is as good as the first


def test_readers_agree_on_every_vector() -> None:
    read = 0
    for path in sorted((Path(__file__).parents[1] / "vectors").glob("*.json")):
        try:
            payload = split(json.loads(path.read_text())["token"].encode()).payload
        except (KeyError, PassportError):
            continue
        read += agree(payload)
    assert read > 100


names = st.text("aéßñ'’ -ÀŁ漢/.\\ud8\"", min_size=1, max_size=20).map(
    lambda text: "A" + " ".join(text.split())
)
days = st.dates(date(1900, 1, 1), date(9999, 12, 31))


@st.composite
def attestations(draw: st.DrawFn) -> Attestation:
    known = framework(draw(st.sampled_from(framework_ids())))
    all_levels = [
        (c.id, level) for c in known.competences for level in range(1, 10) if known.knows(c.id, level)
    ]
    levels = draw(st.lists(st.sampled_from(all_levels), min_size=1, unique_by=lambda pair: pair[0]))
    issued_at = draw(st.integers(0, 2_000_000_000))
    return Attestation(
        issuer="https://passeport.example/o/csc",
        holder=Holder(draw(names), draw(names), draw(st.none() | days)),
        framework=known.id,
        levels=dict(levels),
        assessed_on=draw(days),
        method=draw(st.sampled_from(Method)),
        issued_at=issued_at,
        place=draw(st.none() | st.just("mediatheque")),
        expires_at=draw(st.none() | st.integers(issued_at + 1, 4_000_000_000)),
        specimen=draw(st.booleans()),
    )


@given(attestations())
def test_what_is_written_is_read_quickly_and_is_plain_json(said: Attestation) -> None:
    payload = write_claims(said, vct=VCT, status=STATUS)
    assert agree(payload) is (b"\\" not in payload)
    assert b"\\" in payload or read_claims(payload) == Claims(said, VCT, STATUS)
    assert compact_json(json.loads(payload)) == payload


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    agree(data)


@pytest.mark.parametrize("depth", [10, 1_000, 100_000])
def test_nesting_is_no_way_to_the_stack(depth: int) -> None:
    agree(b'{"iss":' + b"[" * depth)
    agree(b'{"levels":' + b'{"a":' * depth)
    agree(b'{"iss":"' + b"x" * depth + b'"}')


def test_no_name_is_shown_by_what_holds_it() -> None:
    payload = decode_payload(PAYLOAD)
    for held in (FULL, FULL.holder, FULL.told(), payload, read_claims(PAYLOAD)):
        for shown in (repr(held), str(held), pformat(held), pretty_repr(held)):
            assert "Zoé" not in shown
            assert "Héveder" not in shown
            assert "1951" not in shown
