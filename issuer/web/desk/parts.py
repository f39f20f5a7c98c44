"""All pages of the desk, from every part of it."""

from __future__ import annotations

from issuer.register import Register
from issuer.web.desk.home import home_routes
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.sign_in import sign_in_routes

__all__ = ["desk_routes"]


def desk_routes(register: Register) -> list[DeskRoute]:
    """Return every page; a test walks each of them as every role."""
    return [*home_routes(register), *sign_in_routes(register)]
