"""Enrolment: a one-time link gives somebody a role, or a colleague new ways in; they choose which.

Decided here: who may make a link is asked when it is made and again when it is used (whoever made it may have
lost their own role meanwhile); a link for a colleague ends what they had at once, for it may be in a thief's
hands; a link is used up together with what it gives, so that a browser that was closed half-way costs
nothing. An unknown, a used and an old link are the same. Left to others: keys (`passkeys`), passwords and
codes (`ways`, `second_factors`), showing the link (`issuer.web.desk`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from issuer.register import chain
from issuer.register.access import OneTimeLink, make_link, open_link, use_link
from issuer.register.folder import Register, RegisterError
from issuer.staff.accounts import add_account_in, check_grant, check_name, staff_in
from issuer.staff.managing import may_give, may_renew, unknown_account
from issuer.staff.roles import Grant, Role, Staff
from issuer.store import bodies as body_store
from issuer.store import flows as store
from issuer.store import staff as staff_store
from issuer.store import ways as way_store
from issuer.store.database import Session
from issuer.store.tables import EnrolmentRow
from passport.errors import InputError

__all__ = ["LINK_SECONDS", "Opened", "enrol", "invite", "invite_again", "opened", "pending", "withdraw_link"]

LINK_SECONDS: Final = 3_600
_PURPOSE: Final = "enrolment"
_SKEW_SECONDS: Final = 60
_ID_BYTES: Final = 9
_STAFF: Final = "staff:"

Give = Callable[[Session, str], None]
"""Gives the account of this id its way in, in the transaction that uses the link up."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link gives. `name`: "" for the very first, who says their own. `account`: the id it is for.

    `is_known`: the account is there already, and gets new ways in.
    """

    digest: str
    name: str
    grant: Grant
    account: str
    is_known: bool


def invite(
    register: Register, name: str, grant: Grant, *, by: Staff | None, actor: str, life: int = LINK_SECONDS
) -> OneTimeLink:
    """Make a link that gives a new person a role. `by`: None for the operator of the machine.

    Raises `InputError`: `staff_name`, `staff_role`, `unknown_body`, `body_left`, `may_not_give`.
    """
    at = register.now()
    if by is not None and not may_give(by, grant):
        raise RegisterError("This role is not theirs to give.", code="may_not_give")
    if name or by is not None:
        check_name(name)
    with register.writing() as session:
        check_grant(session, grant)
        _check_open(session, grant)
        link = make_link(register, session, _PURPOSE, at=at, life=life)
        _keep(session, link, name=name, grant=grant, account=None, actor=actor, at=at)
        detail = {"actor": actor, "role": grant.role.value, "link": link.digest[:16]}
        chain.append(session, grant.body or chain.SCHEME_CHAIN, "staff.invited", detail, at=at)
    return link


def invite_again(register: Register, account: str, *, by: Staff | None, actor: str) -> OneTimeLink:
    """Make a link that gives a colleague new ways in; the old ones and every session end now.

    Raises `RegisterError` (`unknown_account`).
    """
    at = register.now()
    with register.writing() as session:
        known = staff_in(session, account, at=at)
        if known is None or not known.grants or not _may_renew(by, known):
            raise unknown_account()
        way_store.drop_ways(session, account, at=at)
        staff_store.end_sessions(session, account, at=at)
        link = make_link(register, session, _PURPOSE, at=at, life=LINK_SECONDS)
        grant = known.grants[0]
        _keep(session, link, name=known.name, grant=grant, account=account, actor=actor, at=at)
        detail = {"actor": actor, "account": account, "link": link.digest[:16]}
        chain.append(session, grant.body or chain.SCHEME_CHAIN, "staff.ways_ended", detail, at=at)
    return link


def _may_renew(by: Staff | None, known: Staff) -> bool:
    return by is None or (by.account != known.account and may_renew(by, known.grants))


def _keep(
    session: Session,
    link: OneTimeLink,
    *,
    name: str,
    grant: Grant,
    account: str | None,
    actor: str,
    at: int,
) -> None:
    row = {
        "digest": link.digest,
        "name": name,
        "role": grant.role.value,
        "body": grant.body,
        "account": account,
        "made_by": actor,
        "made_at": at,
    }
    store.add_enrolment(session, row)


def _check_open(session: Session, grant: Grant) -> None:
    if not _is_open(session, grant):
        raise RegisterError("This body has left.", code="body_left")


def _is_open(session: Session, grant: Grant) -> bool:
    """Tell whether the body of a role, if it has one, has not left."""
    row = body_store.body(session, grant.body) if grant.body else None
    return row is None or row.closed_at is None


def opened(register: Register, secret: str) -> Opened:
    """Return what a link gives; it is not used up yet. Raises `RegisterError` (`link_closed`)."""
    with register.reading() as session:
        return _opened(session, secret, at=register.now())


def _opened(session: Session, secret: str, *, at: int) -> Opened:
    digest = open_link(session, secret, _PURPOSE, at=at)
    row = store.enrolment(session, digest) if digest else None
    if digest is None or row is None or not _still_may(session, row, at=at):
        raise link_closed()
    if row.made_at > at + _SKEW_SECONDS:
        raise link_closed()  # the clock was set back: its hour would be longer than an hour
    grant = Grant(Role(row.role), row.body)
    if not _is_open(session, grant):
        raise link_closed()
    return Opened(
        digest=digest,
        name=row.name,
        grant=grant,
        account=row.account or secrets.token_hex(_ID_BYTES),
        is_known=row.account is not None,
    )


def link_closed() -> RegisterError:
    """Return the error for a link that opens nothing, whatever the reason."""
    return RegisterError("This link does not open, or no more.", code="link_closed")


def _still_may(session: Session, row: EnrolmentRow, *, at: int) -> bool:
    """Tell whether whoever made the link could make it now, and what it gives is still there."""
    grant = Grant(Role(row.role), row.body)
    known = staff_in(session, row.account, at=at) if row.account else None
    if row.account and (known is None or not known.grants):
        return False
    if not row.made_by.startswith(_STAFF):
        return True
    maker = staff_in(session, row.made_by.removeprefix(_STAFF), at=at)
    if maker is None:
        return False
    return _may_renew(maker, known) if known is not None else may_give(maker, grant)


def enrol(register: Register, secret: str, account: str, name: str, give: Give) -> None:
    """Use a link up: make the account `account` (or renew it) and give it its way in, all or nothing.

    `name`: used where the link says none. Raises `InputError`: `link_closed`, `staff_name`.
    """
    at = register.now()

    def work(session: Session) -> None:
        found = _opened(session, secret, at=at)
        if found.is_known and found.account != account:
            raise link_closed()
        if not use_link(session, found.digest, at=at):
            raise link_closed()
        maker = store.enrolment(session, found.digest)
        actor = maker.made_by if maker is not None else "enrolment"
        if not found.is_known:
            _check_open(session, found.grant)
            add_account_in(session, account, found.name or name, found.grant, actor=actor, at=at)
        give(session, account)
        if found.is_known:
            owner = found.grant.body or chain.SCHEME_CHAIN
            chain.append(session, owner, "staff.ways_renewed", {"actor": actor, "account": account}, at=at)

    register.transact(work)


def pending(register: Register, staff: Staff) -> list[tuple[str, str, Grant, int]]:
    """Return the links that are out and that somebody could have made: (digest, name, role, until when)."""
    with register.reading() as session:
        rows = store.pending_enrolments(session, at=register.now())
    listed = [(row.digest, row.name, Grant(Role(row.role), row.body), link.expires_at) for row, link in rows]
    return [one for one in listed if may_give(staff, one[2])]


def withdraw_link(register: Register, staff: Staff, digest: str) -> None:
    """Close a link that is out. Raises `InputError` (`link_closed`) when there is none of theirs."""
    if digest not in {one[0] for one in pending(register, staff)}:
        raise InputError("There is no such link.", code="link_closed")
    with register.writing() as session:
        use_link(session, digest, at=register.now())
