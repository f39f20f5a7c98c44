"""A letter to the holder about their attestation: what was done, why, and what they can do about it.

Decided here: how a letter looks (A4, 14 points, one idea a line, tagged like every print), and where a page
may end. It names the act and the paper, and accuses nobody. Left to others: the words (`LetterContent` is
filled by whoever writes), whether one is sent.

    render_letter(LetterContent(title="Retrait de votre attestation", …))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from passport.documents.content import BodyLine
from passport.documents.fonts import Face, fold_spaces, require_glyphs, split_sentences, wrap_evenly
from passport.documents.front import draw_head
from passport.documents.inks import Ink
from passport.documents.measures import A4, MARGIN, READ, TEXT_WIDTH
from passport.documents.paper import DRAWING, Paper
from passport.documents.tags import Tag
from passport.framework import Lang

__all__ = ["LetterContent", "LetterPart", "render_letter"]

_STEP: Final = 19.0
_HEADING: Final = 16.0
_TITLE: Final = 20.0
_TOP: Final = 112.0
_NEXT_TOP: Final = 56.0
_BOTTOM: Final = 812.0


@dataclass(frozen=True, slots=True)
class LetterPart:
    """A heading ("" for none) and what stands under it."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LetterContent:
    """The words of a letter. `specimen`: "" but in a demo; `signed`: who signs, in one or two lines."""

    lang: Lang
    title: str
    body: BodyLine
    logo_alt: str
    specimen: str
    recipient: str
    dated: str
    parts: tuple[LetterPart, ...]
    signed: tuple[str, ...]

    def texts(self) -> list[str]:
        """Return everything that is printed."""
        said = [self.title, self.body.name, self.specimen, self.recipient, self.dated, *self.signed]
        return said + [text for part in self.parts for text in (part.heading, *part.lines)]


def render_letter(content: LetterContent) -> bytes:
    """Return the letter. The same content, the same bytes.

    Raises `PassportError` (`glyph_missing`, `logo_unreadable`).
    """
    require_glyphs(content.texts())
    with DRAWING:
        paper = Paper(width=A4[0], height=A4[1], title=content.title, lang=content.lang)
        draw_head(paper, content)
        page = _Page(paper, _TOP)
        page.text(content.recipient, face=Face.BOLD)
        page.text(content.dated, ink=Ink.GREY)
        page.text(content.title, tag=Tag.H1, size=_TITLE, face=Face.BOLD, ink=Ink.PINE, before=16, after=6)
        for part in content.parts:
            page.part(part)
        page.room(2 * _STEP + 16)
        for number, line in enumerate(content.signed):
            page.text(line, before=0 if number else 16)
        return paper.finish()


class _Page:
    """Where the next line goes."""

    def __init__(self, paper: Paper, y: float) -> None:
        self._paper = paper
        self._y = y

    def room(self, height: float) -> None:
        """Turn the page when so much no longer fits on it."""
        if self._y + height > _BOTTOM:
            self._paper.turn()
            self._y = _NEXT_TOP

    def part(self, part: LetterPart) -> None:
        """Write a part; its heading never stands last on a page."""
        if part.heading:
            self.room(_HEADING + 10 + 3 * _STEP)
            self.text(
                part.heading, tag=Tag.H2, size=_HEADING, face=Face.BOLD, ink=Ink.PINE, before=10, after=4
            )
        for line in part.lines:
            for sentence in split_sentences(line):
                self.text(sentence)

    def text(
        self,
        text: str,
        *,
        tag: Tag = Tag.PARAGRAPH,
        size: float = READ,
        face: Face = Face.REGULAR,
        ink: Ink = Ink.BLACK,
        before: float = 0,
        after: float = 2,
    ) -> None:
        """Write one text, on as many lines as it needs."""
        lines = wrap_evenly(fold_spaces(text), face=face, size=size, width=TEXT_WIDTH)
        step = size * _STEP / READ
        self.room(before + len(lines) * step)
        with self._paper.part(tag):
            y = self._y + before + size
            self._write(lines, y=y, size=size, step=step, face=face, ink=ink)
        self._y += before + len(lines) * step + after

    def _write(
        self, lines: Sequence[str], *, y: float, size: float, step: float, face: Face, ink: Ink
    ) -> None:
        self._paper.lines(lines, x=MARGIN, y=y, size=size, leading=step, face=face, ink=ink)
