"""Words of the command line, in the language of the terminal.

Decided here: which language (French unless `LC_ALL`, `LC_MESSAGES` or `LANG` asks for English), how a
text of `words.json` is filled, and how an error of ours is said: the French sentence of its code from
`errors.json`, or its own English words. Left to others: when something is said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from passport.errors import PassportError
from passport.framework import Lang
from passport.pages.catalogue import fill

__all__ = ["error_words", "language", "said_error", "say"]


def language() -> Lang:
    """Return the language of the terminal, by the order of POSIX (Base Definitions, section 8.2)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        named = os.environ.get(name, "")
        if named:
            return "en" if named.lower().startswith("en") else "fr"
    return "fr"


@cache
def _read(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(files("issuer.cli").joinpath(name).read_bytes())
    return found


def error_words() -> Mapping[str, Any]:
    """Return the French of every error: code → ``[sentence, what to do]``."""
    return _read("errors.json")


def say(key: str, **values: object) -> str:
    """Return a text of the command line, filled. Raises `PassportError` (`text_values`)."""
    return fill(_read("words.json")[key][language()], values, where=key)


def said_error(code: str, message: str, hint: str) -> tuple[str, str]:
    """Return what happened and what to do, in the language of the terminal.

    A French sentence is general; the exact values are in the English one, which is then given after it.
    """
    if language() == "en":
        return message, hint
    known = error_words().get(code)
    if known is None:
        return message, hint
    return str(known[0]), str(known[1])


def detail_of(error: PassportError) -> str:
    """Return the exact English words when the French ones leave them out, else ""."""
    return "" if language() == "en" or error.code not in error_words() else error.message
