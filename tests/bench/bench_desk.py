"""The desk with 50,000 holders and 200,000 attestations of one body, on SQLite and on PostgreSQL.

The crowd is put in beside the program (rows alone, nothing signed), with given and family names as unevenly
spread as in a town: the commonest have thousands of bearers. What is measured goes through the program.
``HOLDERS=5000 make bench ARGS=desk`` makes a smaller town.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import psycopg
from fastapi.testclient import TestClient

from issuer.people.finding import find_people
from issuer.register import Register
from issuer.register.issuing import issue
from issuer.register.persons import IDENTITY_DECLARED, NewFile, NewPerson, put_people
from issuer.staff.accounts import add_account
from issuer.staff.roles import Grant, Role
from issuer.staff.sessions import open_session
from issuer.store.rows import insert_rows
from issuer.store.tables import AttestationRow
from issuer.web.app import create_app
from issuer.web.desk.routes import cookie_name
from passport.model import Holder
from tests.bench.desk_workshop import workshop_rows
from tests.bench.measure import Row
from tests.issuer.databases import is_sqlite, tell
from tests.issuer.registers import BODY, SEEN_ON, START, make_register, request
from tests.postgres import Server

HOLDERS = int(os.environ.get("HOLDERS", "50000"))
EACH = 4
GIVEN = (
    *("Marie", "Jean", "Pierre", "Michel", "Monique", "Jacqueline", "André", "Philippe", "Nathalie", "Alain"),
    *("Catherine", "Bernard", "Isabelle", "Christine", "Nicolas", "Christophe", "Patrick", "Françoise"),
    *(
        "Sylvie",
        "Stéphanie",
        "Laurent",
        "Mohamed",
        "Fatima",
        "Ahmed",
        "Julie",
        "Hélène",
        "Chantal",
        "Thierry",
    ),
    *("Quentin", "Zoé", "Léa", "Manon", "Camille", "Aurélie", "Gérard", "Yvette", "Odette", "Guillaume"),
)
SYLLABLES = (
    *("ma", "lac", "rou", "vi", "gue", "ray", "nal", "del", "pu", "ech", "val", "mon", "tel", "bor", "dar"),
    *("cha", "zel", "four", "nier", "cos", "te", "sau", "ta", "rel"),
)
MISSPELT = ("Mari Dupnt", "Nathali Raynald", "Muhammed", "Filipe Lacost", "jaqueline martin", "Chabrol Odete")


def run() -> list[Row]:
    """Return the rows of this bench."""
    rows: list[Row] = []
    for name, register in _registers():
        fill(register)
        rows += _finding(name, register)
        rows += _pages(name, register)
        rows += workshop_rows(name, register)
    return rows


def _registers() -> Iterator[tuple[str, Register]]:
    with _folder() as folder, make_register(folder) as register:
        yield "SQLite", register
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


def fill(register: Register, *, holders: int = HOLDERS, each: int = EACH) -> None:
    """Put in `holders` people of one body, with `each` attestations; the same town at each run."""
    draw = random.Random(5)
    families = ["Martin", "Dupont", "Raynal", "Lacoste", "Ben Ali"] + [
        "".join(draw.choices(SYLLABLES, k=draw.choice((2, 3, 3, 4)))).title() for _ in range(12_000)
    ]
    weights = [1 / (rank + 8) for rank in range(len(families))]
    often = [1 / (rank + 3) for rank in range(len(GIVEN))]
    file = NewFile(BODY, IDENTITY_DECLARED, opened_by="bench", at=START)
    for start in range(0, holders, 1_000):
        numbers = range(start, min(start + 1_000, holders))
        names = zip(
            draw.choices(GIVEN, often, k=len(numbers)),
            draw.choices(families, weights, k=len(numbers)),
            strict=True,
        )
        people = [NewPerson(f"{n:024x}", Holder(*name)) for n, name in zip(numbers, names, strict=True)]
        rows = [_attestation(one.id, number) for one in people for number in range(each)]
        with register.writing() as session:
            put_people(session, people, file)
            insert_rows(session, AttestationRow, rows)
    _settle(register.settings.database_url)


def _settle(url: str) -> None:
    """Do what the server does by itself after a while, and SQLite when it is told to."""
    if is_sqlite(url):
        tell(url, "ANALYZE")
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _attestation(holder_id: str, number: int) -> dict[str, object]:
    return {
        "id": f"{holder_id}-{number}",
        "code": f"{holder_id}-{number}",
        "holder_id": holder_id,
        "body": BODY,
        "framework": "digcomp-3.0",
        "levels": {f"{1 + number}.1": 1 + number},
        "assessed_on": SEEN_ON - timedelta(days=30 * number),
        "method": "observation",
        "issued_at": START,
        "person_key": holder_id,
    }


def _finding(name: str, register: Register) -> list[Row]:
    times = []
    for text in MISSPELT * 5:
        start = time.perf_counter()
        found = find_people(register, text, bodies=frozenset({BODY}))
        times.append((time.perf_counter() - start) * 1000)
        assert found, text
    said = f"{name}: a person by a misspelt name among {HOLDERS:,} (slowest: {max(times):.0f} ms)"
    return [Row(said, round(median(times), 2), "-", None, None, "≤ 50 ms")]


def _pages(name: str, register: Register) -> list[Row]:
    """Return the time of pages, whole, as the application answers them without a network."""
    account = add_account(register, "Bench", Grant(Role.TRAINER, BODY), actor="bench")
    wanted = [request(holder=Holder("Odette", "Chabrier"), levels={f"{n}.1": n}) for n in (1, 2, 3)]
    issue(register, BODY, wanted[:1], actor="bench")
    person = find_people(register, "Odette Chabrier", bodies=frozenset({BODY}))[0].id
    more = [replace(one, holder_id=person) for one in wanted[1:]]
    issue(register, BODY, more, actor="bench")
    secret = open_session(register, account, way="bench", device="bench", is_shared=False, proved=True)
    rows = []
    with TestClient(create_app(register.settings, register=register), base_url=register.scheme.url) as client:
        client.cookies.set(cookie_name(register), secret)
        for said, path in (("a person", f"/desk/people/{person}"), ("second looks", "/desk/looks")):
            taken = _answered(client, path)
            rows.append(Row(f"{name}: the page of {said}", round(taken, 2), "-", None, None, "≤ 50 ms"))
    return rows


def _answered(client: TestClient, path: str) -> float:
    times = []
    for _ in range(25):
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200
    return median(times)
