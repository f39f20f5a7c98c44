"""A workshop: who is there. Adding somebody known, or somebody new; whoever has the same name is shown first.

Decided here: a name is sent in a form and never in an address, also to look for somebody; of namesakes a
human says whether it is the same person, and until then nobody is added. Left to others: finding and adding
(`issuer.people`), the list (`issuer.workshop.attending`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.responses import Response

from issuer.people.files import IDENTITIES, HomonymsError, add_person
from issuer.people.finding import FoundPerson, find_people
from issuer.web.desk.frame import see_other
from issuer.web.desk.visit import Visit
from issuer.web.desk.workshop_frame import bodies_of, this_workshop, workshop_page
from issuer.web.desk.workshop_list import read_day
from issuer.workshop.attending import add_people, attendees, people_of_last, take_off
from issuer.workshop.plans import Workshop
from passport.errors import PassportError
from passport.pages.catalogue import date_in_words

__all__ = ["add_known", "add_new", "find", "remove", "this_page"]

_FIELD_OF: Final[Mapping[str, str]] = {
    "birthdate": "birthdate",
    "workshop_day": "birthdate",
    "identity": "identity",
    "name_length": "name",
    "name_form": "name",
    "name_characters": "name",
}
"""Code of an error → field of the form that it is said at."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """The form of a new person as filled in so far."""

    given_name: str = ""
    family_name: str = ""
    birthdate: str = ""
    identity: str = IDENTITIES[-1]


def this_page(visit: Visit) -> Response:
    """Answer ``GET /desk/workshops/{workshop}``."""
    return _page(visit, this_workshop(visit))


def find(visit: Visit) -> Response:
    """Answer ``POST …/find``: whoever of the body may be meant by what was typed."""
    held, asked = this_workshop(visit), visit.form.text("asked")
    found = find_people(visit.register, asked, bodies=frozenset({held.body}))
    return _page(visit, held, asked=asked, found=_shown(visit, found))


def add_known(visit: Visit) -> Response:
    """Answer ``POST …/add``: people whose files the body has."""
    people = visit.form.texts("person")
    add_people(visit.register, visit.path("workshop"), people, bodies=bodies_of(visit))
    return see_other(visit, _back(visit), done="workshop_added" if people else "")


def add_new(visit: Visit) -> Response:
    """Answer ``POST …/new``: somebody who is not in the body's files, unless they are."""
    held, form = this_workshop(visit), visit.form
    typed = _Typed(
        form.text("given_name"), form.text("family_name"), form.text("birthdate"), form.text("identity")
    )
    try:
        person = add_person(
            visit.register,
            visit.staff,
            held.body,
            given_name=typed.given_name,
            family_name=typed.family_name,
            birthdate=_birthdate(typed.birthdate),
            identity=typed.identity,
            accept_homonyms=form.text("other") == "yes",
        )
    except HomonymsError as question:
        same = _shown(visit, question.candidates)
        return _page(visit, held, status=409, typed=typed, homonyms=same)
    except PassportError as error:
        if error.code not in _FIELD_OF:
            raise
        return _page(visit, held, status=422, typed=typed, fault=error.code)
    add_people(visit.register, held.id, [person], bodies=bodies_of(visit))
    return see_other(visit, _back(visit), done="workshop_added")


def remove(visit: Visit) -> Response:
    """Answer ``POST …/off``."""
    take_off(visit.register, visit.path("workshop"), visit.form.text("person"), bodies=bodies_of(visit))
    return see_other(visit, _back(visit), done="workshop_removed")


def _birthdate(text: str) -> date | None:
    return read_day(text) if text else None


def _back(visit: Visit) -> str:
    return f"/desk/workshops/{visit.path('workshop')}"


def _page(
    visit: Visit,
    held: Workshop,
    *,
    status: int = 200,
    typed: _Typed | None = None,
    fault: str = "",
    asked: str = "",
    found: Sequence[dict[str, Any]] | None = None,
    homonyms: Sequence[dict[str, Any]] = (),
) -> Response:
    there = attendees(visit.register, held.id, bodies=bodies_of(visit))
    before = people_of_last(visit.register, held.id, bodies=bodies_of(visit)) if not there else []
    return workshop_page(
        visit,
        "workshop_page.html",
        held,
        status=status,
        people=[{"id": one.id, "name": one.name, "born": _born(visit, one.birthdate)} for one in there],
        before=[{"id": one.id, "name": one.name, "born": _born(visit, one.birthdate)} for one in before],
        there={one.id for one in there},
        typed=typed or _Typed(),
        identities=IDENTITIES,
        asked=asked,
        found=found,
        homonyms=homonyms,
        wrong=_FIELD_OF.get(fault, ""),
        fault=f"desk.workshop.fault.{fault}" if fault else "",
    )


def _shown(visit: Visit, found: Sequence[FoundPerson]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "name": f"{one.given_name} {one.family_name}",
            "born": _born(visit, one.birthdate),
            "last": date_in_words(one.last_seen, visit.lang) if one.last_seen else "",
        }
        for one in found
    ]


def _born(visit: Visit, birthdate: date | None) -> str:
    return date_in_words(birthdate, visit.lang) if birthdate is not None else ""
