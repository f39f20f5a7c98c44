"""The bank-card print: one page of 85.6 × 54 mm with the symbol at 34 mm.

Decided here: what is left when there is room for little: the name, the skills in short words (or how
many at each level, when they are many), the code and what this is not. A symbol of version 12 keeps its
34 mm: a card is read from nearer than a sheet. Left to others: the words (`content`).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from passport.documents.content import SheetContent
from passport.documents.fonts import Face, fold_spaces, require_glyphs, text_width, wrap
from passport.documents.panel import largest_fitting
from passport.documents.paper import DRAWING, MM, Ink, Paper
from passport.documents.symbol import QUIET_ZONE, Symbol

__all__ = ["CARD_MM", "CARD_SYMBOL_MM", "render_card", "skill_lines"]

CARD_MM: Final = (85.6, 54.0)
"""Width and height of an ID-1 card (ISO/IEC 7810)."""

CARD_SYMBOL_MM: Final = 34.0
"""Width of the symbol without its quiet zone."""

_EDGE: Final = 8.0
_NAME_SIZES: Final = (13.0, 12.0, 11.0, 10.0, 9.0)
_MOST_SKILLS: Final = 3
_TIGHT: Final = (6.2, 5.6, 5.0, 4.5)
_TEXT: Final = 6.6
_STEP: Final = 8.0


def render_card(content: SheetContent, symbol: Symbol) -> bytes:
    """Return the card as a PDF of one page. Raises `PassportError` (`glyph_missing`)."""
    require_glyphs((content.holder_name, content.body.name, content.code, content.domain))
    width, height = (side * MM for side in CARD_MM)
    with DRAWING:
        paper = Paper(
            width=width, height=height, title=content.title, lang="fr-FR" if content.lang == "fr" else "en-GB"
        )
        left = _draw_symbol(paper, content, symbol)
        _draw_band(paper, content)
        _draw_words(paper, content, width=left - _EDGE - 3)
        return paper.finish()


def _draw_band(paper: Paper, content: SheetContent) -> None:
    ink, text = (Ink.BLACK, content.specimen) if content.specimen else (Ink.PINE, content.card.title)
    paper.box(x=0, y=0, width=paper.width, height=17, ink=ink)
    paper.text(text, x=_EDGE, y=11.8, size=9, face=Face.BOLD, ink=Ink.WHITE)


def _draw_symbol(paper: Paper, content: SheetContent, symbol: Symbol) -> float:
    """Draw the symbol at the right with the code under it; return the left edge of its quiet zone."""
    width = CARD_SYMBOL_MM * MM
    quiet = QUIET_ZONE * width / symbol.size
    x = paper.width - width - quiet
    y = 17 + quiet
    paper.symbol(symbol, x=x, y=y, width=width)
    middle = x + width / 2
    size = largest_fitting(content.code, sizes=(14.0, 13.0, 12.0), face=Face.BOLD, width=width + quiet)
    paper.centred(content.code, x=middle, y=y + width + quiet + 9, size=size, face=Face.BOLD, ink=Ink.BLACK)
    return x - quiet


def _draw_words(paper: Paper, content: SheetContent, *, width: float) -> None:
    bottom = _draw_foot(paper, content, width=width)
    y = _draw_name(paper, content.holder_name, width=width)
    lines = skill_lines(content)
    choices = [(lines, 6.6), (lines, 6.0), (lines, 5.5), *(((" · ".join(lines),), size) for size in _TIGHT)]
    for shown, size in choices:
        parts = [wrap(fold_spaces(line), face=Face.REGULAR, size=size, width=width - 6) for line in shown]
        if y + size * 1.2 * sum(map(len, parts)) + 1.5 * (len(parts) - 1) <= bottom + size:
            break
    for part in parts:
        paper.box(x=_EDGE, y=y - 0.7 * size, width=3, height=0.7 * size, ink=Ink.OCHRE)
        for line in part:
            paper.text(line, x=_EDGE + 6, y=y, size=size)
            y += size * 1.2
        y += 1.5


def _draw_name(paper: Paper, name: str, *, width: float) -> float:
    """Shrink, then wrap over as many lines as needed; return the `y` of the next line."""
    size = largest_fitting(name, sizes=_NAME_SIZES, face=Face.BOLD, width=width * 1.9)
    while len(wrap(fold_spaces(name), face=Face.BOLD, size=size, width=width)) > 3 and size > 6:
        size -= 0.5
    y = 17 + size + 5
    y = paper.block(name, x=_EDGE, y=y, width=width, size=size, leading=size * 1.12, face=Face.BOLD)
    return y - size * 1.12 + 14


def skill_lines(content: SheetContent) -> tuple[str, ...]:
    """Return a line a skill when they are few, else how many at each level, the highest first."""
    skills = content.skills
    if len(skills) <= _MOST_SKILLS:
        return tuple(f"{skill.label} : {_lowered(skill.level_words)}" for skill in skills)
    counts = Counter((-(skill.level or 0), skill.level_words) for skill in skills)
    return tuple(f"{words} : {count}" for (_, words), count in sorted(counts.items()))


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def _draw_foot(paper: Paper, content: SheetContent, *, width: float) -> float:
    """From the bottom up: what this is not, where to check, compare the name; return where it begins."""
    lines = [
        (content.body.name, Face.BOLD, Ink.PINE, _TEXT),
        (f"{content.card.check} {content.card.compare}", Face.REGULAR, Ink.BLACK, 6.2),
        (content.domain, Face.BOLD, Ink.BLACK, _TEXT),
        (content.card.not_diploma, Face.REGULAR, Ink.BLACK, 5.6),
    ]
    y = paper.height - 6
    for text, face, ink, size in reversed(lines):
        fitted = min(size, size * width / text_width(fold_spaces(text), face=face, size=size))
        if fitted >= 4.8:
            paper.text(text, x=_EDGE, y=y, size=fitted, face=face, ink=ink)
            y -= _STEP
            continue
        parts = wrap(fold_spaces(text), face=face, size=5.4, width=width)
        for part in reversed(parts):
            paper.text(part, x=_EDGE, y=y, size=5.4, face=face, ink=ink)
            y -= 6.6
    return y
