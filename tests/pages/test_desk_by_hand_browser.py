"""A whole workshop with the keyboard alone, and without script: from the desk's first page to a handed paper.

And the database away while somebody ticks: the page keeps the taps and sends them when it is back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from issuer.store.engine import database_file
from tests.issuer.desk.settled import Settled, settle
from tests.issuer.desk.test_database_gone import locked
from tests.issuer.registers import BODY, rows
from tests.pages.desk_serving import Desk, faults, overflow, served_desk

pytestmark = pytest.mark.browser

SIZE = {"width": 1280, "height": 900}
HANDED = "SELECT count(*) FROM handover WHERE handed_on IS NOT NULL"
_FOCUSED = """() => {
  const one = document.activeElement, label = one.labels ? one.labels[0] : undefined;
  const text = (label ? label.innerText : one.innerText || one.value || "").replace(/\\s+/g, " ").trim();
  // A field for a day marks a part of itself; a hidden circle marks what stands beside it.
  const marked = [one, label, one.nextElementSibling].some(
    (each) => each && getComputedStyle(each).outlineStyle !== "none");
  return {tag: one.tagName, type: one.type || "", text, shown: marked || one.type === "date"};
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("issuer.store.engine.BUSY_SECONDS", 0.2)
        with served_desk(tmp_path_factory.mktemp("desk") / "scheme") as made:
            yield made


class Keys:
    """Somebody without a mouse. `presses`: how many keys it took."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def to(self, text: str, *, tag: str = "") -> None:
        """Go on with Tab to what is called so. Each stop shows where the focus is (WCAG 2.4.7)."""
        for _ in range(150):
            self.press("Tab")
            at = self.page.evaluate(_FOCUSED)
            assert at["tag"] == "BODY" or at["shown"], f"the focus is not seen on {at}"
            if text in at["text"] and tag in at["tag"]:
                return
        raise AssertionError(f"{text} is not reached with Tab on {self.page.url}")

    def open(self, text: str, address: str) -> None:
        """Go to a link or a button, press it, and wait for the page."""
        self.to(text)
        self.press("Enter")
        self.page.wait_for_url(re.compile(address))

    def write(self, label: str, text: str) -> None:
        self.to(label, tag="INPUT")
        self.page.keyboard.type(text)


def test_a_workshop_with_the_keyboard_alone(desk: Desk, chromium: Browser) -> None:
    context = desk.context(chromium, desk.trainer("Alix Roux"), viewport=SIZE)
    page = context.new_page()
    keys = Keys(page)
    page.goto(f"{desk.url}/desk?lang=fr")
    keys.open("Ateliers", r"/workshops\?")
    keys.open("Nouvel atelier", r"/workshops/new")
    keys.open("E-mail", r"template=e-mail")
    keys.open("Ouvrir l’atelier", r"/workshops/[0-9a-f]+\?")
    keys.write("Prénom", "Oksana")
    keys.write("Nom de famille", "Melnyk")
    keys.to("", tag="INPUT")
    keys.press("Space")  # the first of the three ways to know somebody
    keys.open("Ajouter à la liste", r"done=|/workshops/[0-9a-f]+\?")
    expect(page.get_by_text("Oksana Melnyk").first).to_be_visible()
    keys.open("Remplir la grille", r"/grid")
    keys.to("seul(e) — tous les gestes de Oksana Melnyk", tag="BUTTON")
    keys.press("Enter")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    keys.open("Voir les niveaux", r"/levels")
    keys.open("Confirmer et délivrer", r"/papers")
    keys.open("Noter : remises aujourd’hui", r"done=workshop_handed")
    assert rows(desk.register, HANDED) == [(1,)]
    assert keys.presses < 300
    context.close()


def test_a_workshop_without_script(desk: Desk, chromium: Browser) -> None:
    context = desk.context(chromium, desk.trainer("Sacha Brun"), viewport=SIZE, java_script_enabled=False)
    page = context.new_page()
    ((before,),) = rows(desk.register, HANDED)
    page.goto(f"{desk.url}/desk?lang=fr")
    page.get_by_role("link", name="Ateliers").first.click()
    page.get_by_role("link", name="Nouvel atelier").first.click()
    page.get_by_role("link", name="E-mail").first.click()
    page.get_by_role("button", name="Ouvrir l’atelier").click()
    for given, family in (("Henri", "Costes"), ("Rose", "Vidal")):
        page.get_by_label("Prénom", exact=True).fill(given)
        page.get_by_label("Nom de famille ou d’usage", exact=True).fill(family)
        page.get_by_label("Je connais cette personne").check()
        page.get_by_role("button", name="Ajouter à la liste").click()
    page.get_by_role("link", name="Remplir la grille").click()
    page.get_by_role("row", name=re.compile("Henri")).get_by_role("button", name=re.compile("^seul")).click()
    page.get_by_role("button", name="Enregistrer la grille").click()
    page.get_by_role("link", name="Voir les niveaux").click()
    page.get_by_role("button", name="Confirmer et délivrer pour tout le monde").click()
    expect(page.get_by_role("heading", name="Sans niveau")).to_be_visible()
    page.get_by_role("button", name="Noter : remises aujourd’hui").click()
    expect(page.get_by_text(re.compile("remise le"))).to_have_count(1)
    assert rows(desk.register, HANDED) == [(int(str(before)) + 1,)]
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(re.compile("/desk/sign-in"))
    context.close()


@pytest.fixture(scope="module")
def settled(desk: Desk) -> Settled:
    return settle(desk.register, BODY)


def test_taps_wait_while_the_database_is_away(desk: Desk, chromium: Browser, settled: Settled) -> None:
    file = database_file(desk.register.settings.database_url)
    assert file is not None
    context = desk.context(chromium, desk.trainer("Camille Petit"), viewport=SIZE)
    page = context.new_page()
    person, id_ = settled.ids["person"], settled.ids["workshop"]
    page.goto(f"{desk.url}/desk/workshops/{id_}/grid?lang=fr")
    cell = page.locator(f'input[name="t.{person}.2.1.g1"][value="avec_aide"]')
    stored = "SELECT rating FROM rating WHERE workshop = ? AND holder_id = ? AND gesture = '2.1.g1'"
    with locked(file):
        cell.check(force=True)
        expect(page.locator(".saved-text")).to_contain_text("Non enregistré : 1.", timeout=15_000)
        assert rows(desk.register, stored, id_, person) == [("seul",)]
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=20_000)
    assert rows(desk.register, stored, id_, person) == [("avec_aide",)]
    context.close()


def test_what_was_typed_is_sent_again_from_the_page_that_said_so(
    desk: Desk, chromium: Browser, settled: Settled
) -> None:
    """The form is in the page, and one press sends it; the page is one that everybody can use."""
    file = database_file(desk.register.settings.database_url)
    assert file is not None
    context = desk.context(chromium, desk.trainer("Lou Martin"), viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{desk.url}/desk/workshops/{settled.ids['workshop']}?lang=fr")
    page.get_by_label("Prénom", exact=True).fill("Fatou")
    page.get_by_label("Nom de famille ou d’usage", exact=True).fill("Diallo")
    page.get_by_label("Je connais cette personne").check()
    with locked(file):
        page.get_by_role("button", name="Ajouter à la liste").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cela n’a pas marché")
        expect(page.get_by_text("Ce que vous avez saisi est gardé dans cette page.")).to_be_visible()
        assert faults(page) == []
        assert overflow(page) == 0
    page.get_by_role("button", name="Réessayer").click()
    expect(page.get_by_text("Fatou Diallo").first).to_be_visible()
    context.close()
