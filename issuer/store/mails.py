"""Queries on mail that waits to be sent. Decide nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import OutgoingMailRow

__all__ = ["claim", "done", "postpone", "queue", "waiting"]

_OPEN = (col(OutgoingMailRow.sent_at).is_(None), col(OutgoingMailRow.given_up_at).is_(None))


def waiting(session: Session, attestation_id: str) -> bool:
    """Tell whether a mail of this attestation waits."""
    mine = select(OutgoingMailRow.id).where(col(OutgoingMailRow.attestation_id) == attestation_id, *_OPEN)
    return session.execute(mine.limit(1)).first() is not None


def queue(session: Session, row: Mapping[str, Any]) -> None:
    """Add a mail."""
    insert_rows(session, OutgoingMailRow, [row])


def claim(session: Session, *, at: int, until: int, most: int) -> Sequence[OutgoingMailRow]:
    """Return mails that are due, which from now on nobody else gets until `until`."""
    due = select(OutgoingMailRow).where(col(OutgoingMailRow.due_at) <= at, *_OPEN)
    rows = session.scalars(due.order_by(col(OutgoingMailRow.due_at)).limit(most)).all()
    mine = []
    for row in rows:
        free = (col(OutgoingMailRow.id) == row.id, col(OutgoingMailRow.due_at) == row.due_at, *_OPEN)
        if row_count(session.execute(update(OutgoingMailRow).where(*free).values(due_at=until))):
            mine.append(row)
    return mine


def postpone(session: Session, mail_id: str, *, failures: int, due_at: int) -> None:
    """Try a mail again later."""
    mine = col(OutgoingMailRow.id) == mail_id
    session.execute(update(OutgoingMailRow).where(mine).values(failures=failures, due_at=due_at))


def done(session: Session, mail_id: str, **when: int) -> None:
    """Note that a mail was sent (`sent_at`) or given up (`given_up_at`); its address is forgotten."""
    mine = col(OutgoingMailRow.id) == mail_id
    session.execute(update(OutgoingMailRow).where(mine).values(address="", **when))
