"""Locking the desk, opening it again, proving who is there, and the PIN of the day.

Decided here: which pages ask (`/desk/locked`, `/desk/prove`), and that they lead back to where somebody was.
Left to others: forms that were on their way (`interrupted`, which asks the same questions), the PIN
(`issuer.staff.pins`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from issuer.register import Register
from issuer.staff.passkeys import begin_answer
from issuer.staff.pins import set_pin
from issuer.staff.roles import Role
from issuer.staff.sessions import lock_session
from issuer.web.desk.entrance import PIN, next_of
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.interrupted import LOCK, PROVE, ask, proved, unlocked
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.sign_in import ceremony_answer
from issuer.web.desk.visit import Form, Visit
from passport.errors import InputError

__all__ = ["unlocking_routes"]

_ALL: Final = frozenset(Role)


def unlocking_routes(register: Register) -> list[DeskRoute]:
    """Return the pages."""
    return [
        DeskRoute("POST", "/desk/lock", _lock, _ALL, locked=True),
        DeskRoute("GET", LOCK, _locked, _ALL, locked=True),
        DeskRoute("POST", LOCK, _unlock, _ALL, locked=True),
        DeskRoute("GET", PROVE, _proof, _ALL),
        DeskRoute("POST", PROVE, _prove, _ALL),
        DeskRoute("POST", "/desk/hold/key", _begin_key, _ALL, locked=True),
        DeskRoute("GET", PIN, _pin, _ALL),
        DeskRoute("POST", PIN, _set_pin, _ALL),
    ]


def _lock(visit: Visit) -> Response:
    if visit.session is not None:
        lock_session(visit.register, visit.session)
    return see_other(visit, f"{LOCK}?next={next_of(visit)}")


def _locked(visit: Visit) -> Response:
    if visit.session is None or not visit.session.is_locked:
        return see_other(visit, next_of(visit))
    return ask(_with_next(visit), LOCK)


def _unlock(visit: Visit) -> Response:
    if visit.session is not None and not visit.session.is_locked:
        return see_other(visit, next_of(visit))
    outcome = unlocked(visit)
    return outcome if isinstance(outcome, Response) else see_other(outcome, next_of(visit))


def _proof(visit: Visit) -> Response:
    return ask(_with_next(visit), PROVE)


def _prove(visit: Visit) -> Response:
    outcome = proved(visit)
    return outcome if isinstance(outcome, Response) else see_other(outcome, next_of(visit))


def _with_next(visit: Visit) -> Visit:
    """Return a visit whose form holds where to go afterwards, so that it is carried along."""
    return replace(visit, form=Form({"next": (next_of(visit),)}))


def _begin_key(visit: Visit) -> Response:
    return ceremony_answer(begin_answer(visit.register, account=visit.staff.account))


def _pin(visit: Visit) -> Response:
    return _pin_page(visit)


def _pin_page(visit: Visit, *, problem: str = "") -> Response:
    return page(
        visit, "signin_pin.html", status=422 if problem else 200, problem=problem, next=next_of(visit)
    )


def _set_pin(visit: Visit) -> Response:
    pin, again = visit.form.text("pin"), visit.form.text("again")
    if visit.session is None:
        return see_other(visit, next_of(visit))
    if pin != again:
        return _pin_page(visit, problem="desk.pin.differs")
    try:
        set_pin(visit.register, visit.session, pin)
    except InputError as error:
        return _pin_page(visit, problem=f"desk.pin.{error.code}")
    return see_other(visit, next_of(visit), done="pin_set")
