"""Documents: what this verifier knows of a scheme right now, fetched, kept, and never taken back.

What is decided here: when a document is asked for again (its `ttl`, and sooner while a server answers);
that a version or a time older than one already accepted is refused (rollback), and one dated ahead of the
clock too (it would lock out all honest ones after it); how a verifier that
pinned an old list walks, version by version, to the newest (The Update Framework, section 5.3); and that a
failed fetch leaves in place what was known. Stale documents are handed on as they are: `verify()` decides
what age means. One instance serves all threads.

Left to others: where the bytes come from (`verifier.fetching`), what they say and who signed them (the
readers of `passport`). What is known lives in memory and is fetched anew when the program starts.

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
from passport.limits import LIMITS
from passport.trust.model import KeyState, Now, Pin, TrustList
from passport.trust.reading import read_now, read_sealed_set, read_trust_list
from verifier.fetching import (
    DocumentSource,
    FirstSource,
    FolderSource,
    HttpSource,
    KeptSource,
    SourceError,
)
from verifier.report import Reason, Report
from verifier.statuses import StatusSnapshot, read_status
from verifier.trust import Trust
from verifier.verifying import verify, verify_all

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


def scheme_url_of(pin: Pin) -> str:
    """Return the address of the pinned scheme, without a slash at its end."""
    return pin.issuer_prefix.removesuffix("/o/")


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
        self._pin = pin
        self._clock = clock
        self._refetch = refetch_seconds
        self._url = scheme_url_of(pin)
        self._trust: Trust | None = None
        self._trust_asked = float("-inf")
        self._trust_due = float("-inf")
        self._trust_turn = threading.Lock()
        self._status: dict[str, StatusSnapshot] = {}
        self._status_due: dict[str, float] = {}
        self._status_turn = threading.Lock()

    @property
    def scheme_url(self) -> str:
        """The address of the scheme."""
        return self._url

    @property
    def known(self) -> Trust | None:
        """The scheme as known, without asking anybody."""
        return self._trust

    def check_at_hand(self, tokens: Sequence[bytes | str]) -> list[Report | None]:
        """Verify tokens without asking anybody; None for one that needs something fetched first (`check`)."""
        now = self._clock()
        if now >= self._trust_due:
            return [None] * len(tokens)
        reports = verify_all(tokens, trust=self._trust, status=self._status, at=int(now))
        return [report if self._settles(report, now) else None for report in reports]

    def _settles(self, report: Report, now: float) -> bool:
        """Tell whether nothing fetched now could change a report."""
        if report.reason is Reason.TRUST_STALE and now >= self._trust_asked + _HURRY_SECONDS:
            return False
        for uri in report.status_uris:  # noqa: SIM110 (hot path: `all()` costs a microsecond)
            if now >= self._status_due.get(uri, float("-inf")):
                return False
        return True

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

    def trust(self) -> Trust | None:
        """Return the scheme as known, asked for again when due; None when nothing was ever accepted."""
        known = self._trust
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
        return self._trust

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
        trust = self._trust
        try:
            if trust is not None:
                fetched = read_status(self._source.fetch(uri), trust=trust)
                if fetched.uri != uri:
                    raise TrustError("The status list is the one of another address.", code="status_uri")
                self._refuse_ahead(fetched.issued_at)
                if known is not None and fetched.issued_at < known.issued_at:
                    raise TrustError("The status list is older than one already seen.", code="rollback")
                self._status[uri] = fetched
                wait = min(self._refetch, fetched.ttl)
        except PassportError:
            pass  # what was known stays; verify() says how old it is
        self._status_due[uri] = self._clock() + wait

    def _refresh_trust(self) -> None:
        self._trust_asked = self._clock()
        known = self._trust
        trust_list = known.trust_list if known else None
        try:
            now = self._fetch_now(trust_list)
            if trust_list is None or now is None or now.list_digest != trust_list.digest:
                trust_list = self._fetch_list(trust_list)
                now = self._fetch_now(trust_list)
        except SourceError:
            now = None  # nobody answers: what was known stays
        if trust_list is not None:
            self._pin = trust_list.pin
            now = _newest(now, _of_this_key(known, trust_list))
            sets = self._fetch_sets(trust_list, now, known.sets if known else {})
            self._trust = Trust(trust_list, now, sets)
        settled = trust_list is not None and now is not None and now.list_digest == trust_list.digest
        self._trust_due = self._clock() + (self._refetch if settled else min(self._refetch, _RETRY_SECONDS))

    def _fetch_now(self, trust_list: TrustList | None) -> Now | None:
        """Return the `now` that is served, None when this list's publication key did not sign it.

        Raises `SourceError` when nobody answers.
        """
        if trust_list is None:
            return None
        document = self._source.fetch(f"{self._url}/trust/now.json")
        try:
            now = read_now(document, trust_list=trust_list)
            self._refuse_ahead(now.issued_at)
        except PassportError:
            return None
        if now.list_version == trust_list.version and now.list_digest != trust_list.digest:
            return None  # it speaks of another list of the same number: not of ours
        return now

    def _fetch_list(self, known: TrustList | None) -> TrustList | None:
        """Return the newest acceptable list; `known` when there is none newer."""
        try:
            fetched = read_trust_list(self._source.fetch(f"{self._url}/trust/list.json"), pin=self._pin)
            self._refuse_ahead(fetched.issued_at)
        except TrustError as error:
            return self._walk(known) if error.code == "root_signatures" else known
        except PassportError:
            return known
        return fetched if known is None or fetched.version > known.version else known

    def _refuse_ahead(self, issued_at: int) -> None:
        if issued_at > self._clock() + LIMITS.clock_leeway_seconds:
            raise TrustError("The document is dated ahead of this clock.", code="dated_ahead")

    def _walk(self, known: TrustList | None) -> TrustList | None:
        """Go from version to version: the roots of one must have signed the next (TUF 5.3.3 to 5.3.8)."""
        newest, pin = known, self._pin
        first = known.version + 1 if known else 1
        for version in range(first, first + _STEPS):
            try:
                document = self._source.fetch(f"{self._url}/trust/{version}.json")
            except SourceError:
                break
            try:
                found = read_trust_list(document, pin=pin)
            except PassportError:
                continue  # from before the pinned roots, or forged: the next must stand on its own
            if found.version == version:
                newest, pin = found, found.pin
        return newest

    def _fetch_sets(
        self, trust_list: TrustList, now: Now | None, known: Mapping[str, frozenset[bytes]]
    ) -> Mapping[str, frozenset[bytes]]:
        """Return the sealed sets that decide something; one that is not at hand is left to `verify()`."""
        refused = now.refused_keys if now else frozenset()
        wanted = {
            key.sealed_set
            for body in trust_list.bodies.values()
            for key in body.keys.values()
            if key.sealed_set is not None
            and (key.state in {KeyState.SEALED, KeyState.COMPROMISED} or key.key.thumbprint in refused)
        }
        if now is not None and refused:
            wanted |= now.sealed_sets  # a key refused at once: its set may be bound by `now` alone
        sets = {digest: members for digest, members in known.items() if digest in wanted}
        for digest in wanted - sets.keys():
            try:
                document = self._source.fetch(f"{self._url}/trust/sets/{digest}")
                sets[digest] = read_sealed_set(document, digest=digest)
            except PassportError:
                continue
        return sets


def _of_this_key(known: Trust | None, trust_list: TrustList) -> Now | None:
    """Return the known `now`, if the publication key of this list signed it.

    What a replaced publication key signed is forgotten with it: a thief may have dated it ahead.
    """
    if known is None:
        return None
    before, after = known.trust_list.publication_key, trust_list.publication_key
    return known.now if before.thumbprint == after.thumbprint else None


def _newest(fetched: Now | None, kept: Now | None) -> Now | None:
    """Return the younger of two; one older than what was already accepted is refused (rollback)."""
    if fetched is None or kept is None:
        return fetched or kept
    return fetched if fetched.issued_at >= kept.issued_at else kept
