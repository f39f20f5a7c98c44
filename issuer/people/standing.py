"""Where somebody stands: the level that counts for each competence, the stage, and what comes next.

Decided here: for each competence the newest attestation that still holds counts (withdrawn, suspended,
replaced and expired ones do not); of the gestures seen in workshops the newest rating of each counts; what
comes next is, for each competence that was begun, the simplest gestures that are not yet done alone; and
where: at the places that are open today. It is pure but for the register's two readings. Left to others: the
words of levels and stages (`passport`), the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from issuer.people.facts import Fact
from issuer.register.folder import Register
from issuer.store import bodies as body_store
from issuer.store import facts as store
from passport.framework import framework
from passport.gestures import DECOUVERTE, DIGCOMP, Gesture, Rating, gesture, gestures_of
from passport.stages import Stage, core_competences, stage_of

__all__ = [
    "Level",
    "Next",
    "Place",
    "gesture_ratings",
    "levels_of",
    "next_steps",
    "places_open",
    "stage_reached",
]

_NEXT_GESTURES = 4
_NEXT_COMPETENCES = 6


@dataclass(frozen=True, slots=True)
class Level:
    """The level of a competence that counts today, and the attestation that says so."""

    framework: str
    competence: str
    level: int
    assessed_on: date
    fact: Fact


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next in one competence. `begun`: whether one of its gestures was ever seen, or attested."""

    competence: str
    gestures: tuple[tuple[Gesture, Rating | None], ...]
    begun: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the network where somebody may go on."""

    body: str
    body_name: str
    name: str


def levels_of(facts: Iterable[Fact], *, at: int) -> list[Level]:
    """Return the levels that count at a moment, in the order of the frameworks and their competences."""
    counting = sorted(
        (fact for fact in facts if fact.counts_at(at)),
        key=lambda fact: (fact.attestation.assessed_on, fact.attestation.issued_at),
    )
    newest: dict[tuple[str, str], Level] = {}
    for fact in counting:
        said = fact.attestation
        for competence, level in said.levels.items():
            newest[said.framework, competence] = Level(
                said.framework, competence, level, said.assessed_on, fact
            )
    return sorted(newest.values(), key=_place_in_framework)


def _place_in_framework(level: Level) -> tuple[bool, str, int]:
    order = [competence.id for competence in framework(level.framework).competences]
    return (level.framework != DIGCOMP, level.framework, order.index(level.competence))


def stage_reached(levels: Sequence[Level]) -> Stage | None:
    """Return the stage, None when nothing counts that stages are made of."""
    digcomp = {one.competence: one.level for one in levels if one.framework == DIGCOMP}
    themes = frozenset(one.competence for one in levels if one.framework == DECOUVERTE)
    return stage_of(digcomp, decouverte=themes) if digcomp or themes else None


def gesture_ratings(register: Register, person_id: str, *, bodies: frozenset[str]) -> dict[str, Rating]:
    """Return the newest rating of each gesture that these bodies saw."""
    with register.reading() as session:
        rows = store.ratings_of(session, person_id, bodies=bodies)
    return {gesture_id: Rating(rating) for gesture_id, rating, _ in rows}


def next_steps(levels: Sequence[Level], ratings: dict[str, Rating]) -> list[Next]:
    """Return what comes next, what was begun first, then the rest of the core; a few of each."""
    attested = {one.competence: one.level for one in levels if one.framework == DIGCOMP}
    seen = {gesture(id_).competence: None for id_ in ratings if gesture(id_).framework == DIGCOMP}
    core = [one.competence for one in core_competences()]
    begun = [*dict.fromkeys([*attested, *seen])]
    order = [*begun, *(competence for competence in core if competence not in begun)]
    steps = [
        Next(competence, gestures, competence in begun)
        for competence in order
        if (gestures := _not_yet(competence, attested.get(competence, 0), ratings))
    ]
    return steps[:_NEXT_COMPETENCES]


def _not_yet(
    competence: str, attested: int, ratings: dict[str, Rating]
) -> tuple[tuple[Gesture, Rating | None], ...]:
    """Return the simplest gestures that are not done alone; those far below the attested level are."""
    waiting = [
        one
        for one in gestures_of(DIGCOMP, competence)
        if ratings.get(one.id) is not Rating.ALONE and not _surely_done(one, attested, ratings)
    ]
    lowest = min((one.level or 0 for one in waiting), default=0)
    return tuple((one, ratings.get(one.id)) for one in waiting if one.level == lowest)[:_NEXT_GESTURES]


def _surely_done(one: Gesture, attested: int, ratings: dict[str, Rating]) -> bool:
    """A level says what was done alone below it: level 2 all of level 1, level 3 all gestures."""
    return one.id not in ratings and (one.level or 0) < attested + (attested >= 3)


def places_open(register: Register, *, at: int) -> list[Place]:
    """Return the places of all bodies of the network that are open at a moment, by name of the body."""
    with register.reading() as session:
        found = body_store.places_at(session, at=at)
    known = [Place(body, body_name, name) for body, body_name, name in found]
    return sorted(known, key=lambda place: (place.body_name, place.name))
