"""The disk full: nothing half-way, a page that says so, and on it goes when there is room again.

On a file system of its own, really full, where this machine lets one be mounted; elsewhere SQLite is told
that its file may not grow (`max_page_count`), which it answers in the same words. Which it was is printed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from string import ascii_lowercase

import pytest
from sqlalchemy import Connection, Engine, event

from issuer.register import Register
from issuer.register.audit import check
from issuer.staff.accounts import add_account
from issuer.staff.roles import Grant, Role
from issuer.web.app import create_app
from tests.issuer.desk.conftest import BODY, Seat, sign_in
from tests.issuer.desk.forms import read_page
from tests.issuer.desk.settled import Settled, settle
from tests.issuer.desk.test_database_gone import told
from tests.issuer.registers import Clock, make_register, rows

SAID = "Le disque du guichet est plein."
_MEGABYTES = 24
_PAGE = 4_096


@dataclass
class Desk:
    """`room(n)`: inside the block the disk has room for `n` more pages of 4 kB, and no more."""

    register: Register
    seat: Seat
    settled: Settled
    room: Callable[[int], AbstractContextManager[None]]

    @property
    def workshop(self) -> str:
        return f"/desk/workshops/{self.settled.ids['workshop']}"


@contextmanager
def filled(disk: Path, pages: int) -> Iterator[None]:
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        left = shutil.disk_usage(disk).free - pages * _PAGE
        file.write(b"\0" * max(left, 0))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def capped(register: Register, pages: int) -> Iterator[None]:
    """Let the file of the database grow by so many pages."""
    ((now,),) = rows(register, "PRAGMA page_count")

    def cap(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {int(str(now)) + pages}")

    event.listen(Engine, "begin", cap)
    try:
        yield
    finally:
        event.remove(Engine, "begin", cap)
        with register.reading() as session:
            session.connection().exec_driver_sql("PRAGMA max_page_count = 1000000")


def _mounted(folder: Path) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None:
        return False
    return subprocess.run(mount, check=False, capture_output=True).returncode == 0


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    disk = tmp_path / "disk"
    disk.mkdir()
    is_real = _mounted(disk)
    with capsys.disabled():
        print(f"\ndisk full: {'a real file system' if is_real else 'SQLite may not grow'}")
    try:
        with make_register(disk / "scheme", clock) as register:
            settled = settle(register, BODY)
            app = create_app(register.settings, register=register)
            account = add_account(register, "Sacha", Grant(Role.TRAINER, BODY), actor="test")
            seat = sign_in(register, app, account)
            room = (lambda n: filled(disk, n)) if is_real else (lambda n: capped(register, n))
            yield Desk(register, seat, settled, room)
    finally:
        if is_real:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


def issuing(desk: Desk) -> tuple[str, dict[str, object]]:
    """Return the form that issues for everyone, as its page offers it."""
    page = desk.seat.client.get(f"{desk.workshop}/levels").text
    form = next(one for one in read_page(page).forms if "act" in one.fixed)
    offered = dict(re.findall(r'name="(l\.[^"]+)".*?<option value="(\d)" selected', page, re.DOTALL))
    return form.action, {**form.fixed, **offered, "act": "issue"}


def attested(desk: Desk) -> int:
    return int(str(rows(desk.register, "SELECT count(*) FROM attestation")[0][0]))


def test_a_workshop_is_issued_whole_or_not_at_all(desk: Desk) -> None:
    """Whatever the room that is left: from none to enough."""
    before, refused = attested(desk), 0
    action, fields = issuing(desk)
    id_ = desk.settled.ids["workshop"]
    for pages in (0, 1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 200):
        with desk.room(pages):
            answer = desk.seat.client.post(action, data=fields, follow_redirects=False)
        if answer.status_code == 303:
            break
        assert "rien n’a été enregistré ni délivré" in told(answer, SAID)
        assert attested(desk) == before
        kept = rows(desk.register, "SELECT count(*) FROM decision WHERE workshop = ?", id_)
        assert kept == [(0,)]
        refused += 1
    assert refused >= 2
    again = desk.seat.client.post(action, data=fields, follow_redirects=False)
    assert again.status_code == 303
    assert attested(desk) == before + 2
    assert check(desk.register) == []


def test_pages_are_read_and_the_form_goes_on_when_there_is_room(desk: Desk, clock: Clock) -> None:
    clock.time += 45  # a session would note that it was used
    typed = {"given_name": "Béatrice", "identity": "known", "body": BODY, "other": "yes"}
    with desk.room(0):
        for path in ("/desk", desk.workshop, f"/desk/people/{desk.settled.ids['person']}"):
            assert desk.seat.client.get(path).status_code == 200
        answers = []
        for letters in product(ascii_lowercase, repeat=2):  # what was set aside is soon used up
            family = "Costes" + "".join(letters)
            answers.append(desk.seat.post("/desk/people/new", family_name=family, **typed))
            if answers[-1].status_code == 503:  # type: ignore[attr-defined]
                break
        page = told(answers[-1], SAID)
    (form,) = [one for one in read_page(page).forms if "given_name" in one.fixed]
    sent = desk.seat.client.post(form.action, data=form.fixed, follow_redirects=False)
    assert sent.status_code == 303
    ((after,),) = rows(desk.register, "SELECT count(*) FROM holder WHERE given_name = 'Béatrice'")
    assert after == len(answers)  # those before, and the one that was carried along
    assert check(desk.register) == []


def test_prints_are_drawn_without_a_disk(desk: Desk) -> None:
    """Nothing is written but the note that it was printed: with a full disk there is a page, no half PDF."""
    path = f"/desk/workshops/{desk.settled.done}"
    person = desk.settled.ids["person"]
    with desk.room(0):
        for name in ("sign-in-sheet", "blank-grid"):
            assert desk.seat.client.get(f"{path}/{name}").content.startswith(b"%PDF")
        answer = desk.seat.post(f"{path}/print", person=person)
        if answer.status_code != 200:  # type: ignore[attr-defined]
            told(answer, SAID)
    answer = desk.seat.post(f"{path}/print", person=person)
    assert answer.content.startswith(b"%PDF")  # type: ignore[attr-defined]
    assert answer.content.rstrip().endswith(b"%%EOF")  # type: ignore[attr-defined]


def test_a_list_that_finds_no_room_while_it_is_read_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file beyond a megabyte waits on the machine's own disk."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.write", full)
    files = {"file": ("liste.csv", b"x" * 100, "text/csv")}
    answer = desk.seat.client.post("/desk/import", data={"csrf": desk.seat.csrf}, files=files)
    assert answer.status_code == 503
    assert SAID in answer.text
    assert rows(desk.register, "SELECT count(*) FROM kept_file") == [(1,)]
