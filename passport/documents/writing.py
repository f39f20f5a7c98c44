"""How the objects of a finished document go into its file: small ones together, compressed.

Decided here: that everything but streams lies in one object stream, found through a cross-reference
stream (ISO 32000-1 sections 7.5.7 and 7.5.8; allowed in PDF/A-3). A tagged sheet has some hundred small
objects: written one by one, as reportlab does, they are a third of the file. Left to others: the objects.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

from reportlab.pdfbase import pdfdoc

from passport.documents.objects import stream

__all__ = ["write_file"]

_HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_LEVEL: Final = 9


def write_file(document: Any) -> bytes:
    """Return the file of a reportlab document. It stands in for the document's own `format`."""
    catalog, info = document.Reference(document.Catalog), document.Reference(document.info)
    alone, packed = _formatted(document)
    packing = len(document.numberToId) + 1
    alone.append((packing, _object_stream(packed)))
    file = bytearray(_HEADER)
    entries = {0: (0, 0, 65535)}
    for number, data in alone:
        entries[number] = (1, len(file), 0)
        file += b"%d 0 obj\n%sendobj\n" % (number, data)
    entries |= {number: (2, packing, at) for at, (number, _) in enumerate(packed)}
    start, entries[packing + 1] = len(file), (1, len(file), 0)
    root = f"/Root {_text(catalog, document)}/Info {_text(info, document)}"
    table = _table(entries, f"{root}/ID[{2 * f'<{document.signature.hexdigest()}>'}]")
    file += b"%d 0 obj\n%sendobj\nstartxref\n%d\n%%%%EOF\n" % (packing + 1, table, start)
    return bytes(file)


def _formatted(document: Any) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """Return streams and other objects, by number. Formatting an object may register further ones."""
    alone, packed = list[tuple[int, bytes]](), list[tuple[int, bytes]]()
    number = 1
    while number in document.numberToId:
        thing = document.idToObject[document.numberToId[number]]
        data = pdfdoc.format(thing, document, toplevel=1)
        (alone if data.endswith(b"endstream\n") else packed).append((number, data))
        number += 1
    return alone, packed


def _text(reference: Any, document: Any) -> str:
    written: bytes = reference.format(document)
    return written.decode("ascii")


def _object_stream(packed: list[tuple[int, bytes]]) -> bytes:
    places, at = [], 0
    for number, data in packed:
        places.append(f"{number} {at}")
        at += len(data) + 1
    head = " ".join(places).encode("ascii") + b"\n"
    body = b"\n".join(data for _, data in packed)
    entries = f"/Type/ObjStm/N {len(packed)}/First {len(head)}/Filter/FlateDecode"
    return stream(zlib.compress(head + body, _LEVEL), entries)


def _table(entries: dict[int, tuple[int, int, int]], further: str) -> bytes:
    rows = b"".join(
        bytes((kind,)) + place.to_bytes(4) + index.to_bytes(2)
        for _, (kind, place, index) in sorted(entries.items())
    )
    told = f"/Type/XRef/Size {len(entries)}/W[1 4 2]{further}/Filter/FlateDecode"
    return stream(zlib.compress(rows, _LEVEL), told)
