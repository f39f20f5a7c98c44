"""Queries on bodies, their accreditations, places and API tokens. Decide nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.tables import AccreditationRow, ApiTokenRow, BodyRow, PlaceRow

__all__ = ["accreditations", "bodies", "body", "close", "places", "token_owner"]


def body(session: Session, slug: str) -> BodyRow | None:
    """Return one body."""
    return session.get(BodyRow, slug)


def bodies(session: Session) -> Sequence[BodyRow]:
    """Return all bodies, by slug; sorted here, for a server sorts by the rules of its own language."""
    return sorted(session.scalars(select(BodyRow)), key=lambda row: row.slug)


def accreditations(session: Session) -> Sequence[AccreditationRow]:
    """Return the accreditations of all bodies, oldest first."""
    return session.scalars(select(AccreditationRow).order_by(col(AccreditationRow.id))).all()


def places(session: Session) -> Sequence[PlaceRow]:
    """Return the places of all bodies, by body and id."""
    return sorted(session.scalars(select(PlaceRow)), key=lambda row: (row.body, row.id))


def close(session: Session, slug: str, *, at: int, successor: str | None) -> None:
    """Let a body, its open accreditations and its open places end at `at`; revoke its API tokens."""
    session.execute(
        update(BodyRow).where(col(BodyRow.slug) == slug).values(closed_at=at, successor=successor)
    )
    for table in (AccreditationRow, PlaceRow):
        still_open = (col(table.body) == slug, col(table.ends).is_(None))
        session.execute(update(table).where(*still_open).values(ends=at))
    live = (col(ApiTokenRow.body) == slug, col(ApiTokenRow.revoked_at).is_(None))
    session.execute(update(ApiTokenRow).where(*live).values(revoked_at=at))


def token_owner(session: Session, digest: str) -> str | None:
    """Return the body of a live API token, by the token's SHA-256."""
    row = session.get(ApiTokenRow, digest)
    return row.body if row is not None and row.revoked_at is None else None
