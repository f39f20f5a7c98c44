"""Reading a QR token's payload with care: in any writing that the rules allow, saying what is wrong.

Decided here: every rule of the form of the claims, member by member; the names that say nothing of a person
are read once each. Sources: `passport.formats.qr_token`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from passport.claims import Claims, StatusReference, read_issuer
from passport.errors import MalformedError, UnsupportedError
from passport.formats.qr_payload import INDICES, MEMBERS, VCT_PATH
from passport.framework import framework
from passport.limits import LIMITS
from passport.model import Attestation, Holder, Method
from passport.strictjson import Json, Reader, parse_object

__all__ = ["ABSENT", "Named", "read_levels", "read_named", "read_with_care"]

ABSENT: Final = object()
"""In the place of a member that is not there."""

_DIGITS: Final = re.compile(r"[0-9]*[1-9]", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_METHODS: Final = {method.value: method for method in Method}
_NOT_THIS_FORM: Final = frozenset({"cnf", "_sd", "_sd_alg"})


def read_with_care(payload: bytes) -> Claims:
    """Return the claims of a payload in any writing that the rules allow; raise what is wrong with it."""
    claims = parse_object(payload, max_bytes=LIMITS.qr_inflated_bytes)
    if not claims.keys() <= MEMBERS:
        if not claims.keys().isdisjoint(_NOT_THIS_FORM):
            raise UnsupportedError("Holder binding and selective disclosure are other forms.", code="form")
        raise MalformedError("The claims hold a member that this type does not have.", code="claims_unknown")
    reader = Reader(claims, "claims")
    named = _names_in(claims)
    return Claims(
        attestation=_read_attestation(reader, claims, named),
        type_uri=named.vct,
        status=_read_status(claims),
        not_before=reader.integer("nbf") if "nbf" in claims else None,
    )


class Named(NamedTuple):
    """The members that say nothing of a person."""

    issuer: str
    vct: str
    framework: str
    method: Method
    place: str | None


def _names_in(claims: Json) -> Named:
    get = claims.get
    values = get("iss"), get("vct"), get("framework"), get("method"), get("place", ABSENT)
    try:
        return read_named(*values)
    except TypeError:  # an object or a list among them cannot be looked up
        return read_named.__wrapped__(*values)


@lru_cache(maxsize=1024)
def read_named(iss: object, vct: object, framework: object, method: object, place: object) -> Named:
    """Read them; a counter sees the same few together again and again. What is refused is not kept."""
    given = {"iss": iss, "vct": vct, "framework": framework, "method": method, "place": place}
    reader = Reader(given, "claims")
    return Named(
        issuer=read_issuer(reader, "iss"),
        vct=_read_vct(reader),
        framework=reader.text("framework", max_chars=40),
        method=_read_method(reader),
        place=None if place is ABSENT else reader.text("place", max_chars=LIMITS.slug_chars),
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
        index=reader.integer("idx", high=INDICES - 1),
    )


def _read_vct(reader: Reader) -> str:
    vct = reader.text("vct", max_chars=LIMITS.url_chars)
    if not vct.endswith(VCT_PATH):
        raise UnsupportedError("The token is not an attestation of a known type.", code="vct")
    return vct


def _read_attestation(reader: Reader, claims: Json, named: Named) -> Attestation:
    return Attestation(
        issuer=named.issuer,
        holder=Holder(
            given_name=reader.text("given_name"),
            family_name=reader.text("family_name"),
            birthdate=_read_day(reader, "birthdate") if "birthdate" in claims else None,
        ),
        framework=named.framework,
        levels=read_levels(named.framework, claims.get("levels")),
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


def read_levels(framework_id: str, value: object) -> dict[str, int]:
    """Read both writings: an object, or one digit a competence in the framework's order (0: not assessed)."""
    known = framework(framework_id)
    if isinstance(value, dict):
        levels = value
    elif isinstance(value, str) and 0 < len(value) <= len(known.competences) and _DIGITS.fullmatch(value):
        digits = zip(known.competences, value, strict=False)
        levels = {competence.id: int(digit) for competence, digit in digits if digit != "0"}
    else:
        raise MalformedError("`levels` is neither an object nor digits of the framework.", code="levels")
    competences, numbers = known.by_id, known.level_labels
    for competence, level in levels.items():  # hot path: `knows`, without a call for each
        if type(level) is not int or competence not in competences or level not in numbers:
            raise MalformedError("`levels` names a competence or level that is not known.", code="levels")
    return levels
