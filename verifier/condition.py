"""Condition: how the documents of a scheme are, for who runs the counter. Nothing here is about a credential.

What is decided here: what is remembered of asking: when the scheme last answered with all that was asked for,
since when it does not, and how often which kind of document met which error. Left to others: what of it is
red (`verifier.web.health`), how it is measured (`verifier.web.metrics`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier.report import Reason
from verifier.trust import Trust

__all__ = ["Condition", "Ledger"]


@dataclass(frozen=True, slots=True)
class Condition:
    """How the documents of one scheme are. Times in seconds since 1970.

    `weakness`: why the trust at hand makes nothing green, None when it does. `refreshed_at`: when the scheme
    last answered with all that was asked for; `failing_since`: the first turn since then that did not;
    `failure`: the code of what the last of them met. `lists`: when each status list that was needed lately
    was signed. `failures`: (kind of document, code) → how often.
    """

    scheme_url: str
    trust: Trust | None
    weakness: Reason | None
    refreshed_at: float | None
    failing_since: float | None
    failure: str
    lists: Sequence[int]
    failures: Mapping[tuple[str, str], int]


class Ledger:
    """What one process remembers of asking one scheme."""

    def __init__(self) -> None:
        self.refreshed_at: float | None = None
        self.failing_since: float | None = None
        self.failure = ""
        self.failures: Counter[tuple[str, str]] = Counter()

    def note(self, kind: str, code: str) -> None:
        """Count a document that was not had or not believed. `kind`: list, now, set, status."""
        self.failures[kind, code] += 1
        if kind != "status":
            self.failure = code

    def ended(self, at: float, *, settled: bool) -> None:
        """Note the end of a turn of asking for the trust documents."""
        if settled:
            self.refreshed_at, self.failing_since, self.failure = at, None, ""
        elif self.failing_since is None:
            self.failing_since = at
