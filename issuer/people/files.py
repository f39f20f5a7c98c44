"""The file that a body keeps of a person: opening it, and who may see whom.

Decided here: somebody with the same name, or nearly, is shown first, and a human decides whether it is the
same person; a birth date is kept only where it was given; a file is opened by somebody who assesses or
answers for that very body. Each file that is opened is a row of the body's audit chain.

Left to others: finding by name (`finding`), merging, erasing, what was attested (`issuer.people.facts`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from issuer.people.finding import FoundPerson, alike, found_in, with_days
from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.register.people import person_key
from issuer.register.persons import NewFile, NewPerson, new_person_id, put_people, unknown_person
from issuer.register.spelling import words_of
from issuer.staff.roles import Role, Staff
from issuer.store import locks
from issuer.store import people as store
from issuer.store.database import Session
from issuer.store.tables import HolderRow, PersonFileRow
from passport.errors import MalformedError
from passport.model import Holder, clean_name

__all__ = [
    "IDENTITIES",
    "PEOPLE_ROLES",
    "HomonymsError",
    "Identity",
    "Person",
    "add_person",
    "check_birthdate",
    "check_email",
    "holders_of",
    "homonyms",
    "namesakes",
    "person",
    "person_in",
]

Identity = Literal["seen", "known", "declared"]

IDENTITIES: Final[tuple[Identity, ...]] = ("seen", "known", "declared")
"""How a body knows who somebody is: papers were seen, the person is known, the person said so."""

PEOPLE_ROLES: Final = frozenset({Role.TRAINER, Role.REFERENT})
"""Whoever may open files of people, those of their own body."""

_SAME: Final = 0.93
_NAMESAKES: Final = 40
_MOST_SHOWN: Final = 20
_EMAIL: Final = re.compile(
    r"[^\s@<>,;:\"()\\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?\.[A-Za-z]{2,24}"
)


class HomonymsError(RegisterError):
    """Somebody of this name is there already: a question, not a fault. `candidates`: who it may be."""

    default_code = "homonyms"

    def __init__(self, candidates: Sequence[FoundPerson]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(
            f"{len(self.candidates)} people of this body have this name, or nearly.",
            hint="Take one of them, or say that it is somebody else.",
            detail={"count": len(self.candidates)},
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the bodies that asked may see them. `identities`: body → how it knows who they are."""

    id: str
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birthdate: date | None = field(repr=False)
    email: str | None = field(repr=False)
    created_at: int
    identities: dict[str, str]

    @property
    def holder(self) -> Holder:
        """The person as an attestation names them."""
        return Holder(self.given_name, self.family_name, self.birthdate)


def add_person(
    register: Register,
    staff: Staff,
    body: str,
    *,
    given_name: str,
    family_name: str,
    birthdate: date | None = None,
    identity: str,
    email: str | None = None,
    accept_homonyms: bool = False,
) -> str:
    """Open a file of a new person in `body`; return their id.

    Names and address as typed. Raises `HomonymsError` unless they are accepted, and `PassportError`:
    `unknown_body` (not one of theirs), `name_length`, `name_form`, `name_characters`, `birthdate`,
    `identity`, `email`.
    """
    if body not in staff.bodies(*PEOPLE_ROLES):
        raise RegisterError("There is no such body here.", code="unknown_body")
    if identity not in IDENTITIES:
        raise MalformedError("The identity was seen, is known or was declared.", code="identity")
    person = NewPerson(
        new_person_id(),
        Holder(clean_name(given_name), clean_name(family_name), birthdate),
        check_email(email),
    )
    check_birthdate(register, birthdate)
    file = NewFile(body, identity, opened_by=staff.actor, at=register.now())

    def work(session: Session) -> str:
        # Two trainers who add the same person at once: the second one sees the first one's.
        locks.hold_people(session, [person_key(person.holder, secret=register.person_secret)])
        if not accept_homonyms and (same := homonyms(session, person.holder, bodies=frozenset({body}))):
            raise HomonymsError(same)
        put_people(session, [person], file)
        detail = {"person": person.id, "actor": staff.actor}
        chain.append(session, body, "person.added", detail, at=file.at)
        return person.id

    return register.transact(work)


