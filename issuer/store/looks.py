"""Queries on second looks. Decide nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import insert_rows, listed, row_count
from issuer.store.tables import DecisionRow, SecondLookRow

__all__ = ["add", "close", "makers", "of_person", "one", "open_for", "open_in", "take"]

_OF_BODIES: Final = select(SecondLookRow).where(col(SecondLookRow.body).in_(listed("bodies")))
_OPEN_IN: Final = _OF_BODIES.where(col(SecondLookRow.closed_at).is_(None)).order_by(
    col(SecondLookRow.asked_at), col(SecondLookRow.id)
)
_OF_PERSON: Final = _OF_BODIES.where(col(SecondLookRow.holder_id) == bindparam("holder")).order_by(
    col(SecondLookRow.asked_at).desc(), col(SecondLookRow.id)
)
_MAKERS: Final = select(DecisionRow.attestation_id, DecisionRow.by).where(
    col(DecisionRow.attestation_id).in_(listed("ids"))
)


def one(session: Session, look_id: str) -> SecondLookRow | None:
    """Return one."""
    return session.get(SecondLookRow, look_id, populate_existing=True)


def open_for(session: Session, attestation_id: str) -> SecondLookRow | None:
    """Return the open one about an attestation."""
    mine = (col(SecondLookRow.attestation_id) == attestation_id, col(SecondLookRow.closed_at).is_(None))
    return session.scalars(select(SecondLookRow).where(*mine)).first()


def open_in(session: Session, *, bodies: Collection[str]) -> Sequence[SecondLookRow]:
    """Return the open ones of these bodies, the oldest first."""
    return session.scalars(_OPEN_IN, {"bodies": sorted(bodies)}).all()


def of_person(session: Session, holder_id: str, *, bodies: Collection[str]) -> Sequence[SecondLookRow]:
    """Return those that a person asked these bodies for, the newest first."""
    return session.scalars(_OF_PERSON, {"holder": holder_id, "bodies": sorted(bodies)}).all()


def makers(session: Session, attestation_ids: Collection[str]) -> dict[str, set[str]]:
    """Return whoever decided the levels of these attestations in a workshop, by attestation."""
    found: dict[str, set[str]] = defaultdict(set)
    for attestation, by in session.execute(_MAKERS, {"ids": list(attestation_ids)}):
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
