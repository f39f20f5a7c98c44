"""``/desk/account``: one's own ways in and sessions.

Decided here: whatever adds or takes away a way in asks for a second factor again; printed codes and the seed
of an application are shown once, in the answer to the form that made them. Left to others: what is taken
(`issuer.staff.ways`), keys (`account_keys`), how it looks.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from issuer.register import Register
from issuer.staff.flows import begin_flow, take_flow
from issuer.staff.keyed import seal, unseal
from issuer.staff.passkeys import passkeys_work
from issuer.staff.roles import Role
from issuer.staff.second_factors import new_seed
from issuer.staff.sessions import end_one_session, open_sessions
from issuer.staff.ways import remove_key, renew_codes, set_app, set_password, ways_of
from issuer.web.desk.entrance import ACCOUNT, leave
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.interrupted import SIGN_IN
from issuer.web.desk.offered import offered
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.sharing import ago, app_picture, app_values
from issuer.web.desk.visit import Visit
from issuer.web.problems import Problem
from passport.errors import InputError

__all__ = ["account_page", "account_routes"]

_ALL: Final = frozenset(Role)
_SEED: Final = "app-seed"


def account_routes(register: Register) -> list[DeskRoute]:
    """Return the pages of one's own account."""
    return [
        DeskRoute("GET", ACCOUNT, _account, _ALL),
        DeskRoute("POST", f"{ACCOUNT}/sessions/end", _end_session, _ALL),
        DeskRoute("GET", f"{ACCOUNT}/password", _password, _ALL, proof=True),
        DeskRoute("POST", f"{ACCOUNT}/password", _set_password, _ALL, proof=True),
        DeskRoute("POST", f"{ACCOUNT}/codes", _codes, _ALL, proof=True),
        DeskRoute("POST", f"{ACCOUNT}/app", _app, _ALL, proof=True),
        DeskRoute("POST", f"{ACCOUNT}/app/confirm", _confirm_app, _ALL, proof=True),
        DeskRoute("POST", f"{ACCOUNT}/key/remove", _remove_key, _ALL, proof=True),
    ]


def _account(visit: Visit) -> Response:
    return account_page(visit)


def account_page(visit: Visit, *, problem: str = "") -> Response:
    """Return the page of one's own account. `problem`: key of what did not work."""
    now, session = visit.register.now(), visit.session
    listed = open_sessions(visit.register, session) if session is not None else []
    ways = ways_of(visit.register, visit.staff.account)
    values: dict[str, Any] = {
        "here": ACCOUNT,
        "problem": problem,
        "ways": ways,
        "keys": [(key, ago(key.used_at or key.created_at, now=now)) for key in ways.keys],
        "providers": offered(visit),
        "keys_work": passkeys_work(visit.register),
        "sessions": [(one, ago(one.seen_at, now=now)) for one in listed],
    }
    return page(visit, "signin_account.html", status=422 if problem else 200, **values)


def _end_session(visit: Visit) -> Response:
    if visit.session is None:
        raise Problem(401, "signed_out", "Nobody is signed in.")
    wanted = visit.form.text("id")
    if wanted == "all":
        end_one_session(visit.register, visit.session, None)
        return leave(visit, SIGN_IN, done="signed_out")
    end_one_session(visit.register, visit.session, wanted)
    return see_other(visit, ACCOUNT, done="session_ended")


def _password(visit: Visit) -> Response:
    return _password_page(visit)


def _password_page(visit: Visit, *, problem: str = "") -> Response:
    ways = ways_of(visit.register, visit.staff.account)
    return page(visit, "signin_password.html", status=422 if problem else 200, problem=problem, ways=ways)


def _set_password(visit: Visit) -> Response:
    password = visit.form.text("password")
    if password != visit.form.text("again"):
        return _password_page(visit, problem="desk.password.differs")
    try:
        set_password(visit.register, visit.staff, password)
    except InputError as error:
        return _password_page(visit, problem=f"desk.password.{error.code}")
    return see_other(visit, ACCOUNT, done="password_set")


def _codes(visit: Visit) -> Response:
    codes = renew_codes(visit.register, visit.staff)
    name = ways_of(visit.register, visit.staff.account).sign_in_name
    return page(visit, "signin_codes.html", here=ACCOUNT, codes=codes, sign_in_name=name)


def _app(visit: Visit) -> Response:
    return _app_page(visit, new_seed())


def _app_page(visit: Visit, seed: str, *, problem: str = "") -> Response:
    account = visit.staff.account
    sealed = seal(visit.register, _SEED, seed.encode(), owner=account).hex()
    flow = begin_flow(visit.register, _SEED, {"seed": sealed, "account": account})
    name = ways_of(visit.register, account).sign_in_name or visit.staff.name
    values = {**app_values(seed), "qr": app_picture(visit, seed, name=name), "flow": flow, "here": ACCOUNT}
    return page(visit, "signin_app.html", status=422 if problem else 200, problem=problem, **values)


def _confirm_app(visit: Visit) -> Response:
    kept = take_flow(visit.register, _SEED, visit.form.text("flow"))
    account = visit.staff.account
    sealed = bytes.fromhex(kept["seed"]) if kept is not None and kept["account"] == account else b""
    seed = unseal(visit.register, _SEED, sealed, owner=account)
    if seed is None:
        return account_page(visit, problem="desk.account.too_late")
    try:
        set_app(visit.register, visit.staff, seed.decode(), visit.form.text("code"))
    except InputError:
        return _app_page(visit, seed.decode(), problem="desk.app.wrong")
    return see_other(visit, ACCOUNT, done="app_set")


def _remove_key(visit: Visit) -> Response:
    try:
        remove_key(visit.register, visit.staff, visit.form.text("key"))
    except InputError as error:
        return account_page(visit, problem=f"desk.account.{error.code}")
    return see_other(visit, ACCOUNT, done="key_removed")
