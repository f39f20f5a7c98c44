"""Status lists as published: the array of the register, signed by the body's status key, in every encoding.

Decided here: that the Token Status List and the two W3C lists of an array are signed together, over the same
array at the same time, so that they never contradict each other; when a list is signed again (its array
changed, or the token is older than half its `ttl`; who comes later to do the same finds it done), that its
time never goes back (a verifier refuses an older one), and what is served when the ring is locked: the last
token that was signed, which says its age. Never the credential key. A replica is behind: it neither tells
whether a list changed nor gives a token that is not the last one.

Left to others: what an entry says (`changes`), who takes one (`entries`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from issuer.store import statuses as store
from keys.records import Purpose as KeyPurpose
from passport.bitstring import write_bitstring
from passport.claims import Purpose
from passport.errors import PassportError
from passport.jose import Signer
from passport.status import TTL_SECONDS, StatusArray, write_status_token

if TYPE_CHECKING:
    from issuer.register.folder import Register

__all__ = ["SIGN_AGAIN", "list_uri", "renew_status", "status_document", "write_lists"]

SIGN_AGAIN: Final = TTL_SECONDS // 2


def list_uri(register: Register, list_id: str) -> str:
    """Return the address of a list: ``https://HOST/status/{slug}.{n}``."""
    return f"{register.scheme.url}/status/{list_id}"


def write_lists(
    register: Register, list_id: str, array: StatusArray, *, issued_at: int, signer: Signer
) -> dict[Purpose | None, bytes]:
    """Return an array signed in every encoding: None for the Token Status List."""
    uri, issuer = list_uri(register, list_id), register.scheme.issuer(list_id.rpartition(".")[0])
    bits: dict[Purpose | None, bytes] = {
        purpose: write_bitstring(array, purpose, uri=uri, issuer=issuer, issued_at=issued_at, signer=signer)
        for purpose in Purpose
    }
    return {None: write_status_token(array, uri=uri, issued_at=issued_at, signer=signer), **bits}


def status_document(register: Register, list_id: str, purpose: Purpose | None = None) -> bytes:
    """Return the signed status list ``{slug}.{n}``, signed again when it is due and the ring is open.

    `purpose`: which W3C list of it; the Token Status List by default.

    Raises `PassportError`: `unknown_list`; `status_unsigned` when the ring is locked and no token was
    ever signed; `no_key`, `key_out_of_dates` when the body has no status key for now.
    """
    at = register.now()
    with register.reading() as session:
        known = store.signed(session, list_id, purpose)
    if known is None:
        raise _unknown()
    due = _is_due(known.revision, known.signed_revision, at - known.signed_at)
    if known.is_signed and (not due or register.ring.is_locked):
        return _token(register, list_id, purpose, known)
    if register.ring.is_locked:
        raise PassportError(
            "The status list was never signed and the key ring is locked.",
            code="status_unsigned",
            hint="Start the issuing counter with its passphrase once.",
        )
    return _sign(register, list_id, known.body, at=at)[purpose]


def _token(register: Register, list_id: str, purpose: Purpose | None, known: store.SignedList) -> bytes:
    """Return the token that the database knows; a replica may give these very bytes, and no older ones."""

    def is_it(token: bytes | None) -> bool:
        return token is not None and hashlib.sha256(token).digest() == known.digest

    token = register.look(lambda session: store.token(session, list_id, purpose), enough=is_it)
    if token is None:
        raise _unknown()
    return token


def renew_status(register: Register, list_id: str, *, early: int) -> None:
    """Sign a list again that is due, or will be within `early` seconds.

    Raises `PassportError`: `unknown_list`, `locked`, `no_key`, `key_out_of_dates`.
    """
    _sign(register, list_id, list_id.rpartition(".")[0], at=register.now(), early=early)


def _is_due(revision: int, signed_revision: int | None, age: int, early: int = 0) -> bool:
    return signed_revision != revision or age > SIGN_AGAIN - early


def _unknown() -> PassportError:
    return PassportError("There is no such status list.", code="unknown_list")


def _sign(
    register: Register, list_id: str, body: str, *, at: int, early: int = 0
) -> dict[Purpose | None, bytes]:
    signer = register.ring.signer(body, KeyPurpose.STATUS, at=at)
    with register.writing() as session:
        row = store.list_row(session, list_id)
        if row is None:
            raise _unknown()
        signed_at, kept = row.signed_at or 0, store.signed_tokens(row)
        if kept is not None and not _is_due(row.revision, row.signed_revision, at - signed_at, early):
            return kept  # another process was here meanwhile
        issued_at = max(at, signed_at)
        tokens = write_lists(register, list_id, StatusArray(row.array), issued_at=issued_at, signer=signer)
        store.put_signed(session, list_id, tokens=tokens, at=issued_at, revision=row.revision)
    return tokens
