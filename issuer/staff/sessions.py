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
from dataclasses import dataclass
from typing import Final

from issuer.register.folder import Register
from issuer.staff.accounts import staff_in
from issuer.staff.roles import Staff
from issuer.store import staff as store
from issuer.store.tables import StaffSessionRow

__all__ = ["StaffSession", "end_session", "lock_session", "open_session", "session_of"]

LIFE_SECONDS: Final = 12 * 3_600
IDLE_SECONDS: Final = {True: 15 * 60, False: 3_600}
PROOF_SECONDS: Final = 600
_SEEN_EVERY: Final = 30
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


def digest_of(secret: str) -> str:
    """Return the digest under which a cookie is known."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(
    register: Register, account: str, *, way: str, device: str, is_shared: bool, proved: bool
) -> str:
    """Begin a session and return the secret of its cookie, this once.

    `way`: how they signed in (``passkey``, ``password``, ``oidc``…). `device`: what a person will know it by.
    `proved`: whether a second factor was shown.
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
        row = store.session_by_digest(session, digest)
        if row is None or row.ended_at is not None or not row.created_at <= at < row.expires_at:
            return None
        staff = staff_in(session, row.account, at=at)
    if staff is None:
        return None
    locked = row.locked_at is not None or at - row.seen_at >= IDLE_SECONDS[row.is_shared]
    if not locked and at - row.seen_at >= _SEEN_EVERY:
        with register.writing() as session:
            store.change_session(session, digest, seen_at=at)
    return _session(row, staff, register=register, is_locked=locked)


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
