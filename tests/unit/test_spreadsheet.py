"""CSV that we write: read back by another reader, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io

import pytest

from passport.spreadsheet import safe_cell, write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_what_we_write_is_no_formula(start: str) -> None:
    assert safe_cell(f"{start}1").startswith("'")
    rows = list(csv.reader(io.StringIO(write_csv([[f"{start}1", "sûr"]]).decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0].startswith("'")
    assert rows[0][1] == "sûr"
