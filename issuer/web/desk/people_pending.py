"""``/desk/pending``: withdrawing or correcting many at once, which a second person must agree to.

Decided here: both ask for the second factor, asking and agreeing; the second person sees every attestation
concerned before they agree. Left to others: the rules and the work (`issuer.people.pending`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from issuer.intake import IntakeError
from issuer.people.facts import facts_shown
from issuer.people.files import PEOPLE_ROLES
from issuer.people.pending import (
    LIFE_SECONDS,
    MOST_CODES,
    PendingAct,
    agree,
    ask_correct,
    ask_withdraw,
    pending,
    pending_acts,
    refuse,
)
from issuer.register.bodies import body_names
from issuer.staff.accounts import colleague_names
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import day_of, day_said, scope, word_of
from issuer.web.desk.people_import import OPTIONS, options_typed
from issuer.web.desk.people_view import fact_view, names_of
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from passport.errors import PassportError

__all__ = ["people_pending_routes"]

_ASK_AGAIN = frozenset(
    {
        *("codes_missing", "codes_many", "code_format", "code_letter", "code_check", "unknown_code"),
        *("reason_missing", "list_codes"),
    }
)


def people_pending_routes() -> list[DeskRoute]:
    """Return the pages."""
    one = "/desk/pending/{pending}"
    return [
        DeskRoute("GET", "/desk/pending", _list, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/pending/withdraw", _ask_withdraw, PEOPLE_ROLES, proof=True),
        DeskRoute("POST", "/desk/pending/correct", _ask_correct, PEOPLE_ROLES, proof=True),
        DeskRoute("GET", one, _show, PEOPLE_ROLES),
        DeskRoute("POST", f"{one}/agree", _agree, PEOPLE_ROLES, proof=True),
        DeskRoute("POST", f"{one}/refuse", _refuse, PEOPLE_ROLES),
    ]


def _list(visit: Visit, *, problem: str = "", faults: tuple[str, ...] = (), status: int = 200) -> Response:
    acts = _views(visit, pending_acts(visit.register, visit.staff))
    return page(
        visit,
        "people_pending.html",
        status=status,
        acts=acts,
        problem=problem,
        faults=faults,
        codes=visit.form.text("codes"),
        limit=MOST_CODES,
        **options_typed(visit),
    )


def _views(visit: Visit, acts: Sequence[PendingAct]) -> list[dict[str, Any]]:
    bodies = body_names(visit.register)
    names = colleague_names(visit.register, [act.asked_by for act in acts])
    return [
        {
            "id": act.id,
            "kind": act.kind,
            "body": bodies[act.body],
            "count": len(act.attestations),
            "reason": act.reason,
            "asked_by": names.get(act.asked_by, ""),
            "asked": day_said(day_of(act.asked_at), visit.lang),
            "until": day_said(day_of(act.asked_at + LIFE_SECONDS), visit.lang),
            "may_agree": act.may_agree,
        }
        for act in acts
    ]


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    act = pending(visit.register, visit.staff, visit.path("pending"))
    names, at = names_of(visit.register), visit.register.now()
    facts = facts_shown(visit.register, act.attestations)
    return page(
        visit,
        "people_pending_one.html",
        status=status,
        pending=_views(visit, [act])[0],
        facts=[fact_view(fact, names, visit.lang, at=at) for fact in facts],
        problem=problem,
    )


def _ask_withdraw(visit: Visit) -> Response:
    form = visit.form
    codes = [line for line in form.text("codes").replace(",", "\n").splitlines() if line.strip()]
    slug = form.text("body") or min(scope(visit))
    try:
        ask_withdraw(visit.register, visit.staff, slug, codes, reason=form.text("reason"))
    except PassportError as error:
        if error.code not in _ASK_AGAIN:
            raise
        return _list(visit, problem=word_of(error, visit.lang), status=422)
    return see_other(visit, "/desk/pending", done="pending_asked")


def _ask_correct(visit: Visit) -> Response:
    form = visit.form
    sent = form.files.get("file")
    if sent is None or not sent.data:
        return _list(visit, problem="desk.people.wrong.file_missing", status=422)
    slug = form.text("body") or min(scope(visit))
    options = {name: form.text(name) for name in OPTIONS if form.text(name)}
    try:
        ask_correct(visit.register, visit.staff, slug, sent.data, options=options, reason=form.text("reason"))
    except IntakeError as error:
        faults = tuple(fault.sentence(visit.lang) for fault in error.faults)
        return _list(visit, problem="desk.people.wrong.list", faults=faults, status=422)
    except PassportError as error:
        if error.code not in _ASK_AGAIN:
            raise
        return _list(visit, problem=word_of(error, visit.lang), status=422)
    return see_other(visit, "/desk/pending", done="pending_asked")


def _agree(visit: Visit) -> Response:
    try:
        agree(visit.register, visit.staff, visit.path("pending"))
    except PassportError as error:
        if error.code != "pending_own":
            raise
        return _show(visit, problem=word_of(error, visit.lang), status=409)
    return see_other(visit, "/desk/pending", done="pending_agreed")


def _refuse(visit: Visit) -> Response:
    refuse(visit.register, visit.staff, visit.path("pending"))
    return see_other(visit, "/desk/pending", done="pending_refused")
