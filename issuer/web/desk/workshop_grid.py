"""The grid on a screen: the whole of it, or one person; in a browser with script each tap is saved by itself.

Decided here: how taps are sent (`t.PERSON.GESTURE`: the rating; `v.PERSON.GESTURE`: revision and rating that
the page had seen), which only count where they differ from what was seen; a row or a column set at once;
what a script is answered. Without script the form is sent whole and the page comes back. A conflict is shown
in its cell with both values. Left to others: writing (`issuer.workshop.grid`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from issuer.web.desk.frame import HEADERS, see_other
from issuer.web.desk.visit import Form, Visit
from issuer.web.desk.workshop_frame import bodies_of, workshop_page
from issuer.workshop.grid import Conflict, Grid, Saved, Tap, grid, save_taps
from issuer.workshop.plans import unknown_workshop
from passport.errors import MalformedError
from passport.gestures import Rating, gesture, rating_meaning, rating_word
from passport.strictjson import compact_json

__all__ = ["grid_page", "person_page", "save_grid", "save_person"]

_CELLS: tuple[Rating | None, ...] = (*Rating, None)


def grid_page(visit: Visit) -> Response:
    """Answer ``GET …/grid``."""
    return _page(visit, grid(visit.register, visit.path("workshop"), bodies=bodies_of(visit)))


def person_page(visit: Visit) -> Response:
    """Answer ``GET …/grid/{person}``."""
    shown = grid(visit.register, visit.path("workshop"), bodies=bodies_of(visit))
    return _page(visit, shown, person=_known(shown, visit.path("person")))


def save_grid(visit: Visit) -> Response:
    """Answer ``POST …/grid``: with JSON where a script asks for it, else with the page."""
    saved = _save(visit)
    if "application/json" in visit.request.headers.get("accept", ""):
        return _json(saved)
    if saved.conflicts:
        return _page(visit, saved.grid, conflicts=saved.conflicts, status=409)
    return see_other(visit, f"/desk/workshops/{visit.path('workshop')}/grid", done="workshop_saved")


def save_person(visit: Visit) -> Response:
    """Answer ``POST …/grid/{person}``; leads on to the next person of the list."""
    person = visit.path("person")
    saved = _save(visit)
    _known(saved.grid, person)
    if saved.conflicts:
        return _page(visit, saved.grid, person=person, conflicts=saved.conflicts, status=409)
    path = f"/desk/workshops/{visit.path('workshop')}/grid"
    return see_other(visit, f"{path}/{_after(saved.grid, person)}".rstrip("/"), done="workshop_saved")


def _known(shown: Grid, person: str) -> str:
    if not any(one.id == person for one in shown.people):
        raise unknown_workshop()
    return person


def _after(shown: Grid, person: str) -> str:
    """Return who comes next on the list, "" after the last."""
    ids = [one.id for one in shown.people]
    at = ids.index(person) + 1
    return ids[at] if at < len(ids) else ""


def _save(visit: Visit) -> Saved:
    taps = list(_taps(visit.form))
    return save_taps(visit.register, visit.staff, visit.path("workshop"), taps, bodies=bodies_of(visit))


def _taps(form: Form) -> Iterator[Tap]:
    """Give what was tapped: every cell whose rating is not the one that the page had seen."""
    kind, _, rest = form.text("set").partition(":")
    name, _, value = rest.rpartition(":")
    for field in form.fields:
        if not field.startswith("v."):
            continue
        _, person, gesture_id = [*field.split(".", 2), "", ""][:3]
        revision, _, seen = form.text(field).partition(":")
        rating = form.text(f"t.{person}.{gesture_id}") if f"t.{person}.{gesture_id}" in form.fields else seen
        if (kind, name) in {("row", person), ("column", gesture_id)}:
            rating = value
        if rating != seen:
            yield Tap(person, gesture_id, _rating(rating), _revision(revision))


def _rating(value: str) -> Rating | None:
    if value and value not in set(Rating):
        raise MalformedError("There is no such rating.", code="unknown_cell")
    return Rating(value) if value else None


def _revision(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise MalformedError("This is no revision of a cell.", code="unknown_cell")
    return int(value)


def _json(saved: Saved) -> Response:
    shown = saved.grid
    cells = {
        f"{one.id}.{id_}": [_value(shown.cell(one.id, id_).rating), shown.cell(one.id, id_).revision]
        for one in shown.people
        for id_ in shown.workshop.gestures
    }
    conflicts = [
        {"cell": f"{one.tap.person}.{one.tap.gesture}", "mine": _value(one.tap.rating), "by": one.by}
        for one in saved.conflicts
    ]
    body = {"cells": cells, "conflicts": conflicts, "issued": sorted(shown.issued)}
    return Response(compact_json(body), media_type="application/json", headers=HEADERS)


def _value(rating: Rating | None) -> str:
    return rating.value if rating is not None else ""


def _page(
    visit: Visit, shown: Grid, *, person: str = "", conflicts: tuple[Conflict, ...] = (), status: int = 200
) -> Response:
    by_cell = {(one.tap.person, one.tap.gesture): one for one in conflicts}
    people = [one for one in shown.people if not person or one.id == person]
    return workshop_page(
        visit,
        "workshop_person.html" if person else "workshop_grid.html",
        shown.workshop,
        status=status,
        wide=not person,
        ratings=[
            (_value(one), rating_word(one, visit.lang), rating_meaning(one, visit.lang)) for one in _CELLS
        ],
        gestures=[(id_, gesture(id_).label(visit.lang)) for id_ in shown.workshop.gestures],
        people=[
            {
                "id": one.id,
                "name": one.name,
                "issued": one.id in shown.issued,
                "cells": {
                    id_: _cell(visit, shown, one.id, id_, conflict=by_cell.get((one.id, id_)))
                    for id_ in shown.workshop.gestures
                },
            }
            for one in people
        ],
        person=person,
        next=_after(shown, person) if person else "",
        conflicts=len(conflicts),
    )


def _cell(
    visit: Visit, shown: Grid, person: str, gesture_id: str, *, conflict: Conflict | None
) -> Mapping[str, Any]:
    cell = shown.cell(person, gesture_id)
    mine = conflict.tap.rating if conflict is not None else cell.rating
    return {
        "rating": _value(mine),
        "seen": f"{cell.revision}:{_value(cell.rating)}",
        "theirs": rating_word(cell.rating, visit.lang) if conflict is not None else "",
        "by": conflict.by if conflict is not None else "",
    }
