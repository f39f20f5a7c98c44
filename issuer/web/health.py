"""``/healthz``: whether the counter works, and in plain words why not.

Decided here: red (503) when the database does not answer, when trust list or `now` are out of their dates,
when the keys are locked, when a document is overdue, or when upkeep failed three times in a row; a warning
(200) before that, and for keys or a trust list that end within 30 days. What is said comes from the
register, so that every process says the same and a restart forgets nothing; of its own failures a process
remembers those that the register could not be told. No names, no words of the database.

Left to others: what is overdue (`issuer.register.upkeep`), the task that signs (`upkeep`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from issuer.register import Register
from issuer.register.upkeep import Overdue, UpkeepState, overdue, upkeep_state
from issuer.web.upkeep import Upkeep
from passport.strictjson import compact_json
from passport.trust.model import KeyState
from verifier import Trust

__all__ = ["health_routes"]

_NEAR_END: Final = 30 * 86_400
_FAILURES: Final = 3


@dataclass(frozen=True, slots=True)
class _Reason:
    """One thing that is not as it should be; `down`: the counter cannot do its work."""

    code: str
    detail: str
    down: bool = True


def health_routes(register: Register, upkeep: Upkeep) -> APIRouter:
    """Return ``/healthz``."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> Response:
        healthy, said = await run_in_threadpool(_health, register, upkeep)
        return Response(
            compact_json(said),
            200 if healthy else 503,
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    return router


def _health(register: Register, upkeep: Upkeep) -> tuple[bool, dict[str, object]]:
    try:
        trust, late, kept = register.trust(), overdue(register), upkeep_state(register)
    except Exception:  # noqa: BLE001 (whatever the database says: it does not answer)
        reason = _Reason("database", "The database does not answer, or holds no trust list.")
        return False, {"status": "down", "reasons": [_told(reason)], "database": "unreachable"}
    at = register.now()
    ending = _ending_keys(register, at)
    state = _with_own(kept, upkeep)
    reasons = [
        *_out_of_dates(trust, at, ending),
        *_overdue(late),
        *_failing(state, is_locked=register.ring.is_locked),
    ]
    down = any(reason.down for reason in reasons)
    return not down, {
        "status": "down" if down else "warning" if reasons else "ok",
        "reasons": [_told(reason) for reason in reasons],
        "database": "ok",
        "now": "fresh" if trust.now is not None and at < trust.now.expires_at else "expired",
        "trust_list": "fresh" if at < trust.trust_list.expires_at else "expired",
        "trust_list_until": trust.trust_list.expires_at,
        "keys_ending": ending,
        "upkeep": {
            "worked_at": state.worked_at,
            "failures": state.failures,
            "failure": state.failure,
            "overdue": late.lists,
        },
    }


def _told(reason: _Reason) -> dict[str, str]:
    return {"code": reason.code, "detail": reason.detail}


def _with_own(kept: UpkeepState, upkeep: Upkeep) -> UpkeepState:
    """Return what is known of upkeep: a process cut off from the database told nobody of its failures."""
    if upkeep.failures <= kept.failures:
        return kept
    return UpkeepState(kept.worked_at, upkeep.failures, upkeep.failure)


def _out_of_dates(trust: Trust, at: int, ending: list[str]) -> Iterator[_Reason]:
    if trust.now is None or at >= trust.now.expires_at:
        yield _Reason("now_expired", "`now` has ended: verifiers answer that they cannot know.")
    until = trust.trust_list.expires_at
    if at >= until:
        yield _Reason("trust_list_expired", "The trust list has ended: run `passport trust publish`.")
    elif until - at < _NEAR_END:
        yield _Reason("trust_list_ending", f"The trust list ends {_moment(until)}.", down=False)
    if ending:
        yield _Reason("keys_ending", f"Keys end within 30 days: {', '.join(ending)}.", down=False)


def _overdue(late: Overdue) -> Iterator[_Reason]:
    if late.now is not None:
        yield _Reason("now_overdue", f"`now` was last signed {_moment(late.now)}; it is due each day.")
    if late.oldest is not None:
        detail = f"Status lists overdue: {late.lists}; the oldest was last signed {_moment(late.oldest)}."
        yield _Reason("status_overdue", detail)


def _failing(state: UpkeepState, *, is_locked: bool) -> Iterator[_Reason]:
    if is_locked:
        yield _Reason("locked", "The keys are locked: nothing can be signed. Start with the passphrase.")
    elif state.failures:
        worked = "never" if state.worked_at is None else _moment(state.worked_at)
        detail = (
            f"Failed turns of upkeep in a row: {state.failures} ({state.failure}); it last worked {worked}."
        )
        yield _Reason("upkeep_failing", detail, down=state.failures >= _FAILURES)


def _moment(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _ending_keys(register: Register, at: int) -> list[str]:
    return [
        f"{record.owner}/{record.kid}"
        for record in register.ring.records()
        if record.state is KeyState.ACTIVE
        and record.period.end is not None
        and at <= record.period.end < at + _NEAR_END
    ]
