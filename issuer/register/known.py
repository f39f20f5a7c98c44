"""What was attested before: the same source again, and the same thing said again.

Decided here: a source key that made an attestation gives that one back, whatever became of it since; the
same key for something else is refused. The same person, framework, levels and day under another source is
a duplicate, unless the earlier one was withdrawn (it no longer says anything). Of people whom the desk
knows, only the same row of the register is the same person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from issuer.register.planning import Item, Plan
from issuer.register.requests import Duplicate, Issued, Refusal, RefusedError
from issuer.store import attestations, locks, statuses
from issuer.store.attestations import Found
from issuer.store.database import Session
from passport.formats.qr_token import read_claims
from passport.jose import split
from passport.model import Attestation
from passport.packing import pack
from passport.status import Status, StatusArray

__all__ = ["already_made", "attestation_of", "duplicates_among", "find_duplicates", "status_of"]


def attestation_of(token: bytes) -> Attestation:
    """Return what a stored token says: what is printed again is what was signed."""
    return read_claims(split(token).payload).attestation


def status_of(session: Session, found: Collection[Found]) -> dict[str, Status]:
    """Return the status of stored attestations, by attestation id; all their lists are read at once."""
    if not found:
        return {}
    kept = statuses.arrays(session, [credential.list_id for _, credential in found])
    arrays = {list_id: StatusArray(array) for list_id, array in kept.items()}
    nothing = StatusArray(b"")
    return {
        attestation.id: Status(arrays.get(credential.list_id, nothing)[credential.position])
        for attestation, credential in found
    }


def already_made(session: Session, planned: Plan) -> dict[int, Issued]:
    """Return what the sources of these requests made before, by position. Raises `RefusedError`."""
    keys = [item.request.source_key for item in planned.items if item.request.source_key is not None]
    found = attestations.by_source(session, planned.body, keys)
    tokens = attestations.tokens_of(session, [row.id for row, _ in found.values()])
    known: dict[int, Issued] = {}
    refusals: list[Refusal] = []
    for item in planned.items:
        if item.request.source_key not in found:
            continue
        row, credential = found[item.request.source_key]
        stored = attestation_of(credential.token)
        if not item.says_the_same_as(person_key=row.person_key, attestation=stored):
            refusals.append(_other_content(item))
        digits = pack(credential.token)
        known[item.position] = Issued(row.code, tokens[row.id], digits, stored, row.body, created=False)
    if refusals:
        raise RefusedError(refusals)
    return known


def _other_content(item: Item) -> Refusal:
    return Refusal(
        item.position,
        "source_conflict",
        "The same source was already used for another attestation.",
        "To change an attestation, correct or replace it.",
    )


def find_duplicates(session: Session, body: str, items: Sequence[Item]) -> list[Duplicate]:
    """Return those of `items` that say again what stands already, or what an earlier one of them says.

    Nobody else looks for these people until the transaction ends: two could not both find nothing.
    """
    locks.hold_people(session, (item.person_key for item in items))
    return duplicates_among(session, body, items)


def duplicates_among(session: Session, body: str, items: Sequence[Item]) -> list[Duplicate]:
    """Return what `find_duplicates` returns, for this moment: another may say the same in the next."""
    before = attestations.of_people(session, body, sorted({item.person_key for item in items}))
    status = status_of(session, before)
    standing: dict[str, list[_Standing]] = defaultdict(list)
    for row, credential in before:
        if status[row.id] is not Status.WITHDRAWN:
            standing[row.person_key].append((row.code, row.holder_id, attestation_of(credential.token)))
    duplicates = []
    seen: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found = _duplicate(item, standing[item.person_key], seen[item.person_key])
        duplicates += [found] if found is not None else []
        seen[item.person_key].append(item)
    return duplicates


_Standing = tuple[str, str, Attestation]


def _duplicate(item: Item, standing: Sequence[_Standing], earlier: Sequence[Item]) -> Duplicate | None:
    for code, holder_id, attestation in standing:
        if _may_be(item, holder_id) and item.says_the_same_as(
            person_key=item.person_key, attestation=attestation
        ):
            return Duplicate(item.position, code)
    for other in earlier:
        if _may_be(item, other.request.holder_id) and item.says_the_same_as(
            person_key=other.person_key, attestation=other.attestation
        ):
            return Duplicate(item.position, None, same_as=other.position)
    return None


def _may_be(item: Item, holder_id: str | None) -> bool:
    """Tell whether it may be the same person: two rows are two people, as somebody decided."""
    known = item.request.holder_id
    return known is None or holder_id is None or known == holder_id
