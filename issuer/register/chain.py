"""The audit chain: what was done, in an order that cannot be changed unseen. One chain for each body.

Decided here: a row's hash is SHA-256 over the canonical JSON array of (previous hash, chain, seq, at,
event, detail). `detail` holds opaque ids and digests only: no name, no code, no reason. The heads of all
chains are published daily in `now` (the checkpoint), so that a chain rewritten later is found out. The
head is locked last in a transaction, for the shortest time (PERFORMANCE.md).

Left to others: what is worth a row; `audit` walks the chains and compares the register with them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from issuer.store import chain as store
from issuer.store.rows import insert_rows
from issuer.store.tables import AuditHeadRow, AuditRow
from passport.errors import PassportError

if TYPE_CHECKING:
    from issuer.store.database import Session

__all__ = [
    "SCHEME_CHAIN",
    "Entry",
    "Finding",
    "append",
    "append_many",
    "begin",
    "check_actor",
    "check_chain",
    "genesis",
]

SCHEME_CHAIN: Final = "scheme"
_ACTOR: Final = re.compile(r"[A-Za-z0-9:._-]{1,64}")
_SEPARATORS: Final = (",", ":")

Entry = tuple[str, Mapping[str, object]]
"""An event (``attestation.issued``) and its detail."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be. `body`: the chain or body concerned, "" for the whole scheme."""

    code: str
    body: str
    message: str


def check_actor(actor: str) -> str:
    """Return `actor` when it is an opaque id (``cli``, ``api:3f2a``, ``staff:17``); a name is refused.

    Raises `PassportError` (`actor`): audit rows outlive people's data.
    """
    if _ACTOR.fullmatch(actor) is None:
        raise PassportError(
            "The actor is not an opaque id.",
            code="actor",
            hint="Expected 1 to 64 letters, digits and : . _ - like cli or staff:17.",
        )
    return actor


def genesis(chain: str) -> str:
    """Return the hash that stands before the first row of a chain."""
    return hashlib.sha256(b"passport-audit-1\x00" + chain.encode()).hexdigest()


def row_hash(*, previous: str, chain: str, seq: int, at: int, event: str, detail: str) -> str:
    """Return the hash of a row, hex SHA-256."""
    hashed = json.dumps([previous, chain, seq, at, event, detail], ensure_ascii=False, separators=_SEPARATORS)
    return hashlib.sha256(hashed.encode()).hexdigest()


def begin(session: Session, chain: str) -> None:
    """Start the chain of a body (or of the scheme)."""
    insert_rows(session, AuditHeadRow, [{"chain": chain, "seq": 0, "hash": genesis(chain)}])


def append(session: Session, chain: str, event: str, detail: Mapping[str, object], *, at: int) -> None:
    """Add one row to a chain; call it last in a transaction, it locks the head."""
    append_many(session, chain, [(event, detail)], at=at)


def append_many(session: Session, chain: str, entries: Sequence[Entry], *, at: int) -> None:
    """Add rows to a chain, in one insert. Raises `PassportError` (`audit_chain`) when it has no head."""
    head = store.locked_head(session, chain)
    if head is None:
        raise PassportError(f"There is no audit chain of {chain}.", code="audit_chain")
    rows = list(_linked(entries, chain=chain, previous=head.hash, seq=head.seq, at=at))
    if rows:
        insert_rows(session, AuditRow, rows)
        store.move_head(session, chain, seq=head.seq + len(rows), digest=str(rows[-1]["hash"]))


def _linked(
    entries: Sequence[Entry], *, chain: str, previous: str, seq: int, at: int
) -> Iterator[dict[str, object]]:
    for number, (event, detail) in enumerate(entries, seq + 1):
        text = json.dumps(dict(detail), sort_keys=True, ensure_ascii=False, separators=_SEPARATORS)
        row = {"chain": chain, "seq": number, "at": at, "event": event, "detail": text}
        digest = row_hash(previous=previous, chain=chain, seq=number, at=at, event=event, detail=text)
        yield {**row, "previous": previous, "hash": digest}
        previous = digest


def check_chain(session: Session, head: AuditHeadRow) -> list[Finding]:
    """Walk one chain from its beginning to its head; return the first thing that is wrong, if any."""
    chain, previous, seq = head.chain, genesis(head.chain), 0
    for row in store.rows_of(session, chain):
        seq += 1
        digest = row_hash(
            previous=previous, chain=chain, seq=seq, at=row.at, event=row.event, detail=row.detail
        )
        if (row.seq, row.previous, row.hash) != (seq, previous, digest):
            return [Finding("audit_broken", chain, f"The audit chain is broken at row {row.seq}.")]
        previous = digest
    if (head.seq, head.hash) != (seq, previous):
        return [Finding("audit_cut", chain, f"The audit chain ends at row {seq}; its head says {head.seq}.")]
    return []
