"""Every page of the desk, as every role, in a real Chromium: axe at phone and desk width, light and dark.

The pages are those of the route table: one that is added is looked at here without being named. With them
the pages of the public: the directory, a body's page, those of the law, and the page of an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from issuer.board.counting import count_again
from issuer.register.audit import check
from issuer.staff.accounts import add_account
from issuer.staff.roles import OF_A_BODY, Grant, Role
from tests.issuer.desk.settled import Settled, addresses, settle
from tests.issuer.registers import BODY, OTHER
from tests.pages.desk_serving import Desk, faults, overflow, served_desk

pytestmark = pytest.mark.browser

PHONE, DESK, NARROW = (
    {"width": 360, "height": 740},
    {"width": 1280, "height": 900},
    {"width": 320, "height": 640},
)
PUBLIC = ("/reseau", f"/o/{BODY}", "/accessibilite", "/confidentialite", "/mentions-legales")
ERRORS = ("/desk/nothing", "/desk/people/nobody")
DOWNLOADS = re.compile(r"/letter/|/sign-in-sheet|/blank-grid|/rejected|/template/")
"""What a browser downloads, or shows as a PDF: no page."""
OF_A_ROLE = frozenset({"/desk", "/desk/staff", "/desk/places", "/desk/bodies", f"/desk/bodies/{BODY}"})
"""Pages that show another thing to another role; the others are looked at once."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with served_desk(tmp_path_factory.mktemp("desk") / "scheme") as made:
        yield made


@pytest.fixture(scope="module")
def settled(desk: Desk) -> Settled:
    made = settle(desk.register, BODY)
    settle(desk.register, OTHER)
    count_again(desk.register)
    assert check(desk.register) == []
    return made


@pytest.fixture(scope="module")
def pages(desk: Desk, settled: Settled) -> list[tuple[Role, str]]:
    """Every page with a role that may see it; with each role where what is shown differs by role."""
    found: list[tuple[Role, str]] = []
    for role in (Role.TRAINER, Role.REFERENT, Role.AGENCY, Role.AUDITOR):
        mine = [one for one in addresses(desk.register, role, settled) if not DOWNLOADS.search(one)]
        seen = {one for held, one in found if one not in OF_A_ROLE}
        left = [one for one in dict.fromkeys(mine) if one not in seen]
        # The régie looks after no trainer; a référent's page of one is looked at.
        found += [(role, one) for one in left if role is not Role.AGENCY or "/staff/" not in one]
    return [*found, *((Role.TRAINER, one) for one in (*PUBLIC, *ERRORS))]


def seats(desk: Desk, settled: Settled) -> dict[Role, str]:
    accounts = {
        role: add_account(
            desk.register, "Sacha Brun", Grant(role, BODY if role in OF_A_BODY else None), actor="test"
        )
        for role in Role
    }
    return {**accounts, Role.TRAINER: settled.ids["account"]}


def test_every_page_is_here(pages: list[tuple[Role, str]]) -> None:
    """So many that a page which falls out of the list is noticed."""
    shown = {address for _, address in pages}
    assert len(shown) >= 55
    for start in (
        "bodies",
        "bodies/",
        "places",
        "places/",
        "board",
        "audit",
        "audit/",
        "staff",
        "import/",
        "looks/",
    ):
        assert any(one.startswith(f"/desk/{start}") for one in shown), start


@pytest.mark.parametrize(
    ("size", "lang", "scheme"), [(PHONE, "fr", "light"), (DESK, "en", "dark")], ids=["phone", "desk"]
)
def test_axe_finds_nothing_on_any_page_and_nothing_is_too_wide(
    desk: Desk,
    chromium: Browser,
    settled: Settled,
    pages: list[tuple[Role, str]],
    size: dict[str, int],
    lang: str,
    scheme: str,
) -> None:
    """At phone and desk width; then at 320 pixels, which is also a page of 1280 at 400 % (WCAG 1.4.10)."""
    wrong: dict[str, object] = {}
    contexts = {
        role: desk.context(
            chromium, account, viewport=size, color_scheme=scheme, locale=f"{lang}-{lang.upper()}"
        )
        for role, account in seats(desk, settled).items()
    }
    shown = {role: context.new_page() for role, context in contexts.items()}
    for role, address in pages:
        page = shown[role]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        answer = page.goto(f"{desk.url}{address}{'&' if '?' in address else '?'}lang={lang}")
        assert answer is not None
        assert answer.status == (404 if address in ERRORS else 200), (role, address)
        assert page.locator("html").get_attribute("lang") == lang
        assert page.locator("h1").count() == 1, address
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found: list[object] = [*faults(page)]
        for width in (size["width"], NARROW["width"], 640):  # 640: 1280 pixels at 200 %
            page.set_viewport_size({"width": width, "height": 640})
            if overflow(page) > 0:
                found.append(("too wide", width, overflow(page)))
        if found:
            wrong[f"{role} {address}"] = found
    for context in contexts.values():
        context.close()
    assert wrong == {}
