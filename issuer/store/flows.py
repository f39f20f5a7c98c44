"""Queries on what is kept for a while: challenges, counts of failures, links of enrolment. Decide nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlmodel import col, delete, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import EnrolmentRow, OneTimeLinkRow, SignInFlowRow, ThrottleRow

__all__ = [
    "add_enrolment",
    "add_flow",
    "drop_flow",
    "drop_flows_before",
    "drop_throttles_before",
    "enrolment",
    "flow",
    "keep_throttle",
    "pending_enrolments",
    "throttles",
]


def add_flow(session: Session, row: dict[str, Any]) -> None:
    """Add something that has begun."""
    insert_rows(session, SignInFlowRow, [row])


def flow(session: Session, digest: str) -> SignInFlowRow | None:
    """Return what has begun under a digest."""
    return session.get(SignInFlowRow, digest, populate_existing=True)


def drop_flow(session: Session, digest: str) -> bool:
    """Take it away; False when it is gone already."""
    return row_count(session.execute(delete(SignInFlowRow).where(col(SignInFlowRow.digest) == digest))) == 1


def drop_flows_before(session: Session, at: int) -> None:
    """Take away what ended before a moment."""
    session.execute(delete(SignInFlowRow).where(col(SignInFlowRow.expires_at) < at))


def throttles(session: Session, keys: Collection[str]) -> dict[str, ThrottleRow]:
    """Return the counts that there are, by key; nobody else changes them until the transaction ends."""
    wanted = select(ThrottleRow).where(col(ThrottleRow.key).in_(keys)).order_by(col(ThrottleRow.key))
    found = session.scalars(wanted.with_for_update().execution_options(populate_existing=True))
    return {row.key: row for row in found}


def keep_throttle(
    session: Session, key: str, was: ThrottleRow | None, *, failures: int, at: int, until: int
) -> None:
    """Keep a count in place of the one there `was`, as `throttles` gave it.

    Where there was none it is only ever inserted: somebody who counted meanwhile is not overwritten.
    """
    values = {"failures": failures, "at": at, "until": until}
    if was is None:
        insert_rows(session, ThrottleRow, [{"key": key, **values}])
    else:
        session.execute(update(ThrottleRow).where(col(ThrottleRow.key) == key).values(**values))


def drop_throttles_before(session: Session, at: int) -> None:
    """Take away counts on which nothing happened since a moment."""
    session.execute(delete(ThrottleRow).where(col(ThrottleRow.at) < at))


def add_enrolment(session: Session, row: dict[str, Any]) -> None:
    """Add what a one-time link gives."""
    insert_rows(session, EnrolmentRow, [row])


def enrolment(session: Session, digest: str) -> EnrolmentRow | None:
    """Return what a one-time link gives."""
    return session.get(EnrolmentRow, digest, populate_existing=True)


def pending_enrolments(session: Session, *, at: int) -> Sequence[tuple[EnrolmentRow, OneTimeLinkRow]]:
    """Return the links that still open, the newest first."""
    wanted = (
        select(EnrolmentRow, OneTimeLinkRow)
        .join(OneTimeLinkRow, col(OneTimeLinkRow.digest) == col(EnrolmentRow.digest))
        .where(col(OneTimeLinkRow.used_at).is_(None), col(OneTimeLinkRow.expires_at) > at)
        .order_by(col(EnrolmentRow.made_at).desc())
    )
    return [(given, link) for given, link in session.execute(wanted)]
