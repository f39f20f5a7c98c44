"""What every table needs: bulk inserts through Core, and long lists asked for in parts.

Core inserts many rows at 1.1-1.6 times the driver's own time, the ORM at 4.5 times (PERFORMANCE.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, bindparam, func, insert, null
from sqlalchemy.orm import Session

from issuer.store.tables import Row

__all__ = ["digest_of", "in_parts", "insert_rows", "listed", "row_count"]

# SQLite takes 32,766 parameters in a statement, PostgreSQL's protocol 65,535.
_PART: Final = 1_000

T = TypeVar("T")


def listed(name: str) -> BindParameter[Any]:
    """Return the place of a list of values in a statement that is put together once: `column.in_(listed(…))`.

    Putting a statement together takes SQLAlchemy as long as having it answered; pages ask twenty things.
    """
    return bindparam(name, expanding=True)


def digest_of(session: Session, column: Any) -> Any:
    """Return the SHA-256 of a column of bytes as an expression, NULL on SQLite, which cannot take it.

    So the database that knows says which bytes are right, and a replica may give them.
    """
    return func.sha256(column) if session.get_bind().dialect.name == "postgresql" else null()


def insert_rows(session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, all with the same columns; an empty sequence is no statement at all."""
    if rows:
        session.execute(insert(table), [dict(row) for row in rows])


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `values` in parts short enough for one statement."""
    for start in range(0, len(values), _PART):
        yield values[start : start + _PART]


def row_count(result: Any) -> int:
    """Return how many rows an UPDATE touched."""
    return int(result.rowcount)
