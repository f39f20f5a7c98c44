"""Documents: what this verifier knows of a scheme right now, fetched, kept, and never taken back.

What is decided here: when a document is asked for again (its `ttl`, and sooner while a server answers);
how a verifier that pinned an old list walks, version by version, to the newest (The Update Framework,
section 5.3); and that a failed fetch leaves in place what was known. Stale documents are handed on as they
are: `verify()` decides what age means. One instance serves all threads.

Left to others: where the bytes come from (`verifier.fetching`), which of them are believed, and that none
is taken back (`verifier.accepting`). What is known lives in memory and is fetched anew when the program
starts.

Example::

    documents = Documents(HttpSource("https://passport.example"), pin)
    report = documents.check(token)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from passport.errors import PassportError, TrustError
from passport.trust.model import Pin
from verifier.accepting import Holding, accept_status, scheme_url_of
from verifier.fetching import (
    DocumentSource,
    FirstSource,
    FolderSource,
    HttpSource,
    KeptSource,
    SourceError,
)
from verifier.report import Reason, Report
from verifier.statuses import StatusSnapshot
from verifier.trust import Trust
from verifier.verifying import verify

__all__ = [
    "DocumentSource",
    "Documents",
    "FirstSource",
    "FolderSource",
    "HttpSource",
    "KeptSource",
    "SourceError",
    "scheme_url_of",
]

_REFETCH_SECONDS: Final = 300
_RETRY_SECONDS: Final = 30
_HURRY_SECONDS: Final = 10
_STEPS: Final = 500


class Documents:
    """The documents of one pinned scheme.

    `clock`: seconds since 1970. `refetch_seconds`: ask again after this, even when a `ttl` allows longer, so
    that a withdrawal shows within minutes where there is a network.
    """

    def __init__(
        self,
        source: DocumentSource,
        pin: Pin,
        clock: Callable[[], float] = time.time,
        *,
        refetch_seconds: int = _REFETCH_SECONDS,
    ) -> None:
        self._source = source
        self._held = Holding(pin)
        self._clock = clock
        self._refetch = refetch_seconds
        self._url = scheme_url_of(pin)
        self._trust_asked = float("-inf")
        self._trust_due = float("-inf")
        self._trust_turn = threading.Lock()
        self._status: dict[str, StatusSnapshot] = {}
        self._status_documents: dict[str, bytes] = {}
        self._status_due: dict[str, float] = {}
        self._status_turn = threading.Lock()

    @property
    def scheme_url(self) -> str:
        """The address of the scheme."""
        return self._url

    @property
    def pin(self) -> Pin:
        """The pin of the scheme, as it stands after the lists that were accepted."""
        return self._held.pin

    @property
    def known(self) -> Trust | None:
        """The scheme as known, without asking anybody."""
        return self._held.trust

    def is_fresh(self, uris: Sequence[str] = ()) -> bool:
        """Tell whether trust, and the status lists at `uris`, can be used without asking anybody."""
        return self._clock() < self._trust_due and not any(self._is_due(uri) for uri in uris)

    def instant(self) -> int:
        """Return the present moment of the clock, in whole seconds since 1970."""
        return int(self._clock())

    def check(self, token: bytes | str, at: int | None = None) -> Report:
        """Verify a token with what is known, fetching its status lists first when they are due."""
        instant = self.instant() if at is None else at
        report = verify(token, trust=self.trust(), status=self._status, at=instant)
        if report.reason is Reason.TRUST_STALE and self._hurry():
            # A body or a key younger than our list: the list may be there by now.
            report = verify(token, trust=self.trust(), status=self._status, at=instant)
        due = [uri for uri in report.status_uris if self._is_due(uri)]
        if not due:
            return report
        for uri in due:
            self.status(uri)
        return verify(token, trust=self.trust(), status=self._status, at=instant)

    def used(self, report: Report) -> Mapping[str, bytes]:
        """Return the documents that `report` rests on, by their URL, as they were received.

        Trust list, `now`, the sealed sets that were looked into, the status lists; what is not at hand is
        left out. Taken right after the check: a document that was fetched meanwhile stands in its place.
        """
        held, root = self._held, f"{self._url}/trust"
        found: dict[str, bytes] = {}
        if held.trust_list is not None:
            found[f"{root}/list.json"] = held.trust_list.document
        if held.now is not None:
            found[f"{root}/now.json"] = held.now.document
        sets = {digest: held.sets[digest] for digest in report.sealed_sets if digest in held.sets}
        found |= {f"{root}/sets/{digest}": received.document for digest, received in sets.items()}
        lists = self._status_documents
        return found | {uri: lists[uri] for uri in report.status_uris if uri in lists}

    def trust(self) -> Trust | None:
        """Return the scheme as known, asked for again when due; None when nothing was ever accepted."""
        known = self._held.trust
        if self._clock() < self._trust_due:
            return known
        # One thread fetches. The others go on with what is known, and wait only when nothing is.
        if not self._trust_turn.acquire(blocking=known is None):
            return known
        try:
            if self._clock() >= self._trust_due:
                self._refresh_trust()
        finally:
            self._trust_turn.release()
        return self._held.trust

    def status(self, uri: str) -> StatusSnapshot | None:
        """Return the status list at `uri` as known, asked for again when due; None when never accepted."""
        known = self._status.get(uri)
        if not self._is_due(uri) or not self._status_turn.acquire(blocking=known is None):
            return known
        try:
            if self._is_due(uri):
                self._refresh_status(uri)
        finally:
            self._status_turn.release()
        return self._status.get(uri)

    def _hurry(self) -> bool:
        now = self._clock()
        if now < self._trust_asked + _HURRY_SECONDS:
            return False
        self._trust_due = now
        return True

    def _is_due(self, uri: str) -> bool:
        return self._clock() >= self._status_due.get(uri, float("-inf"))

    def _refresh_status(self, uri: str) -> None:
        known, wait = self._status.get(uri), _RETRY_SECONDS
        trust = self.known
        try:
            if trust is not None:
                document, at = self._source.fetch(uri), self._clock()
                fetched = accept_status(document, uri=uri, trust=trust, known=known, at=at)
                self._status[uri] = fetched
                self._status_documents[uri] = document
                wait = min(self._refetch, fetched.ttl)
        except PassportError:
            pass  # what was known stays; verify() says how old it is
        self._status_due[uri] = self._clock() + wait

    def _refresh_trust(self) -> None:
        self._trust_asked = self._clock()
        try:
            held, settled = self._fetched_trust(self._held)
        except SourceError:
            held, settled = self._held, False  # nobody answers: what was known stays
        self._held = self._fetched_sets(held.with_sets_wanted())
        wait = self._refetch if settled and held.is_settled else min(self._refetch, _RETRY_SECONDS)
        self._trust_due = self._clock() + wait

    def _fetched_trust(self, held: Holding) -> tuple[Holding, bool]:
        """Return what is held after asking, and whether the `now` that is served was accepted.

        Raises `SourceError` when nobody answers.
        """
        if held.trust_list is not None:
            held, settled = self._fetched_now(held)
            if settled and held.is_settled:
                return held, True
        held = self._fetched_list(held)
        if held.trust_list is None:
            return held, False
        try:
            return self._fetched_now(held)
        except SourceError:
            return held, False  # the list at least

    def _fetched_now(self, held: Holding) -> tuple[Holding, bool]:
        document = self._source.fetch(f"{self._url}/trust/now.json")
        try:
            return held.with_now(document, at=self._clock()), True
        except PassportError:
            return held, False

    def _fetched_list(self, held: Holding) -> Holding:
        """Return what is held with the newest acceptable list."""
        try:
            return held.with_list(self._source.fetch(f"{self._url}/trust/list.json"), at=self._clock())
        except TrustError as error:
            return self._walked(held) if error.code == "root_signatures" else held
        except PassportError:
            return held

    def _walked(self, held: Holding) -> Holding:
        """Go from version to version: the roots of one must have signed the next (TUF 5.3.3 to 5.3.8)."""
        first = held.trust_list.value.version + 1 if held.trust_list else 1
        for version in range(first, first + _STEPS):
            try:
                document = self._source.fetch(f"{self._url}/trust/{version}.json")
            except SourceError:
                break
            try:
                found = held.with_list(document, at=self._clock())
            except PassportError:
                continue  # from before the pinned roots, or forged: the next must stand on its own
            if found.trust_list is not None and found.trust_list.value.version == version:
                held = found
        return held

    def _fetched_sets(self, held: Holding) -> Holding:
        """Return what is held with the sealed sets; one that is not at hand is left to `verify()`."""
        for digest in sorted(held.wanted_sets - held.sets.keys()):
            try:
                document = self._source.fetch(f"{self._url}/trust/sets/{digest}")
                held = held.with_set(document, digest=digest)
            except PassportError:
                continue
        return held
