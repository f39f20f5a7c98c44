"""“Issue” pressed twice, and by two trainers at once, through the page: one attestation each."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from issuer.register.audit import check
from issuer.staff.accounts import add_account
from issuer.staff.roles import Grant, Role
from issuer.web.app import create_app
from tests.issuer.databases import NewDatabase
from tests.issuer.desk.conftest import BODY, Seat, sign_in
from tests.issuer.desk.forms import read_page
from tests.issuer.desk.settled import settle
from tests.issuer.registers import Clock, make_register, rows

PRESSES = 3


def test_two_trainers_who_press_at_once_issue_once(tmp_path: Path, new_database: NewDatabase) -> None:
    """Two trainers, each impatient: every press is answered, and everyone has one attestation."""
    folder = tmp_path / "scheme"
    with make_register(folder, Clock(), url=new_database(folder)) as register:
        settled = settle(register, BODY)
        path = f"/desk/workshops/{settled.ids['workshop']}/levels"
        ((before,),) = rows(register, "SELECT count(*) FROM attestation")
        app = create_app(register.settings, register=register)
        accounts = [
            add_account(register, name, Grant(Role.TRAINER, BODY), actor="test") for name in ("Alix", "Sacha")
        ]
        seats = [sign_in(register, app, account) for account in accounts for _ in range(PRESSES)]
        pages = [seat.client.get(path).text for seat in seats]
        start = threading.Barrier(len(seats))

        def press(seat: Seat, page: str) -> int:
            form = next(one for one in read_page(page).forms if "act" in one.fixed)
            offered = re.findall(r'name="(l\.[^"]+)".*?<option value="(\d)" selected', page, re.DOTALL)
            fields = {**form.fixed, **dict(offered), "act": "issue"}
            start.wait()
            return seat.client.post(form.action, data=fields, follow_redirects=False).status_code

        with ThreadPoolExecutor(len(seats)) as pool:
            answers = list(pool.map(press, seats, pages))
        assert set(answers) == {303}, answers
        assert rows(register, "SELECT count(*) FROM attestation") == [(int(str(before)) + 2,)]
        counted = "SELECT count(*), count(DISTINCT attestation_id) FROM decision WHERE workshop = ?"
        assert rows(register, counted, settled.ids["workshop"]) == [(4, 2)]
        assert check(register) == []
