"""The database gone for a minute, or held by another program: a page says so, and nothing is lost.

PostgreSQL is really stopped and started again; the file of SQLite is really locked by another process.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from issuer.register import Register
from issuer.register.audit import check
from issuer.staff.accounts import add_account
from issuer.staff.roles import Grant, Role
from issuer.store.database import DatabaseError
from issuer.store.engine import database_file
from issuer.web.app import create_app
from issuer.web.desk import offered
from issuer.web.logs import set_up_logs
from tests.issuer.desk.conftest import BODY, Seat, sign_in
from tests.issuer.desk.forms import read_page
from tests.issuer.desk.settled import EMAIL, PEOPLE, Settled, settle
from tests.issuer.registers import SCHEME, Clock, make_register, rows
from tests.postgres import Server

SAID = "Le guichet n’arrive pas à joindre ses données pour le moment."
_HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
"""


@dataclass
class Desk:
    """A desk whose database can go away: `gone()` while the block lasts. `reads`: whether it can be read."""

    register: Register
    seat: Seat
    settled: Settled
    app: object
    gone: Callable[[], AbstractContextManager[None]]
    reads: bool

    @property
    def workshop(self) -> str:
        return f"/desk/workshops/{self.settled.ids['workshop']}"


@contextlib.contextmanager
def stopped(server: Server | None) -> Iterator[None]:
    assert server is not None
    server.halt()
    try:
        yield
    finally:
        server.resume()


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Let another process have the file to itself."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield
        finally:
            other.communicate("\n")


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that may be stopped: nobody else is on it."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr("issuer.store.engine.BUSY_SECONDS", 0.2)
    server = request.getfixturevalue("own_server") if request.param == "postgresql" else None
    url = server.new_database() if server is not None else ""
    with make_register(tmp_path / "scheme", clock, url=url) as register:
        settled = settle(register, BODY)
        app = create_app(register.settings, register=register)
        account = add_account(register, "Sacha", Grant(Role.TRAINER, BODY), actor="test")
        file = database_file(register.settings.database_url)
        gone = partial(locked, file) if file is not None else partial(stopped, server)
        yield Desk(register, sign_in(register, app, account), settled, app, gone, reads=server is None)


def told(answer: object, said: str = SAID) -> str:
    """Return the page, after looking at what each such page must have."""
    page: str = answer.text  # type: ignore[attr-defined]
    assert answer.status_code == 503  # type: ignore[attr-defined]
    assert answer.headers["retry-after"] == "60"  # type: ignore[attr-defined]
    assert answer.headers["cache-control"] == "no-store"  # type: ignore[attr-defined]
    assert answer.headers["content-type"].startswith("text/html")  # type: ignore[attr-defined]
    assert said in page
    assert "Réessayer" in page
    assert not re.search("Traceback|sqlite|psycopg|sqlalchemy|Error|postgres", page)
    return page


def test_a_page_says_so_and_opens_again(desk: Desk) -> None:
    paths = ["/desk", "/desk/people", f"/desk/people/{desk.settled.ids['person']}", desk.workshop]
    before = [desk.seat.client.get(path).text for path in paths]
    with desk.gone():
        for path in paths:
            answer = desk.seat.client.get(f"{path}?lang=fr")
            if desk.reads:
                assert answer.status_code == 200  # whoever only reads does not wait for a writer
            else:
                assert f'href="{path}?lang=fr"' in told(answer)
    assert [desk.seat.client.get(path).text for path in paths] == before


def test_a_page_is_read_while_nothing_can_be_written(desk: Desk, clock: Clock) -> None:
    """What a session notes of itself every half minute keeps nobody from reading."""
    clock.time += 45
    with desk.gone():
        answer = desk.seat.client.get(desk.workshop)
        assert answer.status_code == (200 if desk.reads else 503)
    assert desk.seat.client.get(desk.workshop).status_code == 200


