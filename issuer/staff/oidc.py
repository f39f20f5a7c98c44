"""OpenID Connect Core 1.0, the authorization code flow, as a relying party.

Decided here: the provider's own document says where it is asked (Discovery 1.0), and it must name itself as
we know it; the request carries nothing that ProConnect refuses; an id token is believed when its signature,
algorithm (one, asymmetric), issuer, audience, times, nonce, `at_hash` and level (`acr`) are right
(section 3.1.3.7); what we asked for is checked here again, whatever the provider did. `userinfo` may
be signed or plain and must name the same person (section 5.3.4). Times are given.

The only module that imports joserfc. Left to others: state, browser and account (`federated`), the network
(`provider_calls`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from issuer.staff.provider_calls import ProviderError, call
from issuer.staff.providers import Provider

__all__ = [
    "Endpoints",
    "Identity",
    "Tokens",
    "authorize_address",
    "endpoints_of",
    "exchange",
    "identity_of",
    "logout_address",
]

_LEEWAY: Final = 60
_ADDRESSES: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider is asked. `userinfo`, `end_session`: "" where it has none."""

    authorize: str
    token: str
    keys: str
    userinfo: str
    end_session: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for."""

    id_token: str
    access_token: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a provider names them."""

    issuer: str
    subject: str


def endpoints_of(provider: Provider) -> Endpoints:
    """Return where a provider is asked, as its own document says. Raises `ProviderError`."""
    found = _json(call(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")[0])
    if found.get("issuer") != provider.issuer:
        raise ProviderError("The provider's document is another's.")
    if not all(isinstance(found.get(name), str) for name in _ADDRESSES):
        raise ProviderError("The provider's document lacks an address.")
    authorize, token, keys = (str(found[name]) for name in _ADDRESSES)
    further = [found.get(name, "") for name in ("userinfo_endpoint", "end_session_endpoint")]
    userinfo, end_session = (value if isinstance(value, str) else "" for value in further)
    return Endpoints(authorize, token, keys, userinfo, end_session)


def authorize_address(
    provider: Provider,
    endpoints: Endpoints,
    *,
    redirect_uri: str,
    state: str,
    nonce: str,
    verifier: str,
    again: str,
) -> str:
    """Return where the browser goes. `verifier`: of PKCE. `again`: "login" has them sign in anew, or ""."""
    wanted = {"acr": {"essential": True, "values": list(provider.acr_values)}}
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": nonce,
        "claims": json.dumps({"id_token": wanted}, separators=(",", ":")),
    }
    if again:
        asked["prompt"] = again
    if provider.takes_pkce:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked |= {"code_challenge": challenge.rstrip(b"=").decode(), "code_challenge_method": "S256"}
    return f"{endpoints.authorize}?{urlencode(asked)}"


def exchange(
    provider: Provider, endpoints: Endpoints, code: str, *, redirect_uri: str, verifier: str
) -> Tokens:
    """Return the tokens that a code stands for (section 3.1.3). Raises `ProviderError`."""
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
    }
    if provider.takes_pkce:
        sent["code_verifier"] = verifier
    answer = _json(call(endpoints.token, form=sent)[0])
    id_token, access = answer.get("id_token"), answer.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access, str):
        raise ProviderError("The provider gave no tokens.")
    return Tokens(id_token, access)


def identity_of(provider: Provider, endpoints: Endpoints, tokens: Tokens, *, nonce: str, at: int) -> Identity:
    """Return who a provider says this is, once everything about it is right. Raises `ProviderError`."""
    keys = _keys(endpoints)
    claims = _signed(provider, keys, tokens.id_token)
    _check_token(provider, claims, tokens, nonce=nonce, at=at)
    subject = str(claims["sub"])
    if provider.asks_userinfo:
        data, kind = call(endpoints.userinfo, bearer=tokens.access_token)
        told = (
            _signed(provider, keys, data.decode("ascii", "replace"))
            if kind == "application/jwt"
            else _json(data)
        )
        _check_userinfo(provider, told, subject, is_signed=kind == "application/jwt")
    return Identity(provider.issuer, subject)


def _keys(endpoints: Endpoints) -> KeySet:
    found = _json(call(endpoints.keys)[0])
    try:
        return KeySet.import_key_set(found)  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError):
        raise ProviderError("The provider's keys cannot be read.") from None


def _signed(provider: Provider, keys: KeySet, token: str) -> dict[str, Any]:
    try:
        return dict(jwt.decode(token, keys, algorithms=[provider.algorithm]).claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderError(f"A signature of the provider is not right ({type(error).__name__}).") from None


def _check_token(provider: Provider, claims: dict[str, Any], tokens: Tokens, *, nonce: str, at: int) -> None:
    audience = claims.get("aud")
    meant = audience if isinstance(audience, list) else [audience]
    is_ours = provider.client_id in meant and (len(meant) == 1 or claims.get("azp") == provider.client_id)
    checks = {
        "iss": claims.get("iss") == provider.issuer,
        "aud": is_ours and claims.get("azp", provider.client_id) == provider.client_id,
        "sub": isinstance(claims.get("sub"), str) and 1 <= len(claims["sub"]) <= 255,
        "exp": _is_instant(claims.get("exp")) and at < claims["exp"] + _LEEWAY,
        "iat": _is_instant(claims.get("iat")) and claims["iat"] <= at + _LEEWAY,
        "nbf": "nbf" not in claims or (_is_instant(claims["nbf"]) and claims["nbf"] <= at + _LEEWAY),
        "nonce": hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
        "at_hash": "at_hash" not in claims or claims["at_hash"] == _half_hash(tokens.access_token),
        "acr": claims.get("acr") in provider.acr_values,
    }
    wrong = [name for name, is_right in checks.items() if not is_right]
    if wrong:
        code = "provider_acr" if wrong == ["acr"] else "provider"
        raise ProviderError(f"The id token is not right: {', '.join(wrong)}.", code=code)


def _is_instant(value: object) -> bool:
    return type(value) in {int, float}


def _half_hash(token: str) -> str:
    """Return the left half of the SHA-256, both algorithms being of 256 bits (section 3.1.3.6)."""
    half = hashlib.sha256(token.encode("ascii", "replace")).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def _check_userinfo(provider: Provider, told: dict[str, Any], subject: str, *, is_signed: bool) -> None:
    if told.get("sub") != subject:
        raise ProviderError("The provider tells about somebody else.")
    audience = told.get("aud", provider.client_id)
    meant = audience if isinstance(audience, list) else [audience]
    if is_signed and (told.get("iss") != provider.issuer or provider.client_id not in meant):
        raise ProviderError("What the provider tells is for somebody else.")
    if provider.sirets and told.get("siret") not in provider.sirets:
        raise ProviderError("The employer is none of the network's.", code="provider_siret")


def logout_address(end_session: str, *, id_token: str, state: str, back: str) -> str:
    """Return where the browser goes to sign out there too (RP-Initiated Logout 1.0, section 2)."""
    asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": back}
    return f"{end_session}?{urlencode(asked)}"


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProviderError("The provider's answer is no JSON object.")
    return found
