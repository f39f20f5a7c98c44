"""A checking counter of a fake town and a client of it, for every test of its pages and its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.pages.serving import Counter


@pytest.fixture
def counter() -> Counter:
    """A fresh counter: everything is at hand and recent."""
    return Counter.make()


@pytest.fixture
def client(counter: Counter) -> Iterator[TestClient]:
    """A client that goes where it is told and nowhere else; a fault of ours is an answer, as on a socket."""
    with TestClient(counter.app(), follow_redirects=False, raise_server_exceptions=False) as made:  # type: ignore[arg-type]
        yield made
