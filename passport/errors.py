"""Errors of the whole house: one root, stable codes, and words for people.

What is decided here: how an error looks. Every error of ours is a `PassportError` with a `code` in
lower_snake (stable, for programs), a `message` that says what was wrong, what was got and what was
expected, and a `hint` that says what to do. Codes become French only at the rim (see
`passport/pages`); nothing here is shown to a resident as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["InputError", "MalformedError", "PassportError", "TrustError", "UnsupportedError"]


class PassportError(Exception):
    """The root of our errors.

    `code`: lower_snake, stable. `message`: what, got, expected. `hint`: what to do, or "".
    `detail`: values that a program may want (never personal data, never a secret).
    """

    default_code = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        hint: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.detail: Mapping[str, object] = dict(detail or {})  # plain: errors travel between processes

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(PassportError):
    """What was given, or asked for, cannot be taken: whoever gave it can give something else.

    The family that a page catches to say so beside what was typed. What fails without anybody's doing (a
    database that is away) is no member of it, and is never taken for a wrong answer.
    """


class MalformedError(InputError):
    """The bytes are not what they claim to be: damaged, cut, ambiguous or too big."""

    default_code = "malformed"


class UnsupportedError(InputError):
    """The bytes are well formed but of a kind, version or algorithm that this program does not take."""

    default_code = "unsupported"


class TrustError(PassportError):
    """A trust document cannot be accepted: badly signed, older than one already seen, out of its dates."""

    default_code = "trust_refused"
