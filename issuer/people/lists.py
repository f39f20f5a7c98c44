"""A list (CSV) that waits at the counter: sealed, for its owner, for a while.

Decided here: between the preview and the confirmation the list stays with the counter, not in the page: it
holds names, and a browser keeps what it was sent. It is sealed with a key of the data folder, bound to its
id and its account, and thrown away when it is confirmed, or an hour later (an act that waits for a second
person: seven days). Whatever is over goes whenever another is kept, and at each upkeep. Left to others: what
the list says (`importing`, `pending`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from issuer.register.folder import Register, RegisterError
from issuer.staff.keyed import seal, unseal
from issuer.store import acts as store
from issuer.store.database import Session

__all__ = ["HOUR", "KeptList", "drop_expired_lists", "drop_list", "keep_list", "keep_list_in", "kept_list"]

HOUR: Final = 3_600
_PURPOSE: Final = "kept-list"


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list as it was sent. `account`: whose it is; `options`: what was said beside it."""

    id: str
    account: str
    body: str
    options: dict[str, Any]
    data: bytes = field(repr=False)


def keep_list(register: Register, account: str, body: str, data: bytes, *, options: dict[str, Any]) -> str:
    """Keep a list for an hour; return its id."""
    with register.writing() as session:
        return keep_list_in(
            register, session, account, body, data, options=options, until=register.now() + HOUR
        )


def keep_list_in(
    register: Register,
    session: Session,
    account: str,
    body: str,
    data: bytes,
    *,
    options: dict[str, Any],
    until: int,
) -> str:
    """Do what `keep_list` does, in the caller's transaction."""
    id_ = secrets.token_hex(12)
    store.drop_expired_files(session, at=register.now())
    row = {"id": id_, "account": account, "body": body, "options": options, "expires_at": until}
    sealed = seal(register, _PURPOSE, data, owner=f"{id_} {account}")
    store.keep_file(session, {**row, "data": sealed})
    return id_


def kept_list(register: Register, list_id: str) -> KeptList:
    """Return a list. Raises `RegisterError` (`list_gone`): confirmed, over, or never there."""
    with register.reading() as session:
        row = store.kept_file(session, list_id)
    if row is None or register.now() >= row.expires_at:
        raise RegisterError("This list is no longer kept.", code="list_gone")
    data = unseal(register, _PURPOSE, row.data, owner=f"{row.id} {row.account}")
    if data is None:
        raise RegisterError("This list is no longer kept.", code="list_gone")
    return KeptList(row.id, row.account, row.body, dict(row.options), data)


def drop_list(register: Register, list_id: str) -> None:
    """Throw a list away."""
    with register.writing() as session:
        store.drop_file(session, list_id)


def drop_expired_lists(register: Register) -> None:
    """Throw away every list whose time is over."""
    with register.writing() as session:
        store.drop_expired_files(session, at=register.now())
