"""``/metrics`` of the issuing counter: what was issued and withdrawn, and how old the signed lists are.

Decided here: the names and their meaning; that no label holds a body, a person or a code; and that who reads
shows a secret as bearer token (without one in the settings there are no metrics). Read from the register at
the moment of asking, so that every process and every restart tells the same. Left to others: the figures
(`issuer.register.figures`), the checking counter's own (`verifier.web.metrics`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool

from issuer.register import Register
from issuer.register.figures import figures
from passport.status import Status

__all__ = ["RegisterCollector", "metrics_routes"]

_CHANGES: Final = {Status.VALID: "restored"}


class RegisterCollector(Collector):
    """The figures of a register, in the form that a monitoring program reads."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def collect(self) -> Iterator[Metric]:
        """Read the register and tell."""
        found, at = figures(self._register), self._register.now()
        yield CounterMetricFamily("passport_issued", "Attestations issued.", value=found.issued)
        changes = CounterMetricFamily(
            "passport_status_changes", "Changes of status, by what they came to.", labels=("status",)
        )
        for status in Status:
            name = _CHANGES.get(status, status.name.lower())
            changes.add_metric((name,), found.changes.get(int(status), 0))
        yield changes
        signed = found.lists_signed
        yield GaugeMetricFamily("passport_status_lists", "Signed status lists.", value=len(signed))
        ages = GaugeMetricFamily(
            "passport_signed_age_seconds",
            "Since it was signed; of status lists the oldest.",
            labels=("kind",),
        )
        if signed:
            ages.add_metric(("status",), at - min(signed))
        if found.now_signed is not None:
            ages.add_metric(("now",), at - found.now_signed)
        yield ages
        yield GaugeMetricFamily(
            "passport_upkeep_failures", "Failed turns of upkeep in a row.", value=found.upkeep_failures
        )


def metrics_routes(register: Register, secret: str) -> APIRouter:
    """Return ``/metrics``; 401 for who does not show the secret."""
    router, registry = APIRouter(), CollectorRegistry()
    registry.register(RegisterCollector(register))

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        shown = request.headers.get("authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {secret}".encode()):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        told = await run_in_threadpool(generate_latest, registry)
        return Response(told, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return router
