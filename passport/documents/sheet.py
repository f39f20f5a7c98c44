"""The A4 sheet as a PDF: front, pages of sentences when they are many, back.

Decided here: the order of the pages and what is refused before drawing. The same content and symbol give
the same bytes. Left to others: the pages themselves (`front`, `sentences`, `back`), the file (`paper`).

    render_sheet(sheet_content(attestation, …), draw_symbol("https://example.org/v#", digits))
"""

from __future__ import annotations

from collections.abc import Sequence

from passport.documents.archive import Attachment
from passport.documents.back import draw_back
from passport.documents.content import SheetContent
from passport.documents.fonts import Face, require_glyphs
from passport.documents.front import draw_front, draw_specimen_ground
from passport.documents.inks import Ink
from passport.documents.measures import A4, MARGIN, READ
from passport.documents.paper import DRAWING, Paper
from passport.documents.sentences import draw_sentence_pages
from passport.documents.symbol import Symbol

__all__ = ["draw_sheet", "printed_texts", "render_sheet"]


def render_sheet(content: SheetContent, symbol: Symbol, *, attachments: Sequence[Attachment] = ()) -> bytes:
    """Return the sheet: two pages, or more when the sentences do not fit on the first.

    `attachments` travel in the file, in the order of their names. Raises `PassportError`:
    `glyph_missing` (a character that the font has not, nothing is drawn), `logo_unreadable`.
    """
    require_glyphs(printed_texts(content))
    with DRAWING:
        paper = Paper(width=A4[0], height=A4[1], title=content.title, lang=content.lang)
        draw_sheet(paper, content, symbol)
        return paper.finish(attachments)


def draw_sheet(paper: Paper, content: SheetContent, symbol: Symbol) -> None:
    """Draw all pages of a sheet on a paper of A4; does not turn the last."""
    complete = draw_front(paper, content, symbol)
    paper.turn()
    if not complete:
        draw_sentence_pages(paper, content, open_page=_open_page)
        paper.turn()
    draw_specimen_ground(paper, content)
    draw_back(paper, content, y=_draw_back_head(paper, content))


def printed_texts(content: SheetContent) -> tuple[str, ...]:
    """Return the texts that hold what people gave us: only these can hold a character without a glyph.

    The texts of the catalogue and of the frameworks are ours, and a test prints them all.
    """
    given = [content.holder_name, content.body.name, content.code, content.domain]
    facts = [value for _, value in content.facts]
    back = [line for part in (*content.back, content.privacy) for line in part.lines]
    return (*given, *facts, *back, content.seal)


def _open_page(paper: Paper, content: SheetContent) -> float:
    """Head of a page of sentences: whose it is, and its code, so that loose pages find each other."""
    draw_specimen_ground(paper, content)
    top = _draw_band(paper, content)
    width = A4[0] - 2 * MARGIN - 130
    with paper.aside():
        y = paper.block(
            content.holder_name, x=MARGIN, y=top + 24, width=width, size=READ, leading=18, face=Face.BOLD
        )
        paper.text(content.code, x=A4[0] - MARGIN - 108, y=top + 24, size=READ, ink=Ink.GREY)
    return y + 4


def _draw_band(paper: Paper, content: SheetContent) -> float:
    """Draw the band at the top of an inner page; return its lower edge."""
    if not content.specimen:
        paper.box(x=0, y=0, width=A4[0], height=12, ink=Ink.PINE)
        return 12
    paper.box(x=0, y=0, width=A4[0], height=28, ink=Ink.BLACK)
    with paper.aside():
        paper.centred(content.specimen, x=A4[0] / 2, y=20, size=16, face=Face.BOLD, ink=Ink.WHITE)
    return 28


def _draw_back_head(paper: Paper, content: SheetContent) -> float:
    return _draw_band(paper, content) + 22
