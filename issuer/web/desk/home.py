"""The first page of the desk: what waits, the workshops that go on, and a door to whatever can be done.

Decided here: which doors each role sees, the most used first; what is counted as waiting, in the bodies of
the visitor alone. Left to others: what lies behind each door.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from starlette.responses import Response

from issuer.board.care import cares
from issuer.network.directory import listed_places
from issuer.people.files import PEOPLE_ROLES
from issuer.people.looks import open_looks
from issuer.people.pending import pending_acts
from issuer.register import Register
from issuer.register.bodies import body_names
from issuer.register.body_changes import unpublished
from issuer.staff.roles import Role
from issuer.web.desk.frame import page
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.workshop.plans import workshop_list
from passport.pages.catalogue import date_in_words

__all__ = ["home_routes"]

_TRAINERS: Final = frozenset({Role.TRAINER})
_REFERENTS: Final = frozenset({Role.REFERENT})
_AGENCY: Final = frozenset({Role.AGENCY})
_READERS: Final = frozenset({Role.AGENCY, Role.AUDITOR})
_OPEN: Final = 3

_DOORS: Final = (
    ("/desk/workshops/new", "workshop", _TRAINERS),
    ("/desk/workshops", "workshops", _TRAINERS),
    ("/desk/people", "people", PEOPLE_ROLES),
    ("/desk/open", "open", PEOPLE_ROLES),
    ("/desk/import", "import", PEOPLE_ROLES),
    ("/desk/pending", "pending", PEOPLE_ROLES),
    ("/desk/looks", "looks", PEOPLE_ROLES),
    ("/desk/staff", "staff", _REFERENTS | _AGENCY),
    ("/desk/places", "places", _REFERENTS | _AGENCY),
    ("/desk/bodies", "bodies", _READERS),
    ("/desk/board", "board", _READERS),
    ("/desk/audit", "audit", _READERS),
)


def home_routes(register: Register) -> list[DeskRoute]:
    """Return ``/desk``."""
    return [DeskRoute("GET", "/desk", _home, frozenset(Role))]


def _home(visit: Visit) -> Response:
    names = body_names(visit.register)
    grants = [(f"desk.role.{g.role}", names.get(g.body or "", "")) for g in visit.staff.grants]
    return page(
        visit,
        "home.html",
        grants=grants,
        going_on=_going_on(visit),
        waiting=[(address, word, count) for address, word, count in _waiting(visit) if count],
        doors=[(address, word) for address, word, roles in _DOORS if visit.staff.roles & roles],
    )


def _going_on(visit: Visit) -> list[dict[str, Any]]:
    """Return the newest workshops that are not over."""
    bodies = visit.staff.bodies(Role.TRAINER)
    held = workshop_list(visit.register, bodies=bodies) if bodies else []
    return [
        {"id": one.id, "title": one.title, "day": date_in_words(one.held_on, visit.lang), "people": people}
        for one, people in held
        if one.closed_at is None
    ][:_OPEN]


def _waiting(visit: Visit) -> Iterator[tuple[str, str, int]]:
    """Yield (address, word, how much) of what waits for somebody of these roles."""
    register, staff = visit.register, visit.staff
    if staff.roles & PEOPLE_ROLES:
        yield "/desk/looks", "looks", sum(look.may_take for look in open_looks(register, staff))
        yield "/desk/pending", "pending", len(pending_acts(register, staff))
    if mine := staff.bodies(Role.REFERENT):
        places = [one for one in listed_places(register) if one.body in mine]
        yield "/desk/places", "places", sum(bool(one.card.missing) for one in places)
    if staff.holds(Role.AGENCY):
        yield "/desk/bodies", "bodies", len(unpublished(register))
    if staff.roles & _READERS:
        yield "/desk/board", "board", len(cares(register))
