"""JOSE: what PyJWT 2.15 lets pass and must not pass here, each in a named test."""

from __future__ import annotations

import json
import warnings
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.jose import PublicKey, _der, b64url, sign_compact, split, unb64url
from passport.strictjson import compact_json
from tests.town import TestKey

KEY = TestKey("c2026-1")
HEADER = {"alg": "ES256", "kid": "c2026-1", "typ": "dc+sd-jwt"}
TOKEN = sign_compact(HEADER, b'{"iss":"x"}', KEY)


def _pyjwt_takes(token: bytes, jwk: dict[str, Any]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            jwt.api_jws.PyJWS().decode(token, jwt.PyJWK(jwk).key, algorithms=["ES256"])
        except jwt.PyJWTError:
            return False
    return True


def test_an_honest_token_passes_here_and_there() -> None:
    assert _pyjwt_takes(TOKEN, dict(KEY.public.jwk))
    assert KEY.public.verify(split(TOKEN))


def test_pyjwt_takes_a_key_for_encryption_and_we_do_not() -> None:
    jwk = {**KEY.public.jwk, "use": "enc"}
    assert _pyjwt_takes(TOKEN, jwk)
    with pytest.raises(MalformedError):
        PublicKey.from_jwk(jwk)


@pytest.mark.parametrize("operations", [["sign"], [], "verify", ["encrypt"], None, 7])
def test_pyjwt_takes_a_key_without_verify_in_key_ops_and_we_do_not(operations: object) -> None:
    jwk = {**KEY.public.jwk, "key_ops": operations}
    assert _pyjwt_takes(TOKEN, jwk)
    with pytest.raises(MalformedError):
        PublicKey.from_jwk(jwk)


def test_pyjwt_takes_padding_and_we_do_not() -> None:
    header, payload, signature = TOKEN.split(b".")
    padded = payload + b"=" * (-len(payload) % 4 or 4)
    signing_input = header + b"." + padded
    token = signing_input + b"." + b64url(KEY.sign(signing_input))
    assert _pyjwt_takes(token, dict(KEY.public.jwk)), signature
    with pytest.raises(MalformedError):
        split(token)


def test_loose_last_bits_make_no_second_token() -> None:
    twins = [
        TOKEN[:-1] + bytes([c]) for c in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    ]
    accepted = []
    for twin in twins:
        try:
            accepted.append(KEY.public.verify(split(twin)))
        except MalformedError:
            accepted.append(False)
    assert accepted.count(True) == 1


def test_the_size_is_looked_at_before_anything_else() -> None:
    with pytest.raises(MalformedError) as caught:
        split(b"\xff" * 10_000_000)
    assert caught.value.code == "too_big"


def test_one_algorithm_a_key() -> None:
    other = TestKey("c2026-1", "EdDSA")
    token = sign_compact({**HEADER, "alg": "EdDSA"}, b"{}", other)
    assert other.public.verify(split(token))
    assert not KEY.public.verify(split(token))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"alg": "RS256"}, UnsupportedError),
        ({"alg": None}, UnsupportedError),
        ({"kid": "../x"}, MalformedError),
        ({"kid": None}, MalformedError),
        ({"crv": "P-384"}, MalformedError),
        ({"kty": "OKP"}, MalformedError),
        ({"x": "AA"}, MalformedError),
        ({"x": "A" * 43}, MalformedError),
        ({"y": 5}, MalformedError),
        ({"d": "secret"}, MalformedError),
    ],
)
def test_keys_that_are_not_taken(change: dict[str, Any], error: type[PassportError]) -> None:
    with pytest.raises(error):
        PublicKey.from_jwk({**KEY.public.jwk, **change})


def test_a_signer_that_is_not_the_header_s() -> None:
    with pytest.raises(MalformedError):
        sign_compact({**HEADER, "kid": "c2026-2"}, b"{}", KEY)


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    """RFC 7638 is about members in order; compared with PyJWT's own."""
    theirs = jwt.PyJWK(dict(KEY.public.jwk)).Algorithm.to_jwk(
        jwt.PyJWK(dict(KEY.public.jwk)).key, as_dict=True
    )
    again = PublicKey.from_jwk({**theirs, "alg": "ES256", "kid": "other"})
    assert again.thumbprint == KEY.public.thumbprint


@given(st.binary(max_size=200))
def test_base64url_round_trip(data: bytes) -> None:
    assert unb64url(b64url(data)) == data


@given(st.binary(max_size=60))
def test_base64url_is_canonical(text: bytes) -> None:
    try:
        data = unb64url(text)
    except MalformedError:
        return
    assert b64url(data) == text


@given(st.binary(max_size=300))
def test_any_bytes_split_or_give_our_error(data: bytes) -> None:
    try:
        split(data)
    except PassportError:
        return


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_any_json_is_a_key_or_our_error(value: object) -> None:
    for name in ("kty", "crv", "x", "y", "alg", "kid", "use", "key_ops"):
        try:
            PublicKey.from_jwk({**KEY.public.jwk, name: value})
        except PassportError:
            continue


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
NUMBERS = st.integers(0, 2**256 - 1) | st.sampled_from(
    [0, 1, 127, 128, 255, 256, 2**255 - 1, 2**255, 2**248, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1]
)


@given(NUMBERS, NUMBERS)
def test_r_and_s_become_the_der_that_another_writer_makes(r: int, s: int) -> None:
    assert _der(r.to_bytes(32, "big") + s.to_bytes(32, "big")) == encode_dss_signature(r, s)


@given(NUMBERS, NUMBERS)
def test_a_signature_that_pyjwt_refuses_is_refused_here(r: int, s: int) -> None:
    jws = split(sign_compact(HEADER, b"{}", KEY))
    forged = structs.replace(jws, signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    algorithm = jwt.get_algorithm_by_name("ES256")
    assert KEY.public.verify(forged) is algorithm.verify(
        forged.signing_input, KEY.public._key, forged.signature
    )


def test_accents_are_signed_as_they_are() -> None:
    payload = compact_json({"name": "Zoé"})
    assert payload == '{"name":"Zoé"}'.encode()
    assert json.loads(split(sign_compact(HEADER, payload, KEY)).payload) == {"name": "Zoé"}
