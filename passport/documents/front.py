"""The front of the sheet: who, what I can do, the levels, who assessed it, and how to check it.

Decided here: the order of reading. Everything that a resident must read is 14 points or more. When the
sentences do not all fit (many skills), the front shows the picture by area and the sentences follow on
pages of their own; the QR symbol is always on the first page. Left to others: the words (`content`),
the sentences (`sentences`), the picture of the levels (`levels`), the panel with the symbol (`panel`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from passport.documents.content import BodyLine, SheetContent
from passport.documents.fonts import Face, fold_spaces, text_width, wrap_evenly
from passport.documents.inks import Ink
from passport.documents.levels import area_rows_height, draw_area_rows, draw_overview
from passport.documents.logo import initials, logo_pixels
from passport.documents.measures import A4, HEADING, LEADING, MARGIN, READ, TEXT_WIDTH
from passport.documents.panel import PANEL_TOP, draw_notice, draw_panel, largest_fitting
from passport.documents.paper import Paper
from passport.documents.sentences import draw_sentences, sentence_size, sentences_height
from passport.documents.symbol import Symbol
from passport.documents.tags import Tag

__all__ = ["draw_front", "draw_head", "draw_specimen_ground", "stands_on_front"]

_NAME_TOP: Final = 106.0
_NAME_SIZES: Final = (38.0, 36.0, 34.0, 31.0, 28.0, 26.0)
_WRAPPED_NAME_SIZES: Final = ((26.0, 2), (22.0, 2), (20.0, 3), (16.0, 4), (READ, 9))
_LOGO_HEIGHT: Final = 46.0
_LOGO_WIDTH: Final = 130.0
_FACT_STEP: Final = 19.5
_GAP: Final = 7.0
_AIR: Final = 20.0
_HEAD_TOP: Final = 32.0


@dataclass(frozen=True, slots=True)
class _Plan:
    """What stands where on the front. `size` is None when the sentences go on pages of their own."""

    name_lines: tuple[str, ...]
    name_size: float
    body_top: float
    facts_top: float
    size: float | None


def draw_front(paper: Paper, content: SheetContent, symbol: Symbol) -> bool:
    """Draw the first page; tell whether all sentences stood on it. Does not turn it."""
    plan = _plan(content)
    draw_specimen_ground(paper, content)
    draw_head(paper, content)
    _draw_name(paper, content, plan)
    if plan.size is None:
        _draw_overview(paper, content, plan)
    else:
        _draw_skills(paper, content, plan, size=plan.size)
    _draw_facts(paper, content, y=plan.facts_top)
    draw_panel(paper, content, symbol)
    draw_notice(paper, content)
    return plan.size is not None


def draw_specimen_ground(paper: Paper, content: SheetContent) -> None:
    """Write the notice of a specimen across the page, pale and behind everything."""
    if content.specimen:
        paper.slanted(content.specimen, x=A4[0] / 2, y=360, size=62, angle=52, ink=Ink.MIST)


class Headed(Protocol):
    """What has a head: whose it is, and whether it is a specimen."""

    @property
    def body(self) -> BodyLine:
        """Whose it is."""

    @property
    def specimen(self) -> str:
        """The notice of a specimen, or ""."""

    @property
    def logo_alt(self) -> str:
        """The logo in words."""


def draw_head(paper: Paper, content: Headed, *, size: float = 16) -> None:
    """Draw the top band (dark, and saying so, on a specimen), then the logo and name of the body."""
    if content.specimen:
        paper.box(x=0, y=0, width=A4[0], height=28, ink=Ink.BLACK)
        with paper.part(Tag.PARAGRAPH):
            paper.centred(content.specimen, x=A4[0] / 2, y=20, size=size, face=Face.BOLD, ink=Ink.WHITE)
    else:
        paper.box(x=0, y=0, width=A4[0], height=12, ink=Ink.PINE)
    x = MARGIN + _draw_emblem(paper, content) + 14
    lines = wrap_evenly(fold_spaces(content.body.name), face=Face.BOLD, size=size, width=A4[0] - MARGIN - x)
    y = _HEAD_TOP + _LOGO_HEIGHT / 2 + 5.5 - (len(lines) - 1) * size * 0.625
    with paper.part(Tag.PARAGRAPH):
        paper.lines(lines, x=x, y=y, size=size, leading=size * 1.25, face=Face.BOLD, ink=Ink.PINE)


def _draw_emblem(paper: Paper, content: Headed) -> float:
    """Draw the logo, or the initials on a round ground; return its width."""
    top = _HEAD_TOP
    if content.body.logo_png is None:
        paper.box(x=MARGIN, y=top, width=_LOGO_HEIGHT, height=_LOGO_HEIGHT, ink=Ink.PINE, radius=12)
        short, middle = initials(content.body.name), MARGIN + _LOGO_HEIGHT / 2
        with paper.aside():
            paper.centred(short, x=middle, y=top + 31, size=22, face=Face.BOLD, ink=Ink.WHITE)
        return _LOGO_HEIGHT
    logo = logo_pixels(content.body.logo_png)
    scale = min(_LOGO_HEIGHT / logo.height, _LOGO_WIDTH / logo.width)
    width, height = logo.width * scale, logo.height * scale
    top += (_LOGO_HEIGHT - height) / 2
    with paper.figure(content.logo_alt, x=MARGIN, y=top, width=width, height=height):
        paper.logo(logo, x=MARGIN, y=top, width=width, height=height)
    return width


def _plan(content: SheetContent) -> _Plan:
    name_size, lines = _name_lines(content.holder_name)
    body_top = _NAME_TOP + len(lines) * name_size * 1.12 + 18
    facts_top = PANEL_TOP - 14 - _FACT_STEP * _fact_lines(content) - 2
    room = facts_top - body_top - 30 - _picture_height(content) - 13
    airy = sentence_size(content, room=room - _AIR, gap=_GAP)
    size = airy or sentence_size(content, room=room, gap=_GAP)
    return _Plan(lines, name_size, body_top, facts_top, size)


def stands_on_front(content: SheetContent) -> bool:
    """Tell whether all sentences stand on the first page of the sheet, or on pages of their own."""
    return _plan(content).size is not None


def _name_lines(name: str) -> tuple[float, tuple[str, ...]]:
    """Shrink a name down to 26 points on one line, then wrap it; it is never clipped."""
    folded = fold_spaces(name)
    size = largest_fitting(folded, sizes=_NAME_SIZES, face=Face.BOLD, width=TEXT_WIDTH)
    if text_width(folded, face=Face.BOLD, size=size) <= TEXT_WIDTH:
        return size, (folded,)
    for size, most in _WRAPPED_NAME_SIZES:
        lines = wrap_evenly(folded, face=Face.BOLD, size=size, width=TEXT_WIDTH)
        if len(lines) <= most:
            break
    return size, lines


def _picture_height(content: SheetContent) -> float:
    if content.skills[0].level is None:
        return LEADING
    return area_rows_height(content, width=TEXT_WIDTH) + LEADING


def _draw_name(paper: Paper, content: SheetContent, plan: _Plan) -> None:
    size = plan.name_size
    with paper.part(Tag.H1):
        paper.text(content.title, x=MARGIN, y=_NAME_TOP - 4, size=16, ink=Ink.PINE)
        y = _NAME_TOP + size * 1.02
        paper.lines(plan.name_lines, x=MARGIN, y=y, size=size, leading=size * 1.12, face=Face.BOLD)
    with paper.part(Tag.H2):
        y = plan.body_top + 16
        paper.text(content.can_do, x=MARGIN, y=y, size=HEADING, face=Face.BOLD, ink=Ink.PINE)


def _draw_skills(paper: Paper, content: SheetContent, plan: _Plan, *, size: float) -> None:
    """Sentences, then the picture; what room is left over is shared out between them."""
    picture = _picture_height(content)
    used = sentences_height(content, size=size, gap=_GAP) + picture
    spare = plan.facts_top - 13 - (plan.body_top + 30) - used
    gap = _GAP + min(10.0, spare / (len(content.skills) + 2))
    y = draw_sentences(paper, content, y=plan.body_top + 30, size=size, gap=gap)
    y += 12 + min(20.0, (plan.facts_top - 13 - picture - y) / 3)
    if content.skills[0].level is not None:
        y = draw_area_rows(paper, content, x=MARGIN, y=y, width=TEXT_WIDTH)
    _draw_not_assessed(paper, content, y=y)


def _draw_not_assessed(paper: Paper, content: SheetContent, *, y: float) -> None:
    with paper.part(Tag.PARAGRAPH):
        paper.text(content.not_assessed, x=MARGIN, y=y + READ, size=READ, ink=Ink.GREY)


def _draw_overview(paper: Paper, content: SheetContent, plan: _Plan) -> None:
    top, bottom = plan.body_top + 32, plan.facts_top - 14
    if content.skills[0].level is None:
        with paper.part(Tag.LIST):
            for skill in content.skills:
                with paper.item():
                    paper.text(skill.label, x=MARGIN, y=top + READ, size=READ)
                top += LEADING
    else:
        room = bottom + 6 - LEADING - top
        top = draw_overview(paper, content, x=MARGIN, y=top, width=TEXT_WIDTH, room=room)
    _draw_not_assessed(paper, content, y=top)


def _fact_lines(content: SheetContent) -> int:
    start = _facts_start(content)
    return sum(len(_fact_value(value, start)) for _, value in content.facts)


def _facts_start(content: SheetContent) -> float:
    return max(text_width(fold_spaces(f), face=Face.REGULAR, size=READ) for f, _ in content.facts) + 16


def _fact_value(value: str, start: float) -> tuple[str, ...]:
    return wrap_evenly(fold_spaces(value), face=Face.BOLD, size=READ, width=TEXT_WIDTH - start)


def _draw_facts(paper: Paper, content: SheetContent, *, y: float) -> None:
    start = _facts_start(content)
    paper.box(x=MARGIN, y=y - 2.5, width=TEXT_WIDTH, height=0.8, ink=Ink.RULE)
    y += READ
    with paper.part(Tag.LIST):
        for name, value in content.facts:
            lines = _fact_value(value, start)
            with paper.item():
                paper.text(name, x=MARGIN, y=y, size=READ, ink=Ink.GREY)
                y = paper.lines(lines, x=MARGIN + start, y=y, size=READ, leading=_FACT_STEP, face=Face.BOLD)
