"""Findings: what one verification has found so far, and the report that it becomes.

Decided here: that a step which found something against a credential writes it down with its reason, that
one after which nothing can be decided stops the others, and that a token that cannot be read is malformed,
or of a kind that is not known here.

Left to others: the steps (`verifying`), which reason comes first (`report`).
"""

from __future__ import annotations

from passport.errors import PassportError, UnsupportedError
from passport.model import Attestation
from passport.trust.model import Body, Scheme
from verifier.ground import Ground
from verifier.report import Check, Outcome, Reason, Report, Verdict, checks_of, first_reason

__all__ = ["Findings", "StopError"]


class StopError(Exception):
    """No later step can be taken."""


class Findings:
    """What was found of one credential. A step that writes nothing down has passed.

    `failed`: check → what it found, when it did not pass. `reasons`: what speaks against it, or says more.
    `stopped`: the check after which no other was reached. The others: what the report will say beside.
    """

    __slots__ = (
        *("attestation", "body", "failed", "format", "ground", "reasons", "scheme", "sealed_sets"),
        *("specimen", "status_as_of", "status_uris", "stopped"),
    )

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.failed: dict[str, Check] = {}
        self.reasons: list[Reason] = []
        self.stopped: str | None = None
        self.format = "unknown"
        self.specimen = ground.specimen
        self.attestation: Attestation | None = None
        self.body: Body | None = None
        self.scheme: Scheme | None = None
        self.status_as_of: int | None = None
        self.status_uris: tuple[str, ...] = ()
        self.sealed_sets: tuple[str, ...] = ()

    def fail(self, code: str, reason: Reason, **detail: object) -> None:
        """Write down that a check did not pass; the steps go on."""
        undetermined = reason.verdict is Verdict.UNDETERMINED
        outcome = Outcome.UNDETERMINED if undetermined else Outcome.FAILED
        self.failed[code] = Check(code, outcome, {"reason": reason.value, **detail})
        self.reasons.append(reason)

    def stop(self, code: str, reason: Reason, **detail: object) -> StopError:
        """Write down that a check did not pass, and return what ends the steps."""
        self.fail(code, reason, **detail)
        self.stopped = code
        return StopError()

    def refuse(self, code: str, error: PassportError) -> StopError:
        """Write down that a token cannot be read, and return what ends the steps."""
        known = Reason.UNSUPPORTED if isinstance(error, UnsupportedError) else Reason.MALFORMED
        return self.stop(code, known, error=error.code)

    def report(self) -> Report:
        """Return what was found. By place: a name for each of so many costs a microsecond."""
        return Report(
            first_reason(self.reasons) if self.reasons else Reason.VALID,
            checks_of(self.failed, stopped=self.stopped),
            self.ground.at,
            self.format,
            self.specimen,
            self.attestation,
            self.body,
            self.scheme,
            self.ground.trust_as_of,
            self.status_as_of,
            self.status_uris,
            self.sealed_sets,
        )
