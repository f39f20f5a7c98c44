"""Upkeep and health: documents stay fresh, and ``/healthz`` says when they could not.

Decided here: every few minutes `now` and all status lists are asked for, which signs those that are due; a
failure is logged, remembered and tried again, and never stops the counter. Healthy means: the database
answers, trust list and `now` are within their dates. Keys that end within 30 days are named by owner and
kid. Left to others: when something is due (`issuer.register.publishing`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from issuer.register import Register
from issuer.register.publishing import all_paths, document
from issuer.web.logs import log
from passport.errors import PassportError
from passport.strictjson import compact_json
from passport.trust.model import KeyState

__all__ = ["Upkeep", "health_routes"]

EVERY_SECONDS: Final = 300
_NEAR_END: Final = 30 * 86_400


class Upkeep:
    """Signs what is due, again and again, beside the requests. `failure`: the code of the last one, or ""."""

    def __init__(self, register: Register, *, every: float = EVERY_SECONDS) -> None:
        self._register = register
        self._every = every
        self.failure = ""

    def once(self) -> None:
        """Ask for every document that can fall due; remember what could not be made."""
        try:
            for path in all_paths(self._register):
                if path == "/trust/now.json" or path.startswith("/status/"):
                    document(self._register, path)
        except PassportError as error:
            self.failure = error.code
            log("upkeep.failed", level=logging.ERROR, code=error.code)
        except Exception as error:  # noqa: BLE001 (upkeep must outlive whatever happened)
            self.failure = "unexpected"
            log("upkeep.failed", level=logging.ERROR, failure=error)
        else:
            self.failure = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run for as long as the block."""
        task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _forever(self) -> None:
        while True:
            await run_in_threadpool(self.once)
            await asyncio.sleep(self._every)


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
    at = register.now()
    upkeep_said = upkeep.failure or "ok"
    try:
        trust = register.trust()
    except Exception:  # noqa: BLE001 (whatever the database says: it does not answer)
        return False, {"status": "down", "database": "unreachable", "upkeep": upkeep_said}
    now_fresh = trust.now is not None and at < trust.now.expires_at
    list_fresh = at < trust.trust_list.expires_at
    ending = _ending_keys(register, at)
    healthy = now_fresh and list_fresh
    warned = bool(ending) or upkeep_said != "ok" or trust.trust_list.expires_at - at < _NEAR_END
    return healthy, {
        "status": ("warning" if warned else "ok") if healthy else "down",
        "database": "ok",
        "now": "fresh" if now_fresh else "expired",
        "trust_list": "fresh" if list_fresh else "expired",
        "trust_list_until": trust.trust_list.expires_at,
        "keys_ending": ending,
        "upkeep": upkeep_said,
    }


def _ending_keys(register: Register, at: int) -> list[str]:
    return [
        f"{record.owner}/{record.kid}"
        for record in register.ring.records()
        if record.state is KeyState.ACTIVE
        and record.period.end is not None
        and at <= record.period.end < at + _NEAR_END
    ]
