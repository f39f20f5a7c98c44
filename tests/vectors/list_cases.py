"""Vectors about the W3C status lists of a credential: what they say, and which of them are believed."""

from __future__ import annotations

import gzip
import json
from typing import Any

from passport.bitstring import purpose_uri
from passport.claims import Purpose, StatusReference
from passport.jose import b64url, split
from passport.status import StatusArray
from passport.strictjson import compact_json
from tests.town import DAY, NOON, TestKey, Town
from tests.vectors.case import Case, documents

A, B = "csc-marmiers", "epn-ville"
SOURCE = "Bitstring Status List section 3.2; DESIGN, Status lists"
REVOCATION, SUSPENSION = Purpose.REVOCATION, Purpose.SUSPENSION
UNKNOWN = "status_unavailable"


def cases() -> list[Case]:
    """Return the cases of this file."""
    return [*_values(), *_needed(), *_believed(), *_bytes()]


def _case(
    town: Town, name: str, token: bytes, reason: str, why: str, lists: list[bytes], **more: Any
) -> Case:
    verdict = "undetermined" if reason in {UNKNOWN, "status_stale"} else "invalid"
    known = documents(town, statuses=lists)
    return Case(f"bits-{name}", token, reason, why, more.pop("source", SOURCE), known,
                verdict=more.pop("verdict", verdict), shows=True, **more)  # fmt: skip


def _values() -> list[Case]:
    town = Town.make()
    made = {(form, value): getattr(town, form)() for form in ("badge", "vc") for value in range(4)}
    for (_, value), token in made.items():
        town.set_status(A, token, value)
    every = town.status_documents()
    without_hint = [
        document for document in every if b"statuslist" not in split(document, max_bytes=2**21).header_bytes
    ]
    said = {1: "withdrawn", 2: "suspended", 3: "replaced"}
    out = [
        _case(town, f"{form}-{said[value]}", token, said[value], f"Value {value} of the array.", every,
              verdict="valid" if value == 3 else "invalid")
        for (form, value), token in made.items() if value
    ]  # fmt: skip
    ends = [town.badge(status=StatusReference(town.bodies[A].uri, index)) for index in (0, 131_071)]
    last_only = Town.make()
    beyond = last_only.badge(status=StatusReference(last_only.bodies[A].uri, 131_072))
    first, last = ends
    for index in (0, 131_071):
        town.bodies[A].array[index] = 1
    return [
        *out,
        _case(town, "first-entry", first, "withdrawn", "Index 0 is the most significant bit of byte 0.",
              town.status_documents()),
        _case(town, "last-entry", last, "withdrawn", "The last entry.", town.status_documents()),
        _case(town, "neighbour", town.badge(status=StatusReference(town.bodies[A].uri, 7)), "valid",
              "Only index 0 of byte 0 is set: read from the other end, it would be this one.",
              town.status_documents(), verdict="valid"),
        _case(last_only, "index-beyond", beyond, "malformed", "An index beyond the end of the list.",
              last_only.status_documents(), source="Bitstring Status List section 3.2 (RANGE_ERROR)"),
        _case(town, "withdrawn-without-hint", made["badge", 1], "withdrawn", "The W3C lists alone.", without_hint),
        _case(town, "replaced-without-hint", made["vc", 3], "valid",
              "Replaced is told by the Token Status List alone, which is not needed.", without_hint, verdict="valid"),
    ]  # fmt: skip


def _needed() -> list[Case]:
    town = Town.make()
    token, gone, paused = town.badge(), town.badge(), town.badge()
    town.set_status(A, gone, 1)
    town.set_status(A, paused, 2)
    bits = {purpose: town.bitstring_document(A, purpose) for purpose in Purpose}
    old = {p: town.bitstring_document(A, p, issued_at=NOON - 2 * DAY) for p in Purpose}
    hint = town.status_document(A)

    def case(name: str, given: bytes, reason: str, why: str, *lists: bytes) -> Case:
        return _case(town, name, given, reason, why, list(lists))

    return [
        case("none", token, UNKNOWN, "No list at hand."),
        case("hint-alone", token, UNKNOWN, "The Token Status List does not stand for the W3C lists.", hint),
        case("revocation-alone", token, UNKNOWN, "Whether it is suspended is not known.", bits[REVOCATION]),
        case("suspension-alone", token, UNKNOWN, "Whether it is withdrawn is not known.", bits[SUSPENSION]),
        case("withdrawn-one-list", gone, "withdrawn", "Withdrawn is known; the other list cannot change it.",
             bits[REVOCATION]),
        case("suspended-one-list", paused, "suspended", "Suspended is known.", bits[SUSPENSION]),
        case("withdrawn-by-hint", gone, "withdrawn", "Withdrawn is final, whoever of the body's lists tells it.", hint),
        case("old", token, "status_stale", "Both lists are two days old.", *old.values()),
        case("old-suspension", token, "status_stale", "One of the two is two days old.", bits[REVOCATION],
             old[SUSPENSION]),
        case("old-withdrawn", gone, "withdrawn", "An old list still tells it.", *old.values()),
        case("old-suspended", paused, "status_stale", "Suspended is not final.", *old.values()),
        case("ended", token, "status_stale", "Past their own end.",
             *(town.bitstring_document(A, p, issued_at=NOON, life=30) for p in Purpose)),
    ]  # fmt: skip


