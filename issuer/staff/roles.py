"""Roles: what somebody who works here may do, and for which bodies.

Decided here: the four roles, which of them belong to one body, and the questions that every page and query
asks of a member of staff. A query is given the bodies it may see (`Staff.bodies`), never a promise that
somebody has looked already.

- **trainer**: assesses and issues for one body, sees the people of that body
- **référent** (`REFERENT`): enrols and removes the staff of one body, agrees to bulk acts
- **régie** (`AGENCY`): bodies, accreditations, public side of keys, audit; sees no person
- **auditor**: reads what the régie sees, and audit chains; changes nothing, sees no person
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["OF_A_BODY", "OF_THE_SCHEME", "Grant", "Role", "Staff"]


class Role(StrEnum):
    """What somebody does here."""

    TRAINER = "trainer"
    REFERENT = "referent"
    AGENCY = "agency"
    AUDITOR = "auditor"


OF_A_BODY: Final = frozenset({Role.TRAINER, Role.REFERENT})
"""Roles that somebody holds in one body."""

OF_THE_SCHEME: Final = frozenset({Role.AGENCY, Role.AUDITOR})
"""Roles for the whole scheme; they open no person's file."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that is held now. `body`: its slug, None for a role of the whole scheme."""

    role: Role
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here, with everything they may do at this moment."""

    account: str
    name: str
    grants: tuple[Grant, ...]

    @property
    def actor(self) -> str:
        """The opaque id that audit rows name."""
        return f"staff:{self.account}"

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held, in whatever body."""
        return frozenset(grant.role for grant in self.grants)

    def bodies(self, *roles: Role) -> frozenset[str]:
        """Return the bodies in which one of `roles` is held: the scope of a query. Empty: see nothing."""
        return frozenset(
            grant.body for grant in self.grants if grant.role in roles and grant.body is not None
        )

    def holds(self, role: Role, body: str | None = None) -> bool:
        """Tell whether this very role is held, for a role of a body in that body."""
        return Grant(role, body) in self.grants
