"""Moving and deleting what belongs to a person. Decide nothing: every statement names whose it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func
from sqlalchemy.orm import Session
from sqlmodel import col, delete, select, update

from issuer.store.rows import in_parts, insert_rows
from issuer.store.tables import (
    AttendanceRow,
    AttestationRow,
    CredentialRow,
    DecisionRow,
    HandoverRow,
    HolderRow,
    IdempotencyRow,
    NameGramRow,
    OutgoingMailRow,
    PaperShownRow,
    PersonFileRow,
    RatingRow,
    SecondLookRow,
    StatusChangeRow,
    WorkshopRow,
)

__all__ = [
    "attestations_of",
    "delete_looks",
    "delete_papers",
    "delete_workshop_records",
    "drop_answers",
    "drop_file",
    "empty_attestations",
    "empty_holder",
    "files_left",
    "merged_ids",
    "move_attendances",
    "move_attestations",
    "move_files",
    "move_looks",
    "point_to",
    "together_in_workshop",
]


def attestations_of(session: Session, holder_id: str, *, bodies: Collection[str] | None = None) -> list[str]:
    """Return the ids of what was attested of a person and not erased, by these bodies or by any."""
    wanted = [col(AttestationRow.holder_id) == holder_id, col(AttestationRow.erased_at).is_(None)]
    if bodies is not None:
        wanted.append(col(AttestationRow.body).in_(bodies))
    return sorted(session.scalars(select(AttestationRow.id).where(*wanted)))


def together_in_workshop(session: Session, one: str, other: str) -> bool:
    """Tell whether both were in the same workshop, and stayed on its list."""
    first, second = (
        select(AttendanceRow.workshop).where(
            col(AttendanceRow.holder_id) == id_, col(AttendanceRow.left_at).is_(None)
        )
        for id_ in (one, other)
    )
    both = select(func.count()).select_from(
        first.where(col(AttendanceRow.workshop).in_(second.scalar_subquery())).subquery()
    )
    return session.execute(both).scalar_one() > 0


def move_attestations(session: Session, gone: str, keep: str) -> None:
    """Let attestations be of another record."""
    mine = col(AttestationRow.holder_id) == gone
    session.execute(update(AttestationRow).where(mine).values(holder_id=keep))


def move_attendances(session: Session, gone: str, keep: str) -> None:
    """Let what was seen in workshops be of another record; where both were listed, one had been taken off."""
    here = set(session.scalars(select(AttendanceRow.workshop).where(col(AttendanceRow.holder_id) == keep)))
    rows = session.scalars(select(AttendanceRow).where(col(AttendanceRow.holder_id) == gone)).all()
    new = [{**row.model_dump(), "holder_id": keep} for row in rows if row.workshop not in here]
    insert_rows(session, AttendanceRow, new)
    for row in rows:
        mine = (row.workshop, gone)
        if row.workshop in here:
            if row.left_at is None:
                there = (col(AttendanceRow.workshop) == row.workshop, col(AttendanceRow.holder_id) == keep)
                session.execute(
                    update(AttendanceRow).where(*there).values(left_at=None, position=row.position)
                )
            _drop_seen(session, row.workshop, keep if row.left_at is None else gone)
        for table in (RatingRow, DecisionRow):
            whose = (col(table.workshop) == mine[0], col(table.holder_id) == mine[1])
            session.execute(update(table).where(*whose).values(holder_id=keep))
    session.execute(delete(AttendanceRow).where(col(AttendanceRow.holder_id) == gone))


def _drop_seen(session: Session, workshop: str, holder_id: str) -> None:
    for table in (RatingRow, DecisionRow):
        whose = (col(table.workshop) == workshop, col(table.holder_id) == holder_id)
        session.execute(delete(table).where(*whose))


def move_looks(session: Session, gone: str, keep: str) -> None:
    """Let second looks be of another record."""
    mine = col(SecondLookRow.holder_id) == gone
    session.execute(update(SecondLookRow).where(mine).values(holder_id=keep))


def move_files(session: Session, gone: str, keep: str) -> None:
    """Let files be of another record, but where it has one."""
    here = set(session.scalars(select(PersonFileRow.body).where(col(PersonFileRow.holder_id) == keep)))
    rows = session.scalars(select(PersonFileRow).where(col(PersonFileRow.holder_id) == gone)).all()
    new = [{**row.model_dump(), "holder_id": keep} for row in rows if row.body not in here]
    insert_rows(session, PersonFileRow, new)
    session.execute(delete(PersonFileRow).where(col(PersonFileRow.holder_id) == gone))


def point_to(session: Session, gone: str, keep: str) -> None:
    """Empty a record but for where it went; what had been merged into it points there too."""
    empty = {"given_name": "", "family_name": "", "birthdate": None, "email": None}
    session.execute(update(HolderRow).where(col(HolderRow.id) == gone).values(merged_into=keep, **empty))
    session.execute(update(HolderRow).where(col(HolderRow.merged_into) == gone).values(merged_into=keep))


def merged_ids(session: Session, holder_id: str) -> Sequence[str]:
    """Return the ids of the records that were merged into this one."""
    return session.scalars(select(HolderRow.id).where(col(HolderRow.merged_into) == holder_id)).all()


def empty_attestations(session: Session, attestation_ids: Sequence[str], *, at: int) -> None:
    """Erase what says who somebody is from attestations: tokens, keys made from names, reasons."""
    for part in in_parts(attestation_ids):
        session.execute(
            update(AttestationRow)
            .where(col(AttestationRow.id).in_(part))
            .values(erased_at=at, person_key="", source_key=None)
        )
        session.execute(
            update(CredentialRow).where(col(CredentialRow.attestation_id).in_(part)).values(token=b"")
        )
        session.execute(
            update(StatusChangeRow).where(col(StatusChangeRow.attestation_id).in_(part)).values(reason=None)
        )


def delete_papers(session: Session, attestation_ids: Sequence[str]) -> None:
    """Delete what is noted of the papers of attestations: handed over, shown elsewhere, sent by mail."""
    for part in in_parts(attestation_ids):
        for table in (HandoverRow, PaperShownRow, OutgoingMailRow):
            session.execute(delete(table).where(col(table.attestation_id).in_(part)))


def delete_workshop_records(session: Session, holder_id: str, *, bodies: Collection[str]) -> None:
    """Delete that somebody was in the workshops of these bodies, and all that was seen of them there."""
    theirs = select(WorkshopRow.id).where(col(WorkshopRow.body).in_(bodies)).scalar_subquery()
    for table in (RatingRow, DecisionRow, AttendanceRow):
        mine = (col(table.holder_id) == holder_id, col(table.workshop).in_(theirs))
        session.execute(delete(table).where(*mine))


def delete_looks(session: Session, holder_id: str, *, bodies: Collection[str]) -> None:
    """Delete the second looks that somebody asked these bodies for."""
    mine = (col(SecondLookRow.holder_id) == holder_id, col(SecondLookRow.body).in_(bodies))
    session.execute(delete(SecondLookRow).where(*mine))


def drop_file(session: Session, holder_id: str, *, bodies: Collection[str]) -> None:
    """Close the files that these bodies keep of somebody; they find them no more."""
    for table in (PersonFileRow, NameGramRow):
        mine = (col(table.holder_id) == holder_id, col(table.body).in_(bodies))
        session.execute(delete(table).where(*mine))


def files_left(session: Session, holder_id: str) -> int:
    """Return how many bodies keep a file of somebody."""
    wanted = select(func.count()).select_from(PersonFileRow).where(col(PersonFileRow.holder_id) == holder_id)
    return session.execute(wanted).scalar_one()


def empty_holder(session: Session, holder_id: str, *, at: int) -> None:
    """Erase who somebody is; the row stays, for what refers to it."""
    empty = {"given_name": "", "family_name": "", "birthdate": None, "email": None}
    mine = col(HolderRow.id) == holder_id
    session.execute(update(HolderRow).where(mine).values(erased_at=at, **empty))


def drop_answers(session: Session, body: str, codes: Collection[bytes], *, around: Collection[int]) -> None:
    """Delete the answers kept for programs that name one of `codes`, as printed; kept within ten minutes of
    one of the moments `around`."""
    for moment in sorted(set(around)):
        near = col(IdempotencyRow.created_at).between(moment - 600, moment + 600)
        rows = session.scalars(select(IdempotencyRow).where(col(IdempotencyRow.body) == body, near)).all()
        for row in rows:
            if any(code in row.response for code in codes):
                mine = (col(IdempotencyRow.body) == body, col(IdempotencyRow.key) == row.key)
                session.execute(delete(IdempotencyRow).where(*mine))
