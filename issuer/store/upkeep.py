"""Queries on the one row of upkeep: who does it, until when, how it went. Decide nothing."""

from __future__ import annotations

from typing import Final

from sqlalchemy import or_
from sqlalchemy.orm import Session
from sqlmodel import col, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import UpkeepRow

__all__ = ["leave", "note_failure", "note_success", "state", "take"]

_TASK: Final = "documents"


def state(session: Session) -> UpkeepRow | None:
    """Return the row; None before anybody ever took the work."""
    return session.get(UpkeepRow, _TASK, populate_existing=True)


def take(session: Session, *, holder: str, at: int, seconds: int) -> bool:
    """Let `holder` have the work for `seconds` from `at`; False while another has it."""
    # Further away than anybody takes it for: the clock was put back since.
    free = or_(
        col(UpkeepRow.holder) == holder,
        col(UpkeepRow.until) <= at,
        col(UpkeepRow.until) > at + seconds,
    )
    taken = {"holder": holder, "until": at + seconds}
    wanted = update(UpkeepRow).where(col(UpkeepRow.task) == _TASK, free).values(**taken)
    if row_count(session.execute(wanted)) == 1:
        return True
    if state(session) is not None:
        return False
    insert_rows(session, UpkeepRow, [{"task": _TASK, **taken, "failures": 0, "failure": ""}])
    return True


def leave(session: Session, *, holder: str) -> None:
    """Let another have the work at once, if `holder` has it."""
    mine = (col(UpkeepRow.task) == _TASK, col(UpkeepRow.holder) == holder)
    session.execute(update(UpkeepRow).where(*mine).values(until=0))


def note_success(session: Session, *, at: int) -> None:
    """Keep that all that was due was signed."""
    kept = {"worked_at": at, "failures": 0, "failure": ""}
    session.execute(update(UpkeepRow).where(col(UpkeepRow.task) == _TASK).values(**kept))


def note_failure(session: Session, *, code: str) -> None:
    """Count one more turn that failed; another may try at once (its keys may be open)."""
    kept = {"failures": col(UpkeepRow.failures) + 1, "failure": code, "until": 0}
    session.execute(update(UpkeepRow).where(col(UpkeepRow.task) == _TASK).values(**kept))
