"""What is looked at before a signature, and how a lint says what it found.

Decided here: the `Draft` (everything that the lints may look at, the very bytes to sign among it), the
`Finding` (code, sentence, hint, source) and the `Lint` (a small function with its code and source).
Sentences hold no name and no birth date: they reach logs. Left to others: the rules (`keys.lints`,
`keys.form_lints`), what follows from a finding (`keys.ceremony`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from keys.records import KeyRecord
from passport.claims import StatusReference
from passport.formats import qr_token
from passport.model import Attestation
from passport.trust.model import Body, TrustedKey, TrustList

__all__ = ["Check", "Draft", "Finding", "Lint", "Problem", "Weight", "lint"]


class Weight(StrEnum):
    """An error stands against signing; a warning is told and does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Draft:
    """All that decides whether an attestation may be signed, at the instant `at` (NumericDate).

    `signing_input`: the bytes to sign, ``header.payload`` in base64url; None when the claims cannot even
    be written (the reason is then another finding). `payload`: the claims in it. `refused_keys`: the
    thumbprints that the newest `now` refuses, which may be ahead of the trust list. `form`: the name of the
    form that the bytes are of; `attestation` is what that form says.
    """

    attestation: Attestation
    status: StatusReference
    trust_list: TrustList
    record: KeyRecord
    page_url: str
    at: int
    signing_input: bytes | None = field(default=None, repr=False)
    payload: bytes = field(default=b"", repr=False)
    refused_keys: frozenset[str] = frozenset()
    form: str = qr_token.FORMAT

    @property
    def body(self) -> Body | None:
        """The body that attests, if the trust list knows it."""
        return self.trust_list.body_of(self.attestation.issuer)

    @property
    def listed_key(self) -> TrustedKey | None:
        """The body's key with the kid of the record, as the trust list has it."""
        return self.body.keys.get(self.record.kid) if self.body is not None else None


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence that says what is wrong, and one that says what to do."""

    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with the code of its lint and the source of the rule."""

    code: str
    sentence: str
    hint: str
    source: str
    weight: Weight

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint} [{self.code}; {self.source}]"


Check = Callable[[Draft], Problem | None]


@dataclass(frozen=True, slots=True)
class Lint:
    """One rule. Called with a draft, it gives a finding, or None when there is nothing to say."""

    code: str
    source: str
    weight: Weight
    check: Check

    def __call__(self, draft: Draft) -> Finding | None:
        """Return what the rule finds in `draft`, or None."""
        problem = self.check(draft)
        if problem is None:
            return None
        return Finding(self.code, problem.sentence, problem.hint, self.source, self.weight)


def lint(code: str, source: str, *, weight: Weight = Weight.ERROR) -> Callable[[Check], Lint]:
    """Make a lint of a function; `source` cites where the rule stands."""

    def make(check: Check) -> Lint:
        return Lint(code, source, weight, check)

    return make
