"""What can go wrong with bytes and with JSON: the edits that the differential tests make, from a seed.

Decides: the edits. Left to others: what they are made to, and who signs the result again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

__all__ = ["ODD_TIMES", "broken_bytes", "edited_json", "odd_texts", "places"]

# Values that readers differ on, each as it would stand in JSON.
RAW = (
    *("null", "true", "false", "0", "-0", "1", "-1", "01", "1.0", "1.", "1e3", "1E+2", "NaN", "-Infinity"),
    *("9007199254740991", "9007199254740992", "-9007199254740993", "253402300799", "253402300800", "-"),
    *('""', '"a"', '"A"', '" a"', '"1.1"', '"000"', '"2"', '"é"', '"e\\u0301"', '"\\u0041"', "1" + "0" * 400),
    *('"\\ud800"', '"\\\\ud800"', '"\t"', '"\\x41"', '"\\u00zz"', '"\u2028"', '"\u202e"', '"\x7f"'),
    *("[]", "[1]", "[1,2]", "[2,1]", "[1,2,]", "{}", '{"a":1}', '{"a":1,"a":2}', '{"__proto__":1}', "{,}"),
    *('"2026-02-29"', '"2024-02-29"', '"0000-01-01"', '"1899-12-31"', '"\U0001f600"', '"\\ud83d\\ude00"'),
    *('"' + "x" * 300 + '"', '"' + "x" * 301 + '"', '"' + "\U0001f600" * 160 + '"', "[" * 17 + "]" * 17),
    *("[" * 15 + "1" + "]" * 15, '{"a":' * 16 + "1" + "}" * 16, '"https://passeport.example/o/epn-ville"'),
    *('"digcomp-3.0"', '"crcn"', '{"1.1":1,"9.9":1}', '{"1.1":true}', '"toString"', '"constructor"'),
    *('"compromised"', '"sealed"', '"status"', '"credential"', '"demo"', '"companies"', '"AQ"', '"aaaa"'),
)
# Times as W3C documents write them, and as they do not.
ODD_TIMES = (
    *("1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0000-12-31T23:59:59Z"),
    *("2026-11-25T24:00:00Z", "2026-11-25T23:59:60Z", "2026-02-29T12:00:00Z", "2026-11-25T12:00:00.0Z"),
    *("2026-11-25T12:00:00.500Z", "2026-11-25t12:00:00Z", "2026-11-25T12:00:00z", "2026-11-25 12:00:00Z"),
    *("2026-11-25T12:00:00+00:00", "2026-11-25T12:00:00", "2026-11-25T12:00Z", "2026-11-25", "+002026-11-25"),
    *("2026-11-25T12:00:30Z", "2026-11-25T12:10:00Z", "2026-11-24T12:00:00Z", "9999-12-31T23:59:59Z"),
    *("٢٠٢٦-11-25T12:00:00Z", "2026-11-25T1２:00:00Z", "Wed, 25 Nov 2026", "", "2020-01-01T00:00:00Z"),
)
_HERE = "\ue000here\ue000"


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything within `value`."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _put(document: bytes, path: tuple[str | int, ...], raw: str) -> bytes:
    """Return the document with the JSON text `raw` in the place that `path` names."""
    value = json.loads(document)
    _at(value, path[:-1])[path[-1]] = _HERE
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace(json.dumps(_HERE, ensure_ascii=False), raw).encode("utf-8", "surrogatepass")


def _edit(rng: random.Random, document: bytes, path: tuple[str | int, ...]) -> bytes:
    """Return the document with one edit at `path`: taken away, doubled, renamed, spaced, or another value."""
    value = json.loads(document)
    raw = json.dumps(_at(value, path), ensure_ascii=False, separators=(",", ":"))
    parent, last = _at(value, path[:-1]), path[-1]
    match rng.randrange(12):
        case 0:
            del parent[last]
        case 1 if isinstance(parent, dict):
            return _put(document, path, f"{raw},{json.dumps(last)}:{raw}")
        case 2 if isinstance(parent, dict):
            parent[f"{last}_"] = parent.pop(last)
        case 3:
            return _put(document, path, rng.choice([" {}", "{} ", "\n{}", "\u00a0{}", "/**/{}"]).format(raw))
        case 4 if isinstance(parent[last], int):
            parent[last] += rng.choice([-86_400, -1, 1, 86_400, 10**9])
        case 5 if isinstance(parent[last], str):
            parent[last] = rng.choice(
                [str.upper, lambda t: t + "a", lambda t: t[:-1], lambda t: t + "\u0301"]
            )(parent[last])
        case 6 if isinstance(parent, list):
            parent.append(parent[last])
        case _:
            return _put(document, path, rng.choice(RAW))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def edited_json(rng: random.Random, document: bytes, count: int) -> Iterator[bytes]:
    """Yield `count` documents, each with one edit or two somewhere."""
    for _ in range(count):
        edited = document
        for _ in range(rng.choice([1, 1, 1, 2])):
            try:
                found = list(places(json.loads(edited)))
            except ValueError:
                break  # the first edit left no JSON to edit again
            if found:
                edited = _edit(rng, edited, rng.choice(found))
        yield edited


def broken_bytes(rng: random.Random, data: bytes, count: int) -> Iterator[bytes]:
    """Yield `count` copies of `data`, each with a bit or byte changed, cut, or a piece doubled or put in."""
    for _ in range(count):
        place, other = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
        match rng.randrange(7):
            case 0 | 1:
                yield data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
            case 2:
                yield (
                    data[:place]
                    + bytes([rng.choice(b'\x00 "{}[]:,.-~_=+/0A\\\x7f\x80\xff')])
                    + data[place + 1 :]
                )
            case 3:
                yield data[:place]
            case 4:
                yield data[:place] + data[other:]
            case 5:
                yield data[:other] + data[place:]
            case _:
                yield data[:place] + bytes([rng.randrange(256)]) + data[place:]


def odd_texts(rng: random.Random, count: int) -> Iterator[str]:
    """Yield names as people and attackers write them: many scripts, marks, blanks, what cannot be seen."""
    letters = "aZéÉçœŁß’'-. \u00a0\u0301\u0300\u0335\u200b\u202e\u2028\u3164\ufeff\u00ad\u1160"
    letters += "\ufe0f\u0085\x1c\x1f\x7f中ابٱअஅ한ガｶ١²Ⅻ①ªǅ\U0001f600\U00010400\U000e0041\ue000\u0378"
    for _ in range(count):
        yield "".join(rng.choice(letters) for _ in range(rng.choice([1, 2, 3, 5, 8, 20, 99, 100, 101])))
