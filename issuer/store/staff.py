"""Queries on accounts, roles and sessions. Decide nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, or_
from sqlalchemy.orm import Session
from sqlmodel import col, select, update

from issuer.store.rows import in_parts, insert_rows, row_count
from issuer.store.tables import AccountRow, RoleRow, StaffSessionRow

__all__ = [
    "Held",
    "account",
    "accounts_with",
    "add_account",
    "add_role",
    "add_session",
    "change_session",
    "close_sessions",
    "count_pin_failure",
    "disable_account",
    "end_role",
    "end_sessions",
    "open_accounts",
    "open_names",
    "open_with_roles",
    "roles_of",
    "session_by_digest",
    "session_counts",
    "sessions_of",
    "signed_in",
]

Held = tuple[str, str, str | None, str | None]
"""(account, name, role, body): a role that an open account holds, or None twice where it holds none."""

_HELD: Final = and_(
    col(RoleRow.account) == col(AccountRow.id),
    col(RoleRow.start) <= bindparam("at"),
    or_(col(RoleRow.ends).is_(None), col(RoleRow.ends) > bindparam("at")),
)
_SIGNED_IN: Final = (
    select(StaffSessionRow)
    .add_columns(col(AccountRow.id), col(AccountRow.name), col(RoleRow.role), col(RoleRow.body))
    .join(
        AccountRow,
        and_(col(AccountRow.id) == col(StaffSessionRow.account), col(AccountRow.disabled_at).is_(None)),
        isouter=True,
    )
    .join(RoleRow, _HELD, isouter=True)
    .where(col(StaffSessionRow.digest) == bindparam("digest"))
    .order_by(col(RoleRow.id))
    .execution_options(populate_existing=True)
)


def account(session: Session, id_: str) -> AccountRow | None:
    """Return one account."""
    return session.get(AccountRow, id_, populate_existing=True)


def add_account(session: Session, id_: str, *, name: str, at: int) -> None:
    """Add an account that can do nothing yet."""
    insert_rows(session, AccountRow, [{"id": id_, "name": name, "created_at": at}])


def add_role(session: Session, account_id: str, *, role: str, body: str | None, at: int) -> None:
    """Give an account a role from now on."""
    insert_rows(session, RoleRow, [{"account": account_id, "role": role, "body": body, "start": at}])


def open_names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of those of these accounts that are not closed, by id."""
    found: dict[str, str] = {}
    for part in in_parts(ids):
        open_ = (col(AccountRow.id).in_(part), col(AccountRow.disabled_at).is_(None))
        found |= dict(session.execute(select(AccountRow.id, AccountRow.name).where(*open_)).all())
    return found


def open_with_roles(session: Session, ids: Sequence[str], *, at: int) -> list[Held]:
    """Return each role that accounts hold at a moment, the oldest role first.

    An open account without any role comes once; a closed account not at all.
    """
    found: list[Held] = []
    for part in in_parts(ids):
        wanted = (
            select(col(AccountRow.id), col(AccountRow.name), col(RoleRow.role), col(RoleRow.body))
            .join(RoleRow, _HELD, isouter=True)
            .where(col(AccountRow.id).in_(part), col(AccountRow.disabled_at).is_(None))
            .order_by(col(RoleRow.id))
        )
        found += [(id_, name, role, body) for id_, name, role, body in session.execute(wanted, {"at": at})]
    return found


def roles_of(session: Session, account_id: str, *, at: int) -> Sequence[RoleRow]:
    """Return the roles that an account holds at a moment."""
    wanted = select(RoleRow).where(
        col(RoleRow.account) == account_id,
        col(RoleRow.start) <= at,
        or_(col(RoleRow.ends).is_(None), col(RoleRow.ends) > at),
    )
    return session.scalars(wanted.order_by(col(RoleRow.id))).all()


def open_accounts(session: Session) -> Sequence[str]:
    """Return the accounts that are not closed."""
    return session.scalars(select(AccountRow.id).where(col(AccountRow.disabled_at).is_(None))).all()


def accounts_with(
    session: Session, *, roles: Collection[str], trained_in: Collection[str], at: int
) -> Sequence[str]:
    """Return the accounts that hold one of `roles`, or are trainers in one of the bodies `trained_in`."""
    is_one = or_(
        col(RoleRow.role).in_(roles),
        and_(col(RoleRow.role) == "trainer", col(RoleRow.body).in_(trained_in)),
    )
    held = (col(RoleRow.start) <= at, or_(col(RoleRow.ends).is_(None), col(RoleRow.ends) > at))
    return session.scalars(select(RoleRow.account).where(is_one, *held).distinct()).all()


