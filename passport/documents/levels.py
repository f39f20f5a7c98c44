"""Levels as a small picture: blocks in a row, filled up to the level, readable in black and white.

Decided here: how big blocks are and how areas are laid out: beside their names (a few skills), or as a
table by area in one column at reading size, or in two at 11 points (many skills). A filled block is
dark, an empty one an outline: no colour is needed. Left to others: where the picture stands (`front`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from passport.documents.content import AreaLine, SheetContent, Skill
from passport.documents.fonts import Face, fold_spaces, text_width, wrap
from passport.documents.inks import Ink
from passport.documents.measures import READ
from passport.documents.paper import Paper
from passport.documents.tags import Tag

__all__ = ["area_rows_height", "draw_area_rows", "draw_blocks", "draw_overview"]

_ROW: Final = 20.5
_BLOCK: Final = 8.0
_PITCH: Final = 1.18
_CAPTION: Final = 9.5
_GUTTER: Final = 15.0


def draw_blocks(paper: Paper, level: int, *, of: int, x: float, y: float, block: float) -> None:
    """Draw `of` blocks standing on `y`, the first `level` of them filled."""
    for number in range(of):
        left, top = x + number * block * _PITCH, y - block
        if number < level:
            paper.box(x=left, y=top, width=block, height=block, ink=Ink.PINE)
        else:
            paper.frame(x=left, y=top, width=block, height=block, ink=Ink.LINE, line=0.6)


def area_rows_height(content: SheetContent, *, width: float) -> float:
    """Return the height of `draw_area_rows`."""
    return _ROW * sum(-(-len(area.skills) // _per_row(content, width)) for area in content.areas)


def draw_area_rows(paper: Paper, content: SheetContent, *, x: float, y: float, width: float) -> float:
    """Draw each area from the top edge `y`: its name at reading size, then its skills beside it.

    Skills that do not fit beside the name go on in the next row. Returns the `y` below.
    """
    per_row, start = _per_row(content, width), x + _label_width(content) + _GUTTER
    with paper.part(Tag.LIST):
        for area in content.areas:
            with paper.item():
                paper.text(area.label, x=x, y=y + READ, size=READ)
                for at, skill in enumerate(area.skills):
                    row, place = divmod(at, per_row)
                    left, top = start + place * _group_width(content), y + row * _ROW
                    _draw_group(paper, skill, content, x=left, y=top)
            y += _ROW * -(-len(area.skills) // per_row)
    return y


def _draw_group(paper: Paper, skill: Skill, content: SheetContent, *, x: float, y: float) -> None:
    """Draw the blocks of one skill with its number beside them: one figure, since neither says all."""
    told = f"{skill.id} {skill.label}. {skill.level_alt}"
    with paper.figure(told, x=x, y=y, width=_group_width(content) - _GUTTER, height=_ROW):
        base = y + READ
        draw_blocks(paper, skill.level or 0, of=content.highest_level, x=x, y=base, block=_BLOCK)
        x += _BLOCK * _PITCH * content.highest_level + 6
        paper.text(_caption(skill, content), x=x, y=base, size=_CAPTION, ink=Ink.GREY)


def _caption(skill: Skill, content: SheetContent) -> str:
    return f"{skill.id} · {content.level_title.lower()} {skill.level}"


def _per_row(content: SheetContent, width: float) -> int:
    return max(1, int((width - _label_width(content)) // _group_width(content)))


def _label_width(content: SheetContent) -> float:
    return max(text_width(fold_spaces(a.label), face=Face.REGULAR, size=READ) for a in content.areas)


def _group_width(content: SheetContent) -> float:
    captions = (fold_spaces(_caption(skill, content)) for skill in content.skills)
    widest = max(text_width(caption, face=Face.REGULAR, size=_CAPTION) for caption in captions)
    return _BLOCK * _PITCH * content.highest_level + 6 + widest + _GUTTER


@dataclass(frozen=True, slots=True)
class _Table:
    """The measures of a table by area, for one size of its lines."""

    columns: int
    line: float
    line_step: float
    area: float
    area_step: float
    area_gap: float
    block: float


_TABLES: Final = (
    _Table(columns=1, line=READ, line_step=20, area=16, area_step=23, area_gap=7, block=8),
    _Table(columns=1, line=READ, line_step=18, area=READ, area_step=20, area_gap=5, block=8),
    _Table(columns=1, line=12.5, line_step=16.5, area=READ, area_step=18, area_gap=4, block=7),
    _Table(columns=2, line=11, line_step=16.5, area=READ, area_step=20, area_gap=9, block=3.7),
    _Table(columns=2, line=11, line_step=15, area=READ, area_step=19, area_gap=7, block=3.7),
    _Table(columns=2, line=11, line_step=13.8, area=READ, area_step=17.5, area_gap=4, block=3.7),
)
_WRAPPED_STEP: Final = 1.1  # of the size of the line


@dataclass(frozen=True, slots=True)
class _Entry:
    """A skill with its label broken into lines."""

    skill: Skill
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """An area of a table, with its height."""

    label: str
    entries: tuple[_Entry, ...]
    height: float


def draw_overview(
    paper: Paper, content: SheetContent, *, x: float, y: float, width: float, room: float
) -> float:
    """Draw every area with a line a skill (name, blocks, number) in the largest table that fits `room`.

    Labels that are too long go on in a second line, never smaller than 11 points. Returns the `y` below.
    """
    fitting = (t for t in _TABLES if _height(_columns(content, t, width)) <= room)
    table = next(fitting, _TABLES[-1])
    columns = _columns(content, table, width)
    column_width = _column_width(table, width)
    for at, column in enumerate(columns):
        left, top = x + at * (column_width + _GUTTER), y
        for part in column:
            _draw_part(paper, part, content, table, x=left, y=top, width=column_width)
            top += part.height
    return y + _height(columns)


def _draw_part(
    paper: Paper,
    part: _Part,
    content: SheetContent,
    table: _Table,
    *,
    x: float,
    y: float,
    width: float,
) -> None:
    with paper.part(Tag.H3):
        paper.text(part.label, x=x, y=y + table.area, size=table.area, face=Face.BOLD, ink=Ink.PINE)
    y += table.area_step
    with paper.part(Tag.LIST):
        for entry in part.entries:
            with paper.item():
                _draw_entry(paper, entry, content, table, x=x, y=y, width=width)
            y += _entry_height(entry, table)


def _draw_entry(
    paper: Paper,
    entry: _Entry,
    content: SheetContent,
    table: _Table,
    *,
    x: float,
    y: float,
    width: float,
) -> None:
    base, level = y + table.line, entry.skill.level or 0
    right = x + width - 0.7 * table.line
    left = right - _blocks_width(content, table) - 0.35 * table.line
    paper.lines(entry.lines, x=x, y=base, size=table.line, leading=_WRAPPED_STEP * table.line)
    with paper.figure(entry.skill.level_alt, x=left, y=y, width=x + width - left, height=table.line_step):
        draw_blocks(paper, level, of=content.highest_level, x=left, y=base - 0.5, block=table.block)
        paper.text(str(level), x=right, y=base, size=table.line, face=Face.BOLD)


def _part(area: AreaLine, content: SheetContent, table: _Table, width: float) -> _Part:
    room = _column_width(table, width) - _blocks_width(content, table) - 1.5 * table.line
    entries = tuple(
        _Entry(skill, wrap(fold_spaces(skill.label), face=Face.REGULAR, size=table.line, width=room))
        for skill in area.skills
    )
    height = table.area_step + table.area_gap + sum(_entry_height(entry, table) for entry in entries)
    return _Part(area.label, entries, height)


def _entry_height(entry: _Entry, table: _Table) -> float:
    return table.line_step + (len(entry.lines) - 1) * _WRAPPED_STEP * table.line


def _blocks_width(content: SheetContent, table: _Table) -> float:
    return table.block * _PITCH * content.highest_level


def _column_width(table: _Table, width: float) -> float:
    return (width - _GUTTER * (table.columns - 1)) / table.columns


def _columns(content: SheetContent, table: _Table, width: float) -> tuple[tuple[_Part, ...], ...]:
    """Split the areas, in order, where the taller column is the shortest."""
    parts = tuple(_part(area, content, table, width) for area in content.areas)
    if table.columns == 1:
        return (parts,)
    return min(((parts[:at], parts[at:]) for at in range(1, len(parts) + 1)), key=_height)


def _height(columns: tuple[tuple[_Part, ...], ...]) -> float:
    return max(sum(part.height for part in column) for column in columns)
