"""JOSE, the part we accept: the only module that imports jwt.

Decided here: what a compact JWS is, byte for byte (three canonical base64url parts, size capped
before anything is computed); which algorithms exist (ES256 by default, EdDSA accepted); how a key is
made from a JWK, once, with its algorithm pinned; how a signature is made and checked. PyJWT makes the keys
and checks EdDSA through its algorithm objects; an ES256 signature goes to `cryptography` directly. Its
`decode()` is not used, because it lets pass what we must refuse (docs/adr/0006): padding and characters
outside base64url, a JWK whose `use` is not `sig` or whose `key_ops` lacks `verify`, and because it takes
the key before it looks at the size.

Left to others: which key is trusted for what (`passport.trust`), what a payload means (`formats`).
Sources: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 section 3.4 (ES256), RFC 8037 (EdDSA), RFC 7638.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from jwt import get_algorithm_by_name
from jwt.exceptions import PyJWTError
from msgspec import Struct

from passport.errors import MalformedError, UnsupportedError
from passport.limits import LIMITS
from passport.strictjson import Json, compact_json, parse_object

__all__ = [
    "ALGORITHMS",
    "CompactJws",
    "PublicKey",
    "Signer",
    "b64url",
    "sign_compact",
    "split",
    "unb64url",
]

ALGORITHMS: Final = ("ES256", "EdDSA")
SIGNATURE_BYTES: Final = 64
_SIGNATURE_CHARS: Final = 86
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_B64URL: Final = re.compile(rb"[A-Za-z0-9_-]*")
_KID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CURVES: Final = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}

_ECDSA: Final = ECDSA(SHA256())
_ES256: Final = get_algorithm_by_name("ES256")
_EDDSA: Final = get_algorithm_by_name("EdDSA")


class Signer(Protocol):
    """Something that holds a private key and signs with it: a file, a card, a module in a rack."""

    @property
    def kid(self) -> str:
        """The key's id, as the trust list names it."""

    @property
    def alg(self) -> str:
        """The one JOSE algorithm of this key."""

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the JOSE signature (r ‖ s, or Ed25519) over `data`."""


def b64url(data: bytes) -> bytes:
    """Return base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def unb64url(text: bytes) -> bytes:
    """Return the bytes of canonical base64url: no padding, no foreign character, no loose last bits."""
    if _B64URL.fullmatch(text) is None:
        raise MalformedError("A part is not base64url without padding.", code="base64url")
    return _decode(text.translate(_STANDARD))


def _decode(text: bytes) -> bytes:
    """Decode characters already known and translated; refuse what does not encode back to itself."""
    try:
        data = binascii.a2b_base64(text + _PADDING[len(text) % 4], strict_mode=True)
    except binascii.Error:
        raise MalformedError("A part is not base64url of any bytes.", code="base64url") from None
    if text[-1:] not in _CANONICAL_LAST[len(text) % 4]:
        raise MalformedError("A part is not canonical base64url.", code="base64url")
    return data


# The last character of a part carries unused low bits: they must be zero, else two texts mean the same
# bytes and a token has twins. Index: length modulo 4. A length of 1 modulo 4 is refused by the decoder.
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ALPHABET_AND_DOT: Final = _ALPHABET + b"."
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_PADDING: Final = (b"", b"===", b"==", b"=")
_DIGITS: Final = [bytes([c]) for c in _ALPHABET.translate(_STANDARD)]
_CANONICAL_LAST: Final = (
    frozenset([b"", *_DIGITS]),
    frozenset[bytes](),
    frozenset(_DIGITS[::16]),
    frozenset(_DIGITS[::4]),
)


