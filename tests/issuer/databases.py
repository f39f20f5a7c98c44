"""The databases of the tests, asked and changed beside the program, in one spelling of SQL.

A test writes SQLite's SQL; what PostgreSQL spells otherwise is translated here and nowhere else.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

__all__ = ["NewDatabase", "ask", "counts", "is_sqlite", "tell"]

NewDatabase = Callable[[Path], str]
"""Gives the URL of a database for the register in a folder; nothing is in it yet."""

_SPELLED: tuple[tuple[str, str], ...] = (
    (r"\?", "%s"),
    (r"\browid = 1\b", "ctid = '(0,1)'"),
    (r"\browid\b", "ctid"),
    (r"\bzeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')"),
    (r"\bx'([0-9a-f]*)'", r"decode('\1', 'hex')"),
)


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


def _spelled(sql: str) -> bytes:
    for pattern, other in _SPELLED:
        sql = re.sub(pattern, other, sql)
    return sql.encode()


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


def ask(url: str, sql: str, *values: object) -> list[tuple[object, ...]]:
    """Return what the database itself answers."""
    if is_sqlite(url):
        with closing(sqlite3.connect(_file(url))) as connection:
            return connection.execute(sql, values).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(_spelled(sql), values or None).fetchall()


def tell(url: str, sql: str, *values: object) -> None:
    """Change the database itself, as somebody would who should not: no constraint stands in the way."""
    if is_sqlite(url):
        with closing(sqlite3.connect(_file(url))) as connection, connection:
            connection.execute(sql, values)
        return
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # foreign keys are triggers
        connection.execute(_spelled(sql), values or None)


def counts(url: str) -> dict[str, int]:
    """Return the number of rows of every table, as the database itself counts."""
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if is_sqlite(url)
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    names = [str(name) for (name,) in ask(url, listed)]
    return {name: int(str(ask(url, f"SELECT count(*) FROM {name}")[0][0])) for name in names}  # noqa: S608
