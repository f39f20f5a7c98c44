"""Adding a passkey or security key to one's own account.

Decided here: on a shared device only a key that leaves with its owner may be made; whether a device is shared
is what was said when this session began. Left to others: what is a right answer (`issuer.staff.passkeys`).
"""

from __future__ import annotations

from starlette.responses import Response

from issuer.register import Register
from issuer.staff.passkeys import begin_key, finish_key
from issuer.staff.roles import Role
from issuer.staff.ways import add_key
from issuer.web.desk.account import account_page
from issuer.web.desk.entrance import ACCOUNT
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.sign_in import ceremony_answer
from issuer.web.desk.visit import Visit
from passport.errors import InputError

__all__ = ["account_key_routes"]

_KEY = f"{ACCOUNT}/key"


def account_key_routes(register: Register) -> list[DeskRoute]:
    """Return the pages."""
    everyone = frozenset(Role)
    return [
        DeskRoute("GET", _KEY, _form, everyone, proof=True),
        DeskRoute("POST", f"{_KEY}/begin", _begin, everyone, proof=True),
        DeskRoute("POST", _KEY, _add, everyone, proof=True),
    ]


def _form(visit: Visit) -> Response:
    return page(visit, "signin_key.html", is_shared=_is_shared(visit))


def _is_shared(visit: Visit) -> bool:
    return visit.session is None or visit.session.is_shared


def _begin(visit: Visit) -> Response:
    staff = visit.staff
    ceremony = begin_key(
        visit.register, {}, account=staff.account, name=staff.name, is_shared=_is_shared(visit)
    )
    return ceremony_answer(ceremony)


def _add(visit: Visit) -> Response:
    form, staff = visit.form, visit.staff
    try:
        made = finish_key(visit.register, form.text("flow"), form.text("answer"), account=staff.account)
        add_key(visit.register, staff, made, form.text("label"))
    except InputError:
        return account_page(visit, problem="desk.account.key_refused")
    return see_other(visit, ACCOUNT, done="key_added")
