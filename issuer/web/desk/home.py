"""The first page of the desk: what can be done here, for whoever is signed in."""

from __future__ import annotations

from starlette.responses import Response

from issuer.register import Register
from issuer.register.bodies import body_names
from issuer.staff.roles import Role
from issuer.web.desk.frame import page
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit

__all__ = ["home_routes"]


def home_routes(register: Register) -> list[DeskRoute]:
    """Return ``/desk``."""
    return [DeskRoute("GET", "/desk", _home, frozenset(Role))]


def _home(visit: Visit) -> Response:
    names = body_names(visit.register)
    grants = [(f"desk.role.{g.role}", names.get(g.body or "", "")) for g in visit.staff.grants]
    return page(visit, "home.html", grants=grants)
