"""A form that comes too late: the session has locked itself, or a second factor was shown too long ago.

Decided here: nothing that was typed is lost. The page that asks for a PIN, a code or a key carries the form
along and sends it to the very same address; once the answer is right, the form goes on as if nothing had
happened. Files cannot be carried and are chosen again. The fields of this page begin with ``hold_``. Left to
others: the same questions where somebody only looks at a page (`unlocking`), what is right (`issuer.staff`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from issuer.staff.passkeys import passkeys_work
from issuer.staff.pins import unlock_with_pin
from issuer.staff.proving import prove_with_code, prove_with_key, shows_key
from issuer.staff.sessions import unlock_session
from issuer.staff.signing_in import SlowDown
from issuer.staff.ways import ways_of
from issuer.web.desk.entrance import leave, network
from issuer.web.desk.frame import page
from issuer.web.desk.offered import offered
from issuer.web.desk.visit import Visit

__all__ = ["LOCK", "PROVE", "SIGN_IN", "ask", "held_up", "proved", "unlocked"]

SIGN_IN: Final = "/desk/sign-in"
LOCK: Final = "/desk/locked"
PROVE: Final = "/desk/prove"
_OWN: Final = "hold_"
_PIN, _CODE, _FLOW, _KEY = "hold_pin", "hold_code", "hold_flow", "hold_answer"


def held_up(visit: Visit, *, proof: bool) -> Visit | Response:
    """Return the visit that may go on, or the page that asks first."""
    session = visit.session
    if session is not None and session.is_locked:
        outcome = unlocked(visit)
        if isinstance(outcome, Response):
            return outcome
        visit, session = outcome, outcome.session
    if proof and session is not None and not session.is_proved(visit.register.now()):
        return proved(visit)
    return visit


def unlocked(visit: Visit) -> Visit | Response:
    """Return the visit with its session open again, or the page that asks for a PIN or a key."""
    session, register, form = visit.session, visit.register, visit.form
    if session is None:
        return leave(visit, SIGN_IN)
    opened = replace(visit, session=replace(session, is_locked=False))
    try:
        if form.text(_PIN) and session.has_pin:
            left = unlock_with_pin(register, session, form.text(_PIN))
            if left == 0:
                return leave(visit, SIGN_IN, done="pin_ended")
            return opened if left is None else ask(visit, LOCK, problem="desk.hold.pin_wrong", count=left)
        if form.text(_KEY):
            is_right = shows_key(register, session, form.text(_FLOW), form.text(_KEY), network=network(visit))
            if is_right and unlock_session(register, session):
                return opened
            return ask(visit, LOCK, problem="desk.hold.key_wrong")
    except SlowDown as slow:
        return ask(visit, LOCK, problem="desk.signin.slow", seconds=slow.seconds)
    return ask(visit, LOCK)


def proved(visit: Visit) -> Visit | Response:
    """Return the visit with its proof, or the page that asks for a code or a key."""
    session, register, form = visit.session, visit.register, visit.form
    if session is None:
        return leave(visit, SIGN_IN)
    code, key = form.text(_CODE), form.text(_KEY)
    problem = ""
    try:
        is_right = bool(code) and prove_with_code(register, session, code, network=network(visit))
        if not is_right and key:
            is_right = prove_with_key(register, session, form.text(_FLOW), key, network=network(visit))
        if is_right:
            return replace(visit, session=replace(session, proved_at=register.now()))
        if code or key:
            problem = "desk.hold.code_wrong" if code else "desk.hold.key_wrong"
    except SlowDown as slow:
        return ask(visit, PROVE, problem="desk.signin.slow", seconds=slow.seconds)
    return ask(visit, PROVE, problem=problem)


def ask(visit: Visit, kind: str, *, problem: str = "", seconds: int = 0, count: int = 0) -> Response:
    """Return the page that asks, with the form that waits. `kind`: `LOCK` or `PROVE`."""
    ways = ways_of(visit.register, visit.staff.account)
    session = visit.session
    values = {
        "here": kind,
        "locked": kind == LOCK,
        "action": visit.request.url.path,
        "carried": _carried(visit),
        "problem": problem,
        "filled": {"seconds": seconds} if seconds else {"count": count} if count else {},
        "with_pin": kind == LOCK and session is not None and session.has_pin,
        "with_code": kind == PROVE and ways.has_factor,
        "providers": offered(visit) if kind == PROVE and ways.providers else [],
        "with_key": bool(ways.keys) and passkeys_work(visit.register),
    }
    status = 429 if seconds else 422 if problem else 200
    response = page(visit, "signin_hold.html", status=status, **values)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def _carried(visit: Visit) -> Sequence[tuple[str, str]]:
    """Return what the form that waits held, field by field."""
    return [
        (name, value)
        for name, values in visit.form.fields.items()
        if name != "csrf" and not name.startswith(_OWN)
        for value in values
    ]
