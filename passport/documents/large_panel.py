"""The panel of the large print: the symbol at its 40 mm, the code very large, the words at 18 points.

Decided here: where they stand, and how high the panel is with the notice under it. Left to others: the
words (`content`), the square of the symbol (`panel`), what stands above (`large`).
"""

from __future__ import annotations

from typing import Final

from passport.documents.content import SheetContent
from passport.documents.fonts import Face, fold_spaces, split_sentences, wrap
from passport.documents.inks import Ink
from passport.documents.measures import MARGIN, TEXT_WIDTH
from passport.documents.panel import TILE_COLUMN, draw_tile, largest_fitting
from passport.documents.paper import Paper
from passport.documents.symbol import Symbol
from passport.documents.tags import Tag

__all__ = ["SMALLEST", "draw_large_panel", "large_panel_height"]

SMALLEST: Final = 18.0
_STEP: Final = 22.5
_PADDING: Final = 12.0
_LEFT: Final = MARGIN + _PADDING + TILE_COLUMN + 14
_WIDTH: Final = MARGIN + TEXT_WIDTH - 8 - _LEFT
_HEIGHT: Final = 234.0
_CODE_SIZES: Final = (36.0, 32.0, 28.0)


def large_panel_height(content: SheetContent) -> float:
    """Return the height of the panel with the notice under it."""
    return _height(content) + 12 + _STEP * len(_notice(content))


def draw_large_panel(paper: Paper, content: SheetContent, symbol: Symbol, *, y: float) -> None:
    """Draw the panel and the notice from the top edge `y`."""
    height = _height(content)
    paper.box(x=MARGIN, y=y, width=TEXT_WIDTH, height=height, ink=Ink.TINT, radius=8)
    with paper.part(Tag.H2):
        paper.text(content.compare, x=_LEFT, y=y + 34, size=27, face=Face.BOLD)
    with paper.part(Tag.PARAGRAPH):
        line = paper.ideas(content.check, x=_LEFT, y=y + 62, width=_WIDTH, size=SMALLEST, leading=_STEP)
    draw_tile(paper, content, symbol, x=MARGIN + _PADDING, y=y + _PADDING)
    _draw_code(paper, content, y=y + height - 16)
    with paper.part(Tag.PARAGRAPH):
        line = paper.ideas(content.address, x=_LEFT, y=line + 4, width=_WIDTH, size=SMALLEST, leading=_STEP)
        domain = _domain(content)
        paper.lines(domain, x=_LEFT, y=line + 2, size=SMALLEST, leading=_STEP, face=Face.BOLD, ink=Ink.PINE)
    with paper.part(Tag.PARAGRAPH):
        paper.lines(_notice(content), x=MARGIN, y=y + height + 10 + SMALLEST, size=SMALLEST, leading=_STEP)


def _draw_code(paper: Paper, content: SheetContent, *, y: float) -> None:
    size = largest_fitting(content.code, sizes=_CODE_SIZES, face=Face.BOLD, width=TEXT_WIDTH / 2)
    with paper.part(Tag.PARAGRAPH):
        paper.text(content.code, x=MARGIN + _PADDING + 8, y=y, size=size, face=Face.BOLD)


def _height(content: SheetContent) -> float:
    return _HEIGHT + _STEP * (len(_domain(content)) - 1)


def _domain(content: SheetContent) -> tuple[str, ...]:
    return wrap(fold_spaces(content.domain), face=Face.BOLD, size=SMALLEST, width=_WIDTH)


def _notice(content: SheetContent) -> list[str]:
    """The lines of the notice; a sentence begins a line."""
    lines: list[str] = []
    for sentence in split_sentences(content.notice):
        if lines:
            lines[-1] += " "
        lines += wrap(fold_spaces(sentence), face=Face.REGULAR, size=SMALLEST, width=TEXT_WIDTH)
    return lines
