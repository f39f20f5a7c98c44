"""The menu of the desk: (address, key of its word, roles that see it), in this order."""

from __future__ import annotations

from typing import Final

from issuer.staff.roles import Role

__all__ = ["MENU"]

MENU: Final[tuple[tuple[str, str, frozenset[Role]], ...]] = (
    ("/desk", "desk.menu.home", frozenset(Role)),
    ("/desk/workshops", "desk.menu.workshops", frozenset({Role.TRAINER})),
    ("/desk/people", "desk.menu.people", frozenset({Role.TRAINER, Role.REFERENT})),
    ("/desk/open", "desk.menu.open", frozenset({Role.TRAINER, Role.REFERENT})),
    ("/desk/staff", "desk.menu.staff", frozenset({Role.REFERENT, Role.AGENCY})),
    ("/desk/places", "desk.menu.places", frozenset({Role.REFERENT, Role.AGENCY})),
    ("/desk/bodies", "desk.menu.bodies", frozenset({Role.AGENCY, Role.AUDITOR})),
    ("/desk/board", "desk.menu.board", frozenset({Role.AGENCY, Role.AUDITOR})),
    ("/desk/audit", "desk.menu.audit", frozenset({Role.AGENCY, Role.AUDITOR})),
    ("/desk/account", "desk.menu.account", frozenset(Role)),
)
