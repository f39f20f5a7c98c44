"""A body's public keys for strangers: one JWK, a JWK set, issuer metadata, a DID and a controlled identifier
document.

Decided here: every document is made from the same key records, so that they cannot disagree. Metadata and
DID document show the credential keys whose signatures may still be relied on: active and sealed ones. A
planned key has signed nothing; a compromised key would let a stranger, who does not read the trust list,
accept forgeries. A status key is not among the keys that may assert: these documents have no way to say "for
status lists only", and the scheme keeps the status keys of bodies that have left. The controlled identifier
document names it as a method all the same, because the lists name it by its address (docs/adr/0009). Our own
verifier reads none of these: it trusts the trust list alone.

Sources: RFC 7517; SD-JWT VC draft-19 section 4 (`jwt-vc-issuer`); did:web method; Controlled Identifiers 1.0
sections 2.1 and 2.2 (`JsonWebKey`, `publicKeyJwk`); VC-JOSE-COSE section 4 (`kid`); Open Badges 3.0, VC-JWT
proof format (`kid` gives one JWK).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from keys.records import KeyRecord, Purpose
from passport.claims import key_url, status_key_url
from passport.errors import MalformedError
from passport.strictjson import Json
from passport.trust.model import KeyState

__all__ = [
    "controlled_identifier",
    "did_document",
    "did_of",
    "issuer_metadata",
    "issuer_metadata_url",
    "jwk",
    "jwks",
    "shown_keys",
]

_WELL_KNOWN: Final = "/.well-known/jwt-vc-issuer"
# The first is required (DID Core 1.0 section 6.3.1) and lacks JsonWebKey; the second has it.
_CONTEXTS: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")
_CID_CONTEXT: Final = "https://www.w3.org/ns/cid/v1"
_SHOWN: Final = frozenset({KeyState.ACTIVE, KeyState.SEALED})


def shown_keys(records: Iterable[KeyRecord], purpose: Purpose) -> list[KeyRecord]:
    """Return the keys of one purpose that strangers are shown: none stolen, none that has yet to begin."""
    return [r for r in records if r.purpose is purpose and r.state in _SHOWN]


def _parts(issuer: str) -> tuple[str, str, str]:
    """Return origin, authority and path of an issuer; a trailing slash is dropped (SD-JWT VC section 4)."""
    scheme, separator, rest = issuer.rstrip("/").partition("://")
    authority, _, path = rest.partition("/")
    if not separator or scheme not in {"https", "http"} or not authority:
        raise MalformedError("The issuer is not a web address.", code="iss")
    return f"{scheme}://{authority}", authority, path


def jwk(record: KeyRecord) -> Json:
    """Return the one JWK that ``/o/{slug}/keys/{kid}`` answers with (Open Badges 3.0: not a set)."""
    return dict(record.public.jwk)


def jwks(records: Iterable[KeyRecord]) -> Json:
    """Return a JWK set of exactly these records (RFC 7517 section 5)."""
    return {"keys": [jwk(record) for record in records]}


def issuer_metadata_url(issuer: str) -> str:
    """Return where the metadata of `issuer` is looked for: the path inserted between host and path."""
    origin, _, path = _parts(issuer)
    return origin + _WELL_KNOWN + (f"/{path}" if path else "")


def issuer_metadata(issuer: str, records: Iterable[KeyRecord]) -> Json:
    """Return the JWT VC issuer metadata: `issuer`, identical to `iss`, and exactly one of the key members."""
    _parts(issuer)
    return {"issuer": issuer, "jwks": jwks(shown_keys(records, Purpose.CREDENTIAL))}


def did_of(issuer: str) -> str:
    """Return the did:web of an issuer: ``https://h:8443/o/x`` gives ``did:web:h%3A8443:o:x``."""
    _, authority, path = _parts(issuer)
    return ":".join(["did:web", quote(authority, safe=".-"), *filter(None, path.split("/"))])


def did_document(issuer: str, records: Iterable[KeyRecord]) -> Json:
    """Return the DID document of an issuer; its `id` is the DID that leads to it."""
    did = did_of(issuer)
    shown = shown_keys(records, Purpose.CREDENTIAL)
    return {
        "@context": list(_CONTEXTS),
        "id": did,
        "alsoKnownAs": [issuer],
        "verificationMethod": [
            {
                "id": f"{did}#{record.kid}",
                "type": "JsonWebKey",
                "controller": did,
                "publicKeyJwk": jwk(record),
            }
            for record in shown
        ],
        "assertionMethod": [f"{did}#{record.kid}" for record in shown],
    }


def controlled_identifier(issuer: str, records: Iterable[KeyRecord]) -> Json:
    """Return the controlled identifier document of an issuer: its `id` is the issuer's own address.

    Each method's `id` is the address at which the one key is published, the `kid` of the W3C forms.
    """
    records = list(records)
    credential = {key_url(issuer, r.kid): r for r in shown_keys(records, Purpose.CREDENTIAL)}
    status = {status_key_url(issuer, r.kid): r for r in shown_keys(records, Purpose.STATUS)}
    return {
        "@context": [_CID_CONTEXT],
        "id": issuer,
        "alsoKnownAs": [did_of(issuer)],
        "verificationMethod": [
            {"id": address, "type": "JsonWebKey", "controller": issuer, "publicKeyJwk": jwk(record)}
            for address, record in (credential | status).items()
        ],
        "assertionMethod": list(credential),
    }
