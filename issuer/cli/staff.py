"""``passport staff``: who works at the desk, for whoever runs the machine.

Decided here: what is printed of colleagues (names and roles, never a way in), and that the operator may give
any role and end any. It is how a network begins that lost its last administrator. Left to others: what a link
gives (`issuer.staff.enrolling`), what ends with a role (`issuer.staff.managing`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuer.cli.arguments import ACTOR, DataFolder, Json, opened_locked
from issuer.cli.failures import UsageFault
from issuer.cli.output import out, print_json
from issuer.cli.words import say
from issuer.register import Register
from issuer.staff.accounts import all_staff, staff_of
from issuer.staff.enrolling import LINK_SECONDS, invite, invite_again
from issuer.staff.managing import end_role_in, unknown_account
from issuer.staff.roles import Grant, Role, Staff
from passport.model import clean_name

__all__ = ["end", "link", "show"]

Account = Annotated[
    str, typer.Argument(metavar="COMPTE", help="Numéro du compte, montré par « passport staff list ».")
]
RoleOption = Annotated[
    Role | None, typer.Option("--role", help="trainer (médiation), referent, agency (régie) ou auditor.")
]
BodyOption = Annotated[
    str | None, typer.Option("--body", metavar="SLUG", help="Organisme, pour trainer et referent.")
]


def show(folder: DataFolder, as_json: Json = False) -> None:
    """Montre les personnes qui travaillent au guichet, et leurs rôles."""
    with opened_locked(folder) as register:
        known = all_staff(register)
    if as_json:
        print_json([_for_machines(staff) for staff in known])
    elif not known:
        out(say("no_staff"))
    else:
        for staff in known:
            roles = ", ".join(_role(grant) for grant in staff.grants)
            out(f"{staff.account}{say('colon')}{staff.name} ({roles})")


def _role(grant: Grant) -> str:
    return f"{grant.role.value} {grant.body}" if grant.body else grant.role.value


def _for_machines(staff: Staff) -> dict[str, object]:
    roles = [{"role": grant.role.value, "body": grant.body} for grant in staff.grants]
    return {"account": staff.account, "name": staff.name, "roles": roles}


def link(
    folder: DataFolder,
    role: RoleOption = None,
    body: BodyOption = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NOM", help="Son nom ; sans lui, la personne le dira.")
    ] = "",
    account: Annotated[
        str | None,
        typer.Option(
            "--account", metavar="COMPTE", help="Pour quelqu’un qui a tout perdu : ferme ses accès."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Donne un lien d’entrée au guichet, valable une fois, une heure."""
    if (role is None) is (account is None):
        raise UsageFault(say("staff_link_form"))
    with opened_locked(folder) as register:
        if account is not None:
            made = invite_again(register, account, by=None, actor=ACTOR)
        else:
            grant = Grant(role or Role.AGENCY, body)
            made = invite(register, clean_name(name), grant, by=None, actor=ACTOR)
    if as_json:
        print_json({"link": made.address, "expires_at": made.expires_at})
    else:
        out(f"{say('staff_link', minutes=LINK_SECONDS // 60)}\n  {made.address}")


def end(
    folder: DataFolder,
    account: Account,
    role: RoleOption = None,
    body: BodyOption = None,
    as_json: Json = False,
) -> None:
    """Met fin à un rôle, ou à tous, tout de suite ; la personne est déconnectée."""
    with opened_locked(folder) as register:
        ended = _end(register, account, role=role, body=body)
    if as_json:
        print_json([{"role": grant.role.value, "body": grant.body} for grant in ended])
    else:
        out(say("staff_ended", roles=", ".join(_role(grant) for grant in ended)))


def _end(register: Register, account: str, *, role: Role | None, body: str | None) -> list[Grant]:
    """End the roles that are named, or all. Raises `RegisterError` (`unknown_account`) for none."""
    known = staff_of(register, account)
    held = known.grants if known is not None else ()
    wanted = [grant for grant in held if role in {None, grant.role} and body in {None, grant.body}]
    if not wanted:
        raise unknown_account()
    with register.writing() as session:
        for grant in wanted:
            end_role_in(session, account, grant, actor=ACTOR, at=register.now())
    return wanted
