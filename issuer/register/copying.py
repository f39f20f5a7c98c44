"""A register moves to another database: SQLite to PostgreSQL, or back, with a proof that nothing was lost.

Decided here: into an empty database only, at the same revision (a bare one is given its tables here, because
somebody asked for it); all of it or nothing; before COMMIT every table is read back and compared, and the
audit chains are walked in the copy. The copy is of one moment, and nobody writes to the source meanwhile;
what is written to it *afterwards* is not in the copy: whoever moves a service stops it first. Given again,
the same command compares the two, and so tells whether that happened. Keys and secrets stay in the folder.

Left to others: rows, parts and digests (`issuer.store.copying`), words (`issuer.cli.copying`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from issuer.register.chain import check_chain
from issuer.register.folder import Register, RegisterError
from issuer.store import chain as chain_store
from issuer.store.copying import both_held, compare_tables, copy_tables, row_counts
from issuer.store.database import Database, Session, database_file
from issuer.store.engine import same_database
from issuer.store.migrating import current_revision, is_bare, migrate, newest_revision

__all__ = ["CopyReport", "copy_register"]

Progress = Callable[[int, int], None]
"""Is told how many rows were done since the last time, and how many there are in all."""


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What the copy holds. `made`: False when it was there already, and the same to the last row."""

    rows: int
    tables: int
    chains: int
    made: bool


def copy_register(register: Register, target_url: str, *, progress: Progress) -> CopyReport:
    """Copy the register's database into the empty one at `target_url`, or compare with the copy there.

    Raises `PassportError`: `copy_same`, `copy_used`, `copy_revision`, `copy_differs`, `copy_chain`,
    `database`, `database_url`. The target then holds no row that it did not hold before.
    """
    if same_database(register.settings.database_url, target_url):
        raise RegisterError(
            "Source and target are the same database.",
            code="copy_same",
            hint="The source is PASSPORT_DATABASE_URL, or else the file in the folder.",
        )
    _prepare(target_url)
    source, target = Database(register.settings.database_url), Database(target_url)
    try:
        report = _copy(source, target, progress)
    finally:
        source.close()
        target.close()
    # Opened as the service will open it: folder and copy belong together.
    settings = replace(register.settings, database_url=target_url, replica_url="")
    Register.open(settings, passphrase=None, clock=register.now).close()
    return report


def _prepare(url: str) -> None:
    """Give a bare database its tables; refuse one of another program or of another revision."""
    revision = current_revision(url)
    if revision is None and not is_bare(url):
        raise RegisterError(
            "The target database holds tables of another program.",
            code="copy_used",
            hint="Make an empty database for the register. Nothing was changed.",
        )
    if revision not in {None, newest_revision()}:
        raise RegisterError(
            f"The target database is at revision {revision}; expected {newest_revision()}.",
            code="copy_revision",
            hint="Make an empty database for the register. Nothing was changed.",
        )
    if revision is None:
        if (file := database_file(url)) is not None:
            file.touch(mode=0o600)
        migrate(url)


def _copy(source: Database, target: Database, progress: Progress) -> CopyReport:
    with both_held(source, target) as (old, new):
        counted, there = row_counts(old), row_counts(new)
        rows, twice = sum(counted.values()), sum(counted.values()) + sum(there.values())
        made = not any(there.values())
        if made:
            # Each row is written once and read back once.
            copy_tables(old, new, told=lambda done: progress(done, 2 * rows))
        elif differing := compare_tables(old, new, told=lambda done: progress(done, twice)):
            raise RegisterError(
                f"The target database is not empty, and differs from the source in: {', '.join(differing)}.",
                code="copy_used",
                hint="Copy into an empty database. Nothing was changed.",
            )
        return CopyReport(rows=rows, tables=len(counted), chains=_check_chains(new), made=made)


def _check_chains(session: Session) -> int:
    heads = chain_store.heads(session)
    for head in heads:
        for finding in check_chain(session, head):
            raise RegisterError(
                f"In the copy: {finding.message} ({finding.body})",
                code="copy_chain",
                hint="Nothing was kept in the target. Run `passport check` on the source.",
            )
    return len(heads)
