"""``/metrics`` of the checking counter: how many checks, how fast, how old the documents are.

What is decided here: what is measured, and that no label can hold what somebody handed over: verdicts,
reasons, kinds of documents, codes of errors, and the addresses of the schemes that the operator pinned. Who
reads shows a secret as bearer token; without a secret in the settings there are no metrics. Where the request
comes from is no proof of anything: behind a web server every request comes from this very machine.

A registry for each application, in the memory of its process: several workers each tell their own part.
Format: Prometheus text. Left to others: what happened (`verifier.schemes`, `verifier.condition`).
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from threading import Lock
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from passport.limits import LIMITS
from verifier.codes import CodeAnswer
from verifier.condition import Condition
from verifier.fetching import SourceError
from verifier.report import Reason, Report
from verifier.schemes import Schemes

__all__ = ["Metrics"]

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5, 15)
_LOOK_UPS: Final = ("found", "not_found", "too_many", "unavailable")

_Codes = Callable[[str, str], CodeAnswer]

# The moment when each series began: as many lines again, and nothing to learn.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """What one application has done, and how its documents are. `clock`: seconds since 1970.

    `further`: collectors of whoever starts it (the issuing counter under the same port).
    """

    def __init__(
        self, documents: Schemes, clock: Callable[[], float], *, further: Iterable[Collector] = ()
    ) -> None:
        self._registry = CollectorRegistry()
        self._look_ups = Counter(
            "passport_code_lookups", "Typed codes looked up.", ("outcome",), registry=self._registry
        )
        for outcome in _LOOK_UPS:
            self._look_ups.labels(outcome)
        checks = _OfChecks()
        for collector in (checks, _OfDocuments(documents, clock), *further):
            self._registry.register(collector)
        documents.watch(checks.count)

    def counted(self, codes: _Codes) -> _Codes:
        """Return the look-up of typed codes, counted."""

        def look_up(code: str, network: str) -> CodeAnswer:
            try:
                answer = codes(code, network)
            except SourceError:
                self._look_ups.labels("unavailable").inc()
                raise
            outcome = "too_many" if answer.wait_seconds else "found" if answer.token else "not_found"
            self._look_ups.labels(outcome).inc()
            return answer

        return look_up

    def endpoint(self, secret: str) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of ``/metrics``; 404 where `secret` is "", 401 for who does not show it."""

        async def metrics(request: Request) -> Response:
            if not secret:
                return Response(status_code=404)
            shown = request.headers.get("authorization", "")
            if not hmac.compare_digest(shown.encode(), f"Bearer {secret}".encode()):
                return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
            # In a thread: a collector may ask a database.
            told = await run_in_threadpool(generate_latest, self._registry)
            return Response(told, media_type=CONTENT_TYPE_LATEST)

        return metrics


class _OfChecks(Collector):
    """How many checks ended how, and how long they took.

    Counted here and told when asked: the counters of the library take a tenth of the time of a check.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        # From zero: a first one shows as a rise.
        self._of_reason = dict.fromkeys(Reason, 0)
        self._of_bucket = [0] * (len(_BUCKETS) + 1)
        self._seconds = 0.0

    def count(self, reports: Sequence[Report], seconds: float) -> None:
        """Count checks that took so many seconds each."""
        with self._lock:
            for report in reports:
                self._of_reason[report.reason] += 1
            self._of_bucket[bisect_left(_BUCKETS, seconds)] += len(reports)
            self._seconds += seconds * len(reports)

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            of_reason, of_bucket, total = dict(self._of_reason), list(self._of_bucket), self._seconds
        checks = CounterMetricFamily("passport_checks", "Credentials checked.", labels=("verdict", "reason"))
        for reason, count in of_reason.items():
            checks.add_metric((reason.verdict.value, reason.value), count)
        seconds = HistogramMetricFamily("passport_check_seconds", "Time of a check, fetching included.")
        bounds = [*map(floatToGoString, _BUCKETS), "+Inf"]
        seconds.add_metric((), list(zip(bounds, accumulate(of_bucket), strict=True)), total)
        yield from (checks, seconds)


class _OfDocuments(Collector):
    """How the documents are at the moment somebody asks."""

    def __init__(self, documents: Schemes, clock: Callable[[], float]) -> None:
        self._documents = documents
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        labels = ("scheme", "kind")
        ages = GaugeMetricFamily(
            "passport_document_age_seconds",
            "Since it was signed; of status lists the oldest in use.",
            labels=labels,
        )
        fresh = GaugeMetricFamily(
            "passport_document_fresh", "1 while a document is within its dates.", labels=labels
        )
        refreshed = GaugeMetricFamily(
            "passport_refresh_age_seconds",
            "Since a scheme last answered with all its documents.",
            labels=("scheme",),
        )
        failures = CounterMetricFamily(
            "passport_fetch_failures", "Documents not had or not believed.", labels=(*labels, "code")
        )
        now = self._clock()
        for one in self._documents.conditions():
            for kind, (signed, until) in _dates(one).items():
                ages.add_metric((one.scheme_url, kind), now - signed)
                fresh.add_metric((one.scheme_url, kind), float(now < until))
            if one.refreshed_at is not None:
                refreshed.add_metric((one.scheme_url,), now - one.refreshed_at)
            for (kind, code), count in one.failures.items():
                failures.add_metric((one.scheme_url, kind, code), count)
        yield from (ages, fresh, refreshed, failures)


def _dates(condition: Condition) -> dict[str, tuple[int, int]]:
    """Return for each kind of document that is held when it was signed and until when it decides."""
    found: dict[str, tuple[int, int]] = {}
    trust = condition.trust
    if trust is not None:
        found["list"] = (trust.trust_list.issued_at, trust.trust_list.expires_at)
    if trust is not None and trust.now is not None:
        found["now"] = (trust.now.issued_at, trust.now.expires_at)
    if condition.lists:
        oldest = min(condition.lists)
        found["status"] = (oldest, oldest + LIMITS.status_fresh_seconds)
    return found
