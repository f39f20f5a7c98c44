"""Status lists as published: the array of the register, signed by the body's status key.

Decided here: when a list is signed again (its array changed, or the token is older than half its `ttl`),
that its time never goes back (a verifier refuses an older one), and what is served when the ring is
locked: the last token that was signed, which says its age. Never the credential key. A replica is behind:
it neither tells whether a list changed nor gives a token that is not the last one.

Left to others: what an entry says (`changes`), who takes one (`entries`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from issuer.store import statuses as store
from keys.records import Purpose
from passport.errors import PassportError
from passport.status import TTL_SECONDS, StatusArray, write_status_token

if TYPE_CHECKING:
    from issuer.register.folder import Register

__all__ = ["list_uri", "status_document"]

_SIGN_AGAIN: Final = TTL_SECONDS // 2


def list_uri(register: Register, list_id: str) -> str:
    """Return the address of a list: ``https://HOST/status/{slug}.{n}``."""
    return f"{register.scheme.url}/status/{list_id}"


def status_document(register: Register, list_id: str) -> bytes:
    """Return the signed status list ``{slug}.{n}``, signed again when it is due and the ring is open.

    Raises `PassportError`: `unknown_list`; `status_unsigned` when the ring is locked and no token was
    ever signed; `no_key`, `key_out_of_dates` when the body has no status key for now.
    """
    at = register.now()
    with register.reading() as session:
        known = store.signed(session, list_id)
    if known is None:
        raise _unknown_list()
    if known.is_signed and (not _is_due(known, at) or register.ring.is_locked):
        return _token(register, list_id, known)
    if register.ring.is_locked:
        raise PassportError(
            "The status list was never signed and the key ring is locked.",
            code="status_unsigned",
            hint="Start the issuing counter with its passphrase once.",
        )
    return _sign(register, list_id, known.body, at=at)


def _token(register: Register, list_id: str, known: store.SignedList) -> bytes:
    """Return the token that the database knows; a replica may give these very bytes, and no older ones."""

    def is_it(token: bytes | None) -> bool:
        return token is not None and hashlib.sha256(token).digest() == known.digest

    token = register.look(lambda session: store.token(session, list_id), enough=is_it)
    if token is None:
        raise _unknown_list()
    return token


def _unknown_list() -> PassportError:
    return PassportError("There is no such status list.", code="unknown_list")


def _is_due(known: store.SignedList, at: int) -> bool:
    return known.signed_revision != known.revision or at - known.signed_at > _SIGN_AGAIN


def _sign(register: Register, list_id: str, body: str, *, at: int) -> bytes:
    signer = register.ring.signer(body, Purpose.STATUS, at=at)
    with register.writing() as session:
        row = store.list_row(session, list_id)
        if row is None:
            raise _unknown_list()
        issued_at = max(at, row.signed_at or 0)
        array = StatusArray(row.array)
        token = write_status_token(array, uri=list_uri(register, list_id), issued_at=issued_at, signer=signer)
        store.put_signed(session, list_id, token=token, at=issued_at, revision=row.revision)
    return token
