"""Plots: bars as SVG, drawn on the server, beside the table that says the same.

Decided here: one shape of plot (horizontal bars on one scale, each under its label, so that a phone
shows it too), with colours of the page's own style sheet, so
that dark mode and high contrast hold; a hidden group has a hatched stump and its word. The picture is for the
eye alone: it is hidden from screen readers, which have the table. No script, no inline style (the policy of
the page forbids both). Left to others: numbers, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

__all__ = ["bars"]

_ROW: Final = 48
_WIDTH: Final = 320
_VALUE: Final = 80
_STUMP: Final = 18
_LABEL_CHARS: Final = 44


def bars(rows: Sequence[tuple[str, int | None]], *, few: str) -> str:
    """Return an SVG with a bar for each (label, number). `few`: what stands for a number that is hidden."""
    most = max((value for _, value in rows if value is not None), default=0) or 1
    drawn = "".join(_bar(place, label, value, most, few) for place, (label, value) in enumerate(rows))
    height = _ROW * max(len(rows), 1)
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH + _VALUE} {height}" aria-hidden="true" '
        f'focusable="false" xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'
    )


def _bar(place: int, label: str, value: int | None, most: int, few: str) -> str:
    top = place * _ROW
    length = _STUMP if value is None else round(_WIDTH * value / most, 1)
    kind = "bar few" if value is None else "bar"
    shown = few if value is None else str(value)
    short = label if len(label) <= _LABEL_CHARS else f"{label[: _LABEL_CHARS - 1]}…"
    return (
        f'<text class="axis" x="0" y="{top + 16}">{escape(short)}</text>'
        f'<rect class="{kind}" x="1" y="{top + 22}" width="{length}" height="16"/>'
        f'<text class="axis" x="{length + 8}" y="{top + 35}">{escape(shown)}</text>'
    )
