"""Queries on status lists and their entries. Decide nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy
from sqlalchemy.orm import Session
from sqlmodel import col, func, select, update

from issuer.store.database import Collision
from issuer.store.rows import digest_of, in_parts, insert_rows, listed
from issuer.store.tables import StatusChangeRow, StatusEntryRow, StatusListRow
from passport.claims import Purpose

__all__ = [
    "ListAge",
    "ListSize",
    "SignedList",
    "add_taken",
    "ages",
    "array",
    "arrays",
    "changes",
    "entries",
    "list_ids",
    "list_row",
    "lock_lists",
    "newest",
    "put_array",
    "put_signed",
    "sign_again",
    "signed",
    "signed_tokens",
    "size",
    "take",
    "taken",
    "taken_in_all",
    "token",
]


@dataclass(frozen=True, slots=True)
class ListSize:
    """How full a list is."""

    id: str
    number: int
    size: int
    taken: int


@dataclass(frozen=True, slots=True)
class ListAge:
    """When a list was last signed (None: never), and whether that shows the array as it stands."""

    id: str
    signed_at: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class SignedList:
    """What is known of a list's last token in one encoding, without its bytes. `digest`: by `digest_of`."""

    body: str
    revision: int
    is_signed: bool
    signed_at: int
    signed_revision: int
    digest: bytes | None


_ARRAYS: Final = select(StatusListRow.id, StatusListRow.array).where(col(StatusListRow.id).in_(listed("ids")))
_SIZE = (StatusListRow.id, StatusListRow.number, StatusListRow.size, StatusListRow.taken)


def newest(session: Session, body: str) -> ListSize | None:
    """Return the newest list of a body, the one that is being filled."""
    wanted = select(*_SIZE).where(col(StatusListRow.body) == body)
    found = session.execute(wanted.order_by(col(StatusListRow.number).desc()).limit(1)).first()
    return None if found is None else ListSize(*found)


def size(session: Session, list_id: str) -> ListSize | None:
    """Return how full a list is."""
    found = session.execute(select(*_SIZE).where(col(StatusListRow.id) == list_id)).first()
    return None if found is None else ListSize(*found)


def list_ids(session: Session) -> Sequence[str]:
    """Return the ids of all lists, by body and number."""
    order = (col(StatusListRow.body), col(StatusListRow.number))
    return session.scalars(select(StatusListRow.id).order_by(*order)).all()


def ages(session: Session) -> list[ListAge]:
    """Return the ages of all lists, without what is large in them."""
    row = StatusListRow
    columns = (col(row.id), col(row.signed_at), col(row.revision), col(row.signed_revision))
    found = session.execute(sqlalchemy.select(*columns).order_by(col(row.id)))
    return [ListAge(id_, at, revision == signed) for id_, at, revision, signed in found]


def taken_in_all(session: Session) -> int:
    """Return how many entries were ever taken: one for each attestation."""
    return session.execute(sqlalchemy.select(sqlalchemy.func.sum(col(StatusListRow.taken)))).scalar() or 0


def changes(session: Session) -> dict[int, int]:
    """Return how often an attestation came to each status, by the status."""
    after = col(StatusChangeRow.after)
    found = session.execute(sqlalchemy.select(after, sqlalchemy.func.count()).group_by(after))
    return dict(found.all())


def list_row(session: Session, list_id: str) -> StatusListRow | None:
    """Return a list, locked against other writers until the transaction ends."""
    wanted = select(StatusListRow).where(col(StatusListRow.id) == list_id)
    # FOR NO KEY UPDATE: who takes an entry meanwhile refers to the list and does not change it.
    locked = wanted.with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).first()


def lock_lists(session: Session, list_ids: Iterable[str]) -> None:
    """Lock lists as `list_row` does, before anything else is locked that others lock after a list."""
    for list_id in sorted(set(list_ids)):  # one order: no deadlock
        wanted = select(StatusListRow.id).where(col(StatusListRow.id) == list_id)
        session.execute(wanted.with_for_update(key_share=True))


def array(session: Session, list_id: str) -> bytes | None:
    """Return the array of a list as it stands."""
    return session.scalar(select(StatusListRow.array).where(col(StatusListRow.id) == list_id))


