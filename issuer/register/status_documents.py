"""Status lists as published: the array of the register, signed by the body's status key.

Decided here: when a list is signed again (its array changed, or the token is older than half its `ttl`; who
comes later to do the same finds it done), that its time never goes back (a verifier refuses an older one),
and what is served when the ring is locked: the last token that was signed, which says its age. Never the
credential key.

Left to others: what an entry says (`changes`), who takes one (`entries`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from issuer.store import statuses as store
from keys.records import Purpose
from passport.errors import PassportError
from passport.status import TTL_SECONDS, StatusArray, write_status_token

if TYPE_CHECKING:
    from issuer.register.folder import Register

__all__ = ["SIGN_AGAIN", "list_uri", "renew_status", "status_document"]

SIGN_AGAIN: Final = TTL_SECONDS // 2


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
        raise _unknown()
    due = _is_due(known.revision, known.signed_revision, at - known.signed_at)
    if known.token is not None and (not due or register.ring.is_locked):
        return known.token
    if register.ring.is_locked:
        raise PassportError(
            "The status list was never signed and the key ring is locked.",
            code="status_unsigned",
            hint="Start the issuing counter with its passphrase once.",
        )
    return _sign(register, list_id, known.body, at=at)


def renew_status(register: Register, list_id: str, *, early: int) -> None:
    """Sign a list again that is due, or will be within `early` seconds.

    Raises `PassportError`: `unknown_list`, `locked`, `no_key`, `key_out_of_dates`.
    """
    _sign(register, list_id, list_id.rpartition(".")[0], at=register.now(), early=early)


def _is_due(revision: int, signed_revision: int | None, age: int, early: int = 0) -> bool:
    return signed_revision != revision or age > SIGN_AGAIN - early


def _unknown() -> PassportError:
    return PassportError("There is no such status list.", code="unknown_list")


def _sign(register: Register, list_id: str, body: str, *, at: int, early: int = 0) -> bytes:
    signer = register.ring.signer(body, Purpose.STATUS, at=at)
    with register.writing() as session:
        row = store.list_row(session, list_id)
        if row is None:
            raise _unknown()
        signed_at = row.signed_at or 0
        if row.signed_token and not _is_due(row.revision, row.signed_revision, at - signed_at, early):
            return row.signed_token  # another process was here meanwhile
        issued_at = max(at, signed_at)
        array = StatusArray(row.array)
        token = write_status_token(array, uri=list_uri(register, list_id), issued_at=issued_at, signer=signer)
        store.put_signed(session, list_id, token=token, at=issued_at, revision=row.revision)
    return token
