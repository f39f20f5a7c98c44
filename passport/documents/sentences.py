"""“Ce que je sais faire”: the sentences, first and large, each with its reference in small print.

Decided here: the size of the sentences (the largest at which they all fit, never under 14 points) and
how they flow over pages of their own when they are many. Left to others: the words (`content`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from passport.documents.content import SheetContent, Skill
from passport.documents.fonts import Face, fold_spaces, wrap_evenly
from passport.documents.inks import Ink
from passport.documents.measures import HEADING, MARGIN, READ, SMALL, TEXT_WIDTH
from passport.documents.panel import largest_fitting
from passport.documents.paper import Paper
from passport.documents.tags import Tag

__all__ = ["draw_sentence_pages", "draw_sentences", "sentence_size", "sentences_height"]

_SIZES: Final = (26.0, 24.0, 22.0, 20.0, 19.0, 18.0, 17.0, 16.0, 15.0, READ)
_INDENT: Final = 15.0
_REFERENCE_STEP: Final = 14.0
_REFERENCE_SIZES: Final = (SMALL, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
_PAGE_GAP: Final = 13.0
_AREA_STEP: Final = 34.0
_PAGE_BOTTOM: Final = 800.0
_MOST_AT_ONCE: Final = 5


def sentence_size(content: SheetContent, *, room: float, gap: float) -> float | None:
    """Return the largest size at which all sentences stand in `room` points, or None."""
    if len(content.skills) > _MOST_AT_ONCE:
        return None
    return next((s for s in _SIZES if sentences_height(content, size=s, gap=gap) <= room), None)


def sentences_height(content: SheetContent, *, size: float, gap: float) -> float:
    """Return the height of all sentences at `size`, `gap` points apart."""
    return sum(_height(skill, size) + gap for skill in content.skills) - gap


def draw_sentences(paper: Paper, content: SheetContent, *, y: float, size: float, gap: float) -> float:
    """Draw all sentences from the top edge `y`; return the `y` below the last."""
    with paper.part(Tag.LIST):
        for skill in content.skills:
            y = _draw_sentence(paper, skill, y=y, size=size) + gap
    return y - gap


def draw_sentence_pages(
    paper: Paper, content: SheetContent, *, open_page: Callable[[Paper, SheetContent], float]
) -> None:
    """Draw all sentences at 14 points, area after area, on as many pages as they need.

    `open_page` draws the head of a new page and returns the `y` where text may begin. Each page but the
    last is turned here. An area's name never stands alone at the foot of a page.
    """
    y = open_page(paper, content)
    with paper.part(Tag.H2):
        paper.text(content.can_do, x=MARGIN, y=y + HEADING, size=HEADING + 3, face=Face.BOLD, ink=Ink.PINE)
    y += 38

    def make_room(height: float, y: float) -> float:
        if y + height <= _PAGE_BOTTOM:
            return y
        paper.turn()
        return open_page(paper, content)

    for area in content.areas:
        y = make_room(_AREA_STEP + _height(area.skills[0], READ), y)
        with paper.part(Tag.H3):
            paper.text(area.label, x=MARGIN, y=y + 18, size=16, face=Face.BOLD, ink=Ink.PINE)
        y += _AREA_STEP
        with paper.part(Tag.LIST):
            for skill in area.skills:
                y = make_room(_height(skill, READ), y)
                y = _draw_sentence(paper, skill, y=y, size=READ) + _PAGE_GAP


def _lines(skill: Skill, size: float) -> tuple[str, ...]:
    return wrap_evenly(fold_spaces(skill.sentence), face=Face.BOLD, size=size, width=TEXT_WIDTH - _INDENT)


def _height(skill: Skill, size: float) -> float:
    return len(_lines(skill, size)) * size * 1.25 + _REFERENCE_STEP


def _draw_sentence(paper: Paper, skill: Skill, *, y: float, size: float) -> float:
    """Draw a bar, the sentence and its reference from the top edge `y`; return the `y` below."""
    height = _height(skill, size)
    paper.box(x=MARGIN, y=y, width=4, height=height, ink=Ink.OCHRE)
    x = MARGIN + _INDENT
    # Whole at any length: the long title of a framework once ran over the edge of the page.
    small = largest_fitting(
        skill.reference, sizes=_REFERENCE_SIZES, face=Face.REGULAR, width=TEXT_WIDTH - _INDENT
    )
    with paper.item():
        paper.lines(_lines(skill, size), x=x, y=y + size, size=size, leading=size * 1.25, face=Face.BOLD)
        paper.text(skill.reference, x=x, y=y + height - 2.5, size=small, ink=Ink.GREY)
    return y + height
