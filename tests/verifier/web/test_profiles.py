"""The page of profiles: made without script, kept in the address alone, hostile ones a plain error."""

from __future__ import annotations

import html

import pytest
from starlette.testclient import TestClient

from passport.framework import framework, framework_ids
from passport.typed_code import format_code
from tests.pages.serving import Counter
from tests.verifier.web.test_pages import check_page, state_of

PROFILE = "digcomp-3.0:1.1-2,2.1-8"


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", framework_ids())
def test_every_framework_has_its_list(client: TestClient, name: str, lang: str) -> None:
    answer = client.get(f"/profil?lang={lang}&cadre={name}")
    assert answer.status_code == 200
    check_page(answer.text)
    assert answer.text.count("<select") == len(framework(name).competences)
    if not framework(name).shown_as_level:
        assert "iveau 1" not in answer.text


def test_choices_become_an_address_that_holds_all_of_it(client: TestClient) -> None:
    made = client.get("/profil?lang=fr&cadre=digcomp-3.0&2.1=8&1.1=2&1.2=&5.4=")
    assert made.status_code == 303
    assert made.headers["location"] == f"/profil?lang=fr&profil={PROFILE}"
    shown = client.get(made.headers["location"])
    check_page(shown.text)
    assert f'href="/v?lang=fr&amp;profil={PROFILE}"' in shown.text
    assert f"testserver/v?profil={PROFILE}" in shown.text
    assert '<option value="8" selected>' in shown.text
    assert "set-cookie" not in shown.headers


def test_nothing_chosen_is_said_beside_the_form(client: TestClient) -> None:
    answer = client.get("/profil?lang=fr&cadre=digcomp-3.0&1.1=&2.1=")
    assert answer.status_code == 422
    check_page(answer.text)
    assert "Aucune compétence n’est choisie" in answer.text


def test_a_profile_stays_in_every_address_of_the_page(client: TestClient, counter: Counter) -> None:
    for page in (
        client.get(f"/v?lang=fr&profil={PROFILE}"),
        client.post(f"/v?lang=fr&profil={PROFILE}", data={"paste": " "}),
        client.post(f"/v?lang=fr&profil={PROFILE}", data={"paste": "bonjour"}),
    ):
        check_page(page.text)
        assert page.text.count(f'action="/v?lang=fr&amp;profil={PROFILE}"') == 3
        assert f"lang=en&amp;profil={PROFILE}" in page.text
    code = format_code(counter.add_code(counter.town.issue()))
    for data in ({"paste": counter.town.issue().decode()}, {"code": code}):
        text = html.unescape(client.post(f"/v?lang=fr&profil={PROFILE}", data=data).text)
        assert "Réponse au profil" in text
        assert "Niveau 2 sur 8 ou plus\u00a0: Avec de l’aide si besoin" in text
        assert "En partie" in text
    assert "Réponse au profil" not in client.post("/v?lang=fr", data={"code": code}).text


@pytest.mark.parametrize(
    "query",
    [
        "profil=", "profil=x", "profil=<script>alert(1)</script>", "profil=digcomp-3.0:1.1-99",
        "profil=digcomp-3.0:1.1-1%00", "profil=" + "9" * 5000,
    ],
)  # fmt: skip
def test_a_hostile_profile_is_a_plain_error(client: TestClient, counter: Counter, query: str) -> None:
    token = counter.town.issue().decode()
    answers = [client.get(f"{path}?lang=fr&{query}") for path in ("/", "/v", "/profil")]
    answers.append(client.post(f"/v?lang=fr&{query}", data={"paste": token}))
    fields = {"credential": token, "note": "", "file": ""}
    answers.append(client.post(f"/v/table.csv?lang=fr&{query}", data=fields))
    for answer in answers:
        assert answer.status_code == 422
        assert state_of(answer.text) == "error"
        assert "Profil illisible" in answer.text
        assert "alert(1)" not in answer.text
        check_page(answer.text)


@pytest.mark.parametrize("query", ["cadre=../x", "cadre=crcn&1.1=9", "cadre=digcomp-3.0&1.1=-1", "1.1=١"])
def test_hostile_choices_are_a_plain_error(client: TestClient, query: str) -> None:
    answer = client.get(f"/profil?lang=fr&{query}")
    assert answer.status_code == 422
    assert "Profil illisible" in answer.text
