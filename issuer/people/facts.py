"""What is attested of a person, as a body may see it, and what became of each attestation.

Decided here: a body sees what it attested itself, and of others what the holder showed it on paper and what
was attested by a body that left and handed its people over; what stands in the signed token is what counts,
not the columns. Left to others: who may ask (`files`), what
follows from it (`standing`), changes (`acting`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from issuer.people.files import Person, person_in
from issuer.register.folder import Register, RegisterError
from issuer.register.known import attestation_of, status_of
from issuer.store import bodies as body_store
from issuer.store import facts as store
from issuer.store.attestations import Found, by_id
from issuer.store.database import Session
from passport.model import Attestation
from passport.status import Status

__all__ = [
    "Fact",
    "StatusNote",
    "fact_of",
    "facts_in",
    "facts_of",
    "facts_shown",
    "one_found",
    "unknown_attestation",
]


@dataclass(frozen=True, slots=True)
class StatusNote:
    """A change of status: when, to what, by whom, and why. `id` names its letter."""

    id: int
    at: int
    after: Status
    actor: str
    reason: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One attestation of a person. `is_own`: of one of the bodies that asked, which may change it.

    `kind`, `follows`, `followed_by`: the private link, ``corrects`` or ``replaces``, and the other's id.
    `printed_at`, `handed_on`: of the paper.
    """

    id: str
    code: str
    body: str
    attestation: Attestation
    status: Status
    is_own: bool
    changes: tuple[StatusNote, ...] = ()
    follows: Mapping[str, str] = field(default_factory=dict)
    followed_by: Mapping[str, str] = field(default_factory=dict)
    printed_at: int | None = None

    def counts_at(self, at: int) -> bool:
        """Tell whether it says something at this moment: neither changed nor past its validity."""
        expires = self.attestation.expires_at
        return self.status is Status.VALID and (expires is None or at < expires)


def unknown_attestation() -> RegisterError:
    """Return the error for an attestation that is not there, or not for whoever asks."""
    return RegisterError("There is no such attestation here.", code="unknown_attestation")


def facts_of(register: Register, person_id: str, *, bodies: frozenset[str]) -> tuple[Person, list[Fact]]:
    """Return a person with everything that `bodies` may see of them, the newest first.

    Raises `RegisterError` (`unknown_person`).
    """
    with register.reading() as session:
        person = person_in(session, person_id, bodies=bodies)
        return person, facts_in(session, person.id, bodies=bodies)


def facts_in(session: Session, holder_id: str, *, bodies: frozenset[str]) -> list[Fact]:
    """Return the attestations of a person who is known to `bodies`, in the caller's transaction."""
    left = body_store.with_predecessors(session, bodies) - bodies
    found = store.attested_or_shown(session, holder_id, bodies=bodies | left, shown_to=bodies)
    own = [one for one in found if one[0].body in bodies]
    return _facts(session, own, [one for one in found if one[0].body not in bodies])


def fact_of(session: Session, holder_id: str, attestation_id: str, *, bodies: frozenset[str]) -> Fact:
    """Return one attestation of a person that one of `bodies` made. Raises `RegisterError`."""
    found = store.found(session, attestation_id)
    if found is None or found[0].holder_id != holder_id or found[0].body not in bodies:
        raise unknown_attestation()
    return _facts(session, [found], [])[0]


def one_found(session: Session, found: Found) -> Fact:
    """Return an attestation as its paper shows it, and no more."""
    return _facts(session, [], [found])[0]


def facts_shown(register: Register, attestation_ids: Sequence[str]) -> list[Fact]:
    """Return attestations as their papers show them, and no more, in this order; erased ones are left out."""
    with register.reading() as session:
        found = by_id(session, attestation_ids)
        facts = {fact.id: fact for fact in _facts(session, [], list(found.values()))}
    return [facts[id_] for id_ in attestation_ids if id_ in facts]


def _facts(session: Session, own: Sequence[Found], shown: Sequence[Found]) -> list[Fact]:
    ids = [row.id for row, _ in own]
    status = status_of(session, [*own, *shown])
    changes, links = store.changes_of(session, ids), store.links_of(session, ids)
    printed = store.handovers(session, ids)
    facts = []
    for row, credential in own:
        paper = printed.get(row.id)
        facts.append(
            Fact(
                id=row.id,
                code=row.code,
                body=row.body,
                attestation=attestation_of(credential.token),
                status=status[row.id],
                is_own=True,
                changes=tuple(
                    StatusNote(change.id or 0, change.at, Status(change.after), change.actor, change.reason)
                    for change in changes
                    if change.attestation_id == row.id
                ),
                follows={link.kind: link.older_id for link in links if link.newer_id == row.id},
                followed_by={link.kind: link.newer_id for link in links if link.older_id == row.id},
                printed_at=paper.printed_at if paper is not None else None,
            )
        )
    facts += [
        Fact(row.id, row.code, row.body, attestation_of(credential.token), status[row.id], is_own=False)
        for row, credential in shown
    ]
    return sorted(
        facts, key=lambda fact: (fact.attestation.assessed_on, fact.attestation.issued_at), reverse=True
    )