class CompactJws(Struct, frozen=True, gc=False):
    """A compact JWS taken apart, nothing checked but its form. `header`: the parsed protected header."""

    header: Mapping[str, object]
    header_bytes: bytes
    payload: bytes
    signing_input: bytes
    signature: bytes

    def member_digest(self, alg: str) -> bytes:
        """Return the digest that names this signature in a sealed set: 32 bytes of SHA-256.

        SHA-256(``passport-sealed-set-1`` ‖ 00 ‖ signing input ‖ 00 ‖ r ‖ min(s, n-s)) for ES256: (r, s) and
        (r, n-s) are one signature, so that a set cannot be escaped by flipping s (DESIGN, Trust;
        docs/adr/0005). EdDSA signatures are not malleable and are taken as they are.
        """
        signature = self.signature
        if alg == "ES256":
            s = int.from_bytes(signature[32:], "big")
            low_s = min(s, abs(_P256_ORDER - s))
            signature = signature[:32] + low_s.to_bytes(32, "big")
        return hashlib.sha256(
            b"passport-sealed-set-1\x00" + self.signing_input + b"\x00" + signature
        ).digest()


def split(token: bytes, *, max_bytes: int = LIMITS.token_chars) -> CompactJws:
    """Take a compact JWS apart (RFC 7515 section 7.1); raise `MalformedError` when its form is not exact.

    The size is looked at first: a token of 10 MB costs less than an honest one. The signature part has
    86 characters: both accepted algorithms sign in 64 bytes.
    """
    if len(token) > max_bytes:
        raise MalformedError(
            f"The token has {len(token)} characters; expected at most {max_bytes}.", code="too_big"
        )
    header_part, payload_part, signature_part = _parts(token)
    header_bytes, header = _read_header(header_part)
    signing_input = token[: -1 - _SIGNATURE_CHARS]
    return CompactJws(header, header_bytes, _decode(payload_part), signing_input, _decode(signature_part))


def _parts(token: bytes) -> list[bytes]:
    """Return the three parts, ready to decode; a pattern would say the same in four times the time."""
    parts = token.translate(_STANDARD).split(b".", 3)
    if len(parts) != 3 or not parts[0] or not parts[1] or len(parts[2]) != _SIGNATURE_CHARS:
        raise MalformedError("Expected three base64url parts with dots between them.", code="compact_form")
    if token.translate(None, _ALPHABET_AND_DOT):
        raise MalformedError("A part holds a character outside base64url.", code="compact_form")
    return parts


