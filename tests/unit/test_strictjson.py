"""Signed JSON: how deep it may be nested."""

from __future__ import annotations

import pytest

from passport.errors import MalformedError
from passport.limits import LIMITS
from passport.strictjson import parse_object


def _nested(levels: int, *, beside: str = "") -> bytes:
    lists = levels - 1
    return f'{{"a":{"[" * lists}1{"]" * lists}{beside}}}'.encode()


@pytest.mark.parametrize("beside", ["", ',"b":[]', ',"b":"[[["'])
def test_the_deepest_that_is_read_does_not_depend_on_what_stands_beside(beside: str) -> None:
    """A plain value once counted as a level, but only where other brackets made the document be looked at."""
    assert parse_object(_nested(LIMITS.json_depth, beside=beside), max_bytes=1000)
    with pytest.raises(MalformedError) as caught:
        parse_object(_nested(LIMITS.json_depth + 1, beside=beside), max_bytes=1000)
    assert caught.value.code == "json_depth"
