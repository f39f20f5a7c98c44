"""Details of a verdict in words: what the attestation says, when it was seen, what was checked.

What is decided here: how much of an attestation each reason lets a page show (all of it, its name and its
body, or nothing), the sentences in the third person with the number of the framework beside them, how long
ago it was, and the four ticks. Never a reason or a date of withdrawal, never another attestation.

Left to others: title, lead and advice of each state (`verifier.wording`), the verdict (`verifier.verify`).
Works in a base install.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passport.framework import Framework, Lang, framework
from passport.model import Attestation
from passport.pages.catalogue import catalogue, date_in_words, time_in_words
from verifier.report import Outcome, Reason, Report

__all__ = [
    "AttestationWords",
    "CanDo",
    "LevelMeaning",
    "Tick",
    "attestation_words",
    "day_of",
    "level_in_words",
    "moment_in_words",
    "reader_zone",
    "tick_outcomes",
]

_FULL: Final = frozenset(
    {
        Reason.VALID,
        Reason.REPLACED,
        Reason.ISSUER_LEFT,
        Reason.EXPIRED,
        Reason.NOT_YET_VALID,
        Reason.STATUS_UNAVAILABLE,
        Reason.STATUS_STALE,
    }
)
# Enough to know which paper is meant, and no more.
_BRIEF: Final = frozenset({Reason.WITHDRAWN, Reason.SUSPENDED, Reason.ISSUER_NOT_ACCREDITED})
_TOWN: Final = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Tick:
    """One of the four checks that people are shown."""

    code: str
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class CanDo:
    """One competence: what the person can do, its name, the level in words and with its number.

    `short`: name and level in a few words; `descriptor`: the framework's own text and its language.
    """

    sentence: str
    competence: str
    level: str
    number: str
    short: str
    descriptor: tuple[str, Lang] | None


@dataclass(frozen=True, slots=True)
class LevelMeaning:
    """What a level means: its name, a sentence of ours ("" for none), the framework's own text."""

    name: str
    meaning: str
    descriptor: tuple[str, Lang] | None


@dataclass(frozen=True, slots=True)
class AttestationWords:
    """What an attestation says. `can_do` is empty when only name and body may be shown.

    `seen`: when, by whom and where, in one line; `ago`: how long before the check, "" when after it.
    `levels`: the levels in it, each once, lowest first.
    """

    name: str
    body: str
    assessed_on: str
    seen: str
    ago: str
    how: str
    can_do: tuple[CanDo, ...]
    levels: tuple[LevelMeaning, ...]
    rows: tuple[tuple[str, str], ...]
    framework: str
    notes: tuple[str, ...]


def reader_zone() -> tzinfo:
    """Return the zone that dates and times are told in: the town's; UTC on a machine without zone data."""
    try:
        return ZoneInfo(_TOWN)
    except ZoneInfoNotFoundError:
        return UTC


def day_of(seconds: int | None) -> date | None:
    """Return the day of an instant in the reader's zone, None for none or one beyond the calendar."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=reader_zone()).date()
    except (OverflowError, ValueError, OSError):
        return None


def moment_in_words(seconds: int | None, lang: Lang) -> tuple[str, str]:
    """Return date and time of an instant in words, in the reader's zone; dashes when it has none."""
    if seconds is None or day_of(seconds) is None:
        return "—", "—"
    moment = datetime.fromtimestamp(seconds, tz=reader_zone())
    return date_in_words(moment.date(), lang), time_in_words(moment, lang)


def attestation_words(report: Report, lang: Lang, *, masked: bool = False) -> AttestationWords | None:
    """Return what may be shown of the attestation under this reason, or None.

    `masked`: given name and initial, no birth date, for the answer to a typed code.
    """
    attestation, body = report.attestation, report.issuer
    if attestation is None or body is None or report.reason not in _FULL | _BRIEF:
        return None
    known = framework(attestation.framework)
    full = report.reason in _FULL
    place = body.place_name(attestation.place)
    named = {"body": body.name, "place": place, "scheme": report.scheme.name if report.scheme else None}
    return AttestationWords(
        name=attestation.holder.masked_name if masked else attestation.holder.full_name,
        body=body.name,
        assessed_on=date_in_words(attestation.assessed_on, lang),
        seen=_seen(attestation, body.name, place=place, lang=lang),
        ago=_ago(attestation.assessed_on, day_of(report.checked_at), lang),
        how=catalogue(lang).text(f"how.{attestation.method.value}"),
        can_do=_can_do(attestation, known, lang) if full else (),
        levels=_levels(attestation, known, lang) if full else (),
        rows=_rows(attestation, masked=masked, lang=lang, values=named),
        framework=known.title(lang),
        notes=tuple(note for note in (known.attribution(lang), known.disclaimer(lang)) if note),
    )


