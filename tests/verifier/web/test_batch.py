"""Many credentials in one request: each is told what it is told alone, and nobody else has to wait long."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from passport.limits import LIMITS
from tests.pages.serving import Counter, cases
from tests.verifier.web.answers import is_problem

CASES = cases()


def test_batch(client: TestClient, counter: Counter) -> None:
    good = counter.town.issue().decode()
    answer = client.post("/api/v1/verify/batch", json={"credentials": [good, "bonjour", good]}).json()
    assert answer["verdict"] == "invalid"
    assert [report["reason"] for report in answer["reports"]] == ["valid", "malformed", "valid"]


@pytest.mark.parametrize("name", CASES)
def test_a_batch_says_of_each_what_it_is_told_alone(name: str) -> None:
    counter, text = CASES[name]
    texts = [text, counter.town.issue().decode(), "Bonjour", text, ""]
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        together = client.post("/api/v1/verify/batch", json={"credentials": texts}).json()
        alone = [client.post("/api/v1/verify", json={"credential": one}).json() for one in texts]
    assert together == {"verdict": "invalid", "reports": alone}


def test_a_thousand_at_once_and_not_one_more(client: TestClient, counter: Counter) -> None:
    tokens = [counter.town.issue().decode() for _ in range(20)] * 50
    answer = client.post("/api/v1/verify/batch", json={"credentials": tokens})
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "valid"
    assert len(answer.json()["reports"]) == LIMITS.batch_credentials == 1_000
    more = client.post("/api/v1/verify/batch", json={"credentials": [*tokens, tokens[0]]})
    is_problem(more, 422, "members")


def test_others_are_answered_while_a_batch_is_checked(counter: Counter) -> None:
    """In small shares, in the one event loop: what is asked meanwhile is answered long before the end."""
    tokens = [counter.town.issue().decode() for _ in range(10)] * 100
    ended: list[str] = []

    async def ask(client: httpx2.AsyncClient, name: str, path: str, given: dict[str, Any]) -> None:
        answer = await client.post(path, json=given)
        assert answer.json()["verdict"] == "valid"
        ended.append(name)

    async def both() -> None:
        transport = httpx2.ASGITransport(app=counter.app())  # type: ignore[arg-type]
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            batch = asyncio.create_task(ask(client, "batch", "/api/v1/verify/batch", {"credentials": tokens}))
            for number in range(5):
                await ask(client, f"one {number}", "/api/v1/verify", {"credential": tokens[0]})
            await batch

    asyncio.run(both())
    assert ended == [*(f"one {number}" for number in range(5)), "batch"]


def test_what_must_be_fetched_is_not_fetched_in_the_event_loop(counter: Counter) -> None:
    loops: list[bool] = []

    class Source:
        def fetch(self, url: str) -> bytes:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                loops.append(False)
                return kept.fetch(url)
            loops.append(True)
            raise AssertionError("fetched in the loop")

    kept: Any = counter.documents.all[0]._source
    counter.documents.all[0]._source = Source()
    with TestClient(counter.app()) as client:  # type: ignore[arg-type]
        one = client.post("/api/v1/verify", json={"credential": counter.town.issue().decode()})
        tokens = [counter.town.issue("epn-ville").decode()] * 40
        many = client.post("/api/v1/verify/batch", json={"credentials": tokens})
    assert (one.json()["verdict"], many.json()["verdict"]) == ("valid", "valid")
    assert loops == [False, False]  # each of the two lists, once
