"""Sessions: who is signed in, on which device, for how long.

Decided here: a cookie is 256 random bits and the register keeps its SHA-256, so that a stolen copy of the
database opens nothing; a session ends after twelve hours whatever happens (NIST SP 800-63B section 5.2), and
locks when nothing was done for a quarter of an hour on a shared device, an hour on a personal one; what is
done again at once does not write each time. Roles are read anew at each request: one that was taken away is
gone at once. A clock that goes back opens nothing that had ended.

Left to others: how somebody proved who they are (the ways to sign in), the cookie itself (`issuer.web.desk`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from issuer.register.folder import Register
from issuer.staff.accounts import staff_from
from issuer.staff.roles import Staff
from issuer.store import staff as store
from issuer.store.database import DatabaseError
from issuer.store.tables import StaffSessionRow

__all__ = [
    "OpenSession",
    "StaffSession",
    "end_one_session",
    "end_session",
    "lock_session",
    "note_proof",
    "open_session",
    "open_sessions",
    "provider_of",
    "session_of",
    "unlock_session",
]

LIFE_SECONDS: Final = 12 * 3_600
IDLE_SECONDS: Final = {True: 15 * 60, False: 3_600}
PROOF_SECONDS: Final = 600
_SEEN_EVERY: Final = 30
_SKEW_SECONDS: Final = 60
_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A session in force. `csrf`: what its forms carry. `proved_at`: when a second factor was shown."""

    id: str
    digest: str
    staff: Staff
    csrf: str
    is_shared: bool
    is_locked: bool
    has_pin: bool
    proved_at: int | None
    expires_at: int

    def is_proved(self, at: int) -> bool:
        """Tell whether a second factor was shown so lately that what asks for one may be done at `at`."""
        return self.proved_at is not None and 0 <= at - self.proved_at <= PROOF_SECONDS


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it in a list. `way`: how they came in. `is_this`: the one that asks."""

    id: str
    device: str
    is_shared: bool
    way: str
    created_at: int
    seen_at: int
    is_this: bool


def digest_of(secret: str) -> str:
    """Return the digest under which a cookie is known."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(
    register: Register,
    account: str,
    *,
    way: str,
    device: str,
    is_shared: bool,
    proved: bool,
    provider: bytes | None = None,
) -> str:
    """Begin a session and return the secret of its cookie, this once.

    `way`: how they signed in (``passkey``, ``password``, ``oidc``…). `device`: what a person will know it by.
    `proved`: whether a second factor was shown. `provider`: what signs out at a provider, sealed.
    """
    secret, at = secrets.token_urlsafe(_SECRET_BYTES), register.now()
    row = {
        "digest": digest_of(secret),
        "id": secrets.token_hex(8),
        "account": account,
        "device": device[:80],
        "is_shared": is_shared,
        "way": way,
        "created_at": at,
        "seen_at": at,
        "expires_at": at + LIFE_SECONDS,
        "proved_at": at if proved else None,
        "pin_failures": 0,
        "provider": provider,
    }
    with register.writing() as session:
        store.add_session(session, row)
    return secret


def session_of(register: Register, secret: str) -> StaffSession | None:
    """Return the session of a cookie, None when there is none, it has ended, or the account is disabled."""
    if _SECRET.fullmatch(secret) is None:
        return None
    at, digest = register.now(), digest_of(secret)
    with register.reading() as session:
        row, held = store.signed_in(session, digest, at=at)
    if row is None or row.ended_at is not None or at < row.created_at:
        return None
    staff = staff_from(held).get(row.account)
    if at >= row.expires_at:
        # Written down, or a clock that goes back would give it another hour.
        with register.writing() as session:
            store.change_session(session, digest, ended_at=row.expires_at)
        return None
    if staff is None:
        return None
    locked = row.locked_at is not None or _was_left_alone(row, at=at)
    if locked and row.locked_at is None:
        # Kept, or a clock that goes back would open it again.
        with register.writing() as session:
            store.change_session(session, digest, locked_at=at)
    elif not locked and at - row.seen_at >= _SEEN_EVERY:
        # A page can still be read where nothing can be written; at worst the session locks too early.
        with suppress(DatabaseError), register.writing() as session:
            store.change_session(session, digest, seen_at=at)
    return _session(row, staff, register=register, is_locked=locked)


def _was_left_alone(row: StaffSessionRow, *, at: int) -> bool:
    """Tell whether nothing was done for long, or the clock says that something was done in its future."""
    return not -_SKEW_SECONDS <= at - row.seen_at < IDLE_SECONDS[row.is_shared]


def _session(row: StaffSessionRow, staff: Staff, *, register: Register, is_locked: bool) -> StaffSession:
    csrf = hmac.new(register.person_secret, b"csrf-1\x00" + row.digest.encode(), hashlib.sha256).hexdigest()
    return StaffSession(
        id=row.id,
        digest=row.digest,
        staff=staff,
        csrf=csrf,
        is_shared=row.is_shared,
        is_locked=is_locked,
        has_pin=row.pin is not None,
        proved_at=row.proved_at,
        expires_at=row.expires_at,
    )


def lock_session(register: Register, session: StaffSession) -> None:
    """Lock a session: nothing opens until its PIN, or a whole sign-in."""
    with register.writing() as writing:
        store.change_session(writing, session.digest, locked_at=register.now())


def end_session(register: Register, session: StaffSession) -> None:
    """End a session for good."""
    with register.writing() as writing:
        store.change_session(writing, session.digest, ended_at=register.now())


def unlock_session(register: Register, session: StaffSession) -> bool:
    """Open a locked session again; False when it has ended meanwhile. Its twelve hours go on."""
    at = register.now()
    with register.writing() as writing:
        return store.change_session(writing, session.digest, locked_at=None, seen_at=at, pin_failures=0)


def note_proof(register: Register, session: StaffSession) -> bool:
    """Note that a second factor was shown just now; False when the session has ended meanwhile."""
    with register.writing() as writing:
        return store.change_session(writing, session.digest, proved_at=register.now())


def open_sessions(register: Register, session: StaffSession) -> list[OpenSession]:
    """Return the open sessions of whoever is signed in, the one seen last first."""
    with register.reading() as reading:
        rows = store.sessions_of(reading, session.staff.account, at=register.now())
    return [
        OpenSession(
            row.id,
            row.device,
            row.is_shared,
            row.way,
            row.created_at,
            row.seen_at,
            is_this=row.digest == session.digest,
        )
        for row in rows
    ]


def end_one_session(register: Register, session: StaffSession, id_: str | None) -> int:
    """End the session of one's own that `id_` names, or (None) all; return how many."""
    with register.writing() as writing:
        return store.end_sessions(writing, session.staff.account, at=register.now(), id_=id_)


def provider_of(register: Register, session: StaffSession) -> bytes | None:
    """Return what signs out at the provider that this session came in with, sealed; None without one."""
    with register.reading() as reading:
        row = store.session_by_digest(reading, session.digest)
    return row.provider if row is not None else None
