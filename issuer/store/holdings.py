"""Everything that the register holds of one person, as rows. Decides nothing but which columns are whose.

Left out are digests and keys that are made from what is given anyway (names, tokens), and what belongs to
staff. A test compares with the tables: a new one that refers to a person must be in here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session
from sqlmodel import col, select

from issuer.store.tables import (
    AttendanceRow,
    DecisionRow,
    HandoverRow,
    HolderRow,
    LinkRow,
    OutgoingMailRow,
    PaperShownRow,
    PersonFileRow,
    RatingRow,
    SecondLookRow,
    StatusChangeRow,
    WorkshopRow,
)

__all__ = ["Holdings", "of_person"]

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held. `files`: how each body knows the person; `records`: the rest, by name."""

    files: Rows
    records: Mapping[str, Rows]


def of_person(
    session: Session, holder_id: str, attestation_ids: Sequence[str], *, bodies: Collection[str]
) -> Holdings:
    """Return what these bodies hold of a person, whose attestations of theirs are given."""
    files = _columns(PersonFileRow, "body", "identity", "opened_at", "opened_by").where(
        col(PersonFileRow.holder_id) == holder_id, col(PersonFileRow.body).in_(bodies)
    )
    attended = col(AttendanceRow.workshop) == col(WorkshopRow.id)
    workshops = (
        _columns(WorkshopRow, "body", "place", "held_on", "title")
        .join(AttendanceRow, attended)
        .where(col(AttendanceRow.holder_id) == holder_id, col(WorkshopRow.body).in_(bodies))
        .order_by(col(WorkshopRow.held_on))
    )
    return Holdings(
        files=_rows(session, files),
        records={
            "workshops": _rows(session, workshops),
            "ratings": _rows(session, _seen(RatingRow, holder_id, bodies, "gesture", "rating")),
            "decisions": _rows(
                session, _seen(DecisionRow, holder_id, bodies, "competence", "proposed", "level", "why")
            ),
            "changes": _rows(
                session,
                _of_attestations(
                    StatusChangeRow, attestation_ids, "before", "after", "at", "actor", "reason"
                ),
            ),
            "links": _rows(session, _links(attestation_ids)),
            "papers": _rows(
                session, _of_attestations(HandoverRow, attestation_ids, "printed_at", "handed_on", "by")
            ),
            "shown": _rows(
                session, _of_attestations(PaperShownRow, attestation_ids, "body", "shown_at", "shown_by")
            ),
            "mails": _rows(
                session,
                _of_attestations(OutgoingMailRow, attestation_ids, "address", "queued_at", "sent_at"),
            ),
            "second_looks": _rows(session, _looks(holder_id, bodies)),
            "merged": _rows(
                session,
                _columns(HolderRow, "id", "created_at").where(col(HolderRow.merged_into) == holder_id),
            ),
        },
    )


def _rows(session: Session, query: Select[Any]) -> Rows:
    return [dict(row) for row in session.execute(query).mappings()]


def _columns(table: Any, *names: str) -> Any:
    return select(*(getattr(table, name) for name in names))


def _seen(table: Any, holder_id: str, bodies: Collection[str], *names: str) -> Any:
    return (
        _columns(table, "workshop", *names, "at", "by")
        .join(WorkshopRow, col(WorkshopRow.id) == table.workshop)
        .where(table.holder_id == holder_id, col(WorkshopRow.body).in_(bodies))
        .order_by(table.at)
    )


def _of_attestations(table: Any, attestation_ids: Sequence[str], *names: str) -> Any:
    return _columns(table, "attestation_id", *names).where(table.attestation_id.in_(attestation_ids))


def _links(attestation_ids: Sequence[str]) -> Any:
    wanted = _columns(LinkRow, "newer_id", "older_id", "kind", "at")
    return wanted.where(col(LinkRow.older_id).in_(attestation_ids))


def _looks(holder_id: str, bodies: Collection[str]) -> Any:
    wanted = _columns(SecondLookRow, "body", "asked_at", "noted_by", "taken_by", "closed_at", "outcome")
    return wanted.where(col(SecondLookRow.holder_id) == holder_id, col(SecondLookRow.body).in_(bodies))
