"""Signing in and out: ``/desk/sign-in`` and the forms behind it.

Decided here: which ways a page offers (keys where the address allows them), that all wrong answers are one
answer in the same words, and that a device counts as shared unless somebody says that it is theirs. Left to
others: what is right (`issuer.staff`), the cookie (`entrance`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from issuer.register import Register
from issuer.staff.federated import sign_out_there
from issuer.staff.passkeys import Ceremony, answered_by, begin_answer, passkeys_work
from issuer.staff.signing_in import SlowDown, sign_in_with_password
from issuer.staff.throttle import begin_attempt
from issuer.web.desk.entrance import leave, let_in, network, next_of
from issuer.web.desk.frame import HEADERS, page, see_other
from issuer.web.desk.interrupted import SIGN_IN
from issuer.web.desk.offered import offered
from issuer.web.desk.provider_pages import elsewhere
from issuer.web.desk.routes import ANYBODY, DeskRoute
from issuer.web.desk.visit import Visit
from passport.strictjson import compact_json

__all__ = ["ceremony_answer", "sign_in_routes"]

SHARED: Final = "shared"
OWN: Final = "own"


def sign_in_routes(register: Register) -> list[DeskRoute]:
    """Return the pages of coming in and going out."""
    return [
        DeskRoute("GET", SIGN_IN, _form, ANYBODY),
        DeskRoute("POST", SIGN_IN, _sign_in, ANYBODY),
        DeskRoute("POST", f"{SIGN_IN}/key/begin", _begin_key, ANYBODY),
        DeskRoute("POST", f"{SIGN_IN}/key", _key, ANYBODY),
        DeskRoute("POST", "/desk/sign-out", _sign_out, ANYBODY),
    ]


def _form(visit: Visit) -> Response:
    if visit.session is not None and not visit.session.is_locked:
        return see_other(visit, next_of(visit))
    return _page(visit)


def _page(visit: Visit, *, status: int = 200, problem: str = "", seconds: int = 0) -> Response:
    values: dict[str, Any] = {
        "here": SIGN_IN,
        "problem": problem,
        "seconds": seconds,
        "next": next_of(visit),
        "name": visit.form.text("name"),
        "device": visit.form.text("device") or SHARED,
        "providers": offered(visit),
        "keys": passkeys_work(visit.register),
    }
    response = page(visit, "signin_form.html", status=status, **values)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def _sign_in(visit: Visit) -> Response:
    form = visit.form
    try:
        account = sign_in_with_password(
            visit.register,
            name=form.text("name"),
            password=form.text("password"),
            code=form.text("code"),
            network=network(visit),
        )
    except SlowDown as slow:
        return _page(visit, status=429, problem="desk.signin.slow", seconds=slow.seconds)
    if account is None:
        return _page(visit, status=422, problem="desk.signin.wrong")
    return let_in(visit, account, way="password", is_shared=form.text("device") != OWN)


def _begin_key(visit: Visit) -> Response:
    return ceremony_answer(begin_answer(visit.register))


def ceremony_answer(ceremony: Ceremony) -> Response:
    """Return what the script hands to the browser's keys."""
    said = compact_json({"options": ceremony.options, "flow": ceremony.flow})
    return Response(said, media_type="application/json", headers=HEADERS)


def _key(visit: Visit) -> Response:
    attempt = begin_attempt(visit.register, network=network(visit))
    if attempt.wait:
        return _page(visit, status=429, problem="desk.signin.slow", seconds=attempt.wait)
    form = visit.form
    account = answered_by(visit.register, form.text("flow"), form.text("answer"), attempt=attempt)
    if account is None:
        return _page(visit, status=422, problem="desk.signin.key_wrong")
    return let_in(visit, account, way="key", is_shared=form.text("device") != OWN)


def _sign_out(visit: Visit) -> Response:
    register, session = visit.register, visit.session
    there = sign_out_there(register, session, back=register.scheme.url + SIGN_IN) if session else ""
    left = leave(visit, SIGN_IN, done="signed_out")
    if not there:
        return left
    gone = elsewhere(replace(visit, session=None), there, "")
    for name, value in left.raw_headers:
        if name in {b"set-cookie", b"clear-site-data"}:
            gone.raw_headers.append((name, value))
    return gone
