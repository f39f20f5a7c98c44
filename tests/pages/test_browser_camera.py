"""The camera of the page, before a printed sheet; photos read on the device; and ways it can fail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from passport.baking.png import bake_png
from passport.documents.sheet import render_sheet
from passport.documents.symbol import draw_symbol, symbol_png
from passport.packing import pack
from tests import node
from tests.documents import samples
from tests.documents.poppler import picture_of
from tests.pages.conftest import ARGUMENTS, CHROMIUM
from tests.pages.devices import PHONE, Device, landed
from tests.pages.serving import Counter, served
from tests.pages.test_checking_browser import faults, no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.poppler]

COUNTER = Counter.make()
TOKEN = COUNTER.town.issue()
# A phone whose browser reads QR codes by itself: not Chromium on Linux, so that its answer is given.
OWN_READER = """window.BarcodeDetector = class {
    static getSupportedFormats = async () => ["qr_code"];
    looked = 0;
    detect = async source => (++this.looked > 2 ? [{rawValue: "%s"}] : []);
}"""


def before_a_camera(sheet: bytes, folder: Path) -> bytes:
    """Return a frame of 1280 × 720 that shows the QR of a printed sheet, a little turned and soft."""
    page = picture_of(sheet, folder, dpi=250).convert("RGB")
    (found,) = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    middle = (found.position.top_left.x + found.position.bottom_right.x) // 2
    centre = (found.position.top_left.y + found.position.bottom_right.y) // 2
    turned = page.rotate(7, center=(middle, centre), fillcolor="white")
    seen = turned.crop((middle - 640, centre - 360, middle + 640, centre + 360))
    out = io.BytesIO()
    seen.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=80)
    return out.getvalue()


def video(folder: Path, name: str, frame: bytes) -> Path:
    path = folder / f"{name}.mjpeg"
    path.write_bytes(frame * 10)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    node.bundle()
    return tmp_path_factory.mktemp("camera")


@pytest.fixture(scope="module")
def photo(folder: Path) -> bytes:
    symbol = draw_symbol("https://passeport.example/v#", pack(TOKEN))
    return before_a_camera(render_sheet(samples.content(), symbol), folder)


@pytest.fixture(scope="module")
def engine() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


def launched(engine: BrowserType, path: Path | None) -> Browser:
    asked = ["--use-fake-ui-for-media-stream"]
    if path is not None:
        asked += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"]
    return engine.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *asked])


@pytest.fixture(scope="module")
def chromium(engine: BrowserType, folder: Path, photo: bytes) -> Iterator[Browser]:
    browser = launched(engine, video(folder, "sheet", photo))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(COUNTER.app(on_device=True)) as address:
        yield address


@pytest.fixture
def device(chromium: Browser) -> Iterator[Device]:
    made = Device.of(chromium, COUNTER)
    yield made
    made.context.close()


def is_closed(page: Page) -> bool:
    """Tell whether nothing is watched any more."""
    return bool(
        page.evaluate("window.tracks.length > 0 && window.tracks.every(t => t.readyState === 'ended')")
    )


def watch_tracks(context: BrowserContext) -> None:
    context.add_init_script("""window.tracks = [];
        const known = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async asked => {
            const stream = await known(asked);
            window.tracks.push(...stream.getTracks());
            return stream;
        };""")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_printed_sheet_before_the_camera_is_checked_here(url: str, device: Device, lang: str) -> None:
    watch_tracks(device.context)
    page = device.page()
    page.goto(f"{url}/v?lang={lang}")
    assert page.locator("#camera-open").is_visible()
    assert not any("decoder" in one.url or "camera" in one.url for one in device.asked)
    page.click("#camera-open")
    landed(page, "valid")
    assert page.evaluate("document.activeElement.id") == "verdict"
    assert is_closed(page)
    assert device.posts == []
    assert device.faults == []
    own = {f"{url}/", "https://passeport.example/"}
    assert all(one.url.startswith(tuple(own)) for one in device.asked)


def test_a_browser_with_a_reader_of_its_own_loads_none_of_ours(url: str, device: Device) -> None:
    device.context.add_init_script(OWN_READER % f"https://ailleurs.example/v#{pack(TOKEN)}")
    page = device.page()
    page.goto(f"{url}/v?lang=fr")
    page.click("#camera-open")
    landed(page, "valid")
    assert not any("decoder" in one.url for one in device.asked)
    assert "ailleurs" not in " ".join(one.url for one in device.asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_another_qr_is_not_opened_and_the_camera_can_be_closed(
    engine: BrowserType, folder: Path, url: str, scheme: Any
) -> None:
    picture = Image.open(
        io.BytesIO(symbol_png(draw_symbol("https://autre.example/v#", "1" * 40), module_px=6))
    )
    frame = Image.new("RGB", (1280, 720), "white")
    frame.paste(picture.convert("RGB"), (400, 100))
    out = io.BytesIO()
    frame.save(out, "JPEG")
    browser = launched(engine, video(folder, f"other-{scheme}", out.getvalue()))
    for lang, size in (("fr", PHONE), ("en", {"width": 1280, "height": 900})):
        device = Device.of(browser, COUNTER, viewport=size, color_scheme=scheme)
        watch_tracks(device.context)
        page = device.page()
        page.goto(f"{url}/v?lang={lang}")
        assert faults(page) == []
        page.click("#camera-open")
        said = "pas celui d’une attestation" if lang == "fr" else "not one of an attestation"
        expect(page.locator("#camera-said")).to_contain_text(said, timeout=15_000)
        assert page.evaluate("document.activeElement.id") == "camera-close"
        assert faults(page) == []
        assert no_sideways_scroll(page)
        page.keyboard.press("Enter")
        assert page.locator("#camera-open").is_visible()
        assert not page.locator("video").is_visible()
        assert page.evaluate("document.activeElement.id") == "camera-open"
        assert is_closed(page)
        assert not any("autre.example" in one.url for one in device.asked)
        device.context.close()
    browser.close()


def test_a_machine_without_a_camera_says_so_and_shows_other_ways(engine: BrowserType, url: str) -> None:
    browser = launched(engine, None)
    device = Device.of(browser, COUNTER)
    page = device.page()
    page.goto(f"{url}/v?lang=fr")
    page.click("#camera-open")
    expect(page.locator("#camera-said")).to_contain_text("Envoyez une photo du papier, ou tapez le code")
    assert page.locator("#code").is_visible()
    assert faults(page) == []
    device.context.close()
    browser.close()


def test_a_refused_camera_is_said_in_plain_words(url: str, device: Device) -> None:
    device.context.add_init_script("""navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException("Permission denied", "NotAllowedError");
    }""")
    page = device.page()
    page.goto(f"{url}/v?lang=fr")
    page.click("#camera-open")
    expect(page.locator("#camera-said")).to_contain_text("Autorisez-le dans les réglages du navigateur")
    assert faults(page) == []


def test_a_decoder_that_cannot_be_had_is_no_dead_end(url: str, device: Device) -> None:
    device.context.route("**/static/decoder.*", lambda route: route.abort())
    watch_tracks(device.context)
    page = device.page()
    page.goto(f"{url}/v?lang=fr")
    page.click("#camera-open")
    expect(page.locator("#camera-said")).to_contain_text("ne peut pas être utilisé ici")
    assert is_closed(page)


def sent(page: Page, name: str, kind: str, data: bytes) -> None:
    page.set_input_files("#file", [{"name": name, "mimeType": kind, "buffer": data}])
    page.click("form:has(#file) button")


def test_a_photo_is_read_here_and_what_is_not_read_goes_to_the_server(
    url: str, device: Device, photo: bytes
) -> None:
    page = device.page()
    page.goto(f"{url}/v?lang=fr")
    sent(page, "photo.jpg", "image/jpeg", photo)
    landed(page, "valid")
    assert "cet appareil" in page.inner_text(".where")
    assert device.posts == []
    white = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(white, "JPEG")
    page.goto(f"{url}/v?lang=fr")
    sent(page, "blanc.jpg", "image/jpeg", white.getvalue())
    landed(page, "no_code_in_file")
    assert len(device.posts) == 1
    page.goto(f"{url}/v?lang=fr")
    badge = bake_png(white_png(), COUNTER.town.badge())
    sent(page, "badge.png", "image/png", badge)
    landed(page, "status_unavailable")  # of a list that this counter was not given
    assert "ce serveur" in page.inner_text(".where")
    assert len(device.posts) == 2
    page.goto(f"{url}/v?lang=fr")
    sent(page, "faux.png", "image/png", b"\x89PNG no picture")
    page.wait_for_selector("h1:has-text('Fichier')")
    assert len(device.posts) == 3


def white_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    return out.getvalue()


def test_only_the_worker_may_compile(url: str, device: Device) -> None:
    page = device.page()
    policies: dict[str, str] = {}
    page.on(
        "response",
        lambda answer: policies.update({answer.url: answer.headers.get("content-security-policy", "")}),
    )
    page.goto(f"{url}/v?lang=fr")
    page.click("#camera-open")
    landed(page, "valid")
    allowed = [one for one, policy in policies.items() if "wasm-unsafe-eval" in policy]
    assert [one.rpartition("/")[2].split(".")[0] for one in allowed] == ["decoder"]
    assert "camera=(self)" in page.goto(f"{url}/v").headers["permissions-policy"]  # type: ignore[union-attr]
