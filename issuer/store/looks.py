"""Queries on second looks. Decide nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import DecisionRow, SecondLookRow

__all__ = ["add", "close", "makers", "of_person", "one", "open_for", "open_in", "take"]


def one(session: Session, look_id: str) -> SecondLookRow | None:
    """Return one."""
    return session.get(SecondLookRow, look_id, populate_existing=True)


def open_for(session: Session, attestation_id: str) -> SecondLookRow | None:
    """Return the open one about an attestation."""
    mine = (col(SecondLookRow.attestation_id) == attestation_id, col(SecondLookRow.closed_at).is_(None))
    return session.scalars(select(SecondLookRow).where(*mine)).first()


def open_in(session: Session, *, bodies: Collection[str]) -> Sequence[SecondLookRow]:
    """Return the open ones of these bodies, the oldest first."""
    mine = (col(SecondLookRow.body).in_(bodies), col(SecondLookRow.closed_at).is_(None))
    wanted = select(SecondLookRow).where(*mine)
    return session.scalars(wanted.order_by(col(SecondLookRow.asked_at), col(SecondLookRow.id))).all()


def of_person(session: Session, holder_id: str, *, bodies: Collection[str]) -> Sequence[SecondLookRow]:
    """Return those that a person asked these bodies for, the newest first."""
    mine = (col(SecondLookRow.holder_id) == holder_id, col(SecondLookRow.body).in_(bodies))
    wanted = select(SecondLookRow).where(*mine)
    return session.scalars(wanted.order_by(col(SecondLookRow.asked_at).desc(), col(SecondLookRow.id))).all()


def makers(session: Session, attestation_ids: Collection[str]) -> dict[str, set[str]]:
    """Return whoever decided the levels of these attestations in a workshop, by attestation."""
    these = col(DecisionRow.attestation_id).in_(attestation_ids)
    found: dict[str, set[str]] = defaultdict(set)
    for attestation, by in session.execute(select(DecisionRow.attestation_id, DecisionRow.by).where(these)):
        found[attestation or ""].add(by)
    return found


def add(session: Session, row: Mapping[str, Any]) -> None:
    """Add one."""
    insert_rows(session, SecondLookRow, [row])


def take(session: Session, look_id: str, *, by: str) -> bool:
    """Let somebody take one; False when it was taken or closed meanwhile."""
    free = (
        col(SecondLookRow.id) == look_id,
        col(SecondLookRow.taken_by).is_(None),
        col(SecondLookRow.closed_at).is_(None),
    )
    return row_count(session.execute(update(SecondLookRow).where(*free).values(taken_by=by))) == 1


def close(session: Session, look_id: str, *, outcome: str, outcome_id: str | None, at: int) -> None:
    """Close one."""
    values = {"outcome": outcome, "outcome_id": outcome_id, "closed_at": at}
    session.execute(update(SecondLookRow).where(col(SecondLookRow.id) == look_id).values(**values))
