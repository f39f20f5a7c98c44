"""The audit at the desk: keys with their dates, chains with their heads, and what a chain tells.

Decided here: the régie and auditors read the same; a chain is shown newest first, a page at a time, with its
opaque ids as they stand. The public side of keys alone is ever here. Left to others: checking chains
(`passport check`), changing keys (`passport keys`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from issuer.register.bodies import body_list
from issuer.staff.roles import Role
from issuer.store import chain as store
from issuer.web.desk.frame import page
from issuer.web.desk.routes import DeskRoute
from issuer.web.desk.visit import Visit
from issuer.web.problems import Problem
from passport.pages.catalogue import date_in_words

__all__ = ["audit_routes"]

_READERS: Final = frozenset({Role.AGENCY, Role.AUDITOR})
_PAGE: Final = 100


def audit_routes() -> list[DeskRoute]:
    """Return ``/desk/audit`` and a page for each chain."""
    return [
        DeskRoute("GET", "/desk/audit", _show, _READERS),
        DeskRoute("GET", "/desk/audit/{chain}", _chain, _READERS),
    ]


def _show(visit: Visit) -> Response:
    register = visit.register
    with register.reading() as session:
        heads = [(head.chain, head.seq, head.hash) for head in store.heads(session)]
    names = {body.slug: body.name for body in body_list(register)}
    keys = [
        {
            "owner": record.owner,
            "name": names.get(record.owner, ""),
            "kid": record.kid,
            "purpose": record.purpose.value,
            "state": record.state.value,
            "start": _day(visit, record.period.start),
            "end": _day(visit, record.period.end) if record.period.end is not None else "",
        }
        for record in register.ring.records()
    ]
    return page(visit, "audit.html", wide=True, heads=sorted(heads), keys=keys, names=names)


def _chain(visit: Visit) -> Response:
    name, asked = visit.path("chain"), visit.query("before")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 12 else None
    with visit.register.reading() as session:
        if name not in {head.chain for head in store.heads(session)}:
            raise Problem(404, "not_found", "There is no such chain.")
        rows = [
            (row.seq, _moment(row.at), row.event, row.detail)
            for row in store.latest_rows(session, name, before=before, limit=_PAGE)
        ]
    older = rows[-1][0] if len(rows) == _PAGE and rows[-1][0] > 1 else None
    return page(visit, "audit_chain.html", wide=True, chain=name, rows=rows, older=older)


def _day(visit: Visit, instant: int) -> str:
    return date_in_words(datetime.fromtimestamp(instant, tz=UTC).date(), visit.lang)


def _moment(instant: int) -> str:
    return datetime.fromtimestamp(instant, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
