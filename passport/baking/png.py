"""A credential baked into a PNG: one uncompressed `iTXt` chunk, keyword `openbadgecredential`.

Decided here: the chunk (Open Badges 3.0, section 5.3.1; PNG third edition, sections 5.3 to 5.6 and
11.3.3.3), its place before the pixels, and what is refused: a second one, a compressed one, one in another
kind of text chunk or after the end, a chunk cut short or with a wrong checksum. Lengths and the size of the
picture are looked at before anything is computed, and no pixel is ever inflated: a bomb stays asleep.

Left to others: the pixels (`verifier.pictures`), the token (`passport.baking`).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from passport.baking import read_token
from passport.errors import MalformedError
from passport.limits import LIMITS

__all__ = ["SIGNATURE", "bake_png", "read_png"]

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEYWORD: Final = b"openbadgecredential"
_TEXTS: Final = (b"iTXt", b"tEXt", b"zTXt")
_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
# Length, type and checksum around the body of a chunk.
_HEAD: Final = struct.Struct(">I4s")
_AROUND: Final = 12


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    body: bytes
    start: int


def bake_png(picture: bytes, token: bytes) -> bytes:
    """Return `picture` with `token` in a chunk before its first pixels; nothing else changes.

    Raises `MalformedError`: `badge_broken` (not a whole PNG, or not a compact JWS), `badge_baked` (it
    carries a credential already), `image_pixels`, `too_big`.
    """
    read_token(token)
    chunks = list(_walk(picture))
    if _baked(chunks):
        raise MalformedError("The picture already carries a credential.", code="badge_baked")
    place = next((chunk.start for chunk in chunks if chunk.kind == b"IDAT"), None)
    if place is None:
        raise _broken("it has no pixels")
    # Keyword, 0, not compressed, method 0, no language, no translated keyword, text (11.3.3.3).
    body = _KEYWORD + b"\0\0\0\0\0" + token
    return picture[:place] + _written(b"iTXt", body) + picture[place:]


def read_png(picture: bytes) -> bytes | None:
    """Return the token baked into `picture`, or None when none is.

    A PNG in which the keyword does not occur is not walked: it is a picture like any other, and its decoder
    says what is wrong with it. Raises what `bake_png` raises, and what `passport.baking.read_token` does.
    """
    if _KEYWORD not in picture:
        return None
    baked = _baked(list(_walk(picture)))
    if len(baked) > 1:
        raise _broken("it carries more than one credential")
    return read_token(_text(baked[0])) if baked else None


def _baked(chunks: list[_Chunk]) -> list[_Chunk]:
    return [c for c in chunks if c.kind in _TEXTS and c.body.partition(b"\0")[0] == _KEYWORD]


def _text(chunk: _Chunk) -> bytes:
    """Return the text of an `iTXt` body: keyword 0 flag method language 0 translated 0 text."""
    rest = chunk.body[len(_KEYWORD) + 1 :]
    if chunk.kind != b"iTXt":
        raise _broken("its credential is not in an iTXt chunk")
    if rest[:2] != b"\0\0":
        raise _broken("its credential is compressed")
    language, first, rest = rest[2:].partition(b"\0")
    translated, second, text = rest.partition(b"\0")
    if not (first and second and language.isascii() and len(translated) <= LIMITS.name_chars):
        raise _broken("its text chunk is cut")
    return text


def _walk(picture: bytes) -> Iterator[_Chunk]:
    """Give every chunk, each checked; a picture that does not end with its IEND is refused."""
    if len(picture) > LIMITS.file_bytes:
        raise MalformedError(
            f"The picture has {len(picture)} bytes; expected at most {LIMITS.file_bytes}.", code="too_big"
        )
    if not picture.startswith(SIGNATURE):
        raise _broken("it is not a PNG")
    place, count, kind = len(SIGNATURE), 0, b""
    while kind != b"IEND":
        chunk = _chunk_at(picture, place)
        if count == 0:
            _check_header(chunk)
        elif chunk.kind == b"IHDR":
            raise _broken("it has a second header")
        kind, count = chunk.kind, count + 1
        if count > LIMITS.picture_chunks:
            raise _broken("it has too many chunks")
        place += len(chunk.body) + _AROUND
        yield chunk
    if place != len(picture):
        raise _broken("it goes on after its end")


def _chunk_at(picture: bytes, place: int) -> _Chunk:
    if len(picture) - place < _AROUND:
        raise _broken("it is cut")
    length, kind = _HEAD.unpack_from(picture, place)
    if length > len(picture) - place - _AROUND:
        raise _broken("it is cut")
    if not _LETTERS.issuperset(kind):
        raise _broken("a chunk has no type")
    end = place + _HEAD.size + length
    if zlib.crc32(picture[place + 4 : end]) != int.from_bytes(picture[end : end + 4], "big"):
        raise _broken("a checksum is wrong")
    return _Chunk(kind, picture[place + _HEAD.size : end], place)


def _check_header(chunk: _Chunk) -> None:
    if chunk.kind != b"IHDR" or len(chunk.body) != 13:
        raise _broken("it has no header")
    width, height = struct.unpack_from(">II", chunk.body)
    if width * height > LIMITS.image_pixels or min(width, height) < 1:
        raise MalformedError(
            f"The picture has {width} × {height} pixels; expected at most {LIMITS.image_pixels} in all.",
            code="image_pixels",
        )


def _written(kind: bytes, body: bytes) -> bytes:
    return _HEAD.pack(len(body), kind) + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _broken(why: str) -> MalformedError:
    return MalformedError(f"The PNG badge cannot be read: {why}.", code="badge_broken")
