"""Coming in through a provider that is not ours, set up as ProConnect is told to be, over real sockets."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

from issuer.register import Register
from issuer.settings import SchemeSettings
from issuer.staff.accounts import add_account
from issuer.staff.enrolling import invite
from issuer.staff.roles import Grant, Role
from issuer.web.app import create_app
from tests.issuer.desk.conftest import sign_in
from tests.issuer.registers import BODY, make_register, rows
from tests.node import NODE, READERS

pytestmark = pytest.mark.node

URL = "https://pass.example"
BACK = f"{URL}/desk/provider/back"
SECRET = "a-secret-of-a-test-that-is-long-enough"
SIRET = "21150014500013"
PROCONNECT_ALLOWS = (
    *("response_type", "client_id", "redirect_uri", "scope", "claims", "state", "nonce", "prompt"),
    *("idp_hint", "login_hint", "siret_hint"),
)


@contextmanager
def provider(*, allowed: tuple[str, ...], signed_userinfo: bool, **client: Any) -> Iterator[str]:
    """Run the provider; give its issuer."""
    registered = {
        "client_id": "guichet",
        "client_secret": SECRET,
        "redirect_uris": [BACK],
        "post_logout_redirect_uris": [f"{URL}/desk/sign-in"],
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "RS256",
        **({"userinfo_signed_response_alg": "RS256"} if signed_userinfo else {}),
        **client,
    }
    settings = json.dumps({"client": registered, "allowed": allowed})
    with subprocess.Popen(
        [NODE, READERS / "provider.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(settings)
        process.stdin.close()
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def proconnect() -> Iterator[str]:
    with provider(allowed=PROCONNECT_ALLOWS, signed_userinfo=True) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    allowed = (*PROCONNECT_ALLOWS, "code_challenge", "code_challenge_method")
    with provider(allowed=allowed, signed_userinfo=False) as issuer:
        yield issuer


@pytest.fixture
def register(tmp_path: Path, proconnect: str, other: str) -> Iterator[Register]:
    scheme = SchemeSettings(name="Réseau", kind="demo", url=URL, contact="04 71 00 00 00")
    with make_register(tmp_path / "scheme", time.time, scheme) as made:
        entry = {"issuer": proconnect, "client_id": "guichet", "client_secret_file": "provider.secret"}
        entries = [
            {**entry, "id": "proconnect", "kind": "proconnect", "name": "ProConnect", "sirets": [SIRET]}
            | {"scopes": ["openid", "siret"]},
            {**entry, "id": "other", "name": "Autre", "issuer": other, "acr_values": ["eidas2"]},
        ]
        secret = tmp_path / "scheme" / "provider.secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        (tmp_path / "scheme" / "providers.json").write_text(json.dumps({"providers": entries}))
        yield made


@pytest.fixture
def app(register: Register) -> object:
    return create_app(register.settings, register=register)


def client_of(app: object) -> TestClient:
    return TestClient(app, base_url=URL, raise_server_exceptions=False)  # type: ignore[arg-type]


@pytest.fixture
def nobody(app: object) -> TestClient:
    return client_of(app)


def become(issuer: str, sub: str, acr: str = "eidas2", siret: str = SIRET) -> None:
    httpx2.post(f"{issuer}/become", json={"sub": sub, "acr": acr, "siret": siret})


def address_of(page: str) -> str:
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)
    assert found is not None, page
    return unescape(found[1])


def there_and_back(address: str) -> str:
    """Follow the provider's pages as a browser does; return where it leads back, without going there."""
    with httpx2.Client() as browser:
        for _ in range(10):
            answer = browser.get(address)
            assert "location" in answer.headers, f"{answer.status_code} {answer.text[:300]}"
            address = str(httpx2.URL(address).join(answer.headers["location"]))
            if address.startswith(URL):
                return address.removeprefix(URL)
    raise AssertionError("no way back")


def begin(client: TestClient, what: str = "sign-in", id_: str = "proconnect", **fields: str) -> str:
    answer = client.post(f"/desk/provider/{id_}/{what}", data={"device": "own", **fields})
    assert answer.status_code == 200, answer.text
    return address_of(answer.text)


def come_back(client: TestClient, path: str) -> Any:
    return client.get(path, follow_redirects=False)


def enrol(client: TestClient, register: Register, issuer: str, sub: str, id_: str = "proconnect") -> None:
    link = invite(register, "Zoé Vidal", Grant(Role.TRAINER, BODY), by=None, actor="test").address
    become(issuer, sub)
    back = there_and_back(begin(client, "enrol", id_, link=link))
    assert come_back(client, back).headers["location"] == "/desk/account?lang=fr"


def test_somebody_is_enrolled_with_a_link_and_comes_in_again(
    nobody: TestClient, app: object, register: Register, proconnect: str
) -> None:
    enrol(nobody, register, proconnect, "zoe")
    assert "Zoé Vidal" in nobody.get("/desk").text
    assert rows(register, "SELECT issuer, subject FROM federated_identity") == [(proconnect, "zoe")]
    again = client_of(app)
    address = begin(again, next="/desk/account")
    asked = parse_qs(urlsplit(address).query)
    assert set(asked) <= set(PROCONNECT_ALLOWS)
    assert min(len(asked["state"][0]), len(asked["nonce"][0])) >= 32
    answer = come_back(again, there_and_back(address))
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/account?lang=fr")
    assert len(rows(register, "SELECT * FROM account")) == 1


def test_another_provider_with_pkce_and_plain_answers(
    nobody: TestClient, register: Register, other: str
) -> None:
    enrol(nobody, register, other, "zoe", "other")
    asked = parse_qs(urlsplit(begin(client_of(nobody.app), id_="other")).query)
    assert asked["code_challenge_method"] == ["S256"]


