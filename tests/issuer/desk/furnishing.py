"""A desk with something on every page, and the addresses of its pages, from the table of routes.

Everything is made through the program, `many` of each thing that a page lists: people with the same name,
attestations of one person, a workshop's list, second looks, acts that wait, lines of a list, colleagues.
For tests that walk every page, and for the bench (`tests.bench.bench_desk`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from issuer.people.acting import Act
from issuer.people.files import add_person
from issuer.people.lists import keep_list
from issuer.people.looks import ask_look
from issuer.people.opening import open_paper
from issuer.people.pending import ask_withdraw
from issuer.register import Register
from issuer.register.bodies import NewBody, add_body
from issuer.register.changes import withdraw
from issuer.register.issuing import issue
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.roles import Grant, Role, Staff
from issuer.store import staff as staff_store
from issuer.web.desk.parts import desk_routes
from issuer.workshop.attending import add_people
from issuer.workshop.deciding import Choice, levels
from issuer.workshop.delivering import deliver
from issuer.workshop.grid import Tap, save_taps
from issuer.workshop.plans import NewWorkshop, new_workshop
from passport.gestures import Rating, template
from passport.model import Holder
from tests.issuer.registers import BODY, OTHER, SEEN_ON, request, rows

__all__ = ["Furnished", "addresses", "furnish", "new_account"]

HEADER = "prénom;nom;1.1\n"


@dataclass(frozen=True)
class Furnished:
    """Whose desk it is, and what stands for each name in an address (`person` → the id of one)."""

    account: str
    staff: Staff
    values: dict[str, str]


def new_account(register: Register, *grants: Grant, name: str = "Camille Vidal") -> str:
    """Add somebody who holds these roles."""
    account = add_account(register, name, grants[0], actor="test")
    with register.writing() as session:
        for grant in grants[1:]:
            staff_store.add_role(session, account, role=grant.role, body=grant.body, at=register.now())
    return account


def furnish(register: Register, *, many: int, listed: int, mark: str = "") -> Furnished:
    """Put `many` of each thing into the register, and `listed` people on a workshop's list.

    `mark`: letters that keep the names of two furnished desks apart.
    """
    account = new_account(
        register, Grant(Role.AGENCY), *(Grant(Role.TRAINER, body) for body in (BODY, OTHER))
    )
    staff = staff_of(register, account)
    assert staff is not None
    people = [_person(register, staff, "Zénobie", f"Atelier{mark}") for _ in range(max(many, listed))]
    held = _workshop(register, staff, people[:listed])
    attested = _attestations(register, people[0], many)
    looks = [ask_look(register, staff, people[0], id_) for _, id_ in attested]
    acts = [ask_withdraw(register, staff, BODY, [code for code, _ in attested], reason="r") for _ in looks]
    lines = "".join(f"Zoé;Ligne{chr(97 + n % 26) * (1 + n // 26)};2\n" for n in range(many))
    options = {"framework": "digcomp-3.0", "place": "salle", "assessed_on": "2026-09-20"}
    kept = keep_list(register, account, BODY, (HEADER + lines).encode(), options=options)
    for number in range(many):
        _colleague(register, number, mark)
    return Furnished(
        account,
        staff,
        {
            "account": account,
            "body": BODY,
            "place": "salle",
            "chain": BODY,
            "framework": "digcomp-3.0",
            "person": people[0],
            "other": people[1],
            "workshop": held,
            "attestation": attested[0][1],
            "look": looks[0],
            "pending": acts[0],
            "list": kept,
            "change": _changed(register, people[0]),
        },
    )


def _person(register: Register, staff: Staff, given: str, family: str) -> str:
    return add_person(
        register, staff, BODY, given_name=given, family_name=family, identity="known", accept_homonyms=True
    )


def _workshop(register: Register, staff: Staff, people: list[str]) -> str:
    """Hold a workshop to its end: everyone has a paper."""
    known, bodies = template("e-mail"), frozenset({BODY})
    assert known is not None
    held = new_workshop(
        register, staff, NewWorkshop(BODY, "salle", SEEN_ON, "E-mail", known.gestures, known.id)
    )
    add_people(register, held, people, bodies=bodies)
    taps = [Tap(person, id_, Rating.ALONE, 0) for person in people for id_ in known.gestures]
    save_taps(register, staff, held, taps, bodies=bodies)
    choices = [
        Choice(one.person.id, question.competence, question.offered, question.offered)
        for one in levels(register, held, bodies=bodies).people
        for question in one.questions
    ]
    assert len(deliver(register, staff, held, choices, bodies=bodies).issued) == len(people)
    return held


def _attestations(register: Register, person: str, many: int) -> list[tuple[str, str]]:
    """Attest `many` things of one person; return (code, id) of each."""
    wanted = [
        replace(
            request(holder=Holder("Zénobie", "Atelier"), holder_id=person),
            assessed_on=SEEN_ON - timedelta(days=1 + number),
        )
        for number in range(many)
    ]
    made = issue(register, BODY, wanted, actor="test")
    ids = dict(rows(register, "SELECT code, id FROM attestation WHERE holder_id = ?", person))
    return [(one.code, str(ids[one.code])) for one in made]


def _changed(register: Register, person: str) -> str:
    """Withdraw one more attestation of somebody; return the id of the change, which names its letter."""
    wanted = request(holder=Holder("Zénobie", "Atelier"), holder_id=person, levels={"5.1": 1})
    (made,) = issue(register, BODY, [wanted], actor="test")
    withdraw(register, made.code, actor="test", reason="r")
    ((id_,),) = rows(
        register,
        "SELECT c.id FROM status_change c JOIN attestation a ON a.id = c.attestation_id WHERE a.code = ?",
        made.code,
    )
    return str(id_)


def _colleague(register: Register, number: int, mark: str) -> None:
    """Add a colleague; every eighth with a body of their own, which has a place."""
    grants = [Grant(Role.REFERENT, BODY)]
    if number % 8 == 0:
        slug = f"corps{mark.lower()}-{number}"
        levels = (("digcomp-3.0", 1, 4), ("decouverte", 1, 2))
        new = NewBody(slug, f"Corps {number}", "agency", levels, (("salle", "Salle"),))
        add_body(register, new, actor="test")
        grants.append(Grant(Role.REFERENT, slug))
    new_account(register, *grants, name=f"Dominique {number}")


def addresses(register: Register, furnished: Furnished) -> list[tuple[str, str]]:
    """Return (page, an address of it) of every page of the table of routes; of an act, each of its pages."""
    shown = furnished.values
    ((code,),) = rows(register, "SELECT code FROM attestation WHERE id = ?", shown["attestation"])
    open_paper(register, furnished.staff, BODY, str(code))
    paths = [route.path for route in desk_routes(register) if route.method == "GET"]
    pages = [path.replace("{act}", act) for path in paths for act in (Act if "{act}" in path else ("",))]
    return [(page, page.format(**shown)) for page in pages]
