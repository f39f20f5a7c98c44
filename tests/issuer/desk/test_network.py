"""Places and bodies at the desk, the public directory and its open data, the board."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from fastapi.testclient import TestClient

from issuer.board.care import cares, note_checked
from issuer.board.counting import MINIMUM, count_again, hide_small
from issuer.network.cards import PlaceCard
from issuer.network.directory import COLUMNS
from issuer.people.finding import find_people
from issuer.register import Register
from issuer.register.audit import check
from issuer.register.bodies import body_of_token, new_api_token
from issuer.register.issuing import issue
from issuer.staff.roles import Role
from issuer.web.app import create_app
from issuer.web.directory import hours_in_words
from issuer.web.legal import LEGAL_PAGES
from passport.errors import PassportError
from tests.issuer.desk.conftest import BODY, OTHER, Seats
from tests.issuer.registers import SCHEME, request, rows

CARD = {
    "address": "2 place de la Paix",
    "postal_code": "15000",
    "town": "Aurillac",
    "insee": "15014",
    "siret": "732 829 320 00074",
    "latitude": "44,926",
    "longitude": "2.4397",
    "phone": "04 71 00 00 00",
    "hours": "Mo-Fr 09:00-12:00,14:00-17:30; Sa 10:00-12:00",
    "wifi": "yes",
    "free": "yes",
    "step_free": "yes",
    "access_sheet": "https://acceslibre.beta.gouv.fr/app/15-aurillac/a/mairie/erp/x/",
    "services": ["Utilisation sécurisée du numérique", "Accès internet et matériel informatique"],
}


def test_a_card_is_in_the_directory_and_in_the_national_file(seat: Seats, nobody: TestClient) -> None:
    referent = seat(Role.REFERENT)
    path = f"/desk/places/{BODY}/salle"
    assert referent.client.get(path).status_code == 200
    kept = referent.client.post(path, data={"csrf": referent.csrf, **CARD}, follow_redirects=False)
    assert kept.status_code == 303
    page = nobody.get("/reseau").text
    assert "2 place de la Paix" in page
    assert "du lundi au vendredi\u00a0: 9\u00a0h\u00a0–\u00a012\u00a0h" in page
    (row,) = nobody.get("/reseau/lieux.json").json()
    assert row["pivot"] == "73282932000074"
    assert row["telephone"] == "+33471000000"
    assert row["fiche_acces_libre"] == CARD["access_sheet"]
    assert "04\u00a071\u00a000\u00a000\u00a000" in page
    assert "Accessible en fauteuil roulant" in page
    again = referent.client.get(path).text
    assert "du samedi" not in again
    assert "samedi\u00a0: 10\u00a0h\u00a0–\u00a012\u00a0h</textarea>" in again
    assert set(row) <= set(COLUMNS)
    answer = nobody.get("/reseau/lieux.csv")
    assert answer.headers["access-control-allow-origin"] == "*"
    (line,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert line["services"] == "Utilisation sécurisée du numérique|Accès internet et matériel informatique"
    assert (line["latitude"], line["longitude"]) == ("44.926", "2.4397")
    assert list(line) == list(COLUMNS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("postal_code", "1500"), ("insee", "99"), ("siret", "73282932000075"), ("latitude", "91")],
        *[("phone", "12"), ("email", "a@b"), ("website", "http://x.example"), ("website", "javascript:1")],
        *[
            ("hours", "<b>"),
            ("hours", "quand il fait beau"),
            ("access_sheet", "https://x.example/"),
            ("summary", "x" * 281),
            ("services", "Autre"),
            ("address", "a\u202eb"),
        ],
    ],
)
def test_a_wrong_member_is_named_and_nothing_typed_is_lost(
    seat: Seats, register: Register, name: str, value: str
) -> None:
    referent = seat(Role.REFERENT)
    sent = {"csrf": referent.csrf, **CARD, name: value}
    answer = referent.client.post(f"/desk/places/{BODY}/salle", data=sent, follow_redirects=False)
    assert answer.status_code == 422
    assert "2 place de la Paix" in answer.text or name == "address"
    assert f'id="{name}-problem"' in answer.text or name == "services"
    assert rows(register, "SELECT count(*) FROM place_card") == [(0,)]


def test_a_referent_keeps_the_places_of_their_own_body(seat: Seats) -> None:
    other = seat(Role.REFERENT, OTHER)
    assert "salle" not in other.client.get("/desk/places").text
    assert other.client.get(f"/desk/places/{BODY}/salle").status_code == 404
    sent = {"csrf": other.csrf, **CARD}
    assert other.client.post(f"/desk/places/{BODY}/salle", data=sent).status_code == 404
    assert seat(Role.AGENCY).client.get(f"/desk/places/{BODY}/salle").status_code == 200


def test_the_agency_adds_a_body_lets_it_attest_and_publishes(seat: Seats, register: Register) -> None:
    agency = seat(Role.AGENCY)
    agency.post("/desk/bodies", name="Médiathèque", kind="commune", slug="mediatheque")
    path = "/desk/bodies/mediatheque"
    agency.post(path, act="accredit", framework="digcomp-3.0", lowest="1", highest="4")
    agency.post(path, act="place", place="rdc", name="Rez-de-chaussée")
    agency.post(path, act="signatory", signatory="La directrice, Anne Roux")
    assert "mediatheque" in agency.client.get("/desk/bodies").text
    agency.post("/desk/trust")
    listed = register.trust().trust_list.body_of(register.scheme.issuer("mediatheque"))
    assert listed is not None
    assert [(a.framework, a.lowest, a.highest) for a in listed.accreditations] == [("digcomp-3.0", 1, 4)]
    assert "attend d’être publié" not in agency.client.get(path).text
    agency.post(path, act="close", sure="yes", successor=BODY)
    assert "a quitté le réseau" in agency.client.get(path).text


@pytest.mark.parametrize(
    "sent",
    [
        {"act": "accredit", "framework": "digcomp-3.0", "lowest": "3", "highest": "9"},
        {"act": "accredit", "framework": "nothing", "lowest": "1", "highest": "2"},
        {"act": "place", "place": "É", "name": "x"},
        {"act": "name", "name": ""},
        {"act": "close"},
        {"act": "nothing"},
        {},
    ],
)
def test_what_a_body_cannot_be_is_refused_in_words(
    seat: Seats, register: Register, sent: dict[str, str]
) -> None:
    agency = seat(Role.AGENCY)
    before = rows(register, "SELECT seq FROM audit_head ORDER BY chain")
    answer = agency.client.post(
        f"/desk/bodies/{BODY}", data={"csrf": agency.csrf, **sent}, follow_redirects=False
    )
    assert answer.status_code in (400, 422)
    assert "Traceback" not in answer.text
    assert rows(register, "SELECT seq FROM audit_head ORDER BY chain") == before


def test_a_body_changes_only_when_it_was_proved_again_who_asks(seat: Seats, register: Register) -> None:
    agency = seat(Role.AGENCY, proved=False)
    answer = agency.client.post(
        f"/desk/bodies/{BODY}",
        data={"csrf": agency.csrf, "act": "name", "name": "X"},
        follow_redirects=False,
    )
    assert "Encore une vérification" in answer.text
    assert rows(register, "SELECT name FROM body WHERE slug = ?", BODY) == [("Centre social",)]
    assert "/desk/prove" in agency.client.get(f"/desk/bodies/{BODY}").text


def test_small_groups_are_hidden_and_cannot_be_worked_out() -> None:
    assert hide_small({"a": 20, "b": 3, "c": 9}) == {"a": 20, "b": None, "c": None}
    assert hide_small({"a": 20, "b": 3, "c": 2}) == {"a": 20, "b": None, "c": None}
    assert hide_small({"a": 20, "b": 0}) == {"a": 20, "b": 0}
    assert hide_small({"a": 3}) == {"a": None}
    assert hide_small({}) == {}


def test_the_board_counts_people_and_names_nobody(seat: Seats, register: Register) -> None:
    issue(register, BODY, [request(n) for n in range(MINIMUM + 2)], actor="test")
    issue(register, OTHER, [request(90, place=None)], actor="test")
    counted = count_again(register)
    assert counted.people == MINIMUM + 3
    assert counted.bodies == {BODY: None, OTHER: None}  # one alone would be found from the total
    answer = seat(Role.AGENCY).client.get("/desk/board")
    assert answer.status_code == 200
    page = answer.text
    assert "Sautarel" not in page
    assert "Trop peu de personnes pour un chiffre" in page
    assert "<svg" in page
    assert seat(Role.AUDITOR).client.get("/desk/board").status_code == 200


def test_the_board_says_when_the_register_was_never_checked(register: Register) -> None:
    assert "never_checked" in {care.code for care in cares(register)}
    note_checked(register, 0)
    assert "never_checked" not in {care.code for care in cares(register)}
    note_checked(register, 2)
    assert "check_found" in {care.code for care in cares(register)}


def test_opening_hours_that_are_not_simple_stay_as_they_are() -> None:
    assert hours_in_words("PH off; Mo 09:00-12:00", "fr") == [
        "PH off",
        "lundi\u00a0: 9\u00a0h\u00a0–\u00a012\u00a0h",
    ]
    assert hours_in_words("Mo-Fr 09:30-12:00", "en") == ["Monday to Friday: 09:30–12:00"]
    assert hours_in_words("", "fr") == []


def test_a_card_is_kept_as_it_was() -> None:
    card = PlaceCard(address="x", services=("a",), latitude=1.5)
    assert PlaceCard.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_the_pages_of_the_law_say_what_is_known_and_make_nothing_up(register: Register) -> None:
    (register.settings.folder / "legal.json").write_text(
        '{"publisher": "Régie <b>", "accessibility": "partial"}'
    )
    with TestClient(create_app(register.settings, register=register), base_url=SCHEME.url) as client:
        for name in LEGAL_PAGES:
            for lang in ("fr", "en"):
                answer = client.get(f"/{name}?lang={lang}")
                assert answer.status_code == 200
                assert "<b>" not in answer.text
                assert "/mentions-legales" in answer.text
        assert "Régie &lt;b&gt;" in client.get("/mentions-legales").text
        assert "non renseigné" in client.get("/mentions-legales").text
        assert "partiellement conforme" in client.get("/accessibilite").text


@pytest.mark.parametrize(
    "written", ["[]", "{", '{"years_log": 0}', '{"nobody": 1}', '{"accessibility": "x"}']
)
def test_a_wrong_legal_file_stops_the_start(register: Register, written: str) -> None:
    (register.settings.folder / "legal.json").write_text(written)
    with pytest.raises(PassportError) as caught:
        create_app(register.settings, register=register)
    assert caught.value.code == "legal_file"


def test_a_legal_file_that_is_broken_later_breaks_no_page(register: Register, nobody: TestClient) -> None:
    (register.settings.folder / "legal.json").write_text("{")
    for path in ("/mentions-legales", "/reseau", f"/o/{BODY}", "/desk"):
        assert nobody.get(path).status_code == 200, path


def test_a_body_that_leaves_hands_its_people_on_and_its_staff_go(seat: Seats, register: Register) -> None:
    issue(register, BODY, [request(n) for n in range(2)], actor="test")
    trainer, agency = seat(Role.TRAINER), seat(Role.AGENCY)
    assert find_people(register, "Sautarel", bodies=frozenset({OTHER})) == []
    before = rows(register, "SELECT count(*) FROM person_file WHERE body = ?", BODY)
    agency.post(f"/desk/bodies/{BODY}", act="close", sure="yes", successor=OTHER)
    assert rows(register, "SELECT count(*) FROM person_file WHERE body = ?", OTHER) == before
    assert len(find_people(register, "Sautarel", bodies=frozenset({OTHER}))) == 2
    assert trainer.client.get("/desk", follow_redirects=False).status_code in (303, 403)
    assert check(register) == []


def test_an_auditor_reads_keys_and_chains_and_names_nobody(seat: Seats, register: Register) -> None:
    issue(register, BODY, [request(n) for n in range(3)], actor="test")
    auditor = seat(Role.AUDITOR)
    page = auditor.client.get("/desk/audit")
    assert page.status_code == 200
    assert "attestations" in page.text
    chain = auditor.client.get(f"/desk/audit/{BODY}").text
    assert "attestation.issued" in chain
    assert "Sautarel" not in chain
    assert "attestation.issued" not in auditor.client.get(f"/desk/audit/{BODY}?before=1").text
    assert auditor.client.get(f"/desk/audit/{BODY}?before=x").status_code == 200
    assert auditor.client.get("/desk/audit/nothing").status_code == 404


def test_a_token_is_revoked_from_the_page_of_its_body(seat: Seats, register: Register) -> None:
    token = new_api_token(register, BODY, label="caisse")
    agency = seat(Role.AGENCY)
    page = agency.client.get(f"/desk/bodies/{BODY}").text
    assert "caisse" in page
    assert token not in page
    ((digest,),) = rows(register, "SELECT digest FROM api_token")
    agency.post(f"/desk/bodies/{BODY}", act="revoke", token=str(digest)[:16])
    assert body_of_token(register, token) is None


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_leads_nowhere_that_is_closed(seat: Seats, role: Role) -> None:
    someone = seat(role)
    links = re.findall(r'<li><a href="(/desk[^"?]*)', someone.client.get("/desk").text)
    assert len(links) >= 4
    for link in links:
        assert someone.client.get(link).status_code == 200, link


@pytest.mark.parametrize(
    ("name", "value"),
    [("summary", "+1+cmd"), ("summary", "=1+1"), ("email", "+1@x.example"), ("town", "@SUM")],
)
def test_no_cell_of_the_open_data_is_a_formula(
    seat: Seats, nobody: TestClient, name: str, value: str
) -> None:
    referent = seat(Role.REFERENT)
    sent = {"csrf": referent.csrf, **CARD, name: value}
    assert referent.client.post(f"/desk/places/{BODY}/salle", data=sent).status_code == 200
    (line,) = csv.DictReader(io.StringIO(nobody.get("/reseau/lieux.csv").content.decode()))
    assert f"'{value}" in line.values()
    assert line["telephone"] == "+33471000000"
