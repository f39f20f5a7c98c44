"""What a level means: competence frameworks, read from `schemas/frameworks/`.

What is decided here: the frozen types through which everything else sees a framework, and the errors
for what a framework does not know. The order of `Framework.competences` is the packing order of
credentials (one digit a competence, in this order): it is **frozen** with the framework's id. An
edition that adds, drops or re-orders a competence is a new file with a new id.

A framework has one of two scales. ``levels``: steps are numbers that people see. ``mentions``: steps
are words ("avec aide", "seul(e)"); `shown_as_level` is false, and no page or print may show a number.

Left to others: who may attest what (`passport.trust`), how a level is proposed (the issuing counter).
Nothing is parsed when this module is imported; a framework is parsed once, when it is first asked for.

Example::

    >>> framework("digcomp-3.0").sentence("2.1", 1)
    'Avec de l’aide, j’ouvre un message et j’y réponds.'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

import schemas
from passport.errors import UnsupportedError

__all__ = ["Area", "Competence", "Framework", "Lang", "Person", "Scale", "framework", "framework_ids"]

Lang = Literal["fr", "en"]
Person = Literal["first", "third"]
Scale = Literal["levels", "mentions"]

_FOLDER: Final = "frameworks"
_SUFFIX: Final = ".json"

# Texts of one thing by language, and sentences by (language, person).
_Texts = Mapping[str, str]
_Sentences = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Area:
    """A group of competences. `icon`: the name of a drawing; `competences`: ids, in order."""

    id: str
    icon: str
    competences: tuple[str, ...]
    labels: _Texts = field(repr=False)

    def label(self, lang: Lang) -> str:
        """Return the short name of the area."""
        return self.labels[lang]


@dataclass(frozen=True, slots=True)
class Competence:
    """One competence. `area`: id of its area."""

    id: str
    area: str
    labels: _Texts = field(repr=False)
    sentences: Mapping[int, _Sentences] = field(repr=False)
    descriptors: _Texts = field(repr=False)

    def descriptor(self, lang: Lang) -> tuple[str, Lang] | None:
        """Return the framework's own words for it and their language, `lang` where it has them; or None."""
        return _in_language(self.descriptors, lang)

    def label(self, lang: Lang) -> str:
        """Return the short name of the competence."""
        return self.labels[lang]


@dataclass(frozen=True, slots=True)
class Framework:
    """One published framework, complete. Obtained from `framework()`, never built by hand."""

    id: str
    version: str
    scale: Scale
    shown_as_level: bool
    min_level: int
    max_level: int
    areas: tuple[Area, ...]
    competences: tuple[Competence, ...]
    titles: _Texts = field(repr=False)
    attributions: _Texts | None = field(repr=False)
    disclaimers: _Texts | None = field(repr=False)
    level_labels: Mapping[int, _Texts] = field(repr=False)
    level_meanings: Mapping[int, _Sentences] = field(repr=False)
    level_descriptors: Mapping[int, _Texts] = field(repr=False)
    by_id: Mapping[str, Competence] = field(repr=False)

    def title(self, lang: Lang) -> str:
        """Return the name of the framework."""
        return self.titles[lang]

    def attribution(self, lang: Lang) -> str | None:
        """Return whom to credit, as its licence asks; None for a framework of our own."""
        return self.attributions[lang] if self.attributions else None

    def disclaimer(self, lang: Lang) -> str | None:
        """Return what the source is not responsible for, to be shown beside the attribution; or None."""
        return self.disclaimers[lang] if self.disclaimers else None

    @property
    def has_sentences(self) -> bool:
        """Tell whether every competence has a sentence of its own at every level."""
        return all(c.sentences for c in self.competences)

    def competence(self, competence_id: str) -> Competence:
        """Return one competence. Raises `UnsupportedError` (`unknown_competence`)."""
        found = self.by_id.get(competence_id)
        if found is None:
            raise UnsupportedError(
                f"The framework {self.id} has no competence {competence_id[:20]!r}.",
                code="unknown_competence",
                hint=f"It knows {', '.join(self.by_id)}.",
            )
        return found

    def knows(self, competence_id: str, level: int) -> bool:
        """Tell whether `level` can be attested for this competence."""
        return competence_id in self.by_id and level in self.level_labels

    def sentence(self, competence_id: str, level: int, *, lang: Lang = "fr", person: Person = "first") -> str:
        """Return what the person can do, in one true sentence.

        ``first``: as the holder says it ("Je…"); ``third``: as it is said of the holder. English has
        the third person only. Where the framework has no sentences (CRCN), the competence's own name.
        Raises `UnsupportedError` (`unknown_competence`, `unknown_level`).
        """
        competence = self.competence(competence_id)
        self._check_level(level)
        if not competence.sentences:
            return competence.label(lang)
        said = competence.sentences[level]
        return said.get((lang, person)) or said[(lang, "third")]

    def level_label(self, level: int, lang: Lang) -> str:
        """Return the name of the level in words. Raises `UnsupportedError` (`unknown_level`)."""
        self._check_level(level)
        return self.level_labels[level][lang]

    def level_meaning(self, level: int, lang: Lang) -> str | None:
        """Return what the level means in general, said of a person; None where we have no such sentence.

        Raises `UnsupportedError` (`unknown_level`).
        """
        self._check_level(level)
        return self.level_meanings[level].get((lang, "third"))

    def level_descriptor(self, level: int, lang: Lang) -> tuple[str, Lang] | None:
        """Return the framework's own words for a level and their language, `lang` where it has them; or None.

        Raises `UnsupportedError` (`unknown_level`).
        """
        self._check_level(level)
        return _in_language(self.level_descriptors[level], lang)

    def _check_level(self, level: int) -> None:
        if level not in self.level_labels:
            raise UnsupportedError(
                f"The framework {self.id} has no level {level}.",
                code="unknown_level",
                hint=f"Its levels go from {self.min_level} to {self.max_level}.",
            )


