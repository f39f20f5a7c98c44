"""What must be true of the very bytes of an Open Badge or a W3C credential, before they are signed.

Decided here: the bytes are read back as a verifier will read them and must say the same; no birth date is in
them; they are no longer than verifiers take. A draft whose claims could not be written has no bytes: these
lints then say nothing. Left to others: the rules of content (`keys.lints`), the QR token (`keys.form_lints`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from keys.draft import Draft, Lint, Problem, Weight, lint
from passport.claims import Claims
from passport.errors import PassportError
from passport.formats import open_badge, w3c_vc
from passport.jose import SIGNATURE_BYTES, CompactJws, b64url, split
from passport.limits import LIMITS

__all__ = ["CREDENTIAL_LINTS"]

_Reader = tuple[Callable[[CompactJws], str], Callable[[CompactJws], Claims]]
_READERS: Final[Mapping[str, _Reader]] = {
    open_badge.FORMAT: (open_badge.read_kid, open_badge.read_claims),
    w3c_vc.FORMAT: (w3c_vc.read_kid, w3c_vc.read_claims),
}
_ANY_SIGNATURE: Final = b64url(b"\xa5" * SIGNATURE_BYTES)
_AGAIN: Final = "This is a fault of the program: report it."


@lint("credential_too_large", "DESIGN, rule 5: sizes have one limits table; verifiers refuse a longer token")
def credential_too_large(draft: Draft) -> Problem | None:
    """The token is no longer than verifiers take."""
    if draft.signing_input is None:
        return None
    length = len(draft.signing_input) + 1 + len(_ANY_SIGNATURE)
    if length <= LIMITS.token_chars:
        return None
    return Problem(
        f"The {draft.form} form would have {length} characters; expected at most {LIMITS.token_chars}.",
        "Attest fewer competences in one attestation, or use a shorter address for the scheme.",
    )


@lint(
    "birthdate_in_form",
    "DESIGN, rule 8: personal data is minimal; rule 3: birth date in a form that should not carry it",
)
def birthdate_in_form(draft: Draft) -> Problem | None:
    """The attestation of a form that travels carries no birth date."""
    if draft.attestation.holder.birthdate is None:
        return None
    return Problem(f"The {draft.form} form would carry a birth date.", _AGAIN)


@lint("credential_read_back", "DESIGN, rule 3: what was linted is exactly what is signed")
def credential_read_back(draft: Draft) -> Problem | None:
    """Header and payload read back as this key, this attestation and this status reference."""
    if draft.signing_input is None or credential_too_large(draft) is not None:
        return None
    read_kid, read_claims = _READERS[draft.form]
    try:
        jws = split(draft.signing_input + b"." + _ANY_SIGNATURE)
        kid, claims = read_kid(jws), read_claims(jws)
    except PassportError as error:
        return Problem(f"A verifier could not read the {draft.form} form: {error.message}", _AGAIN)
    key = (kid, jws.header["alg"], jws.payload)
    if (claims.attestation, claims.status) != (draft.attestation, draft.status):
        return Problem(f"The {draft.form} form does not say what the attestation says.", _AGAIN)
    if key == (draft.record.kid, draft.record.public.alg, draft.payload):
        return None
    return Problem(f"The {draft.form} form is not of this key and these claims.", _AGAIN)


@lint(
    "badge_algorithm",
    "Open Badges 3.0 section 8.2.5: other algorithms limit interoperability",
    weight=Weight.WARNING,
)
def badge_algorithm(draft: Draft) -> Problem | None:
    """Badge platforms read ES256."""
    if draft.form != open_badge.FORMAT or draft.record.public.alg == "ES256":
        return None
    return Problem(
        "Many badge platforms read ES256 alone.", "Make an ES256 key for bodies that issue badges."
    )


CREDENTIAL_LINTS: Final[tuple[Lint, ...]] = (
    credential_too_large,
    birthdate_in_form,
    credential_read_back,
    badge_algorithm,
)
