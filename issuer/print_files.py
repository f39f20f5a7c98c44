"""Files of prints: whole or not at all, and left alone when they are there already.

Left to others: what is in them (`issuer.prints`), the seal (`issuer.print_seal`).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from issuer.print_seal import SealSource, carries_seal, sealed

__all__ = ["write_sheet", "write_whole"]


def write_sheet(path: Path, pdf: bytes, seal: SealSource | None) -> None:
    """Write a sheet with its seal, if it has one. No two seals are alike: a whole one that is there stays."""
    if seal is None:
        write_whole(path, pdf)
    elif not (path.is_file() and carries_seal(path.read_bytes(), pdf, seal)):
        write_whole(path, sealed(pdf, seal))


def write_whole(path: Path, data: bytes) -> None:
    """Put the whole file in place in one step: a killed process leaves no half of a sheet."""
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".passport-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
