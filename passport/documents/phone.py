"""The picture for a phone: the symbol across the whole screen, the code and what to compare under it.

Decided here: 1080 pixels wide (the phone scales it down, never up), whole pixels a module, black on white
and never inverted, the quiet zone, the code in groups under the symbol so that it can be read out. The
picture of a whole A4 page cannot be scanned from a screen; this one can. Left to others: the words
(`content`), the symbol (`symbol`).
"""

from __future__ import annotations

import io
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from passport.documents.content import SheetContent
from passport.documents.fonts import Face, fold_spaces, font_file, require_glyphs
from passport.documents.symbol import QUIET_ZONE, Symbol

__all__ = ["PHONE_PX", "render_phone_picture"]

PHONE_PX: Final = 1080
_EDGE: Final = 60
_BLACK, _WHITE = 0, 255
_SPECIMEN_BAND: Final = 110
# Sixteen greys are enough for the edges of letters, and halve the file.
_GREYS: Final = [value // 16 for value in range(256)]
_PALETTE: Final = [value * 17 for value in range(16) for _ in range(3)]


def render_phone_picture(content: SheetContent, symbol: Symbol) -> bytes:
    """Return a PNG, 1080 pixels wide. Raises `PassportError` (`glyph_missing`)."""
    lines = (
        (content.code, Face.BOLD, 118),
        (f"{content.card.check} {content.card.compare}", Face.REGULAR, 52),
        (content.domain, Face.BOLD, 52),
    )
    require_glyphs(text for text, _, _ in lines)
    top = _SPECIMEN_BAND if content.specimen else 0
    below = top + PHONE_PX
    fonts = [_fitting(text, face, size) for text, face, size in lines]
    height = below + sum(round(font.size * 1.35) for font in fonts) + _EDGE
    picture = Image.new("L", (PHONE_PX, height), _WHITE)
    drawing = ImageDraw.Draw(picture)
    if content.specimen:
        drawing.rectangle((0, 0, PHONE_PX, _SPECIMEN_BAND), fill=_BLACK)
        font = _fitting(content.specimen, Face.BOLD, 64)
        drawing.text((PHONE_PX // 2, top // 2), content.specimen, _WHITE, font=font, anchor="mm")
    _paste(picture, symbol, top=top)
    y = below
    for (text, _, _), font in zip(lines, fonts, strict=True):
        drawing.text((PHONE_PX // 2, y), fold_spaces(text), _BLACK, font=font, anchor="ma")
        y += round(font.size * 1.35)
    return _png(picture)


def _paste(picture: Image.Image, symbol: Symbol, *, top: int) -> None:
    """Put the symbol in the middle of the square under `top`, as large as whole pixels allow."""
    module = PHONE_PX // (symbol.size + 2 * QUIET_ZONE)
    width = (symbol.size + 7) // 8
    padding = 8 * width - symbol.size
    rows = b"".join((~(row << padding) & (1 << 8 * width) - 1).to_bytes(width) for row in symbol.rows)
    modules = Image.frombytes("1", (symbol.size, symbol.size), rows)
    side = symbol.size * module
    edge = (PHONE_PX - side) // 2
    picture.paste(modules.resize((side, side), Image.Resampling.NEAREST), (edge, top + edge))


@cache
def _font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    # No shaping: the same letters wherever the picture is made.
    return ImageFont.truetype(io.BytesIO(font_file(face)), size, layout_engine=ImageFont.Layout.BASIC)


def _fitting(text: str, face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Return the face at `size`, or smaller where the text is wider than the picture."""
    wide = _font(face, size).getlength(fold_spaces(text))
    room = PHONE_PX - 2 * _EDGE
    return _font(face, size if wide <= room else max(1, int(size * room / wide)))


def _png(picture: Image.Image) -> bytes:
    grey = picture.point(_GREYS).convert("P")
    grey.putpalette(_PALETTE)
    out = io.BytesIO()
    grey.save(out, "PNG", bits=4, compress_level=4)
    return out.getvalue()
