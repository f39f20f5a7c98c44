"""Those who work in the demo town: one for each role, each with a password and printed codes.

Decided here: who they are. Their secrets are new in each town and shown on its welcome page, for a town
without value. Left to others: what they may do (`issuer.staff.roles`), the buttons (`issuer.web.welcome`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
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
    """Somebody who works there, with what opens the desk for them."""

    account: str
    role: str
    place: str
    sign_in_name: str
    password: str
    codes: tuple[str, ...]


def make_colleagues(register: Register) -> list[DemoColleague]:
    """Add somebody for each role; only in a demo. Raises `PassportError`."""
    return [_make(register, name, grant) for name, grant in _WHO]


def _make(register: Register, name: str, grant: Grant) -> DemoColleague:
    account = add_account(register, name, grant, actor="demo")
    staff = staff_of(register, account)
    if staff is None:
        raise LookupError(account)  # it was added a moment ago
    password = " ".join(secrets.choice(_WORDS) for _ in range(4))
    return DemoColleague(
        account=account,
        role=grant.role.value,
        place=body(register, grant.body).name if grant.body else "",
        sign_in_name=set_password(register, staff, password),
        password=password,
        codes=tuple(renew_codes(register, staff)),
    )
