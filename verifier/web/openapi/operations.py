"""Operations: the routes for programs in words, with what each takes and answers.

What is decided here: the texts of the document and which answers each route can give. A test holds this
against the real routes and against what they really answer. Left to others: shapes (`shapes`), examples
(`document`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from passport.limits import LIMITS

__all__ = ["OPERATIONS", "PROBLEMS", "Operation"]

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Operation:
    """One route. `problems`: the statuses of wrong use; `open_to_pages`: as `verifier.web.endpoints` "
    "decides."""

    path: str
    name: str
    tag: str
    summary: str
    description: str
    answer: str
    request: str = ""
    media_type: str = JSON
    method: str = "post"
    problems: Sequence[int] = (400, 405, 408, 413, 415, 422, 500, 503)
    open_to_pages: bool = True


PROBLEMS: Final = {
    400: "The body cannot be read: not JSON, a member named twice, cut off, no form.",
    405: "There is no such method here; `Allow` says which are.",
    408: "The body took too long to arrive.",
    413: "The body is larger, or holds more, than is taken here.",
    415: "The body, or a file in it, is of a kind that is not read here.",
    422: "The body can be read, and is not what was expected.",
    429: "Too many look-ups from this network; `Retry-After` says when to ask again.",
    500: "A fault of this program.",
    503: "It cannot be done now: busy, or another service does not answer.",
}

_VERDICT: Final = (
    "The answer is 200 whatever the verdict: *invalid* and *undetermined* are answers, not errors. What is "
    "no "
    "credential at all is *invalid*, `malformed`. "
)
_VCALM: Final = "Shapes are those of VCALM 1.0 (the VC API of the W3C Credentials Community Group). "

OPERATIONS: Final = (
    Operation(
        path="/api/v1/verify",
        name="verify",
        tag="Checking",
        summary="Check one credential",
        description=_VERDICT + f"A body has at most {4 * LIMITS.token_chars:,} bytes.",
        request="CredentialRequest",
        answer="Report",
    ),
    Operation(
        path="/api/v1/verify/batch",
        name="verifyBatch",
        tag="Checking",
        summary="Check many credentials",
        description=_VERDICT
        + f"At most {LIMITS.batch_credentials:,} credentials and {LIMITS.batch_bytes:,} bytes; one report "
        "each, in "
        "the order given.",
        request="BatchRequest",
        answer="Reports",
    ),
    Operation(
        path="/api/v1/verify/file",
        name="verifyFile",
        tag="Checking",
        summary="Check the credentials in files",
        description="A file may hold several credentials: all are reported. An attachment and a printed QR "
        "that "
        "do not say the same are *invalid*, `documents_disagree`. A file in which nothing is found is a "
        "problem, "
        "not a verdict. Files are read in memory and kept nowhere. "
        f"At most {LIMITS.papers_at_once} files, {LIMITS.file_bytes:,} bytes each, {LIMITS.papers_bytes:,} "
        "together.",
        request="FileRequest",
        media_type=FORM,
        answer="FileReports",
    ),
    Operation(
        path="/api/v1/codes",
        name="lookUpCode",
        tag="Typed codes",
        summary="Look up a typed code",
        description="Asks the issuing counter, which counts look-ups for each network. A mistyped code is "
        "found "
        "out before anybody is asked; `group` says which of its three groups to look at. Not for pages of "
        "other "
        "sites: their visitors' networks would be counted.",
        request="CodeRequest",
        answer="CodeAnswer",
        problems=(400, 405, 408, 413, 415, 422, 429, 500, 503),
        open_to_pages=False,
    ),
    Operation(
        path="/credentials/verify",
        name="verifyCredential",
        tag="VC API",
        summary="Verify a W3C credential in its envelope",
        description=_VCALM + "An unknown option is refused.",
        request="VerifyCredentialRequest",
        answer="CredentialResult",
    ),
    Operation(
        path="/presentations/verify",
        name="verifyPresentation",
        tag="VC API",
        summary="Verify every credential of a presentation",
        description=_VCALM
        + f"At most {LIMITS.presented_credentials} credentials. Nothing binds a presentation to "
        "a request here: `challenge` and `domain` are unknown options.",
        request="VerifyPresentationRequest",
        answer="PresentationResult",
    ),
)
