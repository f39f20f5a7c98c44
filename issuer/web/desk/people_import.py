"""``/desk/import``: a list (CSV) is sent, shown, and issued when somebody says so.

Decided here: the file is sent once; what waits is kept sealed at the counter for an hour and belongs to the
account that sent it (`issuer.people.lists`). Left to others: what a list says (`issuer.people.importing`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from issuer.intake import template
from issuer.people.files import PEOPLE_ROLES
from issuer.people.importing import MOST_LINES, Preview, issue_list, preview, rejected_lines
from issuer.people.lists import KeptList, drop_list, keep_list, kept_list
from issuer.register.bodies import bodies_among, body_names
from issuer.register.folder import RegisterError
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import day_said, file_answer, scope
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.pages import page_words
from issuer.web.problems import Problem
from passport.errors import PassportError
from passport.framework import framework, framework_ids

__all__ = ["OPTIONS", "options_typed", "people_import_routes", "refusal_words"]

OPTIONS: Final = ("framework", "place", "assessed_on", "method")
_SHOWN_LINES: Final = 200


def people_import_routes() -> list[DeskRoute]:
    """Return the pages."""
    one = "/desk/import/{list}"
    return [
        DeskRoute("GET", "/desk/import", _ask, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/import", _send, PEOPLE_ROLES),
        DeskRoute("GET", "/desk/import/template/{framework}", _template, PEOPLE_ROLES),
        DeskRoute("GET", one, _show, PEOPLE_ROLES),
        DeskRoute("GET", f"{one}/rejected", _rejected, PEOPLE_ROLES),
        DeskRoute("POST", f"{one}/confirm", _confirm, PEOPLE_ROLES),
    ]


def _ask(visit: Visit) -> Response:
    return _form(visit)


def _form(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    return page(
        visit, "people_import.html", status=status, problem=problem, limit=MOST_LINES, **options_typed(visit)
    )


def options_typed(visit: Visit) -> dict[str, Any]:
    """Return what the form of a list needs: bodies, places, frameworks, and what was typed."""
    mine = bodies_among(visit.register, scope(visit))
    return {
        "typed": {name: visit.form.text(name) for name in (*OPTIONS, "body", "reason")},
        "bodies": [(one.slug, one.name) for one in mine],
        "places": [place for one in mine for place in one.places],
        "frameworks": [(id_, framework(id_).title(visit.lang)) for id_ in framework_ids()],
    }


def _template(visit: Visit) -> Response:
    if visit.path("framework") not in framework_ids():
        raise Problem(404, "not_found", "There is no such framework.")
    data = template(visit.path("framework"), lang=visit.lang)
    return file_answer(data, "text/csv; charset=utf-8", "modele.csv")


def _send(visit: Visit) -> Response:
    sent = visit.form.files.get("file")
    slug = visit.form.text("body") or min(scope(visit))
    if slug not in scope(visit):
        raise RegisterError("There is no such body here.", code="unknown_body")
    if sent is None or not sent.data:
        return _form(visit, problem="desk.people.wrong.file_missing", status=422)
    typed = {name: visit.form.text(name) for name in OPTIONS}
    options = {name: value for name, value in typed.items() if value}
    kept = keep_list(visit.register, visit.staff.account, slug, sent.data, options=options)
    return see_other(visit, f"/desk/import/{kept}")


def _mine(visit: Visit) -> KeptList:
    """Return the list of the address, of whoever sent it, who still works for its body."""
    kept = kept_list(visit.register, visit.path("list"))
    if kept.account != visit.staff.account or kept.body not in scope(visit):
        raise RegisterError("This list is no longer kept.", code="list_gone")
    return kept


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    kept = _mine(visit)
    try:
        shown = preview(visit.register, kept, actor=visit.staff.actor)
    except PassportError as error:
        if error.code != "list_long":
            raise
        return _form(visit, problem="desk.people.wrong.list_long", status=422)
    return page(
        visit,
        "people_import_show.html",
        status=status,
        list=kept.id,
        problem=problem,
        body=body_names(visit.register)[kept.body],
        shown=_view(visit, shown),
    )


def _view(visit: Visit, shown: Preview) -> dict[str, Any]:
    lang = visit.lang
    rows = [
        {
            "line": row.line,
            "name": row.holder.full_name,
            "framework": framework(row.framework).title(lang),
            "levels": ", ".join(f"{competence} → {level}" for competence, level in row.levels.items()),
            "day": day_said(row.assessed_on, lang),
        }
        for row in shown.rows[:_SHOWN_LINES]
    ]
    words = refusal_words(visit)
    return {
        "is_whole": shown.is_whole,
        "rows": rows,
        "count": len(shown.rows),
        "fresh": shown.fresh,
        "known": len(shown.rows) - shown.fresh,
        "more": max(0, len(shown.rows) - _SHOWN_LINES),
        "faults": [fault.sentence(lang) for fault in shown.faults],
        "refused": [
            (line, words.get(code, words["refused"])) for line, code in sorted(shown.refused.items())
        ],
        "duplicates": ", ".join(str(line) for line in shown.duplicates),
        "rejected": len(shown.rejected),
    }


def refusal_words(visit: Visit) -> dict[str, str]:
    """Return what a refusal of the register says, by its code."""
    prefix = "desk.people.wrong."
    words = page_words(visit.lang)
    return {key.removeprefix(prefix): text for key, text in words.items() if key.startswith(prefix)}


def _rejected(visit: Visit) -> Response:
    kept = _mine(visit)
    shown = preview(visit.register, kept, actor=visit.staff.actor)
    data = rejected_lines(shown, kept, lang=visit.lang, words=refusal_words(visit))
    return file_answer(data, "text/csv; charset=utf-8", "a-corriger.csv")


def _confirm(visit: Visit) -> Response:
    kept = _mine(visit)
    accept = visit.form.text("duplicates") == "yes"
    try:
        issue_list(visit.register, kept, actor=visit.staff.actor, accept_duplicates=accept)
    except PassportError as error:
        if error.code != "duplicates":
            raise
        return _show(visit, problem="desk.people.wrong.duplicates", status=409)
    drop_list(visit.register, kept.id)
    return see_other(visit, "/desk/people", done="imported")
