"""All pages of the desk, from every part of it."""

from __future__ import annotations

from issuer.register import Register
from issuer.web.desk.account import account_routes
from issuer.web.desk.account_keys import account_key_routes
from issuer.web.desk.audit import audit_routes
from issuer.web.desk.board import board_routes
from issuer.web.desk.bodies import body_routes
from issuer.web.desk.enrolling import enrolling_routes
from issuer.web.desk.home import home_routes
from issuer.web.desk.people_acts import people_act_routes
from issuer.web.desk.people_care import people_care_routes
from issuer.web.desk.people_import import people_import_routes
from issuer.web.desk.people_looks import people_look_routes
from issuer.web.desk.people_open import people_open_routes
from issuer.web.desk.people_page import people_page_routes
from issuer.web.desk.people_pending import people_pending_routes
from issuer.web.desk.people_search import people_search_routes
from issuer.web.desk.places import place_routes
from issuer.web.desk.provider_pages import provider_routes
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.sign_in import sign_in_routes
from issuer.web.desk.staff_pages import staff_routes
from issuer.web.desk.unlocking import unlocking_routes
from issuer.web.desk.workshop_routes import workshop_routes

__all__ = ["desk_routes"]


def desk_routes(register: Register) -> list[DeskRoute]:
    """Return every page; a test walks each of them as every role."""
    return [
        *home_routes(register),
        *sign_in_routes(register),
        *enrolling_routes(register),
        *unlocking_routes(register),
        *provider_routes(register),
        *account_routes(register),
        *account_key_routes(register),
        *staff_routes(register),
        *body_routes(),
        *place_routes(),
        *board_routes(),
        *audit_routes(),
        *people_search_routes(),
        *people_page_routes(),
        *people_act_routes(),
        *people_care_routes(),
        *people_look_routes(),
        *people_open_routes(),
        *people_import_routes(),
        *people_pending_routes(),
        *workshop_routes(register),
    ]
