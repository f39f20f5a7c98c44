"""Stages (« paliers »): how far somebody is on the core of DigComp 3.0, in a word, never as an average.

Decided here: the frozen types through which everything else sees `schemas/stages.json`, and its rule: a stage
is reached when all core competences are at its level or above; Découverte when both themes of one device are
attested. One stage is shown, the highest. Left to others: which attestations still count (the caller).

    stage_of({"1.1": 2, …}, decouverte=frozenset()).label("fr")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import schemas
from passport.framework import Lang

__all__ = ["Core", "Stage", "core_competences", "stage_of", "stage_rule"]

_FILE: Final = "stages.json"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage. `level`: what every core competence has at least; None where there is no level."""

    id: str
    level: int | None
    labels: Mapping[str, str] = field(repr=False)
    sentences: Mapping[str, str] = field(repr=False)

    def label(self, lang: Lang) -> str:
        """Return its name."""
        return self.labels[lang]

    def sentence(self, lang: Lang) -> str:
        """Return what it says of the person."""
        return self.sentences[lang]


@dataclass(frozen=True, slots=True)
class Core:
    """A competence of the core, and why it belongs there."""

    competence: str
    reasons: Mapping[str, str] = field(repr=False)

    def reason(self, lang: Lang) -> str:
        """Return why."""
        return self.reasons[lang]


@cache
def _data() -> Any:
    return schemas.read_json(_FILE)


def _stage(data: Any, id_: str, level: int | None) -> Stage:
    sentences = {lang: persons["third"] for lang, persons in data["sentence"].items()}
    return Stage(id_, level, MappingProxyType(data["label"]), MappingProxyType(sentences))


@cache
def _stages() -> tuple[Stage, ...]:
    """Return the stages that can be reached, the lowest first."""
    return tuple(_stage(one, one["id"], one["level"]) for one in _data()["list"])


@cache
def core_competences() -> tuple[Core, ...]:
    """Return the competences of the core, in order."""
    return tuple(Core(one["competence"], MappingProxyType(one["why"])) for one in _data()["core"])


def stage_rule(lang: Lang) -> tuple[str, str]:
    """Return the rule, and that it is no average, in words."""
    data = _data()
    return data["rule"][lang], data["not_average"][lang]


def stage_of(levels: Mapping[str, int], *, decouverte: frozenset[str]) -> Stage:
    """Return the highest stage that is reached, or the one of a path that has begun.

    `levels`: competence of DigComp 3.0 → level that counts today. `decouverte`: themes attested.
    """
    lowest = min((levels.get(core.competence, 0) for core in core_competences()), default=0)
    themes = any(decouverte.issuperset(needed) for needed in _data()["decouverte_needs_any_of"])
    reached = [s for s in _stages() if (themes if s.level is None else s.level <= lowest)]
    return reached[-1] if reached else _stage(_data()["none"], "none", None)
