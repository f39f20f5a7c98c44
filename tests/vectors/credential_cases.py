"""Vectors about the bytes of the Open Badge and of the W3C credential. Documents are all in order."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from passport.formats import open_badge, w3c_vc
from passport.framework import framework
from passport.jose import b64url, split
from passport.model import Attestation
from passport.strictjson import compact_json
from tests.town import NOON, TestKey, Town
from tests.vectors.case import Case, Documents, documents

A, B = "csc-marmiers", "epn-ville"
VCDM = "VC Data Model 2.0 section 4"
OB = "Open Badges 3.0 section 8.2"
JOSE = "VC-JOSE-COSE section 3.1"
BITS = "Bitstring Status List section 2.1"
OURS = "DESIGN, Credential forms; schemas/claims/attestation-credential-1.schema.json"
Json = dict[str, Any]
Change = Callable[[Json], object]


@dataclass
class Writer:
    """Writes one form of one credential, with one thing changed."""

    form: str
    town: Town
    known: Documents

    def __post_init__(self) -> None:
        self.key = self.town.bodies[A].credential_key
        self.attestation, self.credential = self.town.credential(A, expires_at=NOON + 86_400)

    @property
    def issuer(self) -> str:
        return self.attestation.issuer

    def header(self, **changes: Any) -> Json:
        module = open_badge if self.form == "badge" else w3c_vc
        header = module.header_for(self.key.alg, self.key.kid, issuer=self.issuer) | changes
        return {name: value for name, value in header.items() if value is not None}

    def claims(self, attestation: Attestation, credential: Json) -> bytes:
        if self.form == "badge":
            return open_badge.write_claims(attestation, credential)
        return w3c_vc.write_claims(credential)

    def sign(self, payload: bytes, header: bytes | None = None, *, key: TestKey | None = None) -> bytes:
        first = compact_json(self.header()) if header is None else header
        signing_input = b64url(first) + b"." + b64url(payload)
        return signing_input + b"." + b64url((key or self.key).sign(signing_input))

    def case(
        self, name: str, token: bytes, why: str, source: str, reason: str = "malformed", **more: Any
    ) -> Case:
        return Case(f"{self.form}-{name}", token, reason, why, source, self.known, **more)

    def changed(self, name: str, why: str, source: str, change: Change, reason: str = "malformed") -> Case:
        """A credential with one member changed; what the envelope says beside it follows, where it can."""
        credential = copy.deepcopy(self.credential)
        change(credential)
        return self.case(name, self.sign(self.claims(self.attestation, credential)), why, source, reason)

    def beside(self, name: str, why: str, source: str, **claims: Any) -> Case:
        """The right credential, with other claims beside it; None takes one away."""
        payload = split(self.sign(self.claims(self.attestation, self.credential))).payload
        told = {k: v for k, v in (json.loads(payload) | claims).items() if v is not None}
        return self.case(name, self.sign(compact_json(told)), why, source)


def cases() -> list[Case]:
    """Return the cases of this file."""
    out: list[Case] = []
    for form in ("badge", "vc"):
        town = Town.make()
        writer = Writer(form, town, documents(town, statuses=town.status_documents()))
        out += [*_valid(writer), *_header(writer), *_members(writer), *_subject(writer), *_status(writer)]
        out += _beside_badge(writer) if form == "badge" else _beside_vc(writer)
        out += _trust(writer)
    return out


def _valid(writer: Writer) -> list[Case]:
    town, make = writer.town, writer.town.badge if writer.form == "badge" else writer.town.vc
    every = {competence.id: 3 for competence in framework("digcomp-3.0").competences}

    def good(name: str, token: bytes, why: str) -> Case:
        return writer.case(name, token, why, OURS, "valid", verdict="valid", shows=True)

    improved = copy.deepcopy(writer.credential)
    improved["credentialSubject"]["achievement"]["description"] = (
        "Une phrase que ce programme ne connaît pas."
    )
    body = town.bodies[B]
    return [
        good("valid", make(), "A plain one."),
        good("valid-21", make(levels=every), "All 21 competences."),
        good("valid-until", make(expires_at=NOON + 3600), "Within its validity."),
        good("valid-no-place", make(place=None), "Without a place."),
        good("valid-decouverte", make(framework="decouverte", levels={"1": 2} if _knows("1") else _first()),
             "A framework without numbers."),
        good("valid-tilde", make() + b"~", "A tilde behind it does no harm."),
        good("valid-other-words", writer.sign(writer.claims(writer.attestation, improved)),
             "Words for people may be any: frameworks improve theirs."),
        good("valid-body-b", make(B), f"Another body ({body.body.slug})."),
    ]  # fmt: skip


def _knows(competence: str) -> bool:
    return competence in framework("decouverte").by_id


def _first() -> dict[str, int]:
    return {framework("decouverte").competences[0].id: 2}


def _header(writer: Writer) -> list[Case]:
    payload = writer.claims(writer.attestation, writer.credential)
    source = OB if writer.form == "badge" else JOSE
    right, kid = writer.header(), writer.key.kid
    jwk = dict(writer.key.public.jwk)

    def bad(name: str, why: str, reason: str = "malformed", **changes: Any) -> Case:
        token = writer.sign(payload, compact_json(writer.header(**changes)))
        return writer.case(f"header-{name}", token, why, source, reason)

    moved = dict(reversed(list(right.items())))
    out = [
        bad("alg-none", "Unsigned.", "unsupported", alg="none"),
        bad("alg-rs256", "Another algorithm.", "unsupported", alg="RS256"),
        bad("kid-bare", "The id of the key without its address.", kid=kid),
        bad("kid-other-host", "A key of another host.", kid=f"https://evil.example/o/{A}/keys/{kid}"),
        bad("kid-other-body", "A key of another body.", kid=writer.issuer.replace(A, B) + f"/keys/{kid}"),
        bad("kid-status", "The address of a status key.", kid=f"{writer.issuer}/status-keys/{kid}"),
        bad("no-kid", "Which key is not said.", kid=None),
        bad("jwk", "The token brings its own key.", jwk=jwk),
        bad("x5c", "A certificate beside it.", x5c=["AA"]),
        bad("crit", "A critical member.", crit=["b64"]),
        writer.case("header-order", writer.sign(payload, compact_json(moved)), "The members moved.", source),
    ]
    if writer.form == "badge":
        return [*out, bad("cty", "`cty`, which the other envelope has.", cty="vc"),
                bad("no-typ", "No type at all.", "unsupported", typ=None),
                bad("typ-qr", "The type of a QR token.", typ="dc+sd-jwt"),
                bad("typ-vc", "The type of the other envelope: the claims beside it are not its own.", typ="vc+jwt")]  # fmt: skip
    return [*out, bad("no-cty", "Without `cty`: one writing only.", cty=None),
            bad("cty-vp", "A presentation.", cty="vp"),
            bad("typ-badge", "The type of a badge, without its claims.", typ="JWT", cty=None),
            bad("typ-vp", "A presentation by its type.", "unsupported", typ="vp+jwt")]  # fmt: skip


def _members(writer: Writer) -> list[Case]:
    bad, right = writer.changed, writer.credential

    def put(**members: Any) -> Change:
        return lambda c: c.update(members)

    def wrap(credential: Json) -> None:
        inner = dict(credential)
        credential.clear()
        credential.update({"id": inner["id"], "credentialSubject": inner["credentialSubject"], "vc": inner})

    contexts = right["@context"]
    return [
        bad("wrapped", "The `vc` claim of version 1.1.", JOSE, wrap),
        bad("vc-beside", "A `vc` claim beside the members.", JOSE, put(vc={})),
        bad("vp-beside", "A `vp` claim beside the members.", JOSE, put(vp={})),
        bad("context-text", "`@context` as a text.", VCDM, put(**{"@context": contexts[0]})),
        bad("context-order", "The v2 context is not the first.", VCDM, put(**{"@context": contexts[::-1]})),
        bad("context-v1", "The context of version 1.1.", VCDM,
            put(**{"@context": ["https://www.w3.org/2018/credentials/v1", *contexts[1:]]})),
        bad("context-foreign", "A context of somebody else, which could rename every term.", OURS,
            put(**{"@context": [*contexts[:3], "https://evil.example/contexts/attestation-1"]})),
        bad("context-inline", "A context brought along.", OURS, put(**{"@context": [*contexts, {"name": "x:y"}]})),
        bad("type-order", "The types in another order: one writing only.", OURS, put(type=right["type"][::-1])),
        bad("type-missing", "Not an Open Badge.", VCDM, put(type=["VerifiableCredential"])),
        bad("no-id", "No id.", OB, lambda c: c.update(id="")),
        bad("id-url", "An id that is an address: who opens it is seen.", OURS, put(id="https://passeport.example/c/1")),
        bad("id-upper", "An id in another writing.", OURS, put(id=right["id"].upper())),
        bad("issuer-text", "The issuer as a text.", OURS, put(issuer=writer.issuer)),
        bad("issuer-extra", "An issuer that says more.", OURS, lambda c: c["issuer"].update(email="a@b.example")),
        bad("valid-from-no-zone", "`validFrom` without a time zone.", VCDM, put(validFrom="2026-11-25T12:00:00")),
        bad("valid-from-offset", "`validFrom` with another offset: one writing only.", OURS,
            put(validFrom="2026-11-25T13:00:00+01:00")),
        bad("valid-from-day", "`validFrom` without a time.", VCDM, put(validFrom="2026-11-25")),
        bad("valid-from-fraction", "`validFrom` with a fraction.", OURS, put(validFrom="2026-11-25T12:00:00.0Z")),
        bad("valid-until-before", "It ends before it begins.", VCDM, put(validUntil="2026-11-24T12:00:00Z")),
        bad("issuance-date", "`issuanceDate`, of version 1.1.", VCDM, put(issuanceDate=right["validFrom"])),
        bad("proof", "An embedded proof beside the envelope.", JOSE, put(proof={"type": "DataIntegrityProof"})),
        bad("evidence", "A member that this type does not have.", OURS, put(evidence=[])),
        bad("schema-other", "A schema of somebody else.", OURS,
            lambda c: c["credentialSchema"][1].update(id="https://evil.example/schemas/x")),
        bad("name-empty", "A name without a letter in it.", VCDM, put(name="")),
        bad("name-object", "A name in languages: Open Badges wants a text.", OB, put(name={"@value": "x"})),
    ]  # fmt: skip


def _subject(writer: Writer) -> list[Case]:
    def bad(name: str, why: str, change: Change, source: str = OURS, reason: str = "malformed") -> Case:
        return writer.changed(
            f"subject-{name}", why, source, lambda c: change(c["credentialSubject"]), reason
        )

    def achievement(change: Change) -> Change:
        return lambda s: change(s["achievement"])

    return [
        bad("list", "Two subjects.", lambda s: s.update(type=["AchievementSubject", "Person"])),
        bad("birthdate", "A birth date: these forms carry none.", lambda s: s.update(birthdate="1958-03-14")),
        bad("email", "An e-mail address.", lambda s: s["identifier"][0].update(identityType="emailAddress")),
        bad("name-differs", "Two names that are not one.", lambda s: s["identifier"][0].update(identityHash="Ana B")),
        bad("hashed-zero", "0 where false is meant: in some languages they are equal.",
            lambda s: s["identifier"][0].update(hashed=0)),
        bad("name-blank", "A name of blank letters.", lambda s: s.update(family_name="\u3164\u3164")),
        bad("specimen-false", "The mark is true or is not there.", lambda s: s.update(specimen=False)),
        writer.changed("subject-framework-unknown", "A framework that is not known here.", OURS, _other_framework,
                       "unsupported"),
        bad("no-result", "No competence.", lambda s: s.update(result=[])),
        bad("level-raised", "A level raised in one of its copies.",
            lambda s: s["result"][0].update(achievedLevel=s["result"][0]["achievedLevel"][:-1] + "6")),
        bad("level-beyond", "A level that the framework does not have.", _level_nine, reason="unsupported"),
        bad("result-twice", "The same competence twice.", lambda s: s["result"].append(s["result"][0])),
        bad("result-value", "A value beside the level.", lambda s: s["result"][0].update(value="6")),
        bad("alignment-other", "An alignment with another competence.",
            achievement(lambda a: a["alignment"][0].update(targetCode="5.4"))),
        bad("alignment-elsewhere", "An alignment with a page of somebody else.",
            achievement(lambda a: a["alignment"][0].update(targetUrl="https://evil.example/"))),
        bad("achievement-image", "A picture that would be fetched.",
            achievement(lambda a: a.update(image={"id": "https://evil.example/x.png", "type": "Image"}))),
        bad("language", "Words in a language that is not known here.",
            achievement(lambda a: a.update(inLanguage="de"))),
        bad("day-time", "A time where a day is expected.", lambda s: s.update(assessed_on="2026-11-24T10:00:00Z")),
        bad("id-person", "A subject named by a number of the person.", lambda s: s.update(id="urn:nir:258031501400123")),
    ]  # fmt: skip


def _other_framework(credential: Json) -> None:
    credential.update(json.loads(json.dumps(credential).replace("digcomp-3.0", "digcomp-9.9")))


def _level_nine(subject: Json) -> None:
    for result in subject["result"]:
        result["achievedLevel"] = result["achievedLevel"][:-1] + "9"


def _status(writer: Writer) -> list[Case]:
    def bad(name: str, why: str, change: Change, source: str = BITS) -> Case:
        return writer.changed(f"status-{name}", why, source, lambda c: change(c["credentialStatus"]))

    index = int(writer.credential["credentialStatus"][0]["statusListIndex"])
    return [
        writer.changed("no-status", "Without status nothing can be withdrawn.", OURS, lambda c: c.pop("credentialStatus")),
        writer.changed("status-object", "One entry alone.", OURS,
                       lambda c: c.update(credentialStatus=c["credentialStatus"][0])),
        bad("index-number", "The index as a number.", lambda s: s[0].update(statusListIndex=index)),
        bad("index-zeros", "The index with leading zeros.", lambda s: s[0].update(statusListIndex=f"0{index}")),
        bad("index-differs", "Two indices: one of them is another person's.",
            lambda s: s[1].update(statusListIndex=str(index + 1)), OURS),
        bad("purpose-swapped", "The entries in the other order.", lambda s: s.reverse(), OURS),
        bad("purpose-mismatch", "A revocation entry that points at the suspension list.",
            lambda s: s[0].update(statusListCredential=s[1]["statusListCredential"])),
        bad("purpose-message", "A purpose that is not ours.", lambda s: s[1].update(statusPurpose="message")),
        bad("revocation-alone", "Without the suspension list a suspended one would look valid.", lambda s: s.pop()),
        bad("size", "Entries of two bits.", lambda s: s[0].update(statusSize=2)),
        bad("type-old", "An entry of the older kind.", lambda s: s[0].update(type="StatusList2021Entry")),
    ]  # fmt: skip


def _beside_badge(writer: Writer) -> list[Case]:
    bad = writer.beside
    return [
        bad("iss-differs", "`iss` is not the issuer.", OB, iss=writer.issuer.replace(A, B)),
        bad("no-iss", "No `iss`.", OB, iss=None),
        bad("jti-differs", "`jti` is not the id.", OB, jti=writer.town.credential()[1]["id"]),
        bad("no-jti", "No `jti`.", OB, jti=None),
        bad("nbf-differs", "`nbf` is not `validFrom`.", OB, nbf=NOON - 1),
        bad("nbf-text", "`nbf` as a text.", OB, nbf=str(NOON)),
        bad("no-nbf", "No `nbf`.", OB, nbf=None),
        bad("sub-differs", "`sub` is not the subject.", OB, sub=writer.credential["id"]),
        bad("no-sub", "No `sub`.", OB, sub=None),
        bad("exp-differs", "`exp` is not `validUntil`.", OB, exp=NOON + 1),
        bad("no-exp", "`validUntil` without `exp`.", OB, exp=None),
        bad("no-valid-until", "`exp` without `validUntil`.", OB, validUntil=None),
        bad("aud", "A claim that is not of this form.", OURS, aud="x"),
    ]


def _beside_vc(writer: Writer) -> list[Case]:
    bad = writer.beside
    payload = compact_json({**writer.credential, "iss": writer.issuer})
    return [
        writer.case("iss-equal", writer.sign(payload), "`iss` may be there, and is the issuer.", JOSE, "valid",
                    verdict="valid", shows=True),
        bad("iss-differs", "`iss` is not the issuer.", JOSE, iss=writer.issuer.replace(A, B)),
        bad("iss-number", "`iss` is no text.", JOSE, iss=0),
        bad("nbf", "`nbf`, which is not recommended.", JOSE, nbf=NOON),
        bad("exp", "`exp` is about the signature there, not the credential.", JOSE, exp=NOON + 86_400),
        bad("sub", "A claim of the other envelope.", JOSE, sub=writer.credential["credentialSubject"]["id"]),
    ]  # fmt: skip


def _trust(writer: Writer) -> list[Case]:
    """A few of the reasons that all forms share: the steps are the same."""
    make = writer.town.badge if writer.form == "badge" else writer.town.vc
    token = make()
    broken = token[:-10] + (b"A" if token[-10:-9] != b"A" else b"B") + token[-9:]
    strange = Town.make(url="https://autre.example")
    foreign = strange.badge() if writer.form == "badge" else strange.vc()
    key = TestKey(writer.key.kid)
    raised = make(levels={"1.1": 8})
    return [
        writer.case("broken", broken, "One bit of the signature.", "RFC 7518 section 3.4", "signature_invalid"),
        writer.case("other-key", make(signer=key), "Somebody's own key under the body's kid.", "DESIGN, Trust",
                    "signature_invalid"),
        writer.case("other-scheme", foreign, "Signed well, by another scheme.", "DESIGN, Trust", "issuer_unknown"),
        writer.case("not-accredited", raised, "A level beyond the accreditation.", "DESIGN, Trust",
                    "issuer_not_accredited", shows=True),
        writer.case("expired", make(expires_at=NOON + 10), "Its end is past.", VCDM, "expired", shows=True),
        writer.case("future", make(issued_at=NOON + 3600), "Not yet valid.", VCDM, "not_yet_valid", shows=True),
        writer.case("status-key", make(signer=writer.town.bodies[A].status_key),
                    "A status key may not sign credentials.", "DESIGN, Trust", "key_not_valid"),
    ]  # fmt: skip
