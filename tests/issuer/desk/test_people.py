"""The pages about people: found, added, shown, changed, merged, exported, erased; of one's own body alone."""

from __future__ import annotations

import re

import pytest

from issuer.people.facts import facts_of
from issuer.people.finding import find_people
from issuer.register import Register
from issuer.register.audit import check
from issuer.register.issuing import issue
from issuer.register.lookup import stored
from issuer.staff.roles import Role
from issuer.web.desk.parts import desk_routes
from passport.model import Holder
from passport.status import Status
from passport.typed_code import format_code, new_code
from tests.issuer.desk.conftest import BODY, OTHER, Seat, Seats
from tests.issuer.filling import fill_desk
from tests.issuer.registers import change, request, rows

MINE = frozenset({BODY})
MARIE = Holder("Marie", "Dupont")


@pytest.fixture
def trainer(seat: Seats) -> Seat:
    return seat(Role.TRAINER)


@pytest.fixture
def code(register: Register) -> str:
    """An attestation of Marie, who came by a file."""
    return issue(register, BODY, [request(holder=MARIE)], actor="cli")[0].code


@pytest.fixture
def marie(register: Register, code: str) -> str:
    return find_people(register, "Dupont", bodies=MINE)[0].id


def fact_ids(register: Register, person: str) -> list[str]:
    return [fact.id for fact in facts_of(register, person, bodies=MINE)[1]]


def status_of(register: Register, code: str) -> Status:
    return stored(register, code).status


def location(answer: object) -> str:
    return str(answer.headers["location"])  # type: ignore[attr-defined]


def test_somebody_is_found_by_a_form_and_no_name_is_in_an_address(trainer: Seat, marie: str) -> None:
    answer = trainer.post("/desk/people", text="dupond mari")
    assert answer.status_code == 200  # type: ignore[attr-defined]
    text = answer.text  # type: ignore[attr-defined]
    assert f"/desk/people/{marie}?lang=fr" in text
    assert "né" in text
    for address in re.findall(r'(?:href|action)="([^"]*)"', text):
        assert "upon" not in address.lower()


def test_somebody_is_added_and_what_was_typed_is_kept(trainer: Seat) -> None:
    first = trainer.post("/desk/people/new", text="Odette Chabrier")
    assert 'value="Odette"' in first.text  # type: ignore[attr-defined]
    wrong = trainer.post(
        "/desk/people/new",
        given_name="Odette",
        family_name="Chabrier",
        birthdate="31/02/1950",
        identity="known",
    )
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    assert 'value="Chabrier"' in wrong.text  # type: ignore[attr-defined]
    assert 'id="birthdate-problem"' in wrong.text  # type: ignore[attr-defined]
    right = trainer.post(
        "/desk/people/new",
        given_name="Odette",
        family_name="Chabrier",
        birthdate="01/02/1950",
        identity="known",
    )
    assert right.status_code == 303  # type: ignore[attr-defined]
    shown = trainer.client.get(location(right))
    assert "1er février 1950" in shown.text
    assert "Le dossier est ouvert" in shown.text


def test_a_homonym_is_a_question(register: Register, trainer: Seat, marie: str) -> None:
    fields = {"given_name": "marie", "family_name": "DUPOND", "identity": "seen"}
    asked = trainer.post("/desk/people/new", **fields)
    assert asked.status_code == 409  # type: ignore[attr-defined]
    assert f"/desk/people/{marie}" in asked.text  # type: ignore[attr-defined]
    added = trainer.post("/desk/people/new", **fields, other="yes")
    assert added.status_code == 303  # type: ignore[attr-defined]
    assert len(find_people(register, "dupont", bodies=MINE)) == 2


def test_the_page_of_a_person(trainer: Seat, marie: str, code: str) -> None:
    page = trainer.client.get(f"/desk/people/{marie}")
    assert page.status_code == 200
    assert "Marie Dupont" in page.text
    assert "Dupont" not in re.search("<title>(.*?)</title>", page.text)[1]  # type: ignore[index]
    assert format_code(code) in page.text
    for word in ("Salle Hélitas", "Avec de l’aide", '<svg class="levels"', "La suite"):
        assert word in page.text
    english = trainer.client.get(f"/desk/people/{marie}?lang=en")
    assert "What comes next" in english.text


