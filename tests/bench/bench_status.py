"""Status lists of a million entries, one in a hundred withdrawn: flip one and sign, size, look-up."""

from __future__ import annotations

import gzip
import itertools
import random
import sqlite3
import tempfile
import time
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from issuer.register.changes import restore, suspend
from issuer.register.issuing import issue
from issuer.register.status_documents import status_document
from issuer.store import statuses
from passport.jose import b64url, sign_compact, split
from passport.limits import LIMITS
from passport.list_compression import Container, compress
from passport.status import StatusArray, read_status_token, write_status_token
from tests.bench.measure import Row, interleaved, ratio_row
from tests.issuer.registers import BODY, SCHEME, make_register, request
from tests.town import NOON, TestKey

ENTRIES = 1_000_000
URI = "https://bench.example/status/body.1"
KEY = TestKey("s2026-1")


def run() -> list[Row]:
    """Return the rows of this bench."""
    two, one = _data(ENTRIES, 2), _data(ENTRIES, 1)
    return [*_flips(two, one), *_sizes(two, one), *_reading(two), *_in_a_register()]


def _data(entries: int, bits: int) -> bytes:
    """Return an array with one in a hundred entries, at random places, withdrawn."""
    numbers, per_byte = random.Random(20261125), 8 // bits
    data = bytearray(entries // per_byte)
    for index in numbers.sample(range(entries), entries // 100):
        data[index // per_byte] |= 1 << index % per_byte * bits
    return bytes(data)


def _signed(name: str, encoded: bytes) -> bytes:
    payload = b'{"sub":"%s","%s":"%s"}' % (URI.encode(), name.encode(), b64url(encoded))
    return sign_compact({"alg": KEY.alg, "kid": KEY.kid}, payload, KEY)


def _flips(two: bytes, one: bytes) -> list[Row]:
    array, bits, places = StatusArray(bytearray(two)), bytearray(one), itertools.count(0, 7_919)

    def ours() -> None:
        array[next(places) % ENTRIES] ^= 2
        write_status_token(array, uri=URI, issued_at=NOON, signer=KEY)

    def ours_one_bit() -> None:
        bits[next(places) % len(bits)] ^= 0x10
        _signed("encodedList", compress(bits, Container.GZIP))

    def best() -> None:
        _signed("lst", zlib.compress(two, 9))

    def best_one_bit() -> None:
        _signed("encodedList", gzip.compress(one, 9))

    name, against = "10⁶ entries, 1 % withdrawn: flip one, sign,", "highest level"
    return [
        ratio_row(f"{name} ZLIB", ours, best, against=against, goal="≤ 10 ms", rounds=15),
        ratio_row(f"{name} GZIP", ours_one_bit, best_one_bit, against=against, goal="≤ 10 ms", rounds=15),
    ]


def _sizes(two: bytes, one: bytes) -> list[Row]:
    return [
        _size("ZLIB", len(compress(two, Container.ZLIB)), len(zlib.compress(two, 9))),
        _size("GZIP", len(compress(one, Container.GZIP)), len(gzip.compress(one, 9))),
    ]


def _size(container: str, ours: int, best: int) -> Row:
    name = f"the same list, kB (not ms), {container}"
    return Row(name, ours / 1000, "highest level", best / 1000, round(ours / best, 3), "≤ 1.3")


def _reading(two: bytes) -> list[Row]:
    token = write_status_token(StatusArray(two), uri=URI, issued_at=NOON, signer=KEY)
    known, places = (
        {URI: read_status_token(split(token, max_bytes=LIMITS.status_token_bytes))},
        itertools.count(0, 7_919),
    )

    def looked_up() -> None:
        for _ in range(1_000):
            assert known[URI].array[next(places) % ENTRIES] < 2

    [reading] = interleaved(
        lambda: read_status_token(split(token, max_bytes=LIMITS.status_token_bytes)), rounds=50
    )
    [looking] = interleaved(looked_up, rounds=50)
    return [
        Row("the same list, read (once an hour)", round(reading, 3), "-", None, None, "-"),
        Row("1,000 look-ups of a status, list cached", round(looking, 3), "-", None, None, "≤ 5 ms"),
    ]


def _in_a_register() -> list[Row]:
    """On SQLite, on the disk, beside the bare driver: a status changed, then the list signed and kept."""
    size = LIMITS.status_max_entries
    data = _data(size, 2)
    with tempfile.TemporaryDirectory() as folder:
        scheme = replace(SCHEME, status_list_entries=size)
        with (
            make_register(Path(folder) / "town", time.time, scheme) as register,
            closing(_bare(Path(folder) / "bare", data)) as bare,
        ):
            [made] = issue(register, BODY, [request()], actor="bench")
            with register.writing() as session:
                statuses.put_array(session, f"{BODY}.1", data=data)
            steps = itertools.cycle((suspend, restore))
            flipped, places = bytearray(data), itertools.count(0, 7_919)

            def flip() -> None:
                next(steps)(register, made.code, actor="bench")

            def sign() -> None:
                status_document(register, f"{BODY}.1")

            def write() -> None:
                flipped[next(places) % len(flipped)] ^= 1
                bare.execute("UPDATE list SET data = ?", (flipped,))

            flipping, signing, writing = (round(t, 3) for t in interleaved(flip, sign, write, rounds=60))
    name, against = "2²⁰ entries in SQLite:", "one durable UPDATE"
    return [
        Row(f"{name} changed, audited", flipping, against, writing, round(flipping / writing, 2), "-"),
        Row(f"{name} signed, kept", signing, against, writing, round(signing / writing, 2), "≤ 10 ms"),
    ]


def _bare(file: Path, data: bytes) -> sqlite3.Connection:
    """Return a database set up as ours, with one row of the array's size; each statement is on the disk."""
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE list (data BLOB)"):
        connection.execute(statement)
    connection.execute("INSERT INTO list VALUES (?)", (data,))
    return connection
