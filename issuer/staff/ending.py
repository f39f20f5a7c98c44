"""What is over stays over: links, sessions and begun sign-ins are ended for good once their time has passed.

Decided here: that the end is written down, at each turn of upkeep, instead of being reckoned from the clock
alone: a clock that is set back opens nothing again that had ended. Left to others: how long each lives.
"""

from __future__ import annotations

from issuer.register.folder import Register
from issuer.store import counters, flows, staff
from issuer.store.database import Session

__all__ = ["end_what_is_over"]


def end_what_is_over(register: Register) -> None:
    """End every one-time link, session and begun sign-in whose time has passed. Raises `DatabaseError`."""
    at = register.now()

    def work(session: Session) -> None:
        counters.close_links(session, at=at)
        staff.close_sessions(session, at=at)
        flows.drop_flows_before(session, at)

    register.transact(work)
