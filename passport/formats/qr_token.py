"""The QR token: an attestation as a JWT with the claim names of SD-JWT VC, for paper, card and screen.

Decided here: the header and the claims, both ways. A reader gets an `Attestation` and the few names that
trust and status are looked up by; a writer gets the bytes to sign. What our own issuers wrote is read by
writing it again: the same bytes are the same claims (docs/adr/0024). The same rules as JSON Schema:
`schemas/claims/attestation-1.schema.json` (a test holds both against the same cases).

Sources: SD-JWT VC draft-19 sections 2.2.1 (`typ`), 2.2.2 (`vct`, `iss`, `iat`, `exp`); RFC 9901 (no
disclosure here); Token Status List draft-20 section 6.2 (`status`); OpenID Connect Core section 5.1
(`given_name`, `family_name`, `birthdate`).
Left to others: the members and their order (`qr_payload`), what is written otherwise or wrong (`qr_reading`),
whether issuer, key and status list are the right ones (`verifier`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from passport.claims import Claims, StatusReference
from passport.errors import MalformedError, PassportError, UnsupportedError
from passport.formats.qr_payload import VCT_PATH, Entry, Payload, StatusClaim, decode_payload, encode_payload
from passport.formats.qr_reading import ABSENT, read_levels, read_named, read_with_care
from passport.framework import framework
from passport.jose import ALGORITHMS, CompactJws
from passport.limits import LIMITS
from passport.model import Attestation, Holder
from passport.strictjson import Json

__all__ = [
    "FORMAT",
    "header_for",
    "read_claims",
    "read_kid",
    "vct_of",
    "write_claims",
]

FORMAT: Final = "qr"
TYP: Final = "dc+sd-jwt"

_HEADER: Final = re.compile(rb'\{"alg":"(?:ES256|EdDSA)","kid":"([A-Za-z0-9._-]{1,64})","typ":"dc\+sd-jwt"\}')
# With more competences than this, one digit each in the framework's order is shorter (PAPER.md).
_SPELLED_OUT: Final = 4


def header_for(alg: str, kid: str) -> Json:
    """Return the protected header, its three members in the order that readers expect."""
    return {"alg": alg, "kid": kid, "typ": TYP}


def vct_of(scheme_url: str) -> str:
    """Return the credential type of a scheme: a URL under its own host, versioned (SD-JWT VC 2.2.2.1)."""
    return scheme_url + VCT_PATH


def read_kid(jws: CompactJws) -> str:
    """Return the `kid` of a QR token's header; the header is held to a byte pattern.

    Raises `UnsupportedError` (`algorithm`, `typ`) for a well-formed header of another kind and
    `MalformedError` (`header`) for ours with anything added, missing or moved.
    """
    kid = _kid_of(jws.header_bytes)
    if kid is not None:
        return kid
    if jws.header.get("alg") not in ALGORITHMS:
        raise UnsupportedError("The token's algorithm is not one that is accepted here.", code="algorithm")
    if jws.header.get("typ") != TYP:
        raise UnsupportedError(f"The token's type is not {TYP}.", code="typ")
    raise MalformedError("The token's header is not alg, kid, typ and nothing else.", code="header")


@lru_cache(maxsize=1024)
def _kid_of(header: bytes) -> str | None:
    """Return the `kid` of a header of this form; headers repeat, one a key."""
    match = _HEADER.fullmatch(header)
    return None if match is None else match.group(1).decode()


def write_claims(attestation: Attestation, *, vct: str, status: StatusReference) -> bytes:
    """Return the payload to sign: compact UTF-8 JSON, members in their fixed order."""
    holder = attestation.holder
    payload = Payload(
        iss=attestation.issuer,
        iat=attestation.issued_at,
        vct=vct,
        status=StatusClaim(Entry(status.index, status.uri)),
        given_name=holder.given_name,
        family_name=holder.family_name,
        birthdate=holder.birthdate,
        framework=attestation.framework,
        levels=_write_levels(attestation),
        assessed_on=attestation.assessed_on,
        method=attestation.method.value,
        place=attestation.place,
        exp=attestation.expires_at,
        specimen=attestation.specimen,
    )
    return encode_payload(payload)


def _write_levels(attestation: Attestation) -> dict[str, int] | str:
    known = framework(attestation.framework)
    order = [competence.id for competence in known.competences]
    for competence in attestation.levels:
        known.competence(competence)
    if len(attestation.levels) <= _SPELLED_OUT:
        return {c: attestation.levels[c] for c in order if c in attestation.levels}
    return "".join(str(attestation.levels.get(c, 0)) for c in order).rstrip("0")


def read_claims(payload: bytes) -> Claims:
    """Return the claims of a payload; raise `MalformedError` or `UnsupportedError` saying which is wrong.

    The set of members is closed: a new member means a new `vct`.
    """
    return _read_as_written(payload) or read_with_care(payload)


def _read_as_written(payload: bytes) -> Claims | None:
    """Return the claims of a payload that is to the byte what would be written of it, else None.

    Then no member stands twice and none out of its place, and without a backslash each text is its own bytes:
    it is plain JSON, which everybody reads in one way. Anything else, or wrong, is for the other reader.
    """
    if len(payload) > LIMITS.qr_inflated_bytes or b"\\" in payload:
        return None
    try:
        said = decode_payload(payload)
        if encode_payload(said) != payload:
            return None
        place = ABSENT if said.place is None else said.place
        named = read_named(said.iss, said.vct, said.framework, said.method, place)
        return Claims(
            Attestation(
                named.issuer,
                Holder(said.given_name, said.family_name, said.birthdate),
                named.framework,
                read_levels(named.framework, said.levels),
                said.assessed_on,
                named.method,
                said.iat,
                named.place,
                said.exp,
                said.specimen,
            ),
            named.vct,
            StatusReference(said.status.status_list.uri, said.status.status_list.idx),
        )
    except (ValueError, PassportError):  # what its decoder raises is a ValueError
        return None
