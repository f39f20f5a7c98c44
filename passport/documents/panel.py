"""The panel that makes the sheet checkable: the QR symbol, the code under it, and what to compare.

Decided here: the symbol at 40 mm (44 mm for version 12) on white with its quiet zone, “Comparez le nom”
and the domain beside it (a forged code can lead to a look-alike site: PAPER.md), the code in groups.
"""

from __future__ import annotations

from typing import Final

from passport.documents.content import SheetContent
from passport.documents.fonts import Face, fold_spaces, text_width, wrap
from passport.documents.inks import Ink
from passport.documents.measures import LEADING, MARGIN, READ, TEXT_WIDTH
from passport.documents.paper import MM, Paper
from passport.documents.symbol import QUIET_ZONE, Symbol, print_width_mm
from passport.documents.tags import Tag

__all__ = [
    "PANEL_TOP",
    "TILE_COLUMN",
    "TILE_HEIGHT",
    "draw_notice",
    "draw_panel",
    "draw_tile",
    "largest_fitting",
]

PANEL_TOP: Final = 602.0
_HEIGHT: Final = 184.0
_PADDING: Final = 10.0
TILE_COLUMN: Final = 150.0
TILE_HEIGHT: Final = 141.0
_CODE_SIZES: Final = (21.0, 19.0, 17.0, 15.0, READ)
_DOMAIN_SIZES: Final = (18.0, 16.0, 15.0, READ)
_NOTICE_TOP: Final = 806.0


def draw_panel(paper: Paper, content: SheetContent, symbol: Symbol) -> None:
    """Draw the panel: the symbol and the code on the left, the words on the right."""
    paper.box(x=MARGIN, y=PANEL_TOP, width=TEXT_WIDTH, height=_HEIGHT, ink=Ink.TINT, radius=8)
    x = MARGIN + _PADDING + TILE_COLUMN + 14
    width = MARGIN + TEXT_WIDTH - 12 - x
    y = PANEL_TOP + 30
    with paper.part(Tag.H2):
        paper.text(content.compare, x=x, y=y, size=20, face=Face.BOLD)
    with paper.part(Tag.PARAGRAPH):
        y = paper.ideas(content.check, x=x, y=y + 25, width=width, size=READ, leading=LEADING)
    draw_tile(paper, content, symbol, x=MARGIN + _PADDING, y=PANEL_TOP + _PADDING)
    _draw_code(paper, content)
    size = largest_fitting(content.domain, sizes=_DOMAIN_SIZES, face=Face.BOLD, width=width)
    with paper.part(Tag.PARAGRAPH):
        y = paper.ideas(content.address, x=x, y=y + 7, width=width, size=READ, leading=LEADING)
        lines = wrap(fold_spaces(content.domain), face=Face.BOLD, size=size, width=width)
        paper.lines(lines, x=x, y=y + 6, size=size, leading=size * 1.2, face=Face.BOLD, ink=Ink.PINE)


def draw_tile(paper: Paper, content: SheetContent, symbol: Symbol, *, x: float, y: float) -> None:
    """Draw the symbol on white, in the middle of a square of 150 × 141 points at (`x`, `y`)."""
    width = print_width_mm(symbol) * MM
    quiet = QUIET_ZONE * width / symbol.size
    tile = width + 2 * quiet + 4  # its round corners stay outside the quiet zone
    middle, top = x + TILE_COLUMN / 2, y + (TILE_HEIGHT - tile) / 2
    paper.box(x=middle - tile / 2, y=top, width=tile, height=tile, ink=Ink.WHITE, radius=3)
    left, top = middle - width / 2, top + quiet + 2
    with paper.figure(content.qr_alt, x=left, y=top, width=width, height=width):
        paper.symbol(symbol, x=left, y=top, width=width)


def _draw_code(paper: Paper, content: SheetContent) -> None:
    size = largest_fitting(content.code, sizes=_CODE_SIZES, face=Face.BOLD, width=TILE_COLUMN + 10)
    x, y = MARGIN + _PADDING + TILE_COLUMN / 2, PANEL_TOP + _HEIGHT - 11
    with paper.part(Tag.PARAGRAPH):
        paper.centred(content.code, x=x, y=y, size=size, face=Face.BOLD, ink=Ink.BLACK)


def largest_fitting(text: str, *, sizes: tuple[float, ...], face: Face, width: float) -> float:
    """Return the first size at which `text` stands on one line, else the last."""
    folded = fold_spaces(text)
    return next((s for s in sizes if text_width(folded, face=face, size=s) <= width), sizes[-1])


def draw_notice(paper: Paper, content: SheetContent) -> None:
    """Write, at the foot of the first page, what this paper is not."""
    with paper.part(Tag.PARAGRAPH):
        paper.ideas(content.notice, x=MARGIN, y=_NOTICE_TOP, width=TEXT_WIDTH, size=READ, leading=17.5)
