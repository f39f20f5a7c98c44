"""The clock of the demo town, which begins in the past.

Decided here: that papers which have run out, and a body that has left, are made when they would have been
made: the clock is injected and moved, no rule is loosened. Left to others: what is made when.
"""

from __future__ import annotations

import time
from typing import Final

__all__ = ["DAY", "TownClock"]

DAY: Final = 86_400


class TownClock:
    """The time of this machine, so many days ago; a `clock` of the register."""

    def __init__(self) -> None:
        self._behind = 0

    def __call__(self) -> float:
        """Return seconds since 1970."""
        return time.time() - self._behind

    def go_back(self, days: int) -> None:
        """Make it so many days ago; 0 is now. Each call says less: time does not run back."""
        self._behind = days * DAY
