"""What may be said of a body: its names, its places, what it may attest, its logo. Decides nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Final

from passport.errors import MalformedError
from passport.framework import framework
from passport.limits import LIMITS
from passport.model import clean_name, is_slug

__all__ = ["check_accreditation", "check_logo", "check_places", "check_text"]

_LOGO_BYTES: Final = 262_144
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def check_text(text: str, what: str) -> None:
    """Raise `MalformedError` (`body_name`) unless it is a clean line that can be printed."""
    if not 1 <= len(text) <= LIMITS.name_chars or text != clean_name(text) or not text.isprintable():
        raise MalformedError(
            f"The {what} of the body is empty, longer than {LIMITS.name_chars} characters or not clean.",
            code="body_name",
        )


def check_places(places: tuple[tuple[str, str], ...]) -> None:
    """Raise `MalformedError` (`place_id`) unless (id, name) pairs have ids of their own, well formed."""
    for place, count in Counter(place for place, _ in places).items():
        if not is_slug(place) or count > 1:
            raise MalformedError(
                f"The place id {place[:40]!r} is not well formed or twice there.", code="place_id"
            )


def check_accreditation(framework_id: str, lowest: int, highest: int) -> None:
    """Raise `PassportError` (`unknown_framework`, `accreditation`) unless the framework has these levels."""
    known = framework(framework_id)
    if not known.min_level <= lowest <= highest <= known.max_level:
        raise MalformedError(
            f"{framework_id} has levels {known.min_level} to {known.max_level}; got {lowest} to {highest}.",
            code="accreditation",
        )


def check_logo(data: bytes | None) -> None:
    """Raise `MalformedError` (`logo`) unless it is a small PNG, or none."""
    if data is not None and not (data.startswith(_PNG) and len(data) <= _LOGO_BYTES):
        raise MalformedError(f"The logo is not a PNG of at most {_LOGO_BYTES} bytes.", code="logo")