@pytest.mark.parametrize(("act", "after"), [("suspend", Status.SUSPENDED), ("withdraw", Status.WITHDRAWN)])
def test_an_act_says_what_happens_asks_why_and_leaves_a_letter(
    register: Register, trainer: Seat, marie: str, code: str, act: str, after: Status
) -> None:
    (fact,) = fact_ids(register, marie)
    address = f"/desk/people/{marie}/act/{act}/{fact}"
    assert "Ce qui va se passer" in trainer.client.get(address).text
    assert status_of(register, code) is Status.VALID
    without = trainer.post(address, reason=" ")
    assert without.status_code == 422  # type: ignore[attr-defined]
    assert 'id="reason-problem"' in without.text  # type: ignore[attr-defined]
    done = trainer.post(address, reason="Erreur de <b>saisie</b>")
    assert done.status_code == 303  # type: ignore[attr-defined]
    assert status_of(register, code) is after
    page = trainer.client.get(location(done)).text
    assert "Erreur de &lt;b&gt;saisie&lt;/b&gt;" in page
    (number,) = re.findall(rf"/desk/people/{marie}/letter/(\d+)\?", page)
    letter = trainer.client.get(f"/desk/people/{marie}/letter/{number}")
    assert letter.content.startswith(b"%PDF-")
    assert "no-store" in letter.headers["cache-control"]
    again = trainer.client.get(address).text
    assert "pas possible" in again or act == "suspend"


def test_a_correction_by_the_page(register: Register, trainer: Seat, marie: str, code: str) -> None:
    (fact,) = fact_ids(register, marie)
    address = f"/desk/people/{marie}/act/correct/{fact}"
    form = trainer.client.get(address).text
    assert 'value="Dupont"' in form
    fields = {
        "given_name": "Marie",
        "family_name": "Dupond",
        "assessed_on": "2026-09-20",
        "method": "observation",
        "place": "salle",
        "level.1.1": "2",
        "reason": "Nom mal écrit",
    }
    wrong = trainer.post(address, **{**fields, "level.1.1": ""})
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    high = trainer.post(address, **{**fields, "level.1.1": "8"})
    assert high.status_code == 422  # type: ignore[attr-defined]
    assert 'value="Dupond"' in high.text  # type: ignore[attr-defined]
    assert status_of(register, code) is Status.VALID
    for _ in range(2):  # pressed twice: one attestation
        done = trainer.post(address, **fields)
        assert done.status_code == 303  # type: ignore[attr-defined]
    assert status_of(register, code) is Status.WITHDRAWN
    assert len(fact_ids(register, marie)) == 2
    assert "<h1>Marie Dupond</h1>" in trainer.client.get(f"/desk/people/{marie}").text
    assert check(register) == []


def test_a_replacement_by_the_page(register: Register, trainer: Seat, marie: str, code: str) -> None:
    (fact,) = fact_ids(register, marie)
    address = f"/desk/people/{marie}/act/replace/{fact}"
    fields = {"given_name": "Marie", "family_name": "Dupont", "assessed_on": "2026-09-21", "method": "test"}
    done = trainer.post(address, **fields, **{"level.1.1": "3"})
    assert done.status_code == 303  # type: ignore[attr-defined]
    assert status_of(register, code) is Status.REPLACED
    other = trainer.post(address, **{**fields, "family_name": "Martin"}, **{"level.1.1": "3"})
    assert other.status_code == 422  # type: ignore[attr-defined]


def test_papers_are_printed_and_noted(register: Register, trainer: Seat, marie: str) -> None:
    (fact,) = fact_ids(register, marie)
    for kind in ("sheet", "large", "card"):
        paper = trainer.post(f"/desk/people/{marie}/print/{fact}", kind=kind)
        assert paper.content.startswith(b"%PDF-")  # type: ignore[attr-defined]
        assert "Dupont" not in paper.headers["content-disposition"]  # type: ignore[attr-defined]
    assert trainer.post(f"/desk/people/{marie}/print/{fact}", kind="x").status_code == 404  # type: ignore[attr-defined]
    assert rows(register, "SELECT count(*) FROM audit_row WHERE event = 'attestation.reprinted'") == [(3,)]


def test_two_files_are_compared_and_merged(register: Register, trainer: Seat, marie: str) -> None:
    added = trainer.post(
        "/desk/people/new", given_name="Marie", family_name="Dupond", identity="known", other="yes"
    )
    other = re.search("people/([0-9a-f]{24})", location(added))[1]  # type: ignore[index]
    assert f"/desk/people/{marie}/merge" in trainer.client.get(f"/desk/people/{marie}").text
    assert other in trainer.client.get(f"/desk/people/{marie}/merge").text
    both = trainer.client.get(f"/desk/people/{marie}/merge/{other}").text
    assert '<h2 id="who-1">Dossier 1<br>Marie Dupont</h2>' in both
    assert '<h2 id="who-2">Dossier 2<br>Marie Dupond</h2>' in both
    done = trainer.post(f"/desk/people/{marie}/merge/{other}")
    assert done.status_code == 303  # type: ignore[attr-defined]
    old = trainer.client.get(f"/desk/people/{other}", follow_redirects=False)
    assert location(old).startswith(f"/desk/people/{marie}")


