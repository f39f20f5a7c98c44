"""People at the desk in a real Chromium: by keyboard alone, without script, large enough to be tapped."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from issuer.people.facts import facts_of
from issuer.people.files import add_person
from issuer.people.looks import ask_look
from issuer.people.opening import open_paper
from issuer.people.pending import ask_withdraw
from issuer.register.issuing import issue
from issuer.staff.accounts import staff_of
from passport.model import Holder
from tests.issuer.registers import BODY, request
from tests.pages.desk_serving import Desk, served_desk

pytestmark = pytest.mark.browser

PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with served_desk(tmp_path_factory.mktemp("desk") / "scheme") as made:
        yield made


@pytest.fixture(scope="module")
def account(desk: Desk) -> str:
    return desk.trainer()


@pytest.fixture(scope="module")
def pages(desk: Desk, account: str) -> dict[str, str]:
    """Every page, by what it shows."""
    register, staff = desk.register, staff_of(desk.register, account)
    assert staff is not None
    who = {"given_name": "Marie", "family_name": "Dupont"}
    marie = add_person(
        register, staff, BODY, identity="known", email="marie@example.org", accept_homonyms=True, **who
    )
    twin = add_person(register, staff, BODY, identity="seen", accept_homonyms=True, **who)
    made = issue(register, BODY, [request(holder=Holder("Marie", "Dupont"), holder_id=marie)], actor="test")
    fact = facts_of(register, marie, bodies=frozenset({BODY}))[1][0].id
    look = ask_look(register, staff, marie, fact)
    act = ask_withdraw(register, staff, BODY, [made[0].code], reason="Saisi deux fois")
    open_paper(register, staff, BODY, made[0].code)
    base = f"/desk/people/{marie}"
    return {
        "search": "/desk/people",
        "new": "/desk/people/new",
        "one": base,
        "edit": f"{base}/edit",
        **{
            act: f"{base}/act/{act}/{fact}"
            for act in ("withdraw", "suspend", "restore", "correct", "replace")
        },
        "merge list": f"{base}/merge",
        "merge": f"{base}/merge/{twin}",
        "erase": f"{base}/erase",
        "looks": "/desk/looks",
        "look": f"/desk/looks/{look}",
        "open": "/desk/open",
        "opened": f"/desk/open/{fact}",
        "import": "/desk/import",
        "pending": "/desk/pending",
        "pending one": f"/desk/pending/{act}",
        "code": made[0].code,
    }


def context(desk: Desk, chromium: Browser, account: str, **more: object) -> BrowserContext:
    return desk.context(chromium, account, **more)


def test_targets_are_large_enough(desk: Desk, chromium: Browser, account: str, pages: dict[str, str]) -> None:
    made = context(desk, chromium, account, viewport=PHONE)
    page = made.new_page()
    for name in ("search", "one", "withdraw", "open"):
        page.goto(f"{desk.url}{pages[name]}")
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main input:not([type=hidden]), main select')]"
            ".filter(e => e.offsetParent && (e.closest('label') || e).getBoundingClientRect().height < 44)"
            ".map(e => e.outerHTML)"
        )
        assert small == [], name
    made.close()


def test_by_keyboard_alone_somebody_is_found_and_suspended(
    desk: Desk, chromium: Browser, account: str, pages: dict[str, str]
) -> None:
    made = context(desk, chromium, account, viewport=DESK)
    page = made.new_page()
    page.goto(f"{desk.url}/desk/people")
    page.get_by_label("Nom, prénom").focus()
    page.keyboard.type("dupon mari")
    page.keyboard.press("Enter")
    link = page.locator(f'a[href^="{pages["one"]}"]').first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Marie Dupont")
    page.locator("summary", has_text="Changer cette attestation").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Suspendre l’attestation").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Motif").focus()
    page.keyboard.type("On vérifie la date")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("suspendue")
    expect(page.get_by_text("On vérifie la date")).to_be_visible()
    assert "dupon" not in page.url.lower()
    page.locator("summary", has_text="Changer cette attestation").first.click()
    page.get_by_role("link", name="Lever la suspension").first.click()
    page.get_by_label("Motif").fill("Vérifié")
    page.get_by_role("button", name="Lever la suspension").click()
    expect(page.get_by_role("status")).to_contain_text("levée")
    made.close()


def test_without_script_a_paper_opens_and_a_list_is_issued(
    desk: Desk, chromium: Browser, account: str, pages: dict[str, str]
) -> None:
    made = context(desk, chromium, account, viewport=PHONE, java_script_enabled=False)
    page = made.new_page()
    page.goto(f"{desk.url}/desk/open")
    page.get_by_label("Code écrit sur le papier").fill(pages["code"])
    page.get_by_role("button", name="Ouvrir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le papier montré")
    assert re.search(r"/desk/open/[A-Za-z0-9_-]+\?lang=fr$", page.url)
    page.goto(f"{desk.url}/desk/import")
    text = "Prénom;Nom;Date d’évaluation;Méthode;DC 1.1\nPaule;Navet;20/09/2026;test;1\nX;;;;\n"
    page.get_by_label("Fichier CSV").set_input_files(
        {"name": "liste.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Voir la liste").click()
    expect(page.get_by_text("Lignes justes\u00a0: 1")).to_be_visible()
    page.get_by_role("button", name="Délivrer les attestations (1)").click()
    expect(page.get_by_role("status")).to_contain_text("délivrée")
    made.close()
