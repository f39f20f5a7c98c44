"""The level that a grid proposes for one competence: pure, and no more than a proposal (ADR 22).

Decided here: how the table of `schemas/gestes.json` is read. All gestures of the competence count, not only
those that one workshop looked at; one that nobody saw keeps from the levels that need it, and from no other.
In Découverte a theme has no level: it is attested *with help* or *alone* when all its gestures were done.
Levels 4 to 8 never come from a grid (the table has no such row).

Left to others: which ratings count (`grid`: the newest of each gesture), what is decided (`deciding`).

    propose("digcomp-3.0", "2.1", {"2.1.g1": Rating.ALONE, …}).level
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from passport.framework import Lang
from passport.gestures import DECOUVERTE, LANGUAGES, Gesture, Rating, gestures_of, rule_in_words, rule_table

__all__ = ["HIGHEST", "Proposal", "propose"]

HIGHEST: Final = 3
"""The highest level that a grid can propose; above it somebody is put to the test, and seen by two."""

_ALONE_STEP: Final = 2
_WITH_HELP_STEP: Final = 1
_DONE: Final = frozenset({Rating.ALONE, Rating.WITH_HELP})
_ASKED: Final[Mapping[str, frozenset[Rating | None]]] = {
    "all_alone": frozenset({Rating.ALONE}),
    "all_at_least_with_help": frozenset(_DONE),
    "any": frozenset({*Rating, None}),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What follows from a grid. `level`: None for no level; a step of Découverte for its themes.

    `reasons`: the row of the rule that decided, by language.
    """

    level: int | None
    reasons: Mapping[str, str]

    def reason(self, lang: Lang) -> str:
        """Return why, in words."""
        return self.reasons[lang]


def propose(framework: str, competence: str, ratings: Mapping[str, Rating]) -> Proposal:
    """Return what `ratings` (gesture id → rating; what was not seen is not in it) propose.

    A competence without gestures is proposed no level.
    """
    gestures = gestures_of(framework, competence)
    if framework == DECOUVERTE:
        return _propose_theme(gestures, ratings)
    by_level = {
        level: [ratings.get(g.id) for g in gestures if g.level == level] for level in range(1, HIGHEST + 1)
    }
    *rows, otherwise = rule_table()
    for row in rows:
        # `all` of nothing is true: without gestures the first row would match, and propose level 3.
        if gestures and all(set(by_level[level]) <= _ASKED[asked] for level, asked in row.asks.items()):
            return Proposal(row.proposed, row.words)
    return Proposal(otherwise.proposed, otherwise.words)


def _propose_theme(gestures: Sequence[Gesture], ratings: Mapping[str, Rating]) -> Proposal:
    seen = {ratings.get(g.id) for g in gestures}
    words: dict[str, str] = {lang: rule_in_words(DECOUVERTE, lang) for lang in LANGUAGES}
    if not gestures or not seen <= _DONE:
        return Proposal(None, words)
    return Proposal(_ALONE_STEP if seen == {Rating.ALONE} else _WITH_HELP_STEP, words)
