"""Keys for the desk, each for one purpose, made from the secret of the data folder.

Decided here: a key is HMAC-SHA256 of the folder's secret over the name of its purpose, so that what one
purpose gives away says nothing about another; what is hidden in the database is sealed with AES-256-GCM and
bound to whose it is (NIST SP 800-38D). A copy of the database without the folder tries no code and reads no
seed. Left to others: what is hashed or sealed, and why.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from issuer.register.folder import Register

__all__ = ["keyed_hash", "seal", "unseal"]

_NONCE_BYTES: Final = 12


def _key(register: Register, purpose: str) -> bytes:
    return hmac.new(register.person_secret, b"staff-1\x00" + purpose.encode(), hashlib.sha256).digest()


def keyed_hash(register: Register, purpose: str, value: str) -> str:
    """Return the keyed hash of a value, in hexadecimal; nobody without the folder's secret can try values."""
    return hmac.new(_key(register, purpose), value.encode(), hashlib.sha256).hexdigest()


def seal(register: Register, purpose: str, data: bytes, *, owner: str) -> bytes:
    """Return `data` sealed; it opens only for the same purpose and owner."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_key(register, purpose)).encrypt(nonce, data, owner.encode())


def unseal(register: Register, purpose: str, sealed: bytes, *, owner: str) -> bytes | None:
    """Return what was sealed; None when it is another's, damaged, or sealed with another folder's secret."""
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(_key(register, purpose)).decrypt(nonce, rest, owner.encode())
    except (InvalidTag, ValueError):
        return None