@lru_cache(maxsize=1024)
def _read_header(part: bytes) -> tuple[bytes, Mapping[str, object]]:
    """Headers repeat: one a key. Strangers cannot fill more than the cache's bound."""
    data = _decode(part)
    return data, MappingProxyType(parse_object(data, max_bytes=LIMITS.header_bytes))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One public key with its id and its one algorithm. Made once from a JWK, then used many times."""

    kid: str
    alg: str
    thumbprint: str
    jwk: Mapping[str, object]
    _key: EllipticCurvePublicKey | Ed25519PublicKey

    @classmethod
    def from_jwk(cls, jwk: Json) -> PublicKey:
        """Return the key of a JWK (RFC 7517): P-256 for ES256, Ed25519 for EdDSA, public part only.

        Raises `MalformedError` (`jwk`) or `UnsupportedError` (`jwk_algorithm`) when `use` is not `sig`,
        `key_ops` lacks `verify`, `alg` and curve disagree, or a private part is there.
        """
        alg, kid = jwk.get("alg"), jwk.get("kid")
        if not isinstance(alg, str) or alg not in _CURVES:
            raise UnsupportedError("The key is for neither ES256 nor EdDSA.", code="jwk_algorithm")
        if not isinstance(kid, str) or _KID.fullmatch(kid) is None:
            raise MalformedError("The key has no well-formed kid.", code="jwk")
        _check_purpose(jwk)
        if (jwk.get("kty"), jwk.get("crv")) != _CURVES[alg]:
            raise MalformedError(f"The curve of the key is not the one of {alg}.", code="jwk")
        if "d" in jwk:
            raise MalformedError("A private key was given where a public key is expected.", code="jwk")
        key = _load(alg, jwk)
        return cls(kid=kid, alg=alg, thumbprint=_thumbprint(jwk), jwk=_public(jwk), _key=key)

    def verify(self, jws: CompactJws) -> bool:
        """Tell whether the signature over the signing input is this key's; the header's `alg` must agree."""
        if jws.header.get("alg") != self.alg or len(jws.signature) != SIGNATURE_BYTES:
            return False
        try:
            if self.alg == "EdDSA":
                return bool(_EDDSA.verify(jws.signing_input, self._key, jws.signature))
            # `_load` made it; asking an abstract class again would cost a microsecond.
            cast("EllipticCurvePublicKey", self._key).verify(_der(jws.signature), jws.signing_input, _ECDSA)
        except (InvalidSignature, PyJWTError, ValueError):
            return False
        return True


_SEQUENCES: Final = tuple(bytes((0x30, length)) for length in range(71))


def _der(signature: bytes) -> bytes:
    """Return r ‖ s as the DER that cryptography takes (RFC 3279 section 2.2.3).

    PyJWT's way there, through two numbers in hexadecimal, costs a quarter of the whole check (docs/adr/0006).
    """
    numbers = _der_integer(signature[:32]) + _der_integer(signature[32:])
    return _SEQUENCES[len(numbers)] + numbers


def _der_integer(number: bytes) -> bytes:
    """Return 32 bytes as a DER integer: no leading zeros, but one before a first bit that would be a sign."""
    if number[0] > 127:
        return b"\x02\x21\x00" + number
    if number[0] > 0:
        return b"\x02\x20" + number
    digits = number.lstrip(b"\x00")
    if not digits or digits[0] > 127:
        digits = b"\x00" + digits
    return b"\x02" + bytes((len(digits),)) + digits


def _check_purpose(jwk: Json) -> None:
    if jwk.get("use", "sig") != "sig":
        raise MalformedError("The key's `use` is not `sig`.", code="jwk")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise MalformedError("The key's `key_ops` lacks `verify`.", code="jwk")


def _load(alg: str, jwk: Json) -> EllipticCurvePublicKey | Ed25519PublicKey:
    algorithm = _ES256 if alg == "ES256" else _EDDSA
    for name in ("x", "y") if alg == "ES256" else ("x",):
        part = jwk.get(name)
        if not isinstance(part, str) or len(part) != 43 or len(unb64url(part.encode())) != 32:
            raise MalformedError(f"The key's `{name}` is not 32 bytes of base64url.", code="jwk")
    try:
        key = algorithm.from_jwk({k: v for k, v in jwk.items() if k in {"kty", "crv", "x", "y"}})
    except (PyJWTError, ValueError):
        raise MalformedError("The key is not a point of its curve.", code="jwk") from None
    if not isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey):
        raise MalformedError("The key is not a public key.", code="jwk")
    return key


def _public(jwk: Json) -> Mapping[str, object]:
    """Keep the members that every document of ours publishes, in one order."""
    names = (
        ("kty", "crv", "x", "y", "alg", "kid") if jwk["kty"] == "EC" else ("kty", "crv", "x", "alg", "kid")
    )
    return MappingProxyType({name: jwk[name] for name in names} | {"use": "sig"})


def _thumbprint(jwk: Json) -> str:
    """RFC 7638: SHA-256 over the required members in alphabetical order, base64url."""
    names = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    members = {name: jwk[name] for name in names}
    return b64url(hashlib.sha256(compact_json(members)).digest()).decode()


def sign_compact(header: Mapping[str, object], payload: bytes, signer: Signer) -> bytes:
    """Return the compact JWS over exactly these bytes; `alg` and `kid` must be the signer's own.

    A `kid` that is an address ends in the signer's (ids have no slash).
    `payload` is signed as it is, UTF-8 accents included (PyJWT's `encode()` would escape them).
    """
    if header.get("alg") != signer.alg or str(header.get("kid")).rpartition("/")[2] != signer.kid:
        raise MalformedError("The header's alg and kid are not the signer's.", code="signer_mismatch")
    signing_input = b64url(compact_json(header)) + b"." + b64url(payload)
    return signing_input + b"." + b64url(signer.sign(signing_input))
