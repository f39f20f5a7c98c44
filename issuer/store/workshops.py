"""Queries on workshops: who was there, what was seen, what was decided. Decide nothing.

Where a query takes `bodies` it answers nothing outside them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, func
from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import in_parts, insert_rows, listed, row_count
from issuer.store.tables import (
    AttendanceRow,
    DecisionRow,
    HolderRow,
    RatingRow,
    WorkshopRow,
)

__all__ = [
    "add_attendance",
    "add_workshop",
    "attach_decisions",
    "attendance",
    "attending",
    "change_attendance",
    "change_workshop",
    "count_undone",
    "decisions",
    "detach_decisions",
    "earlier_ratings",
    "last_position",
    "latest",
    "put_decisions",
    "put_rating",
    "ratings",
    "workshop",
    "workshops",
]

_NEW: Final = {"populate_existing": True}
_ATTENDING: Final = (
    select(AttendanceRow, HolderRow)
    .join(HolderRow, col(HolderRow.id) == col(AttendanceRow.holder_id))
    .where(
        col(AttendanceRow.workshop) == bindparam("workshop"),
        col(AttendanceRow.left_at).is_(None),
        col(HolderRow.erased_at).is_(None),
    )
    .order_by(col(AttendanceRow.position), col(AttendanceRow.holder_id))
    .execution_options(**_NEW)
)
_RATINGS: Final = (
    select(RatingRow).where(col(RatingRow.workshop) == bindparam("workshop")).execution_options(**_NEW)
)
_EARLIER_RATINGS: Final = (
    select(RatingRow.holder_id, RatingRow.gesture, RatingRow.rating)
    .join(WorkshopRow, col(WorkshopRow.id) == col(RatingRow.workshop))
    .join(
        AttendanceRow,
        (col(AttendanceRow.workshop) == col(RatingRow.workshop))
        & (col(AttendanceRow.holder_id) == col(RatingRow.holder_id)),
    )
    .where(
        col(RatingRow.holder_id).in_(listed("holders")),
        col(RatingRow.rating) != "",
        col(AttendanceRow.left_at).is_(None),
        col(WorkshopRow.body) == bindparam("body"),
        col(WorkshopRow.framework) == bindparam("framework"),
        col(WorkshopRow.held_on) <= bindparam("until"),
        col(WorkshopRow.id) != bindparam("but"),
    )
    .order_by(col(WorkshopRow.held_on), col(WorkshopRow.created_at), col(RatingRow.at))
)
_DECISIONS: Final = (
    select(DecisionRow).where(col(DecisionRow.workshop) == bindparam("workshop")).execution_options(**_NEW)
)


def add_workshop(session: Session, row: Mapping[str, Any]) -> None:
    """Add a workshop."""
    insert_rows(session, WorkshopRow, [row])


def workshop(session: Session, id_: str, *, bodies: Collection[str]) -> WorkshopRow | None:
    """Return one workshop of these bodies."""
    row = session.get(WorkshopRow, id_, populate_existing=True)
    return row if row is not None and row.body in bodies else None


def workshops(session: Session, *, bodies: Collection[str], limit: int) -> list[tuple[WorkshopRow, int]]:
    """Return the workshops of these bodies, the newest first, each with how many people were there."""
    there = (
        select(func.count())
        .where(col(AttendanceRow.workshop) == col(WorkshopRow.id), col(AttendanceRow.left_at).is_(None))
        .correlate(WorkshopRow)
        .scalar_subquery()
    )
    wanted = select(WorkshopRow, there).where(col(WorkshopRow.body).in_(bodies)).order_by(*_newest_first())
    return [(row, count) for row, count in session.execute(wanted.limit(limit))]


def latest(session: Session, *, bodies: Collection[str], before: str) -> WorkshopRow | None:
    """Return the newest workshop of these bodies that is not `before` and had anybody in it."""
    somebody = select(AttendanceRow.workshop).where(col(AttendanceRow.left_at).is_(None))
    wanted = select(WorkshopRow).where(
        col(WorkshopRow.body).in_(bodies),
        col(WorkshopRow.id) != before,
        col(WorkshopRow.id).in_(somebody),
    )
    return session.scalars(wanted.order_by(*_newest_first()).limit(1)).first()


def _newest_first() -> tuple[Any, ...]:
    return col(WorkshopRow.held_on).desc(), col(WorkshopRow.created_at).desc(), col(WorkshopRow.id)


def change_workshop(session: Session, id_: str, **values: Any) -> None:
    """Change a workshop."""
    session.execute(update(WorkshopRow).where(col(WorkshopRow.id) == id_).values(**values))


def attending(session: Session, workshop_id: str) -> list[tuple[AttendanceRow, HolderRow]]:
    """Return who is on the list, in its order."""
    return [(row, holder) for row, holder in session.execute(_ATTENDING, {"workshop": workshop_id})]


def attendance(session: Session, workshop_id: str, holder_id: str) -> AttendanceRow | None:
    """Return whether and how somebody is, or was, on the list."""
    return session.get(AttendanceRow, (workshop_id, holder_id), populate_existing=True)


def last_position(session: Session, workshop_id: str) -> int:
    """Return the highest number on the list, 0 on an empty one."""
    highest = select(func.max(AttendanceRow.position)).where(col(AttendanceRow.workshop) == workshop_id)
    return session.scalar(highest) or 0


def add_attendance(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put people on the list."""
    insert_rows(session, AttendanceRow, rows)


