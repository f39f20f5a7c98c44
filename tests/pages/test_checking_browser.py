"""The checking counter in a real browser: the QR's landing, accessibility, small screens, no script."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from passport.documents.symbol import draw_symbol, symbol_png
from passport.packing import pack
from passport.typed_code import format_code
from tests.pages.serving import Counter, cases, served

pytestmark = pytest.mark.browser

PHONE, DESK, NARROW = (
    {"width": 360, "height": 740},
    {"width": 1280, "height": 900},
    {"width": 320, "height": 640},
)
CASES = cases()
PROFILE = "digcomp-3.0:1.1-2,2.1-8,5.4-1"
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[int, str]]:
    """The address of each counter of the cases, all served at once."""
    with ExitStack() as stack:
        counters = {id(counter): counter for counter, _ in CASES.values()}
        yield {key: stack.enter_context(served(counter.app())) for key, counter in counters.items()}


@pytest.fixture
def counter() -> Counter:
    return Counter.make()


@pytest.fixture
def url(counter: Counter) -> Iterator[str]:
    with served(counter.app()) as address:
        yield address


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


# The card hides what sticks out of it: a long word would be cut without a sign.
WITHIN = "[...document.querySelectorAll('.verdict')].every(e => e.scrollWidth <= e.clientWidth)"


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def several(counter: Counter) -> list[Any]:
    """A good paper, and a file that cannot be read."""
    kind = {"mimeType": "application/octet-stream"}
    return [
        {"name": "bonne.jwt", "buffer": counter.town.issue(), **kind},
        {
            "name": "un fichier au nom bien long, tel que les gens les appellent.png",
            "buffer": b"\x89PNG",
            **kind,
        },
    ]


def landed(page: Page) -> None:
    page.wait_for_selector("#verdict", timeout=10_000)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_axe_finds_nothing_on_any_state(
    chromium: Browser, addresses: dict[int, str], lang: str, size: dict[str, int]
) -> None:
    # Four runs: each language and each size is seen in light and in dark.
    scheme: Any = "dark" if (lang == "fr") == (size is DESK) else "light"
    page = chromium.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    for name, (counter, text) in CASES.items():
        page.goto("about:blank")
        page.goto(f"{addresses[id(counter)]}/v?lang={lang}#{text}")
        landed(page)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert faults(page) == [], name
        assert no_sideways_scroll(page), name
    page.close()


@pytest.mark.parametrize(("lang", "scheme"), [("fr", "light"), ("en", "dark")])
def test_axe_finds_nothing_on_tables_and_profiles(
    chromium: Browser, url: str, counter: Counter, lang: str, scheme: Any
) -> None:
    page = chromium.new_page(viewport=DESK, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{url}/v?lang={lang}&profil={PROFILE}")
    assert faults(page) == []
    page.set_input_files("#file", several(counter))
    page.click("form:has(#file) button")
    page.wait_for_selector("table")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for size in (DESK, PHONE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert faults(page) == [], size
        assert no_sideways_scroll(page), size
    for path in (
        f"/profil?lang={lang}&profil={PROFILE}",
        f"/profil?lang={lang}&cadre=decouverte&D1=",
        "/v?profil=x",
    ):
        page.goto(url + path)
        assert faults(page) == [], path
        assert no_sideways_scroll(page), path
    page.close()


def test_a_line_of_the_table_leads_to_its_details_with_keys_alone(
    chromium: Browser, url: str, counter: Counter
) -> None:
    page = chromium.new_page(viewport=DESK)  # type: ignore[arg-type]
    page.goto(f"{url}/v?lang=fr")
    page.set_input_files("#file", several(counter))
    page.press("form:has(#file) button", "Enter")
    page.wait_for_selector("table")
    assert page.evaluate("document.activeElement.id") == "verdict"
    order = []
    while "SUMMARY" not in order:
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.hash || document.activeElement.tagName"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", order
    assert order == ["#d2", "#d1", "BUTTON", "SUMMARY"]
    page.locator("a[href='#d1']").focus()
    page.keyboard.press("Enter")
    assert page.locator("#d1[open] .verdict").is_visible()
    assert not page.locator("#d2 .verdict").is_visible()
    assert page.url.endswith("#d1")
    assert page.locator("table").count() == 1
    page.close()


def test_a_page_with_everything_it_loads_is_light(chromium: Browser, addresses: dict[int, str]) -> None:
    counter, text = CASES["valid"]  # 21 competences: the longest there is
    address = addresses[id(counter)]
    page = chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
    loaded: dict[str, int] = {}
    page.on("response", lambda answer: loaded.update({answer.url: len(answer.body())}))
    for path, most in (("/?lang=fr", 40_000), (f"/v?lang=fr#{text}", 60_000), ("/profil?lang=fr", 60_000)):
        loaded.clear()
        page.goto("about:blank")
        page.goto(address + path)
        if "#" in path:
            landed(page)
        page.wait_for_load_state("networkidle")
        assert all(one.startswith(address) for one in loaded)
        assert 0 < sum(loaded.values()) < most, loaded
    assert page.context.cookies() == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_axe_finds_nothing_on_forms_codes_and_errors(
    chromium: Browser, url: str, counter: Counter, lang: str, scheme: Any
) -> None:
    known = format_code(counter.add_code(counter.town.issue()))
    for size in (PHONE, DESK):
        page = chromium.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        for path in ("/", "/v", "/nowhere"):
            page.goto(f"{url}{path}?lang={lang}")
            assert faults(page) == [], path
            assert no_sideways_scroll(page)
        for typed in (known, "2346-789B-CDF", "2346-78OB-CDF", "", "2222"):
            page.goto(f"{url}/v?lang={lang}")
            page.fill("#code", typed)
            page.click("form:has(#code) button")
            page.wait_for_load_state()
            assert faults(page) == [], typed
        page.goto(f"{url}/v?lang={lang}#{counter.town.issue().decode()}")
        landed(page)
        assert faults(page) == []
        page.close()


def test_the_fragment_is_posted_and_leaves_the_address(chromium: Browser, url: str, counter: Counter) -> None:
    digits = pack(counter.town.issue())
    page = chromium.new_page(viewport=PHONE, locale="fr-FR")  # type: ignore[arg-type]
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request))  # noqa: PLW0108  playwright marks it
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(f"{url}/v#{digits}")
    landed(page)
    assert page.url == f"{url}/v"
    assert page.inner_text("#verdict").endswith("Attestation valide")
    assert page.title() == "Attestation valide, Vérifier une attestation"
    assert page.evaluate("document.activeElement.id") == "verdict"
    assert page.evaluate("performance.getEntriesByType('resource').every(e => !e.name.includes('#'))")
    assert page.evaluate("history.length") <= 2
    assert errors == []
    assert {request.url.removeprefix(url).split("?")[0].split(".")[0] for request in seen} <= {
        "/v", f"/v#{digits}", "/static/style", "/static/page", "/static/icon",
    }  # fmt: skip
    assert all(digits not in request.url for request in seen if "#" not in request.url)
    posted = [request for request in seen if request.method == "POST"]
    assert len(posted) == 1
    assert not posted[0].headers.get("referer")
    assert "cookie" not in posted[0].all_headers()
    page.reload()
    assert page.locator("form").count() == 3
    page.close()


def test_a_second_scan_in_the_same_tab_is_checked_too(chromium: Browser, url: str, counter: Counter) -> None:
    first, second = counter.town.issue(), counter.town.issue()
    counter.town.set_status("csc-marmiers", second, 1)
    counter.renew()
    with served(counter.app()) as address:
        page = chromium.new_page()
        page.goto(f"{address}/v?lang=fr#{pack(first)}")
        landed(page)
        page.evaluate(f"location.hash = '{pack(second)}'")
        page.wait_for_selector("[data-state=withdrawn]")
        assert page.url == f"{address}/v?lang=fr"
        page.close()


def test_a_server_that_does_not_answer_is_never_called_invalid(
    chromium: Browser, url: str, counter: Counter
) -> None:
    page = chromium.new_page()
    page.route(
        "**/v?lang=*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.goto(f"{url}/v?lang=fr#{pack(counter.town.issue())}")
    expect(page.locator("#landing")).to_contain_text("pas répondu")
    assert "Cela ne dit rien de l’attestation." in page.inner_text("#landing")
    assert "#" not in page.url
    page.close()


def test_a_form_without_a_network_stays_and_says_so(chromium: Browser, url: str, counter: Counter) -> None:
    context = chromium.new_context(viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{url}/?lang=fr")
    code = format_code(counter.add_code(counter.town.issue()))
    context.set_offline(True)
    page.fill("#code", code)
    page.press("#code", "Enter")
    expect(page.locator("#landing")).to_contain_text("Cela ne dit rien de l’attestation.")
    expect(page.locator("#landing")).to_be_in_viewport()
    assert page.input_value("#code") == code
    context.set_offline(False)
    page.press("#code", "Enter")
    page.wait_for_selector("[data-state=code_found]")
    context.close()


def test_anchors_of_the_page_are_not_taken_for_an_attestation(chromium: Browser, url: str) -> None:
    page = chromium.new_page()
    page.goto(f"{url}/v?lang=fr")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/v?lang=fr#content")
    assert page.locator("form").count() == 3
    page.close()


def test_everything_works_without_script(
    chromium: Browser, url: str, counter: Counter, tmp_path: Path
) -> None:
    token = counter.town.issue()
    code = format_code(counter.add_code(token))
    photo = tmp_path / "photo.png"
    photo.write_bytes(symbol_png(draw_symbol("https://verif.example/v#", pack(token)), module_px=6))
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{url}/v#{pack(token)}")
    assert "Copier toute l’adresse" in page.inner_text("noscript")
    # None to the field to paste in: following it would take the attestation out of the address.
    assert [link.get_attribute("href") for link in page.locator("noscript a").all()] == ["#code", "#file"]
    page.fill("#paste", page.url)
    page.click("form:has(#paste) button")
    assert page.locator("[data-state=valid]").count() == 1
    page.click("text=Vérifier une autre attestation")
    page.fill("#code", code.lower())
    page.press("#code", "Enter")
    assert page.locator("[data-state=code_found]").count() == 1
    assert "Zoé L." in page.inner_text("main")
    page.goto(f"{url}/")
    page.set_input_files("#file", str(photo))
    page.click("form:has(#file) button")
    assert page.locator("[data-state=valid]").count() == 1
    assert not page.locator("#print").is_visible()
    assert page.locator("h1:focus").count() == 1
    page.goto(f"{url}/profil?lang=fr")
    page.select_option("select >> nth=0", "2")
    page.click("form.choices button")
    page.click("text=Vérifier avec ce profil")
    page.set_input_files("#file", [str(photo), __file__])
    page.click("form:has(#file) button")
    assert page.locator("tbody tr").count() == 2
    assert "Répond au profil" in page.inner_text("tbody tr.ok")
    page.click("#d1 summary >> nth=0")
    assert page.locator("#d1 article").is_visible()
    with page.expect_download() as download:
        page.click("text=Télécharger le tableau")
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert [row[2] for row in rows[1:]] == ["Valide", "À vérifier"]
    context.close()


def test_a_narrow_screen_and_text_at_200_percent(chromium: Browser, addresses: dict[int, str]) -> None:
    page = chromium.new_page(viewport=NARROW)  # type: ignore[arg-type]
    for name in ("valid", "replaced", "status_stale", "status_unavailable", "demo"):
        counter, text = CASES[name]
        page.goto("about:blank")
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        page.goto(f"{addresses[id(counter)]}/v?lang=fr#{text}")
        landed(page)
        assert no_sideways_scroll(page), name
        assert page.evaluate(WITHIN), name
        page.set_viewport_size({"width": 640, "height": 640})
        page.evaluate("document.documentElement.style.fontSize = '225%'")
        assert no_sideways_scroll(page), name
        assert page.evaluate(WITHIN), name
    page.close()


def test_the_verdict_is_seen_first_on_a_phone(chromium: Browser, addresses: dict[int, str]) -> None:
    for name, (counter, text) in CASES.items():
        page = chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
        page.goto(f"{addresses[id(counter)]}/v?lang=fr#{text}")
        landed(page)
        box = page.locator("#verdict").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < PHONE["height"] * 0.75, name
        page.close()


def test_keys_alone_are_enough_and_focus_is_seen(chromium: Browser, url: str) -> None:
    page = chromium.new_page(viewport=DESK)  # type: ignore[arg-type]
    page.goto(f"{url}/?lang=fr")
    reached = []
    for _ in range(11):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", reached
    assert {"code", "paste", "file", "SUMMARY"} <= set(reached)
    page.close()


def test_colours_of_the_system_and_print_keep_the_verdict(
    chromium: Browser, addresses: dict[int, str]
) -> None:
    counter, text = CASES["withdrawn"]
    page = chromium.new_page(viewport=DESK, forced_colors="active")  # type: ignore[arg-type]
    page.goto(f"{addresses[id(counter)]}/v?lang=fr#{text}")
    landed(page)
    assert page.locator(".band .icon").is_visible()
    assert "Ne pas accepter" in page.inner_text("h1")
    page.emulate_media(media="print", forced_colors="none")
    assert page.locator(".receipt").is_visible()
    assert page.locator(".reference").is_visible()
    assert not page.locator("#print").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.band')).color") == "rgb(0, 0, 0)"
    pdf = io.BytesIO(page.pdf(format="A4"))
    assert pdf.getvalue().startswith(b"%PDF")
    page.close()


def test_a_specimen_says_so_once_and_beside_the_verdict(chromium: Browser, addresses: dict[int, str]) -> None:
    counter, text = CASES["demo"]
    page = chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.goto(f"{addresses[id(counter)]}/v?lang=fr#{text}")
    landed(page)
    assert page.locator(".specimen").count() == 1
    assert "Spécimen, sans valeur" in page.inner_text(".specimen")
    page.close()
