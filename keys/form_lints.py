"""What must be true of the very bytes of a QR token, and of the symbol that will carry them.

Decided here: the bytes are read back as a verifier will read them and must say the same; they must come
back from their digits; the symbol must be one that phones read. A draft whose claims could not be written
has no bytes: these lints then say nothing. Left to others: the rules of content (`keys.lints`).
"""

from __future__ import annotations

import re
from typing import Final

from keys.draft import Draft, Lint, Problem, lint
from keys.qr_size import symbol_version
from passport.claims import Claims
from passport.errors import PassportError
from passport.formats.qr_token import read_claims, read_kid, vct_of
from passport.jose import SIGNATURE_BYTES, b64url, split
from passport.limits import LIMITS
from passport.packing import pack, unpack

__all__ = ["FORM_LINTS"]

_PAGE: Final = re.compile(r"https?://[a-z0-9.-]{1,200}(?::[0-9]{1,5})?/[A-Za-z0-9._~/-]{0,100}")
# A signature has 64 bytes whatever is signed: any 64 bytes show the size and the round trip.
_ANY_SIGNATURE: Final = b64url(b"\xa5" * SIGNATURE_BYTES)
_AGAIN: Final = "This is a fault of the program: report it."


def _token(draft: Draft) -> bytes | None:
    return None if draft.signing_input is None else draft.signing_input + b"." + _ANY_SIGNATURE


def _claims(draft: Draft) -> Claims | None:
    """Return the claims as a verifier reads them, or None when it cannot."""
    try:
        return read_claims(draft.payload)
    except PassportError:
        return None


@lint("vct", "SD-JWT VC section 2.2.2.1 (vct); DESIGN, QR token: its own vct")
def vct(draft: Draft) -> Problem | None:
    """The credential type is the scheme's own."""
    claims = _claims(draft)
    if claims is None or claims.type_uri == vct_of(draft.trust_list.scheme.url):
        return None
    return Problem("The credential type is not the one of the scheme.", _AGAIN)


@lint("claims_read_back", "DESIGN, rule 3: what was linted is exactly what is signed")
def claims_read_back(draft: Draft) -> Problem | None:
    """The payload reads back as this attestation with this status reference."""
    if draft.signing_input is None:
        return None
    claims = _claims(draft)
    if claims is None:
        return Problem("A verifier could not read the claims.", _AGAIN)
    if (claims.attestation, claims.status) == (draft.attestation, draft.status):
        return None
    return Problem("The claims do not say what the attestation says.", _AGAIN)


@lint("header_read_back", "SD-JWT VC section 2.2.1 (typ); RFC 7515 section 4.1 (alg, kid)")
def header_read_back(draft: Draft) -> Problem | None:
    """The bytes are header and payload of a compact JWS with the record's algorithm and kid."""
    token = _token(draft)
    if token is None:
        return None
    try:
        jws = split(token)
        named = (read_kid(jws), jws.header["alg"])
    except PassportError as error:
        return Problem(f"A verifier could not read the token: {error.message}", _AGAIN)
    if named == (draft.record.kid, draft.record.public.alg) and jws.payload == draft.payload:
        return None
    return Problem("The header or payload is not the one of this key and these claims.", _AGAIN)


@lint("qr_round_trip", "DESIGN, The QR, measured: the round trip is checked before printing")
def qr_round_trip(draft: Draft) -> Problem | None:
    """The token comes back from its digits byte for byte."""
    token = _token(draft)
    if token is None:
        return None
    try:
        if unpack(pack(token)) == token:
            return None
    except PassportError as error:
        return Problem(error.message, "Attest fewer competences, or shorten the name.")
    return Problem("The token does not come back from its digits as it was.", _AGAIN)


@lint("qr_too_large", "DESIGN, The QR, measured: refuse to print above version 12; PAPER.md, What scans")
def qr_too_large(draft: Draft) -> Problem | None:
    """The symbol at level M is at most of the version that a 40 mm print carries."""
    token = _token(draft)
    if token is None:
        return None
    try:
        version = symbol_version(draft.page_url, pack(token))
    except (PassportError, UnicodeError):
        return None  # said by qr_round_trip, or by page_url
    if version is not None:
        return None
    return Problem(
        f"The QR would be larger than version {LIMITS.qr_max_version}.",
        "Attest fewer competences in one attestation, or use a shorter page address.",
    )


@lint("page_url", "DESIGN, The QR, measured: the page that opens; PAPER.md: host in lower case")
def page_url(draft: Draft) -> Problem | None:
    """The page of the QR is a plain address, without fragment or query, by https unless in a demo."""
    page = draft.page_url
    if _PAGE.fullmatch(page) and (page.startswith("https://") or draft.trust_list.scheme.is_demo):
        return None
    return Problem("The page of the QR is not a plain https address.", "Correct verify_url of the scheme.")


FORM_LINTS: Final[tuple[Lint, ...]] = (
    vct,
    claims_read_back,
    header_read_back,
    qr_round_trip,
    qr_too_large,
    page_url,
)
