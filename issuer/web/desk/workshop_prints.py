"""The two sheets to fill in with a pen: the list to sign, and the grid for a place without a network.

Decided here: how many lines are left for whoever comes. Nothing is noted: neither says anything of anybody.
Left to others: drawing (`passport.documents.listing`).
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from issuer.web.desk.visit import Visit
from issuer.web.desk.workshop_frame import bodies_of, head_of, pdf, this_workshop, words
from issuer.workshop.attending import attendees
from issuer.workshop.plans import Workshop
from passport.documents.listing import (
    BlankGrid,
    ListHead,
    SignIn,
    render_blank_grid,
    render_sign_in,
)
from passport.gestures import Rating, gesture, rating_meaning, rating_word
from passport.pages.catalogue import catalogue

__all__ = ["blank_grid", "sign_in_sheet"]

_SIGN_LINES: Final = 17
_GRID_LINES: Final = 8


def sign_in_sheet(visit: Visit) -> Response:
    """Answer ``GET …/sign-in-sheet``."""
    held = this_workshop(visit)
    listed = SignIn(
        head=_head(visit, held, "sign_in", notes=(words(visit, "desk.workshop.sign_in.note"),)),
        columns=(words(visit, "desk.workshop.names"), words(visit, "desk.workshop.signature")),
        names=_names(visit, held),
        lines=_SIGN_LINES,
    )
    return pdf(render_sign_in(listed), words(visit, "desk.workshop.file.sign_in"))


def blank_grid(visit: Visit) -> Response:
    """Answer ``GET …/blank-grid``."""
    held = this_workshop(visit)
    letters = tuple(rating_word(rating, visit.lang)[0].upper() for rating in Rating)
    notes = tuple(
        f"{letter} — {rating_word(rating, visit.lang)}. {rating_meaning(rating, visit.lang)}"
        for letter, rating in zip(letters, Rating, strict=True)
    )
    grid = BlankGrid(
        head=_head(visit, held, "grid", notes=(*notes, words(visit, "desk.workshop.grid.unseen"))),
        corner=words(visit, "desk.workshop.names"),
        gestures=tuple(gesture(id_).label(visit.lang) for id_ in held.gestures),
        boxes=letters,
        names=_names(visit, held),
        lines=_GRID_LINES,
    )
    return pdf(render_blank_grid(grid), words(visit, "desk.workshop.file.grid"))


def _head(visit: Visit, held: Workshop, kind: str, *, notes: tuple[str, ...]) -> ListHead:
    head = head_of(visit, held)
    facts = " · ".join(part for part in (head["day"], head["place"], head["body"]) if part)
    return ListHead(
        lang=visit.lang,
        title=words(visit, f"desk.workshop.{kind}.printed", title=held.title),
        facts=(facts,),
        notes=notes,
        specimen=catalogue(visit.lang).text("sheet.specimen") if visit.register.scheme.is_demo else "",
    )


def _names(visit: Visit, held: Workshop) -> tuple[str, ...]:
    there = attendees(visit.register, held.id, bodies=bodies_of(visit))
    return tuple(one.name for one in there)
