"""A register for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from issuer.register import Register
from tests.issuer.databases import NewDatabase
from tests.issuer.registers import Clock, make_register


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path, clock: Clock, new_database: NewDatabase) -> Iterator[Register]:
    """A scheme with two bodies, published, in a folder of its own."""
    folder = tmp_path / "scheme"
    with make_register(folder, clock, url=new_database(folder)) as made:
        yield made
