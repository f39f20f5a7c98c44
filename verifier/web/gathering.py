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
from functools import partial
from typing import Final

from verifier.counter import Checked

__all__ = ["SHARE", "Found", "Gathering"]

SHARE: Final = 32
"""Credentials that are checked before others have their turn: some five milliseconds."""

_CheckAll = Callable[[Sequence[str]], Sequence[Checked | None]]
Found = Checked | Exception | None
"""What is known of a text: its report, the fault that it brought out, or None (see `check_at_hand`)."""


class Gathering:
    """One for each application. `check_all`: texts → what is known of each, as `check_at_hand` answers."""

    def __init__(self, check_all: _CheckAll) -> None:
        self._check_all = check_all
        self._waiting: list[tuple[str, Callable[[Found], None]]] = []

    def check(self, text: str) -> asyncio.Future[Checked | None]:
        """Return what will be known of a text after this turn of the event loop."""
        answer: asyncio.Future[Checked | None] = asyncio.get_running_loop().create_future()
        self.add(text, partial(_settle, answer))
        return answer

    def add(self, text: str, tell: Callable[[Found], None]) -> None:
        """Tell what is known of a text after this turn of the event loop. `tell` raises nothing."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._answer_all)
        self._waiting.append((text, tell))

    def _answer_all(self) -> None:
        share, self._waiting = self._waiting[:SHARE], self._waiting[SHARE:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._answer_all)
        try:
            found: Sequence[Found] = self._check_all([text for text, _ in share])
        except Exception:  # noqa: BLE001  which of them it was shows alone
            found = [self._alone(text) for text, _ in share]
        for (_, tell), checked in zip(share, found, strict=True):
            tell(checked)

    def _alone(self, text: str) -> Found:
        try:
            return self._check_all([text])[0]
        except Exception as error:  # noqa: BLE001  its sender is told; the others of this loop go on
            return error


def _settle(answer: asyncio.Future[Checked | None], found: Found) -> None:
    if answer.done():  # its caller has gone
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
