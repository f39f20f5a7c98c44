"""The large print, the cards, the workshop and the picture for a phone: read back, measured, scanned."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from passport.documents.card import render_card, render_cards
from passport.documents.content import SheetContent
from passport.documents.large import render_large
from passport.documents.phone import PHONE_PX, render_phone_picture
from passport.documents.symbol import Symbol, draw_symbol
from passport.documents.workshop import MOST_AT_ONCE, render_workshop
from passport.errors import PassportError
from tests.documents import samples
from tests.documents.poppler import QR, info_of, pages_of, picture_of, run, text_of
from tests.documents.tree import opened

pytestmark = pytest.mark.poppler

SYMBOL = samples.symbol()
TEXT = samples.URL + samples.DIGITS
LONG = {"given": "Anne-" * 19 + "Maria", "family": "Wołodkowicz " * 8 + "Zé"}
LEVELS = {"one": {"1.1": 2}, "three": samples.THREE, "all": samples.ALL}


def people(count: int) -> list[tuple[SheetContent, Symbol]]:
    """Each with a symbol of its own."""
    drawn = []
    for at in range(count):
        said = samples.attestation(samples.THREE, given=f"Zoé {'abcdefghij'[at % 10]}")
        drawn.append((samples.content(said), draw_symbol(samples.URL, f"{at:03d}{samples.DIGITS}")))
    return drawn


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"), formats=QR)]


@pytest.mark.parametrize("dpi", [100, 200])
@pytest.mark.parametrize("levels", LEVELS.values(), ids=LEVELS)
def test_the_large_print_is_scanned_from_its_first_page(
    levels: dict[str, int], dpi: int, tmp_path: Path
) -> None:
    pdf = render_large(
        samples.content(samples.attestation(levels), specimen=True),
        SYMBOL,
        attachments=samples.attached(),
    )
    assert read(picture_of(pdf, tmp_path, dpi=dpi)) == [TEXT]
    assert len(pdf) <= 40_000


def test_the_symbol_of_the_large_print_is_40_mm_wide(tmp_path: Path) -> None:
    picture = picture_of(render_large(samples.content(), SYMBOL), tmp_path, dpi=508)
    (found,) = zxingcpp.read_barcodes(picture, formats=QR)
    width = found.position.top_right.x - found.position.top_left.x
    assert width / 20 == pytest.approx(40.0, abs=0.3)


@pytest.mark.parametrize("levels", LEVELS.values(), ids=LEVELS)
@pytest.mark.parametrize("specimen", [True, False], ids=["specimen", "real"])
def test_no_text_of_the_large_print_is_smaller_than_18_points(levels: dict[str, int], specimen: bool) -> None:
    content = samples.content(samples.attestation(levels, **LONG), specimen=specimen)
    with opened(render_large(content, SYMBOL)) as document:
        sizes = [
            float(operands[1])
            for page in document.pages
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "Tf"
        ]
    assert min(sizes) >= 18


@pytest.mark.parametrize(("levels", "pages"), [(LEVELS["one"], 4), (LEVELS["all"], 8)])
def test_the_large_print_says_all_that_the_sheet_says(
    levels: dict[str, int], pages: int, tmp_path: Path
) -> None:
    content = samples.content(samples.attestation(levels))
    pdf = render_large(content, SYMBOL)
    text = text_of(pdf, tmp_path)
    expected = [skill.sentence for skill in content.skills]
    expected += [skill.reference for skill in content.skills]
    expected += [value for _, value in content.facts]
    expected += [line for part in content.back for line in part.lines]
    expected += [*content.credits, content.title, content.holder_name, content.notice, content.yours]
    expected += [content.domain, content.code, content.check, content.address, content.compare]
    for wanted in expected:
        assert " ".join(wanted.split()) in text, wanted
    assert f"Page {pages} sur {pages}" in text
    assert pages_of(pdf, tmp_path) == pages


@pytest.mark.parametrize(
    ("given", "family"),
    [("W" * 100, "M" * 100), (LONG["given"], LONG["family"]), ("Li", "O"), ("Ελένη", "Ґалаґан-Їжакевич")],
)
def test_the_large_print_keeps_inside_its_page_and_above_its_foot(
    given: str, family: str, tmp_path: Path
) -> None:
    content = samples.content(samples.attestation(samples.ALL, given=given, family=family))
    pdf = render_large(content, SYMBOL)
    text = text_of(pdf, tmp_path)
    no_breaks = str.maketrans("", "", " -")
    assert f"{given}{family}".translate(no_breaks) in text.translate(no_breaks)
    for page in range(1, pages_of(pdf, tmp_path) + 1):
        picture = picture_of(pdf, tmp_path, dpi=72, page=page)
        edge = picture.crop((picture.width - 40, 20, picture.width, picture.height))
        assert edge.getextrema() == (255, 255)
        above_foot = picture.crop((0, 790, picture.width, 798))
        assert above_foot.getextrema() == (255, 255)


def test_a_heading_never_ends_a_page_of_the_large_print(tmp_path: Path) -> None:
    content = samples.content(samples.attestation(samples.ALL))
    pdf = render_large(content, SYMBOL)
    headings = {content.can_do, content.privacy.title, *(part.title for part in content.back)}
    headings |= {area.label for area in content.areas}
    path = tmp_path / "large.pdf"
    path.write_bytes(pdf)
    for page in range(2, pages_of(pdf, tmp_path) + 1):
        lines = run("pdftotext", "-layout", "-f", str(page), "-l", str(page), path, "-").splitlines()
        said = [" ".join(line.split()) for line in lines if line.strip()]
        assert said[-1].startswith("Page ")
        assert said[-2] not in headings


@pytest.mark.parametrize("dpi", [100, 200])
def test_every_symbol_of_a_page_of_cards_is_scanned(dpi: int, tmp_path: Path) -> None:
    cards = people(11)
    pdf = render_cards(cards)
    assert pages_of(pdf, tmp_path) == 2
    assert info_of(pdf, tmp_path)["Page size"] == "595.28 x 841.89 pts (A4)"
    assert len(pdf) <= 2 * 40_000
    seen = [text for page in (1, 2) for text in read(picture_of(pdf, tmp_path, dpi=dpi, page=page))]
    assert sorted(seen) == [f"{samples.URL}{at:03d}{samples.DIGITS}" for at in range(11)]


@pytest.mark.parametrize("dpi", [100, 200])
def test_the_card_is_scanned_too_when_it_is_drawn_coarsely(dpi: int, tmp_path: Path) -> None:
    assert read(picture_of(render_card(samples.content(), SYMBOL), tmp_path, dpi=dpi)) == [TEXT]


def test_the_symbol_of_a_card_is_34_mm_on_four_white_modules(tmp_path: Path) -> None:
    pdf = render_cards([(samples.content(specimen=True), SYMBOL)])
    picture = picture_of(pdf, tmp_path, dpi=508)
    (found,) = zxingcpp.read_barcodes(picture, formats=QR)
    left, top = found.position.top_left.x, found.position.top_left.y
    width = found.position.top_right.x - left
    assert width / 20 == pytest.approx(34.0, abs=0.3)
    quiet = round(3.8 * width / SYMBOL.size)
    around = picture.crop((left - quiet, top - quiet, left + width + quiet, top + width + quiet))
    for turn in range(4):
        strip = around.rotate(90 * turn).crop((2, 2, around.width - 2, quiet - 4))
        assert strip.getextrema() == (255, 255)


def test_marks_to_cut_along_stand_at_the_size_of_a_bank_card(tmp_path: Path) -> None:
    picture = picture_of(render_cards(people(8)), tmp_path, dpi=254).convert("L")  # 10 dots a millimetre
    row = next(y for y in range(picture.height) if picture.getpixel((0, y)) == 255 and _dark(picture, y))
    marks = _runs([x for x in range(picture.width) if picture.getpixel((x, row + 5)) < 128])
    centres = [sum(run) / len(run) for run in marks]
    assert centres[1] - centres[0] == pytest.approx(856, abs=3)
    assert centres[3] - centres[2] == pytest.approx(856, abs=3)
    assert len(centres) == 4


def _dark(picture: Image.Image, y: int) -> bool:
    return picture.crop((0, y, picture.width, y + 1)).getextrema()[0] < 128


def _runs(places: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def test_a_page_of_cards_holds_every_word_of_each_card(tmp_path: Path) -> None:
    cards = people(3)
    text = text_of(render_cards(cards), tmp_path)
    for content, _ in cards:
        assert content.holder_name in text
    assert text.count(cards[0][0].code) == 3
    assert text.count("Comparez le nom.") == 3
    assert text.count("Ni diplôme, ni certification professionnelle.") == 3


def test_a_workshop_is_sheets_then_cards_each_sheet_on_its_own_leaf(tmp_path: Path) -> None:
    cards = people(2)
    # Enough sentences for an odd number of pages.
    some = dict.fromkeys(list(samples.ALL)[:9], 3)
    odd = (samples.content(samples.attestation(some, given="Éva")), SYMBOL)
    pdf = render_workshop([cards[0], odd, cards[1]])
    assert len(pdf) <= 3 * 40_000
    with opened(pdf) as document, document.open_outline() as outline:
        assert document.Root.PageMode == "/UseOutlines"
        titles = [item.title for item in outline.root]
        pages = [document.pages.index(pikepdf.Page(_target(document, item))) + 1 for item in outline.root]
    assert titles == ["Zoé a Dupont", "Éva Dupont", "Zoé b Dupont", "Cartes à découper"]
    assert pages == [1, 3, 7, 9]
    path = tmp_path / "workshop.pdf"
    path.write_bytes(pdf)
    assert run("pdftotext", "-f", "6", "-l", "6", path, "-").strip() == ""
    assert read(picture_of(pdf, tmp_path, dpi=100, page=7)) == [f"{samples.URL}001{samples.DIGITS}"]
    assert len(read(picture_of(pdf, tmp_path, dpi=100, page=9))) == 3
    fonts = run("pdffonts", path).splitlines()[2:]
    assert len(fonts) == 2


def _target(document: pikepdf.Pdf, item: pikepdf.OutlineItem) -> pikepdf.Object:
    destination = item.destination
    if isinstance(destination, pikepdf.Array):
        return destination[0]
    return document.Root.Dests[f"/{str(destination).lstrip('/')}"][0]


def test_a_workshop_of_many_stays_small_a_person() -> None:
    pdf = render_workshop(people(60))
    assert len(pdf) <= 60 * 12_000


def test_a_workshop_has_a_bound() -> None:
    for count in (0, MOST_AT_ONCE + 1):
        with pytest.raises(ValueError, match="attestations in one file"):
            render_workshop(people(1) * count)
    with pytest.raises(ValueError, match="no card"):
        render_cards([])


def test_a_name_without_glyphs_stops_a_whole_workshop() -> None:
    bad = (samples.content(samples.attestation(given="王")), SYMBOL)
    for render in (render_workshop, render_cards):
        with pytest.raises(PassportError) as refused:
            render([*people(1), bad])
        assert refused.value.code == "glyph_missing"


@pytest.mark.parametrize("version", [4, 8, 11, 12])
def test_the_picture_for_a_phone_is_whole_pixels_and_is_scanned(version: int) -> None:
    count = {4: 65, 8: 270, 11: 470, 12: 560}[version]
    digits = (samples.DIGITS * 2)[:count]
    symbol = draw_symbol(samples.URL, digits)
    assert symbol.version == version
    png = render_phone_picture(samples.content(specimen=True), symbol)
    assert len(png) <= 40_000
    with Image.open(io.BytesIO(png)) as opened_png:
        picture = opened_png.convert("L")
    assert picture.width == PHONE_PX
    assert read(picture) == [samples.URL + digits]
    (found,) = zxingcpp.read_barcodes(picture, formats=QR)
    module = PHONE_PX // (symbol.size + 8)
    left, top = (PHONE_PX - module * symbol.size) // 2, found.position.top_left.y
    assert abs(found.position.top_left.x - left) <= 1
    for row in range(symbol.size):
        for col in range(symbol.size):
            pixel = picture.getpixel((left + col * module + module // 2, top + row * module + module // 2))
            assert (pixel == 0) is symbol.at(row, col)
    # The quiet zone, all around: under a specimen's band too.
    side = symbol.size * module
    quiet = 4 * module
    around = picture.crop((left - quiet + 1, top - quiet + 1, left - 1, top + side + quiet))
    assert around.getextrema() == (255, 255)
    below = picture.crop((0, top + side + 2, PHONE_PX, top + side + quiet))
    assert below.getextrema() == (255, 255)


def test_the_picture_survives_a_small_screen_and_a_screenshot() -> None:
    with Image.open(io.BytesIO(render_phone_picture(samples.content(), SYMBOL))) as picture:
        for width in (720, 480, 390):
            small = picture.convert("L").resize(
                (width, round(picture.height * width / picture.width)), Image.Resampling.BILINEAR
            )
            shot = io.BytesIO()
            small.save(shot, "JPEG", quality=60)
            assert read(Image.open(shot)) == [TEXT]


def test_the_same_picture_has_the_same_bytes() -> None:
    content = samples.content()
    assert render_phone_picture(content, SYMBOL) == render_phone_picture(content, SYMBOL)
    assert render_phone_picture(samples.content(specimen=True), SYMBOL) != render_phone_picture(
        content, SYMBOL
    )


def test_every_edition_says_specimen(tmp_path: Path) -> None:
    content = samples.content(samples.attestation(samples.ALL), specimen=True)
    for pdf in (
        render_large(content, SYMBOL),
        render_cards([(content, SYMBOL)]),
        render_workshop([(content, SYMBOL)]),
    ):
        path = tmp_path / "specimen.pdf"
        path.write_bytes(pdf)
        for page in range(1, pages_of(pdf, tmp_path) + 1):
            text = run("pdftotext", "-f", str(page), "-l", str(page), path, "-")
            assert re.search(r"Spécimen, sans valeur", text), page
