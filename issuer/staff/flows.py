"""What has begun and waits for its answer: a challenge of a passkey, the state of a sign-in elsewhere.

Decided here: the server keeps it under the SHA-256 of a random secret, for one kind of answer, for a few
minutes; whoever brings the secret takes it, once. An answer that comes twice finds nothing. Left to others:
what is kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from issuer.register.folder import Register
from issuer.store import flows as store
from issuer.store.database import Session

__all__ = ["begin_flow", "take_flow"]

_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
LIFE_SECONDS: Final = 300


def begin_flow(register: Register, kind: str, data: Mapping[str, Any], *, life: int = LIFE_SECONDS) -> str:
    """Keep `data` (JSON) for an answer of this kind; return the secret that takes it. `life`: seconds."""
    secret, at = secrets.token_urlsafe(_SECRET_BYTES), register.now()
    row = {"digest": _digest(secret), "kind": kind, "data": dict(data), "expires_at": at + life}
    with register.writing() as session:
        store.drop_flows_before(session, at)
        store.add_flow(session, row)
    return secret


def take_flow(register: Register, kind: str, secret: str) -> dict[str, Any] | None:
    """Return what was kept, and keep it no longer; None when it is not there, is over, or of another kind."""
    if _SECRET.fullmatch(secret) is None:
        return None
    at, digest = register.now(), _digest(secret)

    def work(session: Session) -> dict[str, Any] | None:
        row = store.flow(session, digest)
        if row is None or row.kind != kind or not store.drop_flow(session, digest):
            return None
        return row.data if at < row.expires_at else None

    return register.transact(work)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
