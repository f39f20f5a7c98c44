"""How the benches measure: everything in one run, interleaved, medians, told as ratios.

Times swing between machines and minutes; a ratio taken in one interleaved run does not. Nothing here
decides a test.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

__all__ = ["Row", "interleaved", "ratio_row"]


@dataclass(frozen=True)
class Row:
    """One line of the table. Times in milliseconds; `ratio` is ours to the reference."""

    name: str
    ours_ms: float
    reference: str
    reference_ms: float | None
    ratio: float | None
    goal: str

    def to_json(self) -> dict[str, object]:
        """Return the row as plain JSON values."""
        return asdict(self)


def interleaved(*functions: Callable[[], object], rounds: int = 600) -> list[float]:
    """Return the median time of each function in milliseconds, taken in turns."""
    for function in functions:
        function()
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for kept, function in zip(times, functions, strict=True):
            start = time.perf_counter()
            function()
            kept.append(time.perf_counter() - start)
    return [statistics.median(kept) * 1000 for kept in times]


def ratio_row(
    name: str,
    ours: Callable[[], object],
    reference: Callable[[], object],
    *,
    against: str,
    goal: str,
    rounds: int = 600,
) -> Row:
    """Return a row comparing ours with a reference in one interleaved run."""
    ours_ms, reference_ms = interleaved(ours, reference, rounds=rounds)
    ratio = round(ours_ms / reference_ms, 2)
    return Row(name, round(ours_ms, 4), against, round(reference_ms, 4), ratio, goal)
