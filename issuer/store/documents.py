"""Queries on signed public documents. Decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session
from sqlmodel import col, func, select, update

from issuer.store.rows import digest_of, insert_rows
from issuer.store.tables import PublicDocumentRow

__all__ = [
    "NOW",
    "TRUST",
    "digest",
    "document",
    "latest_list",
    "newest_version",
    "put_new",
    "put_now",
    "trust_versions",
]

NOW = "now"
TRUST = "trust/"

_LATEST_LIST: Final = (
    select(PublicDocumentRow)
    .where(col(PublicDocumentRow.name).startswith(TRUST))
    .order_by(col(PublicDocumentRow.version).desc())
    .limit(1)
)


def document(session: Session, name: str) -> PublicDocumentRow | None:
    """Return one document: ``now`` or ``trust/N``."""
    return session.get(PublicDocumentRow, name, populate_existing=True)


def digest(session: Session, name: str) -> bytes | None:
    """Return the SHA-256 of a document's bytes, from PostgreSQL alone (`rows.digest_of`)."""
    hashed = digest_of(session, col(PublicDocumentRow.data))
    found: bytes | None = session.scalar(select(hashed).where(col(PublicDocumentRow.name) == name))
    return found


def newest_version(session: Session) -> int | None:
    """Return the newest version of the trust list."""
    of_list = col(PublicDocumentRow.name).startswith(TRUST)
    return session.scalar(select(func.max(PublicDocumentRow.version)).where(of_list))


def trust_versions(session: Session) -> Sequence[int]:
    """Return the published versions of the trust list, in order."""
    of_list = col(PublicDocumentRow.name).startswith(TRUST)
    wanted = select(PublicDocumentRow.version).where(of_list).order_by(col(PublicDocumentRow.version))
    return session.scalars(wanted).all()


def latest_list(session: Session) -> PublicDocumentRow | None:
    """Return the newest version of the trust list."""
    return session.scalars(_LATEST_LIST).first()


def put_new(session: Session, *, version: int, data: bytes, made_at: int) -> None:
    """Keep a new version of the trust list; a version is never overwritten (its name is the key)."""
    row = {"name": f"{TRUST}{version}", "version": version, "data": data, "made_at": made_at}
    insert_rows(session, PublicDocumentRow, [row])


def put_now(session: Session, *, version: int, data: bytes, made_at: int) -> None:
    """Keep the newest `now` in place of the last; `version` is that of the list it names."""
    row = {"version": version, "data": data, "made_at": made_at}
    if document(session, NOW) is None:
        insert_rows(session, PublicDocumentRow, [{"name": NOW, **row}])
    else:
        session.execute(update(PublicDocumentRow).where(col(PublicDocumentRow.name) == NOW).values(**row))
