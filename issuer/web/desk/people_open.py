"""``/desk/open``: the holder's own paper opens the file for a re-print, anywhere in the network.

Decided here: the code travels in a form only; the next page is known by the opaque id of the attestation and
shows what the paper shows, for half an hour. Left to others: whether it opens (`issuer.people.opening`).
"""

from __future__ import annotations

from starlette.responses import Response

from issuer.people.files import IDENTITIES, PEOPLE_ROLES
from issuer.people.opening import OPEN_SECONDS, SlowDownError, keep_file_of, open_paper, opened
from issuer.people.papers import KINDS, print_again
from issuer.register.bodies import body_names
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.people_forms import file_answer, scope, word_of
from issuer.web.desk.people_view import fact_view, names_of
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from passport.errors import PassportError

__all__ = ["people_open_routes"]

_ASK_AGAIN = frozenset({"unknown_code", "code_format", "code_letter", "code_check", "open_slow"})


def people_open_routes() -> list[DeskRoute]:
    """Return the pages."""
    one = "/desk/open/{attestation}"
    return [
        DeskRoute("GET", "/desk/open", _ask, PEOPLE_ROLES),
        DeskRoute("POST", "/desk/open", _open, PEOPLE_ROLES),
        DeskRoute("GET", one, _show, PEOPLE_ROLES),
        DeskRoute("POST", f"{one}/print", _print, PEOPLE_ROLES),
        DeskRoute("POST", f"{one}/file", _keep, PEOPLE_ROLES),
    ]


def _ask(visit: Visit) -> Response:
    return _form(visit)


def _form(visit: Visit, *, problem: str = "", seconds: int = 0, status: int = 200) -> Response:
    names = body_names(visit.register)
    response = page(
        visit,
        "people_open.html",
        status=status,
        problem=problem,
        minutes=max(1, seconds // 60),
        shown=visit.form.text("shown"),
        bodies=[(slug, names[slug]) for slug in sorted(scope(visit))],
    )
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def _open(visit: Visit) -> Response:
    form = visit.form
    body = form.text("body") or min(scope(visit))
    try:
        attestation = open_paper(visit.register, visit.staff, body, form.text("shown"))
    except SlowDownError as error:
        return _form(visit, problem=word_of(error, visit.lang), seconds=error.seconds, status=429)
    except PassportError as error:
        if error.code not in _ASK_AGAIN:
            raise
        return _form(visit, problem=word_of(error, visit.lang), status=422)
    return see_other(visit, f"/desk/open/{attestation}")


def _show(visit: Visit) -> Response:
    shown = opened(visit.register, visit.staff, visit.path("attestation"))
    at = visit.register.now()
    return page(
        visit,
        "people_opened.html",
        fact=fact_view(shown.fact, names_of(visit.register), visit.lang, at=at),
        person=shown.person,
        for_body=body_names(visit.register)[shown.body],
        minutes=OPEN_SECONDS // 60,
        kinds=tuple(KINDS),
        identities=IDENTITIES,
    )


def _print(visit: Visit) -> Response:
    shown = opened(visit.register, visit.staff, visit.path("attestation"))
    kind = visit.form.text("kind")
    data, media_type = print_again(visit.register, shown.fact.code, kind, actor=visit.staff.actor)
    return file_answer(data, media_type, "attestation.pdf", inline=True)


def _keep(visit: Visit) -> Response:
    identity = visit.form.text("identity") or "seen"
    person = keep_file_of(visit.register, visit.staff, visit.path("attestation"), identity=identity)
    return see_other(visit, f"/desk/people/{person}", done="person_added")
