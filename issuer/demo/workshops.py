"""Two workshops of the demo town: one that is going on, with its grid half filled, and one that is over.

Decided here: who was there and what they did; all of them are invented. Everything goes through the same
doors as in earnest. Left to others: those who work there (`staff`), the rules (`issuer.workshop`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import cycle
from typing import Final

from issuer.people.files import add_person
from issuer.register import Register
from issuer.register.bodies import body
from issuer.staff.accounts import staff_of
from issuer.staff.roles import Staff
from issuer.workshop.attending import add_people
from issuer.workshop.deciding import Choice, levels
from issuer.workshop.delivering import deliver
from issuer.workshop.grid import Tap, save_taps
from issuer.workshop.plans import NewWorkshop, new_workshop
from passport.gestures import Rating, Template, template

__all__ = ["make_workshops"]

_OVER: Final = (("Georgette", "Malbec"), ("Ibrahim", "Sow"), ("Ginette", "Fournols"), ("Tiago", "Marques"))
_OPEN: Final = (
    *(("Raymonde", "Puech"), ("Mehdi", "Aït-Kaci"), ("Lucette", "Vaissade"), ("Anh", "Tran")),
    *(("Robert", "Lafarge"), ("Svitlana", "Kovalenko"), ("Denise", "Rouchy"), ("Amadou", "Ba")),
)
_SEEN: Final = (
    *(Rating.ALONE, Rating.ALONE, Rating.WITH_HELP, Rating.ALONE),
    *(Rating.ALONE, Rating.WITH_HELP, Rating.NOT_YET),
)


def make_workshops(register: Register, account: str, slug: str) -> tuple[str, str]:
    """Hold two workshops in a body, by the trainer of `account`; return their ids, the open one first."""
    staff = staff_of(register, account)
    if staff is None:
        raise LookupError(account)
    over, people = _open(register, staff, slug, "e-mail", names=_OVER, days_ago=7)
    done = cycle((Rating.ALONE, Rating.ALONE, Rating.WITH_HELP))
    for person in people:
        _tap(register, staff, over, {(person, id_): next(done) for id_ in _known("e-mail").gestures})
    shown = levels(register, over, bodies=frozenset({slug}))
    choices = [
        Choice(p.person.id, q.competence, q.offered, q.offered) for p in shown.people for q in p.questions
    ]
    deliver(register, staff, over, choices, bodies=frozenset({slug}))
    open_, people = _open(register, staff, slug, "demarches", names=_OPEN, days_ago=0)
    seen = cycle(_SEEN)
    half = {(p, id_): next(seen) for p in people[:5] for id_ in _known("demarches").gestures[:5]}
    _tap(register, staff, open_, half)
    return open_, over


def _known(template_id: str) -> Template:
    found = template(template_id)
    if found is None:
        raise LookupError(template_id)
    return found


def _open(
    register: Register,
    staff: Staff,
    slug: str,
    template_id: str,
    *,
    names: tuple[tuple[str, str], ...],
    days_ago: int,
) -> tuple[str, list[str]]:
    known, place = _known(template_id), body(register, slug).places[0][0]
    day = register.today() - timedelta(days=days_ago)
    new = NewWorkshop(slug, place, day, known.title("fr"), known.gestures, known.id)
    id_ = new_workshop(register, staff, new)
    people = [
        add_person(
            register,
            staff,
            slug,
            given_name=given,
            family_name=family,
            identity="known",
            accept_homonyms=True,
        )
        for given, family in names
    ]
    add_people(register, id_, people, bodies=frozenset({slug}))
    return id_, people


def _tap(
    register: Register, staff: Staff, workshop_id: str, ratings: Mapping[tuple[str, str], Rating]
) -> None:
    taps = [Tap(person, id_, rating, 0) for (person, id_), rating in ratings.items()]
    save_taps(register, staff, workshop_id, taps, bodies=staff.bodies(*staff.roles))
