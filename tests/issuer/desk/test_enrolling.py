"""Enrolment and looking after colleagues: who may give what to whom, and what a link is worth."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.register.access import secret_of
from issuer.register.audit import check
from issuer.staff.accounts import add_account, staff_of
from issuer.staff.enrolling import invite, invite_again, opened
from issuer.staff.managing import end_role
from issuer.staff.roles import Grant, Role, Staff
from issuer.store import staff as staff_store
from passport.errors import PassportError
from tests.issuer.desk.authenticator import SoftKey
from tests.issuer.desk.conftest import BODY, OTHER, Seat, Seats
from tests.issuer.registers import Clock, change, rows

PASSWORD = "loutre galet brioche sabot"
CLOSED = "Ce lien n’ouvre rien, ou n’ouvre plus"
NOTHING = "Il n’y a rien à cette adresse"
TRAINER = f"trainer:{BODY}"


def _staff(register: Register, seat: Seat) -> Staff:
    found = staff_of(register, seat.account)
    assert found is not None
    return found


def _link(text: str) -> str:
    found = re.search(r"https://pass\.example/desk/welcome#([A-Za-z0-9_-]{43})", unescape(text))
    assert found is not None
    return found[1]


def _field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, name
    return unescape(found[1])


def ask(seat: Seat, **fields: str) -> Any:
    return seat.client.post("/desk/staff/links", data={"csrf": seat.csrf, **fields})


def choose(client: TestClient, link: str, **fields: str) -> Any:
    chosen = {"password": PASSWORD, "again": PASSWORD, "device": "own", **fields}
    return client.post("/desk/welcome/password", data={"link": link, **chosen})


def confirm(client: TestClient, page: str, code: str) -> Any:
    fields = {name: _field(page, name) for name in ("link", "flow", "device")}
    return client.post("/desk/welcome/confirm", data={**fields, "code": code}, follow_redirects=False)


def _codes(page: str) -> list[str]:
    return re.findall(r"<code>([2-9A-Z]{5}-[2-9A-Z]{5})</code>", page)


def test_a_new_colleague_comes_in_with_a_password_and_a_sheet(
    nobody: TestClient, register: Register, seat: Seats
) -> None:
    shown = ask(seat(Role.REFERENT), name="Zoé Vidal", role=TRAINER)
    assert "<svg" in shown.text
    link = _link(shown.text)
    assert link not in str(rows(register, "SELECT * FROM one_time_link"))
    assert nobody.get("/desk/welcome").status_code == 200
    welcome = nobody.post("/desk/welcome", data={"link": f"https://pass.example/desk/welcome#{link}"})
    assert "Zoé Vidal" in welcome.text
    assert "Centre social" in welcome.text
    page = choose(nobody, link, factor="codes")
    codes, name = _codes(page.text), re.search(r"<strong>(zoe\.[0-9]{4})</strong>", page.text)
    assert len(set(codes)) == 10
    assert name is not None
    again = confirm(nobody, page.text, "2222222222")
    assert again.status_code == 422
    assert _codes(again.text) == codes  # the very same sheet
    came = confirm(nobody, again.text, codes[0].lower())
    assert (came.status_code, came.headers["location"]) == (303, "/desk/account?lang=fr")
    assert "Zoé Vidal" in nobody.get("/desk").text
    nobody.cookies.clear()
    fields = {"name": name[1], "password": PASSWORD, "code": codes[1], "device": "own"}
    assert nobody.post("/desk/sign-in", data=fields, follow_redirects=False).status_code == 303
    assert check(register) == []


def test_a_new_colleague_comes_in_with_an_application(
    nobody: TestClient, register: Register, seat: Seats, clock: Clock
) -> None:
    link = _link(ask(seat(Role.REFERENT), name="Zoé Vidal", role=TRAINER).text)
    page = choose(nobody, link, factor="app").text
    seed = re.search(r'<code class="address">([A-Z2-7 ]+)</code>', page)
    assert seed is not None
    code = pyotp.TOTP(seed[1].replace(" ", "")).at(int(clock.time))
    assert confirm(nobody, page, "000000" if code != "000000" else "111111").status_code == 422
    page = choose(nobody, link, factor="app").text
    seed = re.search(r'<code class="address">([A-Z2-7 ]+)</code>', page)
    assert seed is not None
    assert confirm(nobody, page, pyotp.TOTP(seed[1].replace(" ", "")).at(int(clock.time))).status_code == 303


def test_a_new_colleague_comes_in_with_a_key(nobody: TestClient, register: Register, seat: Seats) -> None:
    link = _link(ask(seat(Role.REFERENT), name="Zoé Vidal", role=TRAINER).text)
    begun = nobody.post("/desk/welcome/key/begin", data={"link": link, "device": "own"}).json()
    key = SoftKey(attachment="platform")
    fields = {"link": link, "flow": begun["flow"], "answer": key.make(begun["options"]), "label": "téléphone"}
    came = nobody.post("/desk/welcome/key", data=fields, follow_redirects=False)
    assert came.status_code == 303
    assert "téléphone" in nobody.get("/desk/account").text
    nobody.cookies.clear()
    replayed = nobody.post("/desk/welcome/key", data=fields)
    assert CLOSED in replayed.text
    begun = nobody.post("/desk/sign-in/key/begin", data={"csrf": ""}).json()
    answer = {"flow": begun["flow"], "answer": key.show(begun["options"]), "device": "own"}
    assert nobody.post("/desk/sign-in/key", data=answer, follow_redirects=False).status_code == 303


def test_a_key_begun_with_one_link_does_not_use_up_another(
    nobody: TestClient, register: Register, seat: Seats
) -> None:
    referent = seat(Role.REFERENT)
    one, other = (_link(ask(referent, name=name, role=TRAINER).text) for name in ("Zoé", "Yan"))
    begun = nobody.post("/desk/welcome/key/begin", data={"link": one, "device": "own"}).json()
    fields = {"link": other, "flow": begun["flow"], "answer": SoftKey().make(begun["options"])}
    assert nobody.post("/desk/welcome/key", data=fields).status_code == 422
    assert opened(register, other).name == "Yan"


def test_a_link_is_good_once_for_an_hour_and_all_closed_ones_are_the_same(
    nobody: TestClient, register: Register, seat: Seats, clock: Clock
) -> None:
    referent = seat(Role.REFERENT)
    used, old = (_link(ask(referent, name="Zoé", role=TRAINER).text) for _ in range(2))
    pages = [choose(nobody, used, factor="codes").text for _ in range(2)]  # two tabs
    assert confirm(nobody, pages[0], _codes(pages[0])[0]).status_code == 303
    nobody.cookies.clear()
    assert CLOSED in confirm(nobody, pages[1], _codes(pages[1])[0]).text
    assert len(rows(register, "SELECT * FROM account WHERE name = 'Zoé'")) == 1
    clock.time += 3_600
    answers = [nobody.post("/desk/welcome", data={"link": link}) for link in (used, old, "A" * 43, "", "é")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.text for answer in answers}) == 1
    begun = nobody.post("/desk/welcome/key/begin", data={"link": old, "device": "own"})
    assert begun.status_code == 422


def test_the_first_administrator_says_their_name(nobody: TestClient, register: Register) -> None:
    link = invite(register, "", Grant(Role.AGENCY), by=None, actor="init", life=86_400).address
    secret = secret_of(link)
    assert "Votre prénom" in nobody.post("/desk/welcome", data={"link": link}).text
    assert choose(nobody, secret, factor="codes", name=" ").status_code == 422
    typed = choose(nobody, secret, factor="codes", name="Odile Roussel", again="other")
    assert typed.status_code == 422
    assert 'value="Odile Roussel"' in typed.text
    page = choose(nobody, secret, factor="codes", name="Odile Roussel").text
    assert confirm(nobody, page, _codes(page)[0]).status_code == 303
    assert "Odile Roussel" in nobody.get("/desk/staff").text


@pytest.mark.parametrize(
    ("role", "wanted"),
    [
        (Role.REFERENT, f"trainer:{OTHER}"),
        (Role.REFERENT, f"referent:{BODY}"),
        (Role.REFERENT, "agency"),
        (Role.REFERENT, "auditor"),
        (Role.AGENCY, TRAINER),
        (Role.AGENCY, "referent:nowhere"),
        (Role.AGENCY, "referent"),
        (Role.AGENCY, f"agency:{BODY}"),
        (Role.AGENCY, "king"),
        (Role.AGENCY, ""),
    ],
)
def test_nobody_gives_a_role_that_is_not_theirs_to_give(
    register: Register, seat: Seats, role: Role, wanted: str
) -> None:
    answer = ask(seat(role), name="Zoé", role=wanted)
    assert answer.status_code == 404
    assert NOTHING in answer.text
    assert rows(register, "SELECT * FROM enrolment") == []


def test_the_agency_enrols_referents_and_its_own(nobody: TestClient, seat: Seats) -> None:
    agency = seat(Role.AGENCY)
    for wanted in (f"referent:{OTHER}", "agency", "auditor"):
        assert ask(agency, name="Zoé", role=wanted).status_code == 200
    page = agency.client.get("/desk/staff").text
    assert page.count("Annuler ce lien") == 3


def test_a_link_dies_with_the_role_of_whoever_made_it(
    nobody: TestClient, register: Register, seat: Seats
) -> None:
    referent, agency = seat(Role.REFERENT), seat(Role.AGENCY)
    link = _link(ask(referent, name="Zoé", role=TRAINER).text)
    end_role(register, _staff(register, agency), referent.account, Grant(Role.REFERENT, BODY))
    assert CLOSED in nobody.post("/desk/welcome", data={"link": link}).text


def test_a_link_can_be_taken_back_by_those_who_could_have_made_it(
    nobody: TestClient, register: Register, seat: Seats
) -> None:
    referent, elsewhere = seat(Role.REFERENT), seat(Role.REFERENT, OTHER)
    link = _link(ask(referent, name="Zoé", role=TRAINER).text)
    ((digest,),) = rows(register, "SELECT digest FROM enrolment")
    path = "/desk/staff/links/withdraw"
    assert elsewhere.client.post(path, data={"csrf": elsewhere.csrf, "link": str(digest)}).status_code == 404
    assert opened(register, link).name == "Zoé"
    assert referent.client.post(path, data={"csrf": referent.csrf, "link": str(digest)}).status_code == 200
    assert CLOSED in nobody.post("/desk/welcome", data={"link": link}).text


def test_a_referent_sees_and_ends_the_trainers_of_their_own_body_alone(
    register: Register, seat: Seats
) -> None:
    referent, mine, theirs = seat(Role.REFERENT), seat(Role.TRAINER), seat(Role.TRAINER, OTHER)
    agency = seat(Role.AGENCY)
    listed = referent.client.get("/desk/staff").text
    assert mine.account in listed
    assert theirs.account not in listed
    assert agency.account not in listed
    for guessed in (theirs.account, agency.account, "0" * 18):
        page = referent.client.get(f"/desk/staff/{guessed}")
        assert (page.status_code, NOTHING in page.text) == (404, True)
        for act in ("link", "sessions", "end"):
            fields = {"csrf": referent.csrf, "role": f"trainer:{OTHER}"}
            answer = referent.client.post(f"/desk/staff/{guessed}/{act}", data=fields)
            assert (answer.status_code, NOTHING in answer.text) == (404, True), act
    assert theirs.client.get("/desk").status_code == 200
    ended = referent.client.post(
        f"/desk/staff/{mine.account}/end", data={"csrf": referent.csrf, "role": TRAINER}
    )
    assert "Ce rôle a pris fin" in ended.text
    assert mine.client.get("/desk", follow_redirects=False).status_code == 303
    assert check(register) == []


def test_the_agency_sees_no_trainer(seat: Seats) -> None:
    agency, trainer, referent = seat(Role.AGENCY), seat(Role.TRAINER), seat(Role.REFERENT)
    listed = agency.client.get("/desk/staff").text
    assert referent.account in listed
    assert trainer.account not in listed
    assert agency.client.get(f"/desk/staff/{trainer.account}").status_code == 404


def test_nobody_ends_or_renews_themselves(register: Register, seat: Seats) -> None:
    agency = seat(Role.AGENCY)
    path = f"/desk/staff/{agency.account}"
    assert "Fermer ses accès" not in agency.client.get(path).text
    for act in ("link", "end", "sessions"):
        answer = agency.client.post(f"{path}/{act}", data={"csrf": agency.csrf, "role": "agency"})
        assert answer.status_code == 404
    assert agency.client.get("/desk").status_code == 200


def test_somebody_with_more_roles_is_renewed_by_the_agency_alone(register: Register, seat: Seats) -> None:
    referent, agency, both = seat(Role.REFERENT), seat(Role.AGENCY), seat(Role.TRAINER)
    with register.writing() as session:
        staff_store.add_role(session, both.account, role="referent", body=OTHER, at=register.now())
    page = referent.client.get(f"/desk/staff/{both.account}").text
    assert "c’est la régie" in page
    assert "Régie" not in re.sub(r"<nav.*?</nav>", "", page, flags=re.S).split("<main")[1].split("<ul>")[1]
    refused = referent.client.post(f"/desk/staff/{both.account}/link", data={"csrf": referent.csrf})
    assert refused.status_code == 404
    renewed = agency.client.post(f"/desk/staff/{both.account}/link", data={"csrf": agency.csrf})
    assert renewed.status_code == 200


def test_a_colleague_who_lost_everything_gets_new_ways_in_and_the_old_ones_end_at_once(
    nobody: TestClient, register: Register, seat: Seats
) -> None:
    referent, lost = seat(Role.REFERENT), seat(Role.TRAINER)
    codes = lost.client.post("/desk/account/codes", data={"csrf": lost.csrf})
    lost.client.post(
        "/desk/account/password", data={"csrf": lost.csrf, "password": PASSWORD, "again": PASSWORD}
    )
    ((name,),) = rows(register, "SELECT sign_in_name FROM account WHERE id = ?", lost.account)
    shown = referent.client.post(f"/desk/staff/{lost.account}/link", data={"csrf": referent.csrf})
    assert lost.client.get("/desk", follow_redirects=False).status_code == 303
    old = {"name": str(name), "password": PASSWORD, "code": _codes(codes.text)[0], "device": "own"}
    assert nobody.post("/desk/sign-in", data=old).status_code == 422
    link = _link(shown.text)
    welcome = nobody.post("/desk/welcome", data={"link": link}).text
    assert "Vos anciens accès sont fermés" in welcome
    page = choose(nobody, link, factor="codes").text
    assert confirm(nobody, page, _codes(page)[2]).status_code == 303
    assert len(rows(register, "SELECT * FROM account WHERE id = ?", lost.account)) == 1
    assert rows(
        register, "SELECT account FROM staff_session WHERE ended_at IS NULL AND way = 'password'"
    ) == [(lost.account,)]
    assert check(register) == []


def test_a_body_that_has_left_takes_nobody(nobody: TestClient, register: Register, seat: Seats) -> None:
    referent = seat(Role.REFERENT)
    link = _link(ask(referent, name="Zoé", role=TRAINER).text)
    page = choose(nobody, link, factor="codes").text
    change(register, "UPDATE body SET closed_at = ? WHERE slug = ?", 1, BODY)
    assert CLOSED in confirm(nobody, page, _codes(page)[0]).text
    assert CLOSED in choose(nobody, link, factor="codes").text
    assert ask(referent, name="Zoé", role=TRAINER).status_code == 404


@pytest.mark.parametrize("name", ["", " ", "x" * 200, "a\u202eb"])
def test_what_is_no_name_is_said_and_comes_back(seat: Seats, name: str) -> None:
    answer = ask(seat(Role.REFERENT), name=name, role=TRAINER)
    assert answer.status_code == 422
    assert "Écrivez son prénom" in answer.text


def test_the_operator_can_renew_anybody_and_a_stranger_nobody(register: Register, seat: Seats) -> None:
    account = add_account(register, "Zoé", Grant(Role.AGENCY), actor="test")
    assert invite_again(register, account, by=None, actor="cli").address
    with pytest.raises(PassportError) as caught:
        invite_again(register, account, by=_staff(register, seat(Role.REFERENT)), actor="x")
    assert caught.value.code == "unknown_account"


def test_audit_rows_of_staff_hold_opaque_ids_alone(
    nobody: TestClient, register: Register, seat: Seats
) -> None:
    link = _link(ask(seat(Role.REFERENT), name="Zoé Vidal", role=TRAINER).text)
    page = choose(nobody, link, factor="codes").text
    confirm(nobody, page, _codes(page)[0])
    details = [
        str(row[0]) for row in rows(register, "SELECT detail FROM audit_row WHERE event LIKE 'staff.%'")
    ]
    assert details
    assert not any("Zoé" in detail or "zoe" in detail or link in detail for detail in details)
