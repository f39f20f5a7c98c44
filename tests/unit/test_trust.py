"""Trust documents: who must sign, what is refused, and how governance is handed over."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedError, PassportError, TrustError
from passport.jose import b64url, unb64url
from passport.trust.envelope import LIST_TYP, add_signatures, open_envelope, sign_envelope
from passport.trust.model import Accreditation, Body, Period, Pin, TrustList
from passport.trust.reading import pin_from_list, read_now, read_pin, read_sealed_set, read_trust_list
from passport.trust.writing import pin_document, sealed_set_document, trust_list_payload
from tests.town import NOON, TestKey, Town

TOWN = Town.make()
ROOTS = [TestKey(f"r2026-{number}") for number in range(1, 4)]


def _signed(trust_list: TrustList, signers: list[TestKey]) -> bytes:
    return sign_envelope(trust_list_payload(trust_list), typ=LIST_TYP, signers=signers)


def _with_roots(keys: list[TestKey], threshold: int) -> tuple[TrustList, Pin]:
    pin = Pin(tuple(key.public for key in keys), threshold, TOWN.scheme.issuer_prefix)
    return replace(TOWN.trust_list(), pin=pin), pin


def test_what_is_written_is_read_back() -> None:
    back = read_trust_list(TOWN.list_document(), pin=TOWN.pin)
    assert back.bodies == TOWN.trust_list().bodies
    assert back.scheme == TOWN.scheme
    assert trust_list_payload(back) == trust_list_payload(TOWN.trust_list())


def test_a_pin_is_read_back_and_taken_from_a_list() -> None:
    assert read_pin(pin_document(TOWN.pin)) == TOWN.pin
    assert pin_from_list(TOWN.list_document()) == TOWN.pin


@pytest.mark.parametrize(("signers", "enough"), [(1, False), (2, True), (3, True)])
def test_a_threshold_of_roots_must_sign(signers: int, enough: bool) -> None:
    trust_list, pin = _with_roots(ROOTS, 2)
    document = _signed(trust_list, ROOTS[:signers])
    if enough:
        assert read_trust_list(document, pin=pin).pin.threshold == 2
    else:
        with pytest.raises(TrustError) as caught:
            read_trust_list(document, pin=pin)
        assert caught.value.code == "root_signatures"


def test_a_copied_signature_counts_once() -> None:
    trust_list, pin = _with_roots(ROOTS, 2)
    document = json.loads(_signed(trust_list, ROOTS[:1]))
    document["signatures"] *= 5
    with pytest.raises(TrustError):
        read_trust_list(json.dumps(document).encode(), pin=pin)


def test_one_key_signing_twice_counts_once() -> None:
    trust_list, pin = _with_roots(ROOTS, 2)
    with pytest.raises(TrustError):
        read_trust_list(_signed(trust_list, [ROOTS[0], ROOTS[0]]), pin=pin)


def test_a_second_keeper_signs_later() -> None:
    trust_list, pin = _with_roots(ROOTS, 2)
    first = _signed(trust_list, ROOTS[:1])
    both = add_signatures(first, typ=LIST_TYP, signers=ROOTS[1:2])
    assert read_trust_list(both, pin=pin).digest == open_digest(both)


def open_digest(document: bytes) -> str:
    import hashlib

    payload = open_envelope(document, typ=LIST_TYP).payload
    return b64url(hashlib.sha256(payload).digest()).decode()


def test_governance_is_handed_over_by_old_and_new_roots() -> None:
    """The rule of TUF root rotation: the next list needs the threshold of the old and of the new keys."""
    old, new = ROOTS[:1], ROOTS[1:]
    pin = Pin((old[0].public,), 1, TOWN.scheme.issuer_prefix)
    handed, _ = _with_roots(new, 2)
    for signers in (old, new, [*old, new[0]]):
        with pytest.raises(TrustError):
            read_trust_list(_signed(handed, signers), pin=pin)
    accepted = read_trust_list(_signed(handed, [*old, *new]), pin=pin)
    after = replace(handed, version=2)
    assert read_trust_list(_signed(after, new), pin=accepted.pin).version == 2
    with pytest.raises(TrustError):
        read_trust_list(_signed(after, old), pin=accepted.pin)


def test_a_list_for_another_prefix_is_refused() -> None:
    other = replace(TOWN.pin, issuer_prefix="https://autre.example/o/")
    with pytest.raises(TrustError) as caught:
        read_trust_list(TOWN.list_document(), pin=other)
    assert caught.value.code == "prefix"


def _body(**changes: Any) -> Body:
    return replace(TOWN.bodies["csc-marmiers"].body, **changes)


def _two_bodies_one_key() -> list[Body]:
    twin = TOWN.bodies["epn-ville"].body
    return [_body(), replace(twin, keys=_body().keys)]


@pytest.mark.parametrize(
    ("why", "bodies"),
    [
        ("one key in two bodies", _two_bodies_one_key()),
        ("status outside the scheme", [_body(status_prefix="https://evil.example/status/x.")]),
        ("status prefix is the root", [_body(status_prefix=f"{TOWN.scheme.url}/status/")]),
        ("slug", [_body(slug="CSC")]),
        ("period", [_body(period=Period(10, 5))]),
        ("levels", [_body(accreditations=(Accreditation("digcomp-3.0", 5, 2, Period(0)),))]),
    ],
)
def test_lists_whose_inner_rules_do_not_hold(why: str, bodies: list[Body]) -> None:
    listed = replace(TOWN.trust_list(), bodies=MappingProxyType({body.issuer: body for body in bodies}))
    with pytest.raises(TrustError):
        read_trust_list(_signed(listed, [TOWN.root]), pin=TOWN.pin)


@pytest.mark.parametrize("member", ["scheme", "contact", "body", "place"])
@pytest.mark.parametrize("odd", ["\u202e", "\n", "\u200b", "\x1b"])
def test_a_name_that_re_orders_or_hides_words_is_refused(member: str, odd: str) -> None:
    listed = TOWN.trust_list()
    body = TOWN.bodies["csc-marmiers"].body
    name = f"Centre{odd} social"
    if member == "scheme":
        listed = replace(listed, scheme=replace(listed.scheme, name=name))
    elif member == "contact":
        listed = replace(listed, scheme=replace(listed.scheme, contact=name))
    else:
        place = replace(body.places[0], name=name)
        changed = replace(body, name=name) if member == "body" else replace(body, places=(place,))
        listed = replace(listed, bodies={changed.issuer: changed})
    with pytest.raises(MalformedError) as refused:
        read_trust_list(_signed(listed, [TOWN.root]), pin=TOWN.pin)
    assert refused.value.code == "json_member"


def test_a_status_prefix_within_another_is_refused() -> None:
    inner = replace(TOWN.bodies["epn-ville"].body, status_prefix=f"{TOWN.scheme.url}/status/csc-marmiers.2")
    bodies = {body.issuer: body for body in (_body(), inner)}
    with pytest.raises(TrustError):
        read_trust_list(_signed(replace(TOWN.trust_list(), bodies=bodies), [TOWN.root]), pin=TOWN.pin)


def test_a_root_key_may_not_be_a_body_s_key() -> None:
    key = TOWN.bodies["csc-marmiers"].credential_key
    listed = replace(TOWN.trust_list(), publication_key=key.public)
    with pytest.raises(TrustError):
        read_trust_list(_signed(listed, [TOWN.root]), pin=TOWN.pin)


def test_only_a_demo_does_without_https() -> None:
    plain = Town.make(url="http://passeport.example")
    with pytest.raises(TrustError):
        read_trust_list(plain.list_document(), pin=plain.pin)
    demo = Town.make(url="http://127.0.0.1:8000", kind="demo")
    assert read_trust_list(demo.list_document(), pin=demo.pin).scheme.is_demo


def test_now_is_signed_by_the_publication_key_only() -> None:
    trust_list = read_trust_list(TOWN.list_document(), pin=TOWN.pin)
    assert read_now(TOWN.now_document(), trust_list=trust_list).list_version == 1
    with pytest.raises(TrustError):
        read_now(TOWN.now_document(), trust_list=replace(trust_list, publication_key=TOWN.root.public))


def test_a_list_is_not_a_now_and_the_reverse() -> None:
    with pytest.raises(MalformedError):
        read_now(TOWN.list_document(), trust_list=TOWN.trust_list())
    with pytest.raises(MalformedError):
        read_trust_list(TOWN.now_document(), pin=TOWN.pin)


def test_a_sealed_set_is_bound_by_its_hash() -> None:
    members = [bytes([n]) * 32 for n in range(5)]
    digest, document = sealed_set_document([*members, members[0]])
    assert read_sealed_set(document, digest=digest) == {member[:16] for member in members}
    with pytest.raises(TrustError):
        read_sealed_set(document + bytes(16), digest=digest)
    with pytest.raises(MalformedError):
        read_sealed_set(document + b"x", digest=digest)


@given(st.data())
def test_a_changed_payload_is_never_accepted(data: st.DataObject) -> None:
    document = json.loads(TOWN.list_document())
    payload = bytearray(unb64url(document["payload"].encode()))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= 1 << data.draw(st.integers(0, 7))
    document["payload"] = b64url(bytes(payload)).decode()
    with pytest.raises(PassportError):
        read_trust_list(json.dumps(document).encode(), pin=TOWN.pin)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=6),
    st.data(),
)
def test_any_member_replaced_gives_our_error_or_a_list(value: object, data: st.DataObject) -> None:
    """Signed by the root, so that the reader meets the strange value: it must still be our error."""
    payload = json.loads(trust_list_payload(TOWN.trust_list()))
    place: Any = payload
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = value
            break
        place = place[key]
    document = sign_envelope(json.dumps(payload).encode(), typ=LIST_TYP, signers=[TOWN.root])
    try:
        read_trust_list(document, pin=TOWN.pin)
    except PassportError:
        return


def test_periods_include_their_start_and_not_their_end() -> None:
    period = Period(NOON, NOON + 10)
    assert [period.holds(NOON + n) for n in (-1, 0, 9, 10)] == [False, True, True, False]
    assert Period(NOON).holds(2**52)
