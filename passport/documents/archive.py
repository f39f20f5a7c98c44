"""What makes a print a file for years: PDF/A-3, PDF/UA-1, and the files that travel in it.

Decided here: the metadata (XMP: ISO 16684-1, with the extension schema that PDF/A asks for `pdfuaid`), the
output intent (sRGB), the catalog (language, tags, title in the window), how attachments are bound to the
document (ISO 19005-3 section 6.8: `/AF`, relationship *Data*), that streams end as ISO 19005-3 section
6.1.7 wants, and that no date of today gets in: the same input gives the same bytes. Left to others: what
is drawn (`paper`), its structure (`tags`), which files are attached (`issuer.prints`).

reportlab writes none of this by itself; everything goes in as objects before it writes the file, so there
is no second pass over a finished one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from PIL import ImageCms
from reportlab.pdfbase import pdfdoc

from passport.documents.objects import Raw, deflated_stream, stream
from passport.documents.tags import Structure

__all__ = ["Attachment", "Information", "archive"]

_CREATOR: Final = "passport"
_PRODUCER: Final = "reportlab"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,60}")
_PROFILE_DATE: Final = slice(24, 36)
_PROFILE_DAY: Final = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # 2000-01-01: the profile says no time
_CODE: Final = re.compile(r"<[0-9A-F]{2}> <[0-9A-F]{4}>")
_BLOCK: Final = 100  # entries in one block of a character map (Adobe technical note 5014)
_CHARACTER_MAP: Final = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<00> <FF>
endcodespacerange
{pairs}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""
_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels in a print, as the data from which the print was made.

    `name`: a plain file name. `media_type`: as in ``application/jwt``. `description`: for people.
    `dated`: when the data was made, in seconds since 1970 (never the time of printing), or None.
    """

    name: str
    media_type: str
    data: bytes
    description: str
    dated: int | None = None

    def __post_init__(self) -> None:
        """Refuse a name that a reader could take for a path, and a media type that is none."""
        if not _NAME.fullmatch(self.name) or not _MEDIA_TYPE.fullmatch(self.media_type):
            raise ValueError(
                f"not the name and media type of an attachment: {self.name!r}, {self.media_type!r}"
            )


class Information(pdfdoc.PDFInfo):  # type: ignore[misc]
    """The document information without dates, keywords and names that nobody gave."""

    def format(self, document: Any) -> Any:
        """Return it as written."""
        values = {"Title": self.title, "Creator": _CREATOR, "Producer": _PRODUCER}
        return pdfdoc.PDFDictionary({k: pdfdoc.PDFString(v) for k, v in values.items()}).format(document)


def archive(
    document: Any,
    structure: Structure,
    *,
    title: str,
    lang: str,
    attachments: Sequence[Attachment],
) -> None:
    """Complete a reportlab document whose pages are all drawn, in place."""
    _embed_fonts(document)
    catalog = document.Catalog
    pages = [f"Page{at + 1}" for at in range(document.pageCounter - 1)]
    catalog.StructTreeRoot = structure.write(document, pages=pages)
    catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
    catalog.ViewerPreferences = pdfdoc.PDFDictionary({"DisplayDocTitle": "true"})
    catalog.Metadata = document.Reference(Raw(stream(_xmp(title, lang), "/Type/Metadata/Subtype/XML")))
    further = {"OutputIntents": pdfdoc.PDFArray([_output_intent(document)])}
    if attachments:
        further |= _attach(document, sorted(attachments, key=lambda one: one.name))
    catalog.__Defaults__ = {**catalog.__Defaults__, **further}
    for part in (title, lang, *(attachment.data for attachment in attachments)):
        document.updateSignature(part)


def _embed_fonts(document: Any) -> None:
    """Put the fonts in, their streams ended as PDF/A wants: reportlab ends a stream without a new line."""
    for font in document.delayedFonts:
        font.addObjects(document)
    document.delayedFonts.clear()
    for name, thing in list(document.idToObject.items()):
        if type(thing) is not pdfdoc.PDFStream:
            continue
        if name.startswith("toUnicodeCMap:"):
            document.idToObject[name] = deflated_stream(_characters(thing.content), "")
        else:
            entries = "".join(f"/{key} {value}" for key, value in thing.dictionary.dict.items())
            document.idToObject[name] = deflated_stream(thing.content, entries)


def _characters(written: str) -> bytes:
    """Return which character each code stands for (ISO 32000-1 section 9.10.3), from what reportlab wrote.

    It says that code 0, which no text has, stands for U+0000: forbidden (ISO 19005-3 section 6.2.11.7.2).
    """
    known = [pair for pair in _CODE.findall(written) if not pair.endswith("<0000>")]
    blocks = [known[at : at + _BLOCK] for at in range(0, len(known), _BLOCK)]
    pairs = "\n".join("\n".join((f"{len(one)} beginbfchar", *one, "endbfchar")) for one in blocks)
    return _CHARACTER_MAP.format(pairs=pairs).encode("ascii")


def _xmp(title: str, lang: str) -> bytes:
    told = _XMP.format(title=escape(title), lang=lang, creator=_CREATOR, producer=_PRODUCER)
    return told.encode("utf-8")


@cache
def _profile() -> bytes:
    """Return an sRGB profile (ICC.1, version 4), without the day on which it was computed."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_PROFILE_DATE] = _PROFILE_DAY
    return bytes(made)


def _output_intent(document: Any) -> Any:
    profile = document.Reference(deflated_stream(_profile(), "/N 3/Alternate/DeviceRGB"))
    text = pdfdoc.PDFString("sRGB IEC61966-2.1")
    return pdfdoc.PDFDictionary(
        {
            "Type": "/OutputIntent",
            "S": "/GTS_PDFA1",
            "OutputConditionIdentifier": text,
            "Info": text,
            "DestOutputProfile": profile,
        }
    )


def _attach(document: Any, attachments: Sequence[Attachment]) -> dict[str, Any]:
    specifications = [document.Reference(_specification(document, one)) for one in attachments]
    names: list[Any] = []
    for one, specification in zip(attachments, specifications, strict=True):
        names += [pdfdoc.PDFString(one.name), specification]
    files = pdfdoc.PDFDictionary({"Names": pdfdoc.PDFArray(names)})
    return {
        "Names": pdfdoc.PDFDictionary({"EmbeddedFiles": files}),
        "AF": pdfdoc.PDFArray(specifications),
    }


def _specification(document: Any, attachment: Attachment) -> Any:
    checksum = hashlib.md5(attachment.data, usedforsecurity=False).hexdigest()
    parameters = f"/Size {len(attachment.data)}/CheckSum<{checksum}>"
    if attachment.dated is not None:
        parameters += f"/ModDate({datetime.fromtimestamp(attachment.dated, tz=UTC):D:%Y%m%d%H%M%SZ})"
    subtype = attachment.media_type.replace("/", "#2F")
    entries = f"/Type/EmbeddedFile/Subtype/{subtype}/Params<<{parameters}>>"
    embedded = document.Reference(deflated_stream(attachment.data, entries))
    name = pdfdoc.PDFString(attachment.name)
    return pdfdoc.PDFDictionary(
        {
            "Type": "/Filespec",
            "F": name,
            "UF": name,
            "Desc": pdfdoc.PDFString(attachment.description),
            "AFRelationship": "/Data",
            "EF": pdfdoc.PDFDictionary({"F": embedded, "UF": embedded}),
        }
    )
