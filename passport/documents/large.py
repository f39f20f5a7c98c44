"""The large print: the same words as the sheet at 18 points and more, on as many A4 pages as they need.

Decided here: the order (who, how to check, what I can do, who assessed, what this paper is for), that no
text is smaller than 18 points, that the symbol stays at its 40 mm on the first page, and where a page may
end: never after a heading, never inside a sentence. Each page says whose it is and which one of how many.
Left to others: the words (`content`), breaking lines (`fonts`).

    render_large(sheet_content(attestation, …), draw_symbol("https://example.org/v#", digits))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from passport.documents.archive import Attachment
from passport.documents.content import SheetContent, Skill
from passport.documents.fonts import (
    Face,
    fold_spaces,
    require_glyphs,
    split_sentences,
    text_width,
    wrap,
    wrap_evenly,
)
from passport.documents.front import draw_head, draw_specimen_ground
from passport.documents.inks import Ink
from passport.documents.large_panel import SMALLEST, draw_large_panel, large_panel_height
from passport.documents.levels import draw_blocks
from passport.documents.measures import A4, MARGIN, TEXT_WIDTH
from passport.documents.paper import DRAWING, Paper
from passport.documents.sheet import printed_texts
from passport.documents.symbol import Symbol
from passport.documents.tags import Tag

__all__ = ["render_large"]

_READ: Final = 20.0
_SENTENCE: Final = 23.0
_HEADING: Final = 27.0
_NAME_SIZES: Final = (44.0, 40.0, 36.0, 32.0, 28.0, 24.0, 20.0, SMALLEST)
_NAME_LINES: Final = 4
_LEADING: Final = 1.28
_INDENT: Final = 18.0
_BLOCK: Final = 15.0
_TOP: Final = 98.0
_INNER_TOP: Final = 84.0
_BOTTOM: Final = 786.0
_FOOT: Final = 818.0


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut by the end of a page. `draw` is told the top edge; neighbours that are `listed`
    are items of one list; a piece that `leads` never stands last on a page."""

    height: float
    draw: Callable[[Paper, float], None]
    listed: bool = False
    leads: bool = False


def render_large(content: SheetContent, symbol: Symbol, *, attachments: Sequence[Attachment] = ()) -> bytes:
    """Return the large print. Raises `PassportError` (`glyph_missing`, `logo_unreadable`)."""
    require_glyphs(printed_texts(content))
    with DRAWING:
        paper = Paper(width=A4[0], height=A4[1], title=content.title, lang=content.lang)
        draw_specimen_ground(paper, content)
        draw_head(paper, content, size=_READ)
        y = _draw_name(paper, content)
        bottom = _BOTTOM - large_panel_height(content)
        draw_large_panel(paper, content, symbol, y=bottom)
        pages = _paged(tuple(_pieces(content)), first=bottom - y - 10)
        for at, page in enumerate(pages):
            if at:
                paper.turn()
                y = _draw_inner_head(paper, content)
            _draw_pieces(paper, page, y=y)
            _draw_foot(paper, content, page=at + 1, count=len(pages))
        return paper.finish(attachments)


def _paged(pieces: Sequence[_Piece], *, first: float) -> list[list[_Piece]]:
    """Share the pieces out: `first` points on the first page, the whole height on the others."""
    pages: list[list[_Piece]] = [[]]
    room = first
    held: list[_Piece] = []
    for piece in pieces:
        held.append(piece)
        if piece.leads:
            continue
        height = sum(one.height for one in held)
        if height > room:
            pages.append([])
            room = _BOTTOM - _INNER_TOP
        pages[-1] += held
        room -= height
        held = []
    return pages


def _draw_pieces(paper: Paper, pieces: Sequence[_Piece], *, y: float) -> None:
    with ExitStack() as stack:
        before = False
        for piece in pieces:
            if piece.listed and not before:
                stack.enter_context(paper.part(Tag.LIST))
            elif before and not piece.listed:
                stack.close()
            before = piece.listed
            piece.draw(paper, y)
            y += piece.height


