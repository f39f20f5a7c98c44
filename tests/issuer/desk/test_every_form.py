"""Every page and every form of the desk, used once with people in it and several times to hurt.

One walk, as every role, on both databases; then what must be true of all of it: no error of ours, nothing a
browser keeps, no personal data in an address, a title, a log or a metric.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from urllib.parse import unquote_plus

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from prometheus_client import CollectorRegistry, generate_latest

from issuer.register import Register
from issuer.staff.accounts import add_account
from issuer.staff.roles import OF_A_BODY, Grant, Role
from issuer.web.app import create_app
from issuer.web.logs import set_up_logs
from issuer.web.metrics import RegisterCollector
from tests.issuer.desk.conftest import BODY, sign_in
from tests.issuer.desk.forms import PageForm, read_page
from tests.issuer.desk.settled import PERSONAL, Settled, addresses, settle
from tests.issuer.registers import SCHEME, Clock, make_register

HOSTILE = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "'; DROP TABLE holder --"),
    *("\u202eabc", "a\x00b", "x" * 20_000, "-1", "9" * 40, "٣", "NaN", "2026-99-99", "🦊" * 50, "%00%0d%0a"),
    *("", "../../etc/passwd", "javascript:alert(1)", "=1+1", "a\r\nSet-Cookie: x=y"),
)
LAST = re.compile("erase|merge|act/|undo|/end|/off|close|sign-out|lock|sessions|withdraw|agree|refuse|trust")
"""Forms that take something away: after all others."""


@dataclass
class Used:
    """What came back. `asked`: (method, address, what was typed, answer)."""

    register: Register
    settled: Settled
    asked: list[tuple[str, str, str, Response]] = field(default_factory=list)
    forms: dict[tuple[str, ...], tuple[Role, PageForm]] = field(default_factory=dict)
    logged: str = ""
    metrics: str = ""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def used(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = server.new_database() if server is not None else ""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    with make_register(tmp_path_factory.mktemp("desk") / "scheme", Clock(), url=url) as register:
        walked = Used(register, settle(register, BODY))
        set_up_logs(stream=written)
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # the browser of the test, not the desk
        try:
            _walk(walked, create_app(register.settings, register=register))
        finally:
            root.handlers, root.level = handlers, level
        walked.logged = written.getvalue()
        metrics = CollectorRegistry()
        metrics.register(RegisterCollector(register))
        walked.metrics = generate_latest(metrics).decode()
        yield walked
    if server is not None:
        server.drop(url)


def _walk(walked: Used, app: object) -> None:
    register, hostile = walked.register, cycle(HOSTILE)
    accounts = {
        role: add_account(register, "Sacha", Grant(role, BODY if role in OF_A_BODY else None), actor="test")
        for role in Role
    }
    # A list that was sent belongs to who sent it.
    accounts[Role.TRAINER] = walked.settled.ids["account"]
    for role in Role:
        client = sign_in(register, app, accounts[role]).client
        for address in addresses(register, role, walked.settled):
            answer = client.get(address, follow_redirects=False)
            walked.asked.append(("GET", address, "", answer))
            if answer.headers.get("content-type", "").startswith("text/html"):
                for form in read_page(answer.text).forms:
                    action = re.sub("[0-9a-f]{16,}|[0-9]+", "*", form.action)
                    walked.forms.setdefault((action, *sorted(form.fixed), *form.typed), (role, form))
    for key in sorted(walked.forms, key=lambda key: bool(LAST.search(key[0]))):
        role, form = walked.forms[key]
        # A body or a place that is named like a person is named in public.
        benign = "Maison" if re.search("/bodies|/places", key[0]) else PERSONAL[0]
        for text in (*islice(hostile, 3), benign):
            _send(walked, app, accounts[role], form, text)
        _send(walked, app, accounts[role], form, next(hostile), turned=True)


def _send(
    walked: Used, app: object, account: str, form: PageForm, text: str, *, turned: bool = False
) -> None:
    seat = sign_in(walked.register, app, account)
    fields = form.turned(text) if turned else form.filled(text)
    if "csrf" in fields:
        fields["csrf"] = [seat.csrf]
    files = {name: ("x.csv", text.encode(), "text/csv") for name in form.files} or None
    answer = seat.client.request(form.method, form.action, data=fields, files=files, follow_redirects=False)
    walked.asked.append((form.method.upper(), form.action, text, answer))


def test_enough_was_walked(used: Used) -> None:
    assert len(used.forms) > 45
    assert len([1 for method, *_ in used.asked if method == "GET"]) > 80
    assert any(answer.status_code == 303 for method, _, _, answer in used.asked if method == "POST")


def test_no_form_can_make_the_desk_fail(used: Used) -> None:
    wrong = [(m, a, t[:40], r.status_code) for m, a, t, r in used.asked if r.status_code >= 500]
    assert wrong == []


def test_what_was_typed_is_text_and_never_a_page(used: Used) -> None:
    for method, address, text, answer in used.asked:
        assert "Traceback" not in answer.text, (method, address)
        assert "<script>alert" not in answer.text, (method, address, text)
        assert "<img src=x" not in answer.text, (method, address, text)
        assert ">49<" not in answer.text, (method, address, text)
        assert "set-cookie" not in answer.headers or "x=y" not in answer.headers["set-cookie"]


def test_no_browser_keeps_an_answer_of_the_desk(used: Used) -> None:
    for method, address, _, answer in used.asked:
        assert answer.headers["cache-control"] == "no-store", (method, address)
    kinds = {answer.headers.get("content-type", "").partition(";")[0] for *_, answer in used.asked}
    assert {"text/html", "application/pdf", "application/zip", "text/csv"} <= kinds


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/desk/nothing", 404),
        ("DELETE", "/desk", 405),
        ("POST", "/desk/sign-in", 413),
        ("GET", "/desk/people", 303),
    ],
)
def test_no_browser_keeps_an_error_of_the_desk(used: Used, method: str, path: str, status: int) -> None:
    """And what is refused before any page is asked is a page all the same."""
    app = create_app(used.register.settings, register=used.register)
    client = TestClient(app, base_url=SCHEME.url, raise_server_exceptions=False)
    content = b"a=" + b"x" * 70_000 if status == 413 else None
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.request(method, path, content=content, headers=kind, follow_redirects=False)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert status == 303 or "<h1>Cela n’a pas marché</h1>" in answer.text


def names_in(text: str) -> list[str]:
    found = unquote_plus(text).casefold()
    return [one for one in PERSONAL if one.casefold() in found]


def test_no_address_names_anybody(used: Used) -> None:
    """No link, no form, no redirect, no title (a browser keeps its history), no name of a file."""
    for method, address, _, answer in used.asked:
        for header in ("location", "content-disposition"):
            assert names_in(answer.headers.get(header, "")) == [], (method, address, header)
        if answer.headers.get("content-type", "").startswith("text/html"):
            page = read_page(answer.text)
            for text in (*page.links, page.title):
                assert names_in(text) == [], (method, address, text)


def test_no_form_puts_what_is_typed_into_an_address(used: Used) -> None:
    assert {form.method for _, form in used.forms.values()} == {"post"}


def test_no_log_and_no_metric_names_anybody(used: Used) -> None:
    assert used.logged.count('"event": "request"') >= len(used.asked)
    assert names_in(used.logged) == []
    assert names_in(used.metrics) == []
    for one in (*used.settled.codes, *used.settled.ids.values()):
        assert len(one) < 20 or one not in used.logged
    assert '"route": "/desk/people/{person}"' in used.logged
    assert any(name in answer.text for *_, answer in used.asked for name in PERSONAL)
