"""Passkeys and security keys (WebAuthn Level 3). The only module that imports webauthn.

Decided here: a challenge is kept by us, for a few minutes, for one answer; the answer must come from a page
of this very origin, not framed by another; the person must have been verified by their key (PIN, finger,
face), so that a key is two factors; it must be discoverable, so that nobody types a name and the options tell
nothing of anybody. On a shared device only a key that leaves with its owner is made (`cross-platform`). A
counter that does not go on means a copied key (section 6.1.1): the answer is refused. No attestation is asked
for: any make of key will do.

Left to others: pages and script (`issuer.web.desk`), how often somebody may try (`throttle`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorAttachment,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from issuer.register.folder import Register
from issuer.staff.accounts import staff_in
from issuer.staff.flows import begin_flow, take_flow
from issuer.staff.throttle import Attempt, succeeded
from issuer.store import ways as store
from issuer.store.database import Session
from issuer.store.tables import PasskeyRow
from passport.errors import InputError

__all__ = ["Ceremony", "NewKey", "answered_by", "begin_answer", "begin_key", "finish_key", "passkeys_work"]

_MAKE: Final = "key-make"
_SHOW: Final = "key-show"
_SECONDS: Final = 300
_MAX_CHARS: Final = 20_000
_LABEL_CHARS: Final = 60
_ADDRESS: Final = re.compile(r"[0-9.]+|\[.*")


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What the browser is handed: JSON of `navigator.credentials`, and what comes back with its answer."""

    options: dict[str, Any]
    flow: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made. `about`: what was kept when it was begun."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool
    about: Mapping[str, Any]

    def row(self, account: str, label: str, *, at: int) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "credential_id": self.credential_id,
            "account": account,
            "public_key": self.public_key,
            "sign_count": self.sign_count,
            "label": " ".join(label.split())[:_LABEL_CHARS],
            "backed_up": self.backed_up,
            "created_at": at,
        }


def passkeys_work(register: Register) -> bool:
    """Tell whether the scheme's address has a name: keys are bound to names, and to secure pages."""
    parts = urlsplit(register.scheme.url)
    named = _ADDRESS.fullmatch(parts.hostname or "0") is None
    return named and (parts.scheme == "https" or parts.hostname == "localhost")


def _rp_id(register: Register) -> str:
    return urlsplit(register.scheme.url).hostname or ""


