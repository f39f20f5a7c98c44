"""Comparing: the words of a profile, and of how an attestation answers it.

What is decided here: that a comparison is shown only beside an attestation whose levels may be shown and
that is not invalid (an expired paper answers nothing today), and how each answer is said. Left to others:
the answers (`verifier.profile`), the verdict, how it looks. Works in a base install.
"""

from __future__ import annotations

from dataclasses import dataclass

from passport.framework import Framework, Lang, framework
from passport.pages.catalogue import catalogue
from verifier.details import level_in_words
from verifier.profile import Fit, Profile, answers, overall
from verifier.report import Report, Verdict
from verifier.wording import Wording

__all__ = ["Comparison", "FitLine", "ProfileLine", "compared", "profile_lines"]


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One thing that a profile asks for, in words."""

    competence: str
    level: str


@dataclass(frozen=True, slots=True)
class FitLine:
    """The answer for one competence. `asked`, `attested`: levels in words, `attested` "" for none."""

    competence: str
    asked: str
    attested: str
    fit: str
    answer: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer to a profile. `fit`: met, partly or not_assessed; "" where nothing was compared."""

    fit: str
    answer: str
    lines: tuple[FitLine, ...] = ()


def profile_lines(profile: Profile, lang: Lang) -> tuple[ProfileLine, ...]:
    """Return what a profile asks for, in the framework's order."""
    known = framework(profile.framework)
    return tuple(
        ProfileLine(known.competence(one).label(lang), _at_least(known, level, lang))
        for one, level in profile.levels.items()
    )


def compared(profile: Profile | None, report: Report, said: Wording) -> Comparison | None:
    """Return how a report answers a profile; None without a profile, or where no person is named."""
    if profile is None or said.attestation is None or report.attestation is None:
        return None
    words, lang = catalogue(said.lang), said.lang
    if report.verdict is Verdict.INVALID or not said.attestation.can_do:
        return Comparison("", words.text("profile.not_compared_short"))
    known, levels = framework(profile.framework), report.attestation.levels
    fits = answers(profile, report.attestation)
    lines = (
        FitLine(
            competence=known.competence(one).label(lang),
            asked=_at_least(known, profile.levels[one], lang),
            attested="" if fit is Fit.NOT_ASSESSED else level_in_words(known, levels[one], lang),
            fit=fit.value,
            answer=words.text(f"profile.fit.{fit.value}"),
        )
        for one, fit in fits.items()
    )
    whole = overall(fits)
    return Comparison(whole.value, words.text(f"profile.fit.{whole.value}"), tuple(lines))


def _at_least(known: Framework, level: int, lang: Lang) -> str:
    if level == known.max_level:
        return level_in_words(known, level, lang)
    words, label = catalogue(lang), known.level_label(level, lang)
    if not known.shown_as_level:
        return words.text("profile.at_least_mention", label=label)
    number = words.text("level.number", level=level, max=known.max_level)
    return words.text("profile.at_least", number=number, label=label)
