"""The workshops of a trainer's bodies, and opening one: from a template, or one that was held before.

Decided here: which templates are shown (those whose framework one of the bodies may attest), and that
everything typed stands in the form again when something is wrong with it. Left to others: what a workshop may
be (`issuer.workshop.plans`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.responses import Response

from issuer.register.bodies import RegisteredBody, bodies_among, body_names
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.visit import Visit
from issuer.web.desk.workshop_frame import bodies_of
from issuer.workshop.plans import (
    GESTURES,
    MOST_COMPETENCES,
    NewWorkshop,
    new_workshop,
    workshop,
    workshop_list,
)
from passport.errors import MalformedError, PassportError
from passport.framework import framework
from passport.gestures import DIGCOMP, gesture, gestures_of, rated_competences, template, templates
from passport.model import clean_name
from passport.pages.catalogue import date_in_words

__all__ = ["create_workshop", "new_page", "read_day", "workshops_page"]

_AGAIN: Final = 3
_DAY: Final = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_FIELD_OF: Final[Mapping[str, str]] = {
    "workshop_title": "title",
    "workshop_place": "place",
    "unknown_body": "place",
    "workshop_day": "day",
    "workshop_gestures": "gestures",
    "workshop_competences": "gestures",
    "workshop_framework": "gestures",
    "unknown_gesture": "gestures",
}
"""Code of an error → field of the form that it is said at."""


def workshops_page(visit: Visit) -> Response:
    """Answer ``GET /desk/workshops``."""
    found = workshop_list(visit.register, bodies=bodies_of(visit))
    places = _places(visit)
    rows = [
        {
            "id": one.id,
            "title": one.title,
            "day": date_in_words(one.held_on, visit.lang),
            "place": places.get((one.body, one.place or ""), ""),
            "people": count,
            "is_over": one.closed_at is not None,
        }
        for one, count in found
    ]
    return page(visit, "workshop_list.html", workshops=rows)


def new_page(visit: Visit) -> Response:
    """Answer ``GET /desk/workshops/new``: the choice of a template, then the form filled from it."""
    known, again = template(visit.query("template")), visit.query("again")
    if known is not None:
        draft = _Draft(known.title(visit.lang), known.gestures, template=known.id)
        return _form(visit, draft)
    if again:
        held = workshop(visit.register, again, bodies=bodies_of(visit))
        place = f"{held.body}/{held.place or ''}"
        return _form(visit, _Draft(held.title, held.gestures, place=place, template=held.template or ""))
    attested = {of for body in _bodies(visit) for of, _, _ in body.accreditations}
    held_before = [one for one, _ in workshop_list(visit.register, bodies=bodies_of(visit))][:_AGAIN]
    return page(
        visit,
        "workshop_choose.html",
        templates=[(one.id, one.title(visit.lang)) for one in templates() if one.framework in attested],
        again=[(one.id, one.title, date_in_words(one.held_on, visit.lang)) for one in held_before],
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """The form as filled in so far."""

    title: str
    gestures: Sequence[str]
    day: str = ""
    place: str = ""
    template: str = ""


def create_workshop(visit: Visit) -> Response:
    """Answer ``POST /desk/workshops/new``."""
    form = visit.form
    draft = _Draft(
        clean_name(form.text("title")),
        form.texts("gesture"),
        day=form.text("day"),
        place=form.text("place"),
        template=form.text("template"),
    )
    body, _, place = draft.place.partition("/")
    try:
        new = NewWorkshop(
            body=body,
            place=place or None,
            held_on=read_day(draft.day),
            title=draft.title,
            gestures=tuple(draft.gestures),
            template=draft.template if template(draft.template) is not None else None,
        )
        id_ = new_workshop(visit.register, visit.staff, new)
    except PassportError as error:
        if error.code not in _FIELD_OF:
            raise
        return _form(visit, draft, fault=error.code)
    return see_other(visit, f"/desk/workshops/{id_}", done="workshop_opened")


def read_day(text: str) -> date:
    """Read a day as a browser sends it, or as somebody types it where there is no calendar."""
    try:
        if typed := _DAY.fullmatch(text):
            return date(int(typed[3]), int(typed[2]), int(typed[1]))
        return date.fromisoformat(text[:10])
    except ValueError:
        raise MalformedError("This is not a day.", code="workshop_day") from None


def _form(visit: Visit, draft: _Draft, *, fault: str = "") -> Response:
    places = _places(visit)
    names = body_names(visit.register) if len(bodies_of(visit)) > 1 else {}
    known = [id_ for id_ in draft.gestures if _is_known(id_)]
    id_ = gesture(known[0]).framework if known else DIGCOMP
    return page(
        visit,
        "workshop_new.html",
        status=422 if fault else 200,
        draft=draft,
        today=visit.register.today().isoformat(),
        places=[
            (f"{body}/{place}", f"{name} — {names[body]}" if names else name)
            for (body, place), name in places.items()
        ],
        framework=framework(id_).title(visit.lang),
        chosen=[(one, gesture(one).label(visit.lang)) for one in known],
        others=_others(visit, id_, known),
        least=GESTURES[0],
        most=GESTURES[1],
        competences=MOST_COMPETENCES,
        wrong=_FIELD_OF.get(fault, ""),
        fault=f"desk.workshop.fault.{fault}" if fault else "",
    )


def _is_known(gesture_id: str) -> bool:
    try:
        gesture(gesture_id)
    except PassportError:
        return False
    return True


def _others(visit: Visit, framework_id: str, chosen: Sequence[str]) -> list[dict[str, Any]]:
    """Return the gestures that are not chosen, by competence."""
    known = framework(framework_id)
    return [
        {
            "id": competence,
            "label": known.competence(competence).label(visit.lang),
            "gestures": [
                (one.id, one.label(visit.lang))
                for one in gestures_of(framework_id, competence)
                if one.id not in chosen
            ],
        }
        for competence in rated_competences(framework_id)
    ]


def _bodies(visit: Visit) -> list[RegisteredBody]:
    return bodies_among(visit.register, bodies_of(visit))


def _places(visit: Visit) -> dict[tuple[str, str], str]:
    """Return (body, place) → name, of open places; a body without any stands for itself."""
    found: dict[tuple[str, str], str] = {}
    for body in _bodies(visit):
        found |= {(body.slug, id_): name for id_, name in body.places}
        if not body.places:
            found[body.slug, ""] = body.name
    return found
