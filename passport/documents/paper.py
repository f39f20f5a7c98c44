"""A PDF under construction: text, boxes, one symbol, one logo and one attachment, measured from the top.

Decided here: the inks, the metadata (no clock: the same input gives the same bytes), how the symbol is
filled (one path, so that no renderer shows seams between its modules) and how the signed token travels
inside the file (`attestation.jwt`, ISO 32000-2 sections 7.11.4 and 14.13). Left to others: what stands
where (`passport.documents.front`, `.back`, `.card`). Structure tags are not written yet.
"""

from __future__ import annotations

import io
from enum import Enum
from threading import Lock
from typing import Any, Final

from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from passport.documents.fonts import (
    Face,
    fold_spaces,
    register_faces,
    split_sentences,
    text_width,
    wrap_evenly,
)
from passport.documents.logo import LogoPixels
from passport.documents.symbol import Symbol

__all__ = ["DRAWING", "MM", "SEAL_FIELD", "Ink", "Paper"]

MM: Final = 72 / 25.4
DRAWING: Final = Lock()
"""Held while a document is drawn: reportlab's faces are shared and read by position."""

_ATTACHMENT: Final = "attestation.jwt"
SEAL_FIELD: Final = "cachet"
"""Name of the signature field in which an electronic seal is set."""

_PRINTED_LOCKED: Final = 4 + 128  # flags of an annotation, ISO 32000-2 table 167


class Ink(Enum):
    """The inks: a deep green and an ochre, chosen to stay apart in grey; neither is the State's."""

    BLACK = (0.09, 0.10, 0.10)
    GREY = (0.33, 0.36, 0.35)
    PINE = (0.07, 0.27, 0.23)
    OCHRE = (0.80, 0.52, 0.13)
    TINT = (0.925, 0.95, 0.935)
    MIST = (0.93, 0.93, 0.93)
    RULE = (0.78, 0.83, 0.80)
    LINE = (0.45, 0.52, 0.49)
    WHITE = (1.0, 1.0, 1.0)
    QR = (0.0, 0.0, 0.0)


_COLOURS: Final = {ink: Color(*ink.value) for ink in Ink}


class _Info(pdfdoc.PDFInfo):  # type: ignore[misc]
    """The document information without dates, keywords and names that nobody gave."""

    def format(self, document: Any) -> Any:
        values = {"Title": self.title, "Creator": self.creator, "Producer": self.producer}
        return pdfdoc.PDFDictionary({k: pdfdoc.PDFString(v) for k, v in values.items()}).format(document)


