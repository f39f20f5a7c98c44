"""The structure of a print for those who hear it: headings, paragraphs, lists, figures, in reading order.

Decided here: which kinds of part a print has, that every mark on a page belongs to exactly one part or to
none (an artifact: decoration), and how the tree is written (ISO 32000-1 sections 14.6 to 14.8; PDF/UA-1,
ISO 14289-1 section 7.1). Left to others: which part a text is (`front`, `back`, `card`…), the drawing
(`paper`), the rest of the file (`archive`).

reportlab knows no tags: marked content goes through its stream of operators, the tree is a set of objects
of its own, one for each part, because a part may be named by its parent and by its pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from reportlab.pdfbase import pdfdoc

from passport.documents.objects import Raw

__all__ = ["Structure", "Tag"]

_ROOT: Final = "StructTreeRoot"
_ASIDE: Final = "/Artifact BMC"


class Tag(Enum):
    """A kind of part, by its name in the standard (ISO 32000-1 tables 333 to 340)."""

    DOCUMENT = "Document"
    PART = "Part"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"
    PARAGRAPH = "P"
    LIST = "L"
    ITEM = "LI"
    ITEM_BODY = "LBody"
    FIGURE = "Figure"
    FORM = "Form"
    TABLE = "Table"
    ROW = "TR"
    HEADER = "TH"
    CELL = "TD"


class _Part:
    """A part: its kind, what it holds (parts, or marks as page and number) and what stands in for it.

    A field is held by the name of its object, on the page `page`. `scope`: of which cells a header speaks.
    """

    __slots__ = ("alternative", "box", "field", "held", "page", "parent", "raw", "scope", "tag", "title")

    def __init__(self, tag: Tag, parent: _Part | None) -> None:
        self.tag, self.parent = tag, parent
        self.held: list[_Part | tuple[int, int]] = []
        self.page: int | None = None
        self.alternative = self.title = self.field = self.scope = ""
        self.box: tuple[float, float, float, float] | None = None
        self.raw = Raw()


class Structure:
    """The tree while it grows. What it returns are operators for the stream of the page, or an empty text."""

    def __init__(self) -> None:
        self._root = _Part(Tag.DOCUMENT, None)
        self._inner = self._root
        self._running: _Part | str = ""
        self._pages: list[list[_Part]] = [[]]
        self._fields: list[_Part] = []

    @property
    def innermost(self) -> Tag:
        """The kind of the part that is open."""
        return self._inner.tag

    def enter(self, tag: Tag, *, title: str = "", scope: str = "") -> str:
        """Open a part inside the one that is open. `scope`: ``Row`` or ``Column``, of a header."""
        part = _Part(tag, self._inner)
        part.title, part.scope = title, scope
        self._inner.held.append(part)
        self._inner = part
        return self.pause()

    def leave(self) -> str:
        """Close the part that is open. A part that holds nothing is an error of the caller.

        But for a cell: one to be filled in with a pen says nothing yet.
        """
        parent = self._inner.parent
        if parent is None or not (self._inner.held or self._inner.tag is Tag.CELL):
            raise ValueError(f"nothing was drawn in {self._inner.tag}")
        self._inner = parent
        return self.pause()

    def describe(self, alternative: str, *, box: tuple[float, float, float, float]) -> None:
        """Say what the open figure shows, and where (left, bottom, right, top, in points)."""
        self._inner.alternative, self._inner.box = alternative, box

    def field(self, name: str) -> None:
        """Add a field of a form, the reportlab object `name`; its number in the tree follows the pages."""
        part = _Part(Tag.FORM, self._inner)
        part.field, part.page = name, len(self._pages) - 1
        self._inner.held.append(part)
        self._fields.append(part)

    def mark(self) -> str:
        """Begin marked content of the open part, unless it is running."""
        part = self._inner
        if self._running is part:
            return ""
        before, page = self.pause(), self._pages[-1]
        at = len(self._pages) - 1
        part.held.append((at, len(page)))
        part.page = at if part.page is None else part.page
        page.append(part)
        self._running = part
        return f"{before}/{part.tag.value} <</MCID {len(page) - 1}>> BDC"

    def aside(self) -> str:
        """Begin an artifact, unless one is running."""
        if self._running == _ASIDE:
            return ""
        before, self._running = self.pause(), _ASIDE
        return f"{before}{_ASIDE}"

    def pause(self) -> str:
        """End what is running."""
        ended, self._running = self._running, ""
        return "EMC\n" if ended else ""

    def turn(self) -> str:
        """End the page; parts that are open go on."""
        self._pages.append([])
        return self.pause()

    def write(self, document: Any, *, pages: list[str]) -> Any:
        """Add the tree to a reportlab document and return its reference. `pages`: the names of its pages."""
        if self._inner is not self._root:
            raise ValueError(f"still open: {self._inner.tag}")
        root = Raw()
        reference = document.Reference(root, _ROOT)
        numbers = document.idToObjectNumberAndVersion
        page_numbers = [numbers[name][0] for name in pages]
        parts = list(_all_parts(self._root))
        own = {part: _register(document, part.raw, f"Part{at}") for at, part in enumerate(parts)}
        for part in parts:
            above = own[part.parent] if part.parent else numbers[_ROOT][0]
            part.raw.data = _written(part, own, above=above, pages=page_numbers, document=document)
        last = len(pages) + len(self._fields)
        by_page = "\n".join(
            f"{at} [{' '.join(f'{own[part]} 0 R' for part in page)}]"
            for at, page in enumerate(self._pages[: len(pages)])
        )
        by_field = "".join(f"\n{len(pages) + at} {own[part]} 0 R" for at, part in enumerate(self._fields))
        tree = _register(document, Raw(f"<</Nums [{by_page}{by_field}]>>".encode("ascii")), "ParentTree")
        kids = f"/K {own[self._root]} 0 R/ParentTree {tree} 0 R/ParentTreeNextKey {last}"
        root.data = f"<</Type/StructTreeRoot{kids}>>".encode("ascii")
        return reference


def _register(document: Any, thing: Raw, name: str) -> int:
    document.Reference(thing, name)
    number: int = document.idToObjectNumberAndVersion[name][0]
    return number


def _all_parts(part: _Part) -> Iterator[_Part]:
    yield part
    for held in part.held:
        if isinstance(held, _Part):
            yield from _all_parts(held)


def _written(part: _Part, own: dict[_Part, int], *, above: int, pages: list[int], document: Any) -> bytes:
    """Write one part. Its marks are numbers on its own page, or name the other page that they are on."""
    held = " ".join(_kid(kid, part, own, pages) for kid in part.held)
    if part.field:
        held = f"<</Type/OBJR/Obj {document.idToObjectNumberAndVersion[part.field][0]} 0 R>>"
    written = f"<</S/{part.tag.value}/P {above} 0 R/K[{held}]"
    if part.page is not None:
        written += f"/Pg {pages[part.page]} 0 R"
    if part.box:
        corners = " ".join(f"{edge:.1f}" for edge in part.box)
        written += f"/A<</O/Layout/Placement/Block/BBox[{corners}]>>"
    if part.scope:
        written += f"/A<</O/Table/Scope/{part.scope}>>"
    data = written.encode("ascii")
    for key, text in ((b"/Alt", part.alternative), (b"/T", part.title)):
        if text:
            data += key + pdfdoc.PDFString(text).format(document)
    return data + b">>"


def _kid(kid: _Part | tuple[int, int], part: _Part, own: dict[_Part, int], pages: list[int]) -> str:
    if isinstance(kid, _Part):
        return f"{own[kid]} 0 R"
    page, number = kid
    if page == part.page:
        return str(number)
    return f"<</Type/MCR/Pg {pages[page]} 0 R/MCID {number}>>"