def end_role(session: Session, account_id: str, *, role: str, body: str | None, at: int) -> None:
    """Let a role end."""
    open_ = (
        col(RoleRow.account) == account_id,
        col(RoleRow.role) == role,
        col(RoleRow.body) == body if body is not None else col(RoleRow.body).is_(None),
        or_(col(RoleRow.ends).is_(None), col(RoleRow.ends) > at),
    )
    session.execute(update(RoleRow).where(*open_).values(ends=at))


def disable_account(session: Session, id_: str, *, at: int) -> None:
    """Close an account."""
    session.execute(update(AccountRow).where(col(AccountRow.id) == id_).values(disabled_at=at))


def add_session(session: Session, row: dict[str, Any]) -> None:
    """Add a session."""
    insert_rows(session, StaffSessionRow, [row])


def session_by_digest(session: Session, digest: str) -> StaffSessionRow | None:
    """Return a session by the digest of its cookie."""
    return session.get(StaffSessionRow, digest, populate_existing=True)


def signed_in(session: Session, digest: str, *, at: int) -> tuple[StaffSessionRow | None, list[Held]]:
    """Return a session by the digest of its cookie, with what its account holds at a moment, in one answer.

    Nothing is held where the account is closed.
    """
    rows = session.execute(_SIGNED_IN, {"digest": digest, "at": at}).all()
    held = [(id_, name, role, body) for _, id_, name, role, body in rows if id_ is not None]
    return (rows[0][0] if rows else None), held


def sessions_of(session: Session, account_id: str, *, at: int) -> Sequence[StaffSessionRow]:
    """Return the sessions of an account that have not ended, the one seen last first."""
    wanted = select(StaffSessionRow).where(
        col(StaffSessionRow.account) == account_id,
        col(StaffSessionRow.ended_at).is_(None),
        col(StaffSessionRow.expires_at) > at,
    )
    return session.scalars(wanted.order_by(col(StaffSessionRow.seen_at).desc())).all()


def session_counts(session: Session, account_ids: Sequence[str], *, at: int) -> dict[str, int]:
    """Return how many sessions of these accounts have not ended, by account; nothing for none."""
    found: dict[str, int] = {}
    for part in in_parts(account_ids):
        wanted = (
            select(StaffSessionRow.account, func.count())
            .where(
                col(StaffSessionRow.account).in_(part),
                col(StaffSessionRow.ended_at).is_(None),
                col(StaffSessionRow.expires_at) > at,
            )
            .group_by(col(StaffSessionRow.account))
        )
        found |= dict(session.execute(wanted).all())
    return found


def change_session(session: Session, digest: str, **values: Any) -> bool:
    """Change a session that has not ended; False when it has."""
    open_ = (col(StaffSessionRow.digest) == digest, col(StaffSessionRow.ended_at).is_(None))
    return row_count(session.execute(update(StaffSessionRow).where(*open_).values(**values))) == 1


def count_pin_failure(session: Session, digest: str, *, most: int) -> bool:
    """Count an attempt at the PIN of an open session; False when there were as many as `most`."""
    open_ = (
        col(StaffSessionRow.digest) == digest,
        col(StaffSessionRow.ended_at).is_(None),
        col(StaffSessionRow.pin_failures) < most,
    )
    counted = update(StaffSessionRow).where(*open_).values(pin_failures=col(StaffSessionRow.pin_failures) + 1)
    return row_count(session.execute(counted)) == 1


def end_sessions(session: Session, account_id: str, *, at: int, id_: str | None = None) -> int:
    """End the sessions of an account, or the one that `id_` names; return how many."""
    open_ = [col(StaffSessionRow.account) == account_id, col(StaffSessionRow.ended_at).is_(None)]
    if id_ is not None:
        open_.append(col(StaffSessionRow.id) == id_)
    return row_count(session.execute(update(StaffSessionRow).where(*open_).values(ended_at=at)))


def close_sessions(session: Session, *, at: int) -> None:
    """End every session whose time is over, at its own end."""
    over = (col(StaffSessionRow.ended_at).is_(None), col(StaffSessionRow.expires_at) <= at)
    session.execute(update(StaffSessionRow).where(*over).values(ended_at=col(StaffSessionRow.expires_at)))
