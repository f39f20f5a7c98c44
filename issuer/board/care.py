"""Care: what is close to its end, or was not done for long. For whoever keeps the service running.

Decided here: how soon is soon (60 days for a key or the trust list, 2 days for `now`), and that a check of
the register which is older than 35 days, or never was, is said. Left to others: what is red at once
(`/healthz`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from issuer.legal import read_legal
from issuer.register import Register
from issuer.register.upkeep import overdue
from issuer.store import board as store
from passport.trust.model import KeyState

__all__ = ["CHECKED", "Care", "cares", "checked_at", "note_checked"]

CHECKED: Final = "checked"
_DAY: Final = 86_400
_SOON: Final = 60 * _DAY
_NOW_SOON: Final = 2 * _DAY
_CHECK_EVERY: Final = 35 * _DAY


@dataclass(frozen=True, slots=True)
class Care:
    """One thing that needs care. `code`: its words; `who`: a body or key; `at`: when it ends or was done."""

    code: str
    who: str = ""
    at: int | None = None


def cares(register: Register) -> list[Care]:
    """Return what needs care, the nearest end first."""
    at, trust = register.now(), register.trust()
    found = [
        Care("key_ending", f"{record.owner} ({record.purpose})", record.period.end)
        for record in register.ring.records()
        if record.state is KeyState.ACTIVE
        and record.period.end is not None
        and at < record.period.end < at + _SOON
    ]
    if trust.trust_list.expires_at < at + _SOON:
        found.append(Care("list_ending", at=trust.trust_list.expires_at))
    if trust.now is None or trust.now.expires_at < at + _NOW_SOON:
        found.append(Care("now_ending", at=trust.now.expires_at if trust.now is not None else None))
    if overdue(register).lists:
        found.append(Care("lists_overdue"))
    if read_legal(register.settings.folder).missing:
        found.append(Care("legal_missing"))
    found.sort(key=lambda one: one.at or 0)
    return [*found, *_check_due(register, at)]


def _check_due(register: Register, at: int) -> list[Care]:
    with register.reading() as session:
        row = store.snapshot(session, CHECKED)
    if row is None:
        return [Care("never_checked")]
    if row.data.get("findings"):
        return [Care("check_found", at=row.made_at)]
    return [Care("check_old", at=row.made_at)] if at - row.made_at > _CHECK_EVERY else []


def checked_at(register: Register) -> int | None:
    """Return when the register was last checked, None when it never was."""
    with register.reading() as session:
        row = store.snapshot(session, CHECKED)
    return None if row is None else row.made_at


def note_checked(register: Register, findings: int) -> None:
    """Note that the register was checked just now, and how much was found."""
    with register.writing() as session:
        store.put_snapshot(session, CHECKED, data={"findings": findings}, at=register.now())
