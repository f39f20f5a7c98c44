"""The one field that a print may have: an empty signature field, in which an electronic seal is set later.

Decided here: its entries (ISO 32000-1 sections 12.5.6.19 and 12.7.4.5; PDF/UA-1, ISO 14289-1 section 7.18: a
name for who does not see it), and that its own picture is empty: what is seen is part of the page, and
sealed with it. Left to others: where it stands (`paper`), its place in the structure (`tags`), the seal
itself (another room).
"""

from __future__ import annotations

from typing import Any, Final

from reportlab.pdfbase import pdfdoc

from passport.documents.objects import deflated_stream

__all__ = ["FIELD_OBJECT", "SEAL_FIELD", "add_seal_field"]

SEAL_FIELD: Final = "cachet"
"""Name of the field, as a reader shows it."""

FIELD_OBJECT: Final = "SealField"
"""Name of its object in the document of reportlab."""

_PRINTED_LOCKED: Final = 4 + 128  # flags of an annotation, ISO 32000-1 table 165


def add_seal_field(document: Any, *, box: tuple[float, float, float, float], says: str) -> Any:
    """Add the field and its form; return its dictionary and register it as `FIELD_OBJECT`.

    `box`: left, bottom, right, top in points. `says`: what is written there.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    shape = f"/Type/XObject/Subtype/Form/BBox[0 0 {width:.2f} {height:.2f}]/Resources<<>>"
    picture = document.Reference(deflated_stream(b"", shape))
    field = pdfdoc.PDFDictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Widget",
            "FT": "/Sig",
            "T": pdfdoc.PDFString(SEAL_FIELD),
            "TU": pdfdoc.PDFString(says),
            "F": _PRINTED_LOCKED,
            "Rect": f"[{' '.join(f'{edge:.2f}' for edge in box)}]",
            "AP": pdfdoc.PDFDictionary({"N": picture}),
        }
    )
    reference = document.Reference(field, FIELD_OBJECT)
    form = pdfdoc.PDFDictionary({"Fields": pdfdoc.PDFArray([reference]), "SigFlags": 3})
    document.Catalog.__Defaults__ = {**document.Catalog.__Defaults__, "AcroForm": form}
    return field
