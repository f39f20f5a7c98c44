"""The receipt of a check: one A4 page for the file of who checked, and the evidence that travels in it.

Decided here: the order (whose check and when, the verdict, what is attested, what was looked at, what this
sheet proves and how long to keep it), that it always stays on one page (the type gets smaller until it
fits), and that verdict and checks are told by icon and word, so that they survive a grey printer. Left to
others: the words (`verifier.receipt_sheet`), the file (`paper`, `archive`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from passport.documents.archive import Attachment
from passport.documents.fonts import Face, fold_spaces, require_glyphs, wrap, wrap_evenly
from passport.documents.inks import Ink
from passport.documents.marks import draw_mark, draw_tick
from passport.documents.measures import A4, MARGIN, TEXT_WIDTH
from passport.documents.paper import DRAWING, Paper
from passport.documents.tags import Tag
from passport.errors import PassportError
from passport.framework import Lang

__all__ = ["ReceiptContent", "ReceiptPart", "render_receipt"]

_INKS: Final = {"ok": Ink.OK, "attention": Ink.ATTENTION, "stop": Ink.STOP, "unknown": Ink.UNKNOWN}
_BODY: Final = 10.5
_LEADING: Final = 1.32
_SCALES: Final = (1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79, 0.76, 0.73, 0.7, 0.66, 0.62)
_BOTTOM: Final = 812.0
_GUTTER: Final = 18.0
_COLUMN: Final = (TEXT_WIDTH - _GUTTER) / 2
_ONE_COLUMN: Final = 3  # so many lines of a list stand under each other; more stand in two columns


@dataclass(frozen=True, slots=True)
class ReceiptPart:
    """A title and sentences under it."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceiptContent:
    """All words of a receipt. `specimen`: the notice of a demonstration, or "".

    `about`: by whom and when, first; `name`: (label, name) or empty; `ticks`: outcome (passed, failed,
    undetermined) and words; `documents`: what was looked at, and its SHA-256; `hand`: at most two labels of
    what is filled in by hand.
    """

    lang: Lang
    title: str
    specimen: str
    about: tuple[str, ...]
    severity: Literal["ok", "attention", "stop", "unknown"]
    icon: str
    mark: str
    verdict: str
    lead: str
    name: tuple[str, ...]
    seen: tuple[str, ...]
    skills: ReceiptPart
    facts: ReceiptPart
    advice: str
    ticks_title: str
    ticks: tuple[tuple[str, str], ...]
    documents_title: str
    documents: tuple[tuple[str, str], ...]
    parts: tuple[ReceiptPart, ...]
    hand: tuple[str, ...]


def render_receipt(content: ReceiptContent, *, attachments: Sequence[Attachment] = ()) -> bytes:
    """Return the receipt, one page. Raises `PassportError`: `glyph_missing`, `page_full`."""
    require_glyphs(_given_texts(content))
    with DRAWING:
        for scale in _SCALES:
            paper = Paper(width=A4[0], height=A4[1], title=content.title, lang=content.lang)
            if _Sheet(paper, scale).draw(content) <= _BOTTOM:
                return paper.finish(attachments)
    raise PassportError("The receipt has more words than a page holds.", code="page_full")


def _given_texts(content: ReceiptContent) -> tuple[str, ...]:
    """Return the texts that hold what people gave us: a catalogue's texts have all their glyphs."""
    documents = (what for what, _ in content.documents)
    told = (*content.about, content.lead, content.advice, *content.name, *content.seen)
    return (*told, *content.facts.lines, *documents)


