"""The QR symbol, held against `qrcode` (same matrix, same penalty) and read by zxing-cpp."""

from __future__ import annotations

import io
import random
import re
import struct

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode import QRCode, util

from passport.documents import codewords, modules
from passport.documents.symbol import (
    QUIET_ZONE,
    Symbol,
    draw_symbol,
    print_width_mm,
    symbol_png,
    symbol_svg,
)
from passport.errors import PassportError

# Chance black and white of a big symbol is now and then read as a linear code too.
QR = zxingcpp.BarcodeFormat.QRCode
URL = "https://passeport.example.org/v#"
# Digits that give each version with the address above.
DIGITS_FOR_VERSION = {4: 65, 5: 110, 6: 150, 7: 190, 8: 270, 9: 330, 10: 400, 11: 470, 12: 560}


def digits(count: int, seed: int = 7) -> str:
    return "".join(random.Random(seed).choices("0123456789", k=count))


def matrix(symbol: Symbol) -> list[list[bool]]:
    return [[symbol.at(row, col) for col in range(symbol.size)] for row in range(symbol.size)]


def peer(text: str, mask: int | None = None) -> QRCode:
    code = QRCode(mask_pattern=mask)
    code.add_data(text)
    code.make()
    return code


def read(png: bytes) -> list[str]:
    with Image.open(io.BytesIO(png)) as picture:
        return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"), formats=QR)]


@pytest.mark.parametrize(("version", "count"), DIGITS_FOR_VERSION.items())
def test_symbol_is_the_one_of_qrcode_under_every_mask(version: int, count: int) -> None:
    payload = digits(count)
    for mask in modules.MASKS:
        symbol = draw_symbol(URL, payload, mask=mask)
        code = peer(URL + payload, mask)
        assert symbol.version == code.version == version
        assert matrix(symbol) == [[bool(dark) for dark in row] for row in code.modules]


@pytest.mark.parametrize(("version", "count"), DIGITS_FOR_VERSION.items())
def test_penalty_is_that_of_the_standard_and_the_choice_is_no_worse(version: int, count: int) -> None:
    for seed in range(3):
        payload = digits(count, seed)
        symbol = draw_symbol(URL, payload)
        data = modules.placed(codewords.codeword_bits(URL, payload, version=version), version)
        points = [modules.penalty(modules.masked(data, version, mask), version) for mask in modules.MASKS]
        assert points[symbol.mask] == min(points) == util.lost_point(matrix(symbol))
        assert util.lost_point(matrix(symbol)) <= util.lost_point(peer(URL + payload).modules)


def test_each_rule_of_the_penalty_counts_as_in_qrcode() -> None:
    # A drawn symbol rarely has long runs or an uneven share of dark; noise of every density has.
    source = random.Random(11)
    for density in (0.05, 0.3, 0.5, 0.7, 0.95):
        grid = [[source.random() < density for _ in range(33)] for _ in range(33)]
        bits = "".join("".join("1" if dark else "0" for dark in row) + "0" for row in grid)
        assert modules.penalty(int(bits, 2), 4) == util.lost_point(grid)


@settings(max_examples=300, deadline=None)
@given(
    host=st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]\.[a-z]{2,6}", fullmatch=True),
    payload=st.integers(60, 540).flatmap(
        lambda count: st.integers(0, 10**count - 1).map(lambda number: str(number).zfill(count))
    ),
)
def test_every_symbol_is_read_back_to_the_same_text(host: str, payload: str) -> None:
    url = f"https://{host}/v#"
    symbol = draw_symbol(url, payload)
    assert 3 <= symbol.version <= 12
    assert symbol.version <= peer_version(url + payload)
    assert read(symbol_png(symbol, module_px=3)) == [url + payload]


def peer_version(text: str) -> int:
    code = QRCode()
    code.add_data(text)
    return int(code.version)


def test_a_symbol_above_version_12_is_refused() -> None:
    longest = next(n for n in range(700, 500, -1) if _fits(n))
    assert draw_symbol(URL, digits(longest)).version == 12
    with pytest.raises(PassportError) as refused:
        draw_symbol(URL, digits(longest + 1))
    assert refused.value.code == "qr_too_large"
    assert peer_version(URL + digits(longest + 1)) == 13


def _fits(count: int) -> bool:
    try:
        draw_symbol(URL, digits(count))
    except PassportError:
        return False
    return True


@pytest.mark.parametrize(
    ("url", "payload"),
    [("", "1"), ("https://é.fr/#", "1"), (URL, ""), (URL, "12a"), (URL, "١٢٣"), (URL, "²")],
)
def test_a_text_that_the_two_segments_cannot_hold_is_refused(url: str, payload: str) -> None:
    with pytest.raises(PassportError) as refused:
        draw_symbol(url, payload)
    assert refused.value.code == "qr_text"


def test_printed_width_is_40_mm_and_44_for_version_12() -> None:
    assert print_width_mm(draw_symbol(URL, digits(470))) == 40.0
    assert print_width_mm(draw_symbol(URL, digits(560))) == 44.0


def test_png_is_one_bit_whole_pixels_and_prints_at_its_width() -> None:
    symbol = draw_symbol(URL, digits(470))
    png = symbol_png(symbol, module_px=7, quiet=4)
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        assert picture.mode == "1"
        assert picture.size == (69 * 7, 69 * 7)
        for row in range(symbol.size):
            for col in range(symbol.size):
                pixel = picture.getpixel(((col + 4) * 7 + 3, (row + 4) * 7 + 6))
                assert (pixel == 0) is symbol.at(row, col)
        assert picture.getbbox() == (0, 0, 69 * 7, 69 * 7)
    per_metre = struct.unpack(">I", png[png.index(b"pHYs") + 4 :][:4])[0]
    assert symbol.size * 7 / per_metre == pytest.approx(0.040, rel=1e-4)


def test_svg_path_covers_exactly_the_dark_modules() -> None:
    symbol = draw_symbol(URL, digits(200))
    svg = symbol_svg(symbol, title="QR & code")
    assert svg.count("<path") == 1
    assert "<title>QR &amp; code</title>" in svg
    assert f'viewBox="0 0 {symbol.size + 8} {symbol.size + 8}"' in svg
    dark = set()
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", svg):
        assert length == back
        dark |= {(int(y) - QUIET_ZONE, int(x) - QUIET_ZONE + at) for at in range(int(length))}
    assert dark == {(r, c) for r in range(symbol.size) for c in range(symbol.size) if symbol.at(r, c)}


def test_a_module_outside_the_symbol_does_not_exist() -> None:
    symbol = draw_symbol(URL, digits(100))
    for row, col in ((-1, 0), (0, -1), (symbol.size, 0), (0, symbol.size)):
        with pytest.raises(IndexError):
            symbol.at(row, col)


def test_a_png_of_no_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match="module_px"):
        symbol_png(draw_symbol(URL, "1"), module_px=0)