def test_what_was_typed_is_kept_in_the_page_and_sent_again(desk: Desk) -> None:
    typed = {"given_name": "Béatrice", "family_name": "O’Neill <b>", "identity": "known"}
    with desk.gone():
        page = told(desk.seat.post(f"{desk.workshop}/new?lang=fr", **typed))
        assert rows_or_none(desk) in {None, 0}
        told(desk.seat.post(f"{desk.workshop}/new?lang=fr", **typed))
    (form,) = [one for one in read_page(page).forms if "given_name" in one.fixed]
    assert form.action == f"{desk.workshop}/new?lang=fr"
    assert form.fixed["family_name"] == ["O’Neill <b>"]
    again = desk.seat.client.post(form.action, data=form.fixed, follow_redirects=False)
    assert again.status_code == 303  # the same session, the same token
    assert "O’Neill &lt;b&gt;" in desk.seat.client.get(desk.workshop).text
    assert check(desk.register) == []


def rows_or_none(desk: Desk) -> object:
    """Return how many are called so, None where nobody can ask."""
    if not desk.reads:
        return None
    return rows(desk.register, "SELECT count(*) FROM holder WHERE given_name = 'Béatrice'")[0][0]


def test_issuing_waits_and_is_done_once(desk: Desk) -> None:
    page = desk.seat.client.get(f"{desk.workshop}/levels").text
    (form,) = [one for one in read_page(page).forms if "act" in one.fixed]
    before = rows(desk.register, "SELECT count(*) FROM attestation")[0][0]
    fields = {**form.fixed, **{name: ["0"] for name in form.fixed if name.startswith("l.")}}
    levels = dict(re.findall(r'name="(l\.[^"]+)".*?<option value="(\d)" selected', page, re.DOTALL))
    fields |= {name: [value] for name, value in levels.items()} | {"act": ["issue"]}
    with desk.gone():
        kept = told(desk.seat.client.post(form.action, data=fields, follow_redirects=False))
    assert rows(desk.register, "SELECT count(*) FROM attestation")[0][0] == before
    (again,) = [one for one in read_page(kept).forms if "act" in one.fixed]
    for _ in range(2):
        answer = desk.seat.client.post(again.action, data=again.fixed, follow_redirects=False)
        assert answer.status_code == 303
    assert rows(desk.register, "SELECT count(*) FROM attestation")[0][0] == int(str(before)) + 2
    assert check(desk.register) == []


def test_a_tap_of_a_script_is_told_to_come_again(desk: Desk) -> None:
    person = desk.settled.ids["person"]
    cell = {f"v.{person}.2.1.g1": "1:seul", f"t.{person}.2.1.g1": "avec_aide"}
    ask = {"Accept": "application/json"}
    form = {"csrf": desk.seat.csrf, **cell}
    with desk.gone():
        answer = desk.seat.client.post(f"{desk.workshop}/grid", data=form, headers=ask)
        assert answer.status_code == 503
    answer = desk.seat.client.post(f"{desk.workshop}/grid", data=form, headers=ask)
    assert answer.json()["cells"][f"{person}.2.1.g1"] == ["avec_aide", 2]


def test_no_secret_is_written_into_the_page(desk: Desk) -> None:
    client = TestClient(desk.app, base_url=SCHEME.url, raise_server_exceptions=False)  # type: ignore[arg-type]
    secret = {"name": "camille.1234", "password": "loutre galet brioche", "code": "ABCDE-FGHJK"}
    with desk.gone():
        answers = [
            client.post("/desk/sign-in", data=secret, follow_redirects=False),
            desk.seat.post("/desk/pin", pin="804213", again="804213"),
        ]
    for answer in answers:
        assert answer.status_code == 503  # type: ignore[attr-defined]
        assert SAID in answer.text  # type: ignore[attr-defined]
        assert not re.search("loutre|804213|ABCDE", answer.text)  # type: ignore[attr-defined]


def test_no_form_takes_a_database_that_is_away_for_a_wrong_answer(desk: Desk) -> None:
    """A colleague, a link or a body that cannot be asked for is not one that is not there."""
    referent, agency = (
        sign_in(
            desk.register,
            desk.app,
            add_account(
                desk.register, "Lou", Grant(role, BODY if role is Role.REFERENT else None), actor="test"
            ),
        )
        for role in (Role.REFERENT, Role.AGENCY)
    )
    trainer = f"/desk/staff/{desk.settled.ids['account']}"
    forms = (
        (referent, "/desk/staff/links", {"name": "Ana Roux", "role": f"trainer:{BODY}"}),
        (referent, f"{trainer}/end", {"role": f"trainer:{BODY}"}),
        (referent, f"{trainer}/sessions", {}),
        (agency, f"/desk/bodies/{BODY}", {"act": "name", "name": "Autre nom"}),
        (agency, "/desk/bodies", {"slug": "autre", "name": "Autre", "kind": "commune"}),
    )
    with desk.gone():
        for someone, path, fields in forms:
            told(someone.post(path, **fields))


