"""Accounts: who works here, and the roles they are given and lose.

Decided here: an account is an opaque id with a name for colleagues to read; a role begins and ends, and is
noted in the audit chain of its body (or of the scheme) with opaque ids only; a disabled account has no role
and no session. Left to others: how somebody proves to be that person (the ways to sign in), who may give a
role (the pages).
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from issuer.register import chain
from issuer.register.folder import Register, RegisterError
from issuer.staff.roles import OF_A_BODY, Grant, Role, Staff
from issuer.store import bodies as body_store
from issuer.store import staff as store
from issuer.store.database import Session
from passport.errors import MalformedError
from passport.limits import LIMITS
from passport.model import clean_name

__all__ = [
    "add_account",
    "add_account_in",
    "all_staff",
    "check_grant",
    "check_name",
    "colleague_names",
    "staff_among",
    "staff_from",
    "staff_in",
    "staff_of",
]

_ID_BYTES: Final = 9


def add_account(register: Register, name: str, grant: Grant, *, actor: str) -> str:
    """Add somebody with a first role; return the id of the account. No way in yet.

    Raises `PassportError`: `staff_name`, `staff_role`, `unknown_body`, `actor`.
    """
    chain.check_actor(actor)
    id_ = secrets.token_hex(_ID_BYTES)
    with register.writing() as session:
        add_account_in(session, id_, name, grant, actor=actor, at=register.now())
    return id_


def add_account_in(session: Session, id_: str, name: str, grant: Grant, *, actor: str, at: int) -> None:
    """Do what `add_account` does, in the caller's transaction."""
    check_name(name)
    check_grant(session, grant)
    store.add_account(session, id_, name=name, at=at)
    store.add_role(session, id_, role=grant.role, body=grant.body, at=at)
    detail = {"actor": actor, "account": id_, "role": grant.role.value}
    chain.append(session, grant.body or chain.SCHEME_CHAIN, "staff.added", detail, at=at)


def check_name(name: str) -> None:
    """Raise `PassportError` (`staff_name`) for what is no name of somebody."""
    if not 1 <= len(name) <= LIMITS.name_chars or clean_name(name) != name or not name.isprintable():
        raise MalformedError("The name is empty, too long or not of its form.", code="staff_name")


def check_grant(session: Session, grant: Grant) -> None:
    """Raise `PassportError` (`staff_role`, `unknown_body`) for a role that cannot be held so."""
    if (grant.role in OF_A_BODY) is not (grant.body is not None):
        raise MalformedError("This role is not held in a body, or in none.", code="staff_role")
    if grant.body is not None and body_store.body(session, grant.body) is None:
        raise RegisterError("There is no such body.", code="unknown_body")


def staff_of(register: Register, account: str) -> Staff | None:
    """Return somebody with the roles they hold now; None when there is no such account, or it is disabled."""
    with register.reading() as session:
        return staff_in(session, account, at=register.now())


def all_staff(register: Register) -> list[Staff]:
    """Return everybody who holds a role now, by name."""
    at = register.now()
    with register.reading() as session:
        found = staff_among(session, store.open_accounts(session), at=at).values()
    return sorted((one for one in found if one.grants), key=lambda one: one.name.casefold())


def colleague_names(register: Register, actors: Iterable[str | None]) -> dict[str, str]:
    """Return the name of each of these actors who is a colleague with an open account, by actor."""
    ids = {actor.removeprefix("staff:"): actor for actor in actors if actor is not None}
    if not ids:
        return {}
    with register.reading() as session:
        return {ids[id_]: name for id_, name in store.open_names(session, sorted(ids)).items()}


def staff_in(session: Session, account: str, *, at: int) -> Staff | None:
    """Return what `staff_of` returns, in the caller's transaction."""
    return staff_among(session, [account], at=at).get(account)


def staff_among(session: Session, accounts: Sequence[str], *, at: int) -> dict[str, Staff]:
    """Return those of `accounts` that are open, with the roles they hold at a moment, by account."""
    return staff_from(store.open_with_roles(session, accounts, at=at))


def staff_from(held: Iterable[store.Held]) -> dict[str, Staff]:
    """Return whoever holds these roles, by account."""
    grants: dict[str, list[Grant]] = defaultdict(list)
    names: dict[str, str] = {}
    for id_, name, role, body in held:
        names[id_] = name
        if role is not None:
            grants[id_].append(Grant(Role(role), body))
    return {id_: Staff(account=id_, name=name, grants=tuple(grants[id_])) for id_, name in names.items()}
