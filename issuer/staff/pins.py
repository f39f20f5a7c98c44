"""The PIN of a session: a few digits that unlock it again, on this device, for as long as it lasts.

Decided here: a PIN belongs to one session (a cookie that is already there) and ends with it, after twelve
hours at most; Argon2id; each attempt is counted before it is compared, and the fifth wrong one ends the
session. So a PIN is worth nothing to whoever has not also the device. Left to others: which are taken
(`passwords.check_pin`), what locks (`sessions`).
"""

from __future__ import annotations

from typing import Final

from issuer.register.folder import Register
from issuer.staff.passwords import check_pin, hash_secret, matches
from issuer.staff.sessions import StaffSession, end_session, unlock_session
from issuer.store import staff as store

__all__ = ["TRIES", "set_pin", "unlock_with_pin"]

TRIES: Final = 5


def set_pin(register: Register, session: StaffSession, pin: str) -> None:
    """Give a session a PIN. Raises `InputError`: `pin_form`, `pin_common`."""
    check_pin(pin)
    hashed = hash_secret(pin)
    with register.writing() as writing:
        store.change_session(writing, session.digest, pin=hashed, pin_failures=0)


def unlock_with_pin(register: Register, session: StaffSession, pin: str) -> int | None:
    """Return None when the session is open again, else how many tries are left; 0: it has ended."""
    with register.writing() as writing:
        tried = store.count_pin_failure(writing, session.digest, most=TRIES)
        row = store.session_by_digest(writing, session.digest)
    stored = row.pin if row is not None and tried else None
    if matches(stored, pin) and unlock_session(register, session):
        return None
    left = TRIES - row.pin_failures if row is not None and tried else 0
    if left <= 0:
        end_session(register, session)
    return max(left, 0)
