"""However much a page of the desk lists, it asks the database as often as for a little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from issuer.register import Register
from issuer.web.app import create_app
from tests.issuer.databases import NewDatabase
from tests.issuer.desk.conftest import sign_in
from tests.issuer.desk.furnishing import addresses, furnish
from tests.issuer.registers import Clock, make_register

MOST = 30
"""Statements of one page, its session and each BEGIN included."""


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what any database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def asked_by_page(
    register: Register, client: TestClient, pages: list[tuple[str, str]]
) -> dict[str, list[str]]:
    found = {}
    for page, address in pages:
        client.get(address)  # what is read once a process is read
        with statements() as asked:
            answer = client.get(address, follow_redirects=False)
        assert answer.status_code in {200, 303}, (page, answer.status_code)
        found[page] = list(asked)
    return found


def test_a_page_that_lists_more_asks_no_more_often(tmp_path: Path, new_database: NewDatabase) -> None:
    """Eight of each thing, then ten times as many (on a workshop's list: as many as it takes)."""
    few, more = (
        _asked(tmp_path / str(many), new_database, many=many, listed=listed)
        for many, listed in ((8, 8), (80, 60))
    )
    assert list(few) == list(more)
    assert len(few) > 45
    grown = {page: (len(asked), more[page]) for page, asked in few.items() if len(more[page]) > len(asked)}
    assert not grown
    assert {page: len(asked) for page, asked in more.items() if len(asked) > MOST} == {}


def _asked(folder: Path, new_database: NewDatabase, *, many: int, listed: int) -> dict[str, list[str]]:
    with make_register(folder, Clock(), url=new_database(folder)) as register:
        furnished = furnish(register, many=many, listed=listed)
        client = sign_in(register, create_app(register.settings, register=register), furnished.account).client
        return asked_by_page(register, client, addresses(register, furnished))
