"""Turns: one thread does a thing that may take long; of the others few wait for it, and not for long.

What is decided here: the bounds. A slow server must not hold every thread of the counter: who finds too
many waiting, or has waited long enough, goes on with what is known, and answers *undetermined* at worst.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final

__all__ = ["Turn"]

_WAITING: Final = 16  # of the forty threads that a server has for everything
_SECONDS: Final = 12.0


class Turn:
    """Taken by one thread at a time; given back at the end of a ``with`` block."""

    def __init__(self, *, seconds: float = _SECONDS) -> None:
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_WAITING)
        self._seconds = seconds

    def take(self, *, waiting: bool) -> bool:
        """Take the turn and return True; False when another has it and there is no waiting for it."""
        if self._lock.acquire(blocking=False):
            return True
        if not waiting or not self._places.acquire(blocking=False):
            return False
        try:
            return self._lock.acquire(timeout=self._seconds)
        finally:
            self._places.release()

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
