"""Without a network, after one visit: the server is really gone. And what a phone keeps, and lets go of."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from passport.packing import pack
from tests import node
from tests.pages.devices import PHONE, landed, source_of
from tests.pages.serving import Counter, documents_of, served
from tests.pages.test_checking_browser import PROFILE, faults
from tests.town import DAY, NOON, Town
from verifier.schemes import Schemes
from verifier.sources import Documents, KeptSource, SourceError
from verifier.web.app import create_app
from verifier.web.settings import CheckingSettings

pytestmark = [pytest.mark.browser, pytest.mark.node]

KEPT = """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async name =>
    [name, (await (await caches.open(name)).keys()).map(one => one.url.replace(location.origin, ''))])))"""

REPLACED = """async before => {
    for (;;) {
        const names = (await caches.keys()).filter(name => name.startsWith("passport-page-"));
        if (names.length === 1 && names[0] !== before) return;
        await new Promise(resolve => setTimeout(resolve, 50));
    }
}"""


@dataclass
class Place:
    """A page and its scheme under one address, which can be closed and opened again."""

    counter: Counter
    port: int
    settings: CheckingSettings = field(default_factory=CheckingSettings)
    stack: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def make(cls) -> Place:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        town = Town.make(url=f"http://127.0.0.1:{port}", kind="demo")
        return cls(Counter(town, documents_of(town)), port)

    @property
    def url(self) -> str:
        return self.counter.town.scheme.url

    def open(self) -> None:
        checking = create_app(
            self.settings, documents=self.counter.documents, codes=None, clock=lambda: float(NOON)
        )

        async def both(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"].startswith(("/trust/", "/status/")):
                await self.document(Request(scope))(scope, receive, send)
            else:
                await checking(scope, receive, send)

        self.stack.enter_context(served(both, port=self.port))

    def document(self, request: Request) -> Response:
        try:
            return Response(source_of(self.counter).fetch(self.url + request.url.path))
        except SourceError:
            return Response(status_code=404)

    def close(self) -> None:
        self.stack.close()


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    node.bundle()


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place.make()
    made.open()
    yield made
    made.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE, locale="fr-FR")
    yield context
    context.close()


Opens = Callable[..., Page]


@pytest.fixture
def opens(phone: BrowserContext) -> Opens:
    def opening(address: str, at: int = NOON) -> Page:
        page = phone.new_page()
        page.clock.set_fixed_time(at)
        page.goto(address)
        return page

    return opening


def kept(page: Page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.evaluate(KEPT)
    return found


def settled(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=10_000)


def test_one_visit_is_enough_for_both_languages(place: Place, opens: Opens) -> None:
    town = place.counter.town
    first, second = pack(town.issue()), pack(town.issue())
    other = pack(town.issue(framework="decouverte", levels={"D1": 2}))
    page = opens(f"{place.url}/v?lang=fr#{first}")
    landed(page, "valid")
    settled(page)
    place.close()
    page.reload()  # the kept page, ready for another paper
    expect(page.locator("#who")).to_contain_text("Cet appareil")
    page.fill("#paste", second)
    page.click("form:has(#paste) button")
    landed(page, "offline_valid")
    assert page.inner_text("h1").endswith("état connu au 25 novembre 2026")
    assert faults(page) == []
    page.click("a[hreflang=en]")
    page.wait_for_selector("html[lang=en] [data-state=offline_valid]")
    assert page.inner_text("h1").endswith("status known on 25 November 2026")
    assert faults(page) == []
    for path, lang in (("/v", "fr"), ("/", "fr"), ("/v?lang=en", "en"), (f"/v?profil={PROFILE}", "fr")):
        page = opens(f"{place.url}{path}#{other}")
        landed(page, "offline_valid")
        assert page.get_attribute("html", "lang") == lang
        assert "#" not in page.url
    page = opens(f"{place.url}/v?lang=fr#{first}", NOON + 2 * DAY)
    landed(page, "status_stale")


def test_a_profile_in_the_address_holds_on_the_kept_page(place: Place, opens: Opens) -> None:
    digits = pack(place.counter.town.issue())
    page = opens(f"{place.url}/v?lang=fr")
    settled(page)
    page.goto(f"{place.url}/v?lang=fr&profil={PROFILE}")
    online = (
        page.inner_text(".asked"),
        page.locator("a[href], form").evaluate_all(
            "all => all.map(one => one.getAttribute('href') ?? one.getAttribute('action'))"
        ),
    )
    place.counter.documents.trust()
    page.goto(f"{place.url}/v?lang=fr#{digits}")
    landed(page, "valid")
    place.close()
    page.goto(f"{place.url}/v?lang=fr&profil={PROFILE}")
    expect(page.locator(".asked li")).to_have_count(3)
    offline = (
        page.inner_text(".asked"),
        page.locator("a[href], form").evaluate_all(
            "all => all.map(one => one.getAttribute('href') ?? one.getAttribute('action'))"
        ),
    )
    assert offline[0] == online[0]
    # But for the link that offers to make a profile, which a page with one does not show.
    assert [one for one in offline[1] if not one.startswith("/profil?lang=fr&profil=" + PROFILE)] == [
        one for one in online[1] if not one.startswith("/profil?lang=fr&profil=" + PROFILE)
    ]
    page.evaluate(f"location.hash = '{digits}'")
    landed(page, "offline_valid")
    assert page.locator(".fit").is_visible()


def test_nothing_of_a_person_is_kept(place: Place, opens: Opens, phone: BrowserContext) -> None:
    town = place.counter.town
    token = town.issue()
    digits = pack(token)
    page = opens(f"{place.url}/v?lang=fr&profil={PROFILE}#{digits}")
    landed(page, "valid")
    settled(page)
    page.goto(f"{place.url}/v?lang=fr#{digits}")
    landed(page, "valid")
    page.goto(f"{place.url}/v?lang=fr")
    page.set_input_files("#file", [{"name": "a.jwt", "mimeType": "text/plain", "buffer": token}])
    page.click("form:has(#file) button")
    landed(page, "valid")
    page.goto(f"{place.url}/v?lang=fr")
    everything = kept(page)
    assert {name.rpartition("-")[0] for name in everything} == {"passport-page", "passport-documents"}
    for name, urls in everything.items():
        for one in urls:
            assert not one.startswith("/v?") or one in {"/v?lang=fr", "/v?lang=en"}, (name, one)
            assert digits[:40] not in one
            assert "profil" not in one
    told = page.evaluate("""async () => {
        let all = "";
        for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const one of await cache.keys()) all += await (await cache.match(one)).text();
        }
        return all;
    }""")
    assert "Zoé" not in told
    assert digits[:60] not in told
    assert phone.cookies() == []


def test_a_change_of_the_page_replaces_what_is_kept(place: Place, opens: Opens) -> None:
    page = opens(f"{place.url}/v?lang=fr")
    settled(page)
    before = {name for name in kept(page) if name.startswith("passport-page-")}
    assert len(before) == 1
    place.close()
    place.settings = replace(place.settings, contact="Autre réseau, 01 98 00 00 00")
    place.open()
    page.goto(f"{place.url}/v?lang=fr")
    page.evaluate(REPLACED, before.pop())
    place.close()
    page = opens(f"{place.url}/v?lang=fr")
    assert "Autre réseau" in page.inner_text("footer")


def test_it_can_be_installed(place: Place, opens: Opens) -> None:
    page = opens(f"{place.url}/v?lang=fr")
    settled(page)
    wire = page.context.new_cdp_session(page)
    manifest = wire.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert "Vérifier une attestation" in manifest["data"]
    faults = [one["errorId"] for one in wire.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert [one for one in faults if one != "in-incognito"] == []


def test_an_unknown_scheme_gives_no_worker(place: Place, opens: Opens) -> None:
    unknown = Schemes([Documents(KeptSource({}), place.counter.town.pin, lambda: float(NOON))])
    with TestClient(create_app(CheckingSettings(), documents=unknown, codes=None)) as client:
        assert client.get("/worker.js").status_code == 503
    with TestClient(
        create_app(CheckingSettings(on_device=False), documents=place.counter.documents, codes=None)
    ) as client:
        assert client.get("/worker.js").status_code == 404
        assert "manifest" not in client.get("/v").text
