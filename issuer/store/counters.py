"""Queries on kept answers, counted look-ups and one-time links. Decide nothing."""

from __future__ import annotations

from sqlalchemy.orm import Session
from sqlmodel import col, delete, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import IdempotencyRow, LookupCountRow, LookupDayRow, OneTimeLinkRow

__all__ = [
    "close_links",
    "count_lookup",
    "day_key",
    "forget_days_before",
    "kept_answer",
    "one_time_link",
    "use_link",
]


def kept_answer(session: Session, body: str, key: str) -> IdempotencyRow | None:
    """Return the answer kept under an `Idempotency-Key` of a body."""
    return session.get(IdempotencyRow, (body, key))


def day_key(session: Session, day: int) -> bytes | None:
    """Return the hash key of a day."""
    return session.scalar(select(LookupDayRow.key).where(col(LookupDayRow.day) == day))


def forget_days_before(session: Session, day: int) -> None:
    """Throw away counts and keys of earlier days."""
    session.execute(delete(LookupCountRow).where(col(LookupCountRow.day) < day))
    session.execute(delete(LookupDayRow).where(col(LookupDayRow.day) < day))


def count_lookup(session: Session, *, day: int, network: str) -> int:
    """Count one look-up; return how many there are now."""
    wanted = (col(LookupCountRow.day) == day, col(LookupCountRow.network) == network)
    counted = update(LookupCountRow).where(*wanted).values(asked=col(LookupCountRow.asked) + 1)
    if row_count(session.execute(counted)) == 0:
        insert_rows(session, LookupCountRow, [{"day": day, "network": network, "asked": 1}])
    return session.scalar(select(LookupCountRow.asked).where(*wanted)) or 0


def one_time_link(session: Session, digest: str) -> OneTimeLinkRow | None:
    """Return a one-time link by the SHA-256 of its secret."""
    return session.get(OneTimeLinkRow, digest, populate_existing=True)


def use_link(session: Session, digest: str, *, at: int) -> bool:
    """Mark a link as used; False when it was used meanwhile."""
    unused = (col(OneTimeLinkRow.digest) == digest, col(OneTimeLinkRow.used_at).is_(None))
    return row_count(session.execute(update(OneTimeLinkRow).where(*unused).values(used_at=at))) == 1


def close_links(session: Session, *, at: int) -> None:
    """Mark every unused link whose time is over as used: at its end, by nobody."""
    over = (col(OneTimeLinkRow.used_at).is_(None), col(OneTimeLinkRow.expires_at) <= at)
    session.execute(update(OneTimeLinkRow).where(*over).values(used_at=col(OneTimeLinkRow.expires_at)))
