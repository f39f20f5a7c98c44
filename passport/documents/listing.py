"""The sheets of a workshop that are filled in with a pen: the list to sign, and the grid without a network.

Decided here: both are tables, tagged as such (headers of columns and rows; what is to be filled in is an
empty cell), with the heads of the columns again on every page; names are as large as the room allows; lines
that nobody stands on yet are left for whoever comes. No birth date is printed: the sheet lies on a table
where everyone sees it. Left to others: the words, and who is on the list (the caller).

    render_sign_in(SignIn(head, columns=("Prénom et nom", "Signature"), names=("Zoé Dupont",), lines=12))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from passport.documents.fonts import Face, fold_spaces, require_glyphs, wrap
from passport.documents.inks import Ink
from passport.documents.measures import A4
from passport.documents.panel import largest_fitting
from passport.documents.paper import DRAWING, Paper
from passport.documents.tags import Tag
from passport.framework import Lang

__all__ = ["BlankGrid", "ListHead", "SignIn", "render_blank_grid", "render_sign_in"]

_EDGE: Final = 36.0
_FOOT: Final = 30.0
_THIN: Final = 0.8
_PAD: Final = 6.0
_NAME_SIZES: Final = (14.0, 13.0, 12.0, 11.0, 10.0)
_HEAD_SIZES: Final = (10.5, 9.5, 9.0, 8.5)
_HEAD_LINES: Final = 4
_SIGN_ROW: Final = 37.0
_SIGN_NAMES: Final = 230.0
_GRID_ROW: Final = 43.0
_GRID_NAMES: Final = 130.0
_BOX: Final = 21.0
_BOX_GAP: Final = 3.5


@dataclass(frozen=True, slots=True)
class ListHead:
    """What stands above a list: `facts` and `notes`, a line each. `specimen`: its notice, or empty."""

    lang: Lang
    title: str
    facts: tuple[str, ...]
    notes: tuple[str, ...]
    specimen: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A list to sign. `columns`: the words over names and signatures; `lines`: how many at least."""

    head: ListHead
    columns: tuple[str, str]
    names: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class BlankGrid:
    """A grid to tick. `boxes`: the letter in each box, which `head.notes` explain.

    `corner`: the word over the names; `gestures`: those over the columns, 1 to 8; `lines`: how many at least.
    """

    head: ListHead
    corner: str
    gestures: tuple[str, ...]
    boxes: tuple[str, ...]
    names: tuple[str, ...]
    lines: int


def render_sign_in(listed: SignIn) -> bytes:
    """Return the list, A4 upright, on as many pages as it needs. Raises `PassportError` (`glyph_missing`)."""
    require_glyphs((*listed.names, listed.head.title, *listed.head.facts))
    with DRAWING:
        paper = Paper(width=A4[0], height=A4[1], title=listed.head.title, lang=listed.head.lang)
        top = _draw_head(paper, listed.head)
        widths = (_SIGN_NAMES, A4[0] - 2 * _EDGE - _SIGN_NAMES)
        with paper.part(Tag.TABLE):
            table = _Table(paper, words=listed.columns, widths=widths, row=_SIGN_ROW, top=top)
            for name in _lines(listed.names, listed.lines):
                with paper.part(Tag.ROW):
                    table.begin_row(name)
                    with paper.part(Tag.CELL):
                        pass
        return paper.finish()


def render_blank_grid(grid: BlankGrid) -> bytes:
    """Return the grid, A4 on its side, on as many pages as it needs. Raises `PassportError` as above."""
    require_glyphs((*grid.names, *grid.gestures, grid.head.title, *grid.head.facts))
    with DRAWING:
        paper = Paper(width=A4[1], height=A4[0], title=grid.head.title, lang=grid.head.lang)
        top = _draw_head(paper, grid.head)
        each = (A4[1] - 2 * _EDGE - _GRID_NAMES) / len(grid.gestures)
        widths = (_GRID_NAMES, *[each] * len(grid.gestures))
        with paper.part(Tag.TABLE):
            words = (grid.corner, *grid.gestures)
            table = _Table(paper, words=words, widths=widths, row=_GRID_ROW, top=top)
            for name in _lines(grid.names, grid.lines):
                with paper.part(Tag.ROW):
                    y = table.begin_row(name)
                    for at in range(len(grid.gestures)):
                        with paper.part(Tag.CELL):
                            left = _EDGE + _GRID_NAMES + at * each
                            _draw_boxes(paper, grid.boxes, x=left + each / 2, y=y + _GRID_ROW / 2)
        return paper.finish()


def _lines(names: Sequence[str], least: int) -> tuple[str, ...]:
    return (*names, *[""] * (least - len(names)))


