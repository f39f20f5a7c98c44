"""The issuing counter as a web application: the desk, the API of bodies, public documents, codes, health.

Decided here: which routes there are and that every failure is a problem document, at the desk a page. Makes
nothing: the register is opened by whoever calls. Left to others: each route (the modules beside this one),
the process around it (`issuer.cli.serving`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from threading import Thread

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from issuer.channels.mail import MailSettings
from issuer.register import Register
from issuer.settings import Settings
from issuer.web.attestations import attestation_routes
from issuer.web.codes import code_routes
from issuer.web.desk.failing import refusal
from issuer.web.desk.parts import desk_routes
from issuer.web.desk.routes import desk_router
from issuer.web.directory import directory_routes
from issuer.web.guard import Guard, Refusal
from issuer.web.health import health_routes
from issuer.web.legal import legal_routes
from issuer.web.pages import page_routes
from issuer.web.problems import Problem, problem_of
from issuer.web.public import public_routes
from issuer.web.upkeep import EVERY_SECONDS, Upkeep
from issuer.web.vc_api import vc_api_routes
from passport.documents.warming import warm_up
from passport.errors import PassportError

__all__ = ["create_app"]


def create_app(
    settings: Settings,
    *,
    register: Register,
    upkeep_seconds: float = EVERY_SECONDS,
    further: Sequence[APIRouter] = (),
) -> FastAPI:
    """Return the application.

    `upkeep_seconds`: how often documents that are due are signed again. `further`: routes of whoever
    starts it (the demo's welcome page). Raises `SettingsError` (`smtp`, `legal_file`, `providers_file`).
    """
    MailSettings.of()  # one that is named wrongly is said now, not in a log each minute
    upkeep = Upkeep(register, every=upkeep_seconds)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        # The first print of a process would otherwise make a trainer wait for the fonts.
        Thread(target=warm_up, daemon=True).start()
        async with upkeep.running():
            yield

    app = FastAPI(title="Issuing counter", lifespan=life, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.router.redirect_slashes = False
    refuse = partial(refusal, register)
    app.add_middleware(Guard, https=register.scheme.url.startswith("https://"), refusal=refuse)
    for routes in (
        attestation_routes(register),
        vc_api_routes(register),
        code_routes(register),
        health_routes(register, upkeep),
        public_routes(register),
        page_routes(register),
        directory_routes(register),
        legal_routes(register),
        desk_router(register, desk_routes(register)),
        *further,
    ):
        app.include_router(routes)
    _answer_refusals(app, refuse)
    return app


def _answer_refusals(app: FastAPI, refuse: Refusal) -> None:
    """Answer every failure of ours and of the framework: a path or a method that there is not."""

    async def problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 (registered for it)
        return refuse(request.scope, error, "")

    async def own(request: Request, error: Exception) -> Response:
        assert isinstance(error, PassportError)  # noqa: S101 (registered for it)
        return refuse(request.scope, problem_of(error), "")

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
        return refuse(request.scope, _told(error), "")

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(PassportError, own)
    app.add_exception_handler(HTTPException, http)


def _told(error: HTTPException) -> Problem:
    """Return what the framework says, without its own words."""
    code = {404: "not_found", 405: "method"}.get(error.status_code, "http")
    detail = {404: "There is nothing here.", 405: "This method is not served here."}
    said = Problem(error.status_code, code, detail.get(error.status_code, "The request was refused."))
    said.headers.update(error.headers or {})
    return said