def _draw_name(paper: Paper, content: SheetContent) -> float:
    name = fold_spaces(content.holder_name)
    for size in _NAME_SIZES:
        lines = wrap(name, face=Face.BOLD, size=size, width=TEXT_WIDTH)
        widest = max(text_width(word, face=Face.BOLD, size=size) for word in name.split(" "))
        if (len(lines) <= 2 and widest <= TEXT_WIDTH) or (len(lines) <= _NAME_LINES and size <= 28):
            break
    with paper.part(Tag.H1):
        paper.text(content.title, x=MARGIN, y=_TOP + _READ, size=_READ, ink=Ink.PINE)
        y = _TOP + _READ + size * 1.15
        return paper.lines(lines, x=MARGIN, y=y, size=size, leading=size * 1.15, face=Face.BOLD) - size + 12


def _draw_inner_head(paper: Paper, content: SheetContent) -> float:
    """Whose page it is, so that loose pages find each other; who listens has heard it."""
    draw_specimen_ground(paper, content)
    width = TEXT_WIDTH - text_width(content.code, face=Face.REGULAR, size=SMALLEST) - 20
    name = wrap(fold_spaces(content.holder_name), face=Face.BOLD, size=SMALLEST, width=width)
    with paper.aside():
        paper.box(x=0, y=0, width=A4[0], height=28 if content.specimen else 12, ink=Ink.PINE)
        if content.specimen:
            paper.box(x=0, y=0, width=A4[0], height=28, ink=Ink.BLACK)
            notice = content.specimen
            paper.centred(notice, x=A4[0] / 2, y=21, size=SMALLEST, face=Face.BOLD, ink=Ink.WHITE)
        shown = name[0].rstrip() + (" …" if len(name) > 1 else "")
        paper.text(shown, x=MARGIN, y=58, size=SMALLEST, face=Face.BOLD)
        x = MARGIN + TEXT_WIDTH - text_width(content.code, face=Face.REGULAR, size=SMALLEST)
        paper.text(content.code, x=x, y=58, size=SMALLEST, ink=Ink.GREY)
    return _INNER_TOP


def _draw_foot(paper: Paper, content: SheetContent, *, page: int, count: int) -> None:
    told = content.of_pages.format(page=page, count=count)
    with paper.aside():
        x = MARGIN + TEXT_WIDTH - text_width(fold_spaces(told), face=Face.REGULAR, size=SMALLEST)
        paper.text(told, x=x, y=_FOOT, size=SMALLEST, ink=Ink.GREY)


def _pieces(content: SheetContent) -> Iterator[_Piece]:
    """Give everything that flows, in order of reading."""
    yield _heading(content.can_do)
    for area in content.areas:
        if len(content.areas) > 1:
            yield _text(area.label, tag=Tag.H3, size=_READ + 2, face=Face.BOLD, after=4, leads=True)
        for skill in area.skills:
            yield _sentence(skill, content)
    yield _text(content.not_assessed, ink=Ink.GREY, after=22)
    for name, value in content.facts:
        yield _fact(name, value)
    yield _text(content.yours, size=_SENTENCE, face=Face.BOLD, ink=Ink.PINE, before=14, after=18)
    for part in content.back:
        yield _heading(part.title)
        for line in part.lines:
            yield _text(line, tag=Tag.ITEM_BODY, after=8)
    yield _heading(content.privacy.title)
    for text in content.privacy.lines:
        for sentence in split_sentences(text):
            yield _text(sentence, after=8)
    if content.seal:
        yield _seal(content.seal)
    for credit in content.credits:
        yield _text(credit, size=SMALLEST, ink=Ink.GREY, before=6)


def _heading(text: str) -> _Piece:
    return _text(
        text, tag=Tag.H2, size=_HEADING, face=Face.BOLD, ink=Ink.PINE, before=10, after=8, leads=True
    )


