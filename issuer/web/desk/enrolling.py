"""``/desk/welcome``: a new colleague, or one who lost everything, chooses how to come in from now on.

Decided here: the steps. The link's secret comes out of the fragment by script or is pasted; the page says who
invites for what; then either a key, or a password with codes of an application or of a printed sheet, which
are only kept once one of them was typed back. Nothing is used up before the last step. Left to others: what
a link gives (`issuer.staff.enrolling`), what is taken as a password (`issuer.staff.passwords`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from issuer.register import Register
from issuer.register.access import secret_of
from issuer.register.bodies import body_names
from issuer.staff.accounts import check_name
from issuer.staff.choosing import Chosen, begin_choice, choose_again, finish_choice
from issuer.staff.enrolling import Opened, enrol, opened
from issuer.staff.passkeys import begin_key, finish_key, passkeys_work
from issuer.staff.ways import give_key
from issuer.web.desk.entrance import ACCOUNT, let_in
from issuer.web.desk.frame import page
from issuer.web.desk.offered import offered
from issuer.web.desk.routes import ANYBODY, DeskRoute
from issuer.web.desk.sharing import app_picture, app_values
from issuer.web.desk.sign_in import OWN, SHARED, ceremony_answer
from issuer.web.desk.visit import Visit
from passport.errors import InputError
from passport.model import clean_name

__all__ = ["WELCOME", "enrolling_routes"]

WELCOME: Final = "/desk/welcome"


def enrolling_routes(register: Register) -> list[DeskRoute]:
    """Return the pages."""
    return [
        DeskRoute("GET", WELCOME, _start, ANYBODY),
        DeskRoute("POST", WELCOME, _choose, ANYBODY),
        DeskRoute("POST", f"{WELCOME}/key/begin", _begin_key, ANYBODY),
        DeskRoute("POST", f"{WELCOME}/key", _key, ANYBODY),
        DeskRoute("POST", f"{WELCOME}/password", _password, ANYBODY),
        DeskRoute("POST", f"{WELCOME}/confirm", _confirm, ANYBODY),
    ]


def _start(visit: Visit) -> Response:
    return _start_page(visit)


def _start_page(visit: Visit, *, problem: str = "") -> Response:
    return page(visit, "signin_link.html", status=422 if problem else 200, problem=problem, here=WELCOME)


def _choose(visit: Visit) -> Response:
    try:
        found = opened(visit.register, _link(visit))
    except InputError:
        return _start_page(visit, problem="desk.welcome.closed")
    return _ways_page(visit, found)


def _link(visit: Visit) -> str:
    return secret_of(visit.form.text("link"))


def _ways_page(visit: Visit, found: Opened, *, problem: str = "") -> Response:
    names = body_names(visit.register)
    form = visit.form
    values: dict[str, Any] = {
        "here": WELCOME,
        "problem": problem,
        "link": _link(visit),
        "found": found,
        "body": names.get(found.grant.body or "", ""),
        "providers": offered(visit),
        "keys": passkeys_work(visit.register),
        "name": form.text("name"),
        "device": form.text("device") or SHARED,
        "factor": form.text("factor") or "app",
    }
    return page(visit, "signin_welcome.html", status=422 if problem else 200, **values)


def _name(visit: Visit, found: Opened) -> str:
    """Return the name of the account. Raises `InputError` (`staff_name`)."""
    name = found.name or clean_name(visit.form.text("name"))
    check_name(name)
    return name


def _begin_key(visit: Visit) -> Response:
    found = opened(visit.register, _link(visit))
    name = _name(visit, found)
    shared = visit.form.text("device") != OWN
    ceremony = begin_key(
        visit.register,
        {"digest": found.digest, "name": name},
        account=found.account,
        name=name,
        is_shared=shared,
    )
    return ceremony_answer(ceremony)


def _key(visit: Visit) -> Response:
    form, register = visit.form, visit.register
    try:
        found = opened(register, _link(visit))
    except InputError:
        return _start_page(visit, problem="desk.welcome.closed")
    try:
        made = finish_key(register, form.text("flow"), form.text("answer"))
        if made.about.get("digest") != found.digest:
            raise InputError("Begun with another link.", code="key_refused")
        account, name = str(made.about["account"]), str(made.about["name"])
        at = register.now()
        enrol(
            register,
            _link(visit),
            account,
            name,
            lambda session, id_: give_key(session, id_, made, form.text("label"), at=at),
        )
    except InputError as error:
        return _ways_page(visit, found, problem=f"desk.welcome.{error.code}")
    return let_in(visit, account, way="key", is_shared=bool(made.about["is_shared"]), to=ACCOUNT)


def _password(visit: Visit) -> Response:
    form = visit.form
    try:
        found = opened(visit.register, _link(visit))
    except InputError:
        return _start_page(visit, problem="desk.welcome.closed")
    try:
        name = _name(visit, found)
        if form.text("password") != form.text("again"):
            raise InputError("Not twice the same.", code="differs")
        chosen = begin_choice(
            visit.register,
            account=found.account,
            name=name,
            password=form.text("password"),
            with_app=form.text("factor") != "codes",
        )
    except InputError as error:
        return _ways_page(visit, found, problem=f"desk.welcome.{error.code}")
    return _confirm_page(visit, chosen)


def _confirm_page(visit: Visit, chosen: Chosen, *, problem: str = "") -> Response:
    values: dict[str, Any] = {
        "here": WELCOME,
        "problem": problem,
        "link": _link(visit),
        "device": visit.form.text("device") or SHARED,
        "chosen": chosen,
        "qr": "",
        "typed_seed": "",
    }
    if chosen.seed:
        values |= {"qr": app_picture(visit, chosen.seed, name=chosen.sign_in_name), **app_values(chosen.seed)}
    return page(visit, "signin_confirm.html", status=422 if problem else 200, **values)


def _confirm(visit: Visit) -> Response:
    register, link = visit.register, _link(visit)
    try:
        chosen = finish_choice(register, visit.form.text("flow"))
        confirmed = chosen.confirmed(visit.form.text("code"), at=register.now())
        if confirmed is None:
            return _confirm_page(visit, choose_again(register, chosen), problem="desk.welcome.code")
        enrol(register, link, chosen.account, chosen.name, confirmed.giver(register))
    except InputError:
        return _start_page(visit, problem="desk.welcome.closed")
    shared = visit.form.text("device") != OWN
    return let_in(visit, chosen.account, way="password", is_shared=shared, to=ACCOUNT)
