"""The desk with 50,000 holders and 200,000 attestations in twenty bodies, on SQLite and on PostgreSQL.

The crowd is put in beside the program (`desk_town`); what is measured goes through the program: every page of
the table of routes and what hangs on it (`desk_pages`), a workshop of eight from issuing to prints
(`desk_workshop`), finding a person. ``HOLDERS=5000 make bench ARGS=desk`` makes a smaller town,
``DATABASES=sqlite`` or ``DATABASES=postgresql`` asks one of the two.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from issuer.board.counting import count_again
from issuer.people.finding import find_people
from issuer.register import Register
from issuer.register.issuing import issue
from issuer.web.upkeep import Upkeep
from tests.bench.desk_pages import MISSPELT, page_rows
from tests.bench.desk_town import fill
from tests.bench.desk_workshop import workshop_rows
from tests.bench.measure import Row
from tests.issuer.registers import BODY, make_register, request
from tests.postgres import Server

HOLDERS = int(os.environ.get("HOLDERS", "50000"))
DATABASES = os.environ.get("DATABASES", "sqlite postgresql").split()


def run() -> list[Row]:
    """Return the rows of this bench."""
    rows: list[Row] = []
    for name, register in _registers():
        _settle(name, register)
        rows += _finding(name, register)
        rows += workshop_rows(name, register)
        rows += page_rows(name, register)
    return rows


def _registers() -> Iterator[tuple[str, Register]]:
    if "sqlite" in DATABASES:
        with _folder() as folder, make_register(folder) as register:
            yield "SQLite", register
    if "postgresql" in DATABASES:
        server = Server(durable=True)
        try:
            with _folder() as folder, make_register(folder, url=server.new_database()) as register:
                yield "PostgreSQL", register
        finally:
            server.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch) / "scheme"


def _settle(name: str, register: Register) -> None:
    """Fill the town, then do what a counter does by itself within a minute of its start."""
    start = time.perf_counter()
    issue(register, BODY, [request()], actor="bench")
    fill(register, holders=HOLDERS)
    upkeep = Upkeep(register)
    upkeep.once()
    upkeep.errands()
    count_again(register)
    print(f"… {name}: filled in {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


def _finding(name: str, register: Register) -> list[Row]:
    times = []
    for text in MISSPELT * 5:
        start = time.perf_counter()
        found = find_people(register, text, bodies=frozenset({BODY}))
        times.append((time.perf_counter() - start) * 1000)
        assert found, text
    said = f"{name}: a person by a misspelt name among {HOLDERS:,} ({min(times):.0f} to {max(times):.0f} ms)"
    return [Row(said, round(median(times), 1), "-", None, None, "≤ 50 ms")]