def _text(
    text: str,
    *,
    tag: Tag = Tag.PARAGRAPH,
    size: float = _READ,
    face: Face = Face.REGULAR,
    ink: Ink = Ink.BLACK,
    before: float = 0,
    after: float = 12,
    leads: bool = False,
) -> _Piece:
    lines, step = wrap_evenly(fold_spaces(text), face=face, size=size, width=TEXT_WIDTH), size * _LEADING
    listed = tag is Tag.ITEM_BODY

    def draw(paper: Paper, y: float) -> None:
        with paper.item() if listed else paper.part(tag):
            paper.lines(lines, x=MARGIN, y=y + before + size, size=size, leading=step, face=face, ink=ink)

    return _Piece(before + len(lines) * step + after, draw, listed=listed, leads=leads)


def _seal(text: str) -> _Piece:
    """Say who seals the file, in the very place of the field that holds the seal."""
    lines = wrap_evenly(fold_spaces(text), face=Face.REGULAR, size=_READ, width=TEXT_WIDTH - 24)
    height = len(lines) * _READ * _LEADING + 16

    def draw(paper: Paper, y: float) -> None:
        top = y + 14
        with paper.part(Tag.PARAGRAPH):
            step = _READ * _LEADING
            paper.lines(lines, x=MARGIN + 12, y=top + _READ + 6, size=_READ, leading=step)
        paper.frame(x=MARGIN, y=top, width=TEXT_WIDTH, height=height, ink=Ink.LINE, line=1)
        paper.seal_field(x=MARGIN, y=top, width=TEXT_WIDTH, height=height, says=text)

    return _Piece(14 + height + 12, draw)


def _fact(name: str, value: str) -> _Piece:
    """What it is, and under it, larger, what it is here."""
    lines = wrap(fold_spaces(value), face=Face.BOLD, size=_READ + 2, width=TEXT_WIDTH)
    step = (_READ + 2) * _LEADING

    def draw(paper: Paper, y: float) -> None:
        with paper.item():
            paper.text(name, x=MARGIN, y=y + _READ, size=_READ, ink=Ink.GREY)
            top = y + _READ + step
            paper.lines(lines, x=MARGIN, y=top, size=_READ + 2, leading=step, face=Face.BOLD)

    return _Piece(_READ + 8 + len(lines) * step + 12, draw, listed=True)


def _sentence(skill: Skill, content: SheetContent) -> _Piece:
    width = TEXT_WIDTH - _INDENT
    sentence = wrap_evenly(fold_spaces(skill.sentence), face=Face.BOLD, size=_SENTENCE, width=width)
    reference = wrap_evenly(fold_spaces(skill.reference), face=Face.REGULAR, size=SMALLEST, width=width)
    blocks = 0.0 if skill.level is None else _BLOCK + 8
    height = len(sentence) * _SENTENCE * _LEADING + len(reference) * SMALLEST * _LEADING + blocks
    draw = partial(_draw_sentence, skill=skill, content=content, lines=(sentence, reference), height=height)
    return _Piece(height + 20, draw, listed=True)


def _draw_sentence(
    paper: Paper,
    y: float,
    *,
    skill: Skill,
    content: SheetContent,
    lines: tuple[Sequence[str], Sequence[str]],
    height: float,
) -> None:
    x, (sentence, reference) = MARGIN + _INDENT, lines
    paper.box(x=MARGIN, y=y, width=6, height=height, ink=Ink.OCHRE)
    with paper.item():
        step = _SENTENCE * _LEADING
        y = paper.lines(sentence, x=x, y=y + _SENTENCE, size=_SENTENCE, leading=step, face=Face.BOLD)
        y += SMALLEST - _SENTENCE
        step = SMALLEST * _LEADING
        y = paper.lines(reference, x=x, y=y, size=SMALLEST, leading=step, ink=Ink.GREY)
        if skill.level is not None:
            base = y - SMALLEST + _BLOCK + 4
            wide = _BLOCK * 1.18 * content.highest_level
            with paper.figure(skill.level_alt, x=x, y=base - _BLOCK, width=wide, height=_BLOCK):
                draw_blocks(paper, skill.level, of=content.highest_level, x=x, y=base, block=_BLOCK)
