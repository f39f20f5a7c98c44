"""The report: what a verification answers, its reasons, and which reason comes first.

Decided here: the three verdicts, the closed set of reasons with the verdict of each, the one fixed order
of precedence, and the JSON that library, command line and HTTP share (DESIGN, "Names the outside relies
on"). A report is true only when it is *valid*; ignoring it is made hard: `require()` raises.

Left to others: the checks themselves (`verifying`), every word a person reads (`wording`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from msgspec import Raw, Struct, to_builtins

from passport.errors import PassportError
from passport.model import Attestation, ToldAttestation
from passport.trust.model import Body, Scheme

__all__ = [
    "CHECK_CODES",
    "PRECEDENCE",
    "Check",
    "NotValidError",
    "Outcome",
    "Reason",
    "Report",
    "ToldReport",
    "Verdict",
]


class Verdict(StrEnum):
    """Three outcomes, not two: what could not be known is neither green nor red."""

    VALID = "valid"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"


class Outcome(StrEnum):
    """What one check found."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"


_OUTCOMES: Final = {outcome: outcome.value for outcome in Outcome}


class Reason(StrEnum):
    """Why the verdict is what it is. Stable codes; the words are in `schemas/wording/verdicts.json`.

    `verdict`: what the reason gives.
    """

    verdict: Verdict

    def __new__(cls, code: str, verdict: Verdict = Verdict.INVALID) -> Reason:
        """Make one, with what it gives."""
        reason = str.__new__(cls, code)
        reason._value_, reason.verdict = code, verdict
        return reason

    # By its text: the way of enumerations is a call in Python each time that one is looked up.
    __hash__ = str.__hash__

    VALID = "valid", Verdict.VALID
    REPLACED = "replaced", Verdict.VALID
    ISSUER_LEFT = "issuer_left", Verdict.VALID
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    SIGNATURE_INVALID = "signature_invalid"
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_NOT_ACCREDITED = "issuer_not_accredited"
    KEY_NOT_VALID = "key_not_valid"
    KEY_COMPROMISED = "key_compromised"
    STATUS_UNAVAILABLE = "status_unavailable", Verdict.UNDETERMINED
    STATUS_STALE = "status_stale", Verdict.UNDETERMINED
    TRUST_UNAVAILABLE = "trust_unavailable", Verdict.UNDETERMINED
    TRUST_STALE = "trust_stale", Verdict.UNDETERMINED
    DOCUMENTS_DISAGREE = "documents_disagree"
    SPECIMEN = "specimen"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"


# Looked up once: the value of an enumeration's member is a call each time.
_WRITTEN: Final = {reason: (reason.verdict.value, reason.value) for reason in Reason}

# First what the bytes themselves prove, whatever documents are at hand; then what could not be known of
# trust (so that a stale list never says "invalid"); then what a current list refuses; then status; last
# the valid verdicts that say more.
PRECEDENCE: Final = (
    Reason.MALFORMED,
    Reason.UNSUPPORTED,
    Reason.DOCUMENTS_DISAGREE,
    Reason.SPECIMEN,
    Reason.ISSUER_UNKNOWN,
    Reason.SIGNATURE_INVALID,
    Reason.KEY_COMPROMISED,
    Reason.TRUST_UNAVAILABLE,
    Reason.TRUST_STALE,
    Reason.KEY_NOT_VALID,
    Reason.ISSUER_NOT_ACCREDITED,
    Reason.NOT_YET_VALID,
    Reason.EXPIRED,
    Reason.WITHDRAWN,
    Reason.SUSPENDED,
    Reason.STATUS_UNAVAILABLE,
    Reason.STATUS_STALE,
    Reason.REPLACED,
    Reason.ISSUER_LEFT,
    Reason.VALID,
)
_RANK: Final = {reason: rank for rank, reason in enumerate(PRECEDENCE)}

CHECK_CODES: Final = (
    "form",
    "header",
    "claims",
    "trust",
    "issuer",
    "key",
    "signature",
    "accreditation",
    "dates",
    "status",
)
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Check:
    """One check with its stable code. `detail`: values for a program; never personal data."""

    code: str
    outcome: Outcome
    detail: Mapping[str, object] = field(default_factory=lambda: _NOTHING)

    def to_json(self) -> dict[str, object]:
        """Return the check as plain JSON values."""
        return {"code": self.code, "outcome": _OUTCOMES[self.outcome], "detail": {**self.detail}}


