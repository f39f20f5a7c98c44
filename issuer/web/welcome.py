"""The welcome page of the demo town: four doors, and a paper for every answer.

Decided here: what the page shows; papers are drawn when they are asked for. Only a demo has these routes.
Left to others: the town (`issuer.demo`), the words (`words/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from issuer.prints import MEDIA_TYPES, PrintJob, draw, file_name, kinds_of
from issuer.register import Register
from issuer.web.pages import render_page, site_of
from issuer.web.problems import Problem
from passport.pages.rendering import choose_language

__all__ = ["Paper", "Welcome", "welcome_routes"]


class Paper(Protocol):
    """One paper to try."""

    @property
    def name(self) -> str:
        """Its short name in addresses."""

    @property
    def code(self) -> str:
        """Its code in groups."""

    @property
    def link(self) -> str:
        """What its QR opens."""

    @property
    def job(self) -> PrintJob:
        """How it is drawn."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page shows. `commands`: (what it does, command). `bodies`: (slug, name)."""

    cases: Sequence[Paper]
    commands: Sequence[tuple[str, str]]
    bodies: Sequence[tuple[str, str]]


def welcome_routes(register: Register, welcome: Welcome) -> APIRouter:
    """Return ``/demo`` and the files of its papers."""
    router = APIRouter()
    papers = {paper.name: paper for paper in welcome.cases}

    @router.get("/demo")
    async def page(request: Request) -> Response:
        accepted = request.headers.get("accept-language", "")
        lang = choose_language(request.query_params.get("lang"), accepted)
        values: dict[str, Any] = {"site": site_of(register), "here": "/demo", "welcome": welcome}
        return HTMLResponse(render_page("demo.html", lang, **values), headers={"Cache-Control": "no-store"})

    @router.get("/demo/{file}")
    async def paper(file: str) -> Response:
        name, _, kind = file.partition(".")
        found = papers.get(name)
        if found is None or kind not in kinds_of(found.job):
            raise Problem(404, "not_found", "There is no such paper.")
        data = await run_in_threadpool(draw, found.job, kind)
        disposition = f'inline; filename="{file_name(found.job.code, kind)}"'
        headers = {"Cache-Control": "no-store", "Content-Disposition": disposition}
        return Response(data, media_type=MEDIA_TYPES[kind], headers=headers)

    return router
