"""The W3C credential: the same credential as JWT claims, secured as VC-JOSE-COSE wants it, for other systems.

Decided here: header `alg`, `cty` (``vc``), `kid`, `typ` (``vc+jwt``), and nothing around the credential: the
claims set *is* the credential. There is no `iss`, so `kid` is an absolute address, of a verification method
in the controlled identifier document of the issuer; one that comes with `iss` is read when it equals the
issuer. `nbf` is not recommended there and `exp` would be about the signature: neither is ours.

Source: Securing Verifiable Credentials using JOSE and COSE, sections 3.1 and 4. Left to others: the
credential itself (`passport.credential`), whether issuer, key and lists are the right ones (`verifier`).
"""

from __future__ import annotations

import re
from typing import Final

from passport.claims import KEY_URL, Claims, key_url
from passport.credential_reading import read_credential
from passport.errors import MalformedError, UnsupportedError
from passport.jose import ALGORITHMS, CompactJws
from passport.limits import LIMITS
from passport.strictjson import Json, compact_json, parse_object

__all__ = ["FORMAT", "MEDIA_TYPE", "TYP", "header_for", "read_claims", "read_kid", "write_claims"]

FORMAT: Final = "vc"
TYP: Final = "vc+jwt"
MEDIA_TYPE: Final = "application/vc+jwt"
_HEADER: Final = re.compile(
    rb'\{"alg":"(?:ES256|EdDSA)","cty":"vc","kid":"' + KEY_URL + rb'","typ":"vc\+jwt"\}'
)


def header_for(alg: str, kid: str, *, issuer: str) -> Json:
    """Return the protected header; `issuer`: the address of the body whose key `kid` is."""
    return {"alg": alg, "cty": "vc", "kid": key_url(issuer, kid), "typ": TYP}


def read_kid(jws: CompactJws) -> str:
    """Return the id of the key in the header, without the address around it.

    Raises `UnsupportedError` (`algorithm`) and `MalformedError` (`header`).
    """
    match = _HEADER.fullmatch(jws.header_bytes)
    if match is not None:
        return match.group(2).decode()
    if jws.header.get("alg") not in ALGORITHMS:
        raise UnsupportedError("The credential's algorithm is not accepted here.", code="algorithm")
    raise MalformedError("The credential's header is not alg, cty, kid, typ and no more.", code="header")


def write_claims(credential: Json) -> bytes:
    """Return the payload to sign: the credential and nothing else."""
    return compact_json(credential)


def read_claims(jws: CompactJws) -> Claims:
    """Return the claims; raise `MalformedError` or `UnsupportedError` saying which is wrong."""
    payload = parse_object(jws.payload, max_bytes=LIMITS.token_chars)
    beside = {name: payload.pop(name) for name in ("iss",) if name in payload}
    claims = read_credential(payload)
    if beside not in ({}, {"iss": claims.attestation.issuer}):
        raise MalformedError("`iss` is not the issuer of the credential.", code="registered")
    if not str(jws.header.get("kid")).startswith(f"{claims.attestation.issuer}/keys/"):
        raise MalformedError("The key named is not one of the issuer.", code="kid_issuer")
    return claims
