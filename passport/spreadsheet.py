"""Spreadsheet: CSV that we write, safe to open in one.

What is decided here: a cell that a spreadsheet would run as a formula (it begins with ``=``, ``+``,
``-``, ``@``, a tab or a line end) is written with an apostrophe before it, which spreadsheets show as
text; the separator is ``;`` and the file begins with a BOM, as French spreadsheets expect. The threat:
a name such as ``=cmd|…`` in a list that a trainer or an employer opens. Left to others: what is written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["CSV_START", "csv_lines", "safe_cell", "write_csv"]

CSV_START: Final = b"\xef\xbb\xbf"
"""The BOM that a file begins with."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a whole file: the BOM and the lines."""
    return CSV_START + csv_lines(rows)


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Return lines in UTF-8, ``;`` between cells, CRLF after lines (RFC 4180), every cell made safe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue().encode("utf-8")
