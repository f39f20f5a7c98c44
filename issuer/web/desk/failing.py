"""When the desk says no, or fails: a page that says what happened, what to do, and keeps what was typed.

Decided here: which page an error becomes (its words are ``desk.error.CODE``, or those of its status, or those
of any other); that where the counter cannot do its work now (503: the database is away, the disk is full)
the page offers to do the same again, and a form comes along field by field to be sent to the very same
address, but never a secret and no file; that an address which there is not, a request too large, and a
failure that nobody expected are pages too (`refusal`). Left to others: what went wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from issuer.register import Register
from issuer.web.desk.frame import page
from issuer.web.desk.visit import Form, Visit, language_of
from issuer.web.pages import away_page, is_public_page, page_words
from issuer.web.problems import Problem, problem_of, problem_response
from passport.errors import PassportError

__all__ = ["error_page", "refusal"]

_HOME: Final = "/desk"
_AWAY: Final = 503
# Never written into a page: what opens something. The prefix is that of the form which asks for a PIN.
_SECRETS: Final = frozenset({"password", "again", "pin", "code", "link", "flow", "answer"})
_ASKED: Final = "hold_"


def error_page(visit: Visit, error: PassportError | Problem, *, reference: str = "") -> Response:
    """Return the page of an error: what was wrong and what to do, in the reader's language."""
    problem = error if isinstance(error, Problem) else problem_of(error)
    is_post = visit.request.method == "POST"
    carried = _carried(visit.form) if is_post and problem.status == _AWAY else ()
    response = page(
        visit,
        "error.html",
        status=problem.status,
        # The page of another language is asked for by GET, which a form's address may not know.
        here=_HOME if is_post else visit.request.url.path,
        error=_words(visit, (error.code, problem.code, str(problem.status))),
        filled={"reference": reference} if reference else {},
        again=_address(visit) if carried or (problem.status == _AWAY and not is_post) else "",
        carried=carried,
    )
    response.headers.update(problem.headers)
    return response


def _words(visit: Visit, names: Sequence[str]) -> str:
    known = page_words(visit.lang)
    keys = [f"desk.error.{name}" for name in (*names, "other")]
    return next(key for key in keys if key in known)


def _address(visit: Visit) -> str:
    url = visit.request.url
    return f"{url.path}?{url.query}" if url.query else url.path


def _carried(form: Form) -> Sequence[tuple[str, str]]:
    """Return the fields that are sent again; none where one of them must not stand in a page."""
    if form.files or any(name in _SECRETS or name.startswith(_ASKED) for name in form.fields):
        return ()
    return [(name, value) for name, values in form.fields.items() for value in values]


def refusal(register: Register, scope: Scope, problem: Problem, reference: str) -> Response:
    """Return the answer to a request that no page answers.

    A page under ``/desk``, and where a page for the public cannot be shown now; a problem elsewhere.
    """
    path, request = scope["path"], Request(scope)
    if path != _HOME and not path.startswith(f"{_HOME}/"):
        is_away = problem.status == _AWAY and is_public_page(request)
        return away_page(register, request, problem) if is_away else problem_response(problem)
    return error_page(
        Visit(request, register, None, language_of(request), Form()), problem, reference=reference
    )
