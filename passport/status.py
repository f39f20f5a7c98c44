"""Status lists: what has been withdrawn, in the bytes of the IETF Token Status List.

Decided here: the array of two-bit values and its encoding, the signed token around it (writer and
reader of the form), what the values mean to us. Indices count from the least significant bit; the
array is compressed in the ZLIB container (draft-ietf-oauth-status-list-20 sections 4.1, 5.1, 7.1).

Left to others: how it is compressed (`list_compression`), which body and key may sign a list, how old it may
be (`verifier`), where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from passport.claims import Purpose
from passport.errors import MalformedError
from passport.jose import CompactJws, Signer, b64url, sign_compact, unb64url
from passport.limits import LIMITS
from passport.list_compression import Container, compress, inflate
from passport.strictjson import Reader, compact_json, parse_object

__all__ = [
    "BITS",
    "MEDIA_TYPE",
    "Entries",
    "Status",
    "StatusArray",
    "StatusListToken",
    "read_status_token",
    "write_status_token",
]

BITS: Final = 2
TYP: Final = "statuslist+jwt"
MEDIA_TYPE: Final = "application/statuslist+jwt"
TTL_SECONDS: Final = 3_600
LIFE_SECONDS: Final = 7 * 86_400


class Status(IntEnum):
    """What an entry says (section 7.1; 3 is application specific)."""

    VALID = 0
    WITHDRAWN = 1
    SUSPENDED = 2
    REPLACED = 3


class Entries(Protocol):
    """What a list holds, however its bytes are laid out: `Status` values, or single bits.

    No entry is found beyond its ends: `IndexError`.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> int: ...


class StatusArray:
    """A fixed number of small integers, `bits` wide (1, 2, 4 or 8), packed from the lowest bit of byte 0."""

    def __init__(self, data: bytearray | bytes, *, bits: int = BITS) -> None:
        if bits not in {1, 2, 4, 8}:
            raise MalformedError("A status entry has 1, 2, 4 or 8 bits.", code="status_bits")
        self._data = data
        self.bits = bits
        self._per_byte = 8 // bits
        self._mask = (1 << bits) - 1

    @classmethod
    def empty(cls, entries: int, *, bits: int = BITS) -> StatusArray:
        """Return an array of `entries` zeros (rounded up to whole bytes)."""
        return cls(bytearray(-(-entries * bits // 8)), bits=bits)

    @property
    def data(self) -> bytes:
        """The packed bytes."""
        return bytes(self._data)

    def __len__(self) -> int:
        return len(self._data) * self._per_byte

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < len(self):
            raise IndexError(index)
        byte, place = divmod(index, self._per_byte)
        return self._data[byte] >> place * self.bits & self._mask

    def __setitem__(self, index: int, value: int) -> None:
        if not 0 <= index < len(self) or not 0 <= value <= self._mask:
            raise IndexError(index)
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        byte, place = divmod(index, self._per_byte)
        shift = place * self.bits
        self._data[byte] = self._data[byte] & ~(self._mask << shift) | value << shift

    def encode(self) -> str:
        """Return `lst`: base64url without padding of the ZLIB stream (section 4.1)."""
        return b64url(compress(self._data, Container.ZLIB)).decode()

    @classmethod
    def decode(cls, lst: str, *, bits: int) -> StatusArray:
        """Return the array of an `lst`; at most `LIMITS.status_list_bytes` once inflated (section 11.1)."""
        try:
            stream = unb64url(lst.encode("ascii"))
        except UnicodeEncodeError:
            raise MalformedError("The status list is damaged.", code="status_damaged") from None
        return cls(inflate(stream, Container.ZLIB, max_bytes=LIMITS.status_list_bytes), bits=bits)


@dataclass(frozen=True, slots=True)
class StatusListToken:
    """A status list taken apart; its signature is for the caller to check against a trusted key.

    `issued_at`, `expires_at`: seconds since 1970. `ttl`: seconds after which to fetch again. `issuer` and
    `purpose` are said by the W3C lists alone (`passport.bitstring`).
    """

    uri: str
    issued_at: int
    expires_at: int
    ttl: int
    array: Entries
    kid: str
    jws: CompactJws
    issuer: str | None = None
    purpose: Purpose | None = None


def write_status_token(
    array: StatusArray, *, uri: str, issued_at: int, signer: Signer, life: int = LIFE_SECONDS
) -> bytes:
    """Return the signed list at `uri`, good for `life` seconds."""
    header = {"alg": signer.alg, "kid": signer.kid, "typ": TYP}
    claims = {
        "sub": uri,
        "iat": issued_at,
        "exp": issued_at + life,
        "ttl": TTL_SECONDS,
        "status_list": {"bits": array.bits, "lst": array.encode()},
    }
    return sign_compact(header, compact_json(claims), signer)


def read_status_token(jws: CompactJws) -> StatusListToken:
    """Return the parts of a Token Status List; raise `MalformedError` when its form is wrong.

    Only lists of at least 131,072 two-bit entries are ours: a short list tells which credential was
    looked up.
    """
    header = Reader(jws.header, "status list header")
    if header.text("typ") != TYP or not jws.header.keys() <= {"alg", "kid", "typ"}:
        raise MalformedError(f"Expected a token of type {TYP}.", code="typ")
    claims = Reader(parse_object(jws.payload, max_bytes=LIMITS.status_token_bytes), "status list")
    listed = claims.member("status_list")
    array = StatusArray.decode(
        listed.text("lst", max_chars=LIMITS.status_token_bytes), bits=listed.integer("bits", high=8)
    )
    if array.bits != BITS or len(array) < LIMITS.status_min_entries:
        raise MalformedError("The list has not the width or length of this scheme.", code="status_shape")
    return StatusListToken(
        uri=claims.text("sub", max_chars=LIMITS.url_chars),
        issued_at=claims.integer("iat"),
        expires_at=claims.integer("exp"),
        ttl=claims.integer("ttl", low=1),
        array=array,
        kid=header.text("kid", max_chars=LIMITS.kid_chars),
        jws=jws,
    )
