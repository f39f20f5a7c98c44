"""Those who work in the demo town: one for each role; the first has a password and printed codes.

Decided here: who they are. Their secrets are new in each town and shown on its welcome page, for a town
without value. Left to others: what they may do (`issuer.staff.roles`), the buttons (`issuer.web.welcome`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Final

from issuer.register import Register
from issuer.register.bodies import body
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.roles import Grant, Role
from issuer.staff.ways import renew_codes, set_password

__all__ = ["CENTRE", "DemoColleague", "make_colleagues"]

CENTRE: Final = "centre-passerelle"
"""Where the trainer of the town works."""
_WORDS: Final = ("loutre", "bruyère", "galet", "brioche", "sabot", "tilleul", "cerise", "burle", "gentiane")
_WHO: Final = (
    ("Marion Delmas", Grant(Role.TRAINER, CENTRE)),
    ("Yanis Fabre", Grant(Role.REFERENT, CENTRE)),
    ("Odile Roussel", Grant(Role.AGENCY)),
    ("Paul Vidal", Grant(Role.AUDITOR)),
)


@dataclass(frozen=True, slots=True)
class DemoColleague:
    """Somebody who works there. `sign_in_name`, `password`, `codes`: to try by hand; empty for most."""

    account: str
    role: str
    place: str
    sign_in_name: str = ""
    password: str = ""
    codes: tuple[str, ...] = ()


def make_colleagues(register: Register) -> list[DemoColleague]:
    """Add somebody for each role; only in a demo. Raises `PassportError`."""
    made = [_make(register, name, grant) for name, grant in _WHO]
    return [_with_ways(register, made[0]), *made[1:]]


def _make(register: Register, name: str, grant: Grant) -> DemoColleague:
    account = add_account(register, name, grant, actor="demo")
    place = body(register, grant.body).name if grant.body else ""
    return DemoColleague(account=account, role=grant.role.value, place=place)


def _with_ways(register: Register, colleague: DemoColleague) -> DemoColleague:
    """Give somebody a password and a sheet: a second or so of hashing for each, so for one alone."""
    staff = staff_of(register, colleague.account)
    if staff is None:
        raise LookupError(colleague.account)  # it was added a moment ago
    password = " ".join(secrets.choice(_WORDS) for _ in range(4))
    name = set_password(register, staff, password)
    return replace(colleague, sign_in_name=name, password=password, codes=tuple(renew_codes(register, staff)))
