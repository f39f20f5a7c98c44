"""Queries on acts that wait for a second person, and on lists that wait to be confirmed. Decide nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from sqlmodel import col, delete, select, update

from issuer.store.rows import insert_rows, listed, row_count
from issuer.store.tables import KeptFileRow, PendingActRow

__all__ = [
    "act",
    "add_act",
    "decide",
    "drop_expired_files",
    "drop_file",
    "keep_file",
    "kept_file",
    "open_acts",
]

_OPEN_ACTS: Final = (
    select(PendingActRow)
    .where(
        col(PendingActRow.body).in_(listed("bodies")),
        col(PendingActRow.decided_at).is_(None),
        col(PendingActRow.asked_at) > bindparam("since"),
    )
    .order_by(col(PendingActRow.asked_at), col(PendingActRow.id))
)


def act(session: Session, act_id: str) -> PendingActRow | None:
    """Return one act."""
    return session.get(PendingActRow, act_id, populate_existing=True)


def open_acts(session: Session, *, bodies: Collection[str], since: int) -> Sequence[PendingActRow]:
    """Return the acts of these bodies that are not decided and were asked for since, the oldest first."""
    return session.scalars(_OPEN_ACTS, {"bodies": sorted(bodies), "since": since}).all()


def add_act(session: Session, row: Mapping[str, Any]) -> None:
    """Add one."""
    insert_rows(session, PendingActRow, [row])


def decide(session: Session, act_id: str, *, by: str, outcome: str, at: int) -> bool:
    """Note what was decided; False when it was decided before."""
    free = (col(PendingActRow.id) == act_id, col(PendingActRow.decided_at).is_(None))
    values = {"decided_by": by, "decided_at": at, "outcome": outcome}
    return row_count(session.execute(update(PendingActRow).where(*free).values(**values))) == 1


def keep_file(session: Session, row: Mapping[str, Any]) -> None:
    """Keep a list for a while."""
    insert_rows(session, KeptFileRow, [row])


def kept_file(session: Session, file_id: str) -> KeptFileRow | None:
    """Return a list that is kept."""
    return session.get(KeptFileRow, file_id, populate_existing=True)


def drop_file(session: Session, file_id: str) -> None:
    """Throw a list away."""
    session.execute(delete(KeptFileRow).where(col(KeptFileRow.id) == file_id))


def drop_expired_files(session: Session, *, at: int) -> None:
    """Throw away every list whose time is over."""
    session.execute(delete(KeptFileRow).where(col(KeptFileRow.expires_at) <= at))
