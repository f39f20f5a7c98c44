"""One-time links: how somebody comes in for the first time, or anew.

Decided here: the secret is shown once and stands after the ``#`` (a browser does not send it, no server
logs it); the register keeps its SHA-256; a link opens within its life until it is used up, once. Left to
others: what is opened (`issuer.staff.enrolling`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from issuer.register.folder import Register
from issuer.store import counters
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.tables import OneTimeLinkRow

__all__ = ["OneTimeLink", "make_link", "open_link", "secret_of", "use_link"]

_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link. `address`: ``https://HOST/desk/welcome#SECRET``, shown this once. `digest`: its row."""

    address: str
    digest: str
    expires_at: int


def make_link(register: Register, session: Session, purpose: str, *, at: int, life: int) -> OneTimeLink:
    """Make a link for `purpose` that opens for `life` seconds, in the caller's transaction."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    link = OneTimeLink(f"{register.scheme.url}/desk/welcome#{secret}", _digest(secret), at + life)
    row = {"digest": link.digest, "purpose": purpose, "expires_at": link.expires_at}
    insert_rows(session, OneTimeLinkRow, [row])
    return link


def secret_of(typed: str) -> str:
    """Return the secret of a link that was pasted whole, or the text itself."""
    return typed[:_MAX_CHARS].rpartition("#")[2].strip()


def open_link(session: Session, secret: str, purpose: str, *, at: int) -> str | None:
    """Return the digest of a link that still opens; None: unknown, used, out of its life, or for another."""
    if _SECRET.fullmatch(secret) is None:
        return None
    row = counters.one_time_link(session, _digest(secret))
    if row is None or row.purpose != purpose or row.used_at is not None or at >= row.expires_at:
        return None
    return row.digest


def use_link(session: Session, digest: str, *, at: int) -> bool:
    """Use a link up; False when it was used meanwhile."""
    return counters.use_link(session, digest, at=at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
