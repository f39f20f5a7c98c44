"""Queries on audit chains. Decide nothing; see `issuer.register.audit`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from sqlalchemy import bindparam, func
from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.tables import AuditHeadRow, AuditRow

__all__ = ["heads", "latest_rows", "latest_time", "locked_head", "move_head", "rows_of"]

_LAST_ROWS: Final = 50
_LOCKED_HEAD: Final = (
    select(AuditHeadRow)
    .where(col(AuditHeadRow.chain) == bindparam("chain"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def locked_head(session: Session, chain: str) -> AuditHeadRow | None:
    """Return the head of a chain, locked until the transaction ends (``FOR UPDATE`` on PostgreSQL)."""
    return session.scalars(_LOCKED_HEAD, {"chain": chain}).first()


def move_head(session: Session, chain: str, *, seq: int, digest: str) -> None:
    """Let the head of a chain stand at `seq`."""
    moved = {"seq": seq, "hash": digest}
    session.execute(update(AuditHeadRow).where(col(AuditHeadRow.chain) == chain).values(**moved))


def heads(session: Session) -> Sequence[AuditHeadRow]:
    """Return the heads of all chains, by name."""
    return session.scalars(select(AuditHeadRow).order_by(col(AuditHeadRow.chain))).all()


def rows_of(session: Session, chain: str) -> Iterator[AuditRow]:
    """Yield the rows of a chain in order."""
    wanted = select(AuditRow).where(col(AuditRow.chain) == chain).order_by(col(AuditRow.seq))
    # Closed also when the reader stops early: PostgreSQL keeps a cursor open for it.
    with closing(session.scalars(wanted.execution_options(yield_per=1_000))) as found:
        yield from found


def latest_rows(session: Session, chain: str, *, before: int | None, limit: int) -> Sequence[AuditRow]:
    """Return rows of a chain, the newest first; those before a number, when one is given."""
    wanted = select(AuditRow).where(col(AuditRow.chain) == chain)
    if before is not None:
        wanted = wanted.where(col(AuditRow.seq) < before)
    return session.scalars(wanted.order_by(col(AuditRow.seq).desc()).limit(limit)).all()


def latest_time(session: Session, chain: str) -> int:
    """Return the latest time among the last rows of a chain; 0 when there are none.

    Of several rows: one that was written with a clock set back must not hide those before it.
    """
    wanted = select(col(AuditRow.at)).where(col(AuditRow.chain) == chain)
    last = wanted.order_by(col(AuditRow.seq).desc()).limit(_LAST_ROWS).subquery()
    return session.scalar(select(func.max(last.c.at))) or 0
