"""The QR symbol that is printed on paper and shown on screens: drawn, measured, as PNG and as SVG.

Decided here: level M, one byte segment (the address) then one numeric segment (the payload), the mask of
least penalty, how wide a symbol is printed (DESIGN, "The QR, measured") and the quiet zone. Left to
others: what the digits say (`passport.formats`), the sheet around the symbol (`passport.documents.sheet`).

    symbol = draw_symbol("https://example.org/v#", "0123456789")
    symbol_png(symbol, module_px=8)
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from passport.documents.codewords import codeword_bits, smallest_version
from passport.documents.modules import best_mask, masked, placed, split_rows

__all__ = ["QUIET_ZONE", "Symbol", "draw_symbol", "print_width_mm", "symbol_png", "symbol_svg"]

QUIET_ZONE: Final = 4
"""Modules of white on every side (ISO/IEC 18004:2015 section 9.1)."""

_WIDTH_MM: Final = 40.0
_WIDTH_VERSION_12_MM: Final = 44.0
_DARK_RUN: Final = re.compile("1+")
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A finished symbol. `rows`: from top to bottom, the first module in the highest bit, 1 is dark."""

    version: int
    mask: int
    rows: tuple[int, ...]

    @property
    def size(self) -> int:
        """Modules on a side, without the quiet zone."""
        return len(self.rows)

    def at(self, row: int, col: int) -> bool:
        """Tell whether the module is dark; row and column count from 0 at the top left."""
        if not (0 <= row < self.size and 0 <= col < self.size):
            raise IndexError(f"no module at row {row}, column {col} of {self.size}")
        return bool(self.rows[row] >> (self.size - 1 - col) & 1)

    def dark_runs(self) -> Iterator[tuple[int, int, int]]:
        """Give each run of dark modules of a row as (row, first column, length)."""
        for row, bits in enumerate(self.rows):
            for run in _DARK_RUN.finditer(f"{bits:0{self.size}b}"):
                yield row, run.start(), run.end() - run.start()


def draw_symbol(url: str, digits: str, *, mask: int | None = None) -> Symbol:
    """Draw the symbol of the text `url` followed by `digits`, at level M, in the smallest version.

    `url`: printable ASCII, for instance ``https://host/v#``. `mask`: 0 to 7, or None for the one of
    least penalty. Raises `PassportError`: `qr_text`, `qr_too_large` (`LIMITS.qr_max_version`).
    """
    version = smallest_version(url, digits)
    data = placed(codeword_bits(url, digits, version=version), version)
    chosen = best_mask(data, version) if mask is None else mask
    return Symbol(version, chosen, split_rows(masked(data, version, chosen), version))


def print_width_mm(symbol: Symbol) -> float:
    """Return the printed width without the quiet zone: 40 mm up to version 11, 44 mm for version 12."""
    return _WIDTH_MM if symbol.version <= 11 else _WIDTH_VERSION_12_MM


def symbol_png(symbol: Symbol, *, module_px: int, quiet: int = QUIET_ZONE) -> bytes:
    """Return a PNG of one bit a pixel, whole pixels a module, whose pHYs makes it print at its width.

    `module_px`: pixels a module, 1 to 64. `quiet`: modules of white around it.
    """
    if not 1 <= module_px <= 64 or not 0 <= quiet <= 64:
        raise ValueError(f"module_px {module_px} or quiet {quiet} is out of range")
    side = (symbol.size + 2 * quiet) * module_px
    per_metre = round(symbol.size * module_px * 1000 / print_width_mm(symbol))
    return b"".join(
        (
            _PNG_SIGNATURE,
            _png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            _png_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            _png_chunk(b"IDAT", zlib.compress(_png_lines(symbol, module_px, quiet), 6)),
            _png_chunk(b"IEND", b""),
        )
    )


def _png_lines(symbol: Symbol, module_px: int, quiet: int) -> bytes:
    """Filter byte 0 and packed pixels for each line; in a grey PNG 1 is white."""
    side = (symbol.size + 2 * quiet) * module_px
    margin = "1" * (quiet * module_px)
    wide = str.maketrans({"0": "1" * module_px, "1": "0" * module_px})
    lines = [_png_line(margin + f"{row:0{symbol.size}b}".translate(wide) + margin) for row in symbol.rows]
    blank = _png_line("1" * side) * (quiet * module_px)
    return blank + b"".join(line * module_px for line in lines) + blank


def _png_line(bits: str) -> bytes:
    length = (len(bits) + 7) // 8
    return b"\0" + int(bits.ljust(8 * length, "0"), 2).to_bytes(length)


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def symbol_svg(symbol: Symbol, *, title: str) -> str:
    """Return an SVG for web pages: a white ground with its quiet zone and one path, a unit a module.

    `title` is its text alternative, in the language of the page. The inks are said here: black on white
    also on a dark page.
    """
    side = symbol.size + 2 * QUIET_ZONE
    path = "".join(
        f"M{column + QUIET_ZONE} {row + QUIET_ZONE}h{length}v1h-{length}z"
        for row, column, length in symbol.dark_runs()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"'
        f' role="img"><title>{escape(title)}</title>'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )
