"""Documents: what this verifier knows of one scheme right now: asked for, kept, and never taken back.

What is decided here: when a document is asked for again (its `ttl`, and sooner while a server answers), who
asks (one thread; few others wait for it, only while nothing usable is known, and not for long), and that
a failed turn leaves in place what was known. Stale documents are handed on as they are: `verify()` decides
what age means. One instance serves all threads.

Left to others: where the bytes come from (`verifier.fetching`), the turn of asking (`verifier.updating`),
which documents are believed (`verifier.accepting`), what stays on disk (`verifier.keeping`), asking ahead of
time (`verifier.refreshing`), several schemes (`verifier.schemes`).

Example::

    documents = Documents(HttpSource("https://passport.example"), pin)
    report = documents.check(token)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.trust.model import Pin
from verifier.accepting import Holding, Received, accept_status, scheme_url_of
from verifier.condition import Condition, Ledger
from verifier.fetching import DocumentSource, FirstSource, FolderSource, HttpSource, KeptSource, SourceError
from verifier.keeping import Keep
from verifier.lists import HeldList, Lists, Turnus
from verifier.recalling import keep_status, keep_trust, recall_status, recall_trust
from verifier.report import Reason, Report
from verifier.statuses import StatusSnapshot
from verifier.trust import Trust
from verifier.turns import Turn
from verifier.updating import Update
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
_QUIET_SECONDS: Final = 5
_IN_USE_SECONDS: Final = 3_600


class Documents:
    """The documents of one pinned scheme.

    `clock`: seconds since 1970. `refetch_seconds`: ask again after this, even when a `ttl` allows longer, so
    that a withdrawal shows within minutes where there is a network. `keep`: where accepted documents stay
    on disk; what is there is recalled at once.
    """

    def __init__(
        self,
        source: DocumentSource,
        pin: Pin,
        clock: Callable[[], float] = time.time,
        *,
        refetch_seconds: int = _REFETCH_SECONDS,
        keep: Keep | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._refetch = refetch_seconds
        self._keep = keep
        self._url = scheme_url_of(pin)
        self._held = Holding(pin)
        self._turnus = Turnus()
        self._turn = Turn()
        self._lists = Lists()
        self._lists_turn = Turn()
        self._quiet_until = float("-inf")
        self._ledger = Ledger()
        if keep is not None:
            self._recall(keep)

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

    def check_at_hand(self, tokens: Sequence[bytes | str]) -> list[Report | None]:
        """Verify tokens without asking anybody; None for one that needs something asked first (`check`)."""
        now = self._clock()
        if self._turnus.is_due(now):
            return [None] * len(tokens)
        reports = verify_all(tokens, trust=self._held.trust, status=self._lists.snapshots, at=int(now))
        asked = self._turnus.has_asked_within(_HURRY_SECONDS, now)
        due: dict[tuple[str, ...], bool] = {}  # a thousand credentials mostly stand on the same lists
        for report in reports:
            if report.status_uris not in due:
                due[report.status_uris] = bool(self._due(report, now))
        # What could be changed by asking now is not settled.
        return [
            None if due[report.status_uris] or (report.reason is Reason.TRUST_STALE and not asked) else report
            for report in reports
        ]

    def _due(self, report: Report, now: float) -> list[str]:
        """Return the lists that a report needs and that are to be asked for; note that all are in use."""
        for uri in report.status_uris:
            self._lists.use(uri, now)
        return [uri for uri in report.status_uris if self._is_due(uri, now)]

    def instant(self) -> int:
        """Return the present moment of the clock, in whole seconds since 1970."""
        return int(self._clock())

    def check(self, token: bytes | str, at: int | None = None) -> Report:
        """Verify a token with what is known, fetching its status lists first when they are due."""
        instant = self.instant() if at is None else at
        report = verify(token, trust=self.trust(), status=self._lists.snapshots, at=instant)
        if report.reason is Reason.TRUST_STALE and self._hurry():
            # A body or a key younger than our list: the list may be there by now.
            report = verify(token, trust=self.trust(), status=self._lists.snapshots, at=instant)
        if due := self._due(report, self._clock()):
            for uri in due:
                self.status(uri)
            report = verify(token, trust=self.trust(), status=self._lists.snapshots, at=instant)
        return report

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
        lists = {uri: self._lists.document(uri) for uri in report.status_uris}
        return found | {uri: document for uri, document in lists.items() if document is not None}

    def trust(self) -> Trust | None:
        """Return the scheme as known, asked for again when due; None when nothing was ever accepted."""
        known, now = self._held.trust, self._clock()
        if not self._turnus.is_due(now):
            return known
        # One thread fetches. The others go on with what is known, and wait only when that decides nothing.
        if not self._turn.take(waiting=known is None or known.weakness(int(now)) is not None):
            return known
        with self._turn:
            if self._turnus.is_due(self._clock()):
                self._refresh_trust()
        return self._held.trust

    def status(self, uri: str) -> StatusSnapshot | None:
        """Return the status list at `uri` as known, asked for again when due; None when never accepted."""
        known, now = self._lists.snapshots.get(uri), self._clock()
        if not self._is_due(uri, now):
            return known
        if not self._lists_turn.take(waiting=_is_stale(known, now)):
            return known
        with self._lists_turn:
            if self._is_due(uri, self._clock()):
                self._refresh_status(uri)
        return self._lists.snapshots.get(uri)

    def refresh_ahead(self) -> float:
        """Ask for what has had half of its time, before anybody waits; return seconds to wait."""
        if self._turnus.is_half_over(self._clock()) and self._turn.take(waiting=False):
            with self._turn:
                self._refresh_trust()
        for uri, held in self._lists.held():
            if self._clock() < self._quiet_until:
                break
            if self._is_half_over(held) and self._lists_turn.take(waiting=False):
                with self._lists_turn:
                    self._refresh_status(uri)
        return max(self._turnus.seconds / 2, 1.0)

    def condition(self) -> Condition:
        """Return how the documents are now."""
        trust, now, ledger = self._held.trust, self._clock(), self._ledger
        in_use = [held for _, held in self._lists.held() if now - held.used < _IN_USE_SECONDS]
        return Condition(
            scheme_url=self._url,
            trust=trust,
            weakness=trust.weakness(int(now)) if trust else Reason.TRUST_UNAVAILABLE,
            refreshed_at=ledger.refreshed_at,
            failing_since=ledger.failing_since,
            failure=ledger.failure,
            lists=[held.snapshot.issued_at for held in in_use],
            failures=dict(ledger.failures),
        )

    def _hurry(self) -> bool:
        now = self._clock()
        if self._turnus.has_asked_within(_HURRY_SECONDS, now):
            return False
        self._turnus = Turnus(self._turnus.asked, now)
        return True

    def _is_due(self, uri: str, now: float) -> bool:
        return now >= self._quiet_until and self._lists.is_due(uri, now, self._prefix_of)

    def _is_half_over(self, held: HeldList) -> bool:
        """Tell whether to ask ahead: in use, at half of its time; else at half of what it is worth."""
        now, turnus = self._clock(), held.turnus
        if now - held.used >= _IN_USE_SECONDS:
            worth = Turnus(turnus.asked, held.snapshot.issued_at + LIMITS.status_fresh_seconds)
            return turnus.is_due(now) and worth.is_half_over(now)
        return turnus.is_half_over(now)

    def _prefix_of(self, uri: str) -> str:
        """Return the prefix of the body whose list this would be, "" for nobody's."""
        trust = self._held.trust
        bodies = trust.trust_list.bodies.values() if trust else ()
        return next((body.status_prefix for body in bodies if uri.startswith(body.status_prefix)), "")

    def _recall(self, keep: Keep) -> None:
        at = self._clock()
        self._held = recall_trust(self._held, keep, at=at)
        trust = self._held.trust
        for uri in keep.lists() if trust is not None else ():
            found = recall_status(uri, keep, trust=trust, known=None, at=at) if trust else None
            if found is not None:
                self._lists.put(HeldList(found.value, found.document, used=at), self._prefix_of(uri))

    def _refresh_trust(self) -> None:
        at = self._clock()
        held = self._held if self._keep is None else recall_trust(self._held, self._keep, at=at)
        held, settled = Update(self._source, self._url, at=at, note=self._ledger.note).run(held)
        changed = held is not self._held
        self._held = held
        if self._keep is not None and changed:
            self._held = keep_trust(held, self._keep, at=at)
        self._ledger.ended(at, settled=settled)
        self._turnus = Turnus(at, self._clock() + (self._refetch if settled else self._retry))

    @property
    def _retry(self) -> int:
        return min(self._refetch, _RETRY_SECONDS)

    def _refresh_status(self, uri: str) -> None:
        at, wait, prefix = self._clock(), self._retry, self._prefix_of(uri)
        trust, held = self._held.trust, self._lists.received(uri)
        if trust is None:
            self._lists.asked(uri, prefix, Turnus(at, at + wait))
            return
        if self._keep is not None:
            held = recall_status(uri, self._keep, trust=trust, known=held, at=at)
        try:
            document = self._source.fetch(uri)
            known = held.value if held else None
            found = accept_status(document, uri=uri, trust=trust, known=known, at=at)
            held, wait = Received(found, document), min(self._refetch, found.ttl)
        except PassportError as error:
            self._ledger.note("status", error.code)  # what was known stays; verify() says how old it is
            if error.code == SourceError.default_code:
                self._quiet_until = self._clock() + _QUIET_SECONDS  # no request waits for it meanwhile
        if held is not None:
            self._hold(held, prefix, trust=trust, at=at)
        self._lists.asked(uri, prefix, Turnus(at, self._clock() + wait))

    def _hold(self, held: Received[StatusSnapshot], prefix: str, *, trust: Trust, at: float) -> None:
        known = self._lists.received(held.value.uri)
        if known is not None and known.document == held.document:
            return
        if self._keep is not None:
            held = keep_status(held, self._keep, trust=trust, at=at)
        for gone in self._lists.put(HeldList(held.value, held.document, used=at), prefix):
            if self._keep is not None:
                self._keep.drop(gone)


def _is_stale(known: StatusSnapshot | None, now: float) -> bool:
    return known is None or now - known.issued_at >= LIMITS.status_fresh_seconds
