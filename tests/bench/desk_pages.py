"""Every page of the desk in a large town: those of the table of routes, the lists' last pages, the searches.

Decided here: a page is asked for as the application answers it, without a network, by somebody with the
widest view (the régie, who is also a trainer of the two largest bodies) and by a trainer of the largest body.
Told is the server's time, from the request that is there to the last byte of the answer (what the client of
the tests does before and after takes as long as a small page, and no server does it): the median of the wall
clock, the CPU time of this process (on SQLite the database's too, on PostgreSQL not), and how often the
database was asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from issuer.register import Register
from issuer.staff.roles import Grant, Role
from issuer.staff.sessions import open_session, session_of
from issuer.web.app import create_app
from issuer.web.desk.routes import cookie_name
from tests.bench.measure import Row
from tests.issuer.databases import ask
from tests.issuer.desk.furnishing import Furnished, addresses, furnish, new_account
from tests.issuer.registers import BODY
from verifier.web.serving import calm

__all__ = ["MISSPELT", "page_rows"]

LISTED = 8
ROUNDS = 11
GOAL = "≤ 50 ms"
MISSPELT = ("Mari Dupnt", "Nathali Raynald", "Muhammed", "Filipe Lacost", "jaqueline martin", "Chabrol Odete")


class Served:
    """The application, with the milliseconds of wall clock and of CPU that its last answer took."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.wall = self.cpu = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        await self._app(scope, receive, send)
        self.wall, self.cpu = (
            (time.perf_counter() - wall) * 1000,
            (time.process_time() - cpu) * 1000,
        )


@dataclass
class Visitor:
    """Somebody signed in."""

    said: str
    served: Served
    client: TestClient
    csrf: str


def page_rows(name: str, register: Register) -> list[Row]:
    """Return a row for each page and each of the two visitors."""
    furnished = furnish(register, many=LISTED, listed=LISTED, mark="b")
    pages = addresses(register, furnished)
    rows = []
    with _visitors(register, furnished) as visitors:
        calm()  # as a process that serves does
        for visitor in visitors:
            rows += [_row(name, visitor, path, _get(visitor, address)) for path, address in pages]
            rows += [_row(name, visitor, said, ask_) for said, ask_ in _more(register, visitor, furnished)]
    return [row for row in rows if row is not None]


@contextmanager
def _visitors(register: Register, furnished: Furnished) -> Iterator[list[Visitor]]:
    trainer = new_account(register, Grant(Role.TRAINER, BODY))
    app = create_app(register.settings, register=register)
    visitors = []
    for said, account in (("wide", furnished.account), ("trainer", trainer)):
        secret = open_session(register, account, way="bench", device="b", is_shared=False, proved=True)
        session = session_of(register, secret)
        assert session is not None
        served = Served(app)
        client = TestClient(served, base_url=register.scheme.url)
        client.cookies.set(cookie_name(register), secret)
        visitors.append(Visitor(said, served, client, session.csrf))
    yield visitors


def _more(
    register: Register, visitor: Visitor, furnished: Furnished
) -> Iterator[tuple[str, Callable[[], int]]]:
    """Yield what has no route of its own: later pages of lists, searches, exports, the open directory."""
    person, url = furnished.values["person"], register.settings.database_url
    yield "/desk/audit/{chain}?before=100", _get(visitor, f"/desk/audit/{BODY}?before=100")
    yield "/desk/audit/{chain}?before=100000", _get(visitor, f"/desk/audit/{BODY}?before=100000")
    ((known,),) = ask(
        url,
        "SELECT workshop FROM attendance WHERE holder_id = ?",
        f"{16:024x}",
    )
    for tail in ("", "/grid", "/levels", "/papers"):
        yield f"/desk/workshops/{{old}}{tail}", _get(visitor, f"/desk/workshops/{known}{tail}")
    yield "/desk/people/{in two bodies}", _get(visitor, f"/desk/people/{20:024x}")
    yield "/desk/people/{in two bodies}/merge", _get(visitor, f"/desk/people/{20:024x}/merge")
    for text in MISSPELT:
        yield f"POST /desk/people « {text} »", _post(visitor, "/desk/people", text=text)
    yield "POST /desk/people/{person}/export", _post(visitor, f"/desk/people/{person}/export")
    workshop = furnished.values["workshop"]
    yield (
        "POST /desk/workshops/{workshop}/find",
        _post(visitor, f"/desk/workshops/{workshop}/find", text=MISSPELT[0]),
    )
    for path in ("/reseau", "/reseau/lieux.json", "/reseau/lieux.csv"):
        yield path, _get(visitor, path)


def _get(visitor: Visitor, address: str) -> Callable[[], int]:
    return lambda: visitor.client.get(address, follow_redirects=False).status_code


def _post(visitor: Visitor, address: str, **fields: str) -> Callable[[], int]:
    data = {"csrf": visitor.csrf, **fields}
    return lambda: visitor.client.post(address, data=data, follow_redirects=False).status_code


def _row(name: str, visitor: Visitor, said: str, page: Callable[[], int]) -> Row | None:
    """Measure a page; None where it is not for this visitor."""
    with _statements() as asked:
        page()
    first = visitor.served.wall
    if page() not in {200, 303}:
        return None
    walls, cpus = [], []
    for _ in range(ROUNDS):
        page()
        walls.append(visitor.served.wall)
        cpus.append(visitor.served.cpu)
    said = f"{said} ({asked[0]} statements, first {first:.0f} ms, {min(walls):.0f} to {max(walls):.0f} ms)"
    told = f"{name}, {visitor.said}: {said}"
    return Row(told, round(median(walls), 1), "CPU", round(median(cpus), 1), None, GOAL)


@contextmanager
def _statements() -> Iterator[list[int]]:
    asked = [0]

    def note(*_: object) -> None:
        asked[0] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
