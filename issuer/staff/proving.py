"""The second factor again, before something that cannot be taken back by one press.

Decided here: a code of the application or of the sheet, or a key; each answer counts as an attempt at this
very account; it holds for some minutes in this session alone. Left to others: what asks for it.
"""

from __future__ import annotations

from issuer.register.folder import Register
from issuer.staff.passkeys import answered_by
from issuer.staff.second_factors import matching_factor, take_factor
from issuer.staff.sessions import StaffSession, note_proof
from issuer.staff.signing_in import SlowDown
from issuer.staff.throttle import Attempt, begin_attempt, succeeded
from issuer.store import staff as store
from issuer.store.database import Session

__all__ = ["prove_with_code", "prove_with_key", "shows_code", "shows_key"]


def prove_with_code(register: Register, session: StaffSession, code: str, *, network: str) -> bool:
    """Tell whether `code` is a second factor of whoever is signed in, and note it. Raises `SlowDown`."""
    return shows_code(register, session, code, network=network) and note_proof(register, session)


def shows_code(register: Register, session: StaffSession, code: str, *, network: str) -> bool:
    """Tell whether `code` is a second factor of whoever is signed in; it is used up. Raises `SlowDown`."""
    attempt, at = _begin(register, session, network), register.now()
    with register.reading() as reading:
        row = store.account(reading, session.staff.account)
    factor = matching_factor(register, row, code, at=at)
    if row is None or factor is None:
        return False
    account, taken = row.id, factor

    def work(writing: Session) -> bool:
        if not take_factor(writing, account, taken, at=at):
            return False
        succeeded(writing, attempt, at=at)
        return True

    return register.transact(work)


def prove_with_key(
    register: Register, session: StaffSession, flow: str, answer: str, *, network: str
) -> bool:
    """Tell whether a key of whoever is signed in has answered, and note it. Raises `SlowDown`."""
    return shows_key(register, session, flow, answer, network=network) and note_proof(register, session)


def shows_key(register: Register, session: StaffSession, flow: str, answer: str, *, network: str) -> bool:
    """Tell whether a key of whoever is signed in has answered. Raises `SlowDown`."""
    attempt = _begin(register, session, network)
    account = session.staff.account
    return answered_by(register, flow, answer, attempt=attempt, account=account) == account


def _begin(register: Register, session: StaffSession, network: str) -> Attempt:
    attempt = begin_attempt(register, name=session.staff.account, network=network)
    if attempt.wait:
        raise SlowDown(attempt.wait)
    return attempt
