"""One register into another database, SQLite or PostgreSQL either way: every row, compared before COMMIT.

Decided here: the order of tables (parents first) and of rows (primary key, by bytes, the same on both); that
rows travel in parts, so that memory does not grow with the register; one transaction on either side; and
that a table counts as copied when its rows, read back, give the digest that the source's rows gave. A digest
is taken over canonical values: what SQLite keeps as text and PostgreSQL as a date or JSON is the same value
here. The source stands still meanwhile: whoever writes to it waits (`Database.alone`), whoever
reads does not.

Left to others: whether the two may be copied (`issuer.register.copying`), the schema (`migrating`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Column, Integer, Table, func, insert, select, text, update
from sqlalchemy.orm import Session

from issuer.store.database import Database
from issuer.store.engine import DatabaseError
from issuer.store.tables import METADATA

__all__ = ["TableCopy", "both_held", "compare_tables", "copy_tables", "row_counts"]

_PART: Final = 1_000
_PART_OF_LARGE: Final = 16
# A row of these may hold a quarter of a megabyte and more.
_LARGE: Final = frozenset({"body", "idempotency", "public_document", "status_list"})

Told = Callable[[int], None]
"""Is told how many rows were done since the last time."""


@dataclass(frozen=True, slots=True)
class TableCopy:
    """One table on both sides: how many rows it has, and the hex SHA-256 of their canonical values."""

    table: str
    rows: int
    digest: str


@contextmanager
def both_held(source: Database, target: Database) -> Iterator[tuple[Session, Session]]:
    """Give a session on either side beside which nobody writes; the target commits on a clean exit.

    Whoever is writing ends first. Raises `DatabaseError` (`database`) when that takes too long.
    """
    with source.alone() as old, target.alone() as new:
        yield old, new
        new.commit()


def row_counts(session: Session) -> dict[str, int]:
    """Return the number of rows of every table, by name."""
    return {table.name: _count(session, table) for table in METADATA.sorted_tables}


def _count(session: Session, table: Table) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()


def copy_tables(source: Session, target: Session, *, told: Told) -> list[TableCopy]:
    """Copy every row, read all of them back, and return what was copied, parents before children.

    Raises `DatabaseError` (`copy_differs`) when a table of the target does not say what the source's says.
    """
    copied = [_copy_table(source, target, table, told=told) for table in METADATA.sorted_tables]
    target.flush()
    for table, wanted in zip(METADATA.sorted_tables, copied, strict=True):
        found = _digested(target, table, told=told)
        if found != wanted:
            raise DatabaseError(
                f"The table {table.name} has {wanted.rows} rows in the source and {found.rows} in the copy, "
                "or their content differs.",
                code="copy_differs",
                hint="Nothing was kept in the target. Run `passport check` on the source.",
            )
        _set_sequence(target, table)
    return copied


def compare_tables(source: Session, target: Session, *, told: Told) -> list[str]:
    """Return the names of the tables in which the two databases differ."""
    return [
        table.name
        for table in METADATA.sorted_tables
        if _digested(source, table, told=told) != _digested(target, table, told=told)
    ]


def _copy_table(source: Session, target: Session, table: Table, *, told: Told) -> TableCopy:
    digest, count = hashlib.sha256(), 0
    own = [column for column in table.columns if _refers_to(column, table)]
    later: list[Mapping[str, Any]] = []
    for part in _parts(source, table):
        for row in part:
            digest.update(_canonical(row))
        # A row may name a later row of its own table: such a column is filled in when all are there.
        later += [row for row in part if any(row[column.name] is not None for column in own)]
        empty = {column.name: None for column in own}
        target.execute(insert(table), [{**row, **empty} for row in part])
        count += len(part)
        told(len(part))
    for whole in later:
        named = [column == whole[column.name] for column in table.primary_key]
        target.execute(update(table).where(*named).values({c.name: whole[c.name] for c in own}))
    return TableCopy(table.name, count, digest.hexdigest())


def _refers_to(column: Column[Any], table: Table) -> bool:
    return any(key.column.table is table for key in column.foreign_keys)


def _digested(session: Session, table: Table, *, told: Told) -> TableCopy:
    digest, count = hashlib.sha256(), 0
    for part in _parts(session, table):
        for row in part:
            digest.update(_canonical(row))
        count += len(part)
        told(len(part))
    return TableCopy(table.name, count, digest.hexdigest())


def _parts(session: Session, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a table in parts, by primary key; text is ordered by its bytes on either database."""
    size = _PART_OF_LARGE if table.name in _LARGE else _PART
    by_bytes = session.get_bind().dialect.name == "postgresql"
    order = [
        column.collate("C") if by_bytes and column.type.python_type is str else column
        for column in table.primary_key
    ]
    wanted = select(table).order_by(*order).execution_options(yield_per=size)
    with closing(session.execute(wanted)) as found:
        for part in found.mappings().partitions():
            yield [dict(row) for row in part]


def _canonical(row: Mapping[str, Any]) -> bytes:
    """Return one row as a line of JSON: numbers, texts and None as they are, the rest as text."""
    said = {name: _plain(value) for name, value in row.items()}
    return json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"bytes": hashlib.sha256(value).hexdigest()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Mapping):
        return {"json": dict(value)}
    return value


def _set_sequence(session: Session, table: Table) -> None:
    """Let PostgreSQL number the next row after the last one that was copied; SQLite does it by itself."""
    numbered = table.autoincrement_column
    if session.get_bind().dialect.name != "postgresql" or numbered is None:
        return
    if not isinstance(numbered.type, Integer):
        return
    last = session.execute(select(func.max(numbered))).scalar_one()
    if last is not None:
        names = {"table": table.name, "column": numbered.name, "last": last}
        session.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), names)
