"""What a presentation must have, and the secured credentials that travel in it.

Decided here: the shape of a presentation (VCDM 2.0 section 4.13), of the envelopes in it (section 4.13.1),
and that a credential without a proof of its own is the holder's own word: `holder` must be there and be its
issuer (section 4.13.3). A bare string where a credential must be is refused. Left to others: whether an
enveloped token is genuine (`verifier.presentations`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from passport.limits import LIMITS
from passport.strictjson import Json
from passport.vcdm.credential import check_base, check_typed, identifier, note_credential
from passport.vcdm.faults import Fault, Faults, objects_in, pointer, too_large
from passport.vcdm.terms import CREDENTIALS_V2, Definition, bundled_contexts
from passport.vcdm.values import is_url
from passport.vcdm.walking import types_of, walk

__all__ = ["Enveloped", "check_presentation", "enveloped_credentials", "read_envelope"]

_ENVELOPE: Final = "EnvelopedVerifiableCredential"
_SECTION: Final = "VCDM 2.0 4.13"
_IN_ENVELOPE: Final = "VCDM 2.0 4.13.1"
_DATA: Final = re.compile(r"data:application/vc\+(jwt|sd-jwt|cose)(?:;base64)?,([!-~]+)", re.ASCII)
_JWT: Final = re.compile(r"data:[^;,]+,[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Enveloped:
    """A secured credential in an envelope: where it was, ``jwt``, ``sd-jwt`` or ``cose``, and its bytes."""

    pointer: str
    kind: str
    token: bytes


def check_presentation(document: Json, *, contexts: Mapping[str, Definition] | None = None) -> list[Fault]:
    """Return what is wrong with the shape of a presentation and of the credentials in it.

    `contexts`: as for `check_credential`. Enveloped credentials are only checked as envelopes.
    """
    beyond = too_large(document)
    if beyond is not None:
        return [beyond]
    faults = Faults()
    check_base(document, faults, "", must_be="VerifiablePresentation")
    check_typed(document, faults, "")
    _check_holder(document, faults)
    if "verifiableCredential" in document:
        _check_credentials(document, faults)
    for name in ("vc", "vp"):
        if name in document:
            message = f"The claim {name} wraps as version 1.1 did."
            faults.add("jwt_wrapper", pointer("", name), message, "VC-JOSE-COSE 3.1.2")
    walk(document, faults, known={**(contexts or {}), **bundled_contexts()})
    return faults.found


def enveloped_credentials(document: Json) -> list[Enveloped]:
    """Return the well-formed envelopes of a presentation, in order."""
    given = objects_in(document.get("verifiableCredential", []), "/verifiableCredential")
    read = (read_envelope(item, at) for item, at in given)
    return [found for found in read if isinstance(found, Enveloped)]


def read_envelope(value: object, where: str) -> Enveloped | Fault:
    """Return the secured credential in one `EnvelopedVerifiableCredential`, or what is wrong with it."""
    if not isinstance(value, dict):
        return Fault("credential_form", where, "A credential is not an object.", _SECTION)
    if types_of(value) != [_ENVELOPE]:
        return Fault("envelope_type", pointer(where, "type"), f"Its type is not {_ENVELOPE}.", _IN_ENVELOPE)
    contexts = value.get("@context")
    if CREDENTIALS_V2 not in (contexts if isinstance(contexts, list) else [contexts]):
        at = pointer(where, "@context")
        return Fault("envelope_context", at, f"Its context is not {CREDENTIALS_V2}.", _IN_ENVELOPE)
    url, at = value.get("id"), pointer(where, "id")
    if not isinstance(url, str) or len(url) > LIMITS.token_chars + 40:
        return Fault("envelope_id", at, "Its id is no data: URL of a bounded length.", _IN_ENVELOPE)
    parts = _DATA.fullmatch(url)
    if parts is None or (parts[1] == "jwt" and _JWT.fullmatch(url) is None):
        return Fault("envelope_id", at, "Its id is no data: URL of a secured credential.", _IN_ENVELOPE)
    return Enveloped(where, parts[1], parts[2].encode("ascii"))


def _check_holder(document: Mapping[str, object], faults: Faults) -> None:
    if "holder" in document and not is_url(identifier(document["holder"])):
        message = "The holder is neither a URL nor an object with one as its id."
        faults.add("holder_form", "/holder", message, _SECTION)


def _check_credentials(document: Mapping[str, object], faults: Faults) -> None:
    given = list(objects_in(document["verifiableCredential"], "/verifiableCredential"))
    if not given or len(given) > LIMITS.presented_credentials:
        message = f"Expected 1 to {LIMITS.presented_credentials} credentials."
        faults.add("credential_count", "/verifiableCredential", message, _SECTION)
        return
    for item, at in given:
        if not isinstance(item, dict):
            faults.add("credential_form", at, "A credential is not an object.", _SECTION)
        elif _ENVELOPE in types_of(item):
            found = read_envelope(item, at)
            if isinstance(found, Fault):
                faults.found.append(found)
        else:
            note_credential(item, faults, at)
            _check_self_asserted(item, document, faults, at)


def _check_self_asserted(
    credential: Mapping[str, object], document: Mapping[str, object], faults: Faults, where: str
) -> None:
    """A credential that only the presentation secures is the holder's own word."""
    if "proof" in credential:
        return
    holder = identifier(document.get("holder"))
    if holder is None or holder != identifier(credential.get("issuer")):
        message = "A credential without a proof of its own is not issued by the holder."
        faults.add("holder_required", where, message, "VCDM 2.0 4.13.3")
