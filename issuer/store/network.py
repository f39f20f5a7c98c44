"""Queries on the cards of places. Decide nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session
from sqlmodel import col, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import AccreditationRow, BodyRow, PlaceCardRow, PlaceRow

__all__ = ["OpenPlace", "attested_in", "open_places", "put_card"]

_OPEN: Final = (
    select(
        col(PlaceRow.body),
        col(BodyRow.name),
        col(PlaceRow.id),
        col(PlaceRow.name),
        col(PlaceCardRow.card),
        col(PlaceCardRow.updated_at),
    )
    .join(BodyRow, col(BodyRow.slug) == col(PlaceRow.body))
    .join(
        PlaceCardRow,
        and_(col(PlaceCardRow.body) == col(PlaceRow.body), col(PlaceCardRow.place) == col(PlaceRow.id)),
        isouter=True,
    )
    .where(col(PlaceRow.ends).is_(None), col(BodyRow.closed_at).is_(None))
)
_ATTESTED: Final = (
    select(col(AccreditationRow.body), col(AccreditationRow.framework))
    .where(col(AccreditationRow.ends).is_(None))
    .order_by(col(AccreditationRow.id))
)


class OpenPlace(NamedTuple):
    """An open place of an open body. `card`, `updated_at`: None while nothing is kept of it."""

    body: str
    body_name: str
    id: str
    name: str
    card: dict[str, Any] | None
    updated_at: int | None


def open_places(session: Session) -> list[OpenPlace]:
    """Return every open place of the bodies that have not left, in no order."""
    return [OpenPlace(*row) for row in session.execute(_OPEN)]


def attested_in(session: Session) -> dict[str, list[str]]:
    """Return what each body may attest today, the oldest first: slug → frameworks."""
    found: dict[str, list[str]] = defaultdict(list)
    for body, framework in session.execute(_ATTESTED):
        found[body].append(framework)
    return found


def put_card(session: Session, body: str, place: str, *, members: dict[str, Any], at: int) -> None:
    """Keep the card of one place, in place of what was there."""
    this = (col(PlaceCardRow.body) == body, col(PlaceCardRow.place) == place)
    changed = update(PlaceCardRow).where(*this).values(card=members, updated_at=at)
    if row_count(session.execute(changed)) == 0:
        row = {"body": body, "place": place, "card": members, "updated_at": at}
        insert_rows(session, PlaceCardRow, [row])
