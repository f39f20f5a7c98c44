"""What a credential must have: context, types, issuer, subject, dates, and the objects that extend it.

Decided here: the normative statements of VCDM 2.0 sections 4 and 5 that a document alone can break, and
those of VC-JOSE-COSE sections 3.1 and 3.1.1 on the claims set of a JWT. Left to others: names and types in
general (`walking`), status entries (`statuses`), related resources (`related`), the meaning of a date today
(`verifier`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from passport.strictjson import Json
from passport.vcdm.faults import Fault, Faults, objects_in, pointer, too_large
from passport.vcdm.related import check_resources
from passport.vcdm.statuses import check_list_credential, check_status_entry
from passport.vcdm.terms import CREDENTIALS_V2, UNDEFINED_TERMS, Definition, bundled_contexts
from passport.vcdm.values import instant, is_url
from passport.vcdm.walking import types_of, walk

__all__ = ["check_base", "check_credential", "check_typed", "identifier", "note_credential"]

_TYPED: Final = {
    "credentialStatus": "VCDM 2.0 4.10",
    "credentialSchema": "VCDM 2.0 4.11",
    "refreshService": "VCDM 2.0 5.4",
    "termsOfUse": "VCDM 2.0 5.5",
    "evidence": "VCDM 2.0 5.6",
    "renderMethod": "VCDM 2.0 5.9",
    "proof": "VCDM 2.0 4.12",
}


def check_credential(document: Json, *, contexts: Mapping[str, Definition] | None = None) -> list[Fault]:
    """Return what is wrong with the shape of a credential; nothing when it conforms.

    `contexts`: further contexts by URL, beside the bundled ones: those that we publish ourselves.
    """
    beyond = too_large(document)
    if beyond is not None:
        return [beyond]
    faults = Faults()
    note_credential(document, faults, "")
    walk(document, faults, known={**(contexts or {}), **bundled_contexts()})
    return faults.found


def note_credential(document: Mapping[str, object], faults: Faults, where: str) -> None:
    """Note what a credential lacks, wherever it stands."""
    check_base(document, faults, where, must_be="VerifiableCredential")
    _check_issuer(document, faults, where)
    _check_subjects(document, faults, where)
    _check_dates(document, faults, where)
    check_typed(document, faults, where)
    _check_claims(document, faults, where)
    for entry, at in objects_in(document.get("credentialStatus", []), pointer(where, "credentialStatus")):
        if isinstance(entry, dict) and "BitstringStatusListEntry" in types_of(entry):
            check_status_entry(entry, faults, at)
    if "BitstringStatusListCredential" in types_of(document):
        check_list_credential(document, faults, where)
    check_resources(document, faults, where)


def identifier(value: object) -> object:
    """Return the URL of an issuer or holder, written as a URL or as an object with an `id`."""
    return value.get("id") if isinstance(value, dict) else value


def check_base(document: Mapping[str, object], faults: Faults, where: str, *, must_be: str) -> None:
    """Note what is wrong with `@context` as an ordered set, and a type that is missing."""
    contexts, at = document.get("@context"), pointer(where, "@context")
    if not isinstance(contexts, list) or not contexts:
        faults.add("context_form", at, "@context is not a list of contexts.", "VCDM 2.0 4.3")
    elif contexts[0] != CREDENTIALS_V2:
        faults.add("context_first", at, f"The first context is not {CREDENTIALS_V2}.", "VCDM 2.0 4.3")
    else:
        urls = [item for item in contexts if isinstance(item, str)]
        if len(set(urls)) != len(urls):
            faults.add("context_repeated", at, "A context is named twice.", "VCDM 2.0 4.3")
        if UNDEFINED_TERMS in contexts[:-1]:
            message = f"{UNDEFINED_TERMS} is not the last context."
            faults.add("context_order", at, message, "VCDM 2.0 5.2")
    if "type" not in document:
        faults.add("type_missing", where, "The document has no type.", "VCDM 2.0 4.5")
    elif must_be not in types_of(document):
        faults.add(
            "type_required", pointer(where, "type"), f"{must_be} is not among the types.", "VCDM 2.0 4.5"
        )


def _check_issuer(document: Mapping[str, object], faults: Faults, where: str) -> None:
    issuer = document.get("issuer")
    if issuer is None:
        faults.add("issuer_missing", where, "The credential has no issuer.", "VCDM 2.0 4.7")
    elif not is_url(identifier(issuer)):
        at = pointer(where, "issuer")
        faults.add(
            "issuer_form", at, "The issuer is neither a URL nor an object with one as its id.", "VCDM 2.0 4.7"
        )


def _check_subjects(document: Mapping[str, object], faults: Faults, where: str) -> None:
    value = document.get("credentialSubject")
    if value is None or value == []:
        faults.add("subject_missing", where, "The credential has no subject.", "VCDM 2.0 4.8")
        return
    for subject, at in objects_in(value, pointer(where, "credentialSubject")):
        if not isinstance(subject, dict) or not subject:
            faults.add("subject_form", at, "A subject is not an object with a claim.", "VCDM 2.0 4.8")


def _check_dates(document: Mapping[str, object], faults: Faults, where: str) -> None:
    for name in ("validFrom", "validUntil"):
        if name in document and instant(document[name]) is None:
            message = f"{name} is not a date and time with its zone (dateTimeStamp)."
            faults.add("date_form", pointer(where, name), message, "VCDM 2.0 4.9")
    begin, end = instant(document.get("validFrom")), instant(document.get("validUntil"))
    if begin is not None and end is not None and begin > end:
        faults.add(
            "date_order", pointer(where, "validUntil"), "validUntil is before validFrom.", "VCDM 2.0 4.9"
        )
    for name in ("issuanceDate", "expirationDate"):
        if name in document:
            message = f"{name} belongs to version 1.1 of the data model."
            faults.add("date_of_1_1", pointer(where, name), message, "VCDM 2.0 4.9")


def check_typed(document: Mapping[str, object], faults: Faults, where: str) -> None:
    """Note objects of the extension points that say no type, and schemas without their URL."""
    for name, section in _TYPED.items():
        if name not in document:
            continue
        value = document[name]
        if not isinstance(value, dict) and not (isinstance(value, list) and value):
            faults.add("object_form", pointer(where, name), f"{name} is not one or more objects.", section)
            continue
        for item, at in objects_in(value, pointer(where, name)):
            if not isinstance(item, dict):
                faults.add("object_form", at, f"{name} is not an object.", section)
            elif not types_of(item):
                faults.add("type_missing", at, f"An object of {name} has no type.", section)
            elif name == "credentialSchema" and "id" not in item:
                faults.add("id_missing", at, "A schema has no id.", section)


def _check_claims(document: Mapping[str, object], faults: Faults, where: str) -> None:
    """The claims of a JWT may not wrap the credential, nor say other than it (VC-JOSE-COSE 3.1)."""
    for name in ("vc", "vp"):
        if name in document:
            message = f"The claim {name} wraps a credential as version 1.1 did."
            faults.add("jwt_wrapper", pointer(where, name), message, "VC-JOSE-COSE 3.1.1")
    subject = document.get("credentialSubject")
    said = {
        "iss": identifier(document.get("issuer")),
        "jti": document.get("id"),
        "sub": subject.get("id") if isinstance(subject, dict) else None,
    }
    for claim, value in said.items():
        if claim in document and document[claim] != value:
            message = f"The claim {claim} is not what the credential says."
            faults.add("claims_conflict", pointer(where, claim), message, "VC-JOSE-COSE 3.1.1")
