"""What is asked of the issuing transaction, what it answers, and how it says no.

Decided here: the frozen types of `issuing`. A refusal names every request that was wrong, by its position
in the sequence, so that whoever asked can point at the line of a file or the field of a form. Nothing here
quotes a name: errors reach logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from passport.errors import MalformedError, PassportError
from passport.formats import qr_token
from passport.model import Attestation, Holder, Method

__all__ = ["Duplicate", "DuplicateError", "IssueRequest", "Issued", "Refusal", "RefusedError"]

_SOURCE_CHARS = 200


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """One attestation to make.

    `levels`: competence id → level. `place`: id of a place of the body. `expires_at`: seconds since 1970;
    None leaves it to the scheme's validity. `source_key`: where this comes from (a line of a file, a key
    of an API), at most 200 characters; the same key again gives what was made the first time.
    `holder_id`: the row of the register that `holder` was read from, when it is somebody whom the body
    knows; None makes a new one.
    """

    holder: Holder
    framework: str
    levels: Mapping[str, int]
    assessed_on: date
    method: Method
    place: str | None = None
    expires_at: int | None = None
    source_key: str | None = None
    holder_id: str | None = None

    def __post_init__(self) -> None:
        if self.source_key is not None and not 1 <= len(self.source_key) <= _SOURCE_CHARS:
            raise MalformedError(f"A source key has 1 to {_SOURCE_CHARS} characters.", code="source_key")


@dataclass(frozen=True, slots=True)
class Issued:
    """One attestation as it stands in the register after COMMIT.

    `tokens`: every signed form by its name (``qr``, ``ob3``, ``vc``). `digits`: the QR token packed.
    `created`: False when this source had made it before. In a dry run a new one has an empty `code` and
    `digits` and no tokens: what was signed was not kept, and does not leave.
    """

    code: str
    tokens: Mapping[str, bytes]
    digits: str
    attestation: Attestation
    body: str
    created: bool
    dry_run: bool = False

    @property
    def token(self) -> bytes:
        """The QR token; empty in a dry run."""
        return self.tokens.get(qr_token.FORMAT, b"")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why request number `position` (from 0) is refused; one request may have several."""

    position: int
    code: str
    message: str
    hint: str = ""


class RefusedError(PassportError):
    """Some requests must not be signed, so none is. `refusals`: all of them."""

    default_code = "requests_refused"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        first = self.refusals[0]
        super().__init__(
            f"{len({r.position for r in refusals})} of the requests are refused; "
            f"the first (number {first.position + 1}): {first.message}",
            hint=first.hint,
            detail={"refusals": [{"position": r.position, "code": r.code} for r in self.refusals]},
        )


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Request `position` says again what attestation `code` says, or request `same_as` of this sequence."""

    position: int
    code: str | None
    same_as: int | None = None


class DuplicateError(PassportError):
    """The same person, framework, levels and day were attested before: a question, not a fault."""

    default_code = "duplicates"

    def __init__(self, duplicates: Sequence[Duplicate]) -> None:
        self.duplicates = tuple(duplicates)
        super().__init__(
            f"{len(self.duplicates)} of the requests say again what was already attested: same person, "
            "framework, levels and day.",
            hint="Leave them out; or accept duplicates when these are other people of the same name.",
            detail={"positions": [duplicate.position for duplicate in self.duplicates]},
        )
