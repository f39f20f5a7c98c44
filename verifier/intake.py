"""Intake of text: from what a person pastes, types or scans to the tokens in it.

What is decided here: which texts hold a credential (a JWT with or without a last ``~``; the digits of a
QR; a QR address, of which only what follows ``#`` counts), what is forgiven around it (line breaks,
spaces, quotes, invisible characters), and when a text is a typed code instead. The host in an address
is never read, opened or compared: a cloned page of the verifier gains nothing by printing its own.

Left to others: whether a token is genuine (`verifier.verify`), files (`verifier.files`). Nothing is
repaired: what is cut or damaged is handed on as it is and is answered as malformed, beside whole ones too:
who pasted three must not read of two.

Example::

    >>> looks_like_code("2346 789b cdf")
    True
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from passport.errors import MalformedError
from passport.limits import LIMITS
from passport.packing import unpack

__all__ = ["TEXT_CHARS", "compact", "looks_like_code", "read_digits_or_token", "read_text"]

# Room for a few tokens in one paste; more than that is a file.
TEXT_CHARS: Final = 4 * LIMITS.token_chars

_COMPACT: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
_SIGNATURE_CHARS: Final = 86
_SORT_OF_COMPACT: Final = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_.~-]+")
# A packed token is never shorter: two bytes, a stream, 64 bytes of signature (passport.packing).
_DIGITS: Final = re.compile(r"[0-9]{150,}")
_MEANT_CHARS: Final = 90  # of a token that lacks something: its signature alone has 86
_CODE: Final = re.compile(r"[0-9A-Za-z]{4}[ .‐‑‒–—-]?[0-9A-Za-z]{4}[ .‐‑‒–—-]?[0-9A-Za-z]{2,4}")
_AROUND: Final = "\"'`<>()[]{}«»“”„‘’‹›*,;"


def looks_like_code(text: str) -> bool:
    """Tell whether `text` is a typed code, right or nearly: `passport.typed_code.read_code` judges it."""
    return len(text) <= 64 and _CODE.fullmatch(_visible(text).strip(_AROUND + " \t\r\n")) is not None


def read_text(text: str) -> list[bytes]:
    """Return the tokens in `text`, each once, in the order found.

    Raises `MalformedError`: `too_big`, `nothing_given` (blank), `not_an_attestation` (something else),
    and what `passport.packing.unpack` says of damaged digits; `UnsupportedError` (`dictionary_unknown`).
    """
    if len(text) > TEXT_CHARS:
        raise MalformedError(
            f"The text has {len(text)} characters; expected at most {TEXT_CHARS}.", code="too_big"
        )
    token = compact(text)
    if token is not None:  # as a program gives it: nothing around it, nothing to forgive
        return [token]
    words = [word.strip(_AROUND) for word in _visible(text).split()]
    if not any(words):
        raise MalformedError(
            "The text is blank.", code="nothing_given", hint="Give a token, digits or a URL."
        )
    whole = {word: token for word in words if (token := _whole_token(word)) is not None}
    if not whole:  # the text was broken over lines or set in groups, and is one credential
        return [read_digits_or_token("".join(words))]
    found = (whole.get(word) or _damaged(word) for word in words)
    return list(dict.fromkeys(token for token in found if token is not None))


def read_digits_or_token(text: str) -> bytes:
    """Return the one token that `text` (no space in it) is, in any of its three writings.

    Raises as `read_text` does.
    """
    fragment = _fragment(text)
    if _DIGITS.fullmatch(fragment) is not None:
        return unpack(fragment)
    if _SORT_OF_COMPACT.fullmatch(fragment) is not None:
        return _bare(fragment)
    raise MalformedError(
        "The text is not an attestation.",
        code="not_an_attestation",
        hint="Expected a token (eyJ…), the digits of a QR code, or the whole address in it.",
    )


def _whole_token(word: str) -> bytes | None:
    """Return the token of a word that is a credential by itself, or None."""
    fragment = _fragment(word)
    token = compact(fragment)
    if token is not None or _DIGITS.fullmatch(fragment) is None:
        return token
    try:
        return unpack(fragment)
    except MalformedError:
        return None  # perhaps the first line of several; the joined text will tell


def compact(text: str) -> bytes | None:
    """Return the token that a text is as a program gives it, one ``~`` behind it left out.

    None when it is not in compact form, or anything stands around it.
    """
    token = text.encode("ascii", "replace").removesuffix(b"~")
    parts = token.split(b".", 3)
    if len(parts) != 3 or not parts[0] or not parts[1] or len(parts[2]) != _SIGNATURE_CHARS:
        return None
    return None if token.translate(None, _COMPACT) else token


def _damaged(word: str) -> bytes | None:
    """Return what a word holds that was meant to be a credential by itself, None for any other word."""
    fragment = _fragment(word)
    if _DIGITS.fullmatch(fragment) is not None:
        return fragment.encode("ascii")
    meant = len(fragment) >= _MEANT_CHARS and _SORT_OF_COMPACT.fullmatch(fragment) is not None
    return _bare(fragment) if meant else None


def _bare(text: str) -> bytes:
    """Drop the one ``~`` that other SD-JWT tools need (RFC 9901 section 4); disclosures are not ours.

    Two are none of ours either, and are left for `verify` to refuse.
    """
    return (text if text.endswith("~~") else text.removesuffix("~")).encode("ascii")


def _fragment(text: str) -> str:
    return text.partition("#")[2] if "#" in text else text


def _visible(text: str) -> str:
    """Drop zero-width and direction characters; any blank or break becomes a space."""
    if text.isascii():
        return text
    kept = (" " if c.isspace() else c for c in text if unicodedata.category(c) != "Cf")
    return "".join(kept)