def change_attendance(session: Session, workshop_id: str, holder_id: str, **values: Any) -> None:
    """Change a line of the list."""
    one = (col(AttendanceRow.workshop) == workshop_id, col(AttendanceRow.holder_id) == holder_id)
    session.execute(update(AttendanceRow).where(*one).values(**values))


def count_undone(session: Session, workshop_id: str, holder_ids: Sequence[str]) -> None:
    """Count once more that what was issued for these people was taken back."""
    these = (col(AttendanceRow.workshop) == workshop_id, col(AttendanceRow.holder_id).in_(holder_ids))
    session.execute(update(AttendanceRow).where(*these).values(undone=col(AttendanceRow.undone) + 1))


def ratings(session: Session, workshop_id: str) -> Sequence[RatingRow]:
    """Return every rating of a workshop."""
    return session.scalars(_RATINGS, {"workshop": workshop_id}).all()


def put_rating(session: Session, row: Mapping[str, Any], *, revision: int) -> bool:
    """Write one rating over the one of `revision` (0: there is none); False when another was there."""
    if revision == 0:
        insert_rows(session, RatingRow, [{**row, "revision": 1}])
        return True
    one = (
        col(RatingRow.workshop) == row["workshop"],
        col(RatingRow.holder_id) == row["holder_id"],
        col(RatingRow.gesture) == row["gesture"],
        col(RatingRow.revision) == revision,
    )
    changed = {"rating": row["rating"], "by": row["by"], "at": row["at"], "revision": revision + 1}
    return row_count(session.execute(update(RatingRow).where(*one).values(**changed))) == 1


def earlier_ratings(
    session: Session, holder_ids: Sequence[str], *, body: str, framework: str, until: date, but: str
) -> list[tuple[str, str, str]]:
    """Return (holder, gesture, rating) of a body's other workshops held until a day, the oldest first."""
    values = {"body": body, "framework": framework, "until": until, "but": but}
    found: list[tuple[str, str, str]] = []
    for part in in_parts(holder_ids):
        rows = session.execute(_EARLIER_RATINGS, {**values, "holders": part})
        found += [(holder, gesture, rating) for holder, gesture, rating in rows]
    return found


def decisions(session: Session, workshop_id: str) -> Sequence[DecisionRow]:
    """Return every decision of a workshop."""
    return session.scalars(_DECISIONS, {"workshop": workshop_id}).all()


def put_decisions(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write decisions, over those that are there for the same person and competence."""
    new = []
    for row in rows:
        one = (
            col(DecisionRow.workshop) == row["workshop"],
            col(DecisionRow.holder_id) == row["holder_id"],
            col(DecisionRow.competence) == row["competence"],
        )
        if row_count(session.execute(update(DecisionRow).where(*one).values(**row))) == 0:
            new.append(row)
    insert_rows(session, DecisionRow, new)


def attach_decisions(
    session: Session, workshop_id: str, holder_id: str, competences: Sequence[str], *, attestation_id: str
) -> None:
    """Name the attestation that was made of some decisions."""
    these = (
        col(DecisionRow.workshop) == workshop_id,
        col(DecisionRow.holder_id) == holder_id,
        col(DecisionRow.competence).in_(competences),
    )
    session.execute(update(DecisionRow).where(*these).values(attestation_id=attestation_id))


def detach_decisions(session: Session, workshop_id: str, attestation_ids: Sequence[str]) -> None:
    """Let decisions stand without the attestations that were made of them."""
    these = (col(DecisionRow.workshop) == workshop_id, col(DecisionRow.attestation_id).in_(attestation_ids))
    session.execute(update(DecisionRow).where(*these).values(attestation_id=None))
