"""Queries on what is known of a person: attestations, changes, taps, second looks. Decide nothing.

Where a query takes `bodies` it answers nothing outside them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from sqlmodel import col, delete, or_, select, update

from issuer.store.attestations import BOTH, Found, by_id
from issuer.store.rows import insert_rows, listed, row_count
from issuer.store.tables import (
    AttestationRow,
    HandoverRow,
    LinkRow,
    PaperShownRow,
    RatingRow,
    SecondLookRow,
    StatusChangeRow,
    WorkshopRow,
)

__all__ = [
    "attested",
    "attested_or_shown",
    "change",
    "changes_of",
    "found",
    "handovers",
    "links_of",
    "note_printed",
    "paper_shown",
    "ratings_of",
    "second_looks_of",
    "show_paper",
]

_IDS: Final = listed("ids")
_BODIES: Final = listed("bodies")
_NEWEST_FIRST: Final = (
    col(AttestationRow.assessed_on).desc(),
    col(AttestationRow.issued_at).desc(),
    col(AttestationRow.id),
)
_OF_HOLDER: Final = BOTH.where(col(AttestationRow.holder_id) == bindparam("holder")).order_by(*_NEWEST_FIRST)
_ATTESTED: Final = _OF_HOLDER.where(col(AttestationRow.body).in_(_BODIES))
_SHOWN: Final = (
    select(PaperShownRow.attestation_id)
    .where(
        col(PaperShownRow.attestation_id) == col(AttestationRow.id),
        col(PaperShownRow.body).in_(listed("shown_to")),
    )
    .exists()
)
_ATTESTED_OR_SHOWN: Final = _OF_HOLDER.where(or_(col(AttestationRow.body).in_(_BODIES), _SHOWN))
_CHANGES: Final = (
    select(StatusChangeRow)
    .where(col(StatusChangeRow.attestation_id).in_(_IDS))
    .order_by(col(StatusChangeRow.id))
)
_LINKS: Final = select(LinkRow).where(or_(col(LinkRow.newer_id).in_(_IDS), col(LinkRow.older_id).in_(_IDS)))
_HANDOVERS: Final = select(HandoverRow).where(col(HandoverRow.attestation_id).in_(_IDS))
_RATINGS: Final = (
    select(col(RatingRow.gesture), col(RatingRow.rating), col(WorkshopRow.held_on))
    .join(WorkshopRow, col(WorkshopRow.id) == col(RatingRow.workshop))
    .where(col(RatingRow.holder_id) == bindparam("holder"), col(WorkshopRow.body).in_(_BODIES))
    .order_by(col(WorkshopRow.held_on), col(RatingRow.at))
)


def attested(session: Session, holder_id: str, *, bodies: Collection[str]) -> list[Found]:
    """Return what these bodies attested of a person, the newest first."""
    values = {"holder": holder_id, "bodies": sorted(bodies)}
    return [(row, credential) for row, credential in session.execute(_ATTESTED, values)]


def attested_or_shown(
    session: Session, holder_id: str, *, bodies: Collection[str], shown_to: Collection[str]
) -> list[Found]:
    """Return what these bodies attested of a person, and whatever paper `shown_to` saw; the newest first."""
    values = {"holder": holder_id, "bodies": sorted(bodies), "shown_to": sorted(shown_to)}
    return [(row, credential) for row, credential in session.execute(_ATTESTED_OR_SHOWN, values)]


def found(session: Session, attestation_id: str) -> Found | None:
    """Return one attestation that was not erased."""
    return by_id(session, [attestation_id]).get(attestation_id)


def changes_of(session: Session, attestation_ids: Collection[str]) -> Sequence[StatusChangeRow]:
    """Return the changes of status of these attestations, the oldest first."""
    return session.scalars(_CHANGES, {"ids": list(attestation_ids)}).all()


def change(session: Session, id_: int) -> StatusChangeRow | None:
    """Return one change of status."""
    return session.get(StatusChangeRow, id_)


def links_of(session: Session, attestation_ids: Collection[str]) -> Sequence[LinkRow]:
    """Return the private links from or to these attestations."""
    return session.scalars(_LINKS, {"ids": list(attestation_ids)}).all()


def ratings_of(session: Session, holder_id: str, *, bodies: Collection[str]) -> list[tuple[str, str, date]]:
    """Return (gesture, rating, day) of a person in the workshops of these bodies, the oldest first."""
    found = session.execute(_RATINGS, {"holder": holder_id, "bodies": sorted(bodies)})
    return [(gesture, rating, day) for gesture, rating, day in found]


def second_looks_of(session: Session, holder_id: str, *, bodies: Collection[str]) -> Sequence[SecondLookRow]:
    """Return the second looks that a person asked these bodies for, the newest first."""
    wanted = (col(SecondLookRow.holder_id) == holder_id, col(SecondLookRow.body).in_(bodies))
    return session.scalars(
        select(SecondLookRow)
        .where(*wanted)
        .order_by(col(SecondLookRow.asked_at).desc(), col(SecondLookRow.id))
    ).all()


def handovers(session: Session, attestation_ids: Collection[str]) -> dict[str, HandoverRow]:
    """Return what became of the papers of these attestations, by attestation."""
    rows = session.scalars(_HANDOVERS, {"ids": list(attestation_ids)})
    return {row.attestation_id: row for row in rows}


def note_printed(session: Session, attestation_id: str, *, by: str, at: int) -> None:
    """Note that a paper was printed just now."""
    mine = col(HandoverRow.attestation_id) == attestation_id
    if not row_count(session.execute(update(HandoverRow).where(mine).values(printed_at=at, by=by))):
        insert_rows(session, HandoverRow, [{"attestation_id": attestation_id, "printed_at": at, "by": by}])


def show_paper(session: Session, body: str, attestation_id: str, *, by: str, at: int) -> None:
    """Note that a paper was shown to a body just now."""
    mine = (col(PaperShownRow.body) == body, col(PaperShownRow.attestation_id) == attestation_id)
    session.execute(delete(PaperShownRow).where(*mine))
    row = {"body": body, "attestation_id": attestation_id, "shown_at": at, "shown_by": by}
    insert_rows(session, PaperShownRow, [row])


def paper_shown(session: Session, attestation_id: str, *, bodies: Collection[str]) -> Sequence[PaperShownRow]:
    """Return where a paper was shown, in these bodies, the last one first."""
    mine = (col(PaperShownRow.attestation_id) == attestation_id, col(PaperShownRow.body).in_(bodies))
    wanted = select(PaperShownRow).where(*mine)
    return session.scalars(wanted.order_by(col(PaperShownRow.shown_at).desc())).all()
