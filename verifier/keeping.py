"""Keeping: accepted documents on disk, so that a restart without network still checks, and forgets nothing.

What is decided here: where a document lies (the layout of ``passport publish``; a version of the trust list
that changed the roots stays beside the newest, so that the way from the pin can be walked again), that it is
replaced whole or not at all (temporary file, fsync, rename), that several processes may share the folder, and
that a disk which is full or read-only is said once and stops nothing.

Left to others: believing any of it. What lies here is read like what a stranger's server says
(`verifier.accepting`): whoever can write into the folder can withhold, and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from verifier.fetching import FolderSource, SourceError, path_under

try:
    import fcntl
except ImportError:  # no such locks on this system: two processes may then overtake each other
    fcntl = None  # type: ignore[assignment]

__all__ = ["Keep", "put_file"]

_LOG: Final = logging.getLogger("passport.documents")
_LOCK: Final = ".lock"
_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}\.json")
_MOST_LISTS: Final = 10_000
_LOGGED: Final = 1_000


class Keep:
    """The folder in which the documents of one scheme are kept. `scheme_url`: its address."""

    def __init__(self, folder: Path, scheme_url: str) -> None:
        # The name is the whole address, escaped: no two schemes share a folder.
        self._folder = folder / quote(scheme_url, safe="")
        self._url = scheme_url
        self._source = FolderSource(self._folder, scheme_url)
        self._is_failing = False
        self._said: set[tuple[str, bytes]] = set()

    def url(self, path: str) -> str:
        """Return the address of the document at a path of the scheme."""
        return self._url + path

    def read(self, url: str) -> bytes | None:
        """Return what is kept of the document at `url`, unverified; None when there is nothing to read."""
        try:
            return self._source.fetch(url)
        except SourceError as error:
            if error.code != "document_missing":
                self.ignored(url, b"", error.code)
            return None

    def versions(self) -> list[str]:
        """Return the addresses of the kept versions of the trust list, oldest first."""
        names = [name for name in self._names("trust") if _VERSION.fullmatch(name)]
        return [f"{self._url}/trust/{name}" for name in sorted(names, key=lambda name: int(name[:-5]))]

    def lists(self) -> list[str]:
        """Return the addresses of the kept status lists."""
        names = [name for name in self._names("status") if not name.startswith(".")]
        return [f"{self._url}/status/{name}" for name in sorted(names)[:_MOST_LISTS]]

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off the other processes that share the folder."""
        with contextlib.ExitStack() as stack:
            with self._failing_softly():
                self._folder.mkdir(parents=True, exist_ok=True)
                lock = stack.enter_context((self._folder / _LOCK).open("ab"))
                if fcntl is not None:
                    fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def write(self, url: str, document: bytes) -> None:
        """Keep `document` in the place of what was there; a failure is logged once and is no error."""
        if self.read(url) == document:
            return
        with self._failing_softly():
            target = self._folder.joinpath(*path_under(url, self._url).split("/")[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            put_file(target, document)
            self._is_failing = False

    def drop(self, url: str) -> None:
        """Keep the document at `url` no longer."""
        with self._failing_softly():
            self._folder.joinpath(*path_under(url, self._url).split("/")[1:]).unlink(missing_ok=True)

    def ignored(self, url: str, document: bytes, code: str) -> None:
        """Say, once, that a kept document is not believed."""
        said = (url, hashlib.sha256(document).digest())
        if said in self._said or len(self._said) >= _LOGGED:
            return
        self._said.add(said)
        path = url.removeprefix(self._url)
        # No name of a person is in a path of a public document.
        _LOG.warning("A kept document was ignored: %s in %s (%s).", path, self._folder.parent, code)

    def _names(self, folder: str) -> list[str]:
        try:
            return os.listdir(self._folder / folder)  # noqa: PTH208 (names alone: no Path for each)
        except OSError:
            return []

    @contextlib.contextmanager
    def _failing_softly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not self._is_failing:
                why = error.strerror or type(error).__name__
                _LOG.warning("Documents cannot be kept in %s: %s.", self._folder.parent, why)
            self._is_failing = True


def put_file(target: Path, document: bytes) -> None:
    """Put a file in the place of another: after a power cut there is the old one or the new one, whole."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(document)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
