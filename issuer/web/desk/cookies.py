"""The desk's cookies: ours alone, for this host, unseen by script.

Decided here: names and attributes (RFC 6265bis): `HttpOnly`, `Secure` where there is https, `SameSite=Lax`,
no `Domain`, no end, so that the browser drops them when it is closed. Left to others: what they hold.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from issuer.register import Register

__all__ = ["PROVIDER", "cookie_name", "drop_cookie", "set_cookie"]

SESSION: Final = "desk"
PROVIDER: Final = "desk-provider"
"""Binds a sign-in with a provider to the browser that began it."""


def cookie_name(register: Register, name: str = SESSION) -> str:
    """Return the name of a cookie; ``__Host-`` binds it to this very host (RFC 6265bis section 4.1.3.2)."""
    return f"__Host-{name}" if _is_secure(register) else name


def set_cookie(response: Response, register: Register, secret: str, name: str = SESSION) -> None:
    """Hand a cookie to the browser."""
    secure = _is_secure(register)
    named = cookie_name(register, name)
    response.set_cookie(named, secret, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(response: Response, register: Register, name: str = SESSION) -> None:
    """Take a cookie from the browser."""
    secure = _is_secure(register)
    named = cookie_name(register, name)
    response.delete_cookie(named, path="/", secure=secure, httponly=True, samesite="lax")


def _is_secure(register: Register) -> bool:
    return register.scheme.url.startswith("https://")
