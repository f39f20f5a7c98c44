"""People of the demo town: somebody with a history, and two of one name.

Decided here: who they are, all invented. Everything goes through the same doors as in earnest. Left to
others: workshops (`workshops`), those who work there (`staff`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from issuer.people.acting import Act, act_on
from issuer.people.facts import facts_of
from issuer.people.files import add_person
from issuer.people.looks import ask_look
from issuer.register import Register
from issuer.register.issuing import IssueRequest, issue
from issuer.staff.accounts import staff_of
from passport.model import Holder, Method

__all__ = ["make_people"]


def make_people(register: Register, account: str, slug: str) -> str:
    """Add people to a body, by the trainer of `account`; return the id of the one with a history."""
    staff = staff_of(register, account)
    if staff is None:
        raise LookupError(account)
    who = Holder("Josette", "Vaurs")
    first, _ = (
        add_person(
            register,
            staff,
            slug,
            given_name=who.given_name,
            family_name=who.family_name,
            identity=identity,
            email=email,
            accept_homonyms=True,
        )
        for identity, email in (("known", "josette@example.org"), ("declared", None))
    )
    today = datetime.fromtimestamp(register.now(), tz=UTC).date()
    for days, levels in ((120, {"1.1": 1, "2.1": 1}), (60, {"1.1": 2, "2.1": 2, "4.2": 1}), (5, {"3.1": 3})):
        wanted = IssueRequest(
            holder=who,
            framework="digcomp-3.0",
            levels=levels,
            assessed_on=today - timedelta(days=days),
            method=Method.OBSERVATION,
            holder_id=first,
        )
        issue(register, slug, [wanted], actor=staff.actor)
    bodies = frozenset({slug})
    newest, _, oldest = facts_of(register, first, bodies=bodies)[1]
    act_on(register, staff, first, oldest.id, act=Act.SUSPEND, reason="Date à vérifier")
    ask_look(register, staff, first, newest.id)
    return first
