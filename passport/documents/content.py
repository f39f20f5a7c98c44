"""What a sheet and a card say, in words, before anything is drawn.

Decided here: which texts an attestation puts on paper and in which order (skills in the framework's
order, gathered by area), and that a framework of mentions (Découverte) never shows a number. Left to
others: the wording (`passport.pages.catalogue`, `passport.framework`), the drawing (`front`, `back`, `card`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from passport.framework import Framework, Lang, framework
from passport.model import Attestation
from passport.pages.catalogue import Catalogue, catalogue, date_in_words

__all__ = ["AreaLine", "BackPart", "BodyLine", "CardWords", "SheetContent", "Skill", "sheet_content"]

_UNBROKEN: Final = 24  # characters: a telephone number is not cut over two lines
_BACK_PARTS: Final = ("why", "next", "lost", "disagree")


@dataclass(frozen=True, slots=True)
class BodyLine:
    """The body as printed. `logo_png`: the bytes of a PNG, or None: its initials are drawn."""

    name: str
    place_name: str | None = None
    logo_png: bytes | None = None


@dataclass(frozen=True, slots=True)
class Skill:
    """One competence. `level` is None where the framework shows none; `reference` is small print.

    `level_alt`: what stands in for the picture of the level, or an empty text where there is no level.
    """

    id: str
    label: str
    sentence: str
    reference: str
    level_words: str
    level: int | None
    level_alt: str


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area with the skills that were assessed in it, at least one."""

    label: str
    skills: tuple[Skill, ...]