class Paper:
    """One document. All lengths are points, `y` runs down from the top edge, text stands on its `y`."""

    def __init__(self, *, width: float, height: float, title: str, lang: str) -> None:
        register_faces()
        self.width, self.height = width, height
        self._file = io.BytesIO()
        self._canvas = Canvas(
            self._file,
            pagesize=(width, height),
            invariant=1,
            pageCompression=1,
            lang=lang,
            pdfVersion=(1, 7),
            initialFontName=Face.REGULAR.value,
        )
        # reportlab opens each page with Helvetica, which would be named in the file and not embedded.
        self._canvas._preamble = "1 0 0 1 0 0 cm"
        self._canvas._doc.info = _Info()
        self._canvas.setTitle(fold_spaces(title))
        self._canvas.setCreator("passport")
        self._canvas.setProducer("reportlab")
        self._ink: Ink | None = None

    def text(
        self,
        text: str,
        *,
        x: float,
        y: float,
        size: float,
        face: Face = Face.REGULAR,
        ink: Ink = Ink.BLACK,
    ) -> None:
        """Write one line with its left end at `x`."""
        self._fill(ink)
        self._canvas.setFont(face.value, size)
        self._canvas.drawString(x, self.height - y, fold_spaces(text))

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
        for line in wrap_evenly(fold_spaces(text), face=face, size=size, width=width):
            self.text(line, x=x, y=y, size=size, face=face, ink=ink)
            y += leading
        return y

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
        self._fill(ink)
        bottom = self.height - y - height
        if radius:
            self._canvas.roundRect(x, bottom, width, height, radius, stroke=0, fill=1)
        else:
            self._canvas.rect(x, bottom, width, height, stroke=0, fill=1)

    def frame(self, *, x: float, y: float, width: float, height: float, ink: Ink, line: float) -> None:
        """Draw the outline of a rectangle, its line inside the given edges."""
        self._canvas.setStrokeColor(_COLOURS[ink])
        self._canvas.setLineWidth(line)
        half = line / 2
        self._canvas.rect(x + half, self.height - y - height + half, width - line, height - line)

    def slanted(self, text: str, *, x: float, y: float, size: float, angle: float, ink: Ink) -> None:
        """Write one bold line around (`x`, `y`), turned by `angle` degrees: for what must be seen behind."""
        self._canvas.saveState()
        self._canvas.translate(x, self.height - y)
        self._canvas.rotate(angle)
        self._canvas.setFillColor(_COLOURS[ink])
        self._canvas.setFont(Face.BOLD.value, size)
        self._canvas.drawCentredString(0, -size / 3, fold_spaces(text))
        self._canvas.restoreState()

    def symbol(self, symbol: Symbol, *, x: float, y: float, width: float) -> None:
        """Fill the symbol (without quiet zone) as one path, in modules scaled to `width` points."""
        side, size = width / symbol.size, symbol.size
        runs = " ".join(
            f"{column} {size - 1 - row} {length} 1 re" for row, column, length in symbol.dark_runs()
        )
        scale = f"{side:.5f} 0 0 {side:.5f} {x:.3f} {self.height - y - width:.3f} cm"
        self._canvas._code.append(f"q 0 0 0 rg {scale} {runs} f Q")

    def logo(self, logo: LogoPixels, *, x: float, y: float, width: float, height: float) -> None:
        """Place the pixels of a logo; they were compressed once, for all documents."""
        document = self._canvas._doc
        name = document.getXObjectName("logo")
        if name not in document.idToObject:
            stream = pdfdoc.PDFStream(content=logo.deflated)
            stream.dictionary.dict.update(
                Type=pdfdoc.PDFName("XObject"),
                Subtype=pdfdoc.PDFName("Image"),
                Width=logo.width,
                Height=logo.height,
                ColorSpace=pdfdoc.PDFName(logo.colour_space),
                BitsPerComponent=8,
                Filter=pdfdoc.PDFName("FlateDecode"),
            )
            document.Reference(stream, name)
        self._canvas._formsinuse.append("logo")
        bottom = self.height - y - height
        self._canvas._code.append(f"q {width:.3f} 0 0 {height:.3f} {x:.3f} {bottom:.3f} cm /{name} Do Q")

    def attach(self, token: str) -> None:
        """Carry the signed token in the file, as data that belongs to the whole document."""
        document = self._canvas._doc
        stream = pdfdoc.PDFStream(content=token.encode("ascii"))
        stream.dictionary.dict.update(
            Type=pdfdoc.PDFName("EmbeddedFile"), Subtype=pdfdoc.PDFName("application#2Fjwt")
        )
        specification = document.Reference(
            pdfdoc.PDFDictionary(
                {
                    "Type": pdfdoc.PDFName("Filespec"),
                    "F": pdfdoc.PDFString(_ATTACHMENT),
                    "UF": pdfdoc.PDFString(_ATTACHMENT),
                    "AFRelationship": pdfdoc.PDFName("Data"),
                    "EF": pdfdoc.PDFDictionary({"F": document.Reference(stream)}),
                }
            )
        )
        names = pdfdoc.PDFArray([pdfdoc.PDFString(_ATTACHMENT), specification])
        catalog = document.Catalog
        catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": pdfdoc.PDFDictionary({"Names": names})})
        catalog.__Defaults__ = {**catalog.__Defaults__, "AF": pdfdoc.PDFArray([specification])}

    def seal_field(self, *, x: float, y: float, width: float, height: float, says: str) -> None:
        """Leave an empty signature field (ISO 32000-2 section 12.7.5.5) over words that are drawn already.

        Its own picture is empty: what is seen is part of the page, and sealed with it. `says`: for who
        does not see it.
        """
        document = self._canvas._doc
        picture = pdfdoc.PDFStream(content=b"")
        picture.dictionary.dict.update(
            Type=pdfdoc.PDFName("XObject"),
            Subtype=pdfdoc.PDFName("Form"),
            BBox=pdfdoc.PDFArray([0, 0, width, height]),
            Resources=pdfdoc.PDFDictionary({}),
        )
        bottom = self.height - y - height
        entries = {
            "Type": pdfdoc.PDFName("Annot"),
            "Subtype": pdfdoc.PDFName("Widget"),
            "FT": pdfdoc.PDFName("Sig"),
            "T": pdfdoc.PDFString(SEAL_FIELD),
            "TU": pdfdoc.PDFString(fold_spaces(says)),
            "F": _PRINTED_LOCKED,
            "Rect": pdfdoc.PDFArray([x, bottom, x + width, bottom + height]),
            "AP": pdfdoc.PDFDictionary({"N": document.Reference(picture)}),
        }
        field = document.Reference(pdfdoc.PDFDictionary(entries))
        self._canvas._annotationrefs.append(field)
        form = pdfdoc.PDFDictionary({"Fields": pdfdoc.PDFArray([field]), "SigFlags": 3})
        catalog = document.Catalog
        catalog.__Defaults__ = {**catalog.__Defaults__, "AcroForm": form}

    def turn(self) -> None:
        """End this page; what follows stands on the next."""
        self._canvas.showPage()
        self._ink = None

    def finish(self) -> bytes:
        """End the last page and return the file."""
        self.turn()
        for thing in self._canvas._doc.idToObject.values():
            if isinstance(thing, pdfdoc.PDFPage):
                thing.Trans = None
        self._canvas.save()
        return self._file.getvalue()

    def _fill(self, ink: Ink) -> None:
        if ink is not self._ink:
            self._canvas.setFillColor(_COLOURS[ink])
            self._ink = ink
