"""What came in together is checked together, and everybody has their own answer."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

import httpx2
import pytest

from tests.pages.serving import Counter
from verifier.counter import Checked, check_at_hand
from verifier.web.gathering import SHARE, Gathering
from verifier.web.serving import calm


class Checking:
    """Notes what was asked together. `broken`: the texts that bring out a fault."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.asked: list[list[str]] = []
        self.broken: set[str] = set()

    def __call__(self, texts: Sequence[str]) -> Sequence[Checked | None]:
        self.asked.append(list(texts))
        if self.broken.intersection(texts):
            raise ArithmeticError("a fault")
        return check_at_hand(texts, documents=self._counter.documents)


@pytest.fixture
def checking() -> Checking:
    return Checking(Counter.make())


def test_what_is_there_at_once_is_checked_at_once_in_bounded_shares(checking: Checking) -> None:
    texts = [f"text {n}" for n in range(2 * SHARE + 5)]

    async def ask() -> list[Checked | None]:
        gathering = Gathering(checking)
        return await asyncio.gather(*(gathering.check(text) for text in texts))

    found = asyncio.run(ask())
    assert [len(asked) for asked in checking.asked] == [SHARE, SHARE, 5]
    assert [checked.token for checked in found if checked] == [text.encode() for text in texts]


def test_who_has_gone_takes_nothing_from_the_others(checking: Checking) -> None:
    async def ask() -> Checked | None:
        gathering = Gathering(checking)
        gone, stays = gathering.check("gone"), gathering.check("stays")
        gone.cancel()
        return await stays

    found = asyncio.run(ask())
    assert found is not None
    assert found.token == b"stays"


def test_a_fault_is_told_to_who_brought_it_out_and_to_nobody_else(checking: Checking) -> None:
    async def ask() -> list[Checked | BaseException | None]:
        gathering = Gathering(checking)
        checking.broken = {"broken", "gone and broken"}
        asked = [gathering.check(text) for text in ("one", "broken", "two", "gone and broken")]
        asked.pop().cancel()
        told = await asyncio.gather(*asked, return_exceptions=True)
        return [*told, await gathering.check("three")]

    one, broken, *others = asyncio.run(ask())
    assert isinstance(broken, ArithmeticError)
    assert [told.token for told in (one, *others) if isinstance(told, Checked)] == [b"one", b"two", b"three"]


def test_requests_that_come_together_are_answered_each_by_its_own_report() -> None:
    counter = Counter.make()
    valid = [counter.town.issue().decode() for _ in range(SHARE)]
    texts = [text for token in valid for text in (token, token[:-86] + "A" * 86, "no token")]

    async def ask() -> list[str]:
        transport = httpx2.ASGITransport(app=counter.app())  # type: ignore[arg-type]
        async with httpx2.AsyncClient(transport=transport, base_url="http://counter") as client:
            asked = [client.post("/api/v1/verify", json={"credential": text}) for text in texts]
            return [answer.json()["reason"] for answer in await asyncio.gather(*asked)]

    assert asyncio.run(ask()) == ["valid", "signature_invalid", "malformed"] * SHARE


def test_a_server_s_collector_leaves_alone_what_was_there_before_it_served() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        calm()
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold()[0] > before[0]
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
