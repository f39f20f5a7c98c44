"""Finding a person by a name that may be misspelt, in any order, with or without accents.

Decided here: the database proposes whoever shares most keys with what was typed (`issuer.register.spelling`),
at most `_CANDIDATES`; they are then compared with it word by word, as written and as heard, and ranked. What
was typed may be a part of the name. Nobody is listed without being asked for: an empty question has no
answer. Who is the same person as whom is for a human to say.

Left to others: which bodies may be looked into (the caller's scope), the page.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from rapidfuzz.distance import JaroWinkler

from issuer.register.folder import Register
from issuer.register.spelling import keys_of, sound_of, words_of
from issuer.store import people as store
from issuer.store.database import Session
from issuer.store.people import Named

__all__ = ["FoundPerson", "alike", "find_people", "found_in", "with_days"]

_TEXT_CHARS: Final = 200
_WORDS: Final = 8
_CANDIDATES: Final = 100
_COMMON: Final = 1_000
"""A key that finds so many people tells little."""

_ROWS: Final = 3_000
"""So many rows of keys are looked up at first."""
_LEAST: Final = 0.72
"""Below this two names have only letters in common."""

_SURE: Final = 0.85
"""From here on somebody was found, and nobody looks further."""

_UNASKED: Final = 0.02
"""What each word of the name that was not asked for takes off: of two who fit, the one that is told whole."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody who may be meant. `score`: from 0 to 1, 1 for the same name; `last_seen`: by these bodies."""

    id: str
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birthdate: date | None = field(repr=False)
    score: float
    last_seen: date | None


def find_people(
    register: Register, text: str, *, bodies: frozenset[str], limit: int = 20
) -> list[FoundPerson]:
    """Return whoever of `bodies` may be meant by `text`, the likeliest first, at most `limit` people."""
    with register.reading() as session:
        found = found_in(session, text, bodies=bodies)[:limit]
        return with_days(session, found, bodies=bodies)


def found_in(
    session: Session, text: str, *, bodies: frozenset[str], among: int = _CANDIDATES
) -> list[FoundPerson]:
    """Return what `find_people` returns, all of them and without days, in the caller's transaction.

    `among`: how many people are compared at most; fewer will do where the whole name is known.
    """
    asked = words_of(text[:_TEXT_CHARS])[:_WORDS]
    if not asked or not bodies:
        return []
    rare, common = _by_rarity(session, keys_of(" ".join(asked)), bodies=bodies)
    scored = _scored(session, asked, rare, bodies=bodies, among=among)
    if common and not any(score >= _SURE for score, _ in scored):
        scored += _scored(session, asked, common[:1], bodies=bodies, among=among)
    best = sorted({row.id: (score, row) for score, row in scored}.values(), key=_order)
    return [
        FoundPerson(
            id=row.id,
            given_name=row.given_name,
            family_name=row.family_name,
            birthdate=row.birthdate,
            score=round(score, 3),
            last_seen=None,
        )
        for score, row in best
    ]


def with_days(session: Session, found: Sequence[FoundPerson], *, bodies: frozenset[str]) -> list[FoundPerson]:
    """Return the same people, each with the day when these bodies last saw them."""
    seen = store.last_seen(session, [one.id for one in found], bodies=bodies) if found else {}
    return [replace(one, last_seen=seen.get(one.id)) for one in found]


def _by_rarity(
    session: Session, keys: Collection[str], *, bodies: frozenset[str]
) -> tuple[list[str], list[str]]:
    """Part the keys into those that find few people, which are looked up at once, and the others.

    Of thousands of Maries the one who is meant is found by her other name; only when that leads nowhere are
    the common keys worth their time.
    """
    counts = store.key_counts(session, keys, bodies=bodies, most=_COMMON)
    by_count = sorted(counts, key=lambda key: (counts[key], key))
    rare: list[str] = []
    rows = 0
    for key in by_count:
        rows += counts[key]
        if rare and (counts[key] >= _COMMON or rows > _ROWS):
            break
        rare.append(key)
    return rare, by_count[len(rare) :]


def _scored(
    session: Session, asked: Sequence[str], keys: Sequence[str], *, bodies: frozenset[str], among: int
) -> list[tuple[float, Named]]:
    """Return whoever shares most of these keys and is like enough to what was asked."""
    proposed = store.candidates(session, keys, bodies=bodies, limit=among)
    scored = [(alike(asked, row.given_name, row.family_name), row) for row in proposed]
    return [one for one in scored if one[0] >= _LEAST]


def _order(scored: tuple[float, Named]) -> tuple[float, str, str, str]:
    score, row = scored
    return (-score, row.family_name.casefold(), row.given_name.casefold(), row.id)


def alike(asked: Sequence[str], given_name: str, family_name: str) -> float:
    """Return how well the words of a question fit a name, from 0 to 1.

    Each word is set against the word of the name that it fits best; none is used twice.
    """
    written = [word for name in (given_name, family_name) for word in words_of(name)]
    left, asked = _joined_like(asked, written), _joined_like(written, asked)
    total = 0.0
    for word in sorted(asked, key=len, reverse=True):
        score, best = max(((_words_alike(word, other), other) for other in left), default=(0.0, ""))
        total += score
        if best:
            left.remove(best)
    return max(0.0, total / len(asked) - _UNASKED * len(left)) if asked else 0.0


def _joined_like(model: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return `words`, two of them as one where `model` has them as one: Jean-Pierre and Jeanpierre."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] not in model and joined[-1] + word in model:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _words_alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    written = JaroWinkler.similarity(one, other)
    heard = JaroWinkler.similarity(sound_of(one), sound_of(other))
    begun = 0.95 if len(one) > 2 and other.startswith(one) else 0.0
    return max(min(0.99, 0.4 * written + 0.6 * heard), begun)
