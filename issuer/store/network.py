"""Queries on the cards of places. Decide nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import PlaceCardRow

__all__ = ["card", "cards", "put_card"]


def cards(session: Session) -> dict[tuple[str, str], PlaceCardRow]:
    """Return every card by (body, place)."""
    return {(row.body, row.place): row for row in session.scalars(select(PlaceCardRow))}


def card(session: Session, body: str, place: str) -> PlaceCardRow | None:
    """Return the card of one place."""
    return session.get(PlaceCardRow, (body, place), populate_existing=True)


def put_card(session: Session, body: str, place: str, *, members: dict[str, Any], at: int) -> None:
    """Keep the card of one place, in place of what was there."""
    this = (col(PlaceCardRow.body) == body, col(PlaceCardRow.place) == place)
    changed = update(PlaceCardRow).where(*this).values(card=members, updated_at=at)
    if row_count(session.execute(changed)) == 0:
        row = {"body": body, "place": place, "card": members, "updated_at": at}
        insert_rows(session, PlaceCardRow, [row])
