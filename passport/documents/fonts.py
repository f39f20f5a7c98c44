"""The one font family of every print: two faces with all European letters, and how wide a text is.

Decided here: the faces (FiraGO, SIL Open Font License 1.1, from the package `pymupdf-fonts`, cut down to
Latin, Greek and Cyrillic without shaping tables) and that a character without a glyph is refused: a name
printed with a box in it would be an attestation of someone else. Left to others: sizes and places.

The faces are cut and registered once a process (about 0.3 s). They are renamed, because the licence
reserves the name "Fira" and because reportlab shares faces by PostScript name; their name tables keep
four entries, since each subset in each document carries the whole table.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from enum import Enum
from functools import cache, lru_cache
from typing import Final

import pymupdf_fonts
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont as SourceFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from passport.errors import PassportError

__all__ = [
    "Face",
    "fold_spaces",
    "font_file",
    "font_of",
    "require_glyphs",
    "split_sentences",
    "text_width",
    "wrap",
    "wrap_evenly",
]

# Combining marks are left out on purpose: reportlab does not place them, a misplaced accent is a wrong name.
_RANGES: Final = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x259, 0x259),
    (0x2B0, 0x2FF),
    (0x370, 0x3FF),
    (0x400, 0x482),
    (0x48A, 0x52F),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2026),
    (0x2030, 0x203A),
    (0x20AC, 0x20AC),
    (0x2116, 0x2116),
    (0x2190, 0x2193),
)
_DROPPED: Final = ("GSUB", "GPOS", "GDEF", "DSIG", "gasp")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) ")
_EVEN_STEPS: Final = 5
_KEPT: Final = 2048  # broken texts: most of a sheet is the same on the next one


class Face(Enum):
    """A face, by the name under which reportlab knows it."""

    REGULAR = "PassportSans-Regular"
    BOLD = "PassportSans-Bold"


@cache
def _register_faces() -> None:
    """Cut both faces and hand them to reportlab, once a process."""
    for face in Face:
        # asciiReadable would embed all of ASCII in every document; shaping would move the glyphs.
        font = TTFont(face.value, io.BytesIO(font_file(face)), asciiReadable=False, shapable=False)
        pdfmetrics.registerFont(font)


def _cut(source: bytes, name: str) -> bytes:
    font = SourceFont(io.BytesIO(source), lazy=True, recalcTimestamp=False)
    options = Options(layout_features=[], hinting=False, name_IDs=[], glyph_names=False, notdef_outline=True)
    options.drop_tables += list(_DROPPED)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in _RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    family, style = name.split("-")
    for name_id, text in ((1, family), (2, style), (4, name), (6, name)):
        font["name"].setName(text, name_id, 3, 1, 0x409)
    cut = io.BytesIO()
    font.save(cut)
    return cut.getvalue()


@cache
def font_of(face: Face) -> TTFont:
    """Return a face as reportlab knows it."""
    _register_faces()
    return pdfmetrics.getFont(face.value)


@cache
def font_file(face: Face) -> bytes:
    """Return a face as a TrueType file, for what draws pictures."""
    sources = {Face.REGULAR: "figo", Face.BOLD: "figbo"}
    return _cut(pymupdf_fonts.myfont(sources[face]), face.value)


@cache
def _widths(face: Face) -> dict[str, float]:
    """Advance of each character for a size of 1."""
    shape = font_of(face).face
    return {chr(code): shape.charWidths.get(code, 0) / 1000 for code in shape.charToGlyph}


def fold_spaces(text: str) -> str:
    """Return `text` with narrow no-break spaces as no-break spaces: the faces have no narrow one."""
    return text.replace("\u202f", "\u00a0").replace("\u2009", "\u00a0")


def require_glyphs(texts: Iterable[str]) -> None:
    """Refuse a text that the faces cannot print.

    Raises `PassportError` (`glyph_missing`), naming the characters; never their context, which may be
    a person's name.
    """
    known = _widths(Face.REGULAR).keys() & _widths(Face.BOLD).keys()
    missing = sorted({c for text in texts for c in fold_spaces(text)} - known)
    if missing:
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing)
        raise PassportError(
            f"The font of the prints has no glyph for {named}.",
            code="glyph_missing",
            hint="Write the text in Latin, Greek or Cyrillic letters, each with its accent in one character.",
            detail={"characters": tuple(f"U+{ord(character):04X}" for character in missing)},
        )


def text_width(text: str, *, face: Face, size: float) -> float:
    """Return the width of `text` in points."""
    return size * sum(map(_widths(face).__getitem__, text))


@lru_cache(maxsize=_KEPT)
def wrap(text: str, *, face: Face, size: float, width: float) -> tuple[str, ...]:
    """Break `text` into lines of at most `width` points: at spaces, else after a hyphen, else anywhere.

    A no-break space holds its words together. No character is ever lost or clipped: the space where a
    line ends is kept at its end, unseen, so that who listens hears two words (ISO 32000-1 section 14.8.2.5).
    """
    space = text_width(" ", face=face, size=size)
    lines: list[str] = []
    used = width
    for word in text.split(" "):
        wide = text_width(word, face=face, size=size)
        if lines and used + space + wide <= width:
            lines[-1] = f"{lines[-1]} {word}"
            used += space + wide
        else:
            if lines:
                lines[-1] += " "
            lines.extend(_pieces(word, face=face, size=size, width=width))
            used = text_width(lines[-1], face=face, size=size)
    return tuple(lines)


@lru_cache(maxsize=_KEPT)
def wrap_evenly(text: str, *, face: Face, size: float, width: float) -> tuple[str, ...]:
    """Break `text` as `wrap` does, into no more lines, but of lengths as even as they get.

    A last line of one word reads badly in large type.
    """
    lines = wrap(text, face=face, size=size, width=width)
    narrow = width / 2
    for _ in range(_EVEN_STEPS if len(lines) > 1 else 0):
        middle = (narrow + width) / 2
        tried = wrap(text, face=face, size=size, width=middle)
        if len(tried) == len(lines):
            lines, width = tried, middle
        else:
            narrow = middle
    return lines


def split_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of `text`, so that each can begin a line: one idea a line (DOMAIN.md)."""
    return tuple(_SENTENCE_END.split(text))


def _pieces(word: str, *, face: Face, size: float, width: float) -> list[str]:
    """Cut one word that is wider than the line; give it whole when it fits."""
    pieces = []
    while text_width(word, face=face, size=size) > width:
        end = len(word)
        while end > 1 and text_width(word[:end], face=face, size=size) > width:
            end -= 1
        hyphen = word.rfind("-", 0, end) + 1
        end = hyphen or end
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word] if word else pieces
