"""One-time links: how the first administrator comes in.

Decided here: the secret is shown once and stands after the ``#`` (a browser does not send it, no server
logs it); the register keeps its SHA-256; a link opens once, within its life. Left to others: what is
opened (`issuer.web`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from issuer.register.folder import Register
from issuer.store import counters
from issuer.store.rows import insert_rows
from issuer.store.tables import OneTimeLinkRow

__all__ = ["FIRST_ADMINISTRATOR", "new_one_time_link", "redeem_one_time_link"]

FIRST_ADMINISTRATOR: Final = "first-administrator"
_LIFE: Final = 86_400
_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_one_time_link(register: Register, purpose: str = FIRST_ADMINISTRATOR, *, life: int = _LIFE) -> str:
    """Return a link that opens once within `life` seconds: ``https://HOST/desk/welcome#SECRET``."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = {"digest": _digest(secret), "purpose": purpose, "expires_at": register.now() + life}
    with register.writing() as session:
        insert_rows(session, OneTimeLinkRow, [row])
    return f"{register.scheme.url}/desk/welcome#{secret}"


def redeem_one_time_link(register: Register, secret: str) -> str | None:
    """Use up a link; return its purpose, None when it is unknown, used or out of its life."""
    if _SECRET.fullmatch(secret) is None:
        return None
    at = register.now()
    with register.writing() as session:
        row = counters.one_time_link(session, _digest(secret))
        if row is None or at >= row.expires_at or not counters.use_link(session, row.digest, at=at):
            return None
        return row.purpose
