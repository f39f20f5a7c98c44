"""A ring in a data folder of its own, and ways to meddle with its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keys.records import KeyRecord
from passport.errors import PassportError

PASSPHRASE = b"quatre mots sans importance"
SLUG = "csc-marmiers"


def refused(code: str) -> pytest.RaisesExc[PassportError]:
    return pytest.RaisesExc(PassportError, check=lambda error: error.code == code)


def key_path(folder: Path, record: KeyRecord) -> Path:
    return folder / "keys" / record.owner / f"{record.kid}.json"


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
