"""Merging two records, giving somebody their data, erasing somebody.

Decided here: each is asked for on a page that shows what will happen; merging shows both side by side;
erasing asks for the name to be read again (a box to tick), and the second factor, like merging: neither can
be undone. Left to others: what happens (`issuer.people`).
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from issuer.people.erasing import erase_person
from issuer.people.exporting import export_person
from issuer.people.facts import facts_of
from issuer.people.files import PEOPLE_ROLES, person
from issuer.people.merging import may_be_same, merge_people
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import day_said, file_answer, scope, word_of
from issuer.web.desk.people_view import fact_view, names_of, person_view
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from passport.errors import PassportError

__all__ = ["people_care_routes"]

_MERGE_FAULTS = frozenset({"same_person", "merge_elsewhere", "merge_workshop"})


def people_care_routes() -> list[DeskRoute]:
    """Return the pages."""
    base = "/desk/people/{person}"
    return [
        DeskRoute("GET", f"{base}/merge", _candidates, PEOPLE_ROLES),
        DeskRoute("GET", f"{base}/merge/{{other}}", _compare, PEOPLE_ROLES),
        DeskRoute("POST", f"{base}/merge/{{other}}", _merge, PEOPLE_ROLES, proof=True),
        DeskRoute("POST", f"{base}/export", _export, PEOPLE_ROLES),
        DeskRoute("GET", f"{base}/erase", _ask_erase, PEOPLE_ROLES),
        DeskRoute("POST", f"{base}/erase", _erase, PEOPLE_ROLES, proof=True),
    ]


def _candidates(visit: Visit) -> Response:
    known = person(visit.register, visit.path("person"), bodies=scope(visit))
    same = may_be_same(visit.register, known, bodies=scope(visit))
    shown = [
        {
            "id": one.id,
            "name": f"{one.given_name} {one.family_name}",
            "born": day_said(one.birthdate, visit.lang),
            "seen": day_said(one.last_seen, visit.lang),
        }
        for one in same
    ]
    return page(visit, "people_merge_list.html", person=_person(visit, known.id), same=shown)


def _person(visit: Visit, person_id: str) -> dict[str, Any]:
    known, facts = facts_of(visit.register, person_id, bodies=scope(visit))
    names, lang, at = names_of(visit.register), visit.lang, visit.register.now()
    shown = person_view(known, names, lang)
    return {**shown, "facts": [fact_view(fact, names, lang, at=at) for fact in facts]}


def _compare(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    return page(
        visit,
        "people_merge.html",
        status=status,
        person=_person(visit, visit.path("person")),
        other=_person(visit, visit.path("other")),
        problem=problem,
    )


def _merge(visit: Visit) -> Response:
    try:
        kept = merge_people(visit.register, visit.staff, keep=visit.path("person"), gone=visit.path("other"))
    except PassportError as error:
        if error.code not in _MERGE_FAULTS:
            raise
        return _compare(visit, problem=word_of(error, visit.lang), status=409)
    return see_other(visit, f"/desk/people/{kept}", done="merged")


def _export(visit: Visit) -> Response:
    data = export_person(
        visit.register,
        visit.path("person"),
        bodies=scope(visit),
        actor=visit.staff.actor,
        lang=visit.lang,
    )
    return file_answer(data, "application/zip", "mes-donnees.zip")


def _ask_erase(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    shown = _person(visit, visit.path("person"))
    return page(visit, "people_erase.html", status=status, person=shown, problem=problem)


def _erase(visit: Visit) -> Response:
    if visit.form.text("sure") != "yes":
        return _ask_erase(visit, problem="desk.people.wrong.sure", status=422)
    erase_person(
        visit.register,
        visit.path("person"),
        bodies=scope(visit),
        actor=visit.staff.actor,
        keep_valid=visit.form.text("papers") == "keep",
    )
    return see_other(visit, "/desk/people", done="erased")
