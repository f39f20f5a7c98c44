"""The checking counter as one application: `create_app`.

What is decided here: which routes there are, how errors of the framework and faults of ours look (a page for
people, a problem for programs), the static files, and what runs beside the requests. It shares nothing with
the issuing counter but public documents and the narrow call for typed codes, both given by whoever starts it.

Example::

    documents = Schemes([Documents(HttpSource(url), pin)])
    app = create_app(CheckingSettings(), documents=documents, codes=None)
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passport.pages.rendering import static_files
from verifier.schemes import Schemes
from verifier.web.api import Codes, api_programs
from verifier.web.device import device_files, device_routes
from verifier.web.frame import Frame
from verifier.web.guard import Guard
from verifier.web.health import health_endpoint
from verifier.web.metrics import Metrics
from verifier.web.offline import Offline
from verifier.web.openapi.document import openapi_routes
from verifier.web.pages import Pages
from verifier.web.problems import ProblemError, problem_response
from verifier.web.profiles import Profiles
from verifier.web.receipts import Receipts
from verifier.web.served import static_routes
from verifier.web.settings import CheckingSettings
from verifier.web.vc_api import vc_api_programs

__all__ = ["create_app"]


def create_app(
    settings: CheckingSettings,
    *,
    documents: Schemes,
    codes: Codes | None,
    clock: Callable[[], float] = time.time,
    beside: Callable[[], AbstractContextManager[None]] = nullcontext,
    collectors: Iterable[Collector] = (),
) -> Guard:
    """Return the application. `codes`: (code, caller's network) → answer; None where codes are not served.

    `codes` may raise `verifier.sources.SourceError` when the issuing counter does not answer. `beside`: what
    runs from the start of the server to its end. `collectors`: what else ``/metrics`` tells.
    """

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        with beside():
            yield

    metrics = Metrics(documents, clock, further=collectors)
    codes = metrics.counted(codes) if codes is not None else None
    frame = Frame(settings, documents, codes=codes is not None)
    device = device_files() if settings.on_device else None
    programs = {**api_programs(settings, documents=documents, codes=codes), **vc_api_programs(documents)}
    routes = [
        *openapi_routes(),
        *Pages(settings, documents, codes, frame=frame).routes(),
        *Profiles(frame).routes(),
        *Receipts(settings, documents, frame).routes(),
        *static_routes(static_files().values()),
        *(Offline(frame, documents, device).routes() if device else ()),
        *(device_routes(device) if device else ()),
        Route("/healthz", health_endpoint(documents, clock), methods=["GET"]),
        Route("/metrics", metrics.endpoint(settings.metrics_secret), methods=["GET"]),
    ]

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        if request.url.path.startswith(("/api/", "/credentials/", "/presentations/")):
            problem = ProblemError(status, "http", "There is no such address or method here.")
            return problem_response(problem, headers=headers)
        page = frame.plain_error(request, str(status), status=status)
        page.headers.update(headers)
        return page

    pages = Starlette(
        routes=routes, lifespan=life, exception_handlers={HTTPException: refused, Exception: refused}
    )
    pages.router.redirect_slashes = False
    named = frozenset([*programs, *(route.path for route in routes)])
    return Guard(pages, paths=named, programs=programs)
