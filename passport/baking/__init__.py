"""Baked badges: a signed credential carried inside a picture, written and read back strictly.

Decided in `png` and `svg`: where in the picture the token stands (Open Badges 3.0, section 5.3, "Baking"),
and that whatever is ambiguous is refused: a second credential, a compressed one, one in a place where
other readers would not look. Here: what may be baked, a compact JWS and nothing else.

Left to others: whether the token is genuine (`verifier`), what it says (`passport.formats`), the picture
itself (`passport.documents.badge`). A picture is only ever walked, never decoded or drawn.
"""

from __future__ import annotations

import re
from typing import Final

from passport.errors import MalformedError, UnsupportedError
from passport.limits import LIMITS

__all__ = ["read_token"]

# Any length of signature: badges of others may be signed with RS256.
_COMPACT: Final = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def read_token(text: bytes) -> bytes:
    """Return `text` when it has the form of a compact JWS.

    Raises `MalformedError` (`too_big`, `badge_broken`); `UnsupportedError` (`badge_embedded_proof`) for the
    other baked form, a JSON credential with its proof inside, which is not read here.
    """
    if len(text) > LIMITS.token_chars:
        raise MalformedError(
            f"The baked credential has {len(text)} bytes; expected at most {LIMITS.token_chars}.",
            code="too_big",
        )
    if text.lstrip()[:1] == b"{":
        raise UnsupportedError(
            "The badge carries a JSON credential with an embedded proof; expected a compact JWS.",
            code="badge_embedded_proof",
        )
    if _COMPACT.fullmatch(text) is None:
        raise MalformedError("What is baked into the badge is not a compact JWS.", code="badge_broken")
    return text
