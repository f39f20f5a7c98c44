"""Two records of one person become one, when a human says so.

Decided here: everything moves to the record that stays (attestations, files, workshops, second looks); the
other keeps nothing but `merged_into`, so that an old address still leads somewhere. The record that goes must
belong to bodies of whoever merges; the one that stays may be known elsewhere too. Two who sat in the same
workshop are two people. It cannot be undone as such: an attestation that turns out to be somebody else's is
corrected, which withdraws it. The audit row names what moved, by opaque ids.

Left to others: who may be the same (`files.homonyms`), the page that shows both.
"""

from __future__ import annotations

from issuer.people.files import PEOPLE_ROLES, Person, homonyms, namesakes, person_in
from issuer.people.finding import FoundPerson
from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.register.persons import put_keys, unknown_person
from issuer.staff.roles import Staff
from issuer.store import locks, moving
from issuer.store import people as store
from issuer.store.database import Session
from passport.model import Holder

__all__ = ["count_same", "may_be_same", "merge_people"]


def may_be_same(register: Register, known: Person, *, bodies: frozenset[str]) -> list[FoundPerson]:
    """Return other people of `bodies` who may be this one."""
    with register.reading() as session:
        return [one for one in homonyms(session, known.holder, bodies=bodies) if one.id != known.id]


def count_same(register: Register, known: Person, *, bodies: frozenset[str]) -> int:
    """Return how many `may_be_same` returns."""
    with register.reading() as session:
        return sum(one.id != known.id for one in namesakes(session, known.holder, bodies=bodies))


def merge_people(register: Register, staff: Staff, *, keep: str, gone: str) -> str:
    """Move everything of `gone` to `keep`; return the id of the one that stays.

    Raises `RegisterError`: `unknown_person`, `same_person`, `merge_elsewhere`, `merge_workshop`.
    """
    bodies = staff.bodies(*PEOPLE_ROLES)

    def work(session: Session) -> str:
        locks.hold_people(session, [keep, gone])
        kept, going = (person_in(session, id_, bodies=bodies) for id_ in (keep, gone))
        if kept.id == going.id:
            raise RegisterError("These two are one already.", code="same_person")
        files = [file.body for file in store.files_of(session, going.id)]
        if not bodies.issuperset(files):
            raise RegisterError("Another body keeps a file of the one that would go.", code="merge_elsewhere")
        if moving.together_in_workshop(session, kept.id, going.id):
            raise RegisterError("They sat in the same workshop.", code="merge_workshop")
        moved = _move(session, kept.id, going.id)
        detail = {"person": kept.id, "merged": going.id, "attestations": moved, "actor": staff.actor}
        for body in sorted(files):
            chain.append(session, body, "person.merged", detail, at=register.now())
        return kept.id

    return register.transact(work)


def _move(session: Session, keep: str, gone: str) -> list[str]:
    moved = moving.attestations_of(session, gone)
    moving.move_attestations(session, gone, keep)
    moving.move_attendances(session, gone, keep)
    moving.move_looks(session, gone, keep)
    moving.move_files(session, gone, keep)
    kept, going = store.holder(session, keep), store.holder(session, gone)
    if kept is None or going is None:
        raise unknown_person()
    # What only the other record knew is kept.
    store.change_holder(
        session, keep, birthdate=kept.birthdate or going.birthdate, email=kept.email or going.email
    )
    moving.point_to(session, gone, keep)
    for id_ in (keep, gone):
        store.drop_keys(session, id_)
    holder = Holder(kept.given_name, kept.family_name)
    put_keys(session, {keep: holder}, bodies=[file.body for file in store.files_of(session, keep)])
    return moved
