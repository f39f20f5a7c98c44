"""The badge: a square picture for the screen, in which the credential is baked (Open Badges 3.0).

Decided here: what the picture shows and how it looks: who attests, in which framework, how far at most, and
that it is no diploma. It shows no name: a badge is put on public pages, and who holds it is in the signed
credential. Levels as blocks, as on the sheet; a framework of mentions shows words, never a number.
No ribbon, seal or laurel, no tricolour: it must look like neither a diploma nor a document of the State.
The SVG draws its letters as outlines, so that it needs no font and loads nothing; the PNG is drawn from the
same shapes. The same content gives the same bytes.

Left to others: baking (`passport.baking`), the words (`passport.pages.catalogue`), the token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from passport.baking.png import bake_png
from passport.baking.svg import bake_svg
from passport.documents.badge_drawing import Shapes, picture_png, picture_svg
from passport.documents.content import BodyLine
from passport.documents.fonts import Face, fold_spaces, require_glyphs, text_width, wrap, wrap_evenly
from passport.documents.inks import Ink
from passport.framework import Lang, framework
from passport.model import Attestation
from passport.pages.catalogue import catalogue

__all__ = ["BadgeContent", "badge_content", "render_badge_png", "render_badge_svg"]

_SIDE: Final = 512.0
_EDGE: Final = 40.0
_ROOM: Final = _SIDE - 2 * _EDGE
_BAND: Final = 84.0
_TITLE_SIZES: Final = (34.0, 31.0, 28.0, 25.0, 22.0)
_GAP: Final = 8.0
_TALLEST: Final = 44.0
_SPECIMEN: Final = 52.0
_BODY: Final = (30.0, 26.0, 22.0, 19.0, 17.0)
_MOST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class BadgeContent:
    """The words of a badge. `level` is None where the framework shows none; `specimen`: a notice or empty."""

    title: str
    body: str
    framework: str
    level: int | None
    highest_level: int
    level_words: str
    level_number: str
    not_diploma: str
    specimen: str


def badge_content(attestation: Attestation, *, body: BodyLine, specimen: bool, lang: Lang) -> BadgeContent:
    """Return what the badge of `attestation` says.

    Raises `UnsupportedError` for a framework or level that is not published here.
    """
    words, known = catalogue(lang), framework(attestation.framework)
    highest = max(attestation.levels.values())
    numbered = known.shown_as_level
    number = words.text("badge.up_to", level=highest, max=known.max_level) if numbered else ""
    return BadgeContent(
        title=words.text("card.title"),
        body=body.name,
        framework=known.title(lang).split(",")[0],
        level=highest if numbered else None,
        highest_level=known.max_level,
        level_words=known.level_label(highest, lang),
        level_number=number,
        not_diploma=words.text("card.not_diploma"),
        specimen=words.text("sheet.specimen") if specimen or attestation.specimen else "",
    )


def render_badge_svg(content: BadgeContent, token: bytes) -> bytes:
    """Return the badge as an SVG with `token` baked in. Raises `PassportError` (`glyph_missing`)."""
    return bake_svg(picture_svg(_shapes(content), title=_spoken(content)), token)


def render_badge_png(content: BadgeContent, token: bytes) -> bytes:
    """Return the badge as a PNG, 640 pixels a side, with `token` baked in. Raises as the SVG does."""
    return bake_png(picture_png(_shapes(content)), token)


def _spoken(content: BadgeContent) -> str:
    """Everything that is drawn, as one text alternative, in order of reading."""
    level = content.level_number or content.level_words
    parts = (content.specimen, content.title, content.body, content.framework, level, content.not_diploma)
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _shapes(content: BadgeContent) -> Shapes:
    require_glyphs((content.title, content.body, content.framework, content.level_words))
    shapes = Shapes(side=_SIDE)
    shapes.box(x=0, y=0, width=_SIDE, height=_SIDE, radius=0, ink=Ink.PINE)
    # White lies on no other white and under nothing dark: an edge drawn twice would show as a seam.
    bottom = _SIDE - 12 - (_SPECIMEN if content.specimen else 0)
    _draw_panel(shapes, top=12 + _BAND + 7, bottom=bottom, rounded=not content.specimen, ink=Ink.WHITE)
    _draw_title(shapes, content.title)
    foot = _draw_foot(shapes, content)
    y = _draw_body(shapes, content.body, y=12 + _BAND + 30)
    _draw_level(shapes, content, y=y, foot=foot)
    return shapes


def _draw_panel(shapes: Shapes, *, top: float, bottom: float, rounded: bool, ink: Ink) -> None:
    """Fill the width inside the frame, its lower corners round or not."""
    if rounded:
        shapes.box(x=12, y=bottom - 52, width=_SIDE - 24, height=52, radius=26, ink=ink)
        bottom -= 26
    shapes.box(x=12, y=top, width=_SIDE - 24, height=bottom - top, radius=0, ink=ink)


def _draw_title(shapes: Shapes, title: str) -> None:
    shapes.box(x=12, y=12 + _BAND, width=_SIDE - 24, height=7, radius=0, ink=Ink.OCHRE)
    text = fold_spaces(title)
    size = next((s for s in _TITLE_SIZES if text_width(text, face=Face.BOLD, size=s) <= _ROOM), 20.0)
    shapes.line(text, x=_EDGE, y=12 + _BAND / 2 + size * 0.36, size=size, face=Face.BOLD, ink=Ink.WHITE)


def _draw_body(shapes: Shapes, name: str, *, y: float) -> float:
    """Write the body's name in the largest size that needs at most three lines; return the `y` below."""
    text = fold_spaces(name)
    fitting = (s for s in _BODY if len(wrap(text, face=Face.BOLD, size=s, width=_ROOM)) <= _MOST_LINES)
    size = next(fitting, _BODY[-1])
    for line in wrap_evenly(text, face=Face.BOLD, size=size, width=_ROOM):
        y += size * 1.15
        shapes.line(line, x=_EDGE, y=y, size=size, face=Face.BOLD, ink=Ink.BLACK)
    return y


def _draw_level(shapes: Shapes, content: BadgeContent, *, y: float, foot: float) -> None:
    """Framework, blocks and words, in the middle of what is left between `y` and `foot`."""
    blocks = _TALLEST if content.level is not None else 0.0
    height = 30 + (blocks + 18 if blocks else 0) + 34 + (28 if content.level_number else 0)
    y += max(14.0, (foot - y - height) / 2) + 24
    _fitted(shapes, content.framework, y=y, size=26, face=Face.REGULAR, ink=Ink.PINE)
    if content.level is not None:
        width = (_ROOM - _GAP * (content.highest_level - 1)) / content.highest_level
        for number in range(content.highest_level):
            x, ink = _EDGE + number * (width + _GAP), Ink.PINE if number < content.level else Ink.LINE
            shapes.box(x=x, y=y + 18, width=width, height=blocks, radius=4, ink=ink)
            if number >= content.level:
                inner = (width - 5, blocks - 5)
                shapes.box(x=x + 2.5, y=y + 20.5, width=inner[0], height=inner[1], radius=2, ink=Ink.WHITE)
        y += 18 + blocks
    y += 36
    _fitted(shapes, content.level_words, y=y, size=28, face=Face.BOLD, ink=Ink.BLACK)
    if content.level_number:
        _fitted(shapes, content.level_number, y=y + 28, size=21, face=Face.REGULAR, ink=Ink.BLACK)


def _draw_foot(shapes: Shapes, content: BadgeContent) -> float:
    """From the bottom up: what this is not, and the specimen notice; return where it begins."""
    y = _SIDE - 34
    if content.specimen:
        top = _SIDE - 12 - _SPECIMEN
        _draw_panel(shapes, top=top, bottom=_SIDE - 12, rounded=True, ink=Ink.BLACK)
        _fitted(shapes, content.specimen, y=top + 34, size=27, face=Face.BOLD, ink=Ink.WHITE)
        y = top - 14
    _fitted(shapes, content.not_diploma, y=y, size=17, face=Face.REGULAR, ink=Ink.GREY)
    return y - 20


def _fitted(shapes: Shapes, text: str, *, y: float, size: float, face: Face, ink: Ink) -> None:
    """Write one line, smaller when it would be too wide: no text is clipped."""
    folded = fold_spaces(text)
    size = min(size, size * _ROOM / text_width(folded, face=face, size=size))
    shapes.line(folded, x=_EDGE, y=y, size=size, face=face, ink=ink)
