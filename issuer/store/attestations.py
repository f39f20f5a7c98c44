"""Queries on attestations and their credentials. Decide nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from sqlmodel import col, delete, select

from issuer.store.rows import in_parts, listed
from issuer.store.tables import AttestationRow, CredentialRow, LinkRow, StatusChangeRow

__all__ = [
    "BOTH",
    "QR_FORM",
    "Found",
    "by_code",
    "by_entry",
    "by_id",
    "by_source",
    "codes_taken",
    "every_credential",
    "last_changes",
    "member_digests",
    "of_holders",
    "of_people",
    "replaced_by",
    "replacements",
    "tokens_of",
    "unlink",
]

QR_FORM: Final = "qr"

Found = tuple[AttestationRow, CredentialRow]
"""An attestation with its QR token."""

_EVERY: Final = select(AttestationRow, CredentialRow).join(
    CredentialRow, col(CredentialRow.attestation_id) == col(AttestationRow.id)
)
BOTH: Final = _EVERY.where(col(CredentialRow.form) == QR_FORM, col(AttestationRow.erased_at).is_(None))
"""Every attestation that was not erased, with its QR token: a statement to narrow down."""

_BY_ID: Final = BOTH.where(col(AttestationRow.id).in_(listed("ids")))
_OF_HOLDERS: Final = BOTH.where(
    col(AttestationRow.body) == bindparam("body"),
    col(AttestationRow.framework) == bindparam("framework"),
    col(AttestationRow.holder_id).in_(listed("holders")),
).order_by(col(AttestationRow.issued_at))
_TOKENS: Final = select(CredentialRow.attestation_id, CredentialRow.form, CredentialRow.token).where(
    col(CredentialRow.attestation_id).in_(listed("ids"))
)


def by_code(session: Session, codes: Sequence[str]) -> dict[str, Found]:
    """Return what these codes name; unknown codes are left out."""
    found: dict[str, Found] = {}
    for part in in_parts(codes):
        rows = session.execute(BOTH.where(col(AttestationRow.code).in_(part)))
        found.update({a.code: (a, c) for a, c in rows})
    return found


def by_entry(session: Session, list_id: str, position: int) -> Found | None:
    """Return what has this entry of a status list."""
    wanted = (col(CredentialRow.list_id) == list_id, col(CredentialRow.position) == position)
    rows = session.execute(BOTH.where(*wanted)).all()
    return (rows[0][0], rows[0][1]) if rows else None


def by_source(session: Session, body: str, source_keys: Sequence[str]) -> dict[str, Found]:
    """Return what a body already made from these sources."""
    found: dict[str, Found] = {}
    for part in in_parts(source_keys):
        wanted = (col(AttestationRow.body) == body, col(AttestationRow.source_key).in_(part))
        found.update({a.source_key or "": (a, c) for a, c in session.execute(BOTH.where(*wanted))})
    return found


def of_people(session: Session, body: str, person_keys: Sequence[str]) -> list[Found]:
    """Return everything a body attested of these people."""
    found: list[Found] = []
    for part in in_parts(person_keys):
        wanted = (col(AttestationRow.body) == body, col(AttestationRow.person_key).in_(part))
        found += [(a, c) for a, c in session.execute(BOTH.where(*wanted))]
    return found


def of_holders(session: Session, body: str, holder_ids: Sequence[str], *, framework: str) -> list[Found]:
    """Return everything a body attested of these holders in a framework, the oldest first."""
    found: list[Found] = []
    for part in in_parts(holder_ids):
        values = {"body": body, "framework": framework, "holders": part}
        found += [(a, c) for a, c in session.execute(_OF_HOLDERS, values)]
    return found


def codes_taken(session: Session, codes: Sequence[str]) -> set[str]:
    """Return those of `codes` that are in use, in any body."""
    taken: set[str] = set()
    for part in in_parts(codes):
        taken.update(session.scalars(select(AttestationRow.code).where(col(AttestationRow.code).in_(part))))
    return taken


def tokens_of(session: Session, attestation_ids: Sequence[str]) -> dict[str, dict[str, bytes]]:
    """Return every signed form of these attestations: attestation id → form → token."""
    tokens: dict[str, dict[str, bytes]] = defaultdict(dict)
    for part in in_parts(attestation_ids):
        for id_, form, token in session.execute(_TOKENS, {"ids": part}):
            tokens[id_][form] = token
    return tokens


def every_credential(session: Session) -> Iterator[Found]:
    """Yield all attestations, erased ones too, with each of their signed forms, a thousand at a time."""
    # Closed also when the reader stops early: PostgreSQL keeps a cursor open for it.
    with closing(session.execute(_EVERY.execution_options(yield_per=1_000))) as found:
        yield from found


def member_digests(session: Session, body: str, kid: str) -> Sequence[bytes]:
    """Return the digests of everything a body's key signed, in any form."""
    wanted = (col(AttestationRow.body) == body, col(CredentialRow.kid) == kid)
    rows = select(CredentialRow.member_digest).join(
        AttestationRow, col(CredentialRow.attestation_id) == col(AttestationRow.id)
    )
    return session.scalars(rows.where(*wanted)).all()


def last_changes(session: Session) -> dict[str, int]:
    """Return the status that the last change of each attestation left, by attestation id."""
    rows = session.execute(
        select(StatusChangeRow.attestation_id, StatusChangeRow.after).order_by(col(StatusChangeRow.id))
    )
    return dict(rows.all())


def by_id(session: Session, ids: Sequence[str]) -> dict[str, Found]:
    """Return the attestations of these ids; unknown ids are left out."""
    found: dict[str, Found] = {}
    for part in in_parts(ids):
        rows = session.execute(_BY_ID, {"ids": part})
        found.update({a.id: (a, c) for a, c in rows})
    return found


def replaced_by(session: Session, newer_id: str) -> list[Found]:
    """Return what an attestation replaced."""
    older = select(LinkRow.older_id).where(col(LinkRow.newer_id) == newer_id, col(LinkRow.kind) == "replaces")
    return [(a, c) for a, c in session.execute(BOTH.where(col(AttestationRow.id).in_(older)))]


def unlink(session: Session, *, newer_id: str, older_id: str) -> None:
    """Remove the link between two attestations."""
    pair = (col(LinkRow.newer_id) == newer_id, col(LinkRow.older_id) == older_id)
    session.execute(delete(LinkRow).where(*pair))


def replacements(session: Session, older_id: str) -> Sequence[LinkRow]:
    """Return the links from an attestation to those that came after it."""
    return session.scalars(select(LinkRow).where(col(LinkRow.older_id) == older_id)).all()
