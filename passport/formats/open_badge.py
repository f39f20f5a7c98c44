"""The Open Badge: the credential in the VC-JWT envelope of Open Badges 3.0, for badge platforms.

Decided here: the closed header (`alg`, `kid`, `typ` and nothing else: "additional JOSE headers are NOT
allowed"), whose `kid` is the address of one JWK, and the five claims beside the credential that must equal
its members: `iss`, `jti`, `nbf`, `sub`, and `exp` when and only when it has an end. The same attestation for
other systems is another envelope (`w3c_vc`): the two specifications cannot share one (docs/adr/0002).

Source: Open Badges 3.0, section 8.2 (JSON Web Token proof format). Left to others: the credential itself
(`passport.credential`), whether issuer, key and lists are the right ones (`verifier`).
"""

from __future__ import annotations

import re
from typing import Final

from passport.claims import KEY_URL, Claims, key_url
from passport.credential_reading import read_credential
from passport.errors import MalformedError, UnsupportedError
from passport.jose import ALGORITHMS, CompactJws
from passport.limits import LIMITS
from passport.model import Attestation
from passport.strictjson import Json, compact_json, parse_object

__all__ = ["FORMAT", "MEDIA_TYPE", "TYP", "header_for", "read_claims", "read_kid", "write_claims"]

FORMAT: Final = "ob3"
TYP: Final = "JWT"
MEDIA_TYPE: Final = "text/plain"
_HEADER: Final = re.compile(rb'\{"alg":"(?:ES256|EdDSA)","kid":"' + KEY_URL + rb'","typ":"JWT"\}')
_REGISTERED: Final = frozenset({"iss", "jti", "nbf", "sub", "exp"})


def header_for(alg: str, kid: str, *, issuer: str) -> Json:
    """Return the protected header; `issuer`: the address of the body whose key `kid` is."""
    return {"alg": alg, "kid": key_url(issuer, kid), "typ": TYP}


def read_kid(jws: CompactJws) -> str:
    """Return the id of the key in the header, without the address around it.

    Raises `UnsupportedError` (`algorithm`) and `MalformedError` (`header`).
    """
    match = _HEADER.fullmatch(jws.header_bytes)
    if match is not None:
        return match.group(2).decode()
    if jws.header.get("alg") not in ALGORITHMS:
        raise UnsupportedError("The badge's algorithm is not one that is accepted here.", code="algorithm")
    raise MalformedError("The badge's header is not alg, kid, typ and nothing else.", code="header")


def _registered(attestation: Attestation, credential: Json) -> Json:
    """Return the claims that the credential makes necessary."""
    subject = credential["credentialSubject"]
    claims: Json = {
        "iss": attestation.issuer,
        "jti": credential["id"],
        "nbf": attestation.issued_at,
        "sub": subject["id"] if isinstance(subject, dict) else None,
    }
    return claims if attestation.expires_at is None else {**claims, "exp": attestation.expires_at}


def write_claims(attestation: Attestation, credential: Json) -> bytes:
    """Return the payload to sign: the credential of this attestation, and the claims made from it."""
    return compact_json(credential | _registered(attestation, credential))


def read_claims(jws: CompactJws) -> Claims:
    """Return the claims; raise `MalformedError` or `UnsupportedError` saying which is wrong."""
    payload = parse_object(jws.payload, max_bytes=LIMITS.token_chars)
    registered = {name: payload.pop(name) for name in _REGISTERED & payload.keys()}
    claims = read_credential(payload)
    expected = _registered(claims.attestation, payload)
    # As text, because in Python 1 equals True.
    if compact_json(sorted(registered.items())) != compact_json(sorted(expected.items())):
        raise MalformedError("iss, jti, nbf, sub and exp are not the credential's own.", code="registered")
    if not str(jws.header.get("kid")).startswith(f"{claims.attestation.issuer}/keys/"):
        raise MalformedError("The key named is not one of the issuer.", code="kid_issuer")
    return claims
