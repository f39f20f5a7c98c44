"""A PDF under construction: text, boxes, one symbol, one logo, measured from the top, every mark tagged.

Decided here: how the symbol is filled (one path, so that no renderer shows seams between its
modules), and that no text is drawn outside a part of the structure: who cannot see the page would not
hear it. What is only there for the eye (boxes, bars, repeated heads) is an artifact. Left to others: what
stands where (`front`, `back`, `card`…), the tree (`tags`), metadata and attachments (`archive`).

    with paper.part(Tag.H2):
        paper.text("Ce que je sais faire", x=48, y=100, size=17)
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Final

from reportlab.pdfgen.canvas import Canvas

from passport.documents.archive import Attachment, Information, archive
from passport.documents.fields import FIELD_OBJECT, add_seal_field
from passport.documents.fonts import Face, fold_spaces, font_of, split_sentences, text_width, wrap_evenly
from passport.documents.inks import Ink
from passport.documents.logo import LogoPixels
from passport.documents.objects import Raw, deflated_stream, stream
from passport.documents.symbol import Symbol
from passport.documents.tags import Structure, Tag
from passport.documents.writing import write_file
from passport.framework import Lang

__all__ = ["DRAWING", "MM", "Paper"]

MM: Final = 72 / 25.4
DRAWING: Final = Lock()
"""Held while a document is drawn: reportlab's faces are shared and read by position."""

_LANGUAGES: Final[dict[Lang, str]] = {"fr": "fr-FR", "en": "en-GB"}
_HOLDS_TEXT: Final = frozenset(
    {Tag.H1, Tag.H2, Tag.H3, Tag.PARAGRAPH, Tag.ITEM_BODY, Tag.FIGURE},
)