def _draw_head(paper: Paper, head: ListHead) -> float:
    """Draw title, facts and notes; return the top of the table."""
    if head.specimen:
        x, y, angle = paper.width / 2, paper.height * 0.6, 30 if paper.width > paper.height else 52
        paper.slanted(head.specimen, x=x, y=y, size=62, angle=angle, ink=Ink.MIST)
    width, y = paper.width - 2 * _EDGE, _EDGE + 14.0
    with paper.part(Tag.H1):
        y = paper.block(
            head.title, x=_EDGE, y=y, width=width, size=17, leading=20, face=Face.BOLD, ink=Ink.PINE
        )
    for words, size in (*((fact, 11.0) for fact in head.facts), *((note, 10.0) for note in head.notes)):
        with paper.part(Tag.PARAGRAPH):
            y = paper.block(words, x=_EDGE, y=y, width=width, size=size, leading=size * 1.35)
    return y


def _draw_boxes(paper: Paper, letters: Sequence[str], *, x: float, y: float) -> None:
    """Draw a box for each letter around (`x`, `y`), the letter pale in its corner: a tick covers it."""
    left = x - (len(letters) * (_BOX + _BOX_GAP) - _BOX_GAP) / 2
    for at, letter in enumerate(letters):
        edge = left + at * (_BOX + _BOX_GAP)
        paper.frame(x=edge, y=y - _BOX / 2, width=_BOX, height=_BOX, ink=Ink.BLACK, line=1)
        paper.text(letter, x=edge + 2.5, y=y - _BOX / 2 + 8.5, size=7.5, ink=Ink.GREY)


class _Table:
    """The rows as they come down the page; when one does not fit, the heads again on the next page."""

    def __init__(
        self, paper: Paper, *, words: Sequence[str], widths: Sequence[float], row: float, top: float
    ) -> None:
        self._paper, self._words, self._widths, self._row = paper, words, widths, row
        self._y = top
        with paper.part(Tag.ROW):
            self._draw_heads(tagged=True)

    def begin_row(self, name: str) -> float:
        """Draw the lines of a row and its name; return its upper edge. Call it inside the row's part."""
        if self._y + self._row > self._paper.height - _FOOT:
            self._paper.turn()
            self._y = _EDGE
            self._draw_heads(tagged=False)
        y = self._y
        self._draw_frames(y, self._row)
        # A line that somebody will write their name on has no header yet.
        with self._paper.part(Tag.HEADER, scope="Row") if name else self._paper.part(Tag.CELL):
            if name:
                self._draw_name(name, y=y)
        self._y += self._row
        return y

    def _draw_heads(self, *, tagged: bool) -> None:
        broken, size = _broken(self._words, self._widths)
        height = max(map(len, broken)) * size * 1.2 + 2 * _PAD
        self._paper.box(x=_EDGE, y=self._y, width=sum(self._widths), height=height, ink=Ink.TINT)
        self._draw_frames(self._y, height)
        x = _EDGE
        for lines, width in zip(broken, self._widths, strict=True):
            self._draw_head(lines, x=x + _PAD, size=size, tagged=tagged)
            x += width
        self._y += height

    def _draw_head(self, lines: Sequence[str], *, x: float, size: float, tagged: bool) -> None:
        y = self._y + _PAD + size
        with self._paper.part(Tag.HEADER, scope="Column") if tagged else self._paper.aside():
            self._paper.lines(lines, x=x, y=y, size=size, leading=size * 1.2, face=Face.BOLD)

    def _draw_frames(self, y: float, height: float) -> None:
        x = _EDGE
        for width in self._widths:
            self._paper.frame(x=x, y=y, width=width, height=height, ink=Ink.LINE, line=_THIN)
            x += width

    def _draw_name(self, name: str, *, y: float) -> None:
        width = self._widths[0] - 2 * _PAD
        size = largest_fitting(name, sizes=_NAME_SIZES, face=Face.BOLD, width=width * 1.8)
        lines = wrap(fold_spaces(name), face=Face.BOLD, size=size, width=width)
        while len(lines) * size * 1.15 > self._row - 6 and size > 6:
            size -= 0.5
            lines = wrap(fold_spaces(name), face=Face.BOLD, size=size, width=width)
        first = y + self._row / 2 - (len(lines) - 1) * size * 0.575 + size * 0.35
        self._paper.lines(lines, x=_EDGE + _PAD, y=first, size=size, leading=size * 1.15, face=Face.BOLD)


def _broken(words: Sequence[str], widths: Sequence[float]) -> tuple[list[tuple[str, ...]], float]:
    """Break the words over the columns, all in one size, smaller when they are many."""
    for size in _HEAD_SIZES:
        broken = [
            wrap(fold_spaces(word), face=Face.BOLD, size=size, width=width - 2 * _PAD)
            for word, width in zip(words, widths, strict=True)
        ]
        if max(map(len, broken)) <= _HEAD_LINES:
            break
    return broken, size
