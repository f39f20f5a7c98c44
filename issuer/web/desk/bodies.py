"""The bodies of the network at the desk: who they are, what they may attest, how one comes and leaves.

Decided here: the régie changes, auditors read; what changes who may attest what asks for a second factor
again; and a change is one thing until the trust list is signed, another after: the page says which bodies
wait for it. Left to others: what a body may be (`issuer.register`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from issuer.register import Register, body_changes
from issuer.register.bodies import (
    NewBody,
    RegisteredBody,
    accreditations_of,
    add_body,
    body_list,
    close_body,
)
from issuer.register.bodies import body as known_body
from issuer.register.folder import RegisterError
from issuer.register.publishing import publish_trust_list
from issuer.staff.roles import Role
from issuer.web.desk.frame import page, see_other
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.problems import Problem
from passport.errors import InputError
from passport.framework import framework, framework_ids
from passport.model import clean_name
from passport.pages.catalogue import date_in_words

__all__ = ["body_routes"]

_READERS: Final = frozenset({Role.AGENCY, Role.AUDITOR})
_AGENCY: Final = frozenset({Role.AGENCY})
_LEVEL: Final = re.compile(r"[1-9]")


def body_routes() -> list[DeskRoute]:
    """Return ``/desk/bodies``, a page for each, and the signing of the trust list."""
    return [
        DeskRoute("GET", "/desk/bodies", _list, _READERS),
        DeskRoute("POST", "/desk/bodies", _add, _AGENCY, proof=True),
        DeskRoute("POST", "/desk/trust", _publish, _AGENCY, proof=True),
        DeskRoute("GET", "/desk/bodies/{body}", _show, _READERS),
        DeskRoute("POST", "/desk/bodies/{body}", _change, _AGENCY, proof=True),
    ]


def _list(visit: Visit, *, typed: Mapping[str, str] | None = None, wrong: str = "") -> Response:
    register = visit.register
    listed = register.trust().trust_list
    return page(
        visit,
        "bodies_list.html",
        status=422 if wrong else 200,
        bodies=body_list(register),
        waiting=body_changes.unpublished(register),
        version=listed.version,
        published=_day(visit, listed.issued_at),
        until=_day(visit, listed.expires_at),
        may_change=visit.staff.holds(Role.AGENCY),
        typed=typed or {"slug": "", "name": "", "kind": ""},
        wrong=wrong,
    )


def _day(visit: Visit, instant: int) -> str:
    return date_in_words(datetime.fromtimestamp(instant, tz=UTC).date(), visit.lang)


def _add(visit: Visit) -> Response:
    form = visit.form
    typed = {name: form.text(name) for name in ("slug", "name", "kind")}
    try:
        add_body(
            visit.register,
            NewBody(typed["slug"], clean_name(typed["name"]), clean_name(typed["kind"]), ()),
            actor=visit.staff.actor,
        )
    except InputError as error:
        return _list(visit, typed=typed, wrong=error.code)
    return see_other(visit, f"/desk/bodies/{typed['slug']}", done="body_added")


def _publish(visit: Visit) -> Response:
    publish_trust_list(visit.register, actor=visit.staff.actor)
    return see_other(visit, "/desk/bodies", done="trust_published")


def _this(visit: Visit) -> RegisteredBody:
    try:
        return known_body(visit.register, visit.path("body"))
    except RegisterError:
        raise Problem(404, "not_found", "There is no such body.") from None


def _show(visit: Visit, *, wrong: str = "") -> Response:
    one = _this(visit)
    known = {id_: framework(id_).title(visit.lang) for id_ in framework_ids()}
    periods = [
        {
            "framework": row.framework,
            "low": row.lowest,
            "high": row.highest,
            "since": _day(visit, row.start),
            "until": _day(visit, row.ends) if row.ends is not None else "",
        }
        for row in accreditations_of(visit.register, one.slug)
    ]
    return page(
        visit,
        "bodies_one.html",
        status=422 if wrong else 200,
        body=one,
        since=_day(visit, one.created_at),
        may=[spoken for spoken in periods if not spoken["until"]],
        ended=[spoken for spoken in periods if spoken["until"]],
        titles=known,
        tokens=[(name, label, _day(visit, at)) for name, label, at in _tokens(visit, one.slug)],
        others=[b for b in body_list(visit.register) if b.slug != one.slug and b.closed_at is None],
        left_on=_day(visit, one.closed_at) if one.closed_at is not None else "",
        waits=one.slug in body_changes.unpublished(visit.register),
        may_change=visit.staff.holds(Role.AGENCY) and one.closed_at is None,
        wrong=wrong,
    )


def _tokens(visit: Visit, slug: str) -> list[tuple[str, str, int]]:
    return body_changes.api_token_list(visit.register, slug)


def _change(visit: Visit) -> Response:
    one = _this(visit)
    act = _ACTS.get(visit.form.text("act"))
    if act is None:
        raise Problem(400, "form", "There is no such change.")
    try:
        act(visit, one.slug)
    except InputError as error:
        return _show(visit, wrong=error.code)
    return see_other(visit, f"/desk/bodies/{one.slug}", done="body_changed")


def _who(visit: Visit) -> tuple[Register, str]:
    return visit.register, visit.staff.actor


def _rename(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    body_changes.rename_body(register, slug, name=clean_name(visit.form.text("name")), actor=actor)


def _sign(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    signatory = clean_name(visit.form.text("signatory"))
    body_changes.set_signatory(register, slug, signatory=signatory, actor=actor)


def _logo(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    sent = visit.form.files.get("logo")
    data = sent.data if sent is not None and sent.data else None
    body_changes.set_logo(register, slug, logo_png=data, actor=actor)


def _open_place(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    place, name = visit.form.text("place"), clean_name(visit.form.text("name"))
    body_changes.add_place(register, slug, place=place, name=name, actor=actor)


def _close_place(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    body_changes.end_place(register, slug, place=visit.form.text("place"), actor=actor)


def _accredit(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    low, high = visit.form.text("lowest"), visit.form.text("highest")
    if _LEVEL.fullmatch(low) is None or _LEVEL.fullmatch(high) is None:
        raise InputError("A level is a number from 1 to 9.", code="accreditation")
    named = visit.form.text("framework")
    body_changes.accredit(register, slug, framework=named, lowest=int(low), highest=int(high), actor=actor)


def _end_accreditation(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    body_changes.end_accreditation(register, slug, framework=visit.form.text("framework"), actor=actor)


def _revoke(visit: Visit, slug: str) -> None:
    register, actor = _who(visit)
    body_changes.revoke_api_token(register, slug, token=visit.form.text("token"), actor=actor)


def _close(visit: Visit, slug: str) -> None:
    """Let a body leave; whoever it knew is handed to its successor."""
    register, actor = _who(visit)
    if visit.form.text("sure") != "yes":
        raise InputError("The box was not ticked.", code="not_sure")
    successor = visit.form.text("successor") or None
    close_body(register, slug, at=register.now(), successor=successor, actor=actor)


_ACTS: Final[Mapping[str, Callable[[Visit, str], Any]]] = {
    "name": _rename,
    "signatory": _sign,
    "logo": _logo,
    "place": _open_place,
    "close_place": _close_place,
    "accredit": _accredit,
    "end_accreditation": _end_accreditation,
    "revoke": _revoke,
    "close": _close,
}
