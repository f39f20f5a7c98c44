"""A town of 50,000 people for the bench of the desk: rows put in beside the program, as fast as it goes.

Decided here: what stands in it. Twenty bodies of uneven size (the largest keeps six in ten people), a tenth
of the people known to a second body, four attestations each with entries of status lists, workshops of eight
with grids, decisions and handed papers, a row of an audit chain for every act, changes of status, colleagues.
Given and family names are as unevenly spread as in a town: the commonest have thousands of bearers. Nothing
is signed for them: their QR tokens are copies of one that was issued in this register, so that each is read
as a real one; the two other forms are a few bytes. Hashes of audit rows are numbers.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from issuer.register import Register
from issuer.register.bodies import NewBody, add_body
from issuer.register.publishing import publish_trust_list
from issuer.register.spelling import keys_of
from passport.gestures import Rating, template
from tests.bench.loading import Tables, load
from tests.issuer.databases import ask
from tests.issuer.registers import BODY, OTHER, SEEN_ON, START

__all__ = ["EACH", "fill"]

EACH = 4
SMALL_BODIES = 18
WORKSHOP = 8
COLLEAGUES = 120
PART = 4_000
GIVEN = (
    *("Marie", "Jean", "Pierre", "Michel", "Monique", "Jacqueline", "André", "Philippe", "Nathalie", "Alain"),
    *("Catherine", "Bernard", "Isabelle", "Christine", "Nicolas", "Christophe", "Patrick", "Françoise"),
    *("Sylvie", "Stéphanie", "Laurent", "Mohamed", "Fatima", "Ahmed", "Julie", "Hélène", "Chantal"),
    *("Thierry", "Quentin", "Zoé", "Léa", "Manon", "Camille", "Aurélie", "Gérard", "Yvette", "Odette"),
    "Guillaume",
)
SYLLABLES = (
    *("ma", "lac", "rou", "vi", "gue", "ray", "nal", "del", "pu", "ech", "val", "mon", "tel", "bor", "dar"),
    *("cha", "zel", "four", "nier", "cos", "te", "sau", "ta", "rel"),
)
LIST_SIZE = 131_072
LIST_PART = 60_000
"""A list that is half full is left (`issuer.register.entries`)."""


def fill(register: Register, *, holders: int) -> None:
    """Put in `holders` people; the same town at each run. An attestation must have been issued."""
    small = [f"structure-{number:02d}" for number in range(SMALL_BODIES)]
    for slug in small:
        levels, places = (("digcomp-3.0", 1, 4),), (("salle", "Salle"), ("annexe", "Annexe"))
        add_body(register, NewBody(slug, slug.title(), "social_centre", levels, places), actor="bench")
    publish_trust_list(register, actor="bench")
    sizes = {BODY: holders * 6 // 10, OTHER: holders * 15 // 100}
    rest = holders - sum(sizes.values())
    sizes |= {slug: rest * (n + 1) // SMALL_BODIES - rest * n // SMALL_BODIES for n, slug in enumerate(small)}
    load(register.settings.database_url, _Town(register).parts(sizes))


class _Town:
    """Makes the rows of a town, a few thousand people at a time."""

    def __init__(self, register: Register) -> None:
        url = register.settings.database_url
        self._draw = random.Random(5)
        self._families = ["Martin", "Dupont", "Raynal", "Lacoste", "Ben Ali"] + [
            "".join(self._draw.choices(SYLLABLES, k=self._draw.choice((2, 3, 3, 4)))).title()
            for _ in range(12_000)
        ]
        self._weights = [1 / (rank + 8) for rank in range(len(self._families))]
        self._often = [1 / (rank + 3) for rank in range(len(GIVEN))]
        ((token, self._kid),) = ask(url, "SELECT token, kid FROM credential WHERE form = 'qr' LIMIT 1")
        self._token = bytes(token)  # type: ignore[call-overload]
        self._heads: dict[str, int] = dict(ask(url, "SELECT chain, seq FROM audit_head"))  # type: ignore[arg-type]
        known = template("e-mail")
        assert known is not None
        self._gestures = known.gestures
        self._people, self._workshops = 0, 0
        self._taken: dict[str, int] = defaultdict(int)
        self._tables: Tables = {}

    def parts(self, sizes: dict[str, int]) -> Iterator[Tables]:
        """Yield the rows of every table, whatever they refer to before them."""
        accounts = [f"acc{number:015d}" for number in range(COLLEAGUES)]
        for number, account in enumerate(accounts):
            self._add("account", id=account, name=f"Dominique {number}", created_at=START)
            body = (BODY, *sizes)[number % (len(sizes) + 1)]
            role = "referent" if number % 6 == 0 else "trainer"
            self._add("role", account=account, role=role, body=body, start=START)
        yield self._given()
        for body, size in sizes.items():
            for start in range(0, size, PART):
                self._some(body, min(PART, size - start))
                yield self._given()
        yield from self._closing(sizes)

    def _given(self) -> Tables:
        given, self._tables = self._tables, {}
        return given

    def _add(self, table: str, **values: object) -> None:
        columns, rows = self._tables.setdefault(table, (tuple(values), []))
        assert len(columns) == len(values)
        rows.append(tuple(values.values()))

    def _some(self, body: str, count: int) -> None:
        given = self._draw.choices(GIVEN, self._often, k=count)
        family = self._draw.choices(self._families, self._weights, k=count)
        people = [f"{self._people + n:024x}" for n in range(count)]
        for number, (id_, *names) in enumerate(zip(people, given, family, strict=True)):
            self._person(id_, names[0], names[1], body, is_shared=number % 10 == 0)
            for nth in range(EACH):
                self._attestation(id_, nth, body)
        for start in range(0, count // 2, WORKSHOP):
            self._workshop(body, people[start : start + WORKSHOP])
        self._people += count

    def _person(self, id_: str, given: str, family: str, body: str, *, is_shared: bool) -> None:
        self._add("holder", id=id_, given_name=given, family_name=family, created_at=START)
        keys = keys_of(given, family)
        for known in (body, OTHER if body == BODY else BODY)[: 2 if is_shared else 1]:
            file = {"identity": "known", "opened_at": START, "opened_by": "staff:bench"}
            self._add("person_file", holder_id=id_, body=known, **file)
            for key in keys:
                self._add("name_gram", body=known, gram=key, holder_id=id_)
        self._audit(body, "person.added", person=id_)

    def _attestation(self, holder_id: str, nth: int, body: str) -> None:
        id_ = f"{holder_id}-{nth}"
        named = {"id": id_, "code": id_, "holder_id": holder_id, "body": body, "framework": "digcomp-3.0"}
        seen = {
            "assessed_on": SEEN_ON - timedelta(days=30 * nth + self._people % 700),
            "method": "observation",
        }
        levels = json.dumps({f"{1 + nth}.1": 1 + nth % 3, "1.2": 2})
        made = {"place": "salle", "issued_at": START, "person_key": holder_id, "source_key": id_}
        self._add("attestation", **named, levels=levels, **seen, **made)
        taken = self._taken[body]
        self._taken[body] += 1
        list_id, position = f"{body}.{2 + taken // LIST_PART}", taken % LIST_PART * 40_503 % LIST_SIZE
        self._add("status_entry", list_id=list_id, position=position, attestation_id=id_)
        entry = {"kid": self._kid, "list_id": list_id, "position": position, "created_at": START}
        for form, token in (("qr", self._token), ("ob3", b"ob3"), ("vc", b"vc")):
            digest = self._draw.randbytes(32)
            self._add("credential", attestation_id=id_, form=form, token=token, member_digest=digest, **entry)
        self._audit(body, "attestation.issued", attestation=id_)
        if taken % 50 == 0:
            change = {"before": 0, "after": 1, "at": START, "actor": "staff:bench", "reason": "r"}
            self._add("status_change", attestation_id=id_, **change)

    def _workshop(self, body: str, people: list[str]) -> None:
        self._workshops += 1
        id_, day = f"w{self._workshops:023x}", SEEN_ON - timedelta(days=1 + self._workshops * 7 % 1_400)
        plan = {"framework": "digcomp-3.0", "method": "observation", "competences": json.dumps(["2.1"])}
        named = {"id": id_, "body": body, "held_on": day, "title": "E-mail", "template": "e-mail"}
        gestures = json.dumps(list(self._gestures))
        self._add("workshop", **named, **plan, gestures=gestures, created_by="staff:bench", created_at=START)
        by = {"by": "staff:bench", "at": START}
        for position, person in enumerate(people, 1):
            there = {"workshop": id_, "holder_id": person}
            self._add("attendance", **there, position=position, added_at=START, undone=0)
            for gesture in self._gestures:
                self._add("rating", **there, gesture=gesture, rating=Rating.ALONE.value, revision=1, **by)
            decided = {"competence": "2.1", "proposed": 2, "level": 2, "why": ""}
            self._add("decision", **there, **decided, **by, attestation_id=f"{person}-0")
            paper = {"attestation_id": f"{person}-0", "printed_at": START, "handed_on": day}
            self._add("handover", **paper, by="staff:bench")

    def _audit(self, chain: str, event: str, **detail: str) -> None:
        self._heads[chain] += 1
        seq, told = self._heads[chain], json.dumps({"actor": "staff:bench", **detail})
        linked = {"previous": f"{seq - 1:064x}", "hash": f"{seq:064x}"}
        self._add("audit_row", chain=chain, seq=seq, **linked, at=START, event=event, detail=told)

    def _closing(self, sizes: dict[str, int]) -> Iterator[Tables]:
        """Let lists and heads of chains say what was taken and added."""
        for body in sizes:
            for number in range(-(-self._taken[body] // LIST_PART)):
                taken = min(LIST_PART, self._taken[body] - number * LIST_PART)
                size = {"size": LIST_SIZE, "taken": taken, "revision": 1, "array": bytes(LIST_SIZE // 4)}
                self._add("status_list", id=f"{body}.{2 + number}", body=body, number=2 + number, **size)
        self._tables["UPDATE audit_head SET seq = ? WHERE chain = ?"] = (
            (),
            [(seq, chain) for chain, seq in self._heads.items()],
        )
        yield self._given()
