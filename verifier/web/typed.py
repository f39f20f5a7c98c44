"""Typed codes on a page: from what somebody typed to the words of the answer.

What is decided here: that a wrong code is explained, group by group, before anybody is asked, and which
words the issuing counter's answers have. Left to others: the code itself (`passport.typed_code`), what may
be said of it (`verifier.codes`, `verifier.wording`).
"""

from __future__ import annotations

from dataclasses import dataclass

from passport.errors import MalformedError
from passport.framework import Lang
from passport.pages.catalogue import catalogue
from passport.typed_code import format_code, read_code
from verifier.comparing import Comparison, compared
from verifier.profile import Profile
from verifier.schemes import Schemes
from verifier.sources import SourceError
from verifier.web.api import Codes
from verifier.wording import Wording, word_code, word_page

__all__ = ["Asking", "look_up"]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks and in which words. `network`: what look-ups are counted for."""

    network: str
    lang: Lang
    contact: str
    profile: Profile | None


def look_up(
    typed: str, asking: Asking, *, codes: Codes | None, documents: Schemes
) -> tuple[Wording, Comparison | None]:
    """Return the words of the answer to a typed code, and its answer to a profile."""
    lang, contact = asking.lang, asking.contact
    try:
        code = read_code(typed)
    except MalformedError as error:
        return _wrong(error, typed, lang), None
    if codes is None:
        return word_page("service_unavailable", lang=lang, contact=contact), None
    try:
        answer = codes(code, asking.network)
    except SourceError:
        return word_page("service_unavailable", lang=lang, contact=contact), None
    if answer.wait_seconds > 0:
        wait = _minutes(answer.wait_seconds, lang)
        return word_page("too_many_attempts", lang=lang, contact=contact, minutes=wait), None
    if answer.token is None:
        return word_page("code_not_found", lang=lang, contact=contact, code=format_code(code)), None
    report = documents.check(answer.token)
    said = word_code(report, format_code(code), lang=lang, contact=contact)
    return said, compared(asking.profile, report, said)


def _wrong(error: MalformedError, typed: str, lang: Lang) -> Wording:
    """Say what to read again, before any server was asked."""
    group = _group(error, typed)
    if error.code == "code_check":
        shown = " ".join(typed.split())[:40]
        return word_page("code_wrong_check", lang=lang, code=shown.upper(), group=group)
    return word_page("code_bad_format", lang=lang, group=group)


def _group(error: MalformedError, typed: str) -> str:
    """Return the group that an error names, as it was typed; "" when it names none."""
    number = error.detail.get("group")
    if not isinstance(number, int):
        return ""
    letters = "".join(c for c in typed.upper() if c.isalnum())
    start, end = ((0, 4), (4, 8), (8, 11))[number - 1]
    return letters[start:end]


def _minutes(seconds: int, lang: Lang) -> str:
    count = -(-seconds // 60)
    words = catalogue(lang)
    return words.text("answer.minute") if count == 1 else words.text("answer.minutes", count=count)
