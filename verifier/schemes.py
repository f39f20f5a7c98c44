"""Schemes: everything a checking counter knows, of one scheme or of several side by side.

What is decided here: which scheme a credential is a matter of: the one under whose pinned prefix its issuer
is. The issuer is read from the token for that choice and for nothing else: `verify()` then holds the token
to that scheme's documents alone, so that a wrong choice is a refusal, never a green. Prefixes that are equal
or lie one within the other are refused at the start: no scheme can speak for what is another's. A credential
of none goes to the first scheme, real before demo, which answers that it does not know the issuer.

Left to others: the documents of each (`verifier.sources`), judging (`verifier.verifying`).

Example::

    schemes = Schemes([Documents(HttpSource(url), pin)])
    report = schemes.check(token)
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Final

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.trust.model import Pin
from verifier.condition import Condition
from verifier.report import Report
from verifier.sources import Documents
from verifier.trust import Trust

__all__ = ["Schemes", "Watcher", "issuer_of"]

Watcher = Callable[[Sequence[Report], float], None]
"""Told of every check: the reports of what was checked together, and how many seconds each took."""


class Schemes:
    """The documents of all pinned schemes; the one that is named first has the counter's pages.

    Raises `PassportError` (`schemes_missing`, `prefix_overlap`).
    """

    def __init__(self, documents: Sequence[Documents]) -> None:
        if not documents:
            raise PassportError("No scheme is pinned; expected at least one.", code="schemes_missing")
        _refuse_overlaps([one.pin.issuer_prefix for one in documents])
        self.all: Final = tuple(documents)
        self._watchers: list[Watcher] = []

    @property
    def known(self) -> Trust | None:
        """The scheme that has the pages, as known without asking anybody: the first real one, else a demo."""
        return self._leading.known

    @property
    def pin(self) -> Pin:
        """The pin of the scheme that has the pages, as it stands after the lists that were accepted."""
        return self._leading.pin

    @property
    def scheme_url(self) -> str:
        """The address of the scheme that has the pages."""
        return self._leading.scheme_url

    @property
    def scheme_urls(self) -> Sequence[str]:
        """The addresses of all schemes."""
        return [documents.scheme_url for documents in self.all]

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of every check from now on."""
        self._watchers.append(watcher)

    def instant(self) -> int:
        """Return the present moment of the clock, in whole seconds since 1970."""
        return self._leading.instant()

    def check(self, token: bytes | str, at: int | None = None) -> Report:
        """Verify a token against the scheme that it is a matter of."""
        began = time.perf_counter()
        judging = self._of(issuer_of(token)) if len(self.all) > 1 else self.all[0]
        report = judging.check(token, at)
        self._tell([report], time.perf_counter() - began)
        return report

    def check_at_hand(self, tokens: Sequence[bytes | str]) -> list[Report | None]:
        """Verify tokens without asking anybody; None for one that needs something asked first (`check`)."""
        began = time.perf_counter()
        reports = self._at_hand(tokens)
        each = (time.perf_counter() - began) / max(1, len(tokens))
        self._tell([report for report in reports if report is not None], each)
        return reports

    def _tell(self, reports: Sequence[Report], seconds: float) -> None:
        for watcher in self._watchers:
            watcher(reports, seconds)

    def _at_hand(self, tokens: Sequence[bytes | str]) -> list[Report | None]:
        if len(self.all) == 1:
            return self.all[0].check_at_hand(tokens)
        chosen = [self._of(issuer_of(token)) for token in tokens]
        shares = {
            id(documents): iter(
                documents.check_at_hand([t for t, c in zip(tokens, chosen, strict=True) if c is documents])
            )
            for documents in self.all
        }
        return [next(shares[id(documents)]) for documents in chosen]

    def used(self, report: Report) -> Mapping[str, bytes]:
        """Return the documents that `report` rests on (`Documents.used`); none when no scheme knows it."""
        return {} if report.trust_as_of is None else self._judging(report).used(report)

    def pin_of(self, report: Report) -> Pin:
        """Return the pin of the scheme whose documents judged."""
        return self._judging(report).pin

    def trust(self) -> Trust | None:
        """Return the scheme that has the pages, its documents asked for when they are due; so all others."""
        for documents in self.all:
            documents.trust()
        return self.known

    def contact_of(self, report: Report) -> str:
        """Return whom to call about a report: its scheme's contact, or that of the pages; "" when unknown."""
        scheme = report.scheme or (self.known.trust_list.scheme if self.known else None)
        return scheme.contact if scheme else ""

    def conditions(self) -> Sequence[Condition]:
        """Return how the documents of each scheme are."""
        return [documents.condition() for documents in self.all]

    def _judging(self, report: Report) -> Documents:
        return self._of(report.scheme.issuer_prefix) if report.scheme is not None else self._leading

    def _of(self, issuer: str) -> Documents:
        for documents in self.all:
            if issuer.startswith(documents.pin.issuer_prefix):
                return documents
        return self._leading

    @property
    def _leading(self) -> Documents:
        known = [(one, one.known) for one in self.all]
        real = (one for one, trust in known if trust is not None and not trust.trust_list.scheme.is_demo)
        return next(real, self.all[0])


def issuer_of(token: bytes | str) -> str:
    """Return the issuer that a token claims, "" when it cannot be read. Proves nothing: a selector."""
    try:
        if len(token) > LIMITS.token_chars:
            return ""
        data = token.encode("ascii") if isinstance(token, str) else bytes(token)
        payload = data.split(b".", 2)[1]
        # Read loosely and fast: whatever it says, `verify()` reads it again, strictly.
        claims = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        issuer = claims.get("iss", claims.get("issuer"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    named = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return named if isinstance(named, str) else ""


def _refuse_overlaps(prefixes: Sequence[str]) -> None:
    for one, other in permutations(prefixes, 2):
        if other.casefold().startswith(one.casefold()):
            raise PassportError(
                f"Two pinned schemes speak for the same issuers: {one} and {other}.",
                code="prefix_overlap",
                hint="Each scheme needs an address of its own. Name one of the two pins only.",
            )
