"""``/desk/staff``: those whom somebody looks after; a link for a new colleague, the end of a role.

Decided here: a link is shown once, as text and as QR, in the answer to the form that made it; making one asks
for a second factor, for whoever holds a link becomes a colleague. Somebody who is not theirs to look after is
not there. Left to others: who looks after whom (`issuer.staff.managing`), links (`issuer.staff.enrolling`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from issuer.register import Register
from issuer.register.access import OneTimeLink
from issuer.register.bodies import body_list, body_names
from issuer.staff.enrolling import LINK_SECONDS, invite, invite_again, pending, withdraw_link
from issuer.staff.managing import colleague, colleagues, end_role, end_sessions_of
from issuer.staff.roles import OF_A_BODY, Grant, Role, Staff
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.sharing import picture
from issuer.web.desk.visit import Visit
from issuer.web.problems import Problem
from passport.errors import InputError
from passport.model import clean_name

__all__ = ["STAFF", "staff_routes"]

STAFF: Final = "/desk/staff"
_CARERS: Final = frozenset({Role.REFERENT, Role.AGENCY})


def staff_routes(register: Register) -> list[DeskRoute]:
    """Return the pages of référents and of the régie."""
    return [
        DeskRoute("GET", STAFF, _list, _CARERS),
        DeskRoute("POST", f"{STAFF}/links", _invite, _CARERS, proof=True),
        DeskRoute("POST", f"{STAFF}/links/withdraw", _withdraw, _CARERS),
        DeskRoute("GET", STAFF + "/{account}", _person, _CARERS),
        DeskRoute("POST", STAFF + "/{account}/link", _invite_again, _CARERS, proof=True),
        DeskRoute("POST", STAFF + "/{account}/end", _end, _CARERS),
        DeskRoute("POST", STAFF + "/{account}/sessions", _end_sessions, _CARERS),
    ]


def _list(visit: Visit) -> Response:
    return _list_page(visit)


def _list_page(visit: Visit, *, problem: str = "") -> Response:
    register, staff = visit.register, visit.staff
    names = body_names(register)
    values: dict[str, Any] = {
        "here": STAFF,
        "problem": problem,
        "colleagues": colleagues(register, staff),
        "links": [
            (digest, name, grant, max(1, (until - register.now()) // 60))
            for digest, name, grant, until in pending(register, staff)
        ],
        "names": names,
        "offers": _offers(register, staff, names),
        "typed": {"name": visit.form.text("name"), "role": visit.form.text("role")},
    }
    return page(visit, "signin_staff.html", status=422 if problem else 200, **values)


def _offers(register: Register, staff: Staff, names: dict[str, str]) -> list[tuple[str, Role, str]]:
    """Return the roles that somebody may give: (value of the choice, role, name of the body)."""
    open_ = [body.slug for body in body_list(register) if body.closed_at is None]
    own = staff.bodies(Role.REFERENT)
    offers = [(f"trainer:{slug}", Role.TRAINER, names[slug]) for slug in open_ if slug in own]
    if staff.holds(Role.AGENCY):
        offers += [(f"referent:{slug}", Role.REFERENT, names[slug]) for slug in open_]
        offers += [(role.value, role, "") for role in (Role.AGENCY, Role.AUDITOR)]
    return offers


def _grant(text: str) -> Grant:
    """Return the role that a form names (``trainer:SLUG``, ``agency``). Raises `Problem` (404)."""
    name, _, slug = text.partition(":")
    if name not in set(Role) or (Role(name) in OF_A_BODY) is not bool(slug):
        raise _nothing()
    return Grant(Role(name), slug or None)


def _nothing() -> Problem:
    return Problem(404, "not_found", "There is no such colleague.")


def _invite(visit: Visit) -> Response:
    grant = _grant(visit.form.text("role"))
    name = clean_name(visit.form.text("name"))
    try:
        link = invite(visit.register, name, grant, by=visit.staff, actor=visit.staff.actor)
    except InputError as error:
        if error.code != "staff_name":
            raise _nothing() from None
        return _list_page(visit, problem="desk.staff.name_problem")
    return _link_page(visit, link, name=name)


def _link_page(visit: Visit, link: OneTimeLink, *, name: str) -> Response:
    values: dict[str, Any] = {
        "here": STAFF,
        "name": name,
        "address": link.address,
        "qr": picture(visit, link.address, "desk.staff.qr"),
        "minutes": LINK_SECONDS // 60,
    }
    return page(visit, "signin_invited.html", **values)


def _withdraw(visit: Visit) -> Response:
    try:
        withdraw_link(visit.register, visit.staff, visit.form.text("link"))
    except InputError:
        raise _nothing() from None
    return see_other(visit, STAFF, done="link_withdrawn")


def _person(visit: Visit) -> Response:
    try:
        found = colleague(visit.register, visit.staff, visit.path("account"))
    except InputError:
        raise _nothing() from None
    return page(visit, "signin_colleague.html", found=found, names=body_names(visit.register))


def _invite_again(visit: Visit) -> Response:
    account = visit.path("account")
    try:
        found = colleague(visit.register, visit.staff, account)
        link = invite_again(visit.register, account, by=visit.staff, actor=visit.staff.actor)
    except InputError:
        raise _nothing() from None
    return _link_page(visit, link, name=found.name)


def _end(visit: Visit) -> Response:
    try:
        end_role(visit.register, visit.staff, visit.path("account"), _grant(visit.form.text("role")))
    except InputError:
        raise _nothing() from None
    return see_other(visit, STAFF, done="role_ended")


def _end_sessions(visit: Visit) -> Response:
    account = visit.path("account")
    try:
        end_sessions_of(visit.register, visit.staff, account)
    except InputError:
        raise _nothing() from None
    return see_other(visit, f"{STAFF}/{account}", done="sessions_ended")
