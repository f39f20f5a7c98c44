"""``/healthz`` of the checking counter: whether it can tell good from bad, and in plain words why not.

What is decided here: red (503) when a scheme's trust documents are missing, out of their dates, or have not
been had whole from the scheme for an hour although they were asked for, and when `now` is two days old (it
is due each day: in five more every answer is "we cannot know"). A warning (200) before that, and for status
lists in use that are too old to make anything green. Of each process its own: what a worker remembers of
asking is not shared. Nothing here is about who checked what.

Left to others: what the documents are worth (`verifier.trust`), asking (`verifier.sources`).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from passport.limits import LIMITS
from verifier.condition import Condition
from verifier.schemes import Schemes

__all__ = ["health_endpoint"]

_REFRESH_SECONDS: Final = 3_600
_NOW_SECONDS: Final = 2 * 86_400
_FRESH: Final = "fresh"


@dataclass(frozen=True, slots=True)
class _Reason:
    """One thing that is not as it should be; `down`: the counter cannot do its work for this scheme."""

    code: str
    scheme: str
    detail: str
    down: bool = True


def health_endpoint(
    documents: Schemes, clock: Callable[[], float]
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of ``/healthz``."""

    async def health(request: Request) -> Response:
        healthy, said = _health(documents.conditions(), int(clock()))
        return Response(msgspec.json.encode(said), 200 if healthy else 503, media_type="application/json")

    return health


def _health(conditions: Sequence[Condition], at: int) -> tuple[bool, dict[str, object]]:
    reasons = [reason for condition in conditions for reason in _reasons(condition, at)]
    down = any(reason.down for reason in reasons)
    states = [_state(condition) for condition in conditions]
    return not down, {
        "status": "down" if down else "warning" if reasons else "ok",
        "trust": next((state for state in states if state != _FRESH), _FRESH),
        "reasons": [{"code": r.code, "scheme": r.scheme, "detail": r.detail} for r in reasons],
        "schemes": [_told(condition) for condition in conditions],
    }


def _state(condition: Condition) -> str:
    if condition.trust is None:
        return "missing"
    return condition.weakness.value if condition.weakness else _FRESH


def _told(condition: Condition) -> dict[str, object]:
    trust = condition.trust
    return {
        "scheme": condition.scheme_url,
        "name": trust.trust_list.scheme.name if trust else None,
        "trust": _state(condition),
        "list_version": trust.trust_list.version if trust else None,
        "list_until": trust.trust_list.expires_at if trust else None,
        "now_until": trust.now.expires_at if trust and trust.now else None,
        "refreshed_at": int(condition.refreshed_at) if condition.refreshed_at is not None else None,
        "failure": condition.failure,
    }


def _reasons(condition: Condition, at: int) -> Iterator[_Reason]:
    scheme, trust, since = condition.scheme_url, condition.trust, condition.failing_since
    if trust is None:
        yield _Reason("trust_missing", scheme, "No trust list was ever accepted.")
    elif condition.weakness is not None:
        code = condition.weakness.value
        yield _Reason(code, scheme, "Trust list or `now` make nothing valid: see list_until and now_until.")
    elif trust.now is not None and at - trust.now.issued_at >= _NOW_SECONDS:
        signed = _moment(trust.now.issued_at)
        yield _Reason("now_overdue", scheme, f"`now` was last signed {signed}; it is due each day.")
    if since is not None:
        late = at - since >= _REFRESH_SECONDS
        detail = f"The documents cannot be refreshed since {_moment(int(since))} ({condition.failure})."
        yield _Reason("not_refreshed", scheme, detail, down=late)
    old = [one for one in condition.lists if at - one >= LIMITS.status_fresh_seconds]
    if old:
        detail = f"Status lists in use older than a day: {len(old)}; the oldest of {_moment(min(old))}."
        yield _Reason("status_old", scheme, detail, down=False)


def _moment(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
