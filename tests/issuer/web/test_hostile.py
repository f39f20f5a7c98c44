"""The issuing counter's edge: days that are none, and callers who go away half-way."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from starlette.requests import Request

from issuer.web.asked import read_asked
from issuer.web.guard import Guard
from issuer.web.problems import Problem
from passport.strictjson import compact_json


@pytest.mark.parametrize("day", ["2026-W01-1", "20260101", "2026-1-01", "\u0662026-01-01"])
def test_a_day_is_written_in_one_way(day: str) -> None:
    members = {
        "given_name": "Zoé",
        "family_name": "Martin",
        "framework": "digcomp-3.0",
        "levels": {"1.1": 2},
        "assessed_on": day,
        "method": "observation",
    }
    with pytest.raises(Problem) as refused:
        read_asked(compact_json(members), source_key=None)
    assert [error.path for error in refused.value.errors] == ["/assessed_on"]


def test_a_caller_who_goes_away_is_no_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    async def reading(scope: Any, receive: Any, send: Any) -> None:
        await Request(scope, receive).body()

    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    with caplog.at_level(logging.INFO):
        asyncio.run(Guard(reading, https=True)(scope, gone, send))  # type: ignore[arg-type]
    assert sent == []
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
