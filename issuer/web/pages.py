"""Pages of the issuing counter for people: a body's page. In the frame that both counters share.

Decided here: what a body's page says (from the trust list: what anyone may know), and what is said where it
or the directory cannot be shown now; that a program which asks at the same address for JSON gets the body's
controlled identifier document, whose `id` is this very address (Controlled Identifiers 1.0 section 2.1.1);
and that our own texts stand in `words/` beside this module, found before those of the shared catalogue.

Left to others: the frame, the style sheet and the other texts (`passport.pages`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool

from issuer.register import Register
from issuer.web.problems import Problem
from issuer.web.public import public_answer
from passport.framework import Lang, framework
from passport.pages.catalogue import catalogue, date_in_words, fill
from passport.pages.rendering import LANGUAGES, Site, StaticFile, choose_language, static_files
from passport.trust.model import Body, TrustList

__all__ = ["away_page", "is_public_page", "page_routes", "page_words", "render_page", "site_of"]


_DOCUMENT_KINDS = frozenset(
    {"application/cid", "application/did", "application/json", "application/ld+json", "application/did+json"}
)


@cache
def page_words(lang: Lang) -> Mapping[str, str]:
    """Return our own texts in one language, by key."""
    words: dict[str, str] = {}
    for file in sorted(files("issuer.web").joinpath("words").iterdir(), key=lambda file: file.name):
        words |= {key: texts[lang] for key, texts in json.loads(file.read_bytes()).items()}
    return words


@cache
def own_files() -> Mapping[str, StaticFile]:
    """Return every static file, ours and those of all pages, by name."""
    return {**static_files(), **static_files("issuer.web", "/desk/static/")}


def _asset(name: str) -> str:
    return own_files()[name].path


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("issuer.web"), PackageLoader("passport.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"asset": _asset, "languages": LANGUAGES}
    return environment


def render_page(template: str, lang: Lang, **values: Any) -> str:
    """Return a page; ``t(key, …)`` is a text of ours or of the shared catalogue, every value is escaped."""
    shared, own = catalogue(lang), page_words(lang)

    def text(key: str, **filled: Any) -> str:
        return fill(own[key], filled, where=key) if key in own else shared.text(key, **filled)

    page = _environment().get_template(template)
    return page.render(lang=lang, t=text, lines=shared.lines, **values)


def site_of(register: Register) -> Site:
    """Return who offers the pages."""
    scheme, state = register.scheme, register.legal.accessibility
    return Site(
        scheme=scheme.name, contact=scheme.contact, demo=scheme.is_demo, accessibility=state, legal=True
    )


def page_routes(register: Register) -> APIRouter:
    """Return a body's page and the static files of all pages."""
    router = APIRouter()

    @router.get("/o/{slug}")
    async def body_page(request: Request, slug: str) -> Response:
        if _wants_document(request.headers.get("accept", "")):
            answer = await run_in_threadpool(public_answer, register, request, f"/o/{slug}/cid.json")
            answer.headers["Vary"] = "Accept"
            return answer
        listed = (await run_in_threadpool(register.trust)).trust_list
        body = listed.body_of(register.scheme.issuer(slug))
        if body is None:
            raise Problem(404, "not_found", "There is no such body.")
        asked, accepted = request.query_params.get("lang"), request.headers.get("accept-language", "")
        lang = choose_language(asked, accepted)
        html = render_page("body.html", lang, **_body_values(register, listed, body, lang))
        headers = {"Cache-Control": "public, max-age=300", "Vary": "Accept, Accept-Language"}
        return HTMLResponse(html, headers=headers)

    @router.get("/static/{name}")
    @router.get("/desk/static/{name}")
    async def static(request: Request) -> Response:
        found = next((f for f in own_files().values() if f.path == request.url.path), None)
        if found is None:
            raise Problem(404, "not_found", "There is no such file.")
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(found.data, media_type=found.media_type, headers=headers)

    return router


def is_public_page(request: Request) -> bool:
    """Tell whether a page for people is asked for: of a body, or the directory."""
    path = request.url.path
    is_page = path == "/reseau" or (path.startswith("/o/") and path.count("/") == 2)
    return is_page and not _wants_document(request.headers.get("accept", ""))


def away_page(register: Register, request: Request, problem: Problem) -> Response:
    """Return the page that stands where one for the public cannot be shown now, and asks to try again."""
    lang = choose_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    html = render_page("away.html", lang, site=site_of(register), here=request.url.path)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language", "Content-Language": lang}
    headers |= problem.headers
    return HTMLResponse(html, problem.status, headers)


def _wants_document(accept: str) -> bool:
    """Tell whether a program asks: it names a kind of JSON, and not the kind of a page."""
    kinds = {part.partition(";")[0].strip().lower() for part in accept[:2_000].split(",")}
    return not kinds.isdisjoint(_DOCUMENT_KINDS) and "text/html" not in kinds


def _body_values(register: Register, listed: TrustList, body: Body, lang: Lang) -> dict[str, Any]:
    at = register.now()
    left_on = body.period.end
    successor = listed.body_of(register.scheme.issuer(body.successor)) if body.successor else None
    known = [framework(a.framework) for a in body.accreditations if a.period.holds(at)]
    return {
        "site": site_of(register),
        "here": f"/o/{body.slug}",
        "body": body,
        "since": _day(body.period.start, lang),
        "left_on": _day(left_on, lang) if left_on is not None and left_on <= at else None,
        "successor": successor,
        "places": [place.name for place in body.places if place.period.holds(at)],
        "frameworks": list(dict.fromkeys(one.title(lang) for one in known)),
    }


def _day(instant: int, lang: Lang) -> str:
    return date_in_words(datetime.fromtimestamp(instant, tz=UTC).date(), lang)