_PASSED: Final = {code: Check(code, Outcome.PASSED) for code in CHECK_CODES}
ALL_PASSED: Final = tuple(_PASSED.values())
NOT_REACHED: Final = {
    code: Check(code, Outcome.UNDETERMINED, MappingProxyType({"why": "not_reached"})) for code in CHECK_CODES
}


def checks_of(found: Mapping[str, Check], *, stopped: str | None) -> tuple[Check, ...]:
    """Return every check in order: passed unless `found` says otherwise, not reached after a stop."""
    if not found:
        return ALL_PASSED
    last = CHECK_CODES.index(stopped) if stopped else len(CHECK_CODES)
    return tuple(
        found.get(code) or (_PASSED[code] if place < last else NOT_REACHED[code])
        for place, code in enumerate(CHECK_CODES)
    )


class NotValidError(PassportError):
    """Raised by `Report.require()`; `code` is the reason."""


class Report(Struct, frozen=True, gc=False):
    """The answer of one verification.

    `attestation` and `issuer` are None unless the signature is good. Times are seconds since 1970:
    `scheme`: the one whose documents judged, None when the issuer is not under its prefix.
    `checked_at` the time asked about, `trust_as_of` and `status_as_of` the age of what was known.
    `status_uris`: the status lists that would settle the matter, none when the credential fails without them.
    `sealed_sets`: the hashes of the sets in which its signature was looked for.
    """

    reason: Reason
    checks: tuple[Check, ...]
    checked_at: int
    format: str = "unknown"
    specimen: bool = False
    attestation: Attestation | None = None
    issuer: Body | None = None
    scheme: Scheme | None = None
    trust_as_of: int | None = None
    status_as_of: int | None = None
    status_uris: tuple[str, ...] = ()
    sealed_sets: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict of the reason."""
        return self.reason.verdict

    def __bool__(self) -> bool:
        return self.verdict is Verdict.VALID

    def require(self) -> Report:
        """Return this report if it is valid; raise `NotValidError` otherwise."""
        if not self:
            raise NotValidError(
                f"The credential is {self.verdict}: {self.reason}; expected a valid one.", code=self.reason
            )
        return self

    def to_json(self) -> dict[str, object]:
        """Return the report as DESIGN.md shows it, times as RFC 3339 in UTC."""
        members: dict[str, object] = to_builtins(self.told())
        return members

    def told(self, *, written_checks: Raw | None = None) -> ToldReport:
        """Return the report as it is told. `written_checks`: its checks, if they are JSON already."""
        attestation, body, scheme = self.attestation, self.issuer, self.scheme
        verdict, reason = _WRITTEN[self.reason]
        return ToldReport(
            verdict,
            reason,
            [check.to_json() for check in self.checks] if written_checks is None else written_checks,
            self.specimen,
            None if attestation is None else attestation.told(),
            None if body is None else _told_issuer(body, attestation),
            None if scheme is None else ToldScheme(scheme.name, scheme.url),
            self.format,
            _instant(self.checked_at),
            _instant(self.trust_as_of),
            _instant(self.status_as_of),
        )


class ToldIssuer(Struct, frozen=True, gc=False):
    """The body that issued, in JSON."""

    id: str
    name: str
    kind: str
    place: str | None
    left_at: str | None


class ToldScheme(Struct, frozen=True, gc=False):
    """The scheme whose documents judged, in JSON."""

    name: str
    url: str


class ToldReport(Struct, frozen=True, gc=False):
    """A report in JSON: its members, in their order (DESIGN, "Names the outside relies on")."""

    verdict: str
    reason: str
    checks: list[dict[str, object]] | Raw
    specimen: bool
    attestation: ToldAttestation | None
    issuer: ToldIssuer | None
    scheme: ToldScheme | None
    format: str
    checked_at: str | None
    trust_as_of: str | None
    status_as_of: str | None


def _told_issuer(body: Body, attestation: Attestation | None) -> ToldIssuer:
    place = body.place_name(attestation.place) if attestation else None
    return ToldIssuer(body.issuer, body.name, body.kind, place, _instant(body.period.end))


@lru_cache(maxsize=1024)
def _instant(seconds: int | None) -> str | None:
    """Return an instant in writing; the same few come again in every report of a second."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None  # a time beyond the calendar is refused by the dates, and still must print


def first_reason(reasons: list[Reason]) -> Reason:
    """Return the reason that comes first; valid when there is none."""
    return min(reasons, key=_RANK.__getitem__, default=Reason.VALID)