def test_merging_and_erasing_ask_for_the_second_factor(register: Register, seat: Seats, marie: str) -> None:
    unproved = seat(Role.TRAINER, proved=False)
    for path in (f"/desk/people/{marie}/erase", f"/desk/people/{marie}/merge/{marie}"):
        answer = unproved.post(path, sure="yes")
        assert answer.status_code == 200  # type: ignore[attr-defined]
    assert find_people(register, "Dupont", bodies=MINE)


def test_a_person_gets_their_data_and_is_erased(
    register: Register, trainer: Seat, marie: str, code: str
) -> None:
    data = trainer.post(f"/desk/people/{marie}/export")
    assert data.content.startswith(b"PK")  # type: ignore[attr-defined]
    assert trainer.post(f"/desk/people/{marie}/erase").status_code == 422  # type: ignore[attr-defined]
    done = trainer.post(f"/desk/people/{marie}/erase", sure="yes", papers="keep")
    assert done.status_code == 303  # type: ignore[attr-defined]
    assert trainer.client.get(f"/desk/people/{marie}").status_code == 404
    assert check(register) == []


def test_the_holders_paper_opens_the_file_elsewhere(
    register: Register, seat: Seats, marie: str, code: str
) -> None:
    """A typed code, and the link of the QR; seen is what the paper says, and nobody else's people."""
    elsewhere = seat(Role.TRAINER, OTHER)
    link = f"{register.scheme.verify_url}#{stored(register, code).digits}"
    for shown in (format_code(code).lower().replace("-", " "), link, stored(register, code).digits):
        answer = elsewhere.post("/desk/open", shown=shown)
        assert answer.status_code == 303, shown  # type: ignore[attr-defined]
        assert code not in location(answer)
    address = location(answer).partition("?")[0]
    page = elsewhere.client.get(address).text
    assert "Marie Dupont" in page
    assert marie not in page
    paper = elsewhere.post(f"{address}/print", kind="card")
    assert paper.content.startswith(b"%PDF-")  # type: ignore[attr-defined]
    ((chain, detail),) = rows(
        register, "SELECT chain, detail FROM audit_row WHERE event = 'paper.opened' ORDER BY seq LIMIT 1"
    )
    assert chain == BODY
    assert elsewhere.account in str(detail)
    assert "Dupont" not in str(detail)
    assert elsewhere.client.get(f"/desk/people/{marie}").status_code == 404
    kept = elsewhere.post(f"{address}/file", identity="seen")
    mine = elsewhere.client.get(location(kept)).text
    assert "Papiers d’autres structures" in mine
    assert "/act/" not in mine
    assert check(register) == []


def test_a_paper_opens_for_half_an_hour(
    register: Register, seat: Seats, marie: str, code: str, clock: object
) -> None:
    elsewhere = seat(Role.TRAINER, OTHER)
    address = location(elsewhere.post("/desk/open", shown=code)).partition("?")[0]
    assert elsewhere.client.get(address).status_code == 200
    clock.time += 14 * 60  # type: ignore[attr-defined]
    assert elsewhere.client.get(address).status_code == 200
    clock.time += 17 * 60  # type: ignore[attr-defined]
    assert elsewhere.client.get(address, follow_redirects=False).status_code in {303, 404}
    assert elsewhere.post(f"{address}/print", kind="card").status_code in {303, 404}  # type: ignore[attr-defined]


def test_wrong_codes_are_told_apart_and_slowed_down(seat: Seats, register: Register, code: str) -> None:
    someone = seat(Role.TRAINER, OTHER)
    assert someone.post("/desk/open", shown="2346").status_code == 422  # type: ignore[attr-defined]
    answers = [someone.post("/desk/open", shown=new_code()).status_code for _ in range(45)]  # type: ignore[attr-defined]
    assert answers[0] == 422
    assert answers[-1] == 429
    assert rows(register, "SELECT count(*) FROM paper_shown") == [(0,)]


def test_a_forged_qr_opens_nothing(seat: Seats, register: Register, code: str) -> None:
    someone = seat(Role.TRAINER, OTHER)
    digits = stored(register, code).digits
    for wrong in (digits[:-1] + str((int(digits[-1]) + 1) % 10), "9" * 400, digits[:-40]):
        assert someone.post("/desk/open", shown=wrong).status_code == 422  # type: ignore[attr-defined]