def begin_key(
    register: Register, about: Mapping[str, Any], *, account: str, name: str, is_shared: bool
) -> Ceremony:
    """Begin to make a key for an account, which need not be there yet. `about`: given back at the end."""
    with register.reading() as session:
        known = [PublicKeyCredentialDescriptor(k.credential_id) for k in store.passkeys_of(session, account)]
    selection = AuthenticatorSelectionCriteria(
        authenticator_attachment=AuthenticatorAttachment.CROSS_PLATFORM if is_shared else None,
        resident_key=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    options = webauthn.generate_registration_options(
        rp_id=_rp_id(register),
        rp_name=register.scheme.name,
        user_id=account.encode(),
        user_name=name,
        authenticator_selection=selection,
        exclude_credentials=known,
        timeout=_SECONDS * 1000,
    )
    kept = {
        "challenge": bytes_to_base64url(options.challenge),
        "account": account,
        "is_shared": is_shared,
        "about": dict(about),
    }
    return _ceremony(register, options, _MAKE, kept)


def finish_key(register: Register, flow: str, answer: str, *, account: str | None = None) -> NewKey:
    """Return the key that was made. `account`: for whom it must have been begun, None: `about` says it.

    Raises `InputError` (`key_refused`).
    """
    kept = take_flow(register, _MAKE, flow)
    if kept is None or (account is not None and kept["account"] != account):
        raise _refused("not begun here, too late, or answered before")
    credential = _credential(answer)
    if credential is None:
        raise _refused("not a credential")
    if kept["is_shared"] and credential.get("authenticatorAttachment") == "platform":
        raise _refused("a key that stays in a shared device")
    try:
        _check_frame(credential)
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(kept["challenge"]),
            expected_rp_id=_rp_id(register),
            expected_origin=[register.scheme.url],
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001 (what the bytes of a stranger make a parser do)
        raise _refused(type(error).__name__) from None
    about = {**kept["about"], "account": kept["account"], "is_shared": kept["is_shared"]}
    return NewKey(
        made.credential_id, made.credential_public_key, made.sign_count, made.credential_backed_up, about
    )


def begin_answer(register: Register, *, account: str | None = None) -> Ceremony:
    """Ask for a key: anybody's at a sign-in, one of `account` when it is to be proved again."""
    known: Sequence[PasskeyRow] = ()
    if account is not None:
        with register.reading() as session:
            known = store.passkeys_of(session, account)
    options = webauthn.generate_authentication_options(
        rp_id=_rp_id(register),
        allow_credentials=[PublicKeyCredentialDescriptor(key.credential_id) for key in known],
        user_verification=UserVerificationRequirement.REQUIRED,
        timeout=_SECONDS * 1000,
    )
    kept = {"challenge": bytes_to_base64url(options.challenge), "account": account}
    return _ceremony(register, options, _SHOW, kept)


def answered_by(
    register: Register, flow: str, answer: str, *, attempt: Attempt, account: str | None = None
) -> str | None:
    """Return the account whose key answered, None when it was no right answer.

    `account`: whose answer it must be. Whether a key is not known, revoked or wrong makes no difference.
    """
    kept = take_flow(register, _SHOW, flow)
    if kept is None or kept["account"] != account:
        return None
    credential = _credential(answer)
    if credential is None:
        return None
    with register.reading() as session:
        row = store.passkey(session, credential_id_of(credential))
    if row is None or row.revoked_at is not None or account not in {None, row.account}:
        return None
    values = _verified(register, credential, row, challenge=kept["challenge"])
    if values is None:
        return None
    known, at = row, register.now()
    return register.transact(lambda session: _note_use(session, known, values, attempt=attempt, at=at))


def _verified(
    register: Register, credential: Mapping[str, Any], row: PasskeyRow, *, challenge: str
) -> dict[str, Any] | None:
    """Return what is to be kept of a right answer of this key, None when it is wrong (section 7.2)."""
    try:
        _check_frame(credential)
        used = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_rp_id(register),
            expected_origin=[register.scheme.url],
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
        is_theirs = _is_theirs(credential, row)
    except Exception:  # noqa: BLE001 (what the bytes of a stranger make a parser do)
        return None
    return {"sign_count": used.new_sign_count, "backed_up": used.credential_backed_up} if is_theirs else None


def _note_use(
    session: Session, row: PasskeyRow, values: Mapping[str, Any], *, attempt: Attempt, at: int
) -> str | None:
    if staff_in(session, row.account, at=at) is None:
        return None
    if not store.use_passkey(session, row.credential_id, was=row.sign_count, used_at=at, **values):
        return None
    succeeded(session, attempt, at=at)
    return row.account


def _ceremony(register: Register, options: Any, kind: str, kept: Mapping[str, Any]) -> Ceremony:
    flow = begin_flow(register, kind, kept, life=_SECONDS)
    return Ceremony(json.loads(webauthn.options_to_json(options)), flow)


def _credential(answer: str) -> dict[str, Any] | None:
    """Return the JSON of a browser, None when it is none."""
    try:
        credential = json.loads(answer) if len(answer) <= _MAX_CHARS else None
    except (ValueError, RecursionError):
        return None
    return credential if isinstance(credential, dict) else None


def credential_id_of(credential: Mapping[str, Any]) -> bytes:
    """Return the id of the key that answers, b"" when it is not of its form."""
    try:
        return base64url_to_bytes(str(credential.get("id", "")))
    except ValueError:
        return b""


def _check_frame(credential: Mapping[str, Any]) -> None:
    """Refuse an answer that was given inside a page of another site (section 5.8.1, `crossOrigin`)."""
    data = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    if data.cross_origin:
        raise _refused("framed by another site")


def _is_theirs(credential: Mapping[str, Any], row: PasskeyRow) -> bool:
    """Tell whether the key names the account that we know it by (section 7.2, step 6)."""
    handle = credential["response"].get("userHandle")
    return handle is None or base64url_to_bytes(str(handle)) == row.account.encode()


def _refused(why: str) -> InputError:
    return InputError(f"The key was refused ({why}).", code="key_refused")
