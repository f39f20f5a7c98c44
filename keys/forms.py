"""From one attestation to the bytes of each of its forms, not yet linted.

Decided here: which forms are made of every attestation (the QR token, the Open Badge, the W3C credential),
from one status entry; that the two which travel carry no birth date; and that they are one and the same
credential in two envelopes. Left to others: the bytes of each (`passport.formats`), the rules (`keys.lints`).
"""

from __future__ import annotations

from typing import Final

from passport.claims import StatusReference
from passport.credential import new_ids, write_credential
from passport.errors import PassportError
from passport.formats import open_badge, qr_token, w3c_vc
from passport.framework import Lang
from passport.jose import PublicKey, b64url
from passport.model import Attestation
from passport.strictjson import compact_json
from passport.trust.model import TrustList

__all__ = ["MADE", "Written", "said_in", "signing_input", "write_forms"]

MADE: Final = (qr_token.FORMAT, open_badge.FORMAT, w3c_vc.FORMAT)
"""The forms that every attestation is signed in, in the order of signing."""

Written = tuple[bytes, bytes]
"""Header and payload of a form, as JSON."""


def said_in(form: str, attestation: Attestation) -> Attestation:
    """Return what a form says of an attestation: all of it, or all but the birth date."""
    return attestation if form == qr_token.FORMAT else attestation.without_birthdate()


def write_forms(
    attestation: Attestation, *, status: StatusReference, trust_list: TrustList, public: PublicKey
) -> dict[str, Written]:
    """Return the bytes of every form that can be written, by its name.

    One that cannot be written (an unknown framework or competence, a text that is not Unicode, a number
    too long to write) is not there: the lints say which it is.
    """
    written = {}
    try:
        vct = qr_token.vct_of(trust_list.scheme.url)
        payload = qr_token.write_claims(attestation, vct=vct, status=status)
        written[qr_token.FORMAT] = (compact_json(qr_token.header_for(public.alg, public.kid)), payload)
        written |= _credentials(attestation.without_birthdate(), status, trust_list, public)
    except (PassportError, ValueError):
        return written
    return written


def _credentials(
    attestation: Attestation, status: StatusReference, trust_list: TrustList, public: PublicKey
) -> dict[str, Written]:
    issuer, body = attestation.issuer, trust_list.body_of(attestation.issuer)
    lang: Lang = "en" if trust_list.scheme.languages[:1] == ("en",) else "fr"
    credential = write_credential(
        attestation, ids=new_ids(), status=status, issuer_name=body.name if body else issuer, lang=lang
    )
    badge = open_badge.header_for(public.alg, public.kid, issuer=issuer)
    plain = w3c_vc.header_for(public.alg, public.kid, issuer=issuer)
    return {
        open_badge.FORMAT: (compact_json(badge), open_badge.write_claims(attestation, credential)),
        w3c_vc.FORMAT: (compact_json(plain), w3c_vc.write_claims(credential)),
    }


def signing_input(written: Written) -> bytes:
    """Return the bytes that a signature covers (RFC 7515 section 5.1)."""
    header, payload = written
    return b64url(header) + b"." + b64url(payload)
