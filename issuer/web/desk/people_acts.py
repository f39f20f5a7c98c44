"""Withdraw, suspend, restore, correct, replace: each on a page of its own that says what will happen.

Decided here: nothing is done from a list; a reason is asked for (it is private); a corrected or newer
attestation is filled in from the old one; the next page leads to the letter. Left to others: what may be done
(`issuer.people.acting`), the rules (`issuer.register.changes`).
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from issuer.people.acting import (
    Act,
    act_on,
    acts_for,
    correct_fact,
    one_fact,
    replace_fact,
    replace_fact_by,
)
from issuer.people.facts import Fact, facts_of
from issuer.people.files import PEOPLE_ROLES, Person
from issuer.register.bodies import body
from issuer.register.issuing import IssueRequest, RefusedError
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import FieldError, read_date, read_holder, scope, word_of
from issuer.web.desk.people_view import fact_view, level_words, names_of, person_view
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.pages import page_words
from issuer.web.problems import Problem
from passport.errors import MalformedError, PassportError
from passport.framework import framework
from passport.model import Method
from passport.status import Status

__all__ = ["people_act_routes"]

_WRITES = frozenset({Act.CORRECT, Act.REPLACE})


def people_act_routes() -> list[DeskRoute]:
    """Return the pages."""
    path = "/desk/people/{person}/act/{act}/{attestation}"
    return [DeskRoute("GET", path, _ask, PEOPLE_ROLES), DeskRoute("POST", path, _do, PEOPLE_ROLES)]


def _what(visit: Visit) -> tuple[Act, Person, Fact]:
    """Return what is to be done to what; 404 for anything that is not there or not possible now."""
    try:
        act = Act(visit.path("act"))
    except ValueError:
        raise Problem(404, "not_found", "There is no such act.") from None
    known, fact = one_fact(
        visit.register, visit.path("person"), visit.path("attestation"), bodies=scope(visit)
    )
    return act, known, fact


def _ask(visit: Visit) -> Response:
    act, known, fact = _what(visit)
    return _form(visit, act, known, fact)


def _form(
    visit: Visit,
    act: Act,
    known: Person,
    fact: Fact,
    *,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    lang = visit.lang
    values: dict[str, Any] = {
        "act": act.value,
        "possible": act in acts_for(fact),
        "person": person_view(known, names_of(visit.register), lang),
        "fact": fact_view(fact, names_of(visit.register), lang, at=visit.register.now()),
        "reason": visit.form.text("reason"),
        "wrong": wrong or {},
        "typed": _typed(visit, fact) if act in _WRITES else {},
        "competences": _competences(visit, fact) if act in _WRITES else (),
        "places": body(visit.register, fact.body).places,
        "newer": _newer(visit, known, fact) if act is Act.REPLACE else (),
    }
    return page(visit, "people_act.html", status=status, **values)


def _typed(visit: Visit, fact: Fact) -> dict[str, str]:
    """Return what the form says: what was typed, else what the attestation says."""
    said = fact.attestation
    born = said.holder.birthdate
    before = {
        "given_name": said.holder.given_name,
        "family_name": said.holder.family_name,
        "birthdate": born.isoformat() if born else "",
        "assessed_on": said.assessed_on.isoformat(),
        "method": said.method.value,
        "place": said.place or "",
    }
    return {name: visit.form.text(name) for name in before} if visit.form.fields else before


def _competences(visit: Visit, fact: Fact) -> list[dict[str, Any]]:
    """Return every competence of the framework with its levels; what is attested first."""
    said, lang = fact.attestation, visit.lang
    known = framework(said.framework)
    chosen = _chosen(visit) if visit.form.fields else {id_: str(level) for id_, level in said.levels.items()}
    ordered = sorted(known.competences, key=lambda competence: competence.id not in chosen)
    steps = [(str(step), level_words(known, step, lang)) for step in known.level_labels]
    return [
        {"id": one.id, "label": one.label(lang), "chosen": chosen.get(one.id, ""), "steps": steps}
        for one in ordered
    ]


def _chosen(visit: Visit) -> dict[str, str]:
    prefix = "level."
    return {
        name.removeprefix(prefix): visit.form.text(name)
        for name in visit.form.fields
        if name.startswith(prefix) and visit.form.text(name)
    }


def _newer(visit: Visit, known: Person, fact: Fact) -> list[tuple[str, str, str]]:
    """Return the valid attestations of the same person, body and framework that may take the place of one."""
    _, facts = facts_of(visit.register, known.id, bodies=scope(visit))
    names = names_of(visit.register)
    at = visit.register.now()
    fits = [
        one
        for one in facts
        if one.is_own
        and one.id != fact.id
        and one.body == fact.body
        and one.status is Status.VALID
        and one.attestation.issued_at >= fact.attestation.issued_at
        and one.attestation.framework == fact.attestation.framework
    ]
    views = [fact_view(one, names, visit.lang, at=at) for one in fits]
    return [(view["id"], view["day"], ", ".join(s["label"] for s in view["skills"])) for view in views]


def _do(visit: Visit) -> Response:
    act, known, fact = _what(visit)
    reason = visit.form.text("reason")
    ids = (visit.register, visit.staff, known.id, fact.id)
    try:
        if act is Act.CORRECT:
            correct_fact(*ids, request=_request(visit, fact), reason=reason)
        elif act is Act.REPLACE:
            _replace(visit, known, fact)
        else:
            act_on(*ids, act=act, reason=reason)
    except FieldError as error:
        return _form(visit, act, known, fact, wrong={error.field: word_of(error, visit.lang)}, status=422)
    except RefusedError as error:
        return _form(visit, act, known, fact, wrong={"refused": _refused(visit, error)}, status=422)
    except PassportError as error:
        if error.code not in {"reason", "reason_missing", "levels_empty", "other_person", "source_conflict"}:
            raise
        return _form(
            visit, act, known, fact, wrong={_FIELD_OF[error.code]: word_of(error, visit.lang)}, status=422
        )
    return see_other(visit, f"/desk/people/{known.id}", done=f"act_{act.value}")


_FIELD_OF = {
    "reason": "reason",
    "reason_missing": "reason",
    "levels_empty": "levels",
    "other_person": "given_name",
    "source_conflict": "refused",
}


def _refused(visit: Visit, error: RefusedError) -> str:
    """Return the words of the first refusal that has words of its own."""
    keys = [f"desk.people.wrong.{refusal.code}" for refusal in error.refusals]
    return next((key for key in keys if key in page_words(visit.lang)), "desk.people.wrong.refused")


def _replace(visit: Visit, known: Person, fact: Fact) -> None:
    newer = visit.form.text("newer")
    if newer:
        replace_fact_by(visit.register, visit.staff, known.id, fact.id, newer_id=newer)
    else:
        replace_fact(visit.register, visit.staff, known.id, fact.id, request=_request(visit, fact))


def _request(visit: Visit, fact: Fact) -> IssueRequest:
    """Return the attestation that a form asks for. Raises `FieldError`, `MalformedError`."""
    form = visit.form
    holder = read_holder(visit)
    levels = {id_: _level(value) for id_, value in _chosen(visit).items()}
    if not levels:
        raise MalformedError("No level was chosen.", code="levels_empty")
    place = form.text("place")
    if place and place not in dict(body(visit.register, fact.body).places):
        raise FieldError("place", MalformedError("There is no such place.", code="place"))
    order = [one.id for one in framework(fact.attestation.framework).competences if one.id in levels]
    return IssueRequest(
        holder=holder,
        framework=fact.attestation.framework,
        levels={id_: levels[id_] for id_ in order},
        assessed_on=read_date(visit, "assessed_on"),
        method=_method(form.text("method")),
        place=place or None,
        # Pressed twice, it is done once: what follows an attestation is known by it.
        source_key=f"follows:{fact.id}:{visit.path('act')}",
    )


def _level(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 1):
        raise FieldError("levels", MalformedError("This is not a level.", code="level"))
    return int(text)


def _method(text: str) -> Method:
    try:
        return Method(text)
    except ValueError:
        raise FieldError("method", MalformedError("This is not a method.", code="method")) from None
