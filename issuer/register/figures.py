"""Figures: what the register has done, in numbers for the operator; never about a person.

Decided here: what is counted, from the register alone, so that every process says the same and a restart
forgets nothing. Left to others: how it is told (`issuer.web.metrics`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.register.folder import Register
from issuer.register.upkeep import upkeep_state
from issuer.store import documents, statuses

__all__ = ["Figures", "figures"]


@dataclass(frozen=True, slots=True)
class Figures:
    """`issued`: attestations ever made. `changes`: status → how often one came to it.

    `lists_signed`: when each status list was last signed, in seconds since 1970; `now_signed`: the same of
    `now`, None: never.
    """

    issued: int
    changes: Mapping[int, int]
    lists_signed: tuple[int, ...]
    now_signed: int | None
    upkeep_failures: int


def figures(register: Register) -> Figures:
    """Return the figures of this moment."""
    with register.reading() as session:
        issued, changes = statuses.taken_in_all(session), statuses.changes(session)
        ages, now = statuses.ages(session), documents.document(session, documents.NOW)
    signed = tuple(age.signed_at for age in ages if age.signed_at is not None)
    return Figures(issued, changes, signed, now.made_at if now else None, upkeep_state(register).failures)