def test_an_identity_that_nobody_enrolled_opens_nothing_and_makes_nobody(
    nobody: TestClient, register: Register, proconnect: str
) -> None:
    become(proconnect, "stranger")
    answer = come_back(nobody, there_and_back(begin(nobody)))
    assert answer.status_code == 422
    assert "pas reliée à une personne" in answer.text
    assert rows(register, "SELECT * FROM account") == []


@pytest.mark.parametrize(
    ("acr", "siret", "said"),
    [("eidas1", SIRET, "mot de passe seul"), ("eidas2", "00000000000000", "employeur ne fait pas partie")],
)
def test_a_password_alone_and_another_employer_are_refused_here(
    nobody: TestClient, app: object, register: Register, proconnect: str, acr: str, siret: str, said: str
) -> None:
    enrol(nobody, register, proconnect, "zoe")
    become(proconnect, "zoe", acr=acr, siret=siret)
    again = client_of(app)
    answer = come_back(again, there_and_back(begin(again)))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert again.get("/desk", follow_redirects=False).status_code == 303


def test_an_answer_opens_once_in_the_browser_that_began_it(
    nobody: TestClient, app: object, register: Register, proconnect: str
) -> None:
    enrol(nobody, register, proconnect, "zoe")
    begun, thief = client_of(app), client_of(app)
    first = there_and_back(begin(begun))
    begin(thief)
    assert come_back(thief, first).status_code == 422  # signing somebody in as another
    assert come_back(begun, first).status_code == 422  # and it is used up
    one, two = begin(begun), begin(begun)  # two tabs
    assert [come_back(begun, there_and_back(address)).status_code for address in (one, two)] == [303, 303]


@pytest.mark.parametrize(
    "query",
    [
        *("", "code=x", "state=" + "A" * 43, "code=x&state=" + "A" * 43, "error=access_denied&state=x"),
        "code=%00&state=é",
    ],
)
def test_answers_that_nobody_asked_for_open_nothing(nobody: TestClient, query: str) -> None:
    begin(nobody)
    answer = come_back(nobody, f"/desk/provider/back?{query}")
    assert answer.status_code == 422
    assert "x" * 40 not in answer.text


def test_the_answer_of_another_provider_is_refused(
    nobody: TestClient, register: Register, proconnect: str, other: str
) -> None:
    become(proconnect, "zoe")
    back = there_and_back(begin(nobody))
    swapped = re.sub(r"iss=[^&]+", f"iss={other}", back)
    assert swapped != back
    assert come_back(nobody, swapped).status_code == 422


def test_somebody_joins_an_identity_and_nobody_joins_it_twice(
    nobody: TestClient, app: object, register: Register, proconnect: str
) -> None:
    seats = [
        sign_in(register, app, add_account(register, name, Grant(Role.TRAINER, BODY), actor="test"))
        for name in ("Zoé", "Yan")
    ]
    become(proconnect, "zoe")
    joined = come_back(seats[0].client, there_and_back(begin(seats[0].client, "join", csrf=seats[0].csrf)))
    assert joined.headers["location"].startswith("/desk/account")
    taken = come_back(seats[1].client, there_and_back(begin(seats[1].client, "join", csrf=seats[1].csrf)))
    assert "déjà reliée" in taken.text
    stolen = there_and_back(begin(seats[0].client, "join", csrf=seats[0].csrf))
    assert come_back(seats[1].client, stolen).status_code == 422
    proved = come_back(
        seats[0].client,
        there_and_back(begin(seats[0].client, "prove", csrf=seats[0].csrf, next="/desk/account")),
    )
    assert proved.headers["location"] == "/desk/account?lang=fr"
    become(proconnect, "yan")
    wrong = come_back(seats[0].client, there_and_back(begin(seats[0].client, "prove", csrf=seats[0].csrf)))
    assert wrong.status_code == 422


def test_signing_out_signs_out_there_too(nobody: TestClient, register: Register, proconnect: str) -> None:
    enrol(nobody, register, proconnect, "zoe")
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', nobody.get("/desk").text)
    assert csrf is not None
    left = nobody.post("/desk/sign-out", data={"csrf": csrf[1]})
    assert left.headers["clear-site-data"] == '"cache"'
    assert nobody.get("/desk", follow_redirects=False).status_code == 303
    asked = parse_qs(urlsplit(address_of(left.text)).query)
    assert set(asked) == {"id_token_hint", "state", "post_logout_redirect_uri"}
    with httpx2.Client() as browser:
        form = browser.get(address_of(left.text))
        assert form.status_code == 200, form.text
        fields = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', form.text))
        action = re.search(r'action="([^"]+)"', form.text)
        assert action is not None
        done = browser.post(unescape(action[1]), data={**fields, "logout": "yes"})
        assert done.headers["location"].startswith(f"{URL}/desk/sign-in?state=")
    kept = str(rows(register, "SELECT * FROM staff_session"))
    assert asked["id_token_hint"][0] not in kept


def test_a_link_is_not_used_up_by_somebody_who_turns_back(
    nobody: TestClient, register: Register, proconnect: str
) -> None:
    link = invite(register, "Zoé Vidal", Grant(Role.TRAINER, BODY), by=None, actor="test").address
    begin(nobody, "enrol", link=link)
    assert come_back(nobody, "/desk/provider/back?error=access_denied").status_code == 422
    become(proconnect, "zoe")
    back = there_and_back(begin(nobody, "enrol", link=link))
    assert come_back(nobody, back).status_code == 303
    become(proconnect, "yan")
    again = nobody.post("/desk/provider/proconnect/enrol", data={"link": link})
    assert again.status_code == 403  # signed in meanwhile; and the link is used up in any case
