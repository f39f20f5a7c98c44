"""Private keys in memory: made, loaded once, and signing in the form of JOSE.

Decided here: ES256 is P-256 with SHA-256, its signature r ‖ s in 64 bytes (RFC 7518 section 3.4); EdDSA
is Ed25519 (RFC 8037). Each signer has one key and one algorithm. Left to others: where the key is kept
(`keys.ring`), whether anything may be signed (`keys.ceremony`).
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from passport.errors import MalformedError, UnsupportedError
from passport.jose import PublicKey, b64url

__all__ = ["FileSigner", "PrivateKey", "new_private_key", "private_bytes", "public_of", "signer_from"]

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey

_ECDSA_SHA256: Final = ECDSA(SHA256())


class FileSigner:
    """A `passport.jose.Signer` whose key was read from an encrypted file; `public` is its own public key."""

    __slots__ = ("_key", "alg", "kid", "public")

    def __init__(self, key: PrivateKey, public: PublicKey) -> None:
        self._key = key
        self.public = public
        self.kid = public.kid
        self.alg = public.alg

    def __repr__(self) -> str:
        return f"FileSigner(kid={self.kid!r}, alg={self.alg!r})"

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the JOSE signature over `data`."""
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(data)
        r, s = decode_dss_signature(self._key.sign(data, _ECDSA_SHA256))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def new_private_key(alg: str) -> PrivateKey:
    """Return a new key for ``ES256`` or ``EdDSA``; raise `UnsupportedError` (`jwk_algorithm`) otherwise."""
    if alg == "ES256":
        return generate_private_key(SECP256R1())
    if alg == "EdDSA":
        return Ed25519PrivateKey.generate()
    raise UnsupportedError("Keys are made for ES256 or EdDSA.", code="jwk_algorithm")


def public_of(key: PrivateKey, kid: str) -> PublicKey:
    """Return the public key, named `kid`, with its algorithm pinned."""
    if isinstance(key, Ed25519PrivateKey):
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        members = {"kty": "OKP", "crv": "Ed25519", "x": b64url(raw).decode(), "alg": "EdDSA"}
    else:
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        x, y = b64url(point[1:33]).decode(), b64url(point[33:]).decode()
        members = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256"}
    return PublicKey.from_jwk({**members, "use": "sig", "kid": kid})


def private_bytes(key: PrivateKey) -> bytes:
    """Return the key as unencrypted PKCS #8, to be sealed at once and kept nowhere."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def signer_from(secret: bytes, public: PublicKey) -> FileSigner:
    """Return the signer of PKCS #8 bytes; raise `MalformedError` (`key_pair`) unless `public` is its half."""
    try:
        key = load_der_private_key(secret, password=None)
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedError("The private key cannot be read.", code="key_pair") from None
    if not isinstance(key, EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise MalformedError("The private key is for neither ES256 nor EdDSA.", code="key_pair")
    if public_of(key, public.kid).thumbprint != public.thumbprint:
        raise MalformedError("The private key is not the half of its public key.", code="key_pair")
    return FileSigner(key, public)
