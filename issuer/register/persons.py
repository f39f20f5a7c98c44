"""A person enters the register: who they are, which body knows them, and what they are found by.

Decided here: whoever is attested has a file with the body that attests them and is found there by name,
whichever way they came (a page, a file, a program); an attestation may be made for a person who is there
already, whom its body knows and who was neither merged into another nor erased. Everything happens in the
caller's transaction. The same person may come twice: whether they are the same is a human decision
(`issuer.people`).

Left to others: finding, merging and erasing (`issuer.people`), attesting (`issuing`).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from issuer.register.folder import RegisterError
from issuer.register.spelling import keys_of
from issuer.store import people as store
from issuer.store.rows import insert_rows
from issuer.store.tables import HolderRow, NameGramRow, PersonFileRow
from passport.model import Holder

if TYPE_CHECKING:
    from issuer.register.planning import Plan
    from issuer.store.database import Session

__all__ = [
    "IDENTITY_DECLARED",
    "NewFile",
    "NewPerson",
    "check_holders",
    "new_person_id",
    "put_keys",
    "put_people",
    "unknown_person",
]

IDENTITY_DECLARED: Final = "declared"
_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person on their way in. `id`: of `new_person_id`."""

    id: str
    holder: Holder
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewFile:
    """The file that a body opens. `identity`: ``seen``, ``known`` or ``declared``; `opened_by`: an actor."""

    body: str
    identity: str
    opened_by: str
    at: int


def new_person_id() -> str:
    """Return a new id: random, says nothing, and stands in addresses of the desk."""
    return secrets.token_hex(_ID_BYTES)


def unknown_person() -> RegisterError:
    """Return the error for a person who is not there, or not for whoever asks: the two look the same."""
    return RegisterError("There is no such person here.", code="unknown_person")


def put_people(session: Session, people: Sequence[NewPerson], file: NewFile) -> None:
    """Insert people, each with a file of one body and the keys that find them there."""
    holders = [
        {
            "id": one.id,
            "given_name": one.holder.given_name,
            "family_name": one.holder.family_name,
            "birthdate": one.holder.birthdate,
            "email": one.email,
            "created_at": file.at,
        }
        for one in people
    ]
    files = [
        {
            "holder_id": one.id,
            "body": file.body,
            "identity": file.identity,
            "opened_at": file.at,
            "opened_by": file.opened_by,
        }
        for one in people
    ]
    insert_rows(session, HolderRow, holders)
    insert_rows(session, PersonFileRow, files)
    put_keys(session, {one.id: one.holder for one in people}, bodies=[file.body])


def put_keys(session: Session, people: dict[str, Holder], *, bodies: Sequence[str]) -> None:
    """Insert the keys that find each of `people` (id → names) in each of `bodies`."""
    rows = [
        {"body": body, "gram": key, "holder_id": id_}
        for id_, holder in people.items()
        for key in sorted(keys_of(holder.given_name, holder.family_name))
        for body in bodies
    ]
    insert_rows(session, NameGramRow, rows)


def check_holders(session: Session, planned: Plan) -> None:
    """Refuse a plan that names a person whom its body does not know, or who was merged or erased.

    Raises `RegisterError` (`unknown_person`).
    """
    wanted = {item.request.holder_id for item in planned.items if item.request.holder_id is not None}
    if wanted and store.living_with_file(session, sorted(wanted), body=planned.body) != wanted:
        raise unknown_person()
