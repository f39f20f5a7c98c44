"""The papers of a workshop: printing them together, handing them over, taking all of it back.

Decided here: that prints are drawn from what was committed and noted before they are drawn; the words of the
paper that says somebody was there. Left to others: drawing (`issuer.prints`, `passport.documents`), what may
be taken back (`issuer.workshop.undoing`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from issuer.prints import Drawing, print_jobs
from issuer.register.bodies import body as known_body
from issuer.web.desk.frame import see_other
from issuer.web.desk.visit import Visit
from issuer.web.desk.workshop_frame import (
    bodies_of,
    head_of,
    level_words,
    pdf,
    this_workshop,
    words,
    workshop_page,
)
from issuer.web.problems import Problem
from issuer.workshop.attending import MOST_PEOPLE
from issuer.workshop.papers import Paper, Participation, hand_over, papers, participations, to_print
from issuer.workshop.plans import Workshop
from issuer.workshop.undoing import UNDO_SECONDS, undo
from passport.documents.participation import ParticipationContent, render_participations
from passport.documents.workshop import MOST_AT_ONCE, render_workshop
from passport.framework import framework
from passport.gestures import gesture
from passport.pages.catalogue import catalogue, date_in_words

__all__ = ["hand_papers", "papers_page", "print_papers", "print_participations", "undo_papers"]

assert MOST_PEOPLE <= MOST_AT_ONCE  # noqa: S101 (a list always fits into one file)
_MINUTE: Final = 60


def papers_page(visit: Visit) -> Response:
    """Answer ``GET …/papers``."""
    found = papers(visit.register, visit.path("workshop"), bodies=bodies_of(visit))
    held = found.levels.workshop
    left = [
        UNDO_SECONDS - (visit.register.now() - one.attestation.attestation.issued_at)
        for one in found.papers
        if one.undoable
    ]
    return workshop_page(
        visit,
        "workshop_papers.html",
        held,
        papers=[_paper(visit, held, one) for one in found.papers],
        without=[{"id": one.id, "name": one.name} for one in found.without],
        open=[{"id": one.id, "name": one.name} for one in found.open],
        to_print=sum(one.state == "to_print" for one in found.papers),
        to_hand=sum(one.state in {"to_print", "printed"} for one in found.papers),
        minutes=max(1, min(left) // _MINUTE) if left else 0,
    )


def _paper(visit: Visit, held: Workshop, one: Paper) -> dict[str, Any]:
    known = framework(held.framework)
    return {
        "id": one.person.id,
        "name": one.person.name,
        "state": one.state,
        "on": date_in_words(one.handed_on, visit.lang) if one.handed_on is not None else "",
        "undoable": one.undoable,
        "levels": [
            (known.competence(id_).label(visit.lang), level_words(visit, held.framework, level))
            for id_, level in one.attestation.attestation.levels.items()
        ],
    }


def print_papers(visit: Visit) -> Response:
    """Answer ``POST …/print``: sheets, then cards, of everyone ticked, in one PDF."""
    id_, people = visit.path("workshop"), visit.form.texts("person")
    found = to_print(visit.register, visit.staff, id_, people, bodies=bodies_of(visit))
    if not found:
        raise Problem(422, "nothing_to_print", "Nobody was chosen.")
    drawings = [Drawing(job) for job in print_jobs(visit.register, found)]
    return pdf(render_workshop([(one.content, one.symbol) for one in drawings]), _named(visit, "papers"))


def hand_papers(visit: Visit) -> Response:
    """Answer ``POST …/handed``."""
    id_, people = visit.path("workshop"), visit.form.texts("person")
    count = hand_over(visit.register, visit.staff, id_, people, bodies=bodies_of(visit))
    return see_other(visit, f"/desk/workshops/{id_}/papers", done="workshop_handed" if count else "")


def undo_papers(visit: Visit) -> Response:
    """Answer ``POST …/undo``."""
    id_, people = visit.path("workshop"), visit.form.texts("person")
    count = undo(
        visit.register,
        visit.staff,
        id_,
        people,
        bodies=bodies_of(visit),
        reason=words(visit, "desk.workshop.undo.reason"),
    )
    return see_other(visit, f"/desk/workshops/{id_}/levels", done="workshop_undone" if count else "")


def print_participations(visit: Visit) -> Response:
    """Answer ``POST …/participation``: a page for everyone ticked who was there and has no attestation."""
    held, people = this_workshop(visit), visit.form.texts("person")
    found = participations(visit.register, held.id, people, bodies=bodies_of(visit))
    if not found:
        raise Problem(422, "nothing_to_print", "Nobody was chosen.")
    pages = [_participation(visit, held, one) for one in found]
    return pdf(render_participations(pages), _named(visit, "participation"))


def _participation(visit: Visit, held: Workshop, one: Participation) -> ParticipationContent:
    head, body = head_of(visit, held), known_body(visit.register, held.body)
    shared = catalogue(visit.lang)
    where = [head["place"]] if head["place"] else []
    today = date_in_words(visit.register.today(), visit.lang)
    signatory = [body.signatory] if body.signatory else []
    return ParticipationContent(
        lang=visit.lang,
        title=words(visit, "desk.workshop.participation.title"),
        is_not=words(visit, "desk.workshop.participation.is_not"),
        name=one.person.name,
        lines=(
            words(visit, "desk.workshop.participation.took_part", title=held.title),
            words(visit, "desk.workshop.participation.on", day=head["day"]),
            *where,
        ),
        done_title=words(visit, "desk.workshop.participation.done"),
        done=tuple(
            words(
                visit,
                f"desk.workshop.participation.{'alone' if each.alone else 'with_help'}",
                gesture=gesture(each.gesture).label(visit.lang).rstrip("."),
            )
            for each in one.done
        ),
        foot=(body.name, words(visit, "desk.workshop.participation.given", day=today), *signatory),
        specimen=shared.text("sheet.specimen") if visit.register.scheme.is_demo else "",
    )


def _named(visit: Visit, what: str) -> str:
    return words(visit, f"desk.workshop.file.{what}")
