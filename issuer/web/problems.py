"""Errors over HTTP: `application/problem+json` (RFC 9457), for everything, and never a word of Python.

Decided here: the members of a problem (``type``, ``title``, ``status``, ``code``, ``detail``, and ``errors``
with ``path``, ``code``, ``detail`` for fields), and which status each error of ours has. Paths are JSON
Pointers (RFC 6901): ``/levels/1.1``. A value that was sent is never sent back. Left to others: when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi.responses import Response

from passport.errors import PassportError
from passport.strictjson import compact_json

__all__ = ["FieldError", "Problem", "problem_of", "problem_response"]

MEDIA_TYPE: Final = "application/problem+json"

_STATUS: Final[Mapping[str, int]] = {
    "unknown_code": 404,
    "unknown_body": 404,
    "unknown_list": 404,
    "print_kind": 404,
    **dict.fromkeys(
        ("unknown_person", "unknown_attestation", "unknown_look", "unknown_act", "list_gone"), 404
    ),
    "homonyms": 409,
    "pending_closed": 409,
    "unknown_workshop": 404,
    "not_accredited": 403,
    "body_left": 403,
    "idempotency_conflict": 422,
    "idempotency_key": 400,
    "duplicates": 409,
    "code_format": 422,
    "code_letter": 422,
    "code_check": 422,
    # The counter cannot do its work now; what was asked may be right.
    **dict.fromkeys(
        (
            *("database", "database_full", "locked", "no_key", "key_out_of_dates"),
            *("body_unpublished", "self_check", "clock_back"),
            *("status_unsigned", "trust_missing", "busy", "trust_list_out_of_dates"),
            *(
                "seal_early",
                "seal_expired",
                "seal_file",
                "seal_key",
                "seal_missing",
                "seal_name",
                "seal_usage",
            ),
            *("seal_passphrase", "seal_passphrase_file", "seal_passphrase_missing"),
            *("key_file_link", "key_file_open", "key_file_owner"),
        ),
        503,
    ),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field: `path` is a JSON Pointer into the request, "" for the whole of it."""

    path: str
    code: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """Return the members as sent."""
        return {"path": self.path, "code": self.code, "detail": self.detail}


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """A request that is answered with a problem. `headers` go with it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def problem_of(error: PassportError) -> Problem:
    """Return the problem that stands for an error of ours; one without a status of its own is 422."""
    status = _STATUS.get(error.code, 422)
    if status == 503:
        # Its words are for whoever runs the counter; they may name files and addresses.
        return Problem(
            status, "unavailable", "The counter cannot do this now.", headers={"Retry-After": "60"}
        )
    return Problem(status, error.code, " ".join((error.message, error.hint)).strip())


def problem_response(problem: Problem) -> Response:
    """Return the answer."""
    members: dict[str, object] = {
        "type": f"urn:passport:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }
    if problem.errors:
        members["errors"] = [error.to_json() for error in problem.errors]
    return Response(
        compact_json(members),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )
