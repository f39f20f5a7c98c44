"""A register with two bodies and somebody of every role, and browsers (clients) that are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.staff.accounts import add_account
from issuer.staff.roles import OF_A_BODY, Grant, Role
from issuer.staff.sessions import open_session, session_of
from issuer.web.app import create_app
from issuer.web.desk.routes import cookie_name
from tests.issuer.registers import BODY, OTHER, SCHEME, Clock, make_register


@dataclass
class Seat:
    """Somebody signed in: their account, a client with the cookie, and what their forms carry."""

    account: str
    client: TestClient
    csrf: str

    def post(self, path: str, **fields: object) -> object:
        """Send a form as a page of this session would."""
        return self.client.post(path, data={"csrf": self.csrf, **fields}, follow_redirects=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path, clock: Clock) -> Iterator[Register]:
    with make_register(tmp_path / "scheme", clock) as made:
        yield made


@pytest.fixture
def app(register: Register) -> object:
    return create_app(register.settings, register=register)


@pytest.fixture
def nobody(app: object) -> Iterator[TestClient]:
    with TestClient(app, base_url=SCHEME.url, raise_server_exceptions=False) as client:
        yield client


Seats = Callable[..., Seat]


@pytest.fixture
def seat(register: Register, app: object) -> Seats:
    """Give a new member of staff, signed in: `seat(Role.TRAINER)`, `seat(Role.TRAINER, OTHER)`."""

    def make(role: Role, body: str = BODY, *, proved: bool = True, shared: bool = False) -> Seat:
        grant = Grant(role, body if role in OF_A_BODY else None)
        account = add_account(register, f"Camille {role.title()}", grant, actor="test")
        return sign_in(register, app, account, proved=proved, shared=shared)

    return make


def sign_in(
    register: Register, app: object, account: str, *, proved: bool = True, shared: bool = False
) -> Seat:
    secret = open_session(register, account, way="test", device="test", is_shared=shared, proved=proved)
    session = session_of(register, secret)
    assert session is not None
    client = TestClient(app, base_url=SCHEME.url, raise_server_exceptions=False)  # type: ignore[arg-type]
    client.cookies.set(cookie_name(register), secret)
    return Seat(account, client, session.csrf)


__all__ = ["BODY", "OTHER", "Seat", "Seats", "sign_in"]
