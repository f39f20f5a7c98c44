"""What the register refuses of a file, said by the lines of that file.

Decided here: how refusals and duplicates, which the register numbers by request, become lines that a
person finds again in a spreadsheet. Left to others: what is refused (`issuer.register.issuing`).
"""

from __future__ import annotations

from collections.abc import Sequence

from issuer.cli.arguments import ACTOR
from issuer.cli.output import bar
from issuer.cli.words import said_error, say
from issuer.intake import IntakeRow
from issuer.register import Register
from issuer.register.bulk import issue_in_parts
from issuer.register.issuing import DuplicateError, Issued, IssueRequest, RefusedError
from passport.errors import PassportError
from passport.typed_code import format_code

__all__ = ["LinesError", "issue_or_explain"]

_MANY = 100


class LinesError(PassportError):
    """Some lines of a file were refused; ``detail["lines"]`` has each with its number and its words."""

    default_code = "lines_refused"


def issue_or_explain(
    register: Register,
    body: str,
    rows: Sequence[tuple[IntakeRow, IssueRequest]],
    *,
    accept_duplicates: bool,
    dry_run: bool,
    quiet: bool,
) -> list[Issued]:
    """Issue a file, whole or by parts. Raises `LinesError` (`lines_refused`, `lines_duplicate`)."""
    requests = [request for _, request in rows]
    try:
        with bar(say("signing"), quiet=quiet or len(requests) < _MANY) as progress:
            return issue_in_parts(
                register,
                body,
                requests,
                actor=ACTOR,
                accept_duplicates=accept_duplicates,
                dry_run=dry_run,
                progress=progress,
            )
    except RefusedError as error:
        raise _refused(error, rows) from None
    except DuplicateError as error:
        raise _duplicate(error, rows) from None


def _refused(error: RefusedError, rows: Sequence[tuple[IntakeRow, IssueRequest]]) -> LinesError:
    lines = []
    for refusal in error.refusals:
        line = rows[refusal.position][0].line
        message, hint = said_error(refusal.code, refusal.message, refusal.hint)
        text = say("line", line=line, text=f"{message} {hint}".strip())
        lines.append({"line": line, "code": refusal.code, "text": text})
    message = say("refusals_late" if _how_far(error) else "refusals", count=len(lines))
    return LinesError(message, detail={**_how_far(error), "lines": tuple(lines)})


def _duplicate(error: DuplicateError, rows: Sequence[tuple[IntakeRow, IssueRequest]]) -> LinesError:
    lines = []
    for duplicate in error.duplicates:
        line = rows[duplicate.position][0].line
        if duplicate.code is not None:
            said = say("duplicate_code", code=format_code(duplicate.code))
        else:
            said = say("duplicate_line", other=rows[duplicate.same_as or 0][0].line)
        lines.append({"line": line, "code": "duplicate", "text": say("line", line=line, text=said)})
    return LinesError(
        say("duplicates_late" if _how_far(error) else "duplicates", count=len(lines)),
        code="lines_duplicate",
        hint=say("duplicates_fix"),
        detail={**_how_far(error), "lines": tuple(lines)},
    )


def _how_far(error: PassportError) -> dict[str, object]:
    """Return what of a long file was delivered before the error, if anything."""
    return {name: error.detail[name] for name in ("delivered", "of") if name in error.detail}
