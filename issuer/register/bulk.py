"""A long file: checked whole before anything is delivered, then delivered by parts (ADR 14).

Decided here: up to `PART` requests are one transaction, as ever. A longer sequence is first checked as a
whole (validity, lints, duplicates, what its sources made before), which takes no lock, so that a fault in its
last line still stops the first one; then each part is a transaction of its own. Killed in between, the parts
that were delivered stand: the same sequence again finds them by their source keys and goes on. Between two
parts others may write.

Left to others: the transaction (`issuing`), telling a person what was delivered (`issuer.cli`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from issuer.register.entries import StatusEntry
from issuer.register.folder import Register
from issuer.register.issuing import issue, prepare_planned
from issuer.register.known import already_made, duplicates_among
from issuer.register.planning import plan
from issuer.register.requests import DuplicateError, Issued, IssueRequest, Refusal, RefusedError
from issuer.store import statuses
from issuer.store.database import database_file
from passport.errors import PassportError
from passport.limits import LIMITS

__all__ = ["PART", "issue_in_parts"]

PART: Final = 500
# Who waits for SQLite's one writer looks again every 100 ms: without a pause they would hardly ever come in.
_PAUSE_SECONDS: Final = 0.12

Progress = Callable[[int, int], None]
"""Is told how many steps were done since the last time, and how many there are in all."""


def issue_in_parts(
    register: Register,
    body: str,
    requests: Sequence[IssueRequest],
    *,
    actor: str,
    accept_duplicates: bool = False,
    dry_run: bool = False,
    part: int = PART,
    progress: Progress = lambda done, total: None,
) -> list[Issued]:
    """Issue a sequence for one body; return what stands, in the same order.

    Requests without a source key are not found again: give them keys, or do not exceed `part`. Raises as
    `issuing.issue`. When parts were delivered already, ``detail`` of the error says so: ``delivered`` and
    ``of``; the same call again completes.
    """
    # Each request is looked at twice: with all others, then in its part.
    total = len(requests) if len(requests) <= part else 2 * len(requests)
    if total > len(requests):
        _check_whole(
            register,
            body,
            requests,
            actor=actor,
            accept_duplicates=accept_duplicates,
            part=part,
            progress=lambda done: progress(done, total),
        )
    done: list[Issued] = []
    for start in range(0, len(requests), part):
        if start and database_file(register.settings.database_url) is not None:
            time.sleep(_PAUSE_SECONDS)
        some = requests[start : start + part]
        try:
            done += issue(
                register, body, some, actor=actor, accept_duplicates=accept_duplicates, dry_run=dry_run
            )
        except PassportError as error:
            raise _told(error, start, delivered=0 if dry_run else len(done), of=len(requests)) from error
        progress(len(some), total)
    return done


def _check_whole(
    register: Register,
    body: str,
    requests: Sequence[IssueRequest],
    *,
    actor: str,
    accept_duplicates: bool,
    part: int,
    progress: Callable[[int], None],
) -> None:
    """Refuse all of it for whatever `issue` would refuse some of it for, as far as can be known before."""
    planned = plan(register, body, requests, actor=actor)
    with register.reading() as session:
        known = already_made(session, planned)
        fresh = [item for item in planned.items if item.position not in known]
        if not accept_duplicates and (duplicates := duplicates_among(session, body, fresh)):
            raise DuplicateError(duplicates)
        newest = statuses.newest(session, body)
    progress(len(known))
    # No entry is taken yet. The longest that may be taken stands in its place: the QR is then as big as any.
    number, size = (newest.number + 1, newest.size) if newest else (1, LIMITS.status_min_entries)
    entry = StatusEntry(f"{body}.{number}", size - 1)
    refusals: list[Refusal] = []
    for start in range(0, len(fresh), part):
        some = fresh[start : start + part]
        try:
            prepare_planned(register, planned, some, [entry] * len(some))
        except RefusedError as error:
            refusals += error.refusals
        progress(len(some))
    if refusals:
        raise RefusedError(refusals)


def _told(error: PassportError, start: int, *, delivered: int, of: int) -> PassportError:
    """Return the error with the positions of the whole sequence, and with how far it came."""
    if isinstance(error, RefusedError):
        moved = [replace(refusal, position=refusal.position + start) for refusal in error.refusals]
        error = RefusedError(moved)
    elif isinstance(error, DuplicateError):
        error = DuplicateError(
            [
                replace(
                    one,
                    position=one.position + start,
                    same_as=None if one.same_as is None else one.same_as + start,
                )
                for one in error.duplicates
            ]
        )
    if delivered:
        error.detail = {**error.detail, "delivered": delivered, "of": of}
    return error
