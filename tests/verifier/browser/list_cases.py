"""Status lists of both encodings, edited and signed again by the status key, and damaged without.

Decides: what is done to a list, and to the stream in it. Left to others: who answers.
"""

from __future__ import annotations

import base64
import binascii
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import replace

from passport.claims import Purpose
from passport.jose import b64url, split
from passport.strictjson import compact_json
from tests.town import DAY, TestKey, Town
from tests.verifier.browser.knowledge import AT, SLUG, documents_of, lists_of, signed
from tests.verifier.browser.mutations import ODD_TIMES, broken_bytes, edited_json
from tests.verifier.browser.sides import Case

__all__ = ["bitstring_documents", "status_documents"]

_SIZES = (0, 1, 16_383, 16_384, 32_768, 2**20 - 1, 2**20, 2**20 + 1, 2**23)
_LATE = (0, 0, 0, DAY, 2 * DAY, 8 * DAY)


def status_documents(rng: random.Random) -> Iterator[Case]:
    """Token Status Lists, asked about by every form."""
    town = Town.make()
    tokens = [*(town.issue() for _ in range(4)), town.badge(), town.vc()]
    for value, token in enumerate(tokens):
        town.set_status(SLUG, token, value % 4)
    plain = documents_of(town)
    document, *others = lists_of(town, SLUG)
    key, listed = town.bodies[SLUG].status_key, json.loads(split(document).payload)["status_list"]

    def with_stream(data: bytes) -> bytes:
        claims = json.loads(split(document).payload)
        return compact_json(claims | {"status_list": {**listed, "lst": b64url(data).decode()}})

    made = [zlib.compress(bytes(size)) for size in _SIZES]
    streams = [*broken_bytes(rng, _unb64url(listed["lst"]), 150), *made]
    for edited in _edited(rng, document, key, payloads=[with_stream(data) for data in streams]):
        statuses = (edited, *others)
        yield Case(rng.choice(tokens), replace(plain, statuses=statuses), AT + rng.choice(_LATE))


def bitstring_documents(rng: random.Random) -> Iterator[Case]:
    """W3C lists, one of the two edited; the Token Status List beside them says *replaced* of one."""
    town = Town.make()
    tokens = [town.badge() for _ in range(4)] + [town.vc() for _ in range(4)] + [town.issue()]
    for value, token in enumerate(tokens):
        town.set_status(SLUG, token, value % 4)
    plain, key = documents_of(town), town.bodies[SLUG].status_key
    hint, *lists = lists_of(town, SLUG)
    for purpose, document in zip(Purpose, lists, strict=True):
        others = [hint, *(one for one in lists if one != document)]
        claims = json.loads(split(document).payload)

        def with_stream(data: bytes, claims: dict[str, dict[str, object]] = claims) -> bytes:
            subject = claims["credentialSubject"] | {"encodedList": "u" + b64url(data).decode()}
            return compact_json(claims | {"credentialSubject": subject})

        stream = _unb64url(claims["credentialSubject"]["encodedList"][1:])
        streams = [*broken_bytes(rng, stream, 100), *_gzips(rng, zlib.decompress(stream, 31))]
        streams += [zlib.compress(bytes(size), wbits=31) for size in _SIZES]
        payloads = [with_stream(data) for data in streams]
        named = ("validFrom", "validUntil")
        payloads += [compact_json(claims | {name: time}) for name in named for time in ODD_TIMES]
        payloads += [split(town.bitstring_document(SLUG, one)).payload for one in Purpose]
        for edited in _edited(rng, document, key, payloads=payloads):
            given = rng.sample(others, rng.choice([1, 2, 2, 2]))
            statuses = (edited, *given) if rng.random() < 0.8 else (*given, edited)
            at = AT + rng.choice(_LATE)
            yield Case(rng.choice(tokens), replace(plain, statuses=statuses), at, name=purpose)


def _edited(rng: random.Random, document: bytes, key: TestKey, *, payloads: list[bytes]) -> Iterator[bytes]:
    """Yield lists with other claims, headers, and the given payloads, all signed again; and damaged ones."""
    jws = split(document)
    for payload in (*edited_json(rng, jws.payload, 200), *payloads):
        yield signed(jws.header_bytes, payload, key)
    for header in (*edited_json(rng, jws.header_bytes, 60), *broken_bytes(rng, jws.header_bytes, 60)):
        yield signed(header, jws.payload, key)
    yield from broken_bytes(rng, document, 60)


def _gzips(rng: random.Random, data: bytes) -> Iterator[bytes]:
    """Yield streams of `data` that writers of GZIP differ on: flags, names, checksums, tails, members."""
    for _ in range(150):
        member = _gzip(rng, data)
        match rng.randrange(8):
            case 0:
                yield member + rng.choice([b"\x00", b"\x1f", b"\x1f\x8b", bytes(512)])
            case 1:
                yield member + _gzip(rng, data)
            case 2:
                yield rng.choice([zlib.compress(data), zlib.compress(data, wbits=-15), b"", b"\x1f\x8b"])
            case 3:
                half = len(data) // 2
                yield _gzip(rng, data[:half]) + _gzip(rng, data[half:])
            case _:
                yield member


def _gzip(rng: random.Random, data: bytes) -> bytes:
    """Return one member (RFC 1952 section 2.3), now and then with something wrong in it."""
    flags = rng.choice([0, 0, 1, 2, 4, 8, 16, 31, rng.randrange(256)])
    header = bytes([0x1F, 0x8B, rng.choice([8] * 9 + [7]), flags, *rng.randbytes(6)])
    if flags & 4:
        extra = rng.randbytes(rng.choice([0, 1, 300]))
        header += len(extra).to_bytes(2, "little") + extra
    header += b"name\0" * bool(flags & 8) + "é\0".encode("latin-1") * bool(flags & 16)
    if flags & 2:
        header += ((binascii.crc32(header) & 0xFFFF) ^ (rng.random() < 0.2)).to_bytes(2, "little")
    level, strategy = (
        rng.choice([0, 1, 6, 9]),
        rng.choice([zlib.Z_DEFAULT_STRATEGY, zlib.Z_RLE, zlib.Z_FIXED]),
    )
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    body = deflate.compress(data) + deflate.flush()
    check, size = binascii.crc32(data), len(data)
    if rng.random() < 0.2:
        check, size = rng.choice([(check ^ 1, size), (check, size + 1), (check, size + 2**31), (0, 0)])
    return header + body + check.to_bytes(4, "little") + size.to_bytes(4, "little")


def _unb64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
