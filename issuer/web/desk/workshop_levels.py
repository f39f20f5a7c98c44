"""The levels: what is proposed and why, the trainer's choice, and issuing for everyone in one action.

Decided here: how choices are sent (`o.PERSON.COMPETENCE`: what was offered; `l.…`: the choice; `w.…`: why),
and that whatever keeps one person from their paper is said beside their name, with what to do; what was typed
stays. Left to others: the rules (`issuer.workshop.deciding`), issuing (`issuer.workshop.delivering`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from issuer.web.desk.frame import see_other
from issuer.web.desk.visit import Form, Visit
from issuer.web.desk.workshop_frame import bodies_of, level_words, words, workshop_page
from issuer.web.pages import page_words
from issuer.workshop.deciding import Assessed, Choice, ChoiceFault, Levels, Question, levels
from issuer.workshop.delivering import ChoicesError, Delivery, Failure, decide, deliver
from passport.framework import framework
from passport.gestures import rule_in_words

__all__ = ["confirm_levels", "levels_page"]

_NONE: Final = "-"


def levels_page(visit: Visit) -> Response:
    """Answer ``GET …/levels``."""
    return _page(visit, levels(visit.register, visit.path("workshop"), bodies=bodies_of(visit)))


def confirm_levels(visit: Visit) -> Response:
    """Answer ``POST …/levels``: keep the choices and, unless only that was asked for, issue for everyone."""
    id_, bodies, choices = visit.path("workshop"), bodies_of(visit), _choices(visit.form)
    path = f"/desk/workshops/{id_}"
    try:
        if visit.form.text("act") == "keep":
            decide(visit.register, visit.staff, id_, choices, bodies=bodies)
            return see_other(visit, f"{path}/levels", done="workshop_decided")
        keep_older = frozenset(visit.form.texts("older")) - frozenset(visit.form.texts("replace"))
        done = deliver(visit.register, visit.staff, id_, choices, bodies=bodies, keep_older=keep_older)
    except ChoicesError as error:
        shown = levels(visit.register, id_, bodies=bodies)
        return _page(visit, shown, choices=choices, faults=error.faults, status=422)
    if done.failures:
        shown = levels(visit.register, id_, bodies=bodies)
        return _page(visit, shown, choices=choices, done_so_far=done, status=422)
    return see_other(
        visit, f"{path}/papers", done="workshop_delivered" if done.issued else "workshop_nothing"
    )


def _choices(form: Form) -> list[Choice]:
    """Read the choices of the form; a number that is none is kept as a level that nobody may choose."""
    choices = []
    for field in form.fields:
        if field.startswith("o."):
            _, person, competence = [*field.split(".", 2), "", ""][:3]
            key = f"{person}.{competence}"
            level, why = _level(form.text(f"l.{key}")), " ".join(form.text(f"w.{key}").split())
            choices.append(Choice(person, competence, _level(form.text(field)), level, why))
    return choices


def _level(text: str) -> int | None:
    if text in {_NONE, ""}:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else -1


def _page(
    visit: Visit,
    shown: Levels,
    *,
    choices: Sequence[Choice] = (),
    faults: Sequence[ChoiceFault] = (),
    done_so_far: Delivery | None = None,
    status: int = 200,
) -> Response:
    typed = {(one.person, one.competence): one for one in choices}
    wrong = {(one.person, one.competence): one.code for one in faults}
    failed = {one.person: one for one in done_so_far.failures} if done_so_far is not None else {}
    workshop = shown.workshop
    return workshop_page(
        visit,
        "workshop_levels.html",
        workshop,
        status=status,
        rule=rule_in_words(workshop.framework, visit.lang),
        choices=[
            (_NONE, level_words(visit, workshop.framework, None)),
            *((str(level), level_words(visit, workshop.framework, level)) for level in shown.choices),
        ],
        people=[_person(visit, shown, one, typed, wrong, failed.get(one.person.id)) for one in shown.people],
        faults=len(faults),
        failures=len(failed),
        issued_now=len(done_so_far.issued) if done_so_far is not None else 0,
    )


def _person(
    visit: Visit,
    shown: Levels,
    one: Assessed,
    typed: Mapping[tuple[str, str], Choice],
    wrong: Mapping[tuple[str, str], str],
    failure: Failure | None,
) -> dict[str, Any]:
    id_ = one.person.id
    return {
        "id": id_,
        "name": one.person.name,
        "issued": one.attestation_id is not None,
        "older": len(one.older),
        "replaces": one.replaces,
        "failure": _failure_words(visit, failure) if failure is not None else "",
        "questions": [
            _question(visit, shown, question, typed.get((id_, question.competence)), wrong=wrong, person=id_)
            for question in one.questions
        ],
    }


def _question(
    visit: Visit,
    shown: Levels,
    question: Question,
    choice: Choice | None,
    *,
    wrong: Mapping[tuple[str, str], str],
    person: str,
) -> dict[str, Any]:
    known, code = framework(shown.workshop.framework), wrong.get((person, question.competence), "")
    # What was chosen over another proposal is not confirmed unseen: the new one is shown.
    kept = choice if code != "grid_changed" else None
    return {
        "competence": question.competence,
        "label": known.competence(question.competence).label(visit.lang),
        "offered": _value(question.offered),
        "offered_words": level_words(visit, shown.workshop.framework, question.offered),
        "capped": question.offered != question.proposal.level,
        "reason": _reason(visit, shown, question),
        "level": _value(kept.level if kept is not None else question.level),
        "why": kept.why if kept is not None else question.why,
        "fault": f"desk.workshop.fault.{code}" if code else "",
    }


def _reason(visit: Visit, shown: Levels, question: Question) -> str:
    """Return the row of the rule that decided; the last one says nothing by itself ("otherwise")."""
    if question.proposal.level is None and framework(shown.workshop.framework).shown_as_level:
        return words(visit, "desk.workshop.reason_none")
    return question.proposal.reason(visit.lang)


def _value(level: int | None) -> str:
    return _NONE if level is None else str(level)


def _failure_words(visit: Visit, failure: Failure) -> str:
    key = f"desk.workshop.failure.{failure.code}"
    return words(visit, key if key in page_words(visit.lang) else "desk.workshop.failure.other")
