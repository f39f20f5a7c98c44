"""Answers kept by `Idempotency-Key`, so that a request sent twice is done once (the HTTP API).

Decided here: a key belongs to one body; with another request it is refused. A crash between issuing and
keeping the answer is harmless when the requests carry a `source_key` made from the key: the second try
finds what the first made. Left to others: HTTP (`issuer.web`).
"""

from __future__ import annotations

import hashlib
from typing import Final

from issuer.register.folder import Register, RegisterError
from issuer.store import counters
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.tables import IdempotencyRow
from passport.errors import MalformedError

__all__ = ["keep", "recall"]

_KEY_CHARS: Final = 100


def _digest(request: bytes) -> str:
    return hashlib.sha256(request).hexdigest()


def recall(register: Register, body: str, key: str, *, request: bytes) -> bytes | None:
    """Return the answer kept for `key`, None when there is none yet.

    Raises `MalformedError` (`idempotency_key`: not 1 to 100 printable ASCII characters) and `RegisterError`
    (`idempotency_conflict`: the key came with another request).
    """
    if not (1 <= len(key) <= _KEY_CHARS and key.isascii() and key.isprintable()):
        raise MalformedError(
            f"An Idempotency-Key has 1 to {_KEY_CHARS} printable ASCII characters.", code="idempotency_key"
        )
    with register.reading() as session:
        row = counters.kept_answer(session, body, key)
    if row is None:
        return None
    if row.request_digest != _digest(request):
        raise RegisterError(
            "This Idempotency-Key was used with another request.",
            code="idempotency_conflict",
            hint="Send a new key with a new request.",
        )
    return row.response


def keep(register: Register, body: str, key: str, *, request: bytes, response: bytes) -> None:
    """Keep the answer to `request`; the first answer kept under a key stays."""
    row = {
        "body": body,
        "key": key,
        "request_digest": _digest(request),
        "response": response,
        "created_at": register.now(),
    }

    def work(session: Session) -> None:
        if counters.kept_answer(session, body, key) is None:
            insert_rows(session, IdempotencyRow, [row])

    register.transact(work)
