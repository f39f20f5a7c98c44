"""The pages that the law asks for: ``/accessibilite``, ``/confidentialite``, ``/mentions-legales``.

Decided here: their addresses and which facts they show. Left to others: the facts (`issuer.legal`), the
words."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from issuer.legal import Legal
from issuer.register import Register
from issuer.web.pages import render_page, site_of
from passport.framework import Lang
from passport.pages.catalogue import date_in_words
from passport.pages.rendering import choose_language

__all__ = ["LEGAL_PAGES", "legal_routes"]

LEGAL_PAGES: Final = ("accessibilite", "confidentialite", "mentions-legales")
_HEADERS: Final = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Language"}

_Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def legal_routes(register: Register) -> APIRouter:
    """Return the three pages. Raises `SettingsError` (`legal_file`)."""
    legal = register.legal
    router = APIRouter()
    for name in LEGAL_PAGES:
        router.add_api_route(f"/{name}", _page(register, legal, name), methods=["GET"])
    return router


def _page(register: Register, legal: Legal, name: str) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        accepted = request.headers.get("accept-language", "")
        lang = choose_language(request.query_params.get("lang"), accepted)
        facts = {**asdict(legal), "audited_on": _day(legal.audited_on, lang)}
        html = render_page(
            f"legal_{name.replace('-', '_')}.html",
            lang,
            site=site_of(register),
            here=f"/{name}",
            kept="",
            law=facts,
            years={
                "attestation": register.scheme.attestation_years,
                "register": register.scheme.register_years,
            },
        )
        return HTMLResponse(html, headers={**_HEADERS, "Content-Language": lang})

    return endpoint


def _day(text: str, lang: Lang) -> str:
    try:
        return date_in_words(date.fromisoformat(text), lang)
    except ValueError:
        return text