@dataclass(frozen=True, slots=True)
class BackPart:
    """A question and its answer, one idea a line."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardWords:
    """The short words of the card."""

    title: str
    check: str
    compare: str
    not_diploma: str
    not_assessed: str


@dataclass(frozen=True, slots=True)
class SheetContent:
    """Everything that is printed, in order of reading. `specimen`: its notice, or an empty text.

    `highest_level`: how many blocks a level is drawn in. `qr_alt`, `logo_alt`: what stands in for these
    pictures. `of_pages`: the words of a page number, with `{page}` and `{count}` in them. `cards_title`:
    what the pages of cards are called in the outline of a file. `days`: each fact that is a day, as (its
    words, ISO 8601). `seal`: says who seals the file, or empty.
    """

    lang: Lang
    title: str
    holder_name: str
    specimen: str
    body: BodyLine
    can_do: str
    areas: tuple[AreaLine, ...]
    highest_level: int
    level_title: str
    not_assessed: str
    facts: tuple[tuple[str, str], ...]
    check: str
    compare: str
    address: str
    domain: str
    code: str
    yours: str
    notice: str
    back: tuple[BackPart, ...]
    privacy: BackPart
    credits: tuple[str, ...]
    card: CardWords
    qr_alt: str
    logo_alt: str
    of_pages: str
    cards_title: str
    days: tuple[tuple[str, str], ...] = ()
    seal: str = ""

    @property
    def skills(self) -> tuple[Skill, ...]:
        """All skills, area after area."""
        return tuple(skill for area in self.areas for skill in area.skills)


def sheet_content(
    attestation: Attestation,
    *,
    body: BodyLine,
    code: str,
    verify_url: str,
    contact: str,
    specimen: bool,
    lang: Lang = "fr",
    seal_name: str = "",
) -> SheetContent:
    """Return the words of a sheet.

    `code`: already grouped, ``2346-789B-CDF``. `verify_url`: the page that checks, ``https://host/v``.
    `contact`: how to reach the network, as printed. `seal_name`: of the organisation whose electronic seal
    the PDF will carry, or empty.
    Raises `UnsupportedError` for a framework, competence or level that is not published here.
    """
    words, known = catalogue(lang), framework(attestation.framework)
    contact = contact.replace(" ", "\u00a0") if len(contact) <= _UNBROKEN else contact
    return SheetContent(
        lang=lang,
        title=words.text("sheet.title" if known.shown_as_level else "sheet.title_decouverte"),
        holder_name=attestation.holder.full_name,
        specimen=words.text("sheet.specimen") if specimen or attestation.specimen else "",
        body=body,
        can_do=words.text("sheet.can_do"),
        areas=_areas(attestation, known, words),
        highest_level=known.max_level,
        level_title=words.text("fields.level"),
        not_assessed=words.text("not_assessed"),
        facts=_facts(attestation, body, words),
        check=words.text("sheet.check"),
        compare=words.text("compare_name"),
        address=words.text("sheet.address"),
        domain=verify_url.removeprefix("https://").removeprefix("http://"),
        code=code,
        yours=words.text("your_paper"),
        notice=words.text("notice"),
        back=tuple(_back_part(name, words, contact) for name in _BACK_PARTS),
        privacy=BackPart(
            words.text("back.privacy.title"), (words.text("back.privacy.text", contact=contact),)
        ),
        credits=tuple(text for text in (known.attribution(lang), known.disclaimer(lang)) if text),
        card=_card_words(words),
        qr_alt=words.text("sheet.qr_alt"),
        logo_alt=words.text("sheet.logo_alt", body=body.name),
        cards_title=words.text("sheet.cards"),
        of_pages=words.text("sheet.of_pages", page="{page}", count="{count}"),
        days=tuple((date_in_words(day, lang), day.isoformat()) for day in _days(attestation)),
        seal=words.text("sheet.seal", name=seal_name) if seal_name else "",
    )


def _areas(attestation: Attestation, known: Framework, words: Catalogue) -> tuple[AreaLine, ...]:
    for competence in attestation.levels:
        known.competence(competence)  # an id that no area lists would be left out in silence
    lines = (
        AreaLine(
            area.label(words.lang), tuple(_skill(c, attestation.levels[c], known, words) for c in assessed)
        )
        for area in known.areas
        if (assessed := [c for c in area.competences if c in attestation.levels])
    )
    return tuple(lines)


def _skill(competence_id: str, level: int, known: Framework, words: Catalogue) -> Skill:
    lang = words.lang
    label = known.competence(competence_id).label(lang)
    short_title = known.title(lang).split(",")[0]
    numbered = (short_title, f"{competence_id} {label}", f"{words.text('fields.level').lower()}\u00a0{level}")
    return Skill(
        id=competence_id,
        label=label,
        sentence=known.sentence(competence_id, level, lang=lang, person="first"),
        reference=" · ".join(numbered if known.shown_as_level else (short_title, label)),
        level_words=known.level_label(level, lang),
        level=level if known.shown_as_level else None,
        level_alt=(
            words.text("level.number", level=level, max=known.max_level) if known.shown_as_level else ""
        ),
    )


def _facts(attestation: Attestation, body: BodyLine, words: Catalogue) -> tuple[tuple[str, str], ...]:
    """Who assessed, where, how and when; until when, where the scheme sets an end (its day in UTC)."""
    facts = [(words.text("fields.assessor"), body.name)]
    if body.place_name:
        facts.append((words.text("fields.place"), body.place_name))
    facts.append((words.text("fields.how"), words.text(f"how.{attestation.method.value}")))
    facts.append((words.text("fields.assessed_on"), date_in_words(attestation.assessed_on, words.lang)))
    for end in _days(attestation)[1:]:
        facts.append((words.text("fields.valid_until"), date_in_words(end, words.lang)))
    return tuple(facts)


def _days(attestation: Attestation) -> tuple[date, ...]:
    """The day of the assessment and, where the scheme sets an end, the day of the end."""
    if attestation.expires_at is None:
        return (attestation.assessed_on,)
    return attestation.assessed_on, datetime.fromtimestamp(attestation.expires_at, tz=UTC).date()


def _back_part(name: str, words: Catalogue, contact: str) -> BackPart:
    key = f"back.{name}.lines"
    values = {"contact": contact} if "contact" in words.placeholders(key) else {}
    return BackPart(words.text(f"back.{name}.title"), words.lines(key, **values))


def _card_words(words: Catalogue) -> CardWords:
    return CardWords(
        title=words.text("card.title"),
        check=words.text("card.check"),
        compare=words.text("card.compare"),
        not_diploma=words.text("card.not_diploma"),
        not_assessed=words.text("card.not_assessed"),
    )