class _Sheet:
    """The page while it is drawn, at a scale; `_y` is the top edge of what comes next."""

    def __init__(self, paper: Paper, scale: float) -> None:
        self._paper, self._scale, self._y = paper, scale, 0.0

    def draw(self, content: ReceiptContent) -> float:
        """Draw everything; return the lower edge."""
        self._head(content)
        self._verdict(content)
        if content.name:
            self._named(*content.name)
        for line in content.seen:
            self._paragraph(line)
        self._listed(content.skills.title, [partial(self._item, line) for line in content.skills.lines])
        self._listed(content.facts.title, [partial(self._item, line) for line in content.facts.lines])
        self._listed(content.ticks_title, [partial(self._tick, *tick) for tick in content.ticks])
        self._listed(content.documents_title, [partial(self._document, *one) for one in content.documents])
        for part in content.parts:
            self._heading(part.title)
            for line in part.lines:
                self._paragraph(line)
        self._hand(content.hand)
        return self._y

    def _head(self, content: ReceiptContent) -> None:
        paper = self._paper
        paper.box(x=0, y=0, width=A4[0], height=12, ink=Ink.PINE)
        self._y = 28
        if content.specimen:
            paper.slanted(content.specimen, x=A4[0] / 2, y=430, size=62, angle=52, ink=Ink.MIST)
            paper.box(x=0, y=0, width=A4[0], height=28, ink=Ink.BLACK)
            with paper.part(Tag.PARAGRAPH):
                notice, middle = content.specimen, A4[0] / 2
                paper.centred(notice, x=middle, y=20, size=16, face=Face.BOLD, ink=Ink.WHITE)
            self._y = 42
        with paper.part(Tag.H1):
            self._write(content.title, size=22, face=Face.BOLD, ink=Ink.PINE)
        for line in content.about:
            self._paragraph(line)

    def _verdict(self, content: ReceiptContent) -> None:
        """A dark band with the icon, the word and the sentence of the verdict; what to do, under it."""
        paper, k, step = self._paper, self._scale, _BODY * _LEADING * self._scale
        self._y += 7 * k
        x, width = MARGIN + 58 * k, TEXT_WIDTH - 70 * k
        title = wrap_evenly(fold_spaces(content.verdict), face=Face.BOLD, size=14 * k, width=width)
        lead = wrap(fold_spaces(content.lead), face=Face.REGULAR, size=_BODY * k, width=width)
        height = (38 + 18 * len(title)) * k + step * len(lead)
        paper.box(x=MARGIN, y=self._y, width=TEXT_WIDTH, height=height, ink=_INKS[content.severity], radius=8)
        draw_mark(paper, content.icon, x=MARGIN + 10 * k, y=self._y + 11 * k, size=38 * k, ink=Ink.WHITE)
        y, white = self._y + 26 * k, Ink.WHITE
        with paper.part(Tag.H2):
            paper.text(content.mark, x=x, y=y, size=20 * k, face=Face.BOLD, ink=white)
            y += 19 * k
            y = paper.lines(title, x=x, y=y, size=14 * k, leading=18 * k, face=Face.BOLD, ink=white)
        with paper.part(Tag.PARAGRAPH):
            paper.lines(lead, x=x, y=y - 2 * k, size=_BODY * k, leading=step, ink=white)
        self._y += height + 6 * k
        if content.advice:
            self._paragraph(content.advice, face=Face.BOLD)

    def _named(self, label: str, name: str) -> None:
        self._y += 5 * self._scale
        with self._paper.part(Tag.PARAGRAPH):
            self._write(label, size=9, ink=Ink.GREY)
            self._write(name, size=16, face=Face.BOLD)

    def _listed(self, title: str, items: Sequence[Callable[[float, float], None]]) -> None:
        """Draw the items of a list under its title; many go into two columns, read one after the other."""
        if not items:
            return
        self._heading(title)
        half = len(items) if len(items) <= _ONE_COLUMN else (len(items) + 1) // 2
        width = TEXT_WIDTH if half == len(items) else _COLUMN
        top, bottom = self._y, self._y
        with self._paper.part(Tag.LIST):
            for at, draw in enumerate(items):
                if at == half:
                    bottom, self._y = self._y, top
                draw(MARGIN if at < half else MARGIN + _COLUMN + _GUTTER, width)
        self._y = max(bottom, self._y)

    def _item(self, text: str, x: float, width: float) -> None:
        with self._paper.item():
            self._write(text, x=x, width=width)

    def _tick(self, outcome: str, text: str, x: float, width: float) -> None:
        size = 9 * self._scale
        draw_tick(self._paper, outcome, x=x, y=self._y + 3 * self._scale, size=size, ink=Ink.BLACK)
        with self._paper.item():
            self._write(text, x=x + 1.7 * size, width=width - 1.7 * size)

    def _document(self, what: str, digest: str, x: float, width: float) -> None:
        with self._paper.item():
            self._write(what, x=x, width=width)
            self._write(digest, x=x, width=width, size=6.4, ink=Ink.GREY)
        self._y += 2 * self._scale

    def _hand(self, labels: Sequence[str]) -> None:
        """Leave lines that are filled in by hand."""
        self._y += 8 * self._scale
        top = self._y
        for at, label in enumerate(labels):
            x, self._y = MARGIN + at * (_COLUMN + _GUTTER), top
            with self._paper.part(Tag.PARAGRAPH):
                self._write(label, x=x, width=_COLUMN, size=9, ink=Ink.GREY)
            self._y += 16 * self._scale
            self._paper.box(x=x, y=self._y, width=_COLUMN, height=0.8, ink=Ink.LINE)

    def _heading(self, text: str) -> None:
        self._y += 6 * self._scale
        with self._paper.part(Tag.H2):
            self._write(text, size=11.5, face=Face.BOLD, ink=Ink.PINE)

    def _paragraph(self, text: str, *, face: Face = Face.REGULAR) -> None:
        with self._paper.part(Tag.PARAGRAPH):
            self._write(text, face=face)
        self._y += 1.5 * self._scale

    def _write(
        self,
        text: str,
        *,
        x: float = MARGIN,
        width: float = TEXT_WIDTH,
        size: float = _BODY,
        face: Face = Face.REGULAR,
        ink: Ink = Ink.BLACK,
    ) -> None:
        """Write a text from the top edge down, in sizes of the sheet at full scale."""
        size *= self._scale
        lines, step = wrap(fold_spaces(text), face=face, size=size, width=width), size * _LEADING
        self._paper.lines(lines, x=x, y=self._y + size, size=size, leading=step, face=face, ink=ink)
        self._y += len(lines) * step
