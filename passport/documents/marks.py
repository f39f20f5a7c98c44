"""The marks of a verdict and of its checks, drawn as the checking page draws them.

Decided here: the outlines, in a square of 48 units for a verdict and of 24 for a check. A mark never stands
alone: its word is beside it, and is what who listens hears. Left to others: where they stand (`receipt`).
"""

from __future__ import annotations

from typing import Final

from passport.documents.inks import Ink
from passport.documents.paper import Paper

__all__ = ["draw_mark", "draw_tick"]

_CIRCLE: Final = (
    "44 24 m 44 35.05 35.05 44 24 44 c 12.95 44 4 35.05 4 24 c "
    "4 12.95 12.95 4 24 4 c 35.05 4 44 12.95 44 24 c s"
)
_MARKS: Final = {
    "check": "14 25 m 21 32 l 34 17 l S",
    "cross": "16 16 m 32 32 l 32 16 m 16 32 l S",
    "clock": "24 13 m 24 24 l 32 29 l S",
    "pause": "19 16 m 19 32 l 29 16 m 29 32 l S",
    "info": "24 22 m 24 34 l 24 14.4 m 24 14.6 l S",
    "question": "18 19 m 18 15.7 20.7 13 24 13 c 27.3 13 30 15.7 30 19 c 30 21.4 28.6 23.6 26.5 24.5 c "
    "24.8 25.2 24 26.5 24 28 c 24 34.4 m 24 34.6 l S",
}
_TICKS: Final = {
    "passed": "4 13 m 9 18 l 20 6 l S",
    "failed": "5 5 m 19 19 l 19 5 m 5 19 l S",
    "undetermined": "8 9 m 8 6.8 9.8 5 12 5 c 14.2 5 16 6.8 16 9 c 16 10.6 15 12 13.6 12.7 c "
    "12.5 13.2 12 14 12 15 c 12 19.4 m 12 19.6 l S",
}
_ROUND: Final = "1 J 1 j"  # round ends: a line of no length is a dot


def draw_mark(paper: Paper, name: str, *, x: float, y: float, size: float, ink: Ink) -> None:
    """Draw the mark `name` of a verdict, a circle around it, `size` points wide; any other name is « i »."""
    path = _MARKS.get(name, _MARKS["info"])
    paper.shape(f"{ink.operands} RG 4 w {_ROUND} {_CIRCLE} {path}", x=x, y=y, scale=size / 48)


def draw_tick(paper: Paper, outcome: str, *, x: float, y: float, size: float, ink: Ink) -> None:
    """Draw the mark of one check: passed, failed or undetermined."""
    paper.shape(f"{ink.operands} RG 3 w {_ROUND} {_TICKS[outcome]}", x=x, y=y, scale=size / 24)
