"""Counting: how many people, by month, body, area and level; and small groups are hidden.

Decided here: what is counted (people with an attestation that was not withdrawn, once in each group), and
that a group of fewer than `MINIMUM` people shows no number. Where hiding one group alone would let it be
found from the total, the next smallest is hidden with it (complementary suppression; Hundepool et al.,
*Statistical Disclosure Control*, section 4.2). What was counted is kept, with its time: a page shows it as it
stands, and upkeep counts again when it is an hour old and the register has moved since.

Left to others: reading (`issuer.store.board`), drawing (`plots`), words.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, Final

from issuer.register import Register
from issuer.store import attestations, chain
from issuer.store import board as store
from issuer.store.database import Session
from passport.errors import PassportError
from passport.framework import framework
from passport.status import Status

__all__ = ["COUNT_SECONDS", "MINIMUM", "Board", "board", "count_again", "count_when_due", "hide_small"]

MINIMUM: Final = 5
COUNT_SECONDS: Final = 3_600
"""How old a count grows before upkeep counts again."""
_NAME: Final = "board"
_MOVED: Final = "moved"

Table = Mapping[str, int | None]
"""Group → number of people; None: too few to say."""


@dataclass(frozen=True, slots=True)
class Board:
    """What was counted at `made_at`. `levels`: framework → area → level → people.

    `months`: ``2026-11`` → people assessed; `progress`: month → attestations replaced by a higher one.
    """

    made_at: int
    people: int | None
    months: Table
    bodies: Table
    progress: Table
    levels: Mapping[str, Mapping[str, Table]]


def board(register: Register) -> Board:
    """Return what was last counted; counted now when it never was."""
    with register.reading() as session:
        row = store.snapshot(session, _NAME)
    return _read(row.made_at, row.data) if row is not None else count_again(register)


def count_when_due(register: Register) -> bool:
    """Count again where the last count is an hour old and the register moved since; tell whether it was."""
    at = register.now()
    with register.reading() as session:
        row = store.snapshot(session, _NAME)
        # A count of the future was made while the clock was ahead.
        if row is not None and (
            0 <= at - row.made_at < COUNT_SECONDS or row.data.get(_MOVED) == _moved(session)
        ):
            return False
    count_again(register)
    return True


def _moved(session: Session) -> int:
    """Return how many lines all audit chains have: whatever changes a number writes one."""
    return sum(head.seq for head in chain.heads(session))


def count_again(register: Register) -> Board:
    """Count, keep and return."""
    at = register.now()
    with register.reading() as session:
        # First the lines, then the people: what comes between is counted once more, never missed.
        data = {_MOVED: _moved(session), **_count(session)}
    with register.writing() as session:
        store.put_snapshot(session, _NAME, data=data, at=at)
    return _read(at, data)


def _read(made_at: int, data: Mapping[str, Any]) -> Board:
    return Board(made_at=made_at, **{name: value for name, value in data.items() if name != _MOVED})


def _count(session: Session) -> dict[str, Any]:
    status = attestations.last_changes(session)
    months: dict[str, set[str]] = defaultdict(set)
    bodies: dict[str, set[str]] = defaultdict(set)
    levels: dict[str, dict[str, dict[str, set[str]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(set))
    )
    people: set[str] = set()
    for one in store.counted(session):
        if status.get(one.id) == Status.WITHDRAWN:
            continue
        people.add(one.holder)
        months[_month(one.assessed_on)].add(one.holder)
        bodies[one.body].add(one.holder)
        for area, level in _reached(one.framework, one.levels):
            levels[one.framework][area][level].add(one.holder)
    progress: dict[str, int] = defaultdict(int)
    for at in store.replaced_at(session):
        progress[datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m")] += 1
    return {
        "people": hide_small({"all": len(people)})["all"],
        "months": hide_small(_sizes(months)),
        "bodies": hide_small(_sizes(bodies)),
        "progress": hide_small(dict(sorted(progress.items()))),
        "levels": {
            known: {area: hide_small(_sizes(by_level)) for area, by_level in sorted(areas.items())}
            for known, areas in sorted(levels.items())
        },
    }


def _sizes(groups: Mapping[str, set[str]]) -> dict[str, int]:
    return {name: len(members) for name, members in sorted(groups.items())}


@lru_cache(maxsize=5_000)
def _month(day: date) -> str:
    return day.strftime("%Y-%m")


@lru_cache(maxsize=20_000)
def _reached(framework_id: str, levels: str) -> tuple[tuple[str, str], ...]:
    """Return (area, level) of each level that an attestation tells as JSON."""
    areas = _areas(framework_id)
    told: dict[str, int] = json.loads(levels)
    return tuple((areas.get(competence, competence), str(level)) for competence, level in told.items())


@cache
def _areas(framework_id: str) -> Mapping[str, str]:
    """Return the area of each competence; nothing for a framework that is known here no more."""
    try:
        known = framework(framework_id)
    except PassportError:
        return {}
    return {competence: area.id for area in known.areas for competence in area.competences}


def hide_small(groups: Mapping[str, int], minimum: int = MINIMUM) -> dict[str, int | None]:
    """Return the groups; one with fewer than `minimum` is None, and none alone where another could be."""
    hidden = {name for name, size in groups.items() if 0 < size < minimum}
    if len(hidden) == 1:
        rest = {name: size for name, size in groups.items() if name not in hidden and size > 0}
        if rest:
            hidden.add(min(rest, key=lambda name: (rest[name], name)))
    return {name: None if name in hidden else size for name, size in groups.items()}
