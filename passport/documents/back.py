"""The back of the sheet: what the paper is for, what comes next, and the holder's information.

Decided here: a question in bold, then its answer one idea a line; credits of a framework in small
print at the foot, since its licence asks for them. Left to others: the words (`content`).
"""

from __future__ import annotations

from typing import Final

from passport.documents.content import BackPart, SheetContent
from passport.documents.fonts import Face
from passport.documents.inks import Ink
from passport.documents.measures import A4, MARGIN, READ, TEXT_WIDTH
from passport.documents.paper import Paper
from passport.documents.tags import Tag

__all__ = ["draw_back"]

_QUESTION: Final = 18.0
_ANSWER: Final = 16.0
_ANSWER_STEP: Final = 22.0
_PRIVACY_STEP: Final = 17.6
_INDENT: Final = 15.0


def draw_back(paper: Paper, content: SheetContent, *, y: float) -> None:
    """Draw the last page from the top edge `y`; does not turn it."""
    with paper.part(Tag.PARAGRAPH):
        y = paper.ideas(
            content.yours,
            x=MARGIN,
            y=y + 20,
            width=TEXT_WIDTH,
            size=21,
            leading=27,
            face=Face.BOLD,
            ink=Ink.PINE,
        )
    for part in content.back:
        y = _draw_part(paper, part, y=y)
    y = _draw_privacy(paper, content.privacy, y=y)
    if content.seal:
        _draw_seal(paper, content.seal, y=y - _PRIVACY_STEP + 14)
    foot = A4[1] - 22 - 11.5 * (len(content.credits) - 1)
    for credit in content.credits:
        with paper.part(Tag.PARAGRAPH):
            paper.block(credit, x=MARGIN, y=foot, width=TEXT_WIDTH, size=7.5, leading=9.5, ink=Ink.GREY)
        foot += 11.5


def _draw_part(paper: Paper, part: BackPart, *, y: float) -> float:
    height = 27 + _ANSWER_STEP * len(part.lines)
    paper.box(x=MARGIN, y=y, width=4, height=height - 4, ink=Ink.OCHRE)
    x, width = MARGIN + _INDENT, TEXT_WIDTH - _INDENT
    with paper.part(Tag.H2):
        paper.text(part.title, x=x, y=y + 15, size=_QUESTION, face=Face.BOLD)
    line = y + 27 + 12
    with paper.part(Tag.LIST):
        for text in part.lines:
            with paper.item():
                line = paper.block(text, x=x, y=line, width=width, size=_ANSWER, leading=_ANSWER_STEP)
    return line + 5


def _draw_privacy(paper: Paper, privacy: BackPart, *, y: float) -> float:
    with paper.part(Tag.H2):
        paper.text(privacy.title, x=MARGIN, y=y + 18, size=16, face=Face.BOLD, ink=Ink.PINE)
    y += 38
    for text in privacy.lines:
        with paper.part(Tag.PARAGRAPH):
            y = paper.ideas(text, x=MARGIN, y=y, width=TEXT_WIDTH, size=READ, leading=_PRIVACY_STEP)
    return y


def _draw_seal(paper: Paper, seal: str, *, y: float) -> None:
    """Say who seals the file, in the very place of the field that holds the seal; `y` is its top edge."""
    width = TEXT_WIDTH - 20
    with paper.part(Tag.PARAGRAPH):
        line = paper.ideas(seal, x=MARGIN + 10, y=y + 19, width=width, size=READ, leading=_PRIVACY_STEP)
    height = line - _PRIVACY_STEP + 8 - y
    paper.frame(x=MARGIN, y=y, width=TEXT_WIDTH, height=height, ink=Ink.LINE, line=0.8)
    paper.seal_field(x=MARGIN, y=y, width=TEXT_WIDTH, height=height, says=seal)
