"""The observation grid: gestures, how one is rated, and the workshops trainers recognise.

Decided here: the frozen types through which everything else sees `schemas/gestes.json`, and the errors for
what it does not know. A gesture belongs to one competence of one framework: DigComp 3.0, or the themes of
Découverte, whose gestures have no level. A rating is one of three; a gesture that nobody saw has none.

Left to others: which level the ratings propose (`issuer.workshop.proposing`), who saw what. Nothing is parsed
when this module is imported.

Example::

    >>> gesture("2.1.g1").level
    1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import schemas
from passport.errors import UnsupportedError
from passport.framework import Lang

__all__ = [
    "DECOUVERTE",
    "DIGCOMP",
    "LANGUAGES",
    "Gesture",
    "Rating",
    "RuleRow",
    "Template",
    "gesture",
    "gestures_of",
    "rated_competences",
    "rating_meaning",
    "rating_word",
    "rule_in_words",
    "rule_table",
    "template",
    "templates",
]

_FILE: Final = "gestes.json"
DIGCOMP: Final = "digcomp-3.0"
DECOUVERTE: Final = "decouverte"

LANGUAGES: Final[tuple[Lang, ...]] = ("fr", "en")

_Texts = Mapping[str, str]


class Rating(StrEnum):
    """How a gesture went; the values are those of the file."""

    ALONE = "seul"
    WITH_HELP = "avec_aide"
    NOT_YET = "pas_encore"


@dataclass(frozen=True, slots=True)
class Gesture:
    """One thing to see somebody do. `level`: None for a gesture of Découverte, which has none."""

    id: str
    framework: str
    competence: str
    level: int | None
    labels: _Texts = field(repr=False)

    def label(self, lang: Lang) -> str:
        """Return the gesture as the person says it: “J’ouvre une page…”."""
        return self.labels[lang]


@dataclass(frozen=True, slots=True)
class Template:
    """A workshop that trainers recognise. `gestures`: ids, in the order in which they are looked at."""

    id: str
    framework: str
    competences: tuple[str, ...]
    gestures: tuple[str, ...]
    titles: _Texts = field(repr=False)

    def title(self, lang: Lang) -> str:
        """Return its title."""
        return self.titles[lang]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A row of the table that proposes a level: of each level of gesture what is asked, and what follows.

    `asks`: level of gesture → ``all_alone``, ``all_at_least_with_help`` or ``any``.
    """

    asks: Mapping[int, str]
    proposed: int | None
    words: _Texts = field(repr=False)


@cache
def _data() -> Any:
    return schemas.read_json(_FILE)


@cache
def _by_competence() -> Mapping[tuple[str, str], tuple[Gesture, ...]]:
    data = _data()
    found = {(DIGCOMP, c["competence"]): _gestures(c, DIGCOMP, c["competence"]) for c in data["competences"]}
    found |= {(DECOUVERTE, t["id"]): _gestures(t, DECOUVERTE, t["id"]) for t in data["decouverte"]}
    return MappingProxyType(found)


def _gestures(data: Any, framework: str, competence: str) -> tuple[Gesture, ...]:
    return tuple(
        Gesture(g["id"], framework, competence, g.get("level"), MappingProxyType(_texts(g)))
        for g in data["gestes"]
    )


def _texts(data: Any) -> dict[str, str]:
    return {"fr": data["fr"], "en": data["en"]}


@cache
def _by_id() -> Mapping[str, Gesture]:
    return MappingProxyType({g.id: g for found in _by_competence().values() for g in found})


@cache
def _templates() -> Mapping[str, Template]:
    found = (
        Template(
            id=one["id"],
            framework=one["framework"],
            competences=tuple(one["competences"]),
            gestures=tuple(one["gestes"]),
            titles=MappingProxyType(one["title"]),
        )
        for one in _data()["ateliers"]
    )
    return MappingProxyType({one.id: one for one in found})


def gesture(gesture_id: str) -> Gesture:
    """Return a gesture. Raises `UnsupportedError` (`unknown_gesture`)."""
    found = _by_id().get(gesture_id)
    if found is None:
        raise UnsupportedError("There is no such gesture in the grid.", code="unknown_gesture")
    return found


def gestures_of(framework: str, competence: str) -> tuple[Gesture, ...]:
    """Return all gestures of a competence, the simplest first; none where the grid has none for it."""
    return _by_competence().get((framework, competence), ())


def rated_competences(framework: str) -> tuple[str, ...]:
    """Return the competences of a framework that have gestures, in its order."""
    return tuple(competence for of, competence in _by_competence() if of == framework)


def templates() -> tuple[Template, ...]:
    """Return every workshop of the file, in its order."""
    return tuple(_templates().values())


def template(template_id: str) -> Template | None:
    """Return a workshop of the file, None when there is none of this id."""
    return _templates().get(template_id)


@cache
def rule_table() -> tuple[RuleRow, ...]:
    """Return the rows of the rule, the first that matches decides."""
    return tuple(
        RuleRow(
            asks=MappingProxyType({level: row[f"level_{level}_gestures"] for level in (1, 2, 3)}),
            proposed=row["proposed"],
            words=MappingProxyType(_texts(row)),
        )
        for row in _data()["rule"]["table"]
    )


def rule_in_words(framework: str, lang: Lang) -> str:
    """Return the whole rule in words."""
    rule = _data()["rule"]
    words: str = (rule["decouverte"] if framework == DECOUVERTE else rule["paragraph"])[lang]
    return words


@cache
def _rating_texts() -> Mapping[str, Any]:
    data = _data()
    return MappingProxyType({one["id"] or "": one for one in (*data["ratings"], data["not_seen"])})


def rating_word(rating: Rating | None, lang: Lang) -> str:
    """Return a rating in a word or two; of None “pas vu”."""
    word: str = _rating_texts()[rating or ""][lang]
    return word


def rating_meaning(rating: Rating | None, lang: Lang) -> str:
    """Return when a rating is given, in a sentence or two."""
    meaning: str = _rating_texts()[rating or ""]["meaning"][lang]
    return meaning
