"""Queries on what is known of a person: attestations, changes, taps, second looks. Decide nothing.

Where a query takes `bodies` it answers nothing outside them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy.orm import Session
from sqlmodel import col, delete, or_, select, update

from issuer.store.attestations import BOTH, Found, by_id
from issuer.store.rows import insert_rows, row_count
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
    "shown",
]


def attested(session: Session, holder_id: str, *, bodies: Collection[str]) -> list[Found]:
    """Return what these bodies attested of a person, the newest first."""
    wanted = BOTH.where(col(AttestationRow.holder_id) == holder_id, col(AttestationRow.body).in_(bodies))
    order = (
        col(AttestationRow.assessed_on).desc(),
        col(AttestationRow.issued_at).desc(),
        col(AttestationRow.id),
    )
    return [(row, credential) for row, credential in session.execute(wanted.order_by(*order))]


def shown(session: Session, holder_id: str, *, bodies: Collection[str]) -> list[Found]:
    """Return what others attested of a person, of which the paper was shown to these bodies."""
    wanted = (
        BOTH.join(PaperShownRow, col(PaperShownRow.attestation_id) == col(AttestationRow.id))
        .where(
            col(AttestationRow.holder_id) == holder_id,
            col(AttestationRow.body).not_in(bodies),
            col(PaperShownRow.body).in_(bodies),
        )
        .order_by(col(AttestationRow.assessed_on).desc(), col(AttestationRow.id))
    )
    papers = {row.id: (row, credential) for row, credential in session.execute(wanted)}
    return list(papers.values())


def found(session: Session, attestation_id: str) -> Found | None:
    """Return one attestation that was not erased."""
    return by_id(session, [attestation_id]).get(attestation_id)


def changes_of(session: Session, attestation_ids: Collection[str]) -> Sequence[StatusChangeRow]:
    """Return the changes of status of these attestations, the oldest first."""
    wanted = select(StatusChangeRow).where(col(StatusChangeRow.attestation_id).in_(attestation_ids))
    return session.scalars(wanted.order_by(col(StatusChangeRow.id))).all()


def change(session: Session, id_: int) -> StatusChangeRow | None:
    """Return one change of status."""
    return session.get(StatusChangeRow, id_)


def links_of(session: Session, attestation_ids: Collection[str]) -> Sequence[LinkRow]:
    """Return the private links from or to these attestations."""
    ends = or_(col(LinkRow.newer_id).in_(attestation_ids), col(LinkRow.older_id).in_(attestation_ids))
    return session.scalars(select(LinkRow).where(ends)).all()


def ratings_of(session: Session, holder_id: str, *, bodies: Collection[str]) -> list[tuple[str, str, date]]:
    """Return (gesture, rating, day) of a person in the workshops of these bodies, the oldest first."""
    wanted = (
        select(col(RatingRow.gesture), col(RatingRow.rating), col(WorkshopRow.held_on))
        .join(WorkshopRow, col(WorkshopRow.id) == col(RatingRow.workshop))
        .where(col(RatingRow.holder_id) == holder_id, col(WorkshopRow.body).in_(bodies))
        .order_by(col(WorkshopRow.held_on), col(RatingRow.at))
    )
    return [(gesture, rating, day) for gesture, rating, day in session.execute(wanted)]


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
    rows = session.scalars(select(HandoverRow).where(col(HandoverRow.attestation_id).in_(attestation_ids)))
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
