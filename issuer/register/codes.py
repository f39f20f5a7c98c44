"""The typed code's answer: the token that a code names, for a checking counter and nobody else.

Decided here: what is answered is the signed token alone, which the checking counter verifies; look-ups are
counted by network, and the network is only ever a hash with a key that is thrown away the next day
(DOMAIN: look-up logs without identifiers). A code is never locked: that would let anyone block a paper.

Left to others: the shared secret of the call and its limits (`issuer.web`), masking (`verifier.web`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from issuer.register.folder import Register
from issuer.register.lookup import normal_code
from issuer.store import attestations, counters
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.tables import LookupDayRow

__all__ = ["answer_code", "count_lookup"]

_DAY: Final = 86_400
_KEY_BYTES: Final = 32


def answer_code(register: Register, code: str) -> bytes | None:
    """Return the QR token that `code` names, None when it names nothing.

    Raises `MalformedError` (`code_format`, `code_letter`, `code_check`) before the database is asked.
    """
    normal = normal_code(code)
    # A token never changes. One that a replica does not have yet is looked for in the database itself.
    found = register.look(
        lambda session: attestations.by_code(session, [normal]).get(normal),
        enough=lambda found: found is not None,
    )
    return None if found is None else found[1].token


def count_lookup(register: Register, network: str) -> int:
    """Count one look-up of a network (its address as text); return how many it made today, this one too."""
    day = register.now() // _DAY

    def work(session: Session) -> int:
        key = counters.day_key(session, day) or _begin_day(session, day)
        hashed = hmac.new(key, network.encode(), hashlib.sha256).hexdigest()
        return counters.count_lookup(session, day=day, network=hashed)

    return register.transact(work)


def _begin_day(session: Session, day: int) -> bytes:
    counters.forget_days_before(session, day)
    key = secrets.token_bytes(_KEY_BYTES)
    insert_rows(session, LookupDayRow, [{"day": day, "key": key}])
    return key
