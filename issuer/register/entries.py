"""Taking entries of status lists and codes: random, free, never the same twice.

Decided here: an index is random among the free ones of the body's newest list, so that it says nothing of
when it was taken; the unique constraint decides, not the look before it; a list that is half full is left
and the next one begun (a random draw then still finds a free entry at the second try on average). Lists
have 131,072 entries, so that whoever fetches one asks about nobody in particular.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from issuer.store import attestations, statuses
from issuer.store.database import Session
from issuer.store.rows import insert_rows
from issuer.store.statuses import ListSize
from issuer.store.tables import StatusListRow
from passport.errors import PassportError
from passport.limits import LIMITS
from passport.status import BITS
from passport.typed_code import new_code

__all__ = ["StatusEntry", "count_taken", "fresh_codes", "take_entries"]

LIST_SIZE = LIMITS.status_min_entries
_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Entry `position` of the list ``{slug}.{n}``."""

    list_id: str
    position: int


def take_entries(
    session: Session,
    body: str,
    owners: Sequence[str],
    *,
    random_below: Callable[[int], int] = secrets.randbelow,
) -> list[StatusEntry]:
    """Take one entry for each attestation id in `owners`, in their order.

    Call `count_taken` with the result before COMMIT. Raises `PassportError` (`status_entries`) when the
    draw never finds free entries, which random numbers do not do.
    """
    found: list[StatusEntry] = []
    current = statuses.newest(session, body)
    while len(found) < len(owners):
        if current is None or 2 * current.taken >= current.size:
            current = _new_list(session, body, number=1 if current is None else current.number + 1)
        room = -(-current.size // 2) - current.taken
        part = owners[len(found) : len(found) + room]
        positions = _take(session, current, part, random_below=random_below)
        found += [StatusEntry(current.id, position) for position in positions]
        current = ListSize(current.id, current.number, current.size, current.taken + len(part))
    return found


def _take(
    session: Session, size: ListSize, owners: Sequence[str], *, random_below: Callable[[int], int]
) -> list[int]:
    for _ in range(_ATTEMPTS):
        positions = _draw(session, size, len(owners), random_below=random_below)
        if statuses.take(session, size.id, dict(zip(positions, owners, strict=True))):
            return positions
    raise PassportError("No free entry of the status list was found.", code="status_entries")


def _draw(session: Session, size: ListSize, count: int, *, random_below: Callable[[int], int]) -> list[int]:
    """Draw `count` different positions that are free as far as this transaction sees."""
    drawn: dict[int, None] = {}  # in the order of the draw
    for _ in range(_ATTEMPTS):
        fresh: set[int] = set()
        for _ in range(_ATTEMPTS * (count - len(drawn))):
            position = random_below(size.size)
            if position not in drawn:
                fresh.add(position)
            if len(drawn) + len(fresh) == count:
                break
        drawn.update(dict.fromkeys(fresh - statuses.taken(session, size.id, list(fresh))))
        if len(drawn) == count:
            return _shuffled(drawn, random_below)
    raise PassportError("No free entry of the status list was found.", code="status_entries")


def _shuffled(positions: Iterable[int], random_below: Callable[[int], int]) -> list[int]:
    """Return `positions` in random order: a set of integers comes out sorted, near enough, which would
    order the indices of one file by its lines (Fisher-Yates)."""
    order = list(positions)
    for last in range(len(order) - 1, 0, -1):
        other = random_below(last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def _new_list(session: Session, body: str, *, number: int) -> ListSize:
    size = ListSize(id=f"{body}.{number}", number=number, size=LIST_SIZE, taken=0)
    row = {"id": size.id, "body": body, "number": number, "size": size.size, "taken": 0, "revision": 0}
    insert_rows(session, StatusListRow, [{**row, "array": bytes(LIST_SIZE * BITS // 8)}])
    return size


def count_taken(session: Session, entries: Iterable[StatusEntry]) -> None:
    """Count the entries that a transaction took; late in it, because it locks the lists."""
    for list_id, count in Counter(entry.list_id for entry in entries).items():
        statuses.add_taken(session, list_id, count)


def fresh_codes(session: Session, count: int, *, new: Callable[[], str] = new_code) -> list[str]:
    """Return `count` typed codes that are not in use (the unique constraint has the last word)."""
    codes: dict[str, None] = {}
    for _ in range(_ATTEMPTS):
        drawn = dict.fromkeys(new() for _ in range(count - len(codes)))
        taken = attestations.codes_taken(session, list(drawn))
        codes.update((code, None) for code in drawn if code not in taken)
        if len(codes) == count:
            return list(codes)
    raise PassportError("No free typed code was found.", code="codes")