def test_a_second_look_is_taken_by_somebody_else(register: Register, seat: Seats, marie: str) -> None:
    first, second = seat(Role.TRAINER), seat(Role.TRAINER)
    (fact,) = fact_ids(register, marie)
    address = location(first.post(f"/desk/people/{marie}/look/{fact}")).partition("?")[0]
    assert location(first.post(f"/desk/people/{marie}/look/{fact}")).partition("?")[0] == address
    assert address in second.client.get("/desk/looks").text
    assert second.post(f"{address}/take").status_code == 303  # type: ignore[attr-defined]
    assert first.post(f"{address}/take").status_code == 409  # type: ignore[attr-defined]
    assert first.post(f"{address}/close", outcome="same").status_code == 422  # type: ignore[attr-defined]
    assert second.post(f"{address}/close", outcome="same").status_code == 303  # type: ignore[attr-defined]
    assert address not in second.client.get("/desk/looks").text
    assert "Le niveau reste le même" in second.client.get(f"/desk/people/{marie}").text


def test_whoever_decided_does_not_look_again(register: Register, seat: Seats, marie: str) -> None:
    someone = seat(Role.TRAINER)
    (fact,) = fact_ids(register, marie)
    fill_desk(register, body=BODY, other=OTHER, place="salle", holder=marie, attestation=fact)
    change(register, "UPDATE decision SET attestation_id = ?, by = ?", fact, f"staff:{someone.account}")
    change(register, "DELETE FROM second_look")
    address = location(someone.post(f"/desk/people/{marie}/look/{fact}")).partition("?")[0]
    assert "Une autre personne doit regarder" in someone.client.get(address).text
    assert someone.post(f"{address}/take").status_code == 409  # type: ignore[attr-defined]


def test_every_id_of_another_body_is_nobodys(register: Register, seat: Seats, marie: str) -> None:
    """Each page about people, asked by another body with ids that exist: as if there were nothing."""
    (fact,) = fact_ids(register, marie)
    look = location(seat(Role.TRAINER).post(f"/desk/people/{marie}/look/{fact}"))
    ids = {
        "person": marie,
        "other": marie,
        "attestation": fact,
        "act": "withdraw",
        "change": "1",
        "look": re.search("looks/([0-9a-f]+)", look)[1],  # type: ignore[index]
    }
    before = rows(register, "SELECT count(*) FROM audit_row")
    asked = 0
    for role in (Role.TRAINER, Role.REFERENT):
        stranger = seat(role, OTHER)
        before = rows(register, "SELECT count(*) FROM audit_row")
        for route in desk_routes(register):
            names = re.findall(r"\{([a-z]+)\}", route.path)
            if not names or not set(names) <= set(ids) or "/account" in route.path:
                continue
            address = route.path.format(**ids)
            fields = {
                "csrf": stranger.csrf,
                "reason": "r",
                "sure": "yes",
                "kind": "card",
                "outcome": "dropped",
            }
            fields |= {"given_name": "A", "family_name": "B", "identity": "seen"}
            data = fields if route.method == "POST" else None
            answer = stranger.client.request(route.method, address, data=data, follow_redirects=False)
            assert answer.status_code == 404, (route.method, route.path, role)
            assert "Dupont" not in answer.text
            asked += 1
        assert rows(register, "SELECT count(*) FROM audit_row") == before
    assert asked > 30
    assert (
        stranger.client.post("/desk/people", data={"csrf": stranger.csrf, "text": "Dupont"}).text.count(marie)
        == 0
    )


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE holder --", "\u202eabc", "x" * 5_000]
)
def test_hostile_words_are_words(register: Register, trainer: Seat, marie: str, typed: str) -> None:
    for path, fields in (
        ("/desk/people", {"text": typed}),
        ("/desk/people/new", {"given_name": typed, "family_name": typed, "identity": typed, "email": typed}),
        (f"/desk/people/{marie}/edit", {"given_name": typed, "family_name": typed, "birthdate": typed}),
        ("/desk/open", {"shown": typed}),
    ):
        answer = trainer.post(path, **fields)
        assert answer.status_code in {200, 422}, path  # type: ignore[attr-defined]
        assert "<script>alert" not in answer.text  # type: ignore[attr-defined]
        assert ">49<" not in answer.text  # type: ignore[attr-defined]
    assert rows(register, "SELECT count(*) FROM holder") == [(1,)]
