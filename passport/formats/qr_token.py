"""The QR token: an attestation as a JWT with the claim names of SD-JWT VC, for paper, card and screen.

Decided here: the header, the claims, their order, and every rule of their form, both ways. A reader
gets an `Attestation` and the few names that trust and status are looked up by; a writer gets the bytes
to sign. The same rules as JSON Schema: `schemas/claims/attestation-1.schema.json` (a test holds both
against the same cases).

Sources: SD-JWT VC draft-19 sections 2.2.1 (`typ`), 2.2.2 (`vct`, `iss`, `iat`, `exp`); RFC 9901 (no
disclosure here); Token Status List draft-20 section 6.2 (`status`); OpenID Connect Core section 5.1
(`given_name`, `family_name`, `birthdate`).
Left to others: whether issuer, key and status list are the right ones (`verifier`).
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from passport.claims import Claims, StatusReference, read_issuer
from passport.errors import MalformedError, UnsupportedError
from passport.framework import framework
from passport.jose import ALGORITHMS, CompactJws
from passport.limits import LIMITS
from passport.model import Attestation, Holder, Method
from passport.strictjson import Json, Reader, compact_json, parse_object

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
VCT_PATH: Final = "/vct/attestation-1"

_HEADER: Final = re.compile(rb'\{"alg":"(?:ES256|EdDSA)","kid":"([A-Za-z0-9._-]{1,64})","typ":"dc\+sd-jwt"\}')
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MEMBERS: Final = frozenset(
    [
        "iss",
        "iat",
        "nbf",
        "exp",
        "vct",
        "status",
        "given_name",
        "family_name",
        "birthdate",
        "framework",
        "levels",
        "assessed_on",
        "method",
        "place",
        "specimen",
    ]
)
_METHODS: Final = {method.value: method for method in Method}
_NOT_THIS_FORM: Final = frozenset({"cnf", "_sd", "_sd_alg"})
# With more competences than this, one digit each in the framework's order is shorter (PAPER.md).
_SPELLED_OUT: Final = 4
_ABSENT: Final = object()


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
    claims: Json = {
        "iss": attestation.issuer,
        "iat": attestation.issued_at,
        "vct": vct,
        "status": {"status_list": {"idx": status.index, "uri": status.uri}},
        "given_name": holder.given_name,
        "family_name": holder.family_name,
        "birthdate": holder.birthdate.isoformat() if holder.birthdate else None,
        "framework": attestation.framework,
        "levels": _write_levels(attestation),
        "assessed_on": attestation.assessed_on.isoformat(),
        "method": attestation.method.value,
        "place": attestation.place,
        "exp": attestation.expires_at,
        "specimen": attestation.specimen or None,
    }
    return compact_json({name: value for name, value in claims.items() if value is not None})


def _write_levels(attestation: Attestation) -> object:
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
    claims = parse_object(payload, max_bytes=LIMITS.qr_inflated_bytes)
    if not claims.keys() <= _MEMBERS:
        if not claims.keys().isdisjoint(_NOT_THIS_FORM):
            raise UnsupportedError("Holder binding and selective disclosure are other forms.", code="form")
        raise MalformedError("The claims hold a member that this type does not have.", code="claims_unknown")
    reader = Reader(claims, "claims")
    named = _read_named(claims)
    return Claims(
        attestation=_read_attestation(reader, claims, named),
        type_uri=named.vct,
        status=_read_status(claims),
        not_before=reader.integer("nbf") if "nbf" in claims else None,
    )


class _Named(NamedTuple):
    """The members that say nothing of a person."""

    issuer: str
    vct: str
    framework: str
    method: Method
    place: str | None


def _read_named(claims: Json) -> _Named:
    get = claims.get
    values = get("iss"), get("vct"), get("framework"), get("method"), get("place", _ABSENT)
    try:
        return _named(*values)
    except TypeError:  # an object or a list among them cannot be looked up
        return _named.__wrapped__(*values)


@lru_cache(maxsize=1024)
def _named(iss: object, vct: object, framework: object, method: object, place: object) -> _Named:
    """Read them; a counter sees the same few together again and again. What is refused is not kept."""
    given = {"iss": iss, "vct": vct, "framework": framework, "method": method, "place": place}
    reader = Reader(given, "claims")
    return _Named(
        issuer=read_issuer(reader, "iss"),
        vct=_read_vct(reader),
        framework=reader.text("framework", max_chars=40),
        method=_read_method(reader),
        place=None if place is _ABSENT else reader.text("place", max_chars=LIMITS.slug_chars),
    )


def _read_status(claims: Json) -> StatusReference:
    """Read `status`: one list, its two members and no other (Token Status List section 6.2)."""
    status = claims.get("status")
    listed = status.get("status_list") if isinstance(status, dict) and len(status) == 1 else None
    if type(listed) is not dict or len(listed) != 2:
        raise MalformedError("`status` is not one status list with idx and uri.", code="status")
    reader = Reader(listed, "status_list")
    return StatusReference(
        uri=reader.text("uri", max_chars=LIMITS.url_chars),
        index=reader.integer("idx", high=LIMITS.status_list_bytes * 4 - 1),
    )


def _read_vct(reader: Reader) -> str:
    vct = reader.text("vct", max_chars=LIMITS.url_chars)
    if not vct.endswith(VCT_PATH):
        raise UnsupportedError("The token is not an attestation of a known type.", code="vct")
    return vct


def _read_attestation(reader: Reader, claims: Json, named: _Named) -> Attestation:
    return Attestation(
        issuer=named.issuer,
        holder=Holder(
            given_name=reader.text("given_name"),
            family_name=reader.text("family_name"),
            birthdate=_read_day(reader, "birthdate") if "birthdate" in claims else None,
        ),
        framework=named.framework,
        levels=_read_levels(named.framework, claims.get("levels")),
        assessed_on=_read_day(reader, "assessed_on"),
        method=named.method,
        issued_at=reader.integer("iat"),
        place=named.place,
        expires_at=reader.integer("exp") if "exp" in claims else None,
        specimen=_read_specimen(claims),
    )


def _read_method(reader: Reader) -> Method:
    method = _METHODS.get(reader.text("method", max_chars=20))
    if method is None:
        raise MalformedError("`method` is not observation, test or declaration.", code="method")
    return method


def _read_specimen(claims: Json) -> bool:
    if claims.get("specimen", True) is not True:
        raise MalformedError("`specimen` is true or is not there.", code="specimen")
    return "specimen" in claims


def _read_day(reader: Reader, name: str) -> date:
    text = reader.text(name, max_chars=10)
    try:
        if _DAY.fullmatch(text) is None:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedError(f"`{name}` is not a day as YYYY-MM-DD.", code="day") from None


def _read_levels(framework_id: str, value: object) -> dict[str, int]:
    """Read both writings: an object, or one digit a competence in the framework's order (0: not assessed)."""
    known = framework(framework_id)
    if isinstance(value, dict):
        levels = value
    elif isinstance(value, str) and 0 < len(value) <= len(known.competences) and _DIGITS.fullmatch(value):
        digits = zip(known.competences, value, strict=False)
        levels = {competence.id: int(digit) for competence, digit in digits if digit != "0"}
    else:
        raise MalformedError("`levels` is neither an object nor digits of the framework.", code="levels")
    for competence, level in levels.items():
        if type(level) is not int or not known.knows(competence, level):
            raise MalformedError("`levels` names a competence or level that is not known.", code="levels")
    return levels


_DIGITS: Final = re.compile(r"[0-9]*[1-9]", re.ASCII)
