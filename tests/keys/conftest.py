"""A new data folder with an empty ring, cheap to open."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.ring import KeyRing
from keys.sealing import FLOOR
from tests.keys.rings import PASSPHRASE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    KeyRing.create(tmp_path / "town", passphrase=PASSPHRASE, cost=FLOOR)
    return tmp_path / "town"


@pytest.fixture
def ring(folder: Path) -> KeyRing:
    return KeyRing.open(folder, passphrase=PASSPHRASE)
