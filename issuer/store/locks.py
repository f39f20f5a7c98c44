"""Who must not write at the same time as whom, on a server that lets many write at once.

Decided here: the locks of PostgreSQL that stand where SQLite has its one writer. They are advisory locks
of the transaction: they end with it, are taken in one order (register, body, people, list, chain head)
and are fair. Row locks would not be: sharers of a row overtake who waits for it alone, and refusing a
stolen key would wait for as long as somebody issues. Names are hashed to 32 bits; two names that fall
together only wait for each other. On SQLite nothing is done here: whoever writes is alone already.

Left to others: the locks on rows (`statuses.lock_lists`, `chain.locked_head`), and what needs them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

__all__ = [
    "hold_migrations",
    "hold_owner",
    "hold_people",
    "hold_register",
    "share_owner",
    "share_register",
]

# The first of the two numbers of a lock: what its second one names.
_OWNERS: Final = 0x7057_0001
_PEOPLE: Final = 0x7057_0002
_MIGRATIONS: Final = 0x7057_0003
_REGISTER: Final = 0x7057_0004
# Ten thousand people in one transaction must not fill the server's table of locks (6,400 by default).
_PEOPLE_GROUPS: Final = 256

_HOLD: Final = text("SELECT pg_advisory_xact_lock(:kind, :name)")
_SHARE: Final = text("SELECT pg_advisory_xact_lock_shared(:kind, :name)")


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)


def _serves_many(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def share_register(session: Session) -> None:
    """Wait for whoever copies the register, then write beside all others who write; every writer does."""
    if _serves_many(session):
        session.execute(_SHARE, {"kind": _REGISTER, "name": 0})


def hold_register(session: Session) -> None:
    """Be alone in writing to the register: it stands still until this transaction ends."""
    if _serves_many(session):
        session.execute(_HOLD, {"kind": _REGISTER, "name": 0})


def share_owner(session: Session, owner: str) -> None:
    """Wait for whoever holds this body, then keep others from holding it; issuing is done beside issuing."""
    if _serves_many(session):
        session.execute(_SHARE, {"kind": _OWNERS, "name": _number(owner)})


def hold_owner(session: Session, owner: str) -> None:
    """Be alone with a body (or the scheme): nothing is issued by it until this transaction ends."""
    if _serves_many(session):
        session.execute(_HOLD, {"kind": _OWNERS, "name": _number(owner)})


def hold_people(session: Session, person_keys: Iterable[str]) -> None:
    """Be alone in looking whether something was attested of these people before, and in attesting it."""
    if not _serves_many(session):
        return
    for group in sorted({_number(key) % _PEOPLE_GROUPS for key in person_keys}):  # one order: no deadlock
        session.execute(_HOLD, {"kind": _PEOPLE, "name": group})


def hold_migrations(connection: Connection) -> None:
    """Be alone in changing the schema."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD, {"kind": _MIGRATIONS, "name": 0})
