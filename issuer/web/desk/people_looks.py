"""Second looks: asking for one on a person's page, the list of open ones, taking and closing one.

Left to others: who may take it and how it ends (`issuer.people.looks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from issuer.people.facts import facts_of
from issuer.people.files import PEOPLE_ROLES, holders_of
from issuer.people.looks import OUTCOMES, Look, ask_look, close_look, look_of, open_looks, take_look
from issuer.staff.accounts import colleague_names
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import day_of, day_said, scope, word_of
from issuer.web.desk.people_view import fact_view, names_of
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from passport.errors import PassportError

__all__ = ["people_look_routes"]


def people_look_routes() -> list[DeskRoute]:
    """Return the pages."""
    return [
        DeskRoute("POST", "/desk/people/{person}/look/{attestation}", _ask, PEOPLE_ROLES),
        DeskRoute("GET", "/desk/looks", _list, PEOPLE_ROLES),
        DeskRoute("GET", "/desk/looks/{look}", _show, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/looks/{look}/take", _take, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/looks/{look}/close", _close, PEOPLE_ROLES),
    ]


def _line(visit: Visit, look: Look, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a second look in words. `names`: of colleagues, by actor."""
    return {
        "id": look.id,
        "person": look.person,
        "asked": day_said(day_of(look.asked_at), visit.lang),
        "closed": day_said(day_of(look.closed_at), visit.lang) if look.closed_at is not None else "",
        "outcome": look.outcome or "",
        "taken_by": names.get(look.taken_by or "", ""),
        "is_mine": look.taken_by == visit.staff.actor,
        "may_take": look.may_take,
    }


def _whole(visit: Visit, look: Look) -> dict[str, Any]:
    """Return a second look with the attestation that it is about, and those that may have come of it."""
    person, facts = facts_of(visit.register, look.person, bodies=scope(visit))
    names = names_of(visit.register)
    views = {fact.id: fact_view(fact, names, visit.lang, at=visit.register.now()) for fact in facts}
    newer = [
        view
        for view in views.values()
        if view["id"] != look.attestation and view["state"] == "valid" and view["acts"]
    ]
    return {
        **_line(visit, look, colleague_names(visit.register, [look.taken_by])),
        "name": person.holder.full_name,
        "fact": views.get(look.attestation or ""),
        "newer": newer,
    }


def _ask(visit: Visit) -> Response:
    look = ask_look(visit.register, visit.staff, visit.path("person"), visit.path("attestation"))
    return see_other(visit, f"/desk/looks/{look}", done="look_asked")


def _list(visit: Visit) -> Response:
    found = open_looks(visit.register, visit.staff)
    people = holders_of(visit.register, [look.person for look in found], bodies=scope(visit))
    names = colleague_names(visit.register, [look.taken_by for look in found])
    looks = [
        {**_line(visit, look, names), "name": people[look.person].full_name}
        for look in found
        if look.person in people
    ]
    return page(visit, "people_looks.html", looks=looks)


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    look = look_of(visit.register, visit.staff, visit.path("look"))
    return page(
        visit,
        "people_look.html",
        status=status,
        look=_whole(visit, look),
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
