"""Coming in to the desk in a real browser: keys, no script, keyboard alone, small screens, axe."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from issuer.register import Register
from issuer.settings import SchemeSettings
from issuer.staff.accounts import add_account
from issuer.staff.enrolling import invite
from issuer.staff.roles import Grant, Role
from issuer.staff.sessions import open_session
from issuer.web.app import create_app
from tests.issuer.registers import BODY, Clock, make_register
from tests.pages.desk_serving import faults
from tests.pages.serving import served

pytestmark = pytest.mark.browser

PHONE, DESK, NARROW = (
    {"width": 360, "height": 740},
    {"width": 1280, "height": 900},
    {"width": 320, "height": 640},
)
PASSWORD = "loutre galet brioche sabot"


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Register]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Keys need a name and a secure page: localhost is both, and a demo may do without https.
    scheme = SchemeSettings(
        name="Compétences d’Aurillac",
        kind="demo",
        url=f"http://localhost:{port}",
        contact="04 71 00 00 00",
    )
    folder: Path = tmp_path_factory.mktemp("desk") / "scheme"
    with make_register(folder, clock, scheme) as made:
        yield made


@pytest.fixture(scope="module")
def url(register: Register) -> Iterator[str]:
    address = register.scheme.url
    app = create_app(register.settings, register=register)
    with served(app, port=int(address.rpartition(":")[2])):
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=DESK, locale="fr-FR")  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    yield page
    context.close()


def with_key(page: Page, *, transport: str = "internal") -> tuple[Any, str]:
    """Give a page a key that is there: a phone's own, or one to plug in (`usb`)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def link(register: Register, role: Role = Role.AGENCY, name: str = "Odile Roussel") -> str:
    body = BODY if role in {Role.TRAINER, Role.REFERENT} else None
    return invite(register, name, Grant(role, body), by=None, actor="test").address


def enter(page: Page, register: Register, role: Role, *, shared: bool = False) -> str:
    """Sign somebody in beside the pages; return the account."""
    body = BODY if role in {Role.TRAINER, Role.REFERENT} else None
    account = add_account(register, f"Camille {role.title()}", Grant(role, body), actor="test")
    secret = open_session(register, account, way="test", device="Test", is_shared=shared, proved=True)
    page.context.add_cookies([{"name": "desk", "value": secret, "url": register.scheme.url}])
    return account


