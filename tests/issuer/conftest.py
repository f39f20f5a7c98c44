"""A register for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from issuer.register import Register
from tests.issuer.registers import Clock, make_register


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path, clock: Clock) -> Iterator[Register]:
    """A scheme with two bodies, published, in a folder of its own."""
    with make_register(tmp_path / "scheme", clock) as made:
        yield made
