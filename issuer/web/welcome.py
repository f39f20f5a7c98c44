"""The welcome page of the demo town: five doors, and a paper for every answer.

Decided here: what the page shows; papers are drawn when they are asked for; the desk opens with one button
for each role, without a key. Only a demo has these routes, and in a scheme that is none the buttons open
nothing.
Left to others: the town (`issuer.demo`), the words (`words/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from issuer.prints import MEDIA_TYPES, PrintJob, draw, file_name, kinds_of
from issuer.register import Register
from issuer.staff.sessions import open_session
from issuer.web.desk.cookies import set_cookie
from issuer.web.pages import render_page, site_of
from issuer.web.problems import Problem
from passport.pages.rendering import choose_language

__all__ = ["Colleague", "Paper", "Welcome", "welcome_routes"]


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


class Colleague(Protocol):
    """Somebody who works in the demo town. The secrets are shown: they open a town without value."""

    @property
    def role(self) -> str:
        """What they do there, as the desk names it."""

    @property
    def place(self) -> str:
        """The name of their body, "" for a role of the whole scheme."""

    @property
    def account(self) -> str:
        """Their account."""

    @property
    def sign_in_name(self) -> str:
        """What they sign in with."""

    @property
    def password(self) -> str:
        """Their password."""

    @property
    def codes(self) -> Sequence[str]:
        """Their printed codes."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page shows. `commands`: (what it does, command). `bodies`: (slug, name)."""

    cases: Sequence[Paper]
    commands: Sequence[tuple[str, str]]
    bodies: Sequence[tuple[str, str]]
    colleagues: Sequence[Colleague] = ()


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

    @router.post("/demo/desk/{role}")
    async def enter(request: Request, role: str) -> Response:
        found = next((one for one in welcome.colleagues if one.role == role), None)
        if found is None or not register.scheme.is_demo:
            raise Problem(404, "not_found", "There is no such door.")
        secret = await run_in_threadpool(_open, register, found.account)
        lang = choose_language(request.query_params.get("lang"), "")
        response = RedirectResponse(f"/desk?lang={lang}", 303, {"Cache-Control": "no-store"})
        set_cookie(response, register, secret)
        return response

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


def _open(register: Register, account: str) -> str:
    return open_session(register, account, way="demo", device="", is_shared=False, proved=True)
