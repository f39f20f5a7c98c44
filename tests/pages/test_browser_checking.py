"""Checking in the browser: the same page as the server's, nothing sent, nothing believed that was kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from passport.jose import split
from passport.packing import pack
from passport.trust.envelope import LIST_TYP, sign_envelope
from passport.trust.writing import sealed_set_document, trust_list_payload
from tests import node
from tests.pages.devices import PHONE, Device, landed, source_of
from tests.pages.serving import Counter, cases, documents_of, served
from tests.pages.test_checking_browser import AXE_OPTIONS, DESK, PROFILE, WITHIN, no_sideways_scroll
from tests.town import DAY, NOON, TestKey, Town
from verifier.schemes import Schemes
from verifier.sources import Documents, FirstSource, KeptSource

pytestmark = [pytest.mark.browser, pytest.mark.node]

CASES = cases()
# What only one of the two pages says: who checked, and that the other may be asked.
SAID = """() => {
    document.querySelectorAll('details').forEach(one => one.open = true);
    document.querySelectorAll('.where, .ask').forEach(one => one.remove());
    return [document.title, document.querySelector('main').innerText.replace(/\\s+/g, ' '),
        [...document.querySelectorAll('main a, main form')].map(one => one.getAttribute('href') ?? one.action)
            .map(one => one.replace(location.origin, '')).sort(),
        [...document.querySelectorAll('main h1, main h2, main summary')].map(one => one.tagName),
        [...document.querySelectorAll('main [lang]')].map(one => one.lang),
        document.querySelectorAll('main svg').length];
}"""


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    node.bundle()


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[tuple[int, bool], str]]:
    """The address of each counter of the cases: as checked by the server, and on the device."""
    with ExitStack() as stack:
        counters = {id(counter): counter for counter, _ in CASES.values()}
        yield {
            (key, on_device): stack.enter_context(served(counter.app(on_device=on_device)))
            for key, counter in counters.items()
            for on_device in (False, True)
        }


@pytest.fixture
def counter() -> Counter:
    return Counter.make()


@pytest.fixture
def url(counter: Counter) -> Iterator[str]:
    with served(counter.app(on_device=True)) as address:
        yield address


def said(page: Page, address: str) -> Any:
    page.goto("about:blank")
    page.goto(address)
    landed(page)
    return page.evaluate(SAID)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("profile", ["", f"&profil={PROFILE}"], ids=["plain", "profile"])
def test_every_state_is_the_page_that_the_server_makes(
    chromium: Browser, addresses: dict[tuple[int, bool], str], lang: str, profile: str
) -> None:
    names = CASES if not profile else ("valid", "short", "expired", "withdrawn", "status_stale", "malformed")
    device = Device.of(chromium, CASES["valid"][0])
    page = device.page()
    for name in names:
        counter, text = CASES[name]
        device.source = source_of(counter)
        device.asked.clear()
        theirs, ours = (
            said(page, f"{addresses[id(counter), on_device]}/v?lang={lang}{profile}#{text}")
            for on_device in (False, True)
        )
        assert ours == theirs, name
        # One is the server's own page; what is unknown here is the server's to check as well.
        assert len(device.posts) == (2 if name == "unsupported" else 1), name
    device.context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_axe_finds_nothing_on_any_state(
    chromium: Browser, addresses: dict[tuple[int, bool], str], lang: str, size: Any
) -> None:
    # Four runs: each language and each size is seen in light and in dark.
    scheme = "dark" if (lang == "fr") == (size is DESK) else "light"
    device = Device.of(chromium, CASES["valid"][0], viewport=size, color_scheme=scheme)
    page = device.page()
    for name, (counter, text) in CASES.items():
        device.source = source_of(counter)
        page.goto("about:blank")
        page.goto(f"{addresses[id(counter), True]}/v?lang={lang}#{text}")
        landed(page)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
        assert [one["id"] for one in found] == [], name
        assert no_sideways_scroll(page), name
        assert page.evaluate(WITHIN), name
    device.context.close()


def test_nothing_about_the_person_is_sent_or_stays(chromium: Browser, url: str, counter: Counter) -> None:
    digits = pack(counter.town.issue())
    device = Device.of(chromium, counter, locale="fr-FR")
    page = device.page()
    page.goto(f"{url}/v#{digits}")
    landed(page, "valid")
    assert page.url == f"{url}/v"
    assert page.title() == "Attestation valide, Vérifier une attestation"
    assert page.evaluate("document.activeElement.id") == "verdict"
    assert page.locator("h1").count() == 1
    assert "Rien de l’attestation n’a été envoyé." in page.inner_text(".where")
    assert device.posts == []
    assert device.faults == []
    assert page.evaluate("history.length") <= 2
    allowed = (f"{url}/v", f"{url}/static/", f"{counter.town.scheme.url}/")
    for request in device.asked:
        assert request.url.startswith(allowed), request.url
        assert "#" not in request.url or request.is_navigation_request()
        assert not request.headers.get("referer")
    assert device.context.cookies() == []
    kept = page.evaluate("""async () => {
        const all = [];
        for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) all.push(request.url);
        }
        return [all, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length];
    }""")
    assert kept[1:] == [0, 0, 0]
    assert {one.removeprefix(counter.town.scheme.url) for one in kept[0]} == {
        "/trust/list.json",
        "/trust/1.json",
        "/trust/now.json",
        "/status/csc-marmiers.1",
    }
    device.context.close()


def test_a_second_paper_in_the_same_tab_and_the_other_language(
    chromium: Browser, url: str, counter: Counter
) -> None:
    first, second = counter.town.issue(), counter.town.issue()
    counter.town.set_status("csc-marmiers", second, 1)
    counter.renew()
    device = Device.of(chromium, counter)
    page = device.page()
    page.goto(f"{url}/v?lang=fr&profil={PROFILE}#{pack(first)}")
    landed(page, "valid")
    assert page.locator(".fit").is_visible()
    page.click("a[hreflang=en]")
    page.wait_for_selector("html[lang=en] [data-state=valid]")
    assert page.url == f"{url}/v?lang=en&profil={PROFILE}"
    assert "Answer to the profile" in page.inner_text(".fit h2")
    page.evaluate(f"location.hash = '{pack(second)}'")
    landed(page, "withdrawn")
    assert page.url == f"{url}/v?lang=en&profil={PROFILE}"
    assert device.posts == []
    device.context.close()


def test_pasted_text_is_checked_here_and_the_rest_by_the_server(
    chromium: Browser, url: str, counter: Counter
) -> None:
    token = counter.town.issue().decode()
    device = Device.of(chromium, counter)
    page = device.page()
    page.goto(f"{url}/v?lang=fr")
    expect(page.locator("#who")).to_contain_text("Cet appareil vérifie lui-même")
    page.fill("#paste", f"« https://ailleurs.example/v#{pack(counter.town.issue())} »")
    page.click("form:has(#paste) button")
    landed(page, "valid")
    assert device.posts == []
    page.goto(f"{url}/v?lang=fr")
    page.fill("#paste", "bonjour")
    page.click("form:has(#paste) button")
    landed(page, "not_an_attestation")
    page.fill("#paste", token[:-9])  # the forms came along with the answer
    page.click("form:has(#paste) button")
    landed(page, "malformed")
    assert device.posts == []
    page.goto(f"{url}/v?lang=fr")
    page.fill("#paste", f"{token}\n{counter.town.issue().decode()}")
    page.click("form:has(#paste) button")
    page.wait_for_selector("table")
    assert len(device.posts) == 1
    page.goto(f"{url}/v?lang=fr")
    page.fill("#paste", "2346-789B-CDF")
    page.click("form:has(#paste) button")
    landed(page, "code_wrong_check")
    assert len(device.posts) == 2
    device.context.close()


@pytest.mark.parametrize("lacking", ["subtle", "ECDSA", "bundle", "words"])
def test_where_the_browser_cannot_this_server_checks_and_says_so(
    chromium: Browser, url: str, counter: Counter, lacking: str
) -> None:
    device = Device.of(chromium, counter)
    if lacking == "subtle":
        device.context.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    elif lacking == "ECDSA":
        device.context.add_init_script("""{
            const known = crypto.subtle.importKey.bind(crypto.subtle);
            crypto.subtle.importKey = async (format, data, algorithm, ...rest) => {
                if (algorithm.name === "ECDSA") throw new DOMException("?", "NotSupportedError");
                return known(format, data, algorithm, ...rest);
            };
        }""")
    else:
        name = "device" if lacking == "bundle" else "words-fr"
        device.context.route(f"**/static/{name}.*", lambda route: route.abort())
    page = device.page()
    page.goto(f"{url}/v?lang=fr")
    assert page.inner_text("#who").startswith("C’est ce serveur qui vérifie.")
    page.goto(f"{url}/v?lang=fr#{pack(counter.town.issue())}")
    landed(page, "valid")
    assert page.inner_text(".where").startswith("Vérifié par ce serveur")
    assert "#" not in page.url
    assert len(device.posts) == 1
    device.context.close()


def test_a_network_that_fails_is_never_called_invalid(chromium: Browser, url: str, counter: Counter) -> None:
    device = Device.of(chromium, counter)
    device.reachable = False
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{pack(counter.town.issue())}")
    landed(page, "trust_unavailable")
    assert "ni confirmé ni refusé" in page.inner_text("article")
    assert "#" not in page.url
    assert device.posts == []
    device.context.route("**/v?lang=*", lambda route: route.abort())
    page.click("#ask")
    expect(page.locator("#ask-said")).to_contain_text("n’a pas répondu")
    device.context.unroute("**/v?lang=*")
    page.click("#ask")  # the person decides that the server may read it
    landed(page, "valid")
    assert page.inner_text(".where").startswith("Vérifié par ce serveur")
    assert len(device.posts) == 2
    device.context.close()


def test_what_was_kept_is_told_from_what_is_fresh_and_grows_old(
    chromium: Browser, url: str, counter: Counter
) -> None:
    token = pack(counter.town.issue())
    left = pack(counter.town.issue("epn-ville", issued_at=NOON - 50 * DAY))
    device = Device.of(chromium, counter)
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{token}")
    landed(page, "valid")
    device.reachable = False
    page = device.page(NOON + 3 * 3600)
    page.goto(f"{url}/v?lang=fr#{token}")
    landed(page, "offline_valid")
    assert page.inner_text("h1").endswith("Authentique, état connu au 25 novembre 2026")
    assert page.locator(".verdict.attention").count() == 1
    assert "liste du 25 novembre 2026 à 12\u00a0h\u00a050" in page.inner_text(".band")
    page = device.page(NOON + 3 * 3600)
    page.goto(f"{url}/v?lang=fr#{left}")  # another body's list was never fetched
    landed(page, "offline_unknown")
    page = device.page(NOON + 2 * DAY)
    page.goto(f"{url}/v?lang=en#{token}")
    landed(page, "status_stale")
    page = device.page(NOON + 8 * DAY)
    page.goto(f"{url}/v?lang=en#{token}")
    landed(page, "trust_stale")
    assert device.posts == []
    device.context.close()


def test_each_of_several_schemes_answers_for_its_own(chromium: Browser, counter: Counter) -> None:
    town, other = counter.town, Town.make(url="https://demo.example", kind="demo")
    theirs = documents_of(other)
    unknown = Town.make(url="https://ailleurs.example")
    counter.documents = Schemes([*theirs.all, *counter.documents.all])
    sources = [one._source for one in counter.documents.all]
    with served(counter.app(on_device=True)) as address:
        device = Device.of(chromium, counter)
        device.source = FirstSource(sources)
        page = device.page()
        for token, state, specimen in (
            (town.issue(), "valid", False),
            (other.issue(), "valid", True),
            (unknown.issue(), "issuer_unknown", False),
        ):
            page.goto("about:blank")
            page.goto(f"{address}/v?lang=fr#{pack(token)}")
            landed(page, state)
            assert page.locator(".verdict > .specimen").count() == specimen
        asked = {one.url.split("/")[2] for one in device.asked if one.url.startswith("https:")}
        assert asked == {"passeport.example", "demo.example"}
        assert device.posts == []
        device.context.close()


def test_older_documents_are_refused_and_so_are_those_dated_ahead(
    chromium: Browser, url: str, counter: Counter
) -> None:
    town, token = counter.town, counter.town.issue()
    device = Device.of(chromium, counter)
    before = device.source
    town.set_status("csc-marmiers", token, 1)
    device.source = documents_of(town, status_age=60, now_age=60).all[0]._source
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{pack(token)}")
    landed(page, "withdrawn")
    device.source = before  # somebody serves yesterday's lists again
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{pack(token)}")
    landed(page, "withdrawn")
    good = town.issue()
    device.source = documents_of(town, status_age=-900, now_age=-900).all[0]._source
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{pack(good)}")
    landed(page, "offline_valid")
    device.context.close()


def test_what_is_kept_is_never_believed_unread(chromium: Browser, url: str, counter: Counter) -> None:
    stranger = Town.make()
    token = pack(counter.town.issue())
    device = Device.of(chromium, counter)
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{token}")
    landed(page, "valid")
    forged = {
        "/trust/list.json": stranger.list_document(),
        "/trust/1.json": stranger.list_document(),
        "/trust/now.json": stranger.now_document(),
        "/status/csc-marmiers.1": stranger.status_document("csc-marmiers"),
    }
    page.evaluate(
        """async documents => {
            const kept = await caches.open("passport-documents-1");
            for (const [url, text] of Object.entries(documents)) await kept.put(url, new Response(text));
        }""",
        {counter.town.scheme.url + path: document.decode() for path, document in forged.items()},
    )
    device.reachable = False
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{token}")
    landed(page, "trust_unavailable")
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{pack(stranger.issue())}")
    landed(page, "trust_unavailable")
    device.context.close()


def test_a_stolen_key_leaves_the_papers_of_its_sealed_set(chromium: Browser) -> None:
    counter = Counter.make()
    town = counter.town
    inside, outside = town.issue(), town.issue()
    town.refused = frozenset({town.bodies["csc-marmiers"].credential_key.public.thumbprint})
    digest, members = sealed_set_document([split(inside).member_digest("ES256")])
    here = town.scheme.url
    documents = {
        f"{here}/trust/list.json": town.list_document(),
        f"{here}/trust/now.json": town.now_document(sealed_sets=frozenset({digest})),
        f"{here}/trust/sets/{digest}": members,
        town.bodies["csc-marmiers"].uri: town.status_document("csc-marmiers"),
    }
    counter.documents = Schemes([Documents(KeptSource(documents), town.pin, lambda: float(NOON))])
    with served(counter.app(on_device=True)) as address:
        device = Device.of(chromium, counter)
        for reachable, good in ((True, "valid"), (False, "offline_valid")):
            device.reachable = reachable
            page = device.page()
            page.goto(f"{address}/v?lang=fr#{pack(inside)}")
            landed(page, good)
            page.goto(f"{address}/v?lang=en#{pack(outside)}")
            landed(page, "key_compromised")
        assert device.posts == []
        device.context.close()


def test_it_walks_to_new_roots_and_finds_the_way_again_without_a_network(
    chromium: Browser, url: str, counter: Counter
) -> None:
    town, token = counter.town, pack(counter.town.issue())
    here = town.scheme.url
    first, old = town.list_document(), town.root
    town.root, town.version = TestKey("r2027-1"), 2
    both = sign_envelope(trust_list_payload(town.trust_list()), typ=LIST_TYP, signers=[old, town.root])
    town.version = 3
    documents = {
        f"{here}/trust/1.json": first,
        f"{here}/trust/2.json": both,
        f"{here}/trust/3.json": town.list_document(),
        f"{here}/trust/list.json": town.list_document(),
        f"{here}/trust/now.json": town.now_document(),
        town.bodies["csc-marmiers"].uri: town.status_document("csc-marmiers"),
    }
    device = Device.of(chromium, counter)
    device.source = KeptSource(documents)  # the page goes on handing over the first roots
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{token}")
    landed(page, "valid")
    device.reachable = False
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{token}")
    landed(page, "offline_valid")
    device.context.close()


def test_the_page_is_light(chromium: Browser, addresses: dict[tuple[int, bool], str]) -> None:
    counter, text = CASES["valid"]  # 21 competences: the longest there is
    device = Device.of(chromium, counter)
    page = device.page()
    wire = device.context.new_cdp_session(page)
    wire.send("Network.enable")
    loaded: dict[str, float] = {}
    names: dict[str, str] = {}
    wire.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]}))
    wire.on("Network.loadingFinished", lambda e: loaded.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto(f"{addresses[id(counter), True]}/v?lang=fr#{text}")
    landed(page, "valid")
    page.wait_for_load_state("networkidle")
    by_name = {names[one].split("#")[0].rpartition("/")[2]: int(size) for one, size in loaded.items()}
    print(f"\nverdict page, everything over the wire: {sum(by_name.values())} bytes", json.dumps(by_name))
    assert len(by_name) >= 9
    assert sum(by_name.values()) < 60_000, by_name
    assert {one.split("/")[2] for one in names.values()} <= {
        addresses[id(counter), True].split("/")[2],
        "passeport.example",
    }
    device.context.close()


def test_data_of_a_paper_never_becomes_markup(chromium: Browser, url: str, counter: Counter) -> None:
    town = counter.town
    town.change_body("csc-marmiers", name="<img src=x onerror=document.title=1>{issuer}&amp;")
    counter.renew()
    device = Device.of(chromium, counter)
    page = device.page()
    page.goto(f"{url}/v?lang=fr#{pack(town.issue())}")
    landed(page, "valid")
    assert page.locator("main img").count() == 0
    assert "<img src=x onerror=document.title=1>{issuer}&amp;" in page.inner_text(".seen")
    assert page.title().startswith("Attestation valide")
    # Trusted Types: a text cannot become a tree by a slip, whoever writes the line.
    slip = (
        "() => { try { document.body.innerHTML = '<b>x</b>'; return 'taken' } catch (e) { return e.name } }"
    )
    assert page.evaluate(slip) == "TypeError"
    device.context.close()