def test_whoever_comes_back_is_not_told_that_the_provider_failed(desk: Desk) -> None:
    settings = desk.register.settings
    named = {"issuer": "https://id.example", "client_id": "guichet", "client_secret_file": "provider.secret"}
    secret = settings.folder / "provider.secret"
    secret.write_text("a-secret-of-a-test-that-is-long-enough\n")
    secret.chmod(0o600)
    entry = {**named, "id": "other", "name": "Autre", "acr_values": ["eidas2"]}
    (settings.folder / "providers.json").write_text(json.dumps({"providers": [entry]}))
    offered._providers.cache_clear()  # read once for each folder, and this one was read without it
    nobody = TestClient(create_app(settings, register=desk.register), base_url=SCHEME.url)
    back = f"/desk/provider/back?state={'s' * 43}&code=c"
    with desk.gone():
        told(nobody.get(back))
    assert nobody.get(back).status_code == 422


def test_the_pages_for_the_public_say_so_in_plain_words(desk: Desk) -> None:
    nobody = TestClient(desk.app, base_url=SCHEME.url)  # type: ignore[arg-type]
    pages = ("/reseau", f"/o/{BODY}")
    with desk.gone():
        for path in pages:
            answer = nobody.get(path)
            if desk.reads:
                assert answer.status_code == 200
                continue
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
            assert answer.headers["content-type"].startswith("text/html")
            assert answer.headers["cache-control"] == "no-store"
            assert "Cette page n’est pas disponible pour le moment" in answer.text
            assert f'href="{path}?lang=fr"' in answer.text
            assert "We cannot read our information" in nobody.get(f"{path}?lang=en").text
        data = nobody.get("/reseau/lieux.json")
        document = nobody.get(pages[1], headers={"Accept": "application/json"})
        for program in (data, document):
            assert program.headers["content-type"].partition(";")[0] != "text/html"
    assert nobody.get("/reseau").status_code == 200


def test_a_form_of_another_site_is_not_kept(desk: Desk) -> None:
    """A page that offers to send it again would make it a form of ours; it has not the session's token."""
    with desk.gone():
        sent = {"csrf": "0" * 64, "given_name": "X"}
        answer = desk.seat.client.post(f"{desk.workshop}/new", data=sent)
        if desk.reads:
            assert answer.status_code == 403
            return
        page = told(answer)
    (form,) = [one for one in read_page(page).forms if "given_name" in one.fixed]
    assert desk.seat.client.post(form.action, data=form.fixed).status_code == 403


def test_nothing_personal_is_logged(desk: Desk) -> None:
    root, written = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    set_up_logs(stream=written)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    try:
        with desk.gone():
            desk.seat.post("/desk/people", text=PEOPLE[0][1])
            desk.seat.post(f"{desk.workshop}/new", given_name=PEOPLE[0][0], family_name="X", identity="seen")
            desk.seat.client.get(f"/desk/people/{desk.settled.ids['person']}")
    finally:
        root.handlers, root.level = handlers, level
    assert '"status": 503' in written.getvalue()
    for one in (*PEOPLE[0], EMAIL, desk.settled.ids["person"], "INSERT", "SELECT"):
        assert one not in written.getvalue()


@pytest.mark.postgres
def test_a_full_disk_of_a_server_is_told_as_one(tmp_path: Path, postgres: Server) -> None:
    url = postgres.new_database()
    with (
        make_register(tmp_path / "scheme", Clock(), url=url) as register,
        pytest.raises(DatabaseError) as caught,
        register.writing() as session,
    ):
        session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$"))
    postgres.drop(url)
    assert caught.value.code == "database_full"
