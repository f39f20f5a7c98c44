"""Queries on accounts, roles and sessions. Decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import AccountRow, RoleRow, StaffSessionRow

__all__ = [
    "account",
    "add_account",
    "add_role",
    "add_session",
    "change_session",
    "end_sessions",
    "roles_of",
    "session_by_digest",
    "sessions_of",
]


def account(session: Session, id_: str) -> AccountRow | None:
    """Return one account."""
    return session.get(AccountRow, id_, populate_existing=True)


def add_account(session: Session, id_: str, *, name: str, at: int) -> None:
    """Add an account that can do nothing yet."""
    insert_rows(session, AccountRow, [{"id": id_, "name": name, "created_at": at}])


def add_role(session: Session, account_id: str, *, role: str, body: str | None, at: int) -> None:
    """Give an account a role from now on."""
    insert_rows(session, RoleRow, [{"account": account_id, "role": role, "body": body, "start": at}])


def roles_of(session: Session, account_id: str, *, at: int) -> Sequence[RoleRow]:
    """Return the roles that an account holds at a moment."""
    wanted = select(RoleRow).where(
        col(RoleRow.account) == account_id,
        col(RoleRow.start) <= at,
        or_(col(RoleRow.ends).is_(None), col(RoleRow.ends) > at),
    )
    return session.scalars(wanted.order_by(col(RoleRow.id))).all()


def add_session(session: Session, row: dict[str, Any]) -> None:
    """Add a session."""
    insert_rows(session, StaffSessionRow, [row])


def session_by_digest(session: Session, digest: str) -> StaffSessionRow | None:
    """Return a session by the digest of its cookie."""
    return session.get(StaffSessionRow, digest, populate_existing=True)


def sessions_of(session: Session, account_id: str, *, at: int) -> Sequence[StaffSessionRow]:
    """Return the sessions of an account that have not ended, the one seen last first."""
    wanted = select(StaffSessionRow).where(
        col(StaffSessionRow.account) == account_id,
        col(StaffSessionRow.ended_at).is_(None),
        col(StaffSessionRow.expires_at) > at,
    )
    return session.scalars(wanted.order_by(col(StaffSessionRow.seen_at).desc())).all()


def change_session(session: Session, digest: str, **values: Any) -> bool:
    """Change a session that has not ended; False when it has."""
    open_ = (col(StaffSessionRow.digest) == digest, col(StaffSessionRow.ended_at).is_(None))
    return row_count(session.execute(update(StaffSessionRow).where(*open_).values(**values))) == 1


def end_sessions(session: Session, account_id: str, *, at: int, id_: str | None = None) -> int:
    """End the sessions of an account, or the one that `id_` names; return how many."""
    open_ = [col(StaffSessionRow.account) == account_id, col(StaffSessionRow.ended_at).is_(None)]
    if id_ is not None:
        open_.append(col(StaffSessionRow.id) == id_)
    return row_count(session.execute(update(StaffSessionRow).where(*open_).values(ended_at=at)))
