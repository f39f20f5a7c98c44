"""Second looks: asking for one on a person's page, the list of open ones, taking and closing one.

Left to others: who may take it and how it ends (`issuer.people.looks`).
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from issuer.people.facts import facts_of
from issuer.people.files import PEOPLE_ROLES
from issuer.people.looks import OUTCOMES, Look, ask_look, close_look, look_of, open_looks, take_look
from issuer.staff.accounts import staff_of
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import day_of, day_said, scope, word_of
from issuer.web.desk.people_view import fact_view, names_of
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from passport.errors import PassportError

__all__ = ["look_view", "people_look_routes"]


def people_look_routes() -> list[DeskRoute]:
    """Return the pages."""
    return [
        DeskRoute("POST", "/desk/people/{person}/look/{attestation}", _ask, PEOPLE_ROLES),
        DeskRoute("GET", "/desk/looks", _list, PEOPLE_ROLES),
        DeskRoute("GET", "/desk/looks/{look}", _show, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/looks/{look}/take", _take, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/looks/{look}/close", _close, PEOPLE_ROLES),
    ]


def look_view(visit: Visit, look: Look) -> dict[str, Any]:
    """Return a second look in words."""
    _, facts = facts_of(visit.register, look.person, bodies=scope(visit))
    names = names_of(visit.register)
    views = {fact.id: fact_view(fact, names, visit.lang, at=visit.register.now()) for fact in facts}
    person, _ = facts_of(visit.register, look.person, bodies=scope(visit))
    newer = [
        view
        for view in views.values()
        if view["id"] != look.attestation and view["state"] == "valid" and view["acts"]
    ]
    return {
        "id": look.id,
        "person": look.person,
        "name": person.holder.full_name,
        "asked": day_said(day_of(look.asked_at), visit.lang),
        "closed": day_said(day_of(look.closed_at), visit.lang) if look.closed_at is not None else "",
        "outcome": look.outcome or "",
        "taken_by": _name(visit, look.taken_by),
        "is_mine": look.taken_by == visit.staff.actor,
        "may_take": look.may_take,
        "fact": views.get(look.attestation or ""),
        "newer": newer,
    }


def _name(visit: Visit, actor: str | None) -> str:
    """Return the name of a colleague."""
    if actor is None:
        return ""
    found = staff_of(visit.register, actor.removeprefix("staff:"))
    return found.name if found is not None else ""


def _ask(visit: Visit) -> Response:
    look = ask_look(visit.register, visit.staff, visit.path("person"), visit.path("attestation"))
    return see_other(visit, f"/desk/looks/{look}", done="look_asked")


def _list(visit: Visit) -> Response:
    looks = [look_view(visit, look) for look in open_looks(visit.register, visit.staff)]
    return page(visit, "people_looks.html", looks=looks)


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    look = look_of(visit.register, visit.staff, visit.path("look"))
    return page(
        visit,
        "people_look.html",
        status=status,
        look=look_view(visit, look),
        outcomes=OUTCOMES,
        problem=problem,
    )


def _take(visit: Visit) -> Response:
    try:
        take_look(visit.register, visit.staff, visit.path("look"))
    except PassportError as error:
        if error.code not in {"look_own", "look_taken"}:
            raise
        return _show(visit, problem=word_of(error, visit.lang), status=409)
    return see_other(visit, f"/desk/looks/{visit.path('look')}", done="look_taken")


def _close(visit: Visit) -> Response:
    form = visit.form
    outcome = form.text("outcome")
    newer = form.text("newer") if outcome == "changed" else ""
    try:
        close_look(visit.register, visit.staff, visit.path("look"), outcome=outcome, outcome_id=newer or None)
    except PassportError as error:
        if error.code not in {"look_outcome", "look_other"}:
            raise
        return _show(visit, problem=word_of(error, visit.lang), status=422)
    return see_other(visit, "/desk/looks", done="look_closed")
