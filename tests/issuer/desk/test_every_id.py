"""Every id in every address, guessed: another body's, nobody's, and what is no id at all, as every role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote

import pytest
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.register import Register
from issuer.staff.accounts import add_account
from issuer.staff.roles import OF_A_BODY, Grant, Role
from issuer.web.app import create_app
from issuer.web.desk.parts import desk_routes
from issuer.web.desk.routes import DeskRoute
from tests.issuer.databases import counts
from tests.issuer.desk.conftest import BODY, OTHER, Seat, sign_in
from tests.issuer.desk.settled import PEOPLE, Settled, address_of, parts_of, settle
from tests.issuer.registers import Clock, make_register

GUESSES = (
    *("0" * 24, "0", "-1", "9" * 30, str(2**63), "x", "a" * 3_000, "é", "%F0%9F%A6%8A", "%FF"),
    *("%00", "%0A", "%2F..%2F", "'%20OR%201=1"),
)
PUBLIC = frozenset({"act", "framework", "chain", "body"})
"""Parts that name no thing of a body's own: kinds, and what everybody of the role may see."""
FORM = dict(
    pair.split("=")
    for pair in (
        "reason=r&sure=yes&kind=card&outcome=dropped&act=issue&text=Z&given_name=A&family_name=B&identity=seen"
        f"&role=trainer:{BODY}&address=1 rue X&postal_code=15000&town=Aurillac&duplicates=yes&name=X"
    ).split("&")
)


@dataclass(frozen=True)
class Network:
    """Two bodies that have everything, and somebody of each role in both. Nothing here changes it."""

    register: Register
    bodies: dict[str, Settled]
    seats: dict[tuple[Role, str], Seat]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = server.new_database() if server is not None else ""
    with make_register(tmp_path_factory.mktemp("desk") / "scheme", Clock(), url=url) as register:
        app = create_app(register.settings, register=register)
        bodies = {body: settle(register, body) for body in (BODY, OTHER)}
        seats = {
            (role, body): sign_in(
                register,
                app,
                add_account(
                    register, "Sacha", Grant(role, body if role in OF_A_BODY else None), actor="test"
                ),
            )
            for role in Role
            for body in (BODY, OTHER)
        }
        yield Network(register, bodies, seats)
    if server is not None:
        server.drop(url)


def ask(seat: Seat, route: DeskRoute, address: str) -> Response:
    data = {**FORM, "csrf": seat.csrf} if route.method == "POST" else None
    return seat.client.request(route.method, address, data=data, follow_redirects=False)


def walk(register: Register) -> Iterator[tuple[DeskRoute, Role]]:
    """Give every route that names something, for each role that may open it."""
    for route in desk_routes(register):
        for role in sorted(route.roles) if parts_of(route) else ():
            yield route, role


def kept(register: Register) -> dict[str, int]:
    return {
        table: n
        for table, n in counts(register.settings.database_url).items()
        if table not in {"staff_session", "throttle", "sign_in_flow"}
    }


def test_every_page_about_something_opens_for_its_own(network: Network) -> None:
    """The ids of the other tests exist: what they are refused is not refused for another reason."""
    mine, opened = network.bodies[BODY], 0
    for route, role in walk(network.register):
        if route.method == "GET":
            # A list that was sent is its sender's alone; the régie looks after no trainer.
            is_closed = "list" in parts_of(route) or ("account" in parts_of(route) and role is Role.AGENCY)
            answer = ask(network.seats[role, BODY], route, address_of(route, mine.ids))
            assert answer.status_code == (404 if is_closed else 200), (route.path, role)
            opened += 1
    assert opened > 25


def test_the_ids_of_another_body_are_ids_of_nothing(network: Network) -> None:
    """Each part in turn is another body's, the rest is one's own: refused as what is not there, 404."""
    mine, theirs, asked = network.bodies[OTHER], network.bodies[BODY], 0
    before = kept(network.register)
    for route, role in walk(network.register):
        seat = network.seats[role, OTHER]
        if role in {Role.AGENCY, Role.AUDITOR}:
            continue  # the régie and its auditors see every body
        for part in set(parts_of(route)) - PUBLIC:
            answer = ask(seat, route, address_of(route, mine.ids, **{part: theirs.ids[part]}))
            assert answer.status_code == 404, (route.method, route.path, part, role)
            whole = ask(seat, route, address_of(route, theirs.ids))
            assert whole.status_code == 404, (route.method, route.path, role)
            absent = ask(seat, route, address_of(route, mine.ids, **{part: "0" * 24}))
            assert _said(whole) == _said(answer) == _said(absent), (route.path, part)
            asked += 1
    assert asked > 90
    assert kept(network.register) == before


def _said(answer: Response) -> str:
    """Return the page without what names the visitor and the address."""
    return answer.text.partition("<h1>")[2]


def test_the_agency_reads_no_person_and_looks_after_no_trainer(network: Network) -> None:
    for role in (Role.AGENCY, Role.AUDITOR):
        for route, held in walk(network.register):
            if held is role and route.method == "GET":
                answer = ask(network.seats[role, BODY], route, address_of(route, network.bodies[BODY].ids))
                assert all(name not in answer.text for one in PEOPLE for name in one)
                if "account" in parts_of(route):
                    assert answer.status_code == 404, route.path


def test_what_is_no_id_is_nothing_and_never_an_error_of_ours(network: Network) -> None:
    """Negative, huge, text, a zero byte, letters of elsewhere; for each part of each address."""
    mine, asked, guesses = network.bodies[BODY], 0, cycle(GUESSES)
    before = kept(network.register)
    for route, role in walk(network.register):
        if role is not min(route.roles):
            continue  # which role asks makes no difference to what is no id
        for part in set(parts_of(route)):
            for guess in islice(guesses, 4):  # all of them in turn
                answer = ask(network.seats[role, BODY], route, address_of(route, mine.ids, **{part: guess}))
                status = answer.status_code
                # 405: the guess made another address, of a page that takes no such method.
                assert status in {404, 405, 422}, (route.method, route.path, part, guess, status)
                assert "no-store" in answer.headers["cache-control"]
                assert "Traceback" not in answer.text
                asked += 1
    assert asked > 250
    assert kept(network.register) == before


@settings(max_examples=100, deadline=None, database=None)
@given(data=st.data())
def test_any_text_is_an_id_of_nothing(network: Network, data: st.DataObject) -> None:
    routes = [route for route, role in walk(network.register) if role is min(route.roles)]
    route = data.draw(st.sampled_from(routes))
    part = data.draw(st.sampled_from(parts_of(route)))
    text = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
    ids = network.bodies[BODY].ids
    if text in ids.values() or text in {".", ".."}:  # the client itself takes these out of an address
        return
    seat = network.seats[min(route.roles), BODY]
    answer = ask(seat, route, address_of(route, ids, **{part: quote(text, safe="")}))
    assert answer.status_code in {404, 405, 422}, (route.path, part, text)
