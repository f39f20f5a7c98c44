"""``/reseau``: the directory of the network, for the public, and its open data.

Decided here: the addresses (``/reseau``, ``/reseau/lieux.json``, ``/reseau/lieux.csv``), that anyone may read
them from anywhere (CORS ``*``), and how opening hours and telephone numbers are put into words; hours that
are not simple stand as they are, and `issuer.network.hours` reads the words back. Left to others: which
places there are (`issuer.network`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from issuer.network.directory import ListedPlace, as_csv, as_json, listed_places
from issuer.network.hours import CLOSED, DAY_LIST, SPANS
from issuer.register import Register
from issuer.web.pages import page_words, render_page, site_of
from passport.framework import Lang, framework
from passport.pages.catalogue import fill
from passport.pages.rendering import choose_language
from passport.strictjson import compact_json

__all__ = ["directory_routes", "hours_in_words", "phone_in_words"]

_PUBLIC: Final = {"Cache-Control": "public, max-age=300"}
_OPEN_DATA: Final = {**_PUBLIC, "Access-Control-Allow-Origin": "*"}
_SIMPLE: Final = re.compile(rf"({DAY_LIST}) ({SPANS}|{CLOSED})")
_FRENCH: Final = re.compile(r"\+33([1-9])(\d\d)(\d\d)(\d\d)(\d\d)")


def directory_routes(register: Register) -> APIRouter:
    """Return the page and the two files."""
    router = APIRouter()

    @router.get("/reseau")
    async def page(request: Request) -> Response:
        accepted = request.headers.get("accept-language", "")
        lang = choose_language(request.query_params.get("lang"), accepted)
        values = await run_in_threadpool(_values, register, lang)
        html = render_page("directory.html", lang, **values)
        return HTMLResponse(html, headers={**_PUBLIC, "Vary": "Accept-Language", "Content-Language": lang})

    @router.get("/reseau/lieux.json")
    async def as_json_file() -> Response:
        rows = await run_in_threadpool(as_json, register)
        return Response(compact_json(rows), media_type="application/json", headers=_OPEN_DATA)

    @router.get("/reseau/lieux.csv")
    async def as_csv_file() -> Response:
        data = await run_in_threadpool(as_csv, register)
        headers = {**_OPEN_DATA, "Content-Disposition": 'attachment; filename="lieux.csv"'}
        return Response(data, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def _values(register: Register, lang: Lang) -> dict[str, Any]:
    places = [(one.card.town, _told(one, lang)) for one in listed_places(register)]
    towns = [(town, [told for _, told in group]) for town, group in groupby(places, key=lambda one: one[0])]
    return {"site": site_of(register), "here": "/reseau", "kept": "", "towns": towns}


def _told(one: ListedPlace, lang: Lang) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "body": one.body_name,
        "slug": one.body,
        "card": one.card,
        "hours": hours_in_words(one.card.hours, lang),
        "phone": phone_in_words(one.card.phone),
        "frameworks": [framework(known).title(lang) for known in one.frameworks],
    }


def hours_in_words(hours: str, lang: Lang) -> list[str]:
    """Return opening hours as lines: ``Mo-Fr 09:00-12:00`` → « lundi à vendredi : 9 h – 12 h ».

    What is not as simple as days and spans stays as OpenStreetMap writes it.
    """
    return [_line_in_words(part.strip(), lang) for part in hours.split(";") if part.strip()]


def _line_in_words(part: str, lang: Lang) -> str:
    found = _SIMPLE.fullmatch(part)
    if found is None:
        return part
    words = page_words(lang)
    days = _listed([_day_in_words(one, words) for one in found[1].split(",")], words)
    spans = [] if found[2] == CLOSED else found[2].split(",")
    told = _listed([_span(span, lang) for span in spans], words) or words["day.closed"]
    return f"{days}{words['day.colon']}{told}"


def _listed(several: Sequence[str], words: Mapping[str, str]) -> str:
    *before, last = several or ("",)
    return words["day.and"].join([", ".join(before), last] if before else [last])


def _day_in_words(days: str, words: Mapping[str, str]) -> str:
    first, _, last = days.partition("-")
    if not last:
        return words[f"day.{first}"]
    values = {"first": words[f"day.{first}"], "last": words[f"day.{last}"]}
    return fill(words["day.to"], values, where="day.to")


def phone_in_words(number: str) -> str:
    """Return a French number as it is said, ``+33471000000`` → « 04 71 00 00 00 »; another as it stands."""
    found = _FRENCH.fullmatch(number)
    return "\u00a0".join(("0" + found[1], *found.groups()[1:])) if found is not None else number


def _span(span: str, lang: Lang) -> str:
    if lang == "en":
        return span.replace("-", "–")
    ends = [
        f"{int(end[:2])}\u00a0h{'' if end[3:] == '00' else chr(0xA0) + end[3:]}" for end in span.split("-")
    ]
    return "\u00a0–\u00a0".join(ends)
