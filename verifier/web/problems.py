"""Problems: wrong use of the API, as `application/problem+json` (RFC 9457).

What is decided here: the form of a problem and the HTTP status of each error of ours. A verdict is never a
problem: reports are 200 whatever they say. Nothing that was sent is repeated in an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from starlette.responses import Response

from passport.errors import PassportError

__all__ = ["STATUS_OF", "ProblemError", "problem_response"]

_TITLES: Final = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be processed",
    429: "Too many requests",
    500: "Internal error",
    503: "Service unavailable",
}
STATUS_OF: Final[Mapping[str, int]] = MappingProxyType(
    {
        "too_big": 413,
        "too_many": 413,
        "file_type": 415,
        "busy": 503,
        "library_missing": 503,
        "source_unavailable": 503,
    }
)
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class ProblemError(PassportError):
    """Wrong use: an HTTP status, and the rest of an error of ours."""

    def __init__(self, status: int, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status


def status_of(error: PassportError) -> int:
    """Return the HTTP status of an error: its own, the table's, or 422."""
    return error.status if isinstance(error, ProblemError) else STATUS_OF.get(error.code, 422)


def problem_response(
    error: PassportError,
    *,
    headers: Mapping[str, str] = _NO_HEADERS,
    status: int | None = None,
    type_uri: str = "about:blank",
) -> Response:
    """Return the answer to wrong use. `code` is stable; `detail` says what and what to do, in English.

    `status`, `type_uri`: those that a standard asks for; by default what the error says, and none.
    """
    status = status_of(error) if status is None else status
    body = {
        "type": type_uri,
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "code": error.code,
        "detail": str(error),
        **{name: value for name, value in error.detail.items() if isinstance(value, int)},
    }
    return Response(msgspec.json.encode(body), status, dict(headers), media_type="application/problem+json")
