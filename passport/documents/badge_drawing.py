"""A small square picture from boxes and lines of text, as an SVG and as a PNG that look the same.

Decided here: letters become outlines in the SVG (it names no font and loads nothing), and the PNG has a
small palette, so that a badge weighs a few kilobytes. Left to others: what stands where
(`passport.documents.badge`).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from passport.documents.fonts import Face, font_file
from passport.documents.inks import Ink

__all__ = ["Shapes", "picture_png", "picture_svg"]

_SCALE: Final = 1.25
_SMOOTH: Final = 2
_COLOURS: Final = 64


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    radius: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    x: float
    y: float
    size: float
    face: Face
    ink: Ink


@dataclass(slots=True)
class Shapes:
    """What is drawn, in order, in units of which `side` make the picture; `y` runs down."""

    side: float
    drawn: list[_Box | _Line] = field(default_factory=list)

    def box(self, *, x: float, y: float, width: float, height: float, radius: float, ink: Ink) -> None:
        """Fill a rectangle with round corners."""
        self.drawn.append(_Box(x, y, width, height, radius, ink))

    def line(self, text: str, *, x: float, y: float, size: float, face: Face, ink: Ink) -> None:
        """Write one line whose letters stand on `y`."""
        self.drawn.append(_Line(text, x, y, size, face, ink))


def picture_svg(shapes: Shapes, *, title: str) -> bytes:
    """Return the picture as an SVG; `title` is its text alternative."""
    side = f"{shapes.side:g}"
    parts = [_svg_box(one) if isinstance(one, _Box) else _svg_line(one) for one in shapes.drawn]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{side}" height="{side}" '
        f'viewBox="0 0 {side} {side}"><title>{escape(title)}</title>{"".join(parts)}</svg>\n'
    ).encode()


def _svg_box(box: _Box) -> str:
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:.2f}" height="{box.height:g}"'
    return f'<rect {place} rx="{box.radius:g}" fill="{_hexadecimal(box.ink)}"/>'


def _svg_line(line: _Line) -> str:
    glyphs, names, units = _glyphs(line.face)
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.1f}".removesuffix(".0"))
    scale, x = line.size / units, line.x
    for character in line.text:
        glyph = glyphs[names[ord(character)]]
        glyph.draw(TransformPen(pen, (scale, 0, 0, -scale, x, line.y)))
        x += glyph.width * scale
    return f'<path fill="{_hexadecimal(line.ink)}" d="{pen.getCommands()}"/>'


@cache
def _glyphs(face: Face) -> tuple[Any, dict[int, str], int]:
    font = TTFont(io.BytesIO(font_file(face)))
    return font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm


def picture_png(shapes: Shapes) -> bytes:
    """Return the picture as a PNG of at most 64 colours."""
    scale = _SCALE * _SMOOTH
    side = round(shapes.side * scale)
    canvas = Image.new("RGB", (side, side), "white")
    brush = ImageDraw.Draw(canvas)
    for one in shapes.drawn:
        if isinstance(one, _Box):
            edges = (one.x, one.y, one.x + one.width, one.y + one.height)
            corners = [round(edge * scale) - (at > 1) for at, edge in enumerate(edges)]
            brush.rounded_rectangle(corners, radius=one.radius * scale, fill=_bytes(one.ink))
        else:
            font = ImageFont.truetype(
                io.BytesIO(font_file(one.face)), one.size * scale, layout_engine=ImageFont.Layout.BASIC
            )
            brush.text((one.x * scale, one.y * scale), one.text, font=font, fill=_bytes(one.ink), anchor="ls")
    small = canvas.resize((side // _SMOOTH, side // _SMOOTH), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _bytes(ink: Ink) -> tuple[int, int, int]:
    red, green, blue = (round(part * 255) for part in ink.value)
    return red, green, blue


def _hexadecimal(ink: Ink) -> str:
    return "#" + "".join(f"{part:02x}" for part in _bytes(ink))
