"""Objects that are written as the bytes they hold, and streams that end as an archive wants them to.

Decided here: a stream ends with a new line of its own before `endstream` (ISO 19005-3 section 6.1.7.1),
which reportlab leaves out. Left to others: what is in them.
"""

from __future__ import annotations

import zlib
from typing import Any

from reportlab.pdfbase import pdfdoc

__all__ = ["Raw", "deflated_stream", "stream"]


class Raw(pdfdoc.PDFObject):  # type: ignore[misc]
    """An object of reportlab that is written as the bytes it holds."""

    __RefOnly__ = 1

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def format(self, _: Any) -> bytes:
        """Return the bytes."""
        return self.data


def deflated_stream(data: bytes, entries: str) -> Raw:
    """Return a stream of compressed bytes; `entries`: the rest of its dictionary, as written."""
    return Raw(stream(zlib.compress(data), f"{entries}/Filter/FlateDecode"))


def stream(data: bytes, entries: str) -> bytes:
    """Write a stream; `entries`: its dictionary but for the length, as written."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream\n" % (entries.encode("ascii"), len(data), data)
