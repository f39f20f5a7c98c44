"""Troubles: what is said when a file or a text held nothing that could be judged.

What is decided here: which words each error of reading has: a state of `schemas/wording/verdicts.json`, or
a text of the catalogue under ``errors``. Whatever went wrong, it says nothing about an attestation, and is
never called invalid. Left to others: the words themselves (data), statuses of HTTP (`verifier.web.problems`).
"""

from __future__ import annotations

from typing import Final

from passport.framework import Lang
from passport.limits import LIMITS
from passport.pages.catalogue import catalogue
from verifier.wording import Wording, severity_word, word_page

__all__ = ["is_state", "trouble_name", "what_next", "word_trouble"]

_MEGABYTE: Final = 1_048_576
_STATES: Final = frozenset({"not_an_attestation", "no_code_in_file"})
_NAMES: Final = {
    "badge_broken": "file_broken",
    "file_broken": "file_broken",
    "file_encrypted": "file_encrypted",
    "file_late": "file_late",
    "file_unreadable": "file_unreadable",
    "file_type": "415",
    "glyph_missing": "receipt",
    "image_pixels": "file_large",
    "library_missing": "503",
    "nothing_given": "file_broken",
    "page_full": "receipt",
    "pdf_pages": "file_large",
    "profile": "profile",
    "receipt_too_big": "receipt",
    "too_big": "413",
    "too_many": "too_many",
}


def trouble_name(code: str) -> str | None:
    """Return the name of the texts under ``errors`` for an error, None for one that has none of its own."""
    return _NAMES.get(code)


def is_state(code: str) -> bool:
    """Tell whether an error is one of the states that a verdict's page shows."""
    return code in _STATES


def word_trouble(code: str, *, lang: Lang, contact: str) -> Wording:
    """Return the words of an error beside other documents; any code has words."""
    if is_state(code):
        return word_page(code, lang=lang, contact=contact)
    words, name = catalogue(lang), _NAMES.get(code, "file_broken")
    title, lead = (words.text(f"errors.{name}.{part}") for part in ("title", "lead"))
    return Wording(
        state="error",
        lang=lang,
        severity="unknown",
        mark=severity_word("unknown", lang),
        icon="question",
        title=title,
        lead=lead,
        lines=(),
        next=what_next(name, lang=lang, contact=contact),
    )


def what_next(name: str, *, lang: Lang, contact: str) -> str:
    """Return what to do about the error `name` of the catalogue; limits are said as they are."""
    words, key = catalogue(lang), f"errors.{name}.next"
    values: dict[str, str | int] = {
        "contact": contact or words.text("answer.contact_unknown"),
        "files": LIMITS.papers_at_once,
        "size": words.text("form.file.size", count=LIMITS.papers_bytes // _MEGABYTE),
        "one": words.text("form.file.size", count=LIMITS.file_bytes // _MEGABYTE),
    }
    return words.text(key, **{one: values[one] for one in words.placeholders(key)})
