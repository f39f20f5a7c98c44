"""Coming in with a provider of identity (ProConnect, or another that the network trusts).

Decided here: which pages lead there and back. The way there is a page with a link that is followed at once,
and no redirect of a form: the content policy lets forms go nowhere else, and what follows them would be held
by it too. The way back is the one GET of the desk that changes something: its state was kept, once, for this
browser. Somebody who is not enrolled is told so, and nothing is made. Left to others: what comes back
(`issuer.staff.federated`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from issuer.register import Register
from issuer.register.access import secret_of
from issuer.staff.accounts import check_name
from issuer.staff.enrolling import enrol, opened
from issuer.staff.federated import (
    Returned,
    account_of,
    begin,
    give_identity,
    join,
    new_browser,
    returned,
)
from issuer.staff.keyed import seal, unseal
from issuer.staff.provider_calls import ProviderError
from issuer.staff.roles import Role
from issuer.staff.sessions import note_proof
from issuer.web.desk.cookies import PROVIDER, cookie_name, set_cookie
from issuer.web.desk.entrance import ACCOUNT, let_in, next_of
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.offered import providers_of
from issuer.web.desk.routes import ANYBODY, DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.problems import Problem
from passport.errors import InputError
from passport.model import clean_name

__all__ = ["elsewhere", "provider_routes"]

_BACK: Final = "/desk/provider/back"
_SIGN_IN, _ENROL, _JOIN, _PROVE = "sign-in", "enrol", "join", "prove"
_LINK: Final = "provider-link"
_BROWSER: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN: Final = "own"


def provider_routes(register: Register) -> list[DeskRoute]:
    """Return the pages; none where no provider is trusted. Raises `SettingsError` (`providers_file`)."""
    if not providers_of(register):
        return []
    everyone = frozenset(Role)
    there = "/desk/provider/{provider}"
    return [
        DeskRoute("POST", there + "/sign-in", _sign_in, ANYBODY),
        DeskRoute("POST", there + "/enrol", _enrol, ANYBODY),
        DeskRoute("POST", there + "/join", _join, everyone, proof=True),
        DeskRoute("POST", there + "/prove", _prove, everyone),
        DeskRoute("GET", _BACK, _back, ANYBODY),
    ]


def _sign_in(visit: Visit) -> Response:
    about = {"is_shared": _is_shared(visit), "next": next_of(visit)}
    return _begin(visit, _SIGN_IN, about, again=_is_shared(visit))


def _enrol(visit: Visit) -> Response:
    link = secret_of(visit.form.text("link"))
    found = opened(visit.register, link)
    name = found.name or clean_name(visit.form.text("name"))
    check_name(name)
    sealed = seal(visit.register, _LINK, link.encode(), owner=found.account).hex()
    about = {"link": sealed, "account": found.account, "name": name, "is_shared": _is_shared(visit)}
    return _begin(visit, _ENROL, about, again=True)


def _join(visit: Visit) -> Response:
    return _begin(visit, _JOIN, {"account": visit.staff.account}, again=True)


def _prove(visit: Visit) -> Response:
    return _begin(visit, _PROVE, {"account": visit.staff.account, "next": next_of(visit)}, again=True)


def _is_shared(visit: Visit) -> bool:
    return visit.form.text("device") != _OWN


def _begin(visit: Visit, purpose: str, about: Mapping[str, Any], *, again: bool) -> Response:
    provider = providers_of(visit.register).get(visit.path("provider"))
    if provider is None:
        raise Problem(404, "not_found", "There is no such provider.")
    browser = _browser(visit) or new_browser()
    address = begin(
        visit.register,
        provider,
        purpose=purpose,
        about=about,
        browser=browser,
        redirect_uri=visit.register.scheme.url + _BACK,
        again=again,
    )
    response = elsewhere(visit, address, provider.name)
    set_cookie(response, visit.register, browser, PROVIDER)
    return response


def _browser(visit: Visit) -> str:
    kept = visit.request.cookies.get(cookie_name(visit.register, PROVIDER), "")
    return kept if _BROWSER.fullmatch(kept) else ""


def elsewhere(visit: Visit, address: str, name: str) -> Response:
    """Return the page that leads to another site at once. `name`: of whom it is."""
    return page(visit, "signin_elsewhere.html", here="/desk", address=address, name=name)


def _back(visit: Visit) -> Response:
    query = visit.request.query_params
    if query.get("error"):
        return _told(visit, "desk.provider.refused")
    try:
        who = returned(
            visit.register,
            providers_of(visit.register),
            browser=_browser(visit),
            state=query.get("state", ""),
            code=query.get("code", ""),
            issuer=query.get("iss", ""),
        )
        return _AFTER[who.purpose](visit, who)
    except (ProviderError, InputError) as error:
        known = {"provider_acr", "provider_siret", "provider_taken", "link_closed"}
        return _told(visit, f"desk.provider.{error.code if error.code in known else 'failed'}")


def _told(visit: Visit, problem: str) -> Response:
    return page(visit, "signin_provider.html", status=422, here="/desk", problem=problem)


def _signed_in(visit: Visit, who: Returned) -> Response:
    account = account_of(visit.register, who)
    if account is None:
        return _told(visit, "desk.provider.unknown")
    return let_in(
        visit,
        account,
        way="provider",
        is_shared=who.about["is_shared"],
        to=who.about["next"],
        provider=who.leaving,
    )


def _enrolled(visit: Visit, who: Returned) -> Response:
    register, account = visit.register, who.about["account"]
    link = unseal(register, _LINK, bytes.fromhex(who.about["link"]), owner=account) or b""
    give = partial(give_identity, who=who, at=register.now())
    enrol(register, link.decode(), account, who.about["name"], give)
    return let_in(
        visit, account, way="provider", is_shared=who.about["is_shared"], to=ACCOUNT, provider=who.leaving
    )


def _joined(visit: Visit, who: Returned) -> Response:
    _check_same(visit, who)
    join(visit.register, visit.staff, who)
    return see_other(visit, ACCOUNT, done="identity_joined")


def _proved(visit: Visit, who: Returned) -> Response:
    _check_same(visit, who)
    if visit.session is None or account_of(visit.register, who) != visit.staff.account:
        return _told(visit, "desk.provider.unknown")
    note_proof(visit.register, visit.session)
    return see_other(visit, who.about["next"])


def _check_same(visit: Visit, who: Returned) -> None:
    """Raise `Problem` (403) unless whoever began this is still signed in here, and the desk is open."""
    session = visit.session
    if session is None or session.is_locked or session.staff.account != who.about["account"]:
        raise Problem(403, "csrf", "This was begun by another session.")


_AFTER: Final = {_SIGN_IN: _signed_in, _ENROL: _enrolled, _JOIN: _joined, _PROVE: _proved}
