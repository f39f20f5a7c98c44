"""What a workshop looks at: where, when, which gestures of which competences.

Decided here: 1 to 3 competences and 5 to 8 gestures, all of one framework (DOMAIN.md, a workshop of two
hours); the competences are those of the gestures; the day may be past (a grid on paper is entered later) and
not further ahead than a year. Left to others: who is there (`attending`), what was seen (`grid`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from issuer.register import chain
from issuer.register.bodies import body as known_body
from issuer.register.folder import Register, RegisterError
from issuer.staff.roles import Role, Staff
from issuer.store import workshops as store
from issuer.store.database import Session
from issuer.store.tables import WorkshopRow
from passport.errors import MalformedError, PassportError
from passport.gestures import gesture
from passport.limits import LIMITS
from passport.model import Method, clean_name

__all__ = [
    "GESTURES",
    "MOST_COMPETENCES",
    "NewWorkshop",
    "Workshop",
    "new_workshop",
    "unknown_workshop",
    "workshop",
    "workshop_in",
    "workshop_list",
]

MOST_COMPETENCES: Final = 3
GESTURES: Final = (5, 8)
"""How many gestures a workshop looks at, at least and at most."""

_SHOWN: Final = 100
_ID_BYTES: Final = 12
_AHEAD: Final = timedelta(days=366)
_EARLIEST: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class NewWorkshop:
    """A workshop to hold. `gestures`: ids, in the order in which they are looked at. `template`: or None.

    Raises `MalformedError`: `workshop_title`, `workshop_gestures`, `workshop_competences`,
    `workshop_framework`, `unknown_gesture`.
    """

    body: str
    place: str | None
    held_on: date
    title: str
    gestures: tuple[str, ...]
    template: str | None = None

    def __post_init__(self) -> None:
        title = self.title
        if not 1 <= len(title) <= LIMITS.name_chars or clean_name(title) != title or not title.isprintable():
            raise MalformedError("The title is empty or too long.", code="workshop_title")
        if not GESTURES[0] <= len(set(self.gestures)) == len(self.gestures) <= GESTURES[1]:
            raise MalformedError(
                f"A workshop looks at {GESTURES[0]} to {GESTURES[1]} gestures.", code="workshop_gestures"
            )
        if len({gesture(id_).framework for id_ in self.gestures}) > 1:
            raise MalformedError("The gestures are of several frameworks.", code="workshop_framework")
        if len(self.competences) > MOST_COMPETENCES:
            raise MalformedError(
                f"A workshop looks at {MOST_COMPETENCES} competences at most.", code="workshop_competences"
            )

    @property
    def framework(self) -> str:
        """The framework of its gestures."""
        return gesture(self.gestures[0]).framework

    @property
    def competences(self) -> tuple[str, ...]:
        """The competences of its gestures, in their order."""
        return tuple(dict.fromkeys(gesture(id_).competence for id_ in self.gestures))


@dataclass(frozen=True, slots=True)
class Workshop:
    """A workshop as it stands. `place_name`: of an open place. `closed_at`: everybody has their paper."""

    id: str
    body: str
    place: str | None
    held_on: date
    title: str
    template: str | None
    framework: str
    competences: tuple[str, ...]
    gestures: tuple[str, ...]
    created_at: int
    closed_at: int | None


def new_workshop(register: Register, staff: Staff, new: NewWorkshop) -> str:
    """Open a workshop of one of the trainer's bodies; return its id.

    Raises `PassportError`: `unknown_body`, `workshop_place`, `workshop_day`.
    """
    if new.body not in staff.bodies(Role.TRAINER):
        raise RegisterError("There is no such body here.", code="unknown_body")
    if new.place is not None and new.place not in dict(known_body(register, new.body).places):
        raise MalformedError("The body has no such place.", code="workshop_place")
    if not _EARLIEST <= new.held_on <= register.today() + _AHEAD:
        raise MalformedError("The day is too far from today.", code="workshop_day")
    id_, at = secrets.token_hex(_ID_BYTES), register.now()
    with register.writing() as session:
        store.add_workshop(session, _row(new, id_, by=staff.actor, at=at))
        detail = {"workshop": id_, "actor": staff.actor}
        chain.append(session, new.body, "workshop.opened", detail, at=at)
    return id_


def _row(new: NewWorkshop, id_: str, *, by: str, at: int) -> dict[str, object]:
    return {
        "id": id_,
        "body": new.body,
        "place": new.place,
        "held_on": new.held_on,
        "title": new.title,
        "template": new.template,
        "framework": new.framework,
        "method": Method.OBSERVATION.value,
        "competences": list(new.competences),
        "gestures": list(new.gestures),
        "created_by": by,
        "created_at": at,
    }


def unknown_workshop() -> PassportError:
    """Return the error for a workshop that there is not, or not for these bodies."""
    return RegisterError("There is no such workshop here.", code="unknown_workshop")


def workshop(register: Register, id_: str, *, bodies: frozenset[str]) -> Workshop:
    """Return a workshop of these bodies. Raises `RegisterError` (`unknown_workshop`)."""
    with register.reading() as session:
        return workshop_in(session, id_, bodies=bodies)


def workshop_in(session: Session, id_: str, *, bodies: frozenset[str]) -> Workshop:
    """Return what `workshop` returns, in the caller's transaction."""
    row = store.workshop(session, id_, bodies=bodies)
    if row is None:
        raise unknown_workshop()
    return _workshop(row)


def workshop_list(register: Register, *, bodies: frozenset[str]) -> list[tuple[Workshop, int]]:
    """Return the last workshops of these bodies, the newest first, with how many people were there."""
    with register.reading() as session:
        return [
            (_workshop(row), count) for row, count in store.workshops(session, bodies=bodies, limit=_SHOWN)
        ]


def _workshop(row: WorkshopRow) -> Workshop:
    return Workshop(
        id=row.id,
        body=row.body,
        place=row.place,
        held_on=row.held_on,
        title=row.title,
        template=row.template,
        framework=row.framework,
        competences=tuple(row.competences),
        gestures=tuple(row.gestures),
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
