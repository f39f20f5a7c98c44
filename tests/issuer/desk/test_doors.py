"""Every page of the desk, as every role and as nobody: it opens for those it is for, and for no other."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.staff.roles import Role
from issuer.web.desk.parts import desk_routes
from issuer.web.desk.routes import SIGN_IN, DeskRoute
from tests.issuer.desk.conftest import Seats

NOTHING = "0" * 24
"""An id that nothing has: the door is tried, not what lies behind it."""


def _address(route: DeskRoute) -> str:
    return re.sub(r"\{[a-z_]+\}", NOTHING, route.path)


def test_every_page_opens_for_its_roles_alone(register: Register, nobody: TestClient, seat: Seats) -> None:
    routes = desk_routes(register)
    assert len({(route.method, route.path) for route in routes}) == len(routes)
    seats = {role: seat(role) for role in Role}
    for route in routes:
        if not route.roles:
            continue
        for role in Role:
            fields = {"csrf": seats[role].csrf} if route.method == "POST" else None
            answer = seats[role].client.request(
                route.method, _address(route), data=fields, follow_redirects=False
            )
            refused = answer.status_code == 403 and "autre rôle" in answer.text
            assert refused is (role not in route.roles), (route.method, route.path, role)
            assert answer.status_code < 500, (route.method, route.path, role)
            assert "no-store" in answer.headers["cache-control"]


def test_nobody_is_led_to_the_sign_in_page(register: Register, nobody: TestClient) -> None:
    for route in desk_routes(register):
        if route.roles:
            answer = nobody.request(route.method, _address(route), follow_redirects=False)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith(SIGN_IN)


def test_a_form_without_its_token_changes_nothing(register: Register, seat: Seats) -> None:
    for route in desk_routes(register):
        if route.method == "POST" and route.roles:
            someone = seat(next(iter(route.roles)))
            answer = someone.client.post(_address(route), data={"csrf": "0" * 64}, follow_redirects=False)
            assert answer.status_code == 403, route.path


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_of_another_site_changes_nothing(
    register: Register, seat: Seats, headers: dict[str, str]
) -> None:
    for route in desk_routes(register):
        if route.method == "POST" and route.roles:
            someone = seat(next(iter(route.roles)))
            answer = someone.client.post(
                _address(route), data={"csrf": someone.csrf}, headers=headers, follow_redirects=False
            )
            assert answer.status_code == 403, route.path