def _seen(attestation: Attestation, body: str, *, place: str | None, lang: Lang) -> str:
    words, day = catalogue(lang), date_in_words(attestation.assessed_on, lang)
    if place is None:
        return words.text("answer.seen", date=day, body=body)
    return words.text("answer.seen_at", date=day, body=body, place=place)


def _can_do(attestation: Attestation, known: Framework, lang: Lang) -> tuple[CanDo, ...]:
    """Say each competence, in the framework's order."""
    order = [c.id for c in known.competences if c.id in attestation.levels]
    return tuple(_one(known, c, attestation.levels[c], lang=lang) for c in order)


def _one(known: Framework, competence: str, level: int, *, lang: Lang) -> CanDo:
    words, found = catalogue(lang), known.competence(competence)
    label, name = known.level_label(level, lang), found.label(lang)
    values = {"framework": known.title(lang).partition(",")[0], "competence": competence}
    if known.shown_as_level:
        number = words.text("level.of_framework", level=level, max=known.max_level, **values)
        short = words.text("level.short", competence=name, level=level)
    else:
        number = words.text("level.mention_of_framework", **values)
        short = words.text("level.short_mention", competence=name, mention=label)
    return CanDo(
        sentence=known.sentence(competence, level, lang=lang, person="third"),
        competence=name,
        level=label,
        number=number,
        short=short,
        descriptor=found.descriptor(lang),
    )


def _levels(attestation: Attestation, known: Framework, lang: Lang) -> tuple[LevelMeaning, ...]:
    """Say what each level of the attestation means, with the framework's own words."""
    return tuple(
        LevelMeaning(
            name=level_in_words(known, level, lang),
            meaning=known.level_meaning(level, lang) or "",
            descriptor=known.level_descriptor(level, lang),
        )
        for level in sorted(set(attestation.levels.values()))
    )


def level_in_words(known: Framework, level: int, lang: Lang) -> str:
    """Return a level with its number, or only its word where no number may be shown."""
    label = known.level_label(level, lang)
    if not known.shown_as_level:
        return label
    number = catalogue(lang).text("level.number", level=level, max=known.max_level)
    return catalogue(lang).text("level.in_words", number=number, label=label)


def _rows(
    attestation: Attestation, *, masked: bool, lang: Lang, values: Mapping[str, str | None]
) -> tuple[tuple[str, str], ...]:
    """Return the rest as label and value; what is not known has no row."""
    issued, last = day_of(attestation.issued_at), day_of((attestation.expires_at or 0) - 1)
    words = catalogue(lang)
    told = {
        "fields.body": values["body"],
        "fields.place": values["place"],
        "fields.scheme": values["scheme"],
        "fields.assessed_on": date_in_words(attestation.assessed_on, lang),
        "fields.how": words.text(f"how.{attestation.method.value}"),
        "fields.issued_on": date_in_words(issued, lang) if issued else None,
        "fields.valid_until": date_in_words(last, lang) if attestation.expires_at and last else None,
    }
    birthdate = attestation.holder.birthdate
    if birthdate is not None and not masked:
        told["fields.birthdate"] = date_in_words(birthdate, lang)
    return tuple((words.text(key), value) for key, value in told.items() if value)


def _ago(day: date, today: date | None, lang: Lang) -> str:
    """Say how long ago the assessment was: there is no expiry by default, so a page always says it."""
    if today is None or day > today:
        return ""
    words, days = catalogue(lang), (today - day).days
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if days <= 1:
        return words.text("ago.today" if days == 0 else "ago.yesterday")
    if months < 1:
        return words.text("ago.days", count=days)
    if months < 12:
        return words.text("ago.month") if months == 1 else words.text("ago.months", count=months)
    years = months // 12
    return words.text("ago.year") if years == 1 else words.text("ago.years", count=years)


def tick_outcomes(report: Report) -> dict[str, Outcome]:
    """Return the four outcomes that people see, from the ten checks of the report.

    Nothing is passed on stale trust: a body that left, or a stolen key, would look green.
    """
    found = {check.code: check.outcome for check in report.checks}
    withdrawn = report.reason in {Reason.WITHDRAWN, Reason.SUSPENDED}
    status = found.get("status", Outcome.UNDETERMINED)
    if status is Outcome.FAILED and not withdrawn:
        status = Outcome.UNDETERMINED  # an entry that cannot be read says nothing about the attestation
    return {
        "signature": _worst(found, "trust", "key", "signature"),
        "accredited": _worst(found, "trust", "issuer", "accreditation"),
        "not_withdrawn": status,
        "dates": found.get("dates", Outcome.UNDETERMINED),
    }


def _worst(found: Mapping[str, Outcome], *codes: str) -> Outcome:
    outcomes = {found.get(code, Outcome.UNDETERMINED) for code in codes}
    for outcome in (Outcome.FAILED, Outcome.UNDETERMINED):
        if outcome in outcomes:
            return outcome
    return Outcome.PASSED
