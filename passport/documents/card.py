"""The bank-card print, 85.6 × 54 mm with the symbol at 34 mm: one a file, or eight on an A4 to be cut.

Decided here: what is left when there is room for little: the name, the skills in short words (or how
many at each level, when they are many), the code and what this is not. A symbol of version 12 keeps its
34 mm: a card is read from nearer than a sheet. On A4 the cards keep their size, 6 mm apart, with short
marks at their corners to cut along. Left to others: the words (`content`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from passport.documents.content import SheetContent
from passport.documents.fonts import Face, fold_spaces, require_glyphs, text_width, wrap
from passport.documents.inks import Ink
from passport.documents.measures import A4
from passport.documents.panel import largest_fitting
from passport.documents.paper import DRAWING, MM, Paper
from passport.documents.symbol import QUIET_ZONE, Symbol
from passport.documents.tags import Tag

__all__ = [
    "CARDS_A_PAGE",
    "CARD_MM",
    "CARD_SYMBOL_MM",
    "draw_cards",
    "render_card",
    "render_cards",
    "skill_lines",
]

CARD_MM: Final = (85.6, 54.0)
"""Width and height of an ID-1 card (ISO/IEC 7810)."""

CARD_SYMBOL_MM: Final = 34.0
"""Width of the symbol without its quiet zone."""

_EDGE: Final = 8.0
_NAME_SIZES: Final = (13.0, 12.0, 11.0, 10.0, 9.0)
_MOST_SKILLS: Final = 3
_LOOSE: Final = (8.6, 8.0, 7.3, 6.6, 6.0, 5.5)
_TIGHT: Final = (6.2, 5.6, 5.0, 4.5)
_TEXT: Final = 6.6
_STEP: Final = 8.0
_BAND: Final = 17.0
_WIDTH, _HEIGHT = (side * MM for side in CARD_MM)

CARDS_A_PAGE: Final = 8
_COLUMNS: Final = 2
_GAP: Final = 6 * MM
_MARK: Final = 2.4 * MM  # shorter than half the gap: marks of neighbours do not meet

Cards = Sequence[tuple[SheetContent, Symbol]]


def render_card(content: SheetContent, symbol: Symbol) -> bytes:
    """Return the card as a PDF of one page. Raises `PassportError` (`glyph_missing`)."""
    require_glyphs(_given(content))
    with DRAWING:
        paper = Paper(width=_WIDTH, height=_HEIGHT, title=content.title, lang=content.lang)
        _draw_card(paper, content, symbol)
        return paper.finish()


def render_cards(cards: Cards) -> bytes:
    """Return cards on A4 pages, eight a page, in their order. Raises `PassportError` (`glyph_missing`)."""
    if not cards:
        raise ValueError("no card to draw")
    first, _ = cards[0]
    require_glyphs(text for content, _ in cards for text in _given(content))
    with DRAWING:
        paper = Paper(width=A4[0], height=A4[1], title=first.title, lang=first.lang)
        draw_cards(paper, cards)
        return paper.finish()


def draw_cards(paper: Paper, cards: Cards) -> None:
    """Draw cards on a paper of A4; does not turn the last page."""
    left = (A4[0] - _COLUMNS * _WIDTH - _GAP) / 2
    rows = CARDS_A_PAGE // _COLUMNS
    top = (A4[1] - rows * _HEIGHT - (rows - 1) * _GAP) / 2
    for at, (content, symbol) in enumerate(cards):
        row, column = divmod(at % CARDS_A_PAGE, _COLUMNS)
        if at and row == column == 0:
            paper.turn()
        with paper.moved(x=left + column * (_WIDTH + _GAP), y=top + row * (_HEIGHT + _GAP)):
            _draw_marks(paper)
            with paper.part(Tag.PART, title=content.holder_name):
                _draw_card(paper, content, symbol)


def _given(content: SheetContent) -> tuple[str, ...]:
    return content.holder_name, content.body.name, content.code, content.domain


def _draw_marks(paper: Paper) -> None:
    """Draw, outside each corner, where to cut."""
    for x, out_x in ((0.0, -_MARK - 1), (_WIDTH, 1)):
        for y, out_y in ((0.0, -_MARK - 1), (_HEIGHT, 1)):
            paper.box(x=x + out_x, y=y - 0.15, width=_MARK, height=0.3, ink=Ink.BLACK)
            paper.box(x=x - 0.15, y=y + out_y, width=0.3, height=_MARK, ink=Ink.BLACK)


def _draw_card(paper: Paper, content: SheetContent, symbol: Symbol) -> None:
    """Draw one card at the origin, in the order of reading: what and who, skills, what to do, the symbol."""
    _draw_band(paper, content)
    quiet = QUIET_ZONE * CARD_SYMBOL_MM * MM / symbol.size
    left = _WIDTH - CARD_SYMBOL_MM * MM - 2 * quiet
    _draw_words(paper, content, width=left - _EDGE - 3)
    _draw_symbol(paper, content, symbol, quiet=quiet)


def _draw_band(paper: Paper, content: SheetContent) -> None:
    ink, text = (Ink.BLACK, content.specimen) if content.specimen else (Ink.PINE, content.card.title)
    paper.box(x=0, y=0, width=_WIDTH, height=_BAND, ink=ink)
    with paper.part(Tag.H1):
        paper.text(text, x=_EDGE, y=11.8, size=9, face=Face.BOLD, ink=Ink.WHITE)


def _draw_symbol(paper: Paper, content: SheetContent, symbol: Symbol, *, quiet: float) -> None:
    """Draw the symbol at the right with the code under it."""
    width = CARD_SYMBOL_MM * MM
    x, y = _WIDTH - width - quiet, _BAND + quiet
    with paper.figure(content.qr_alt, x=x, y=y, width=width, height=width):
        paper.symbol(symbol, x=x, y=y, width=width)
    middle = x + width / 2
    size = largest_fitting(content.code, sizes=(14.0, 13.0, 12.0), face=Face.BOLD, width=width + quiet)
    y += width + quiet + 10.5
    with paper.part(Tag.PARAGRAPH):
        paper.centred(content.code, x=middle, y=y, size=size, face=Face.BOLD, ink=Ink.BLACK)


def _draw_words(paper: Paper, content: SheetContent, *, width: float) -> None:
    foot = _foot_lines(content, width=width)
    bottom = foot[0].y - _STEP
    with paper.part(Tag.PARAGRAPH):
        y = _draw_name(paper, content.holder_name, width=width)
    lines = skill_lines(content)
    choices = [*((lines, size) for size in _LOOSE), *(((" · ".join(lines),), size) for size in _TIGHT)]
    for shown, size in choices:
        parts = [wrap(fold_spaces(line), face=Face.REGULAR, size=size, width=width - 6) for line in shown]
        if y + size * 1.2 * sum(map(len, parts)) + 1.5 * (len(parts) - 1) <= bottom + size:
            break
    with paper.part(Tag.LIST):
        for part in parts:
            paper.box(x=_EDGE, y=y - 0.7 * size, width=3, height=0.7 * size, ink=Ink.OCHRE)
            with paper.item():
                y = paper.lines(part, x=_EDGE + 6, y=y, size=size, leading=size * 1.2) + 1.5
    for line in foot:
        with paper.part(Tag.PARAGRAPH):
            line.draw(paper)


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
    skills, colon = content.skills, "\u00a0: " if content.lang == "fr" else ": "
    if len(skills) <= _MOST_SKILLS:
        return tuple(f"{skill.label}{colon}{_lowered(skill.level_words)}" for skill in skills)
    counts = Counter((-(skill.level or 0), skill.level_words) for skill in skills)
    return tuple(f"{words}{colon}{count}" for (_, words), count in sorted(counts.items()))


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


@dataclass(frozen=True, slots=True)
class _FootLine:
    """A line at the foot: its words as broken, where the first stands, and how it looks."""

    lines: tuple[str, ...]
    y: float
    size: float
    face: Face
    ink: Ink

    def draw(self, paper: Paper) -> None:
        """Draw it."""
        paper.lines(self.lines, x=_EDGE, y=self.y, size=self.size, leading=6.6, face=self.face, ink=self.ink)


def _foot_lines(content: SheetContent, *, width: float) -> list[_FootLine]:
    """Place, from the bottom up, what this is not, where to check, compare the name, the body."""
    wanted = [
        (content.body.name, Face.BOLD, Ink.PINE, _TEXT),
        (f"{content.card.check} {content.card.compare}", Face.REGULAR, Ink.BLACK, 6.2),
        (content.domain, Face.BOLD, Ink.BLACK, _TEXT),
        (content.card.not_diploma, Face.REGULAR, Ink.BLACK, 5.6),
    ]
    y, placed = _HEIGHT - 6, list[_FootLine]()
    for words, face, ink, size in reversed(wanted):
        text = fold_spaces(words)
        fitted = min(size, size * width / text_width(text, face=face, size=size))
        if fitted >= 4.8:
            placed.append(_FootLine((text,), y, fitted, face, ink))
            y -= _STEP
            continue
        lines = wrap(text, face=face, size=5.4, width=width)
        y -= 6.6 * (len(lines) - 1)
        placed.append(_FootLine(lines, y, 5.4, face, ink))
        y -= 6.6
    return placed[::-1]
