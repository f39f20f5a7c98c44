"""Reading a credential of ours back into its attestation, strictly.

Decided here: what counts is read out of it, a credential is written anew from that, and both must be the
same but for the words. So the set of members is closed, each value has one writing, every copy of a fact (the
name twice, a level thrice) agrees, and a context, a type or a status entry that is not ours is refused, with
nothing to keep in step by hand. Words for people (labels, sentences) may be any text: frameworks improve
theirs, and a credential of last year must still be read. Nothing is taken from them.

The rules of the specifications that this enforces: VC Data Model 2.0 section 4.3 (`@context` is an array
whose first item is the v2 context), 4.9 (`validFrom` with its zone), 4.10 and Bitstring Status List section
2.1 (`statusListIndex` is a text). No JSON-LD is processed, and nothing is fetched. Left to others: the claims
of the envelope around it (`passport.formats`).
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Final, cast

from passport.claims import Claims, StatusReference, read_issuer, scheme_of
from passport.credential import PURPOSES, CredentialIds, context_of, write_credential
from passport.errors import MalformedError
from passport.framework import Lang
from passport.limits import LIMITS
from passport.model import Attestation, Holder, Method
from passport.strictjson import Json, Reader
from passport.timestamps import read_timestamp

__all__ = ["read_credential"]

_URN: Final = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,7}")
_LEVEL: Final = re.compile(r"([A-Z]?[0-9]{1,2}(?:\.[0-9]{1,2})?)-([1-9])")
_WORDS: Final = frozenset({"name", "description", "narrative", "targetName", "targetFramework"})
_WORDS_CHARS: Final = 1_000
_COMPETENCES: Final = 99


def read_credential(credential: Json) -> Claims:
    """Return what a credential claims; raise `MalformedError` or `UnsupportedError` saying what is wrong."""
    if "vc" in credential or "vp" in credential:
        raise MalformedError("The credential is wrapped in a claim, as in version 1.1.", code="wrapped")
    reader = Reader(credential, "credential")
    subject = reader.member("credentialSubject")
    ids = CredentialIds(_urn(reader), _urn(subject))
    attestation = _attestation(reader, subject)
    status = _status(reader)
    written = write_credential(
        attestation, ids=ids, status=status, issuer_name="-", lang=_language(subject.member("achievement"))
    )
    if _canonical(credential) != _canonical(written):
        where = _first_difference(credential, written)
        raise MalformedError(f"The credential is not of this form at {where}.", code="credential_form")
    return Claims(
        attestation=attestation,
        type_uri=context_of(scheme_of(attestation.issuer)),
        status=status,
        purposes=PURPOSES,
    )


def _urn(reader: Reader) -> str:
    urn = reader.text("id", max_chars=45)
    if _URN.fullmatch(urn) is None:
        raise MalformedError("An id is not a random UUID as a URN.", code="credential_id")
    return urn


def _language(achievement: Reader) -> Lang:
    lang = achievement.text("inLanguage", max_chars=2)
    if lang not in {"fr", "en"}:
        raise MalformedError("The language of the words is neither fr nor en.", code="language")
    return cast(Lang, lang)


def _attestation(reader: Reader, subject: Reader) -> Attestation:
    issuer = read_issuer(reader.member("issuer"), "id")
    framework_id = subject.text("framework", max_chars=40)
    until = reader.optional_text("validUntil", max_chars=20)
    return Attestation(
        issuer=issuer,
        holder=Holder(given_name=subject.text("given_name"), family_name=subject.text("family_name")),
        framework=framework_id,
        levels=_levels(subject, f"{scheme_of(issuer)}/frameworks/{framework_id}#"),
        assessed_on=_day(subject),
        method=_method(subject),
        issued_at=read_timestamp(reader.text("validFrom", max_chars=20)),
        place=subject.optional_text("place", max_chars=LIMITS.slug_chars),
        expires_at=None if until is None else read_timestamp(until),
        specimen=subject.has("specimen"),
    )


def _levels(subject: Reader, prefix: str) -> dict[str, int]:
    levels: dict[str, int] = {}
    for uri in subject.many("result", lambda one: one.text("achievedLevel"), at_most=_COMPETENCES):
        found = _LEVEL.fullmatch(uri.removeprefix(prefix))
        if found is None:
            raise MalformedError("A result is not a level of the framework.", code="levels")
        levels[found.group(1)] = int(found.group(2))
    return levels


def _day(subject: Reader) -> date:
    text = subject.text("assessed_on", max_chars=10)
    try:
        if _DAY.fullmatch(text) is None:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedError("`assessed_on` is not a day as YYYY-MM-DD.", code="day") from None


def _method(subject: Reader) -> Method:
    try:
        return Method(subject.text("method", max_chars=20))
    except ValueError:
        raise MalformedError("`method` is not observation, test or declaration.", code="method") from None


def _status(reader: Reader) -> StatusReference:
    """Read the first entry; that the others are of the same list and index shows when all is compared."""
    entries = reader.many(
        "credentialStatus",
        lambda one: (
            one.text("statusListCredential", max_chars=LIMITS.url_chars),
            one.text("statusListIndex"),
        ),
        at_most=len(PURPOSES),
    )
    if not entries:
        raise MalformedError("The credential names no status list.", code="status")
    uri, index = entries[0]
    if _INDEX.fullmatch(index) is None or int(index) >= LIMITS.status_list_bytes * 4:
        raise MalformedError("`statusListIndex` is not an index in decimal digits.", code="status")
    return StatusReference(uri.removesuffix(f".{PURPOSES[0]}"), int(index))


def _canonical(value: object) -> str:
    """Return `value` without its words, as text: in Python 0 equals False, and in JSON it does not."""
    return json.dumps(_without_words(value), sort_keys=True)


def _without_words(value: object) -> object:
    if isinstance(value, dict):
        return {name: _is_text(one) if name in _WORDS else _without_words(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_words(one) for one in value]
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _WORDS_CHARS


def _first_difference(got: object, expected: object, where: str = "credential") -> str:
    """Return the path of the first member that differs, for the message alone."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for name in sorted(got.keys() | expected.keys()):
            if name not in got or name not in expected:
                return f"{where}.{name[:40]}"
            if _canonical({name: got[name]}) != _canonical({name: expected[name]}):
                return _first_difference(got[name], expected[name], f"{where}.{name}")
    if isinstance(got, list) and isinstance(expected, list):
        for place, (one, other) in enumerate(zip(got, expected, strict=False)):
            if _canonical(one) != _canonical(other):
                return _first_difference(one, other, f"{where}[{place}]")
    return where
