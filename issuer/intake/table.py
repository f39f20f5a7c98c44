"""From bytes to a table of cells, whatever program wrote the file.

What is decided here: size, encoding (UTF-8 with or without BOM, else Windows-1252), separator (``;``,
``,`` or tab, or a first line ``sep=;``), quoted cells, limits. Line numbers are those of a spreadsheet:
one record, one line, the empty ones counted. What is not text (a workbook, a PDF, UTF-16) is named and
refused with the fix. Left to others: what a column means (`headers`), what a cell says (`values`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from issuer.intake.faults import Fault, IntakeError, shown

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "MAX_LINES", "Record", "Table", "column_letter", "read_table"]

MAX_BYTES: Final = 10_000_000
MAX_LINES: Final = 20_000
MAX_COLUMNS: Final = 200
_MAX_CELL: Final = 2_000
_MAX_HEADER: Final = 100_000  # below the field limit of the csv module
_SEPARATORS: Final = (";", "\t", ",")
_SEP_LINE: Final = re.compile(r"\A\ufeff?sep=([;,\t])\r?\n", re.I)
_NOT_TEXT: Final = ((b"PK\x03\x04", "workbook"), (b"\xd0\xcf\x11\xe0", "workbook"), (b"%PDF", "not_text"))
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the spreadsheet; `cells` are trimmed of white space."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether no cell says anything."""
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """The first line that is not blank, and the others."""

    header: Record
    records: tuple[Record, ...]


def column_letter(index: int) -> str:
    """Return the letter of a column as spreadsheets show it: 0 → A, 26 → AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_table(data: bytes) -> Table:
    """Return the cells of a CSV file. Raises `IntakeError` for what is no table of text."""
    text = _decode(data)
    stated = _SEP_LINE.match(text)
    body = text[stated.end() :] if stated else text
    separator = stated[1] if stated else _separator(body)
    records = tuple(_records(body, separator))
    filled = [record for record in records if not record.is_blank]
    if not filled:
        raise IntakeError([Fault("empty_file")])
    if len(filled) - 1 > MAX_LINES:
        raise IntakeError(
            [Fault("too_many_lines", values={"got": str(len(filled) - 1), "limit": str(MAX_LINES)})]
        )
    return Table(filled[0], tuple(filled[1:]))


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise IntakeError(
            [Fault("file_too_big", values={"got": str(len(data)), "limit": str(MAX_BYTES // 1_000_000)})]
        )
    for start, code in _NOT_TEXT:
        if data.startswith(start):
            raise IntakeError([Fault(code)])
    if data.startswith(_UTF16):
        raise IntakeError([Fault("utf16")])
    if b"\0" in data:
        raise IntakeError([Fault("nul_byte", line=data[: data.index(b"\0")].count(b"\n") + 1)])
    return _as_text(data)


def _as_text(data: bytes) -> str:
    """UTF-8 if it is UTF-8: almost no Windows-1252 text with accents is; else Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise IntakeError([Fault("encoding", line=line)]) from None


def _separator(text: str) -> str:
    """Choose what cuts the header into most cells, quotes respected; a tie goes to the semicolon."""
    first = next((line for line in text.splitlines() if line.strip(' \t;,"')), "")
    # A header that a person wrote is short; what is longer is refused by the reader of cells.
    return max(_SEPARATORS, key=lambda mark: len(next(csv.reader([first[:_MAX_HEADER]], delimiter=mark), [])))


def _records(text: str, separator: str) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # An open or misplaced quote: from here on nobody knows where a cell ends.
            raise IntakeError([Fault("quotes", line=line + 1)]) from None
        line += 1
        if line > 4 * MAX_LINES:
            raise IntakeError([Fault("too_many_lines", values={"got": f"> {line}", "limit": str(MAX_LINES)})])
        yield _record(line, cells)


def _record(line: int, cells: list[str]) -> Record:
    if len(cells) > MAX_COLUMNS:
        values = {"got": str(len(cells)), "limit": str(MAX_COLUMNS)}
        raise IntakeError([Fault("too_many_columns", line=line, values=values)])
    for index, cell in enumerate(cells):
        if len(cell) > _MAX_CELL:
            values = {"cell": shown(cell), "limit": str(_MAX_CELL)}
            raise IntakeError([Fault("cell_too_long", line=line, column=column_letter(index), values=values)])
    return Record(line, tuple(cell.strip() for cell in cells))
