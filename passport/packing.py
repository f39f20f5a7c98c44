"""From a signed token to the digits in the QR, and back, byte for byte.

Decided here: the packing (docs/adr/0002). The symbol carries a page address, then decimal digits, which
are the big-endian integer ``01 ‖ M``; M is one byte (version of format and dictionary), the raw DEFLATE
stream (RFC 1951) of ``header JSON 00 payload JSON`` with that preset dictionary, then the 64 bytes of
the signature. Unpacking gives back the very same JWT. Dictionaries are data in `schemas/dictionaries`,
named by their SHA-256, frozen, only ever added to; they hold no host.

Left to others: what the token says, whether it is genuine. Sizes: `passport.limits`.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import cache
from typing import Final

import schemas
from passport.errors import MalformedError, UnsupportedError
from passport.jose import SIGNATURE_BYTES, b64url, split
from passport.limits import LIMITS

__all__ = ["CURRENT_DICTIONARY", "pack", "qr_url", "unpack"]

CURRENT_DICTIONARY: Final = 1
_DIGITS: Final = re.compile(r"[1-9][0-9]*")
_STRATEGIES: Final = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED)


@cache
def _dictionary(version: int) -> bytes:
    index = schemas.read_json("dictionaries/index.json")
    name = index["versions"].get(str(version))
    if name is None:
        raise UnsupportedError(
            f"The code was packed with dictionary {version}, which is not known here.",
            code="dictionary_unknown",
            hint="Update this program.",
        )
    data: bytes = schemas.read_bytes(f"dictionaries/{name}.bin")
    if hashlib.sha256(data).hexdigest() != name:
        raise RuntimeError(f"schemas/dictionaries/{name}.bin was changed: dictionaries are frozen.")
    return data


def _deflate(data: bytes, dictionary: bytes) -> bytes:
    """Return the shortest raw DEFLATE stream that zlib finds for so little text."""
    streams = []
    for strategy in _STRATEGIES:
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15, 9, strategy, dictionary)
        streams.append(compressor.compress(data) + compressor.flush())
    return min(streams, key=len)


def pack(token: bytes, *, dictionary: int = CURRENT_DICTIONARY) -> str:
    """Return the decimal digits for a compact JWT; checked to unpack to the same bytes.

    Raises `MalformedError` (`qr_too_long`) when there are more digits than a reader takes.
    """
    jws = split(token)
    stream = _deflate(jws.header_bytes + b"\x00" + jws.payload, _dictionary(dictionary))
    packed = b"\x01" + bytes([dictionary]) + stream + jws.signature
    digits = str(int.from_bytes(packed, "big"))
    if len(digits) > LIMITS.qr_digits:
        raise MalformedError(
            f"The token takes {len(digits)} digits; expected at most {LIMITS.qr_digits}.", code="qr_too_long"
        )
    if unpack(digits) != token:
        raise MalformedError("The token does not come back from its digits as it was.", code="qr_round_trip")
    return digits


def unpack(digits: str) -> bytes:
    """Return the compact JWT that was packed into `digits`.

    Raises `MalformedError` for anything damaged, cut, too long or with bytes after its end, and
    `UnsupportedError` (`dictionary_unknown`) for a version this program does not have.
    """
    if len(digits) > LIMITS.qr_digits:
        raise MalformedError(
            f"The code has {len(digits)} digits; expected at most {LIMITS.qr_digits}.", code="too_big"
        )
    if _DIGITS.fullmatch(digits) is None or not digits.isascii():
        raise MalformedError("The code is not made of decimal digits.", code="qr_digits")
    number = int(digits)
    packed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if packed[0] != 1 or len(packed) < 2 + 1 + SIGNATURE_BYTES:
        raise MalformedError("The digits are not a whole code.", code="qr_cut")
    text = _inflate(packed[2:-SIGNATURE_BYTES], _dictionary(packed[1]))
    header, separator, payload = text.partition(b"\x00")
    if not separator:
        raise MalformedError("The code holds no header and payload.", code="qr_parts")
    return b".".join(b64url(part) for part in (header, payload, packed[-SIGNATURE_BYTES:]))


def _inflate(stream: bytes, dictionary: bytes) -> bytes:
    """Inflate at most the limit; refuse a cut stream, trailing bytes and a bomb."""
    inflater = zlib.decompressobj(-15, dictionary)
    try:
        text = inflater.decompress(stream, LIMITS.qr_inflated_bytes + 1)
    except zlib.error:
        raise MalformedError("The code is damaged.", code="qr_damaged") from None
    if len(text) > LIMITS.qr_inflated_bytes:
        raise MalformedError("The code unpacks to more than a credential can hold.", code="too_big")
    if not inflater.eof or inflater.unused_data or inflater.unconsumed_tail:
        raise MalformedError("The code is cut or has bytes after its end.", code="qr_damaged")
    return text


def qr_url(page: str, digits: str) -> str:
    """Return the text of the QR: the page that opens, ``#``, the digits. Browsers do not send a fragment."""
    return f"{page}#{digits}"
