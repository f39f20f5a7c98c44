"""The file itself: names, birth date, address, how a body knows who somebody is.

Decided here: a file says what its people are called today; attestations keep the name that was signed, and a
wrong one is corrected (`acting`), never rewritten. What finds the person is kept in step with the names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from issuer.people.files import IDENTITIES, check_birthdate, check_email, person_in
from issuer.register import chain
from issuer.register.folder import Register
from issuer.register.persons import put_keys
from issuer.store import people as store
from issuer.store.database import Session
from passport.errors import MalformedError
from passport.model import Holder, clean_name

__all__ = ["Details", "change_details", "rename_in"]


@dataclass(frozen=True, slots=True)
class Details:
    """What a file says of somebody, as typed. `identity`: how the body `body` knows it."""

    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birthdate: date | None = field(repr=False)
    email: str = field(repr=False)
    body: str
    identity: str


def change_details(
    register: Register, person_id: str, details: Details, *, bodies: frozenset[str], actor: str
) -> None:
    """Change what the file says.

    Raises `PassportError`: `unknown_person`, `identity`, `email`, `birthdate`, and those of a name.
    """
    if details.identity not in IDENTITIES:
        raise MalformedError("The identity was seen, is known or was declared.", code="identity")
    holder = Holder(clean_name(details.given_name), clean_name(details.family_name), details.birthdate)
    check_birthdate(register, details.birthdate)
    email = check_email(details.email)

    def work(session: Session) -> None:
        known = person_in(session, person_id, bodies=bodies)
        if details.body in known.identities:
            store.change_file(session, known.id, details.body, identity=details.identity)
        store.change_holder(session, known.id, email=email)
        rename_in(session, known.id, holder)
        said = {"person": known.id, "actor": actor}
        for body in sorted(known.identities):
            chain.append(session, body, "person.changed", said, at=register.now())

    register.transact(work)


def rename_in(session: Session, person_id: str, holder: Holder) -> None:
    """Let a file say another name or birth date, and be found by it, in the caller's transaction."""
    names = {"given_name": holder.given_name, "family_name": holder.family_name}
    store.change_holder(session, person_id, **names, birthdate=holder.birthdate)
    store.drop_keys(session, person_id)
    put_keys(session, {person_id: holder}, bodies=[file.body for file in store.files_of(session, person_id)])
