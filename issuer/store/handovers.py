"""Queries on what became of papers: printed, handed over. Decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import in_parts, insert_rows, row_count
from issuer.store.tables import HandoverRow

__all__ = ["of", "put"]


def of(session: Session, attestation_ids: Sequence[str]) -> dict[str, HandoverRow]:
    """Return what is known of the papers of these attestations, by attestation id."""
    found: dict[str, HandoverRow] = {}
    for part in in_parts(attestation_ids):
        rows = session.scalars(select(HandoverRow).where(col(HandoverRow.attestation_id).in_(part)))
        found.update({row.attestation_id: row for row in rows})
    return found


def put(session: Session, attestation_id: str, *, by: str, **values: Any) -> None:
    """Note what became of the paper of an attestation; what was noted of it otherwise stays."""
    one = col(HandoverRow.attestation_id) == attestation_id
    if row_count(session.execute(update(HandoverRow).where(one).values(by=by, **values))) == 0:
        insert_rows(session, HandoverRow, [{"attestation_id": attestation_id, "by": by, **values}])
