"""Presentations: from a W3C presentation to one answer for each credential in it, in the shapes of VCALM.

What is decided here: what is looked at (the shape of the presentation, then every enveloped credential,
one by one), when the whole is *verified*, and how our reasons are said as problems (RFC 9457) with the
types of VCDM 2.0 section 7.2 and Bitstring Status List 1.0 section 3.5. `verified` is true only when
nothing is wrong and every credential is *valid*: what cannot be checked here (an embedded proof, a
credential that nothing secures, another envelope) is never passed over, and an expired or withdrawn
credential is not verified (docs/adr/0015 says why this is stricter than VCALM's warnings).

Left to others: each token (the callable that is given, `verifier.verify` with its documents), shapes
(`passport.vcdm`), HTTP. Pure: no socket, no clock, no file. Sources: VCALM 1.0 (the VC API of the W3C
CCG), sections 3.3 and 3.8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeVar

from passport.errors import MalformedError, UnsupportedError
from passport.strictjson import Json
from passport.vcdm import Fault, check_credential, check_presentation
from passport.vcdm.faults import objects_in
from passport.vcdm.presentation import read_envelope
from passport.vcdm.terms import Definition
from passport.vcdm.walking import types_of
from verifier.report import Outcome, Reason, Report

__all__ = [
    "CredentialOptions",
    "CredentialResult",
    "PresentationOptions",
    "PresentationResult",
    "Problem",
    "problems_of",
    "read_options",
    "verify_credential",
    "verify_presentation",
]

Verify = Callable[[bytes], Report]

_MODEL: Final = "https://www.w3.org/TR/vc-data-model#"
_LISTS: Final = "https://www.w3.org/ns/credentials/status-list#"
_PARSING: Final = f"{_MODEL}PARSING_ERROR"
_CRYPTOGRAPHIC: Final = f"{_MODEL}CRYPTOGRAPHIC_SECURITY_ERROR"
_MALFORMED: Final = f"{_MODEL}MALFORMED_VALUE_ERROR"
_RANGE: Final = f"{_MODEL}RANGE_ERROR"
_TYPES: Final = {
    Reason.SIGNATURE_INVALID: _CRYPTOGRAPHIC,
    Reason.KEY_NOT_VALID: _CRYPTOGRAPHIC,
    Reason.KEY_COMPROMISED: _CRYPTOGRAPHIC,
    Reason.UNSUPPORTED: _CRYPTOGRAPHIC,
    Reason.NOT_YET_VALID: _RANGE,
    Reason.EXPIRED: _RANGE,
    Reason.STATUS_UNAVAILABLE: f"{_LISTS}STATUS_RETRIEVAL_ERROR",
    Reason.STATUS_STALE: f"{_LISTS}STATUS_VERIFICATION_ERROR",
}
# What no list of the standards has a type for is a page of our own: PREFIX + reason.
_PAGE: Final = "/problems#"
_STEPS: Final = {"proof": "signature", "credentialStatus": "status"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem (RFC 9457): a URL for programs, a short title and a sentence in English."""

    type: str
    title: str
    detail: str

    def to_json(self) -> Json:
        """Return the problem as VCALM's `ProblemDetails`."""
        return {"type": self.type, "title": self.title, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class CredentialOptions:
    """What the caller of `/credentials/verify` wants back. Everything is left out unless asked for."""

    return_credential: bool = False
    return_problem_details: bool = False
    return_results: bool = False


@dataclass(frozen=True, slots=True)
class PresentationOptions:
    """What the caller of `/presentations/verify` wants back.

    No `challenge` and no `domain`: nothing here binds a presentation to a request.
    """

    return_presentation: bool = False


@dataclass(frozen=True, slots=True)
class CredentialResult:
    """The answer for one credential. `report` is None when no token could be taken from it."""

    credential: object
    problems: tuple[Problem, ...]
    report: Report | None = None

    def __bool__(self) -> bool:
        return bool(self.report)

    def to_json(self, options: CredentialOptions) -> Json:
        """Return VCALM's `VerificationResult` of a credential."""
        answer: Json = {"verified": bool(self)}
        if options.return_credential:
            answer["credential"] = self.credential
        if options.return_problem_details:
            answer["problemDetails"] = [problem.to_json() for problem in self.problems]
        if options.return_results:
            answer["results"] = self._results()
        return answer

    def _results(self) -> Json:
        if self.report is None:
            return {}
        passed = {check.code: check.outcome is Outcome.PASSED for check in self.report.checks}
        return {name: [{"verified": passed.get(code, False)}] for name, code in _STEPS.items()}


@dataclass(frozen=True, slots=True)
class PresentationResult:
    """The answer for a presentation and for each credential in it, in order."""

    presentation: object
    problems: tuple[Problem, ...]
    credentials: tuple[CredentialResult, ...] = ()

    def __bool__(self) -> bool:
        return not self.problems and bool(self.credentials) and all(self.credentials)

    def to_json(self, options: PresentationOptions) -> Json:
        """Return VCALM's `VerificationResult` of a presentation."""
        inner = CredentialOptions(return_problem_details=True, return_results=True)
        answer: Json = {
            "verified": bool(self),
            "problemDetails": [problem.to_json() for problem in self.problems],
            "results": {"credentials": [one.to_json(inner) for one in self.credentials]},
        }
        if options.return_presentation:
            answer["verifiablePresentation"] = self.presentation
        return answer


T = TypeVar("T", CredentialOptions, PresentationOptions)


def read_options(kind: type[T], value: object) -> T:
    """Return the options of a request.

    Raises `UnsupportedError` (`unknown_option`, VCALM section 2.4: an option that is not understood is an
    error) and `MalformedError` (`option_value`).
    """
    given = {} if value is None else value
    if not isinstance(given, dict):
        raise MalformedError("Options: expected an object.", code="option_value")
    known = {_wire(field.name): field.name for field in fields(kind)}
    if not given.keys() <= known.keys():
        raise UnsupportedError(
            "An option is not known here.", code="unknown_option", hint=f"Known: {', '.join(sorted(known))}."
        )
    if not all(isinstance(flag, bool) for flag in given.values()):
        raise MalformedError("Options: expected true or false.", code="option_value")
    return kind(**{known[name]: flag for name, flag in given.items()})


def _wire(name: str) -> str:
    """``return_results`` → ``returnResults``, as VCALM writes it."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def verify_presentation(
    presentation: object,
    *,
    verify: Verify,
    problem_base: str,
    contexts: Mapping[str, Definition] | None = None,
) -> PresentationResult:
    """Check a presentation and, with `verify`, every enveloped credential in it.

    `presentation`: parsed JSON (`passport.strictjson`). `problem_base`: the address of this counter, before
    the types of problems that are our own. `contexts`: those that we publish ourselves, by URL.
    """
    if not isinstance(presentation, dict):
        problem = Problem(_PARSING, "PARSING_ERROR", "The presentation is not an object.")
        return PresentationResult(presentation, (problem,))
    if "EnvelopedVerifiablePresentation" in types_of(presentation):
        return PresentationResult(presentation, (_unread("An enveloped presentation is not read here."),))
    faults = check_presentation(presentation, contexts=contexts)
    problems = _of_faults(faults)
    if any(fault.code in ("too_large", "credential_count") for fault in faults):
        return PresentationResult(presentation, problems)
    if "proof" in presentation:
        problems += (_unread("A proof in a presentation is not read here."),)
    results = tuple(
        verify_credential(item, verify=verify, problem_base=problem_base, contexts=contexts)
        for item, _ in objects_in(presentation.get("verifiableCredential", []), "")
    )
    if not results:
        problems += (_malformed("The presentation holds no credential."),)
    return PresentationResult(presentation, problems, results)


def verify_credential(
    credential: object,
    *,
    verify: Verify,
    problem_base: str,
    contexts: Mapping[str, Definition] | None = None,
) -> CredentialResult:
    """Check one credential as it stands in a request: an envelope, of which the token is verified."""
    if isinstance(credential, dict) and "EnvelopedVerifiableCredential" not in types_of(credential):
        problems = _of_faults(check_credential(credential, contexts=contexts))
        return CredentialResult(
            credential, (*problems, _unread("Only a credential in an envelope is read here."))
        )
    found = read_envelope(credential, "")
    if isinstance(found, Fault):
        return CredentialResult(credential, _of_faults([found]))
    if found.kind != "jwt":
        return CredentialResult(credential, (_unread("Of envelopes, only application/vc+jwt is read here."),))
    report = verify(found.token)
    return CredentialResult(credential, problems_of(report, problem_base=problem_base), report)


def problems_of(report: Report, *, problem_base: str) -> tuple[Problem, ...]:
    """Return what a report says as problems; a valid one that says more (`replaced`) has one as well."""
    reason = report.reason
    if reason is Reason.VALID:
        return ()
    detail = f"The verdict is {report.verdict}, the reason {reason}."
    if reason is Reason.MALFORMED:
        within = any(c.code == "claims" and c.outcome is Outcome.FAILED for c in report.checks)
        kind = _MALFORMED if within else _PARSING
    else:
        kind = _TYPES.get(reason, f"{problem_base}{_PAGE}{reason}")
    return (Problem(kind, kind.rpartition("#")[2], detail),)


def _of_faults(faults: Sequence[Fault]) -> tuple[Problem, ...]:
    return tuple(
        _malformed(f"{fault.message} ({fault.code} at {fault.pointer or 'the document'}; {fault.section})")
        for fault in faults
    )


def _malformed(detail: str) -> Problem:
    return Problem(_MALFORMED, "MALFORMED_VALUE_ERROR", detail)


def _unread(detail: str) -> Problem:
    return Problem(_CRYPTOGRAPHIC, "CRYPTOGRAPHIC_SECURITY_ERROR", detail)
