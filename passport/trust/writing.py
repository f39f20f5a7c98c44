"""Writing trust documents: from the frozen types to the payload's bytes, and to a signed envelope.

The payload is written from the very types that a reader gets, so that what is linted is what is signed.
Left to others: who signs (`keys.ceremony`), when, and how many.
"""

from __future__ import annotations

import hashlib

from passport.jose import Signer
from passport.strictjson import Json, compact_json
from passport.trust.envelope import NOW_TYP, sign_envelope
from passport.trust.model import Accreditation, Body, Now, Period, Pin, Place, TrustedKey, TrustList

__all__ = ["FORMAT", "now_payload", "pin_document", "sealed_set_document", "trust_list_payload", "write_now"]

FORMAT = 1
_MEMBER_BYTES = 16


def _period(period: Period) -> Json:
    return {"from": period.start, "until": period.end}


def _key(key: TrustedKey) -> Json:
    return {
        "jwk": dict(key.key.jwk),
        "use": key.use.value,
        "state": key.state.value,
        **_period(key.period),
        "sealed_set": key.sealed_set,
    }


def _accreditation(accreditation: Accreditation) -> Json:
    levels = [accreditation.lowest, accreditation.highest]
    return {"framework": accreditation.framework, "levels": levels, **_period(accreditation.period)}


def _place(place: Place) -> Json:
    return {"id": place.id, "name": place.name, **_period(place.period)}


def _body(body: Body) -> Json:
    return {
        "slug": body.slug,
        "name": body.name,
        "kind": body.kind,
        **_period(body.period),
        "state": "active" if body.period.end is None else "left",
        "successor": body.successor,
        "places": [_place(place) for place in body.places],
        "accreditations": [_accreditation(accreditation) for accreditation in body.accreditations],
        "keys": [_key(key) for key in body.keys.values()],
        "status_prefix": body.status_prefix,
    }


def _root(pin: Pin) -> Json:
    return {"keys": [dict(key.jwk) for key in pin.root_keys], "threshold": pin.threshold}


def trust_list_payload(trust_list: TrustList) -> bytes:
    """Return the payload of a trust list (`digest` is of these bytes and is not in them)."""
    scheme = trust_list.scheme
    return compact_json(
        {
            "format": FORMAT,
            "version": trust_list.version,
            "issued_at": trust_list.issued_at,
            "expires_at": trust_list.expires_at,
            "scheme": {
                "name": scheme.name,
                "kind": scheme.kind,
                "url": scheme.url,
                "issuer_prefix": scheme.issuer_prefix,
                "contact": scheme.contact,
                "languages": list(scheme.languages),
            },
            "root": _root(trust_list.pin),
            "publication_key": dict(trust_list.publication_key.jwk),
            "bodies": [_body(body) for body in trust_list.bodies.values()],
        }
    )


def now_payload(now: Now) -> bytes:
    """Return the payload of a `now` document."""
    return compact_json(
        {
            "format": FORMAT,
            "issued_at": now.issued_at,
            "expires_at": now.expires_at,
            "list_version": now.list_version,
            "list_digest": now.list_digest,
            "refused_keys": sorted(now.refused_keys),
            "sealed_sets": sorted(now.sealed_sets),
            "checkpoint": dict(now.checkpoint),
        }
    )


def write_now(now: Now, *, signer: Signer) -> bytes:
    """Return `now` signed by the publication key."""
    return sign_envelope(now_payload(now), typ=NOW_TYP, signers=[signer])


def pin_document(pin: Pin) -> bytes:
    """Return what a verifier keeps to trust a scheme: root keys, threshold, issuer prefix. Not signed."""
    return compact_json({"format": FORMAT, "issuer_prefix": pin.issuer_prefix, "root": _root(pin)})


def sealed_set_document(member_digests: list[bytes]) -> tuple[str, bytes]:
    """Return (hash, bytes) of a sealed set: 16-byte members, sorted, one after the other."""
    data = b"".join(sorted({digest[:_MEMBER_BYTES] for digest in member_digests}))
    return hashlib.sha256(data).hexdigest(), data