def check_birthdate(register: Register, birthdate: date | None) -> None:
    """Refuse a birth date to come. Raises `MalformedError` (`birthdate`)."""
    # A day ahead of UTC somebody may be born already; nobody who is attested is.
    if (
        birthdate is not None
        and birthdate.toordinal() > date(1970, 1, 1).toordinal() + register.now() // 86_400
    ):
        raise MalformedError("The birth date lies in the future.", code="birthdate")


def check_email(email: str | None) -> str | None:
    """Return an address as it is kept, None for none. Raises `MalformedError` (`email`).

    Stricter than RFC 5321 section 4.1.2: what a mail program may take for two addresses is refused.
    """
    trimmed = (email or "").strip()
    if not trimmed:
        return None
    if _EMAIL.fullmatch(trimmed) is None or ".." in trimmed or not trimmed.isprintable():
        raise MalformedError("This is not an e-mail address.", code="email")
    return trimmed


def homonyms(session: Session, holder: Holder, *, bodies: frozenset[str]) -> list[FoundPerson]:
    """Return whoever of `bodies` may be this very person: (nearly) the same name, no other birth date."""
    return with_days(session, namesakes(session, holder, bodies=bodies), bodies=bodies)


def namesakes(session: Session, holder: Holder, *, bodies: frozenset[str]) -> list[FoundPerson]:
    """Return what `homonyms` returns, without the days when they were seen."""
    found = found_in(session, holder.full_name, bodies=bodies, among=_NAMESAKES)
    same = [
        one
        for one in found
        if one.score >= _SAME
        # The other way round too: Jean Dupont is not Jean-Pierre Dupont Martin.
        and alike(words_of(f"{one.given_name} {one.family_name}"), holder.given_name, holder.family_name)
        >= _SAME
        and not _born_apart(one.birthdate, holder.birthdate)
    ]
    return same[:_MOST_SHOWN]


def _born_apart(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one != other


def person(register: Register, id_: str, *, bodies: frozenset[str]) -> Person:
    """Return a person of whom one of `bodies` keeps a file; whoever was merged, as the one they are now.

    Raises `RegisterError` (`unknown_person`): there is none, not for these bodies, or they were erased.
    """
    with register.reading() as session:
        return person_in(session, id_, bodies=bodies)


def holders_of(register: Register, ids: Sequence[str], *, bodies: frozenset[str]) -> dict[str, Holder]:
    """Return the names of those of these people of whom one of `bodies` keeps a file, by id."""
    with register.reading() as session:
        known = store.with_file(session, ids, bodies=bodies)
        rows = store.holders(session, sorted(known))
    return {
        id_: Holder(row.given_name, row.family_name, row.birthdate)
        for id_, row in rows.items()
        if row.erased_at is None and row.merged_into is None
    }


def person_in(session: Session, id_: str, *, bodies: frozenset[str]) -> Person:
    """Return what `person` returns, in the caller's transaction."""
    row, kept = store.holder_with_files(session, id_)
    if row is not None and row.merged_into is not None:
        row, kept = store.holder_with_files(session, row.merged_into)
    if row is None or row.erased_at is not None:
        raise unknown_person()
    files = [file for file in kept if file.body in bodies]
    if not files:
        raise unknown_person()
    return _person(row, files)


def _person(row: HolderRow, files: Sequence[PersonFileRow]) -> Person:
    return Person(
        id=row.id,
        given_name=row.given_name,
        family_name=row.family_name,
        birthdate=row.birthdate,
        email=row.email,
        created_at=row.created_at,
        identities={file.body: file.identity for file in files},
    )
