"""Gathering: what came in with the same turn of the event loop is checked together.

What is decided here: that requests which are there at the same moment share one call of the verifier. Reading
a credential, the arithmetic of its signature and writing the answer push each other out of the processor's
caches; done for all by stages, each is faster (`verifier.verifying.verify_all`). One alone waits for nobody:
its turn is the next one. Shares are bounded, so that others have theirs. A text that brings out a fault of
ours costs its sender an answer and nobody else: whoever came with it is checked alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from verifier.counter import Checked

__all__ = ["SHARE", "Gathering"]

SHARE: Final = 32
"""Credentials that are checked before others have their turn: some five milliseconds."""

_CheckAll = Callable[[Sequence[str]], Sequence[Checked | None]]


class Gathering:
    """One for each application. `check_all`: texts → what is known of each, as `check_at_hand` answers."""

    def __init__(self, check_all: _CheckAll) -> None:
        self._check_all = check_all
        self._waiting: list[tuple[str, asyncio.Future[Checked | None]]] = []

    def check(self, text: str) -> asyncio.Future[Checked | None]:
        """Return what will be known of a text after this turn of the event loop."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Checked | None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._answer_all)
        self._waiting.append((text, answer))
        return answer

    def _answer_all(self) -> None:
        share, self._waiting = self._waiting[:SHARE], self._waiting[SHARE:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._answer_all)
        try:
            found: Sequence[Checked | Exception | None] = self._check_all([text for text, _ in share])
        except Exception:  # noqa: BLE001  which of them it was shows alone
            found = [self._alone(text) for text, _ in share]
        for (_, answer), checked in zip(share, found, strict=True):
            if answer.done():  # its caller has gone
                continue
            if isinstance(checked, Exception):
                answer.set_exception(checked)
            else:
                answer.set_result(checked)

    def _alone(self, text: str) -> Checked | Exception | None:
        try:
            return self._check_all([text])[0]
        except Exception as error:  # noqa: BLE001  its sender is told; the others of this loop go on
            return error
