"""Queries on the ways to come in: passwords, codes, passkeys, identities of providers. Decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session
from sqlmodel import col, delete, or_, select, update

from issuer.store.rows import insert_rows, row_count
from issuer.store.tables import AccountRow, FederatedIdentityRow, PasskeyRow, RecoveryCodeRow

__all__ = [
    "account_by_identity",
    "account_by_sign_in_name",
    "add_codes",
    "add_identity",
    "add_passkey",
    "change_account",
    "codes_left",
    "drop_unused_codes",
    "drop_ways",
    "identities_of",
    "passkey",
    "passkeys_of",
    "revoke_passkey",
    "take_totp_step",
    "use_code",
    "use_passkey",
]


def account_by_sign_in_name(session: Session, name: str) -> AccountRow | None:
    """Return the account that signs in under a name."""
    return session.scalars(select(AccountRow).where(col(AccountRow.sign_in_name) == name)).first()


def change_account(session: Session, account: str, **values: Any) -> None:
    """Change columns of an account."""
    session.execute(update(AccountRow).where(col(AccountRow.id) == account).values(**values))


def take_totp_step(session: Session, account: str, step: int) -> bool:
    """Note that the code of a time step was taken; False when it or a later one was taken before."""
    later = or_(col(AccountRow.totp_step).is_(None), col(AccountRow.totp_step) < step)
    taken = update(AccountRow).where(col(AccountRow.id) == account, later).values(totp_step=step)
    return row_count(session.execute(taken)) == 1


def add_codes(session: Session, account: str, digests: Sequence[str], *, at: int) -> None:
    """Add printed one-time codes."""
    rows = [{"digest": digest, "account": account, "created_at": at} for digest in digests]
    insert_rows(session, RecoveryCodeRow, rows)


def drop_unused_codes(session: Session, account: str) -> None:
    """Take away the codes of an account that were not used."""
    unused = (col(RecoveryCodeRow.account) == account, col(RecoveryCodeRow.used_at).is_(None))
    session.execute(delete(RecoveryCodeRow).where(*unused))


def use_code(session: Session, account: str, digest: str, *, at: int) -> bool:
    """Use up a code of an account; False when it has no such code, or it was used."""
    unused = (
        col(RecoveryCodeRow.digest) == digest,
        col(RecoveryCodeRow.account) == account,
        col(RecoveryCodeRow.used_at).is_(None),
    )
    return row_count(session.execute(update(RecoveryCodeRow).where(*unused).values(used_at=at))) == 1


def codes_left(session: Session, account: str) -> int:
    """Return how many codes an account still has."""
    unused = (col(RecoveryCodeRow.account) == account, col(RecoveryCodeRow.used_at).is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCodeRow).where(*unused)) or 0


def add_passkey(session: Session, row: dict[str, Any]) -> None:
    """Add a passkey."""
    insert_rows(session, PasskeyRow, [row])


def passkey(session: Session, credential_id: bytes) -> PasskeyRow | None:
    """Return a passkey by its credential id, a revoked one too."""
    return session.get(PasskeyRow, credential_id, populate_existing=True)


def passkeys_of(session: Session, account: str) -> Sequence[PasskeyRow]:
    """Return the passkeys of an account that are not revoked, the oldest first."""
    live = (col(PasskeyRow.account) == account, col(PasskeyRow.revoked_at).is_(None))
    wanted = select(PasskeyRow).where(*live).order_by(col(PasskeyRow.created_at), col(PasskeyRow.label))
    return session.scalars(wanted).all()


def use_passkey(session: Session, credential_id: bytes, *, was: int, **values: Any) -> bool:
    """Note a use; `was`: the counter that it was checked against. False when another use came between."""
    live = (
        col(PasskeyRow.credential_id) == credential_id,
        col(PasskeyRow.revoked_at).is_(None),
        col(PasskeyRow.sign_count) == was,
    )
    return row_count(session.execute(update(PasskeyRow).where(*live).values(**values))) == 1


def revoke_passkey(session: Session, account: str, credential_id: bytes, *, at: int) -> bool:
    """Revoke a passkey of an account; False when it has no such one."""
    live = (
        col(PasskeyRow.credential_id) == credential_id,
        col(PasskeyRow.account) == account,
        col(PasskeyRow.revoked_at).is_(None),
    )
    return row_count(session.execute(update(PasskeyRow).where(*live).values(revoked_at=at))) == 1


def add_identity(session: Session, account: str, *, issuer: str, subject: str, at: int) -> None:
    """Add how a provider names somebody."""
    row = {"issuer": issuer, "subject": subject, "account": account, "created_at": at}
    insert_rows(session, FederatedIdentityRow, [row])


def account_by_identity(session: Session, issuer: str, subject: str) -> str | None:
    """Return the account of somebody as a provider names them."""
    found = session.get(FederatedIdentityRow, (issuer, subject), populate_existing=True)
    return None if found is None else found.account


def identities_of(session: Session, account: str) -> Sequence[FederatedIdentityRow]:
    """Return how providers name an account."""
    wanted = select(FederatedIdentityRow).where(col(FederatedIdentityRow.account) == account)
    return session.scalars(wanted.order_by(col(FederatedIdentityRow.issuer))).all()


def drop_ways(session: Session, account: str, *, at: int) -> None:
    """Take every way in from an account."""
    change_account(session, account, sign_in_name=None, password=None, totp_seed=None)
    drop_unused_codes(session, account)
    live = (col(PasskeyRow.account) == account, col(PasskeyRow.revoked_at).is_(None))
    session.execute(update(PasskeyRow).where(*live).values(revoked_at=at))
    session.execute(delete(FederatedIdentityRow).where(col(FederatedIdentityRow.account) == account))