@cache
def framework_ids() -> tuple[str, ...]:
    """Return the ids of all published frameworks, sorted; reads no file."""
    return tuple(n.removesuffix(_SUFFIX) for n in schemas.names(_FOLDER) if n.endswith(_SUFFIX))


def framework(framework_id: str) -> Framework:
    """Return a framework by its id. Raises `UnsupportedError` (`unknown_framework`)."""
    # The id comes from a credential: it is looked up in what is published before it can name a file.
    if framework_id not in framework_ids():
        raise UnsupportedError(
            f"No framework {framework_id[:40]!r} is published here.",
            code="unknown_framework",
            hint=f"Known: {', '.join(framework_ids())}.",
        )
    return _parsed(framework_id)


@cache
def _parsed(framework_id: str) -> Framework:
    data = schemas.read_json(f"{_FOLDER}/{framework_id}{_SUFFIX}")
    scale = data["scale"]
    competences = tuple(_competence(c) for c in data["competences"])
    return Framework(
        id=data["id"],
        version=data["version"],
        scale=scale["kind"],
        shown_as_level=scale["shown_as_level"],
        min_level=scale["min"],
        max_level=scale["max"],
        areas=tuple(_area(a, competences) for a in data["areas"]),
        competences=competences,
        titles=MappingProxyType(data["title"]),
        attributions=data["attribution"] and MappingProxyType(data["attribution"]),
        disclaimers=data["disclaimer"] and MappingProxyType(data["disclaimer"]),
        level_labels=MappingProxyType({s["step"]: MappingProxyType(s["label"]) for s in scale["steps"]}),
        level_meanings=MappingProxyType({s["step"]: _sentences(s["meaning"] or {}) for s in scale["steps"]}),
        level_descriptors=MappingProxyType({s["step"]: _descriptors(s) for s in scale["steps"]}),
        by_id=MappingProxyType({c.id: c for c in competences}),
    )


def _area(data: Any, competences: tuple[Competence, ...]) -> Area:
    return Area(
        id=data["id"],
        icon=data["icon"],
        competences=tuple(c.id for c in competences if c.area == data["id"]),
        labels=MappingProxyType(data["label"]),
    )


def _competence(data: Any) -> Competence:
    said = data["sentences"] or {}
    return Competence(
        id=data["id"],
        area=data["area"],
        labels=MappingProxyType(data["label"]),
        sentences=MappingProxyType({int(level): _sentences(texts) for level, texts in said.items()}),
        descriptors=_descriptors(data),
    )


def _sentences(texts: Any) -> _Sentences:
    return MappingProxyType(
        {(lang, person): text for lang, persons in texts.items() for person, text in persons.items()}
    )


def _descriptors(data: Any) -> _Texts:
    """Return the source's own words, in the languages that it speaks; none where it has none."""
    official = data["official"] or {}
    return MappingProxyType(official.get("description") or {})


def _in_language(texts: _Texts, lang: Lang) -> tuple[str, Lang] | None:
    languages: tuple[Lang, ...] = (lang, "en", "fr")
    return next(((texts[one], one) for one in languages if one in texts), None)
