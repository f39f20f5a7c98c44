"""A whole workshop in one file: every sheet, then the cards, eight a page.

Decided here: that each sheet begins on the front of a leaf (a blank page is put in where a sheet has an odd
number of pages, so that printing on both sides never puts two people on one leaf), that the cards come
last, and that readers can jump to a person by name. No attestation is attached: this file is for the
printer and holds everyone; each person's own file is the sheet. Left to others: the pages (`sheet`, `card`).
"""

from __future__ import annotations

from passport.documents.card import Cards, draw_cards
from passport.documents.fonts import require_glyphs
from passport.documents.measures import A4
from passport.documents.paper import DRAWING, Paper
from passport.documents.sheet import draw_sheet, printed_texts
from passport.documents.tags import Tag

__all__ = ["MOST_AT_ONCE", "render_workshop"]

MOST_AT_ONCE = 100
"""Attestations in one file: what is held in memory while it is drawn stays under some ten megabytes."""


def render_workshop(people: Cards) -> bytes:
    """Return the sheets, then the cards, of 1 to `MOST_AT_ONCE` attestations, in their order.

    Raises `PassportError` (`glyph_missing`, `logo_unreadable`).
    """
    if not 1 <= len(people) <= MOST_AT_ONCE:
        raise ValueError(f"{len(people)} attestations in one file; expected 1 to {MOST_AT_ONCE}")
    first, _ = people[0]
    for content, _ in people:
        require_glyphs(printed_texts(content))
    with DRAWING:
        paper = Paper(width=A4[0], height=A4[1], title=first.title, lang=first.lang)
        for content, symbol in people:
            paper.bookmark(content.holder_name)
            with paper.part(Tag.PART, title=content.holder_name):
                draw_sheet(paper, content, symbol)
            paper.turn()
            if paper.pages % 2:
                paper.turn()
        paper.bookmark(first.cards_title)
        draw_cards(paper, people)
        return paper.finish()
