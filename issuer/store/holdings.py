"""Everything that the register holds of one person, as rows. Decides nothing but which columns are whose.

Left out are digests and keys that are made from what is given anyway (names, tokens), and what belongs to
staff. A test compares with the tables: a new one that refers to a person must be in here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam
from sqlalchemy.orm import Session
from sqlmodel import col, select

from issuer.store.rows import listed
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
    values = {"holder": holder_id, "bodies": sorted(bodies), "attestations": list(attestation_ids)}
    return Holdings(
        files=_rows(session, _FILES, values),
        records={name: _rows(session, query, values) for name, query in _RECORDS.items()},
    )


def _rows(session: Session, query: Select[Any], values: Mapping[str, Any]) -> Rows:
    return [dict(row) for row in session.execute(query, values).mappings()]


_HOLDER: Final[BindParameter[Any]] = bindparam("holder")
_BODIES: Final = listed("bodies")
_ATTESTATIONS: Final = listed("attestations")


def _columns(table: Any, *names: str) -> Any:
    return select(*(getattr(table, name) for name in names))


def _kept(table: Any, *names: str) -> Any:
    return _columns(table, *names).where(table.holder_id == _HOLDER, table.body.in_(_BODIES))


def _seen(table: Any, *names: str) -> Any:
    return (
        _columns(table, "workshop", *names, "at", "by")
        .join(WorkshopRow, col(WorkshopRow.id) == table.workshop)
        .where(table.holder_id == _HOLDER, col(WorkshopRow.body).in_(_BODIES))
        .order_by(table.at)
    )


def _of_attestations(table: Any, *names: str) -> Any:
    return _columns(table, "attestation_id", *names).where(table.attestation_id.in_(_ATTESTATIONS))


_FILES: Final = _kept(PersonFileRow, "body", "identity", "opened_at", "opened_by")
_RECORDS: Final[Mapping[str, Select[Any]]] = {
    "workshops": _columns(WorkshopRow, "body", "place", "held_on", "title")
    .join(AttendanceRow, col(AttendanceRow.workshop) == col(WorkshopRow.id))
    .where(col(AttendanceRow.holder_id) == _HOLDER, col(WorkshopRow.body).in_(_BODIES))
    .order_by(col(WorkshopRow.held_on)),
    "ratings": _seen(RatingRow, "gesture", "rating"),
    "decisions": _seen(DecisionRow, "competence", "proposed", "level", "why"),
    "changes": _of_attestations(StatusChangeRow, "before", "after", "at", "actor", "reason"),
    "links": _columns(LinkRow, "newer_id", "older_id", "kind", "at").where(
        col(LinkRow.older_id).in_(_ATTESTATIONS)
    ),
    "papers": _of_attestations(HandoverRow, "printed_at", "handed_on", "by"),
    "shown": _of_attestations(PaperShownRow, "body", "shown_at", "shown_by"),
    "mails": _of_attestations(OutgoingMailRow, "address", "queued_at", "sent_at"),
    "second_looks": _kept(SecondLookRow, "body", "asked_at", "noted_by", "taken_by", "closed_at", "outcome"),
    "merged": _columns(HolderRow, "id", "created_at").where(col(HolderRow.merged_into) == _HOLDER),
}
