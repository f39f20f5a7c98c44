"""How long people are kept, and whose time is over.

Decided here (GDPR article 5.1 e; the periods are settings of the scheme): an attestation is looked after for
`attestation` years from the last time somebody was assessed or came to a workshop, their file `register`
years more; then both are erased, and their papers stay valid: erasing for age is no judgement on them. The
audit chain is not cut: it names nobody. Whoever never was assessed is over as long after their file was
opened. Nothing is erased by itself: somebody says so.

Left to others: erasing (`erasing`), saying so (`issuer.cli.people`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from issuer.people.erasing import Erased, erase_person
from issuer.register.folder import Register
from issuer.store import bodies as body_store
from issuer.store import people as store

__all__ = ["erase_over", "last_day_kept", "people_over"]


def last_day_kept(register: Register) -> date:
    """Return the day: whoever was not seen since is over."""
    scheme = register.scheme
    today = datetime.fromtimestamp(register.now(), tz=UTC).date()
    years = scheme.attestation_years + scheme.register_years
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # the 29th of February
        return today.replace(year=today.year - years, day=28)


def people_over(register: Register) -> list[str]:
    """Return the ids of the people whose time is over, in any body."""
    day = last_day_kept(register)
    with register.reading() as session:
        return store.not_seen_since(session, day, opened_before=_midnight(day))


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def erase_over(register: Register, *, actor: str) -> list[Erased]:
    """Erase the people whose time is over, each in a transaction of its own. Raises as `erase_person`."""
    with register.reading() as session:
        bodies = frozenset(row.slug for row in body_store.bodies(session))
    return [
        erase_person(register, id_, bodies=bodies, actor=actor, keep_valid=True)
        for id_ in people_over(register)
    ]
