"""Updating: one turn of asking a scheme for its trust documents, from what is held to what is newer.

What is decided here: in which order they are asked for (`now` first: it tells whether there is another list),
how a verifier that pinned an old list walks, version by version, to the newest (The Update Framework, section
5.3), what is asked no further once nobody answers, and that a turn ends: a slow server gets no more time than
`seconds`, however many documents it has.

Left to others: which document is believed (`verifier.accepting`), when a turn is due (`verifier.sources`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from passport.errors import PassportError, TrustError
from verifier.accepting import Holding
from verifier.fetching import DocumentSource, SourceError

__all__ = ["Note", "Update"]

Note = Callable[[str, str], None]
"""Called with the kind of a document and the code of the error when one was not had or not believed."""

_STEPS: Final = 500
_SECONDS: Final = 30.0
_MISSING: Final = "document_missing"


class Update:
    """One turn. `at`: the present, in seconds since 1970. `note`: told of every failure."""

    def __init__(self, source: DocumentSource, scheme_url: str, *, at: float, note: Note) -> None:
        self._source = source
        self._url = scheme_url
        self._at = at
        self._note = note
        self._until = time.monotonic() + _SECONDS

    def run(self, held: Holding) -> tuple[Holding, bool]:
        """Return what is held afterwards, and whether all of it is as the scheme has it now."""
        held, settled = self._trust(held)
        held = self._sets(held.with_sets_wanted())
        return held, settled and held.is_settled and held.wanted_sets <= held.sets.keys()

    def _trust(self, held: Holding) -> tuple[Holding, bool]:
        settled = False
        try:
            if held.trust_list is not None:
                held, settled = self._now(held)
            if not (settled and held.is_settled):
                held = self._list(held)
                if held.trust_list is not None:
                    held, settled = self._now(held)
        except _SilentError as silent:
            return silent.held, False
        return held, settled

    def _fetch(self, path: str, kind: str) -> bytes:
        try:
            if time.monotonic() > self._until:
                raise SourceError("The server of the scheme is too slow.")
            return self._source.fetch(self._url + path)
        except SourceError as error:
            self._note(kind, error.code)
            raise

    def _now(self, held: Holding) -> tuple[Holding, bool]:
        """Return what is held with the `now` that is served, and whether that one was accepted."""
        try:
            document = self._fetch("/trust/now.json", "now")
        except SourceError as error:
            if error.code == _MISSING:
                return held, False  # somebody answers: there may be another list
            raise _SilentError(held) from error
        try:
            return held.with_now(document, at=self._at), True
        except PassportError as error:
            self._note("now", error.code)
            return held, False

    def _list(self, held: Holding) -> Holding:
        """Return what is held with the newest acceptable list."""
        try:
            document = self._fetch("/trust/list.json", "list")
        except SourceError as error:
            if error.code == _MISSING:
                return held
            raise _SilentError(held) from error
        try:
            return held.with_list(document, at=self._at)
        except PassportError as error:
            walkable = isinstance(error, TrustError) and error.code == "root_signatures"
            walked = self._walked(held) if walkable else held
            if walked is held:
                self._note("list", error.code)
            return walked

    def _walked(self, held: Holding) -> Holding:
        """Go from version to version: the roots of one must have signed the next (TUF 5.3.3 to 5.3.8)."""
        first = held.trust_list.value.version + 1 if held.trust_list else 1
        for version in range(first, first + _STEPS):
            try:
                document = self._source.fetch(f"{self._url}/trust/{version}.json")
            except SourceError:
                break
            try:
                found = held.with_list(document, at=self._at)
            except PassportError:
                continue  # from before the pinned roots, or forged: the next must stand on its own
            if found.trust_list is not None and found.trust_list.value.version == version:
                held = found
            if time.monotonic() > self._until:
                break
        return held

    def _sets(self, held: Holding) -> Holding:
        """Return what is held with the sealed sets; one that is not at hand is left to `verify()`."""
        for digest in sorted(held.wanted_sets - held.sets.keys()):
            try:
                document = self._fetch(f"/trust/sets/{digest}", "set")
            except SourceError as error:
                if error.code != _MISSING:
                    break  # nobody answers: the others would only cost time
                continue
            try:
                held = held.with_set(document, digest=digest)
            except PassportError as error:
                self._note("set", error.code)
        return held


class _SilentError(Exception):
    """Nobody answers; `held` is what had been reached."""

    def __init__(self, held: Holding) -> None:
        super().__init__()
        self.held = held
