"""Loading many rows fast, beside the program: executemany on SQLite, COPY on PostgreSQL, no foreign keys.

Left to others: what is loaded (`desk_town`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date

import psycopg

from tests.issuer.databases import is_sqlite

__all__ = ["Tables", "load"]

Tables = dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]]
"""Table → its columns and rows; or an UPDATE with ``?`` → no columns, and the values of each."""


def load(url: str, parts: Iterable[Tables]) -> None:
    """Insert every row. On PostgreSQL, do at once what the server does by itself after a while."""
    if is_sqlite(url):
        _into_file(url.removeprefix("sqlite:///"), parts)
    else:
        _into_server(url, parts)


def _into_file(path: str, parts: Iterable[Tables]) -> None:
    sqlite3.register_adapter(date, date.isoformat)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("BEGIN IMMEDIATE")
        for tables in parts:
            for name, (columns, rows) in tables.items():
                places = ", ".join("?" * len(columns))
                insert = f"INSERT INTO {name} ({_named(columns)}) VALUES ({places})"  # noqa: S608
                connection.executemany(insert if columns else name, rows)
        connection.execute("COMMIT")


def _into_server(url: str, parts: Iterable[Tables]) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # foreign keys are triggers
        cursor.execute("SET synchronous_commit = off")
        for tables in parts:
            for name, (columns, rows) in tables.items():
                if not columns:
                    cursor.executemany(name.replace("?", "%s").encode(), rows)
                    continue
                with cursor.copy(f"COPY {name} ({_named(columns)}) FROM STDIN".encode()) as copy:
                    for row in rows:
                        copy.write_row(row)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _named(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
