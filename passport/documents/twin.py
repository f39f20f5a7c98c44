"""The twin of a print: an HTML document that says the same words, for who reads with ears or fingers.

Decided here: that a twin is built from the very content and symbol of the PDF and holds its words in
its order (WCAG 2.2 success criterion 1.3.2), that it stands alone (one file; its policy allows no script
and no request), and how wide the symbol is: whole pixels a module on a screen, the millimetres of the
print on paper. The address of the checking page is a link that carries the token, as the symbol does for
a camera. Left to others: the words (`content`), the shape of the document (`passport.pages`,
``twin*.html``), the PDF (`sheet`, `card`).

    render_twin(content, symbol, check_url="https://example.org/v#0123456789")
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup
from PIL import Image

from passport.documents.card import CARD_SYMBOL_MM, skill_lines
from passport.documents.content import SheetContent
from passport.documents.fonts import split_sentences
from passport.documents.front import stands_on_front
from passport.documents.logo import initials, logo_pixels
from passport.documents.symbol import QUIET_ZONE, Symbol, print_width_mm, symbol_svg
from passport.errors import PassportError
from passport.pages.catalogue import catalogue
from passport.pages.rendering import render

__all__ = ["render_card_twin", "render_twin"]

_MODULE_PX: Final = 4  # 73 modules with their quiet zone are 292 pixels: they stand on a screen of 320


def render_twin(content: SheetContent, symbol: Symbol, *, check_url: str) -> bytes:
    """Return the twin of the sheet, and of the large edition: it says the same, at any size.

    `check_url`: what the symbol says, ``https://host/v#digits``. Raises `PassportError`: `twin_address`
    (no web address), `logo_unreadable`.
    """
    return _document(
        "twin.html",
        content,
        symbol,
        check_url=check_url,
        print_mm=print_width_mm(symbol),
        on_front=stands_on_front(content),
        days=dict(content.days),
        ideas=split_sentences,
        initials=initials(content.body.name),
        logo=_logo(content.body.logo_png),
    )


def render_card_twin(content: SheetContent, symbol: Symbol, *, check_url: str) -> bytes:
    """Return the twin of the card. Raises as `render_twin` does."""
    return _document(
        "twin_card.html",
        content,
        symbol,
        check_url=check_url,
        print_mm=CARD_SYMBOL_MM,
        skill_lines=skill_lines(content),
    )


def _document(
    template: str,
    content: SheetContent,
    symbol: Symbol,
    *,
    check_url: str,
    print_mm: float,
    **values: object,
) -> bytes:
    if urlsplit(check_url).scheme not in {"https", "http"}:
        raise PassportError("The address of a twin is not a web address.", code="twin_address")
    style = _style(symbol, print_mm=print_mm)
    text = render(
        template,
        content.lang,
        content=content,
        check_url=check_url,
        style=Markup(style),  # noqa: S704  our own style sheet, in which two numbers were put
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
        symbol=Markup(symbol_svg(symbol, title=catalogue(content.lang).text("sheet.qr_alt"))),  # noqa: S704
        **values,
    )
    return text.encode()


def _style(symbol: Symbol, *, print_mm: float) -> str:
    modules = symbol.size + 2 * QUIET_ZONE
    wide = f"{print_mm * modules / symbol.size:.3f}"
    return render("twin.css", "fr", symbol_px=modules * _MODULE_PX, symbol_mm=wide).strip()


def _logo(png: bytes | None) -> str:
    """Return the logo as the print has it, as a ``data:`` address; empty when the body has none."""
    if png is None:
        return ""
    pixels = logo_pixels(png)
    out = io.BytesIO()
    flat = Image.frombytes("RGB", (pixels.width, pixels.height), zlib.decompress(pixels.deflated))
    flat.save(out, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
