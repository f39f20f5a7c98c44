"""The frame of the desk: what every page has. Who is signed in, where to go, what a browser keeps.

Decided here: that no page of the desk is kept by a browser or a proxy, and which doors a role sees. Left to
others: what a page says, errors (`failing`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from issuer.staff.roles import Staff
from issuer.web.desk.menu import MENU
from issuer.web.desk.visit import Visit
from issuer.web.pages import page_words, render_page, site_of

__all__ = ["HEADERS", "page", "see_other"]

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
    # Without any referrer a page sends its forms with `Origin: null` (Fetch, section 3.2): it says nothing.
    "Referrer-Policy": "same-origin",
}


def page(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page. A template has `staff`, `csrf`, `proved`, `menu`, `here`, `done` and `values`."""
    session = visit.session
    staff = session.staff if session is not None and not session.is_locked else None
    common = {
        "site": site_of(visit.register),
        "here": visit.request.url.path,
        "kept": "",
        "staff": staff,
        "shared": session is not None and session.is_shared,
        "proved": session is not None and session.is_proved(visit.register.now()),
        "csrf": session.csrf if session is not None else "",
        "menu": _menu(staff),
        "done": _done(visit),
    }
    html = render_page(f"desk/{template}", visit.lang, **{**common, **values})
    return HTMLResponse(html, status, {**HEADERS, "Content-Language": visit.lang})


def _menu(staff: Staff | None) -> list[tuple[str, str]]:
    if staff is None:
        return []
    return [(address, word) for address, word, roles in MENU if staff.roles & roles]


def _done(visit: Visit) -> str:
    """Return the key of what was just done, as the address of the next page says it; "" for nothing known."""
    key = f"desk.done.{visit.query('done')}"
    return key if key in page_words(visit.lang) else ""


def see_other(visit: Visit, path: str, *, done: str = "") -> Response:
    """Lead on after a form (RFC 9110 section 15.4.4). `done`: ``desk.done.…``, said on the next page."""
    mark = "&" if "?" in path else "?"
    said = f"&done={done}" if done else ""
    return RedirectResponse(f"{path}{mark}lang={visit.lang}{said}", 303, HEADERS)
