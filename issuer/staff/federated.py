"""Coming in with a provider of identity: what is begun, what comes back, and whom it opens the desk for.

Decided here: state and nonce are 43 random characters, kept here, used once, within ten minutes; the answer
must come back in the browser that began it (a secret in its cookie), from the provider that was asked (RFC
9207 where it says so); a person is known by issuer and subject, and by nothing else: not by e-mail, which
changes hands. **Nobody is made here**: an identity opens the desk only once it was joined to an account that
was enrolled, by a one-time link or by its owner. What signs out there is sealed into the session.

Left to others: the protocol (`oidc`), pages (`issuer.web.desk.provider_pages`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from issuer.register.folder import Register
from issuer.staff.accounts import staff_in
from issuer.staff.flows import begin_flow, take_flow
from issuer.staff.keyed import seal, unseal
from issuer.staff.oidc import authorize_address, endpoints_of, exchange, identity_of, logout_address
from issuer.staff.provider_calls import ProviderError
from issuer.staff.providers import Provider
from issuer.staff.roles import Staff
from issuer.staff.sessions import StaffSession, provider_of
from issuer.staff.ways import note
from issuer.store import ways as store
from issuer.store.database import Session

__all__ = [
    "Returned",
    "account_of",
    "begin",
    "give_identity",
    "join",
    "new_browser",
    "returned",
    "sign_out_there",
]

_KIND: Final = "provider"
_LIFE: Final = 600
_SECRET_BYTES: Final = 32
_CHARS: Final = 4_000
_NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody came back. `purpose`, `about`: as it was begun. `leaving`: what signs out there, sealed."""

    purpose: str
    about: Mapping[str, Any]
    issuer: str
    subject: str
    leaving: bytes


def new_browser() -> str:
    """Return a secret that binds what is begun to a browser."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def begin(
    register: Register,
    provider: Provider,
    *,
    purpose: str,
    about: Mapping[str, Any],
    browser: str,
    redirect_uri: str,
    again: bool,
) -> str:
    """Return where the browser goes. `about`: given back. `again`: they sign in there anew, whoever was.

    Raises `ProviderError`.
    """
    endpoints = endpoints_of(provider)
    nonce, verifier = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(2))
    kept = {
        "provider": provider.id,
        "nonce": nonce,
        "verifier": verifier,
        "browser": _digest(browser),
        "redirect_uri": redirect_uri,
        "purpose": purpose,
        "about": dict(about),
    }
    return authorize_address(
        provider,
        endpoints,
        redirect_uri=redirect_uri,
        state=begin_flow(register, _KIND, kept, life=_LIFE),
        nonce=nonce,
        verifier=verifier,
        again="login" if again else "",
    )


def returned(
    register: Register,
    providers: Mapping[str, Provider],
    *,
    browser: str,
    state: str,
    code: str,
    issuer: str,
) -> Returned:
    """Return who came back. `issuer`: what the answer says of itself, "" for nothing.

    Raises `ProviderError` (`provider`, `provider_acr`, `provider_siret`).
    """
    kept = take_flow(register, _KIND, state)
    if kept is None or not hmac.compare_digest(str(kept["browser"]), _digest(browser)):
        raise ProviderError("Nothing was begun in this browser that this could be the answer to.")
    provider = providers.get(kept["provider"])
    if provider is None or issuer not in {"", provider.issuer} or not 1 <= len(code) <= _CHARS:
        raise ProviderError("The answer is not of the provider that was asked.")
    endpoints = endpoints_of(provider)
    tokens = exchange(provider, endpoints, code, redirect_uri=kept["redirect_uri"], verifier=kept["verifier"])
    who = identity_of(provider, endpoints, tokens, nonce=kept["nonce"], at=register.now())
    leaving = json.dumps({"address": endpoints.end_session, "id_token": tokens.id_token}).encode()
    return Returned(
        purpose=kept["purpose"],
        about=kept["about"],
        issuer=who.issuer,
        subject=who.subject,
        leaving=seal(register, _KIND, leaving, owner=_NOBODY),
    )


def account_of(register: Register, who: Returned) -> str | None:
    """Return the account that is joined to an identity and may come in, None when there is none."""
    at = register.now()
    with register.reading() as session:
        account = store.account_by_identity(session, who.issuer, who.subject)
        return account if account is not None and staff_in(session, account, at=at) is not None else None


def give_identity(session: Session, account: str, who: Returned, *, at: int) -> None:
    """Join an identity to an account, in the caller's transaction.

    Raises `ProviderError` (`provider_taken`) when it is joined to one already.
    """
    if store.account_by_identity(session, who.issuer, who.subject) is not None:
        raise ProviderError("This identity is joined to an account already.", code="provider_taken")
    store.add_identity(session, account, issuer=who.issuer, subject=who.subject, at=at)


def join(register: Register, staff: Staff, who: Returned) -> None:
    """Join an identity to the account of whoever is signed in. Raises `ProviderError` (`provider_taken`)."""
    at = register.now()
    with register.writing() as session:
        give_identity(session, staff.account, who, at=at)
        note(session, staff, "staff.identity_joined", at=at)


def sign_out_there(register: Register, session: StaffSession, *, back: str) -> str:
    """Return where the browser goes to sign out at the provider too; "" when there is nothing to do."""
    sealed = provider_of(register, session)
    opened = unseal(register, _KIND, sealed, owner=_NOBODY) if sealed is not None else None
    kept = json.loads(opened) if opened is not None else {}
    if not kept.get("address"):
        return ""
    state = secrets.token_urlsafe(_SECRET_BYTES)
    return logout_address(kept["address"], id_token=kept["id_token"], state=state, back=back)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
