"""The places of a body at the desk: open one, close one, and what the public directory says of it.

Decided here: a référent keeps the places of their own bodies, the régie those of all. Opening and closing a
place changes the trust list, which the régie signs; a card does not, and shows at once. Left to others: what
a card may say (`issuer.network.cards`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from issuer.network.cards import ACCESS, SERVICES, CardError, PlaceCard, read_card
from issuer.network.directory import ListedPlace, listed_places, put_card
from issuer.staff.roles import Role
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.directory import hours_in_words, phone_in_words
from issuer.web.problems import Problem

__all__ = ["place_routes"]

_KEEPERS: Final = frozenset({Role.REFERENT, Role.AGENCY})


def place_routes() -> list[DeskRoute]:
    """Return ``/desk/places`` and the card of each."""
    return [
        DeskRoute("GET", "/desk/places", _list, _KEEPERS),
        DeskRoute("GET", "/desk/places/{body}/{place}", _show, _KEEPERS),
        DeskRoute("POST", "/desk/places/{body}/{place}", _keep, _KEEPERS),
    ]


def _mine(visit: Visit) -> list[ListedPlace]:
    """Return the places that the visitor keeps."""
    places = listed_places(visit.register)
    if visit.staff.holds(Role.AGENCY):
        return places
    bodies = visit.staff.bodies(Role.REFERENT)
    return [one for one in places if one.body in bodies]


def _this(visit: Visit) -> ListedPlace:
    for one in _mine(visit):
        if (one.body, one.id) == (visit.path("body"), visit.path("place")):
            return one
    raise Problem(404, "not_found", "There is no such place.")


def _list(visit: Visit) -> Response:
    return page(visit, "places_list.html", places=_mine(visit))


def _show(visit: Visit) -> Response:
    one = _this(visit)
    members = one.card.to_json()
    typed = {name: _typed(value) for name, value in members.items()}
    # As people say it: what is read back is the same.
    typed["hours"] = "\n".join(hours_in_words(one.card.hours, visit.lang))
    typed["phone"] = phone_in_words(one.card.phone)
    return _form(visit, one, typed, members)


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def _keep(visit: Visit) -> Response:
    one, form = _this(visit), visit.form
    try:
        card = read_card(form.text, form.texts)
    except CardError as error:
        typed = {name: form.text(name) for name in PlaceCard().to_json()}
        chosen = {"services": form.texts("services"), "access": form.texts("access")}
        return _form(visit, one, typed, chosen, wrong=error.wrong, status=422)
    put_card(visit.register, one.body, one.id, card, actor=visit.staff.actor)
    return see_other(visit, "/desk/places", done="card_kept")


def _form(
    visit: Visit,
    one: ListedPlace,
    typed: dict[str, str],
    chosen: dict[str, Any],
    *,
    wrong: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    values = {"place": one, "typed": typed, "chosen": chosen, "wrong": wrong}
    return page(visit, "places_card.html", status=status, services=SERVICES, ways=ACCESS, **values)
