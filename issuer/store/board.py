"""Queries for counting. They read columns and no name; nothing is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Text, cast
from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import AttestationRow, LinkRow, SnapshotRow

__all__ = ["Counted", "counted", "put_snapshot", "replaced_at", "snapshot"]


class Counted(NamedTuple):
    """One attestation, as far as it is counted. `holder`: an opaque id, to count a person once.

    `levels`: as JSON text; hundreds of thousands say the same few things, and are read once.
    """

    id: str
    holder: str
    body: str
    framework: str
    levels: str
    assessed_on: date


def counted(session: Session) -> Iterator[Counted]:
    """Yield every attestation, ten thousand at a time."""
    columns: tuple[Any, ...] = (
        *(AttestationRow.id, AttestationRow.holder_id, AttestationRow.body, AttestationRow.framework),
        *(cast(col(AttestationRow.levels), Text), AttestationRow.assessed_on),
    )
    wanted = select(*columns)
    with closing(session.execute(wanted.execution_options(yield_per=10_000))) as found:
        for row in found:
            yield Counted(*row)


def replaced_at(session: Session) -> Sequence[int]:
    """Return when an attestation was replaced by one of progress, for each."""
    return session.scalars(select(LinkRow.at).where(col(LinkRow.kind) == "replaces")).all()


def snapshot(session: Session, name: str) -> SnapshotRow | None:
    """Return what was last counted under a name."""
    return session.get(SnapshotRow, name, populate_existing=True)


def put_snapshot(session: Session, name: str, *, data: dict[str, Any], at: int) -> None:
    """Keep what was counted, in place of what was there."""
    this = update(SnapshotRow).where(col(SnapshotRow.name) == name).values(data=data, made_at=at)
    if row_count(session.execute(this)) == 0:
        insert_rows(session, SnapshotRow, [{"name": name, "data": data, "made_at": at}])
