"""Open Badges and W3C credentials: damaged, and with edited claims that their body signed again.

One edit at a place finds that every copy of a fact must agree. So that the steps behind are reached too,
facts are also changed in all their copies at once. Left to others: who answers.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from passport.jose import split
from passport.strictjson import compact_json
from tests.town import DAY, NOON, TestKey
from tests.verifier.browser.knowledge import AT, SLUG, known_documents, known_town, signed
from tests.verifier.browser.mutations import ODD_TIMES, broken_bytes, edited_json, odd_texts
from tests.verifier.browser.sides import Case

__all__ = ["consistent_credentials", "credentials"]

_ISSUER = f"https://passeport.example/o/{SLUG}"
# What stands in a credential in several places, and what to put into all of them.
_FACTS: dict[str, tuple[str, ...]] = {
    _ISSUER: (
        *("https://passeport.example/o/epn-ville", "https://passeport.example/o/musee", "urn:a"),
        *("https://passeport.example/o/inconnu", "https://autre.example/o/csc-marmiers", f"{_ISSUER}/o/a"),
        *("http://passeport.example/o/csc-marmiers", "https://passeport.example:443/o/csc-marmiers"),
        *("https://passeport.example/O/csc-marmiers", "https://passeport.example/o/", f"{_ISSUER}/"),
        *("https://passeport.example/o/" + "a" * 41, f"https://{'a' * 200}.fr/o/a", "https://é.fr/o/a"),
    ),
    "digcomp-3.0": ("crcn", "decouverte", "digcomp-3.1", "toString", "x", "A1", "a" * 40, "a" * 41, "a b"),
    "1.1-2": (
        "1.1-6",
        "1.1-7",
        "1.1-8",
        "1.1-9",
        "1.1-0",
        "1.1-10",
        "1.1",
        "9.9-2",
        "01.1-2",
        "1.1-2 ",
        "-2",
    ),
    '"1.1': ('"1.2', '"2.1', '"4.2', '"9.9', '"é'),
    "#1.1": ("#1.2", "#2.1", "#4.2", "#9.9", "#Z1.1", "#", "1.1", "#1.1#1.1"),
    "-2": ("-1", "-9", "-3"),
    "2026-11-24": (
        "2026-02-29",
        "2024-02-29",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "2026-1-1",
        "20261124",
    ),
    '"observation"': ('"test"', '"declaration"', '"OBSERVATION"', '"x"', '""'),
    "mediatheque": ("autre", "-a", "a" * 40, "a" * 41, "é", ""),
    '"place":"mediatheque",': (
        "",
        '"place":null,',
        '"specimen":true,',
        '"specimen":false,',
        '"specimen":null,',
    ),
    '"fr"': ('"en"', '"de"', '"FR"', '"fra"', '""', "null"),
    "urn:uuid:": ("urn:UUID:", "urn:uuid:0", "", "https://a.fr/"),
    "csc-marmiers.1.": ("csc-marmiers.2.", "epn-ville.1.", "csc-marmiers.1.revocation.", "csc-marmiers.1"),
    ".revocation": (".suspension", ".message", "", ".revocation.revocation"),
    "https://passeport.example": ("https://autre.example", "http://passeport.example", ""),
    "Zoé": ("Zo\u0065\u0301", "Zoë", "zoé", "Zoé ", ""),
    "Gestes": ("G" * 900, "\U0001f600" * 800, "\U0001f600" * 1001, "", "\u202e"),
}
_INDICES = (
    "0",
    "00",
    "01",
    "131071",
    "131072",
    "4194303",
    "4194304",
    "99999999",
    "100000000",
    "-1",
    "1.0",
    "",
    "é",
)
_MORE: tuple[dict[str, object], ...] = (
    *({"vc": {}}, {"vp": None}, {"proof": {}}, {"iss": None}, {"iss": _ISSUER}, {"iss": f"{_ISSUER}/"}),
    *({"nbf": NOON}, {"nbf": str(NOON)}, {"exp": None}, {"exp": NOON + 9}, {"sub": "a"}, {"aud": []}),
    *({"name": letter * length} for letter in "a\U0001f600" for length in (1_000, 1_001)),
    *({"validUntil": None}, {"evidence": []}, {"credentialStatus": []}, {"__proto__": {}}),
)


def _made() -> list[tuple[bytes, TestKey]]:
    made, own = known_town(), known_town().bodies[SLUG].credential_key
    further, short = made.bodies["musee"].credential_key, {"levels": {"1.1": 2}, "expires_at": NOON + 3600}
    return [
        *((made.badge(), own), (made.vc(), own)),
        *((made.badge("musee", **short), further), (made.vc("musee", **short), further)),
    ]


def credentials(rng: random.Random) -> Iterator[Case]:
    """Tokens and headers damaged, and claims edited at one place or two."""
    for token, key in _made():
        jws = split(token)
        for broken in broken_bytes(rng, token, 100):
            yield Case(broken, known_documents(), AT)
        for header in (*edited_json(rng, jws.header_bytes, 150), *broken_bytes(rng, jws.header_bytes, 80)):
            yield Case(signed(header, jws.payload, key), known_documents(), AT)
        added = compact_json(json.loads(jws.payload) | {"iss": json.loads(jws.payload)["issuer"]["id"]})
        payloads = [*edited_json(rng, jws.payload, 400), *edited_json(rng, added, 100)]
        for payload in (*payloads, *broken_bytes(rng, jws.payload, 150)):
            yield Case(signed(jws.header_bytes, payload, key), known_documents(), _moment(rng))


def consistent_credentials(rng: random.Random) -> Iterator[Case]:
    """One fact changed in all its copies, in the header too; names, times and indices likewise."""
    for token, key in _made()[:2]:
        jws = split(token)
        for old, news in _FACTS.items():
            for new in news:
                header = jws.header_bytes.decode().replace(old, new).encode()
                payload = jws.payload.decode().replace(old, new).encode()
                yield Case(signed(header, payload, key), known_documents(), AT)
        for payload in _with_members(rng, json.loads(jws.payload)):
            yield Case(signed(jws.header_bytes, payload, key), known_documents(), _moment(rng))


def _with_members(rng: random.Random, claims: dict[str, Any]) -> Iterator[bytes]:
    """Yield payloads with another name, time or index, each in all its places."""
    subject = claims["credentialSubject"]
    for name in odd_texts(rng, 250):
        given, family = rng.choice([(name, subject["family_name"]), (subject["given_name"], name)])
        shown = [{**subject["identifier"][0], "identityHash": f"{given} {family}"}]
        named = {"given_name": given, "family_name": family, "identifier": shown}
        yield compact_json(claims | {"credentialSubject": subject | named})
    for index in _INDICES:
        entries = [entry | {"statusListIndex": index} for entry in claims["credentialStatus"]]
        yield compact_json(claims | {"credentialStatus": entries})
    yield from (compact_json(claims | more) for more in _MORE)
    for start in ODD_TIMES:
        beside = {"nbf": _seconds(start)} if "nbf" in claims else {}
        yield compact_json(claims | {"validFrom": start} | beside)
        end = rng.choice(ODD_TIMES)
        after = {"exp": _seconds(end)} if "nbf" in claims else {}
        yield compact_json(claims | {"validFrom": start, "validUntil": end} | beside | after)
        yield compact_json(claims | {"validUntil": start} | ({"exp": _seconds(start)} if beside else {}))


def _seconds(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    except ValueError:
        return NOON


def _moment(rng: random.Random) -> int:
    return AT + rng.choice([0, 0, 0, -DAY, 3600, 2 * DAY, 2**60])
