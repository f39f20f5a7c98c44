"""How the array of a status list is compressed: small, and again within a millisecond when one entry changes.

Decided here: repeats of the byte before are all that is looked for (zlib's `Z_RLE`), in one pass over the
whole. An array is long runs of one byte with strays between; a search for other repeats finds little more
at a hundred times the time (ADR 12 has the figures). So nothing is kept between two signatures: the stream
depends on the array alone. An array that is next to empty is compressed as the specification recommends, at
the highest level (draft-ietf-oauth-status-list-20 section 4.1): it costs little there, and its test vectors,
which are such arrays, come out byte for byte. Both containers: ZLIB for the Token Status List (RFC 1950),
GZIP for the Bitstring Status List (RFC 1952; no time, no name). Any inflater reads them.

Left to others: what the array says and how the stream is written in a document (`status`).
"""

from __future__ import annotations

import zlib
from enum import IntEnum
from typing import Final

from passport.errors import MalformedError

__all__ = ["Container", "compress", "inflate"]

_LEVEL: Final = 9
_SPARSE: Final = 4_096
"""At most one byte in so many differs from zero: next to empty."""


class Container(IntEnum):
    """What stands around the DEFLATE stream; the value is zlib's `wbits` for it."""

    ZLIB = 15
    GZIP = 31


def compress(array: bytes | bytearray, container: Container) -> bytes:
    """Return the stream of `array`: the same bytes each time, at most 0.1 % and 30 bytes longer than it."""
    said = len(array) - array.count(0)
    strategy = zlib.Z_DEFAULT_STRATEGY if said * _SPARSE <= len(array) else zlib.Z_RLE
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, container, zlib.DEF_MEM_LEVEL, strategy)
    return stream.compress(array) + stream.flush()


def inflate(stream: bytes, container: Container, *, max_bytes: int) -> bytes:
    """Return the array in `stream`, whatever compressed it; never more than `max_bytes` are inflated.

    Raises `MalformedError`: `too_big`; `status_damaged` when it is cut, has bytes after its end, or fails its
    checksum.
    """
    inflater = zlib.decompressobj(container)
    try:
        array = inflater.decompress(stream, max_bytes + 1)
    except zlib.error:
        raise MalformedError("The status list is damaged.", code="status_damaged") from None
    if len(array) > max_bytes:
        raise MalformedError("The status list is larger than this program reads.", code="too_big")
    if not inflater.eof or inflater.unused_data:
        raise MalformedError("The status list is cut or has bytes after its end.", code="status_damaged")
    return array
