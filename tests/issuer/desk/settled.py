"""A desk where everything is that a page can be about: an id for each part of an address, of each body.

Who is named in a route (`{person}`, `{workshop}`…) has a value here; a route with a part that is not known
here fails the tests that walk all routes, so that a new kind of id cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from issuer.network.cards import PlaceCard
from issuer.people.acting import Act, act_on
from issuer.people.facts import facts_of
from issuer.people.files import add_person
from issuer.people.lists import keep_list
from issuer.people.looks import ask_look
from issuer.people.opening import open_paper
from issuer.people.pending import ask_withdraw
from issuer.register import Register
from issuer.register.issuing import issue
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.roles import Grant, Role, Staff
from issuer.store.rows import insert_rows
from issuer.store.tables import PlaceCardRow
from issuer.web.desk.parts import desk_routes
from issuer.web.desk.routes import DeskRoute
from issuer.workshop.attending import add_people
from issuer.workshop.deciding import Choice, levels
from issuer.workshop.delivering import deliver
from issuer.workshop.grid import Tap, save_taps
from issuer.workshop.plans import NewWorkshop, new_workshop
from passport.gestures import Rating, template
from passport.model import Holder
from tests.issuer.registers import BODY, request

__all__ = ["PERSONAL", "Settled", "address_of", "addresses", "parts_of", "settle"]

BORN = date(1958, 3, 7)
PEOPLE = (("Zénobie", "Wyszkowska"), ("Anatole", "Quintefeuille"))
EMAIL = "zenobie@courriel.example"
REASON = "Confondue avec sa voisine"
PERSONAL = (
    *(name for person in PEOPLE for name in person),
    *("Zenobie", "zenobie", "courriel.example", "1958-03-07", "07/03/1958", REASON),
)
"""What must stand in no address, log or metric. As it is, and percent-encoded (the tests do that)."""
_LIST = "Prénom;Nom;Date d’évaluation;Méthode;DC 1.1\nZénobie;Quintefeuille;20/09/2026;test;1\nX;;;;\n"
_PART = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Settled:
    """What one body has. `ids`: by the name of the part; `codes`: of its papers; `staff`: a trainer of it.

    `person` has an attestation, `other` has the same name and none; `done`: a workshop with its papers.
    """

    ids: Mapping[str, str]
    codes: tuple[str, ...]
    staff: Staff
    done: str


def parts_of(route: DeskRoute) -> list[str]:
    """Return the names of the ids in a route's address."""
    return _PART.findall(route.path)


def address_of(route: DeskRoute, ids: Mapping[str, str], **changed: str) -> str:
    """Return the address of a route with these ids. Raises `KeyError` for a part that is not known."""
    return _PART.sub(lambda part: {**ids, **changed}[part[1]], route.path)


def settle(register: Register, body: str) -> Settled:
    """Put one of everything into a body; `BODY` has a place, `OTHER` none."""
    account = add_account(register, f"Camille {body}", Grant(Role.TRAINER, body), actor="test")
    staff = staff_of(register, account)
    assert staff is not None
    given, family = PEOPLE[0]
    marie, twin = (
        add_person(
            register,
            staff,
            body,
            given_name=given,
            family_name=family,
            identity="seen",
            birthdate=born,
            email=email,
            accept_homonyms=True,
        )
        for born, email in ((BORN, EMAIL), (None, None))
    )
    place = "salle" if body == BODY else None
    made = issue(
        register,
        body,
        [
            request(n, holder=Holder(given, family), holder_id=marie, place=place, levels={"1.1": n})
            for n in (1, 2)
        ],
        actor=staff.actor,
    )
    facts = facts_of(register, marie, bodies=frozenset({body}))[1]
    act_on(register, staff, marie, facts[1].id, act=Act.SUSPEND, reason=REASON)
    changed = facts_of(register, marie, bodies=frozenset({body}))[1]
    change = next(note.id for fact in changed for note in fact.changes)
    if place is not None:
        card = PlaceCard(address="2 place de la Paix", postal_code="15000", town="Aurillac").to_json()
        with register.writing() as session:
            row = {"body": body, "place": place, "card": card, "updated_at": register.now()}
            insert_rows(session, PlaceCardRow, [row])
    standing = next(fact for fact in changed if not any(n.id == change for n in fact.changes))
    open_paper(register, staff, body, standing.code)
    ids = {
        "person": marie,
        "other": twin,
        "attestation": standing.id,
        "act": "withdraw",
        "change": str(change),
        "look": ask_look(register, staff, marie, standing.id),
        "list": keep_list(register, account, body, _LIST.encode(), options={"framework": "digcomp-3.0"}),
        "pending": ask_withdraw(register, staff, body, [standing.code], reason=REASON),
        "workshop": _workshop(register, staff, body, [marie, twin], issued=False),
        "account": account,
        "body": body,
        "place": place or "none",
        "chain": body,
        "framework": "digcomp-3.0",
    }
    done = _workshop(register, staff, body, [marie], issued=True)
    return Settled(ids, tuple(one.code for one in made), staff, done)


def _workshop(register: Register, staff: Staff, body: str, people: list[str], *, issued: bool) -> str:
    known = template("e-mail")
    assert known is not None
    bodies = frozenset({body})
    # Of another day: the same levels seen on the same day are asked about, not attested twice.
    day = datetime.fromtimestamp(register.now(), tz=UTC).date() - timedelta(days=issued)
    new = NewWorkshop(
        body, "salle" if body == BODY else None, day, known.title("fr"), known.gestures, known.id
    )
    id_ = new_workshop(register, staff, new)
    add_people(register, id_, people, bodies=bodies)
    taps = [Tap(person, gesture, Rating.ALONE, 0) for person in people for gesture in known.gestures]
    assert not save_taps(register, staff, id_, taps, bodies=bodies).conflicts
    if issued:
        shown = levels(register, id_, bodies=bodies)
        choices = [
            Choice(one.person.id, q.competence, q.offered, q.offered)
            for one in shown.people
            for q in one.questions
        ]
        assert deliver(register, staff, id_, choices, bodies=bodies).issued
    return id_


def addresses(register: Register, role: Role, settled: Settled) -> list[str]:
    """Return the address of every page that a role may look at, in each state that there is."""
    found = []
    for route in desk_routes(register):
        if route.method == "GET" and (not route.roles or role in route.roles):
            found.append(address_of(route, settled.ids))
            if "workshop" in parts_of(route):
                found.append(address_of(route, settled.ids, workshop=settled.done))
            if "act" in parts_of(route):
                found += [
                    address_of(route, settled.ids, act=act) for act in ("suspend", "correct", "replace")
                ]
    if role is Role.TRAINER:
        found += ["/desk/workshops/new?template=e-mail", f"/desk/workshops/new?again={settled.done}"]
    return found
