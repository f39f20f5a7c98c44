"""Finding somebody, and adding somebody: ``/desk/people`` and ``/desk/people/new``.

Decided here: a name is only ever sent in a form, never in an address; homonyms are shown, and somebody else
is added only when a person says so. Left to others: who is found (`issuer.people.finding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from issuer.people.files import IDENTITIES, PEOPLE_ROLES, HomonymsError, add_person
from issuer.people.finding import FoundPerson, find_people
from issuer.register.bodies import body_names
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import FIELDS, FieldError, day_said, read_holder, scope, word_of
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from passport.errors import PassportError

__all__ = ["people_search_routes"]


def people_search_routes() -> list[DeskRoute]:
    """Return the pages."""
    return [
        DeskRoute("GET", "/desk/people", _search, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/people", _search, PEOPLE_ROLES),
        DeskRoute("GET", "/desk/people/new", _new, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/people/new", _add, PEOPLE_ROLES),
    ]


def _search(visit: Visit) -> Response:
    text = visit.form.text("text")
    found = find_people(visit.register, text, bodies=scope(visit)) if text else []
    return page(visit, "people_search.html", text=text, found=_shown(visit, found))


def _shown(visit: Visit, found: Sequence[FoundPerson]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "name": f"{one.given_name} {one.family_name}",
            "born": day_said(one.birthdate, visit.lang),
            "seen": day_said(one.last_seen, visit.lang),
        }
        for one in found
    ]


def _new(visit: Visit) -> Response:
    return _form(visit)


def _form(
    visit: Visit,
    *,
    status: int = 200,
    wrong: dict[str, str] | None = None,
    same: Sequence[FoundPerson] = (),
) -> Response:
    typed = {name: visit.form.text(name) for name in (*FIELDS, "body")}
    if not (typed["given_name"] or typed["family_name"]):
        # What was looked for is most often “given name family name”.
        typed["given_name"], _, typed["family_name"] = visit.form.text("text").partition(" ")
    names = body_names(visit.register)
    return page(
        visit,
        "people_new.html",
        status=status,
        typed=typed,
        wrong=wrong or {},
        same=_shown(visit, same),
        identities=IDENTITIES,
        bodies=[(slug, names[slug]) for slug in sorted(scope(visit))],
    )


def _add(visit: Visit) -> Response:
    form = visit.form
    if form.text("text"):
        return _form(visit)  # from the search, with what was typed there
    mine = sorted(scope(visit))
    try:
        holder = read_holder(visit)
        person = add_person(
            visit.register,
            visit.staff,
            form.text("body") or mine[0],
            given_name=holder.given_name,
            family_name=holder.family_name,
            birthdate=holder.birthdate,
            identity=form.text("identity"),
            email=form.text("email"),
            accept_homonyms=form.text("other") == "yes",
        )
    except HomonymsError as error:
        return _form(visit, status=409, same=error.candidates)
    except FieldError as error:
        return _form(visit, status=422, wrong={error.field: word_of(error, visit.lang)})
    except PassportError as error:
        if error.code not in FIELDS:
            raise
        return _form(visit, status=422, wrong={error.code: word_of(error, visit.lang)})
    return see_other(visit, f"/desk/people/{person}", done="person_added")
