"""Fixtures shared by all rooms, and the policy on tests that need a browser or Poppler.

In CI a test that needs Chromium or Poppler is never left out: a missing program is a failure. On a
machine without them the run says loudly, at its end, what was left out and how to get it.
"""

from __future__ import annotations

import os
import shutil

import pytest

from tests.town import Town

_NEEDS = {"browser": ("chromium",), "poppler": ("pdftoppm", "pdftotext", "pdffonts")}
_left_out = pytest.StashKey[dict[str, int]]()


def _missing(marker: str) -> list[str]:
    return [program for program in _NEEDS[marker] if shutil.which(program) is None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {marker: programs for marker in _NEEDS if (programs := _missing(marker))}
    if not missing:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError(f"CI must have the programs of every test; missing: {missing}. See .ci/run.")
    kept, dropped = [], []
    for item in items:
        needs = [marker for marker in missing if item.get_closest_marker(marker)]
        (dropped if needs else kept).append(item)
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept
    config.stash[_left_out] = {marker: len(dropped) for marker in missing}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    missing = {marker: programs for marker in _NEEDS if (programs := _missing(marker))}
    if missing:
        write = terminalreporter.write_line
        write("=" * 78)
        for marker, programs in missing.items():
            write(
                f"LEFT OUT: every test marked `{marker}`: {', '.join(programs)} not found on this machine.",
                red=True,
            )
        write("Install Chromium and Poppler (Debian: apt-get install chromium poppler-utils) and run again.")
        write("=" * 78)


@pytest.fixture
def town() -> Town:
    """A fresh fake town."""
    return Town.make()
