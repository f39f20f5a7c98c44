"""Signing in with a name, a password and a second factor, all three in one go.

Decided here: one question and one answer. Name, password and code are compared together; whichever was
wrong, whether the name exists or not, the same is done (one Argon2id, one TOTP, one digest) and the same is
said. A code is used up only when all was right. Names are given by us (`new_sign_in_name`), so that choosing
one tells nobody that it is taken. Left to others: the words, the session, the cookie.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Final

from issuer.register.folder import Register
from issuer.staff.accounts import staff_in
from issuer.staff.passwords import matches
from issuer.staff.second_factors import matching_factor, take_factor
from issuer.staff.throttle import Attempt, begin_attempt, succeeded
from issuer.store import ways as store
from issuer.store.database import Session

__all__ = ["SlowDown", "new_sign_in_name", "normal_sign_in_name", "sign_in_with_password"]

_NAME_CHARS: Final = 40
_STEM_CHARS: Final = 16


class SlowDown(Exception):  # noqa: N818 (what is asked for; no fault)
    """Too many failures lately. `seconds`: to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def normal_sign_in_name(typed: str) -> str:
    """Return a name as it is kept: small letters without accents, digits and dots."""
    plain = unicodedata.normalize("NFKD", typed.casefold())
    return re.sub(r"[^a-z0-9.]", "", plain)[:_NAME_CHARS]


def new_sign_in_name(session: Session, name: str) -> str:
    """Return a free name to sign in with, made of somebody's first name and four digits: ``camille.4821``."""
    stem = re.sub(r"[^a-z]", "", normal_sign_in_name(name.split(" ")[0]))[:_STEM_CHARS] or "collegue"
    while True:
        made = f"{stem}.{secrets.randbelow(10_000):04d}"
        if store.account_by_sign_in_name(session, made) is None:
            return made


def sign_in_with_password(
    register: Register, *, name: str, password: str, code: str, network: str
) -> str | None:
    """Return the account of whoever this is, None when anything was wrong. Raises `SlowDown`."""
    known_as = normal_sign_in_name(name)
    attempt = begin_attempt(register, name=known_as, network=network)
    if attempt.wait:
        raise SlowDown(attempt.wait)
    return _compared(register, known_as, password, code, attempt=attempt)


def _compared(register: Register, name: str, password: str, code: str, *, attempt: Attempt) -> str | None:
    at = register.now()
    with register.reading() as session:
        row = store.account_by_sign_in_name(session, name)
    is_right = matches(row.password if row is not None else None, password)
    factor = matching_factor(register, row, code, at=at)
    if row is None or not is_right or factor is None:
        return None
    known, taken = row, factor

    def work(session: Session) -> str | None:
        # Whoever was disabled, or lost their ways in, while the password was compared stays outside.
        now = store.account_by_sign_in_name(session, name)
        if now is None or now.password != known.password or staff_in(session, known.id, at=at) is None:
            return None
        if not take_factor(session, known.id, taken, at=at):
            return None
        succeeded(session, attempt, at=at)
        return known.id

    return register.transact(work)
