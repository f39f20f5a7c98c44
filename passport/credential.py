"""One attestation as one W3C verifiable credential: the JSON that two envelopes sign.

Decided here: an Open Badge of data model 3.0, with the words that a badge platform shows, and beside them,
in our own context, the claims by the names that the QR token gives them. A person's name is there, in the
clear; a birth date never is (DESIGN, rule 8). `id` and subject are random URNs: neither leads to the person,
nor from one attestation to another. The words come from the framework and the catalogue of the day; what
they mean is in the claims, and a reader takes nothing from the words (`passport.credential_reading`).

Sources: VC Data Model 2.0 section 4; Open Badges 3.0, data model (Achievement, Result, ResultDescription,
RubricCriterionLevel, Alignment, IdentityObject); Bitstring Status List 1.0 section 2.1. docs/adr/0009.
Left to others: the envelopes (`passport.formats`), reading back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from passport.bitstring import purpose_uri
from passport.claims import Purpose, StatusReference, scheme_of
from passport.framework import Competence, Framework, Lang, framework
from passport.model import Attestation
from passport.pages.catalogue import catalogue
from passport.strictjson import Json
from passport.timestamps import write_timestamp

__all__ = [
    "PURPOSES",
    "VC_CONTEXT",
    "CredentialIds",
    "context_of",
    "new_ids",
    "schema_of",
    "write_credential",
]

VC_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
_OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0"
# The third defines the type of the schema that Open Badges wants named.
_CONTEXTS: Final = (VC_CONTEXT, f"{_OPEN_BADGES}/context-3.0.3.json", f"{_OPEN_BADGES}/extensions.json")
_SCHEMA: Final = f"{_OPEN_BADGES}/schema/json/ob_v3p0_achievementcredential_schema.json"
PURPOSES: Final = (Purpose.REVOCATION, Purpose.SUSPENSION)


@dataclass(frozen=True, slots=True)
class CredentialIds:
    """The two names of a credential, ``urn:uuid:…``: its own, and the one of its subject in it."""

    credential: str
    subject: str


def new_ids() -> CredentialIds:
    """Return two random names (RFC 9562, version 4)."""
    return CredentialIds(uuid.uuid4().urn, uuid.uuid4().urn)


def context_of(scheme_url: str) -> str:
    """Return the address of our own context; it names the type of the credential for a verifier."""
    return f"{scheme_url}/contexts/attestation-1"


def schema_of(scheme_url: str) -> str:
    """Return the address of the JSON Schema of these credentials."""
    return f"{scheme_url}/schemas/attestation-credential-1"


def write_credential(
    attestation: Attestation, *, ids: CredentialIds, status: StatusReference, issuer_name: str, lang: Lang
) -> Json:
    """Return the credential of an attestation. `issuer_name`: the body's name, for people to read.

    The birth date, if there is one, is left out. Raises `UnsupportedError` for a framework or competence
    that is not known.
    """
    scheme_url = scheme_of(attestation.issuer)
    credential: Json = {
        "@context": [*_CONTEXTS, context_of(scheme_url)],
        "id": ids.credential,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": catalogue(lang).text("credential.name"),
        "issuer": {"id": attestation.issuer, "type": ["Profile"], "name": issuer_name},
        "validFrom": write_timestamp(attestation.issued_at),
    }
    if attestation.expires_at is not None:
        credential["validUntil"] = write_timestamp(attestation.expires_at)
    return credential | {
        "credentialSubject": _subject(attestation, ids, lang),
        "credentialStatus": [_entry(status, purpose) for purpose in PURPOSES],
        "credentialSchema": [
            {"id": _SCHEMA, "type": "1EdTechJsonSchemaValidator2019"},
            {"id": schema_of(scheme_url), "type": "JsonSchema"},
        ],
    }


def _entry(status: StatusReference, purpose: Purpose) -> Json:
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose.value,
        "statusListIndex": str(status.index),  # a text, as the specification wants it
        "statusListCredential": purpose_uri(status.uri, purpose),
    }


def _subject(attestation: Attestation, ids: CredentialIds, lang: Lang) -> Json:
    holder, known = attestation.holder, framework(attestation.framework)
    subject: Json = {
        "id": ids.subject,
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": holder.full_name,
                "identityType": "name",
            }
        ],
        "given_name": holder.given_name,
        "family_name": holder.family_name,
        "framework": attestation.framework,
        "assessed_on": attestation.assessed_on.isoformat(),
        "method": attestation.method.value,
    }
    if attestation.place is not None:
        subject["place"] = attestation.place
    if attestation.specimen:
        subject["specimen"] = True
    seen = list(_seen(attestation, known))
    return subject | {
        "achievement": _achievement(attestation, ids, known=known, lang=lang),
        "result": [_result(attestation, competence, level) for competence, level in seen],
    }


def _seen(attestation: Attestation, known: Framework) -> Iterable[tuple[Competence, int]]:
    """Give the competences with their levels, in the framework's order, which is frozen."""
    for competence in attestation.levels:
        known.competence(competence)
    return ((c, attestation.levels[c.id]) for c in known.competences if c.id in attestation.levels)


def _achievement(attestation: Attestation, ids: CredentialIds, *, known: Framework, lang: Lang) -> Json:
    words, title = catalogue(lang), known.title(lang)
    how = words.text(f"how.{attestation.method.value}")
    seen = list(_seen(attestation, known))
    return {
        "id": f"{ids.credential}#achievement",
        "type": ["Achievement"],
        "achievementType": "Competency",
        "inLanguage": lang,
        "name": words.text("credential.achievement", framework=title),
        "description": words.text("credential.description"),
        "criteria": {"narrative": words.text("credential.criteria", how=how, framework=title)},
        "alignment": [_alignment(attestation, competence, title, lang) for competence, _ in seen],
        "resultDescription": [_described(attestation, c, level, lang) for c, level in seen],
    }


def _competence_uri(attestation: Attestation, competence: str) -> str:
    return f"{scheme_of(attestation.issuer)}/frameworks/{attestation.framework}#{competence}"


def _level_uri(attestation: Attestation, competence: str, level: int) -> str:
    return f"{_competence_uri(attestation, competence)}-{level}"


def _alignment(attestation: Attestation, competence: Competence, title: str, lang: Lang) -> Json:
    return {
        "type": ["Alignment"],
        "targetCode": competence.id,
        "targetFramework": title,
        "targetName": competence.label(lang),
        "targetUrl": _competence_uri(attestation, competence.id),
    }


def _described(attestation: Attestation, competence: Competence, level: int, lang: Lang) -> Json:
    """Describe one result: of the framework's levels only the one that was seen, to stay within a token."""
    known = framework(attestation.framework)
    return {
        "id": _competence_uri(attestation, competence.id),
        "type": ["ResultDescription"],
        "name": competence.label(lang),
        "resultType": "RubricCriterionLevel",
        "rubricCriterionLevel": [
            {
                "id": _level_uri(attestation, competence.id, level),
                "type": ["RubricCriterionLevel"],
                "name": known.level_label(level, lang),
                "description": known.sentence(competence.id, level, lang=lang, person="third"),
            }
        ],
    }


def _result(attestation: Attestation, competence: Competence, level: int) -> Json:
    return {
        "type": ["Result"],
        "resultDescription": _competence_uri(attestation, competence.id),
        "achievedLevel": _level_uri(attestation, competence.id, level),
    }
