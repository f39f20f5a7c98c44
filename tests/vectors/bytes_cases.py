"""Vectors about the bytes of one token: form, header, claims, signature. Documents are all in order."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from passport.formats.qr_token import header_for
from passport.jose import b64url, sign_compact, split
from passport.model import Holder
from passport.packing import pack
from passport.strictjson import compact_json
from tests.town import NOON, TestKey, Town
from tests.vectors.case import Case, Documents, documents

RFC7515 = "RFC 7515 section 7.1"
RFC7515_B64 = "RFC 7515 section 2; DESIGN rule 5"
HEADER = "SD-JWT VC draft-19 section 2.2.1; DESIGN rule 5"
CLAIMS = "DESIGN, Documents, QR token; schemas/claims/attestation-1.schema.json"
PYJWT = "STANDARDS section 0 item 6"
ES256 = "RFC 7518 section 3.4"


def cases() -> list[Case]:
    """Return the cases of this file."""
    town = Town.make()
    known = documents(town)
    return [
        *_valid(town, known),
        *_form(town, known),
        *_header(town, known),
        *_claims(town, known),
        *_signature(town, known),
    ]


def _valid(town: Town, known: Documents) -> list[Case]:
    def good(name: str, token: bytes | str, why: str, **more: Any) -> Case:
        return Case(name, token, "valid", why, CLAIMS, known, verdict="valid", shows=True, **more)

    full = [
        f"{area}.{n}" for area, count in ((1, 3), (2, 6), (3, 4), (4, 4), (5, 4)) for n in range(1, count + 1)
    ]
    token = town.issue()
    return [
        good("valid", token, "An honest credential: three competences, levels spelled out."),
        good("valid-digits", token, "The same as QR digits.", digits=pack(token)),
        good("valid-tilde", token + b"~", "SD-JWT tools put one tilde behind a token without disclosures."),
        good("valid-21", town.issue(levels=dict.fromkeys(full, 3)), "All competences, one digit each."),
        good(
            "valid-decouverte",
            town.issue(framework="decouverte", levels={"D1": 1, "D2": 2}),
            "Before level 1.",
        ),
        good("valid-birthdate", town.issue(holder=Holder("Ana", "Č", _day("1958-03-14"))), "A birth date."),
        good("valid-no-place", town.issue(place=None), "Without a place."),
        good("valid-until", town.issue(expires_at=NOON + 3600), "Within its validity."),
    ]


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)


def _form(town: Town, known: Documents) -> list[Case]:
    token = town.issue()
    header, payload, signature = token.split(b".")
    last = b"B" if signature[-1:] != b"B" else b"R"

    def bad(
        name: str, given: bytes | str, why: str, source: str = RFC7515, reason: str = "malformed"
    ) -> Case:
        return Case(name, given, reason, why, source, known)

    return [
        bad("form-empty", b"", "Nothing at all."),
        bad("form-two-parts", header + b"." + payload, "The signature is missing."),
        bad("form-empty-signature", header + b"." + payload + b".", "An empty signature."),
        bad("form-four-parts", token + b"." + signature, "One part too many."),
        bad("form-white-space", token + b"\n", "A line break behind the token.", RFC7515_B64),
        bad("form-padding", header + b"=." + payload + b"." + signature, "Base64 padding, which PyJWT takes.", PYJWT),
        bad("form-inner-character", header[:5] + b"*" + header[5:] + b"." + payload + b"." + signature,
            "A character outside base64url, which PyJWT skips.", PYJWT),
        bad("form-standard-alphabet", header + b"." + payload + b"." + signature[:-2] + b"+/",
            "Characters of the other base64.", RFC7515_B64),
        bad("form-loose-bits", token[:-1] + last, "The unused bits of the last character are not zero.", RFC7515_B64),
        bad("form-too-long", b"A" * 20_000, "Longer than any credential.", "DESIGN rule 5"),
        bad("form-not-ascii", token.decode().replace("e", "é", 1), "A letter with an accent.", RFC7515_B64),
        bad("form-json-serialisation", b'{"payload":"e30","signatures":[]}', "The JSON serialisation.", RFC7515),
        bad("form-disclosure", token + b"~WyJhIiwiYiIsImMiXQ~", "A disclosure.", "RFC 9901 section 4", "unsupported"),
    ]  # fmt: skip


def _sign(town: Town, header: bytes, payload: bytes, key: TestKey | None = None) -> bytes:
    signer = key or town.bodies["csc-marmiers"].credential_key
    signing_input = b64url(header) + b"." + b64url(payload)
    return signing_input + b"." + b64url(signer.sign(signing_input))


def _header(town: Town, known: Documents) -> list[Case]:
    payload = split(town.issue()).payload
    kid = town.bodies["csc-marmiers"].credential_key.kid
    right = header_for("ES256", kid)
    jwk = dict(TestKey(kid).public.jwk)
    public = json.dumps(dict(town.bodies["csc-marmiers"].credential_key.public.jwk)).encode()
    hs256 = b64url(compact_json({**right, "alg": "HS256"})) + b"." + b64url(payload)
    mac = hmac.new(public, hs256, hashlib.sha512).digest()

    def bad(name: str, header: bytes, why: str, reason: str = "malformed", source: str = HEADER) -> Case:
        return Case(name, _sign(town, header, payload), reason, why, source, known)

    moved = compact_json({"typ": right["typ"], "alg": "ES256", "kid": kid})
    twice = b'{"alg":"none","alg":"ES256","kid":"' + kid.encode() + b'","typ":"dc+sd-jwt"}'
    return [
        bad("header-alg-none", compact_json({**right, "alg": "none"}), "Unsigned.", "unsupported", "RFC 8725 3.2"),
        Case("header-alg-hs256", hs256 + b"." + b64url(mac), "unsupported",
             "A MAC made with the public key as its secret.", "RFC 8725 section 2.1", known),
        bad("header-alg-rs256", compact_json({**right, "alg": "RS256"}), "Another algorithm.", "unsupported"),
        bad("header-alg-lower", compact_json({**right, "alg": "es256"}), "Names are case-sensitive.", "unsupported"),
        bad("header-typ-jwt", compact_json({**right, "typ": "JWT"}), "The type of a badge on a QR token: its kid is no address."),
        bad("header-typ-vc-sd-jwt", compact_json({**right, "typ": "vc+sd-jwt"}), "The older type.", "unsupported"),
        bad("header-typ-status", compact_json({**right, "typ": "statuslist+jwt"}), "A status list.", "unsupported"),
        bad("header-no-kid", compact_json({"alg": "ES256", "typ": "dc+sd-jwt"}), "Which key is not said."),
        bad("header-jwk", compact_json({**right, "jwk": jwk}), "The token brings its own key.", source="RFC 8725 3.5"),
        bad("header-crit", compact_json({**right, "crit": ["b64"]}), "A critical member.", source="RFC 7515 4.1.11"),
        bad("header-order", moved, "The members moved: one writing only."),
        bad("header-duplicate", twice, "Two algorithms: readers differ on which counts."),
        bad("header-white-space", json.dumps(right).encode(), "White space in the header: one writing only."),
        bad("header-array", b"[1]", "Not an object."),
        bad("header-kid-path", compact_json({**right, "kid": "../../etc/passwd"}), "A kid that is a path."),
    ]  # fmt: skip


def _claims(town: Town, known: Documents) -> list[Case]:
    kid = town.bodies["csc-marmiers"].credential_key.kid
    header = compact_json(header_for("ES256", kid))
    right: dict[str, Any] = json.loads(split(town.issue()).payload)

    def signed(payload: bytes) -> bytes:
        return _sign(town, header, payload)

    def bad(name: str, why: str, reason: str = "malformed", **changes: Any) -> Case:
        claims = {k: v for k, v in (right | changes).items() if v is not None}
        return Case(f"claims-{name}", signed(compact_json(claims)), reason, why, CLAIMS, known)

    def raw(name: str, payload: bytes, why: str) -> Case:
        return Case(f"claims-{name}", signed(payload), "malformed", why, "DESIGN rule 5", known)

    text = compact_json(right)
    other_list = {"status_list": {"idx": 200_000, "uri": right["status"]["status_list"]["uri"]}}
    return [
        bad("unknown-member", "A member that this type does not have.", role="admin"),
        bad("holder-bound", "A holder-bound credential is another form.", "unsupported", cnf={"jwk": {}}),
        bad("selective", "Selective disclosure is another form.", "unsupported", _sd=["x"]),
        bad("no-status", "Without status nothing can be withdrawn.", status=None),
        bad("status-array", "The status is not an object.", status=[1]),
        bad("status-index-negative", "An index below zero.",
            status={"status_list": {"idx": -1, "uri": right["status"]["status_list"]["uri"]}}),
        Case("claims-status-index-beyond", signed(compact_json(right | {"status": other_list})), "malformed",
             "An index beyond the end of the list.", "Token Status List section 8.3", known, shows=True),
        bad("status-unknown-member", "A member that a status reference does not have.",
            status={"status_list": {**right["status"]["status_list"], "purpose": "x"}}),
        raw("nbf-null", text[:-1] + b',"nbf":null}', "A time that is nothing."),
        raw("surrogate", text.replace("é".encode(), b"\\ud800"), "Half a surrogate pair."),
        bad("name-blank", "A name of blank letters.", family_name="\u3164\u3164"),
        bad("name-marks", "A heap of marks on one letter.", family_name="a" + "\u0335" * 30),
        bad("iat-beyond", "A time beyond the calendar.", iat=2**52),
        bad("iss-missing", "No issuer.", iss=None),
        bad("iss-path", "The issuer's address climbs.", iss="https://passeport.example/o/../o/csc-marmiers"),
        bad("iss-upper", "An upper-case slug.", iss="https://passeport.example/o/CSC-Marmiers"),
        bad("iss-user", "Another host behind an @.", iss="https://passeport.example@evil.example/o/csc-marmiers"),
        bad("vct-other", "Another type.", "unsupported", vct="https://passeport.example/vct/diploma-1"),
        bad("vct-other-host", "Our type under another host.", "unsupported",
            vct="https://evil.example/vct/attestation-1"),
        bad("iat-text", "The time of issue as text.", iat="1795608000"),
        bad("iat-bool", "The time of issue as a truth value.", iat=True),
        bad("framework-unknown", "A framework that is not known here.", "unsupported", framework="digcomp-9.9"),
        bad("levels-empty", "No competence.", levels={}),
        bad("levels-zeros", "Only zeros: no competence.", levels="000"),
        bad("levels-too-long", "More digits than competences.", levels="1" * 22),
        bad("level-beyond", "A level that the framework does not have.", levels={"1.1": 9}),
        bad("level-text", "A level as text.", levels={"1.1": "2"}),
        bad("level-bool", "A level as a truth value.", levels={"1.1": True}),
        bad("competence-unknown", "A competence that the framework does not have.", levels={"9.9": 2}),
        bad("name-empty", "No family name.", family_name=""),
        bad("name-override", "A character that turns the line around.", family_name="Durand\u202e"),
        bad("name-not-nfc", "Two writings of the same name.", given_name="Zoe\u0301"),
        bad("name-long", "A name longer than any line.", family_name="a" * 101),
        bad("name-list", "Names as a list.", given_name=["Zoé"]),
        bad("day-february", "A day that does not exist.", assessed_on="2026-02-30"),
        bad("day-time", "A time where a day is expected.", assessed_on="2026-11-24T10:00:00Z"),
        bad("method-unknown", "A method that does not exist.", method="divination"),
        bad("specimen-false", "The mark is true or is not there.", specimen=False),
        bad("exp-before-iat", "It ends before it begins.", exp=NOON - 1),
        raw("duplicate-member", text[:-1] + b',"family_name":"Autre"}', "Two names: readers differ."),
        raw("float", text.replace(b'"iat":1795608000', b'"iat":1795608000.0'), "A floating point number."),
        raw("big-integer", text.replace(b'"iat":1795608000', b'"iat":9007199254740993'), "An integer from 2^53 on."),
        raw("exponent", text.replace(b'"iat":1795608000', b'"iat":1e9'), "An exponent."),
        raw("nan", text.replace(b'"iat":1795608000', b'"iat":NaN'), "Not a number."),
        raw("deep", b'{"iss":' + b"[" * 1500 + b"]" * 1500 + b"}", "Nested without end."),
        raw("trailing", text + b"{}", "Something behind the object."),
        raw("byte-order-mark", b"\xef\xbb\xbf" + text, "A byte order mark."),
        raw("latin-1", text.replace("é".encode(), b"\xe9"), "Not UTF-8."),
        raw("array", b"[" + text + b"]", "Not an object."),
    ]  # fmt: skip


def _signature(town: Town, known: Documents) -> list[Case]:
    token = town.issue()
    body = town.bodies["csc-marmiers"]
    jws = split(token)
    changed = jws.payload.replace(b'"1.1":2', b'"1.1":6')
    header = compact_json(header_for("ES256", body.credential_key.kid))
    kept = b64url(header) + b"." + b64url(changed) + b"." + b64url(jws.signature)
    stem = token[: token.rindex(b".") + 1]
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    flipped = bytes([jws.signature[0] ^ 1]) + jws.signature[1:]

    def bad(name: str, given: bytes, why: str, source: str = ES256) -> Case:
        return Case(f"signature-{name}", given, "signature_invalid", why, source, known)

    intruder = TestKey(body.credential_key.kid)
    forged = sign_compact(header_for("ES256", intruder.kid), jws.payload, intruder)
    return [
        bad("payload-changed", kept, "A level raised behind the signature."),
        bad("bit-flipped", stem + b64url(flipped), "One bit of the signature."),
        bad("zero", stem + b64url(bytes(64)), "r = s = 0 (CVE-2022-21449)."),
        bad("s-zero", stem + b64url(jws.signature[:32] + bytes(32)), "s = 0."),
        bad("r-order", stem + b64url(order.to_bytes(32, "big") + jws.signature[32:]), "r is the order."),
        bad("other-key", forged, "Somebody's own key under the body's kid.", "DESIGN, Trust"),
    ]