def looked_at(page: Page) -> None:
    """Look at the page that is shown at every width."""
    for size in (DESK, PHONE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert faults(page) == [], (page.url, size)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, (page.url, size)
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main .button, main input:not([type=hidden]):not("
            "[type=radio])')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).length"
        )
        assert small == 0, (page.url, size)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_a_key_is_made_from_a_link_and_opens_the_desk_again(page: Page, register: Register, url: str) -> None:
    with_key(page)
    page.goto(link(register))
    page.wait_for_selector("#with-key")
    assert "#" not in page.url  # the secret is gone from the address
    assert "Odile Roussel" in page.inner_text("main")
    page.fill("#label", "Téléphone")
    page.check(".key-way input[value=own]")
    page.click(".key-way button[type=submit]")
    page.wait_for_url("**/desk/account**")
    assert "Téléphone" in page.inner_text("main")
    page.click("text=Se déconnecter")
    page.wait_for_url("**/desk/sign-in**")
    assert "Cet appareil n’a rien gardé" in page.inner_text("main")
    page.check(".key-way input[value=own]")
    page.click(".key-way button[type=submit]")
    page.wait_for_url(re.compile(r".*/desk\?lang=fr$"))
    assert "Odile Roussel" in page.inner_text("nav.desk-menu")


def test_a_second_key_and_the_second_factor_with_a_key(
    page: Page, register: Register, url: str, clock: Clock
) -> None:
    with_key(page)
    enter(page, register, Role.REFERENT)
    page.goto(f"{url}/desk/account/key")
    page.fill("#label", "Ordinateur")
    page.click("form.key button[type=submit]")
    page.wait_for_url("**/desk/account?**")
    assert "Votre clé est prête" in page.inner_text("main")
    clock.time += 700
    page.goto(f"{url}/desk/staff")
    page.fill("#name", "Zoé Vidal")
    page.click("text=Faire le lien")
    page.wait_for_selector("text=Encore une vérification")
    page.click(".key-way button[type=submit]")
    page.wait_for_selector("text=Le lien est prêt")
    assert "Zoé Vidal" in page.inner_text("main")
    assert page.locator(".qr svg").is_visible()
    looked_at(page)


def test_on_a_shared_device_only_a_key_to_take_away_is_made(page: Page, register: Register, url: str) -> None:
    session, internal = with_key(page)
    page.goto(link(register, Role.TRAINER, "Yan Fabre"))
    page.wait_for_selector("#with-key")
    page.click(".key-way button[type=submit]")  # "shared" is what is chosen at first
    page.wait_for_timeout(500)
    assert session.send("WebAuthn.getCredentials", {"authenticatorId": internal})["credentials"] == []
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": internal})
    page.reload()
    page.close()


def test_a_key_to_take_away_works_on_a_shared_device(page: Page, register: Register, url: str) -> None:
    with_key(page, transport="usb")
    page.goto(link(register, Role.TRAINER, "Yan Fabre"))
    page.wait_for_selector("#with-key")
    page.click(".key-way button[type=submit]")
    page.wait_for_url("**/desk/account**")


def test_a_key_that_refuses_is_said_and_another_way_stays(page: Page, register: Register, url: str) -> None:
    session, id_ = with_key(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": id_, "isUserVerified": False})
    page.goto(f"{url}/desk/sign-in")
    page.click(".key-way button[type=submit]")
    page.wait_for_selector(".key-way .problem:visible")
    assert "La clé n’a pas répondu" in page.inner_text(".key-way .problem")
    assert page.is_enabled(".key-way button[type=submit]")
    looked_at(page)


def test_everything_but_keys_works_without_script(
    chromium: Browser, register: Register, url: str, clock: Clock
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    whole = link(register)
    page.goto(whole)
    page.fill("#link", whole)
    page.click("main button")
    assert page.locator(".key-way").is_hidden()
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.check("input[value=codes]")
    page.click("main form button >> visible=true")
    name = page.inner_text("main strong")
    codes = page.locator(".one-time-codes code").all_inner_texts()
    page.fill("#code", codes[0])
    page.click("text=Terminer et entrer")
    assert "Mon accès au guichet" in page.inner_text("h1")
    page.click("text=Se déconnecter")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.fill("#code", codes[1])
    page.click("main section:has(#with-password) button")
    assert "Un code court pour aujourd’hui" in page.inner_text("h1")
    page.fill("#pin", "7391")
    page.fill("#again", "7391")
    page.click("text=Garder ce code")
    assert "C’est noté" in page.inner_text("main")
    page.click("text=Verrouiller")
    page.fill("#pin", "7391")
    page.click("text=Continuer")
    clock.time += 700
    page.goto(f"{url}/desk/staff")
    page.fill("#name", "Zoé Vidal")
    page.select_option("#role", f"referent:{BODY}")
    page.click("text=Faire le lien")
    page.fill("#code", codes[2])
    page.click("text=Continuer")
    assert "Zoé Vidal" in page.inner_text("main")
    assert "/desk/welcome#" in page.inner_text("main code")
    context.close()


def test_the_desk_is_entered_with_the_keyboard_alone(page: Page, register: Register, url: str) -> None:
    page.goto(link(register, Role.TRAINER, "Li Wu"))
    page.wait_for_selector("#with-password")
    page.focus("#password")
    keys = page.keyboard
    keys.type(PASSWORD)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Tab")
    keys.press("ArrowDown")  # from the application to the sheet
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    page.wait_for_selector(".one-time-codes")
    code = page.locator(".one-time-codes code").first.inner_text()
    for _ in range(12):
        keys.press("Tab")
        if page.evaluate("document.activeElement.id") == "code":
            break
    keys.type(code)
    keys.press("Enter")
    page.wait_for_url("**/desk/account**")


@pytest.mark.parametrize(("lang", "scheme"), [("fr", "light"), ("en", "dark")])
def test_axe_finds_nothing_on_any_page(
    chromium: Browser, register: Register, url: str, lang: str, scheme: Any
) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    for path in ("/desk/sign-in", "/desk/welcome"):
        page.goto(f"{url}{path}?lang={lang}")
        looked_at(page)
    page.goto(f"{url}/desk/sign-in?lang={lang}")
    page.fill("#name", "a")
    page.fill("#password", "a")
    page.fill("#code", "a")
    page.click("section:has(#with-password) button")
    looked_at(page)
    page.goto(link(register, name="").replace("#", f"?lang={lang}#"))
    page.wait_for_selector("#with-password")
    looked_at(page)
    page.fill("#name-password", "Odile")
    for field in ("#password", "#again"):
        page.fill(field, "motdepasse123")
    page.click("section:has(#with-password) button")
    looked_at(page)
    for field in ("#password", "#again"):
        page.fill(field, PASSWORD)
    page.click("section:has(#with-password) button")
    page.wait_for_selector(".qr")
    looked_at(page)
    enter(page, register, Role.TRAINER)
    trainer = enter(page, register, Role.REFERENT, shared=True)
    add_account(register, "Zoé", Grant(Role.TRAINER, BODY), actor="test")
    for path in ("account", "account/password", "account/key", "pin", "prove", "staff"):
        page.goto(f"{url}/desk/{path}?lang={lang}")
        looked_at(page)
    page.goto(f"{url}/desk/account?lang={lang}")
    page.click("form[action*='account/codes'] button")
    page.wait_for_selector(".one-time-codes")
    looked_at(page)
    page.goto(f"{url}/desk/staff?lang={lang}")
    page.click("ul.plain a >> nth=0")
    looked_at(page)
    assert trainer not in page.title()
    page.click(".desk-menu button >> nth=0")
    page.wait_for_url("**/desk/locked**")
    looked_at(page)
    context.close()
