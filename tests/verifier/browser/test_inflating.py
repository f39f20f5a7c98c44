"""The browser's inflater takes and refuses what zlib does: honest, cut, damaged and oversized streams."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterator

import pytest

from tests import node
from tests.verifier.browser.sides import HERE

pytestmark = pytest.mark.node

DICTIONARY = b'{"alg":"ES256","kid":"c2026-1","typ":"dc+sd-jwt"}https://passeport.example/o/' * 3
WBITS = {"raw": -15, "zlib": 15, "gzip": 31}
Case = tuple[bytes, str, int]


def by_zlib(data: bytes, container: str, most: int) -> str:
    """Return what our own readers make of a stream (passport.packing, passport.list_compression)."""
    if container == "raw":
        inflater = zlib.decompressobj(-15, DICTIONARY)
    else:
        inflater = zlib.decompressobj(WBITS[container])
    try:
        text = inflater.decompress(data, most + 1)
    except zlib.error:
        return "damaged"
    if len(text) > most:
        return "too_big"
    whole = inflater.eof and not inflater.unused_data and not inflater.unconsumed_tail
    return hashlib.sha256(text).hexdigest() if whole else "damaged"


def texts(rng: random.Random) -> Iterator[bytes]:
    yield from (b"", b"a", bytes(300), DICTIONARY * 2, rng.randbytes(700))
    for _ in range(30):
        words = [
            rng.choice([b"iss", b"2026-", b"\0" * rng.randrange(40), rng.randbytes(3)]) for _ in range(60)
        ]
        yield b"".join(words)
    sparse = bytearray(40_000)
    for _ in range(300):
        sparse[rng.randrange(len(sparse))] = rng.randrange(256)
    yield bytes(sparse)


def streams(rng: random.Random) -> Iterator[Case]:
    for text in texts(rng):
        for container, bits in WBITS.items():
            for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_RLE, zlib.Z_HUFFMAN_ONLY):
                for level in (0, 6, 9):
                    given = (level, zlib.DEFLATED, bits, 8, strategy)
                    maker = zlib.compressobj(*given, *([DICTIONARY] if bits < 0 else []))
                    yield maker.compress(text) + maker.flush(), container, len(text)


def damaged(rng: random.Random, stream: bytes) -> bytes:
    data = bytearray(stream)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        how, at = rng.randrange(5), rng.randrange(len(data) + 1)
        if how == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif how == 1 and at < len(data):
            data[at] = rng.randrange(256)
        elif how == 2:
            del data[at:]
        elif how == 3:
            data[at:at] = rng.randbytes(rng.randrange(1, 4))
        else:
            del data[at : at + rng.randrange(1, 3)]
    return bytes(data)


def cases() -> list[Case]:
    rng = random.Random("inflating")
    found: list[Case] = []
    for stream, container, size in streams(rng):
        found += [(stream, container, most) for most in {size, size + 1, max(0, size - 1), size // 2, 0}]
        for _ in range(20):
            most = rng.choice([size, size, size + 50, max(0, size - 1), size // 2])
            found.append((damaged(rng, stream), container, most))
        if container == "raw":
            # Whatever bits come: the headers of blocks and their codes.
            found += [
                (rng.randbytes(rng.randrange(1, 90)), "raw", rng.choice([0, 9, 4_000])) for _ in range(8)
            ]
    named = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x02\x00ab" + b"name\x00" + b"note\x00"
    crc = (zlib.crc32(named) & 0xFFFF).to_bytes(2, "little")
    body = zlib.compress(b"abc" * 20, wbits=31)[10:]
    found += [(named + check + body, "gzip", 60) for check in (crc, b"\0\0", b"")]
    return found


def test_every_stream_is_taken_or_refused_as_zlib_does() -> None:
    given = cases()
    task = {
        "dictionary": base64.b64encode(DICTIONARY).decode(),
        "cases": [[base64.b64encode(data).decode(), container, most] for data, container, most in given],
    }
    command = [node.NODE, HERE / "inflating.mjs"]
    run = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    ours = [by_zlib(*case) for case in given]
    theirs = json.loads(run.stdout)
    apart = [(case, a, b) for case, a, b in zip(given, ours, theirs, strict=True) if a != b]
    assert apart == []
    kinds = Counter(one if one in {"damaged", "too_big"} else "taken" for one in ours)
    assert min(kinds.values()) > 800, kinds
    assert len(given) > 20_000