def arrays(session: Session, list_ids: Iterable[str]) -> dict[str, bytes]:
    """Return the arrays of these lists as they stand, by list."""
    return dict(session.execute(_ARRAYS, {"ids": sorted(set(list_ids))}).all())


_TOKENS = {
    None: "signed_token",
    Purpose.REVOCATION: "signed_revocation",
    Purpose.SUSPENSION: "signed_suspension",
}


def signed(session: Session, list_id: str, purpose: Purpose | None) -> SignedList | None:
    """Return what is known of the last token of a list: of one W3C encoding, or its Token Status List."""
    token = col(getattr(StatusListRow, _TOKENS[purpose]))
    columns = (
        col(StatusListRow.body),
        col(StatusListRow.revision),
        token.is_not(None),
        func.coalesce(col(StatusListRow.signed_at), 0),
        func.coalesce(col(StatusListRow.signed_revision), -1),
        digest_of(session, token),
    )
    found = session.execute(sqlalchemy.select(*columns).where(col(StatusListRow.id) == list_id)).first()
    return None if found is None else SignedList(*found)


def token(session: Session, list_id: str, purpose: Purpose | None) -> bytes | None:
    """Return the last signed token of a list in one encoding."""
    wanted = sqlalchemy.select(col(getattr(StatusListRow, _TOKENS[purpose])))
    return session.scalar(wanted.where(col(StatusListRow.id) == list_id))


def signed_tokens(row: StatusListRow) -> dict[Purpose | None, bytes] | None:
    """Return the last signed tokens of every encoding; None while one is missing."""
    tokens: dict[Purpose | None, bytes | None] = {p: getattr(row, name) for p, name in _TOKENS.items()}
    kept = {purpose: token for purpose, token in tokens.items() if token is not None}
    return kept if len(kept) == len(tokens) else None


def put_array(session: Session, list_id: str, *, data: bytes) -> None:
    """Keep a changed array; its revision grows by one."""
    changed = {"array": data, "revision": col(StatusListRow.revision) + 1}
    session.execute(update(StatusListRow).where(col(StatusListRow.id) == list_id).values(**changed))


def put_signed(
    session: Session, list_id: str, *, tokens: Mapping[Purpose | None, bytes], at: int, revision: int
) -> None:
    """Keep the tokens of every encoding, signed together over the array of `revision`."""
    kept: dict[str, object] = {"signed_at": at, "signed_revision": revision}
    kept |= {_TOKENS[purpose]: token for purpose, token in tokens.items()}
    session.execute(update(StatusListRow).where(col(StatusListRow.id) == list_id).values(**kept))


def sign_again(session: Session, body: str) -> None:
    """Let no signed token of a body's lists count as made for the array that is there."""
    lists = col(StatusListRow.body) == body
    session.execute(update(StatusListRow).where(lists).values(signed_revision=None))


def add_taken(session: Session, list_id: str, count: int) -> None:
    """Count entries that were taken."""
    more = {"taken": col(StatusListRow.taken) + count}
    session.execute(update(StatusListRow).where(col(StatusListRow.id) == list_id).values(**more))


def taken(session: Session, list_id: str, positions: Sequence[int]) -> set[int]:
    """Return those of `positions` that are taken."""
    found: set[int] = set()
    for part in in_parts(positions):
        wanted = (col(StatusEntryRow.list_id) == list_id, col(StatusEntryRow.position).in_(part))
        found.update(session.scalars(select(StatusEntryRow.position).where(*wanted)))
    return found


def take(session: Session, list_id: str, owners: dict[int, str]) -> bool:
    """Take entries (position → attestation id), all or none; False when another took one first."""
    # Sorted: two that take many at once wait for each other in one order, and never in a ring.
    rows = [{"list_id": list_id, "position": p, "attestation_id": a} for p, a in sorted(owners.items())]
    try:
        with session.begin_nested():
            insert_rows(session, StatusEntryRow, rows)
    except Collision:
        return False
    return True


def entries(session: Session, list_id: str) -> dict[int, str]:
    """Return the taken entries of a list: position → attestation id."""
    wanted = select(StatusEntryRow.position, StatusEntryRow.attestation_id)
    rows = session.execute(wanted.where(col(StatusEntryRow.list_id) == list_id))
    return dict(rows.all())
