"""The HTML twins in a real browser: accessibility, small screens, the symbol on screen and on paper."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from passport.documents.content import BodyLine
from passport.documents.symbol import Symbol, draw_symbol
from passport.documents.twin import render_card_twin, render_twin
from tests.documents import samples
from tests.documents.poppler import QR
from tests.documents.test_prints import png
from tests.pages.test_checking_browser import DESK, NARROW, PHONE, faults, no_sideways_scroll

pytestmark = pytest.mark.browser

TEXT = samples.URL + samples.DIGITS
VERSION_12 = samples.DIGITS + samples.DIGITS[:100]
LONG = samples.attestation(samples.ALL, given="Anne-" * 12 + "Maria", family="Wołodkowicz-Montbéliard")


def twins(symbol: Symbol | None = None, check_url: str = TEXT) -> dict[str, bytes]:
    logo = BodyLine("Régie numérique du bassin", "Atelier du lavoir", png())
    contents = {
        "one": samples.content(samples.attestation({"1.1": 2}), seal_name="Ville d’Essai"),
        "three": samples.content(body=logo, specimen=True),
        "all": samples.content(samples.attestation(samples.ALL), lang="en"),
        "long": samples.content(LONG, specimen=True),
        "decouverte": samples.content(samples.attestation({"D1": 1, "D2": 2}, known="decouverte")),
    }
    made = {}
    for name, content in contents.items():
        made[name] = render_twin(content, symbol or samples.symbol(), check_url=check_url)
        made[f"{name}.card"] = render_card_twin(content, symbol or samples.symbol(), check_url=check_url)
    return made


def opened(chromium: Browser, html: bytes, folder: Path, **how: Any) -> Page:
    path = folder / "twin.html"
    path.write_bytes(html)
    page = chromium.new_page(**how)
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing(chromium: Browser, size: dict[str, int], scheme: str, tmp_path: Path) -> None:
    for name, html in twins().items():
        page = opened(chromium, html, tmp_path, viewport=size, color_scheme=scheme)
        assert faults(page) == [], name
        assert no_sideways_scroll(page), name
        page.close()


def test_narrow_screens_and_text_at_200_percent(chromium: Browser, tmp_path: Path) -> None:
    symbol = draw_symbol(samples.URL, VERSION_12)
    for name, html in twins(symbol).items():
        page = opened(chromium, html, tmp_path, viewport=NARROW)
        assert no_sideways_scroll(page), name
        page.set_viewport_size({"width": 640, "height": 640})
        page.evaluate("document.documentElement.style.fontSize = '225%'")
        assert no_sideways_scroll(page), name
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["three", "three.card"])
def test_the_symbol_on_a_screen_is_read_and_its_modules_are_whole(
    chromium: Browser, kind: str, scheme: str, tmp_path: Path
) -> None:
    page = opened(chromium, twins()[kind], tmp_path, viewport=PHONE, color_scheme=scheme)
    picture = Image.open(io.BytesIO(page.locator(".tile svg").screenshot())).convert("L")
    assert [found.text for found in zxingcpp.read_barcodes(picture, formats=QR)] == [TEXT]
    assert picture.getpixel((2, 2)) == 255  # the quiet zone is white on a dark page too
    modules = samples.symbol().size + 8
    assert picture.width == 4 * modules
    inside = picture.crop((2, 2, picture.width - 2, picture.width - 2))
    assert {value for _, value in inside.getcolors() or ()} == {0, 255}  # no edge lies between two pixels
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
    assert TEXT in [found.text for found in zxingcpp.read_barcodes(whole, formats=QR)]
    page.close()


def test_colours_of_the_system_leave_the_symbol_alone(chromium: Browser, tmp_path: Path) -> None:
    page = opened(
        chromium, twins()["one"], tmp_path, viewport=DESK, color_scheme="dark", forced_colors="active"
    )
    picture = Image.open(io.BytesIO(page.locator(".tile svg").screenshot())).convert("L")
    assert [found.text for found in zxingcpp.read_barcodes(picture, formats=QR)] == [TEXT]
    assert picture.getpixel((2, 2)) == 255
    page.close()


@pytest.mark.poppler
@pytest.mark.parametrize(
    ("kind", "digits", "wide"),
    [
        ("one", samples.DIGITS, 40.0),
        ("all", samples.DIGITS, 40.0),
        ("three", VERSION_12, 44.0),
        ("one.card", samples.DIGITS, 34.0),
        ("long.card", samples.DIGITS, 34.0),
    ],
)
def test_the_symbol_on_paper_is_read_and_has_its_width(
    chromium: Browser, kind: str, digits: str, wide: float, tmp_path: Path
) -> None:
    html = twins(draw_symbol(samples.URL, digits), samples.URL + digits)[kind]
    page = opened(chromium, html, tmp_path, color_scheme="dark")
    source = tmp_path / "printed.pdf"
    source.write_bytes(page.pdf(prefer_css_page_size=True))
    page.close()
    subprocess.run(["pdftoppm", "-r", "254", "-gray", "-png", source, tmp_path / "page"], check=True)
    pages = [Image.open(path).convert("L") for path in sorted(tmp_path.glob("page*.png"))]
    assert pages[0].size == pytest.approx((2100, 2970), abs=2)
    (found,) = [code for one in pages for code in zxingcpp.read_barcodes(one, formats=QR)]
    assert found.text == samples.URL + digits
    across = found.position.top_right.x - found.position.top_left.x
    assert across / 10 == pytest.approx(wide, abs=0.4)  # 254 dots an inch: 10 a millimetre


def test_a_hostile_twin_runs_nothing_and_asks_for_nothing(chromium: Browser, tmp_path: Path) -> None:
    hostile = (
        "<script>document.title='run'</script><img src='http://127.0.0.1:9/x' onerror='document.title=1'>"
    )
    content = replace(samples.content(), holder_name=hostile, code=hostile, domain=hostile, notice=hostile)
    path = tmp_path / "hostile.html"
    path.write_bytes(render_twin(content, samples.symbol(), check_url=TEXT))
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    assert page.title() == f"{content.title}, {hostile}"
    assert hostile in page.inner_text("h1")
    page.close()


def test_the_policy_of_a_twin_stops_what_would_slip_through(chromium: Browser, tmp_path: Path) -> None:
    html = twins()["one"].replace(
        b"<main>", b"<main><script>document.title='run'</script><img src='http://127.0.0.1:9/x'>"
    )
    asked: list[str] = []
    page = chromium.new_page()
    page.on("requestfinished", lambda request: asked.append(request.url))
    path = tmp_path / "slipped.html"
    path.write_bytes(html)
    page.goto(path.as_uri())
    assert page.title() != "run"
    assert asked == [path.as_uri()]
    page.close()
