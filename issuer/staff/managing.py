"""Who looks after whom: giving roles and taking them away, ending sessions.

Decided here: the régie looks after référents of any body, after the régie and auditors; a référent after the
trainers of their own body. Somebody who holds any role beyond that is not theirs to renew: a new link for a
colleague is the power of all their roles. Nobody takes a role from themselves, so that somebody always
remains. A role that is taken away ends at once, with every session; an account without any role is closed.
All of it is noted in the audit chain of the body, with opaque ids.

Left to others: the links (`enrolling`), the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.staff.accounts import staff_among
from issuer.staff.roles import OF_THE_SCHEME, Grant, Role, Staff
from issuer.store import staff as store
from issuer.store.database import Session

__all__ = ["Colleague", "colleague", "colleagues", "end_role", "end_sessions_of", "may_give", "may_renew"]

_OF_THE_AGENCY: Final = OF_THE_SCHEME | {Role.REFERENT}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works here. `sessions`: how many are open. `may_renew`: whether a new link may be given.

    `mine`: the roles that whoever asks may take away.
    """

    account: str
    name: str
    grants: tuple[Grant, ...]
    mine: tuple[Grant, ...]
    sessions: int
    may_renew: bool


def may_give(staff: Staff, grant: Grant) -> bool:
    """Tell whether somebody may give a role, and take it away again."""
    if grant.role in _OF_THE_AGENCY:
        return staff.holds(Role.AGENCY)
    return grant.role is Role.TRAINER and staff.holds(Role.REFERENT, grant.body)


def may_renew(staff: Staff, grants: Iterable[Grant]) -> bool:
    """Tell whether somebody may give new ways in to a colleague who holds these roles."""
    held = tuple(grants)
    if staff.holds(Role.AGENCY):
        return any(may_give(staff, grant) for grant in held)
    return bool(held) and all(may_give(staff, grant) for grant in held)


def colleagues(register: Register, staff: Staff) -> list[Colleague]:
    """Return those whom somebody looks after, by name."""
    at = register.now()
    roles = _OF_THE_AGENCY if staff.holds(Role.AGENCY) else frozenset[Role]()
    with register.reading() as session:
        found = store.accounts_with(
            session, roles=sorted(roles), trained_in=sorted(staff.bodies(Role.REFERENT)), at=at
        )
        known = _colleagues(session, staff, found, at=at)
    return sorted(known.values(), key=lambda one: one.name.casefold())


def colleague(register: Register, staff: Staff, account: str) -> Colleague:
    """Return one of those whom somebody looks after. Raises `RegisterError` (`unknown_account`)."""
    with register.reading() as session:
        found = _colleague(session, staff, account, at=register.now())
    if found is None:
        raise unknown_account()
    return found


def unknown_account() -> RegisterError:
    """Return the error for somebody who is not there, or not theirs: the same."""
    return RegisterError("There is no such colleague.", code="unknown_account")


def _colleague(session: Session, staff: Staff, account: str, *, at: int) -> Colleague | None:
    return _colleagues(session, staff, [account], at=at).get(account)


def _colleagues(session: Session, staff: Staff, accounts: Sequence[str], *, at: int) -> dict[str, Colleague]:
    """Return colleagues as `staff` may see them, by account; those whom they may not see are left out."""
    known = staff_among(session, accounts, at=at)
    sessions = store.session_counts(session, accounts, at=at)
    seen = {id_: _seen_by(staff, one, sessions=sessions.get(id_, 0)) for id_, one in known.items()}
    return {id_: one for id_, one in seen.items() if one is not None}


def _seen_by(staff: Staff, known: Staff, *, sessions: int) -> Colleague | None:
    mine = tuple(grant for grant in known.grants if may_give(staff, grant))
    if not mine:
        return None
    is_self = known.account == staff.account
    return Colleague(
        account=known.account,
        name=known.name,
        grants=known.grants if staff.holds(Role.AGENCY) else mine,
        mine=() if is_self else mine,
        sessions=sessions,
        may_renew=not is_self and may_renew(staff, known.grants),
    )


def end_role(register: Register, staff: Staff, account: str, grant: Grant) -> None:
    """Take a role from a colleague; it and every session end now.

    Raises `RegisterError` (`unknown_account`).
    """
    at = register.now()
    with register.writing() as session:
        known = _colleague(session, staff, account, at=at)
        if known is None or grant not in known.mine:
            raise unknown_account()
        end_role_in(session, account, grant, actor=staff.actor, at=at)


def end_role_in(session: Session, account: str, grant: Grant, *, actor: str, at: int) -> None:
    """Do what `end_role` does, in the caller's transaction, whoever it is that may."""
    store.end_role(session, account, role=grant.role.value, body=grant.body, at=at)
    store.end_sessions(session, account, at=at)
    if not store.roles_of(session, account, at=at):
        store.disable_account(session, account, at=at)
    detail = {"actor": actor, "account": account, "role": grant.role.value}
    chain.append(session, grant.body or chain.SCHEME_CHAIN, "staff.role_ended", detail, at=at)


def end_sessions_of(register: Register, staff: Staff, account: str) -> int:
    """End every session of a colleague; return how many. Raises `RegisterError` (`unknown_account`)."""
    at = register.now()
    with register.writing() as session:
        known = _colleague(session, staff, account, at=at)
        if known is None or not known.mine:
            raise unknown_account()
        ended = store.end_sessions(session, account, at=at)
        chain.append(
            session,
            known.mine[0].body or chain.SCHEME_CHAIN,
            "staff.sessions_ended",
            {"actor": staff.actor, "account": account},
            at=at,
        )
    return ended
