"""The signature field that an electronic seal is set in.

Decided here: where its words go (`TU`), that its own picture is empty, because what is seen is part of the
page and sealed with it, and that it is part of the structure (ISO 14289-1 section 7.18.4). Left to others:
the words drawn on the page (`back`), the seal itself (`keys.pdf_seal`).

Source: ISO 32000-2 sections 12.5.5, 12.7.5.5.
"""

from __future__ import annotations

from typing import Any, Final

from reportlab.pdfbase import pdfdoc

from passport.documents.objects import Raw, stream

__all__ = ["SEAL_FIELD", "add_seal_field"]

SEAL_FIELD: Final = "cachet"
"""Name of the signature field in which an electronic seal is set."""

_PRINTED_LOCKED: Final = 4 + 128  # flags of an annotation, ISO 32000-2 table 167


def add_seal_field(
    document: Any, *, box: tuple[float, float, float, float], says: str, struct_parent: int
) -> Any:
    """Add an empty signature field to a reportlab document; return its reference, for the page.

    `box`: left, bottom, right, top in points. `struct_parent`: its number in the structure's parent tree.
    """
    left, bottom, right, top = box
    shape = f"/Type/XObject/Subtype/Form/BBox[0 0 {right - left:.2f} {top - bottom:.2f}]/Resources<<>>"
    entries = {
        "Type": pdfdoc.PDFName("Annot"),
        "Subtype": pdfdoc.PDFName("Widget"),
        "FT": pdfdoc.PDFName("Sig"),
        "T": pdfdoc.PDFString(SEAL_FIELD),
        "TU": pdfdoc.PDFString(says),
        "F": _PRINTED_LOCKED,
        "Rect": pdfdoc.PDFArray([left, bottom, right, top]),
        "StructParent": struct_parent,
        "AP": pdfdoc.PDFDictionary({"N": document.Reference(Raw(stream(b"", shape)))}),
    }
    field = document.Reference(pdfdoc.PDFDictionary(entries), SEAL_FIELD)
    form = pdfdoc.PDFDictionary({"Fields": pdfdoc.PDFArray([field]), "SigFlags": 3})
    catalog = document.Catalog
    catalog.__Defaults__ = {**catalog.__Defaults__, "AcroForm": form}
    return field
