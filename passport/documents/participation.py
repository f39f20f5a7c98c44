"""The paper that says somebody was at a workshop, and nothing more.

Decided here: it cannot be taken for an attestation of competences: no symbol, no code, no level, no band of
colour; it says in its second line what it is not. What the person did that day is listed as they say it
(`schemas/gestes.json`: who gets no level leaves with the list of what they did). One page a person. Left to
others: the words, and who was there (the caller).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from passport.documents.fonts import Face, require_glyphs
from passport.documents.inks import Ink
from passport.documents.measures import A4, HEADING, LEADING, MARGIN, READ, TEXT_WIDTH
from passport.documents.paper import DRAWING, Paper
from passport.documents.tags import Tag
from passport.framework import Lang

__all__ = ["ParticipationContent", "render_participations"]


@dataclass(frozen=True, slots=True)
class ParticipationContent:
    """What one page says. `lines`: was where and when; `done_title`, `done`: what they did, or empty.

    `is_not`: what the paper is not. `foot`: who gives it, on which day, and whose name stands for it.
    `specimen`: its notice, or empty.
    """

    lang: Lang
    title: str
    is_not: str
    name: str
    lines: tuple[str, ...]
    done_title: str
    done: tuple[str, ...]
    foot: tuple[str, ...]
    specimen: str = ""


def render_participations(people: Sequence[ParticipationContent]) -> bytes:
    """Return a page for each person, in their order. Raises `PassportError` (`glyph_missing`)."""
    if not people:
        raise ValueError("nobody was there")
    require_glyphs(text for one in people for text in (one.name, *one.lines, *one.foot))
    first = people[0]
    with DRAWING:
        paper = Paper(width=A4[0], height=A4[1], title=first.title, lang=first.lang)
        for at, one in enumerate(people):
            if at:
                paper.turn()
            paper.bookmark(one.name)
            with paper.part(Tag.PART, title=one.name):
                _draw(paper, one)
        return paper.finish()


def _draw(paper: Paper, one: ParticipationContent) -> None:
    if one.specimen:
        paper.slanted(one.specimen, x=A4[0] / 2, y=420, size=62, angle=52, ink=Ink.MIST)
    y = MARGIN + 24
    with paper.part(Tag.H1):
        y = _block(paper, one.title, y=y, size=24, face=Face.BOLD)
    with paper.part(Tag.PARAGRAPH):
        y = paper.ideas(one.is_not, x=MARGIN, y=y + 4, width=TEXT_WIDTH, size=READ, leading=LEADING)
    with paper.part(Tag.PARAGRAPH):
        y = _block(paper, one.name, y=y + 30, size=22, face=Face.BOLD)
    with paper.part(Tag.PARAGRAPH):
        for line in one.lines:
            y = _block(paper, line, y=y, size=READ)
    if one.done:
        with paper.part(Tag.H2):
            y = _block(paper, one.done_title, y=y + 22, size=HEADING, face=Face.BOLD)
        with paper.part(Tag.LIST):
            for line in one.done:
                paper.box(x=MARGIN, y=y - 8, width=5, height=5, ink=Ink.BLACK)
                with paper.item():
                    y = paper.block(
                        line, x=MARGIN + 14, y=y, width=TEXT_WIDTH - 14, size=READ, leading=LEADING
                    )
    y += 24
    for line in one.foot:
        with paper.part(Tag.PARAGRAPH):
            y = _block(paper, line, y=y, size=READ)


def _block(paper: Paper, text: str, *, y: float, size: float, face: Face = Face.REGULAR) -> float:
    leading = max(LEADING, size * 1.2)
    return paper.block(text, x=MARGIN, y=y, width=TEXT_WIDTH, size=size, leading=leading, face=face)
