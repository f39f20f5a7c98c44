"""Erasing somebody: names, birth date, address, signed papers, and everything that was seen of them.

Decided here (GDPR article 17; DESIGN, rule 9; ADR 23): erasing is not withdrawing. What is erased is
withdrawn as well, unless the holder asks that the papers in their hands go on being valid: the status entry,
the digest of what was signed and the audit chain stay, and name nobody. The typed code stays taken, so that
no other paper ever carries it. After it nothing can be printed again. A body erases what is its own; the
record itself is emptied when no body keeps a file of it any more.

Left to others: who may ask (the page), showing everything first (`exporting`).
"""

from __future__ import annotations

from dataclasses import dataclass

from issuer.people.files import person_in
from issuer.register import chain
from issuer.register.changes import withdraw_found
from issuer.register.folder import Register
from issuer.register.known import status_of
from issuer.store import bodies as body_store
from issuer.store import facts as fact_store
from issuer.store import moving, statuses
from issuer.store import people as store
from issuer.store.attestations import Found
from issuer.store.database import Session
from passport.status import Status
from passport.typed_code import format_code

__all__ = ["Erased", "erase_person"]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased. `attestations`: how many; `withdrawn`: how many of them were withdrawn with it.

    `is_whole`: whether no body keeps a file of the person any more.
    """

    attestations: int
    withdrawn: int
    is_whole: bool


def erase_person(
    register: Register,
    person_id: str,
    *,
    bodies: frozenset[str],
    actor: str,
    keep_valid: bool = False,
) -> Erased:
    """Erase what `bodies` hold of a person.

    `keep_valid`: the holder asks that their papers stay valid. Raises `PassportError` (`unknown_person`,
    `actor`).
    """
    chain.check_actor(actor)

    def work(session: Session) -> Erased:
        person = person_in(session, person_id, bodies=bodies)
        # What a body left behind is its successor's to erase: nobody else is there to do it.
        theirs = body_store.with_predecessors(session, frozenset(person.identities))
        found = fact_store.attested(session, person.id, bodies=theirs)
        statuses.lock_lists(session, [credential.list_id for _, credential in found])
        withdrawn = 0 if keep_valid else _withdraw(register, session, found, actor=actor)
        _erase(session, person.id, found, bodies=theirs, at=register.now())
        is_whole = moving.files_left(session, person.id) == 0
        if is_whole:
            moving.empty_holder(session, person.id, at=register.now())
        _note(session, person.id, found, bodies=theirs, actor=actor, at=register.now())
        return Erased(len(found), withdrawn, is_whole)

    return register.transact(work)


def _withdraw(register: Register, session: Session, found: list[Found], *, actor: str) -> int:
    status = status_of(session, found)
    standing = [one for one in found if status[one[0].id] is not Status.WITHDRAWN]
    for one in standing:
        withdraw_found(register, session, one, actor=actor)
    return len(standing)


def _erase(session: Session, person_id: str, found: list[Found], *, bodies: frozenset[str], at: int) -> None:
    ids = [row.id for row, _ in found]
    for body in sorted(bodies):
        mine = [row for row, _ in found if row.body == body]
        codes = [code for row in mine for code in (row.code.encode(), format_code(row.code).encode())]
        moving.drop_answers(session, body, codes, around=[row.issued_at for row in mine])
    moving.delete_looks(session, person_id, bodies=bodies)
    moving.delete_workshop_records(session, person_id, bodies=bodies)
    moving.delete_papers(session, ids)
    moving.empty_attestations(session, ids, at=at)
    moving.drop_file(session, person_id, bodies=bodies)
    store.forget_shown(session, person_id, bodies=bodies)


def _note(
    session: Session,
    person_id: str,
    found: list[Found],
    *,
    bodies: frozenset[str],
    actor: str,
    at: int,
) -> None:
    for body in sorted(bodies):
        entries: list[chain.Entry] = [
            ("attestation.erased", {"attestation": row.id, "actor": actor})
            for row, _ in found
            if row.body == body
        ]
        entries.append(("person.erased", {"person": person_id, "actor": actor}))
        chain.append_many(session, body, entries, at=at)
