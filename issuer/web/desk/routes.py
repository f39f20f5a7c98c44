"""How a page of the desk is declared, and what is held before it is called.

Decided here, in this order: the cookie and its session; whether somebody must be signed in (else to the sign-
in page, and back); whether the session is locked; whether a role that the page asks for is held (else 403);
for a POST, that the form came from a page of ours (`Origin`, and a token that only this session has: OWASP,
CSRF prevention); whether a second factor was shown lately, for what asks for it. A form that comes into a
locked session, or without its proof, is held up and goes on with everything that was typed (`interrupted`).
A page is a plain function that runs in a thread: `Visit` in, answer out.

What a page may see *within* its role is not decided here but in the queries, which are given the bodies of
the visitor. Left to others: the pages.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlsplit

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from issuer.register import Register
from issuer.staff.roles import Role
from issuer.staff.sessions import StaffSession, session_of
from issuer.web.desk.cookies import cookie_name
from issuer.web.desk.failing import error_page
from issuer.web.desk.frame import HEADERS
from issuer.web.desk.interrupted import LOCK, PROVE, SIGN_IN, held_up
from issuer.web.desk.visit import Form, Visit, language_of, read_form
from issuer.web.problems import Problem
from passport.errors import PassportError

__all__ = ["ANYBODY", "LOCK", "PROVE", "SIGN_IN", "DeskRoute", "cookie_name", "desk_router"]

ANYBODY: Final[frozenset[Role]] = frozenset()
"""A page for which nobody needs to be signed in."""

Answer = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class DeskRoute:
    """One page. `roles`: who may open it (one of them is enough); `ANYBODY` for the ways in.

    `locked`: whether it works in a locked session too. `proof`: a second factor must have been shown lately.
    """

    method: str
    path: str
    answer: Answer
    roles: frozenset[Role]
    locked: bool = False
    proof: bool = False


def desk_router(register: Register, routes: Sequence[DeskRoute]) -> APIRouter:
    """Return the pages as routes of the application."""
    router = APIRouter()
    for route in routes:
        endpoint = _endpoint(register, route)
        router.routes.append(Route(route.path, endpoint, methods=[route.method]))
    return router


def _endpoint(register: Register, route: DeskRoute) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        request.scope["route"] = route  # its pattern stands in the log, never the address
        visit = Visit(request, register, None, language_of(request), Form())
        if route.method == "GET":
            return await run_in_threadpool(_shown, route, visit)
        try:
            visit = replace(visit, session=await run_in_threadpool(_session, visit))
            if (elsewhere := _elsewhere(route, visit)) is not None:
                return elsewhere
            form = await read_form(request)
            _check_origin(request, register)
            _check_token(form, visit.session)
            visit = replace(visit, form=form)
            return await run_in_threadpool(_answer, route, visit)
        except (PassportError, Problem) as error:
            return await run_in_threadpool(error_page, await _with_form(visit), error)

    return endpoint


def _session(visit: Visit) -> StaffSession | None:
    """Return the session of the cookie that was sent, None without one in force."""
    secret = visit.request.cookies.get(cookie_name(visit.register), "")
    return session_of(visit.register, secret) if secret else None


def _shown(route: DeskRoute, visit: Visit) -> Response:
    """Return a page that only shows something. All of it, who asks too, is read in one moment.

    In two where the session was noted as seen again: what is written ends a moment.
    """
    try:
        with visit.register.one_moment():
            visit = replace(visit, session=_session(visit))
            return _elsewhere(route, visit) or route.answer(visit)
    except (PassportError, Problem) as error:
        return error_page(visit, error)


async def _with_form(visit: Visit) -> Visit:
    """Return the visit with what was sent, so that its page can keep it, even if nobody knows whose it is."""
    if visit.form.fields or visit.session is not None:
        return visit
    try:
        return replace(visit, form=await read_form(visit.request))
    except Problem:
        return visit


def _elsewhere(route: DeskRoute, visit: Visit) -> Response | None:
    """Return where to go first, None when the page may be opened. Raises `Problem` (403)."""
    if not route.roles:
        return None
    session = visit.session
    if session is None:
        return _to(SIGN_IN, visit)
    if not session.staff.roles & route.roles:
        raise Problem(403, "role", "This page is for another role.")
    if route.method == "GET" and session.is_locked and not route.locked:
        return _to(LOCK, visit)
    if route.method == "GET" and route.proof and not session.is_proved(visit.register.now()):
        return _to(PROVE, visit)
    return None


def _answer(route: DeskRoute, visit: Visit) -> Response:
    """Return the answer to a form. One that comes too late is held up, not lost (`interrupted`)."""
    if route.roles and not route.locked:
        held = held_up(visit, proof=route.proof)
        if isinstance(held, Response):
            return held
        visit = held
    return route.answer(visit)


def _to(page: str, visit: Visit) -> Response:
    """Lead to a page and, for one that was only looked at, back afterwards."""
    request = visit.request
    back = f"&next={quote(request.url.path)}" if request.method == "GET" else ""
    return RedirectResponse(f"{page}?lang={visit.lang}{back}", 303, HEADERS)


def _check_origin(request: Request, register: Register) -> None:
    """Refuse a form that another site's page sent. A browser too old to say so has the token alone."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if origin is not None and origin != _origin_of(register) and origin != _own_origin(request):
        raise Problem(403, "origin", "The form came from another site.")
    if site is not None and site not in {"same-origin", "none"}:
        raise Problem(403, "origin", "The form came from another site.")


def _origin_of(register: Register) -> str:
    parts = urlsplit(register.scheme.url)
    return f"{parts.scheme}://{parts.netloc}"


def _own_origin(request: Request) -> str:
    """The address under which this very request came in: a demo is reached under several."""
    return f"{request.url.scheme}://{request.url.netloc}"


def _check_token(form: Form, session: StaffSession | None) -> None:
    """Refuse a form without the token of this session; before a sign-in the origin alone must do."""
    if session is not None and not hmac.compare_digest(form.text("csrf").encode(), session.csrf.encode()):
        raise Problem(403, "csrf", "The form was not made by this session.")
