"""The checking counter without its pages: what a person hands over, turned into reports.

What is decided here: that whatever was recognised as a credential gets a report, damaged or not; that what
is no credential at all is an error to explain, not a verdict; that the worst of several decides; and that
every credential of a file that contradicts itself is invalid. Command line and web say the same because
both come through here.

Left to others: recognising (`intake`, `files`), judging (`verifying`), documents (`sources`), words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from passport.errors import MalformedError, PassportError, UnsupportedError
from verifier.agreement import disagreeing, is_copy
from verifier.files import FoundCredential
from verifier.intake import compact, read_text
from verifier.report import Check, Outcome, Reason, Report, Verdict
from verifier.schemes import Schemes
from verifier.wording import check_reference

__all__ = ["Checked", "check_at_hand", "check_credential", "check_found", "check_text", "worst"]

# Nothing that could be judged was handed over.
_NOT_A_CREDENTIAL = frozenset({"nothing_given", "not_an_attestation", "too_big"})
_WORST_FIRST = (Verdict.INVALID, Verdict.UNDETERMINED, Verdict.VALID)


class Checked(Struct, frozen=True, gc=False):
    """A report, what it is about and where that was found (``text``, ``image``, ``page 1``…)."""

    report: Report
    token: bytes
    where: str = "text"

    @property
    def reference(self) -> str:
        """The name of this check."""
        return check_reference(self.token, self.report.checked_at)


def check_text(text: str, *, documents: Schemes, at: int | None = None) -> list[Checked]:
    """Return a report for each credential in `text`, at least one.

    Raises `MalformedError` (`nothing_given`, `not_an_attestation`, `too_big`) when it holds none.
    """
    try:
        return [Checked(documents.check(token, at), token) for token in read_text(text)]
    except PassportError as error:
        if error.code in _NOT_A_CREDENTIAL:
            raise
        return [_refused(text, error, documents=documents, at=at)]


def check_credential(text: str, *, documents: Schemes, at: int | None = None) -> Checked:
    """Return the report of one credential given by a program; what is none is *malformed*."""
    token = _one_token(text)
    if isinstance(token, PassportError):
        return _refused(text, token, documents=documents, at=at)
    return Checked(documents.check(token, at), token)


def check_at_hand(texts: Sequence[str], *, documents: Schemes) -> list[Checked | None]:
    """Return what `check_credential` says of each text; None for one that needs something fetched first."""
    read = [compact(text) or _one_token(text) for text in texts]
    reports = iter(documents.check_at_hand([token for token in read if isinstance(token, bytes)]))
    checked: list[Checked | None] = []
    for text, token in zip(texts, read, strict=True):
        if isinstance(token, PassportError):
            checked.append(_refused(text, token, documents=documents, at=None))
        else:
            report = next(reports)
            checked.append(None if report is None else Checked(report, token))
    return checked


def _one_token(text: str) -> bytes | PassportError:
    """Return the one token in a text, or why there is none."""
    try:
        tokens = read_text(text)
    except PassportError as error:
        return error
    if len(tokens) != 1:
        return MalformedError("Expected one credential.", code="several_credentials")
    return tokens[0]


def check_found(
    found: Iterable[FoundCredential], *, documents: Schemes, at: int | None = None
) -> list[Checked]:
    """Return a report for each credential of a file; a good copy in another form is not told twice."""
    checked = []
    for one in found:
        report = documents.check(one.token, at)
        checked.append(Checked(disagreeing(report) if one.disagrees else report, one.token, one.where))
    reports = [one.report for one in checked]
    return [one for one in checked if not is_copy(one.report, reports)]


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that decides among several; invalid when there is none."""
    given = set(verdicts)
    return next((verdict for verdict in _WORST_FIRST if verdict in given), Verdict.INVALID)


def _refused(text: str, error: PassportError, *, documents: Schemes, at: int | None) -> Checked:
    """Return the report of a text that does not even become a token: malformed, or of a newer kind."""
    report = documents.check(b"", at)
    reason = Reason.UNSUPPORTED if isinstance(error, UnsupportedError) else Reason.MALFORMED
    form = Check("form", Outcome.FAILED, {"reason": reason.value, "error": error.code})
    return Checked(replace(report, reason=reason, checks=(form, *report.checks[1:])), text[:1_000].encode())