class Paper:
    """One document. All lengths are points, `y` runs down from the top edge, text stands on its `y`."""

    def __init__(self, *, width: float, height: float, title: str, lang: Lang) -> None:
        self.width, self.height = width, height
        self._title, self._lang = fold_spaces(title), _LANGUAGES[lang]
        self._file = io.BytesIO()
        self._canvas = Canvas(
            self._file,
            pagesize=(width, height),
            invariant=1,
            lang=self._lang,
            pdfVersion=(1, 7),
            initialFontName=font_of(Face.REGULAR).fontName,
        )
        # reportlab opens each page with Helvetica, which would be named in the file and not embedded.
        self._canvas._preamble = ""
        self._document = self._canvas._doc
        self._document.info = Information()
        self._canvas.setTitle(self._title)
        self._structure = Structure()
        self._asides = 0
        self._field: Any = None
        self._origin = (0.0, 0.0)
        self._ink: Ink | None = None
        self._ends_phrase = True

    @contextmanager
    def part(self, tag: Tag, *, title: str = "") -> Iterator[None]:
        """Draw a part of the structure: what is drawn inside belongs to it, in this order of reading."""
        self._code(self._structure.enter(tag, title=title))
        self._ends_phrase = True
        yield
        self._code(self._structure.leave())
        self._ends_phrase = True

    @contextmanager
    def item(self) -> Iterator[None]:
        """Draw an item of a list."""
        with self.part(Tag.ITEM), self.part(Tag.ITEM_BODY):
            yield

    @contextmanager
    def figure(self, alternative: str, *, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """Draw a picture, said in words by `alternative`; (`x`, `y`) is its top left corner."""
        with self.part(Tag.FIGURE):
            left, bottom = x + self._origin[0], self.height - y - height - self._origin[1]
            box = (left, bottom, left + width, bottom + height)
            self._structure.describe(fold_spaces(alternative), box=box)
            yield

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Draw what is said elsewhere or says nothing: a repeated head, a notice behind the text."""
        self._asides += 1
        yield
        self._asides -= 1

    @contextmanager
    def moved(self, *, x: float, y: float) -> Iterator[None]:
        """Draw with the origin moved right by `x` and down by `y`."""
        before, self._origin, self._ink = self._origin, (self._origin[0] + x, self._origin[1] + y), None
        self._code(f"{self._structure.pause()}q 1 0 0 1 {x:.3f} {-y:.3f} cm")
        yield
        self._code(f"{self._structure.pause()}Q")
        self._origin, self._ink = before, None

    def text(
        self, text: str, *, x: float, y: float, size: float, face: Face = Face.REGULAR, ink: Ink = Ink.BLACK
    ) -> None:
        """Write one line with its left end at `x`. It is a phrase: a space parts it from the one before."""
        self.lines((text,), x=x, y=y, size=size, leading=0, face=face, ink=ink)

    def lines(
        self,
        lines: Sequence[str],
        *,
        x: float,
        y: float,
        size: float,
        leading: float,
        face: Face = Face.REGULAR,
        ink: Ink = Ink.BLACK,
    ) -> float:
        """Write the lines of one text as `wrap` broke it; return the `y` of the line that would follow."""
        if not self._asides and self._structure.innermost not in _HOLDS_TEXT:
            raise ValueError(f"a text stands in {self._structure.innermost}: {lines[0][:20]!r}")
        self._begin()
        self._fill(ink)
        for at, line in enumerate(lines):
            folded, left = fold_spaces(line), x
            if at == 0 and not self._ends_phrase:
                folded, left = f" {folded}", x - text_width(" ", face=face, size=size)
            self._show(folded, x=left, y=y, size=size, face=face)
            y += leading
        self._ends_phrase = bool(self._asides)
        return y

    def centred(self, text: str, *, x: float, y: float, size: float, face: Face, ink: Ink) -> None:
        """Write one line around `x`."""
        left = x - text_width(fold_spaces(text), face=face, size=size) / 2
        self.text(text, x=left, y=y, size=size, face=face, ink=ink)

    def block(
        self,
        text: str,
        *,
        x: float,
        y: float,
        width: float,
        size: float,
        leading: float,
        face: Face = Face.REGULAR,
        ink: Ink = Ink.BLACK,
    ) -> float:
        """Write wrapped lines, the first on `y`; return the `y` of the line that would follow."""
        lines = wrap_evenly(fold_spaces(text), face=face, size=size, width=width)
        return self.lines(lines, x=x, y=y, size=size, leading=leading, face=face, ink=ink)

    def ideas(
        self,
        text: str,
        *,
        x: float,
        y: float,
        width: float,
        size: float,
        leading: float,
        face: Face = Face.REGULAR,
        ink: Ink = Ink.BLACK,
    ) -> float:
        """Write each sentence of `text` as a block of its own: one idea a line (DOMAIN.md)."""
        for sentence in split_sentences(text):
            y = self.block(sentence, x=x, y=y, width=width, size=size, leading=leading, face=face, ink=ink)
        return y

    def box(self, *, x: float, y: float, width: float, height: float, ink: Ink, radius: float = 0) -> None:
        """Fill a rectangle whose top left corner is (`x`, `y`)."""
        self._begin_shape()
        self._fill(ink)
        bottom = self.height - y - height
        if radius:
            self._canvas.roundRect(x, bottom, width, height, radius, stroke=0, fill=1)
        else:
            self._code(f"{x:.2f} {bottom:.2f} {width:.2f} {height:.2f} re f")

    def frame(self, *, x: float, y: float, width: float, height: float, ink: Ink, line: float) -> None:
        """Draw the outline of a rectangle, its line inside the given edges."""
        self._begin_shape()
        left, bottom = x + line / 2, self.height - y - height + line / 2
        sides = f"{width - line:.2f} {height - line:.2f}"
        self._code(f"{ink.operands} RG {line:g} w {left:.2f} {bottom:.2f} {sides} re S")

    def slanted(self, text: str, *, x: float, y: float, size: float, angle: float, ink: Ink) -> None:
        """Write one bold line around (`x`, `y`), turned by `angle` degrees: for what must be seen behind."""
        with self.aside():
            self._begin()
            self._canvas.saveState()
            self._canvas.translate(x, self.height - y)
            self._canvas.rotate(angle)
            self._code(f"{ink.operands} rg")
            left = -text_width(fold_spaces(text), face=Face.BOLD, size=size) / 2
            self._show(fold_spaces(text), x=left, y=self.height + size / 3, size=size, face=Face.BOLD)
            self._canvas.restoreState()

    def shape(self, operators: str, *, x: float, y: float, scale: float) -> None:
        """Draw with operators of PDF, their origin at (`x`, `y`), one unit `scale` points, `y` down."""
        self._begin_shape()
        self._code(f"q {scale:.5f} 0 0 {-scale:.5f} {x:.3f} {self.height - y:.3f} cm {operators} Q")

    def symbol(self, symbol: Symbol, *, x: float, y: float, width: float) -> None:
        """Fill the symbol (without quiet zone) as one path, in modules scaled to `width` points."""
        runs = " ".join(f"{column} {row} {length} 1 re" for row, column, length in symbol.dark_runs())
        self.shape(f"0 0 0 rg {runs} f", x=x, y=y, scale=width / symbol.size)

    def logo(self, logo: LogoPixels, *, x: float, y: float, width: float, height: float) -> None:
        """Place the pixels of a logo; they were compressed once, and are in the file once."""
        self._begin_shape()
        name = self._document.getXObjectName(logo.name)
        if name not in self._document.idToObject:
            entries = f"/Type/XObject/Subtype/Image/Width {logo.width}/Height {logo.height}"
            entries += f"/ColorSpace/{logo.colour_space}/BitsPerComponent 8/Filter/FlateDecode"
            self._document.Reference(Raw(stream(logo.deflated, entries)), name)
        if logo.name not in self._canvas._formsinuse:
            self._canvas._formsinuse.append(logo.name)
        bottom = self.height - y - height
        self._code(f"q {width:.3f} 0 0 {height:.3f} {x:.3f} {bottom:.3f} cm /{name} Do Q")

    def seal_field(self, *, x: float, y: float, width: float, height: float, says: str) -> None:
        """Leave the field of an electronic seal over the words `says`, which are drawn already."""
        bottom = self.height - y - height
        box = (x, bottom, x + width, bottom + height)
        self._field = add_seal_field(self._document, box=box, says=fold_spaces(says))
        self._canvas._annotationrefs.append(self._document.Reference(self._field, FIELD_OBJECT))
        self._structure.field(FIELD_OBJECT)

    def bookmark(self, title: str) -> None:
        """Let readers jump to this page by `title`."""
        key = f"page{self._document.pageCounter}"
        self._canvas.bookmarkPage(key)
        self._canvas.addOutlineEntry(fold_spaces(title), key)
        self._canvas.showOutline()

    def turn(self) -> None:
        """End this page; what follows stands on the next. The page is compressed at once."""
        self._code(self._structure.turn())
        name = self._document.thisPageName()
        self._canvas.showPage()
        page = self._document.idToObject[name]
        page.Contents = deflated_stream(page.stream.encode("ascii"), "")
        page.stream = page.Trans = None
        tags = {"StructParents": self._document.pageCounter - 2, "Tabs": "/S"}
        page.__Defaults__ = {**page.__Defaults__, **tags}
        self._ink = None

    @property
    def pages(self) -> int:
        """How many pages have been ended."""
        return int(self._document.pageCounter) - 1

    def finish(self, attachments: Sequence[Attachment] = ()) -> bytes:
        """End the last page and return the file. `attachments` travel in it."""
        self.turn()
        if self._field is not None:
            self._field.dict["StructParent"] = self.pages  # after the numbers of the pages
        archive(self._document, self._structure, title=self._title, lang=self._lang, attachments=attachments)
        self._document.format = partial(write_file, self._document)
        self._canvas.save()
        return self._file.getvalue()

    def _code(self, operators: str) -> None:
        if operators:
            self._canvas._code.append(operators)

    def _begin(self) -> None:
        """Begin a mark of the open part, or of none."""
        self._code(self._structure.aside() if self._asides else self._structure.mark())

    def _begin_shape(self) -> None:
        """Shapes say nothing, unless they are a figure."""
        inside = self._structure.innermost is Tag.FIGURE and not self._asides
        self._code(self._structure.mark() if inside else self._structure.aside())

    def _show(self, text: str, *, x: float, y: float, size: float, face: Face) -> None:
        font, document = font_of(face), self._document
        shown = "".join(
            f"{font.getSubsetInternalName(subset, document)} {size:g} Tf ({self._canvas._escape(part)}) Tj "
            for subset, part in font.splitString(text, document)
        )
        self._code(f"BT {x:.2f} {self.height - y:.2f} Td {shown}ET")

    def _fill(self, ink: Ink) -> None:
        if ink is not self._ink:
            self._code(f"{ink.operands} rg")
            self._ink = ink