def _believed() -> list[Case]:
    town, rogue = Town.make(), Town.make()
    token = town.badge()
    a, b = town.bodies[A], town.bodies[B]
    suspension = town.bitstring_document(A, SUSPENSION)
    refused = Town.make()
    refused_token, refused_lists = refused.vc(), refused.status_documents()
    refused.refused = frozenset({refused.bodies[A].status_key.public.thumbprint})

    def case(name: str, why: str, revocation: bytes) -> Case:
        return _case(town, name, token, UNKNOWN, why, [revocation, suspension])

    foreign = town.vc(status=StatusReference(b.uri, 5))
    outside = town.vc(status=StatusReference("https://evil.example/status/csc-marmiers.1", 5))
    return [
        case("of-rogue", "A list that somebody else signed.", rogue.bitstring_document(A, REVOCATION)),
        case("by-credential-key", "A list signed with the credential key.",
             town.bitstring_document(A, REVOCATION, signer=a.credential_key)),
        case("by-other-body", "Body A's list signed by body B.",
             town.bitstring_document(A, REVOCATION, signer=b.status_key)),
        case("issuer-other", "A list under A's address that names B as its issuer.",
             town.bitstring_document(A, REVOCATION, issuer=b.issuer, signer=b.status_key)),
        case("other-address", "The list of another address.",
             town.bitstring_document(A, REVOCATION, uri=a.body.status_prefix + "2")),
        _case(town, "foreign-prefix", foreign, UNKNOWN, "It points at another body's lists.", town.status_documents()),
        _case(town, "outside", outside, UNKNOWN, "It points out of the scheme.", town.status_documents()),
        _case(refused, "key-refused", refused_token, UNKNOWN, "`now` refuses the status key.", refused_lists),
    ]  # fmt: skip


def _bytes() -> list[Case]:
    town = Town.make()
    token = town.vc()
    suspension = town.bitstring_document(A, SUSPENSION)
    right = split(town.bitstring_document(A, REVOCATION), max_bytes=2**21)
    key = town.bodies[A].status_key

    def sign(header: dict[str, Any], payload: dict[str, Any], signer: TestKey = key) -> bytes:
        signing_input = b64url(compact_json(header)) + b"." + b64url(compact_json(payload))
        return signing_input + b"." + b64url(signer.sign(signing_input))

    def case(name: str, why: str, header: dict[str, Any] | None = None, **changes: Any) -> Case:
        payload: dict[str, Any] = json.loads(right.payload)
        payload["credentialSubject"] |= changes.pop("subject", {})
        payload = {k: v for k, v in (payload | changes).items() if v is not None}
        return _case(
            town, name, token, UNKNOWN, why, [sign({**right.header, **(header or {})}, payload), suspension]
        )

    def packed(data: bytes) -> str:
        return "u" + b64url(gzip.compress(data, mtime=0)).decode()

    short = town.bitstring_document(A, REVOCATION, array=StatusArray.empty(1024))
    other = purpose_uri(town.bodies[A].uri, SUSPENSION)
    encoded = packed(bytes(16_384))
    return [
        _case(town, "short", token, UNKNOWN, "A list so short that it tells who is looked up.", [short, suspension],
              source="Bitstring Status List section 3.2 (STATUS_LIST_LENGTH_ERROR)"),
        case("purpose-mismatch", "The suspension list at the address of the revocation list.",
             subject={"statusPurpose": "suspension"}),
        case("purpose-unknown", "A purpose that is not known here.", subject={"statusPurpose": "message"}),
        case("id-other", "Its id is another address.", id=other, subject={"statusPurpose": "suspension"}),
        case("no-multibase", "The text without the letter of its base.", subject={"encodedList": encoded[1:]}),
        case("padding", "Base64 with padding.", subject={"encodedList": encoded + "="}),
        case("zlib", "ZLIB where GZIP is expected.",
             subject={"encodedList": "u" + town.bodies[A].array.encode()}),
        case("bomb", "It inflates to more than a list can hold.", subject={"encodedList": packed(bytes(2_000_000))}),
        case("cut", "A stream without its end.", subject={"encodedList": encoded[:-12]}),
        case("size", "Entries of two bits.", subject={"statusSize": 2}),
        case("ttl-seconds", "A `ttl` under a second: somebody counted in seconds.", subject={"ttl": 300}),
        case("no-end", "A list without an end.", validUntil=None),
        case("no-zone", "A time without its zone.", validFrom="2026-11-25T11:50:00"),
        case("context-text", "`@context` as a text.", **{"@context": "https://www.w3.org/ns/credentials/v2"}),
        case("wrapped", "A `vc` claim.", vc={}),
        case("iss-differs", "`iss` is not the issuer.", iss=town.bodies[B].issuer),
        case("type", "Not a list.", type=["VerifiableCredential"]),
        case("header-typ", "The type of a badge.", {"typ": "JWT"}),
        case("header-kid", "A kid that is no address.", {"kid": key.kid}),
        case("header-crit", "A critical member.", {"crit": ["b64"]}),
    ]  # fmt: skip
