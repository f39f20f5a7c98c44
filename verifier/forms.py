"""Which form a token is of: the one place of the verifier that knows them all.

Decided here: the header's `typ` names the form (``dc+sd-jwt``, ``JWT``, ``vc+jwt``: no two share one, so that
nobody can pass one off as another, RFC 8725 section 3.11); what names none of them is refused as a QR token
would be. Left to others: the forms (`passport.formats`), what is checked of each (`verifier.verifying`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from passport.claims import Claims
from passport.credential import context_of
from passport.errors import UnsupportedError
from passport.formats import open_badge, qr_token, w3c_vc
from passport.jose import CompactJws

__all__ = ["FORMS", "Form", "form_of", "without_tilde"]


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `type_of`: a scheme's address → the type that its credentials of this form must name."""

    name: str
    read_kid: Callable[[CompactJws], str]
    read_claims: Callable[[CompactJws], Claims]
    type_of: Callable[[str], str]


def _read_qr(jws: CompactJws) -> Claims:
    return qr_token.read_claims(jws.payload)


_QR: Final = Form(qr_token.FORMAT, qr_token.read_kid, _read_qr, qr_token.vct_of)
_BY_TYP: Final[Mapping[str, Form]] = {
    qr_token.TYP: _QR,
    open_badge.TYP: Form(open_badge.FORMAT, open_badge.read_kid, open_badge.read_claims, context_of),
    w3c_vc.TYP: Form(w3c_vc.FORMAT, w3c_vc.read_kid, w3c_vc.read_claims, context_of),
}
FORMS: Final[Mapping[str, Form]] = {form.name: form for form in _BY_TYP.values()}
"""Every form by its name, as reports and the register give it."""


def form_of(jws: CompactJws) -> Form:
    """Return the form that the header names."""
    typ = jws.header.get("typ")
    return _BY_TYP.get(typ, _QR) if type(typ) is str else _QR


def without_tilde(data: bytes) -> bytes:
    """Take off the one `~` that SD-JWT tools put behind a token without disclosures (RFC 9901 section 4)."""
    if b"~" not in data:
        return data
    token, _, rest = data.partition(b"~")
    if rest:
        raise UnsupportedError("Selective disclosure is not part of this format.", code="disclosures")
    return token
