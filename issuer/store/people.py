"""Queries on people, their files and what they are found by. Decide nothing.

Where a query takes `bodies` it answers nothing outside them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import bindparam, func, insert, literal, text
from sqlalchemy.orm import Session
from sqlmodel import col, delete, select, update

from issuer.store.rows import in_parts, listed, row_count
from issuer.store.tables import (
    AttendanceRow,
    AttestationRow,
    HolderRow,
    NameGramRow,
    PaperShownRow,
    PersonFileRow,
    WorkshopRow,
)

__all__ = [
    "Named",
    "candidates",
    "change_file",
    "change_holder",
    "drop_keys",
    "files_of",
    "forget_shown",
    "hand_over",
    "holder",
    "holder_with_files",
    "holders",
    "key_counts",
    "last_seen",
    "living_with_file",
    "not_seen_since",
    "with_file",
]


class Named(NamedTuple):
    """Who somebody is, as far as a search looks."""

    id: str
    given_name: str
    family_name: str
    birthdate: date | None


_MOST_KEYS: Final = (
    select(col(NameGramRow.holder_id).label("id"))
    .where(col(NameGramRow.body).in_(listed("bodies")), col(NameGramRow.gram).in_(listed("keys")))
    .group_by(col(NameGramRow.holder_id))
    .order_by(func.count().desc(), col(NameGramRow.holder_id))
    .limit(bindparam("most"))
    .subquery()
)
_CANDIDATES: Final = select(
    col(HolderRow.id), col(HolderRow.given_name), col(HolderRow.family_name), col(HolderRow.birthdate)
).join(_MOST_KEYS, _MOST_KEYS.c.id == col(HolderRow.id))
_ASSESSED: Final = (
    select(col(AttestationRow.holder_id), func.max(col(AttestationRow.assessed_on)))
    .where(
        col(AttestationRow.holder_id).in_(listed("holders")),
        col(AttestationRow.body).in_(listed("bodies")),
    )
    .group_by(col(AttestationRow.holder_id))
)
_ATTENDED: Final = (
    select(col(AttendanceRow.holder_id), func.max(col(WorkshopRow.held_on)))
    .join(WorkshopRow, col(WorkshopRow.id) == col(AttendanceRow.workshop))
    .where(
        col(AttendanceRow.holder_id).in_(listed("holders")),
        col(AttendanceRow.left_at).is_(None),
        col(WorkshopRow.body).in_(listed("bodies")),
    )
    .group_by(col(AttendanceRow.holder_id))
)
_HOLDER_WITH_FILES: Final = (
    select(HolderRow, PersonFileRow)
    .join(PersonFileRow, col(PersonFileRow.holder_id) == col(HolderRow.id), isouter=True)
    .where(col(HolderRow.id) == bindparam("holder"))
    .execution_options(populate_existing=True)
)
_COUNTED: Final = (
    "WITH asked (gram) AS (VALUES {keys})"
    " SELECT gram, (SELECT count(*) FROM (SELECT 1 FROM name_gram"
    " WHERE body IN ({scope}) AND gram = asked.gram LIMIT :most) AS found) FROM asked"
)
"""`key_counts`; nothing but names of values is put into it."""


def key_counts(
    session: Session, keys: Collection[str], *, bodies: Collection[str], most: int
) -> dict[str, int]:
    """Return how many people each key finds, counted up to `most`; keys that find nobody are left out."""
    ordered = sorted(keys)
    if not ordered or not bodies:
        return {}
    # Written out: putting forty of these together takes SQLAlchemy longer than the database to answer.
    values: dict[str, object] = {f"body{number}": body for number, body in enumerate(sorted(bodies))}
    scope = ", ".join(f":{name}" for name in values)
    asked = {f"key{number}": key for number, key in enumerate(ordered)}
    wanted = _COUNTED.format(keys=", ".join(f"(:{name})" for name in asked), scope=scope)
    counted = session.execute(text(wanted), {**values, **asked, "most": most})
    return {key: count for key, count in counted if count}


def hand_over(session: Session, body: str, successor: str) -> None:
    """Let another body know whoever a body knows; whom it knows already stays as it is there."""
    for table, others in ((PersonFileRow, ("identity", "opened_at", "opened_by")), (NameGramRow, ("gram",))):
        known = select(col(table.holder_id)).where(col(table.body) == successor)
        own = select(
            col(table.holder_id), literal(successor), *(getattr(table, name) for name in others)
        ).where(col(table.body) == body, col(table.holder_id).not_in(known))
        session.execute(insert(table).from_select(["holder_id", "body", *others], own))


def candidates(
    session: Session, keys: Collection[str], *, bodies: Collection[str], limit: int
) -> list[Named]:
    """Return whoever shares most keys, at most `limit` people, in no order."""
    if not keys:
        return []
    values = {"bodies": sorted(bodies), "keys": list(keys), "most": limit}
    return [Named(*row) for row in session.execute(_CANDIDATES, values)]


def holder(session: Session, id_: str) -> HolderRow | None:
    """Return one person."""
    return session.get(HolderRow, id_, populate_existing=True)


def holder_with_files(session: Session, id_: str) -> tuple[HolderRow | None, list[PersonFileRow]]:
    """Return one person with the files that bodies keep of them, in whatever body, by body."""
    rows = session.execute(_HOLDER_WITH_FILES, {"holder": id_}).all()
    files = [file for _, file in rows if file is not None]
    return (rows[0][0] if rows else None), sorted(files, key=lambda file: file.body)


def holders(session: Session, ids: Sequence[str]) -> dict[str, HolderRow]:
    """Return these people, by id; unknown ids are left out."""
    found: dict[str, HolderRow] = {}
    for part in in_parts(ids):
        rows = session.scalars(select(HolderRow).where(col(HolderRow.id).in_(part)))
        found.update({row.id: row for row in rows})
    return found


def last_seen(session: Session, ids: Sequence[str], *, bodies: Collection[str]) -> Mapping[str, date]:
    """Return when these bodies last assessed each person, or had them in a workshop; by id."""
    seen: dict[str, date] = {}
    for query in (_ASSESSED, _ATTENDED):
        for id_, day in session.execute(query, {"holders": list(ids), "bodies": sorted(bodies)}):
            seen[id_] = max(seen.get(id_, day), day)
    return seen


def not_seen_since(session: Session, day: date, *, opened_before: int) -> list[str]:
    """Return whoever was neither assessed nor in a workshop on `day` or later, and whose row is older."""
    assessed = select(AttestationRow.holder_id).where(
        col(AttestationRow.holder_id) == col(HolderRow.id), col(AttestationRow.assessed_on) >= day
    )
    attended = (
        select(AttendanceRow.holder_id)
        .join(WorkshopRow, col(WorkshopRow.id) == col(AttendanceRow.workshop))
        .where(col(AttendanceRow.holder_id) == col(HolderRow.id), col(WorkshopRow.held_on) >= day)
    )
    wanted = select(HolderRow.id).where(
        col(HolderRow.erased_at).is_(None),
        col(HolderRow.merged_into).is_(None),
        col(HolderRow.created_at) < opened_before,
        ~assessed.exists(),
        ~attended.exists(),
    )
    return sorted(session.scalars(wanted))


def files_of(session: Session, holder_id: str) -> Sequence[PersonFileRow]:
    """Return the files of a person, in whatever body, by body."""
    rows = session.scalars(select(PersonFileRow).where(col(PersonFileRow.holder_id) == holder_id))
    return sorted(rows, key=lambda row: row.body)


def with_file(session: Session, ids: Sequence[str], *, bodies: Collection[str]) -> set[str]:
    """Return those of `ids` that have a file in one of `bodies`."""
    found: set[str] = set()
    for part in in_parts(ids):
        wanted = (col(PersonFileRow.holder_id).in_(part), col(PersonFileRow.body).in_(bodies))
        found.update(session.scalars(select(PersonFileRow.holder_id).where(*wanted)))
    return found


def living_with_file(session: Session, ids: Sequence[str], *, body: str) -> set[str]:
    """Return those of `ids` that have a file in `body` and were neither merged into another nor erased."""
    found: set[str] = set()
    for part in in_parts(ids):
        wanted = (
            select(HolderRow.id)
            .join(PersonFileRow, col(PersonFileRow.holder_id) == col(HolderRow.id))
            .where(
                col(HolderRow.id).in_(part),
                col(PersonFileRow.body) == body,
                col(HolderRow.merged_into).is_(None),
                col(HolderRow.erased_at).is_(None),
            )
        )
        found.update(session.scalars(wanted))
    return found


def forget_shown(session: Session, holder_id: str, *, bodies: Collection[str]) -> None:
    """Forget that papers of somebody were shown to these bodies."""
    theirs = select(AttestationRow.id).where(col(AttestationRow.holder_id) == holder_id).scalar_subquery()
    mine = (col(PaperShownRow.body).in_(bodies), col(PaperShownRow.attestation_id).in_(theirs))
    session.execute(delete(PaperShownRow).where(*mine))


def change_file(session: Session, holder_id: str, body: str, **values: object) -> None:
    """Change the file that a body keeps."""
    mine = (col(PersonFileRow.holder_id) == holder_id, col(PersonFileRow.body) == body)
    session.execute(update(PersonFileRow).where(*mine).values(**values))


def change_holder(session: Session, id_: str, **values: object) -> bool:
    """Change a person; tell whether there is one."""
    return row_count(session.execute(update(HolderRow).where(col(HolderRow.id) == id_).values(**values))) == 1


def drop_keys(session: Session, holder_id: str) -> None:
    """Let a person no longer be found by name."""
    session.execute(delete(NameGramRow).where(col(NameGramRow.holder_id) == holder_id))
