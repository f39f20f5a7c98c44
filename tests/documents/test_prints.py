"""The sheet and the card, read back by poppler and zxing-cpp."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from msgspec import structs
from PIL import Image

from passport.documents.card import render_card
from passport.documents.content import BodyLine
from passport.documents.fonts import require_glyphs
from passport.documents.logo import initials
from passport.documents.sheet import render_sheet
from passport.documents.symbol import draw_symbol
from passport.errors import PassportError, UnsupportedError
from passport.framework import framework, framework_ids
from passport.pages.catalogue import catalogue
from tests.documents import samples
from tests.documents.poppler import decoded, info_of, pages_of, picture_of, run, text_of

pytestmark = pytest.mark.poppler

SYMBOL = samples.symbol()
QR = zxingcpp.BarcodeFormat.QRCode
_NO_BREAKS = str.maketrans("", "", " -")
TEXT = samples.URL + samples.DIGITS
DECOUVERTE = {"D1": 1, "D2": 2}


def png(size: tuple[int, int] = (600, 240)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, (180, 60, 20, 255)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("dpi", [100, 200])
@pytest.mark.parametrize("levels", [{"1.1": 2}, samples.THREE, samples.ALL], ids=["one", "three", "all"])
def test_the_symbol_on_the_first_page_is_read_in_grey(
    levels: dict[str, int], dpi: int, tmp_path: Path
) -> None:
    sheet = render_sheet(samples.content(samples.attestation(levels), specimen=True), SYMBOL)
    assert decoded(sheet, tmp_path, dpi=dpi) == [TEXT]


def test_the_symbol_of_version_12_fits_and_is_read(tmp_path: Path) -> None:
    digits = samples.DIGITS + samples.DIGITS[:100]
    symbol = draw_symbol(samples.URL, digits)
    assert symbol.version == 12
    assert decoded(render_sheet(samples.content(), symbol), tmp_path, dpi=100) == [samples.URL + digits]


def test_the_symbol_is_printed_40_mm_wide_on_four_white_modules(tmp_path: Path) -> None:
    picture = picture_of(render_sheet(samples.content(specimen=True), SYMBOL), tmp_path, dpi=508)
    (corners,) = (found.position for found in zxingcpp.read_barcodes(picture, formats=QR))
    left, top = corners.top_left.x, corners.top_left.y
    width = corners.top_right.x - left
    assert width / 20 == pytest.approx(40.0, abs=0.3)  # 508 dots an inch: 20 a millimetre
    quiet = round(3.8 * width / SYMBOL.size)
    around = picture.crop((left - quiet, top - quiet, left + width + quiet, top + width + quiet))
    for turn in range(4):
        strip = around.rotate(90 * turn).crop((2, 2, around.width - 2, quiet - 4))
        assert strip.getextrema() == (255, 255)


@pytest.mark.parametrize("dpi", [200, 300])
def test_the_card_is_read_in_grey(dpi: int, tmp_path: Path) -> None:
    card = render_card(samples.content(specimen=True), SYMBOL)
    assert decoded(card, tmp_path, dpi=dpi) == [TEXT]
    assert info_of(card, tmp_path)["Page size"].startswith("242.646 x 153.071 pts")
    assert pages_of(card, tmp_path) == 1


@pytest.mark.parametrize(
    ("levels", "known", "pages"),
    [
        ({"1.1": 2}, "digcomp-3.0", 2),
        (samples.THREE, "digcomp-3.0", 2),
        (samples.ALL, "digcomp-3.0", 4),
        (DECOUVERTE, "decouverte", 2),
        ({"1.1": 3, "5.2": 4}, "crcn", 2),
    ],
    ids=["one", "three", "all", "decouverte", "crcn"],
)
def test_every_sentence_fact_and_notice_is_in_the_text(
    levels: dict[str, int], known: str, pages: int, tmp_path: Path
) -> None:
    content = samples.content(samples.attestation(levels, known=known))
    sheet = render_sheet(content, SYMBOL)
    text = text_of(sheet, tmp_path)
    expected = [skill.sentence for skill in content.skills]
    expected += [skill.reference for skill in content.skills]
    expected += [value for _, value in content.facts]
    expected += [line for part in content.back for line in part.lines]
    expected += [*content.privacy.lines, *content.credits]
    expected += [content.title, content.holder_name, content.notice, content.yours, content.compare]
    expected += [content.domain, content.code, content.check, content.address]
    for wanted in expected:
        assert " ".join(wanted.split()) in text, wanted
    assert pages_of(sheet, tmp_path) == pages


def test_what_a_resident_reads_first(tmp_path: Path) -> None:
    text = text_of(render_sheet(samples.content(), SYMBOL), tmp_path)
    order = ["Marie-Hélène Dupont", "Ce que je sais faire", "Je trouve une adresse", "14 mars 2027"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "Ce n’est ni un diplôme ni une certification professionnelle." in text
    assert "Ce papier est à vous. C’est vous qui choisissez à qui le montrer." in text


def test_decouverte_never_shows_a_level(tmp_path: Path) -> None:
    content = samples.content(samples.attestation(DECOUVERTE, known="decouverte"))
    front = run("pdftotext", "-l", "1", _file(render_sheet(content, SYMBOL), tmp_path), "-")
    card = text_of(render_card(content, SYMBOL), tmp_path)
    for printed in (front, card):
        assert "niveau" not in printed.lower()
        assert "D1" not in printed
    assert all(skill.level is None for skill in content.skills)


def _file(pdf: bytes, folder: Path) -> Path:
    path = folder / "file.pdf"
    path.write_bytes(pdf)
    return path


def test_a_specimen_says_so_on_every_page_and_a_real_one_never(tmp_path: Path) -> None:
    of = samples.attestation(samples.ALL)
    specimen = render_sheet(samples.content(of, specimen=True), SYMBOL)
    for page in range(1, 5):
        path = _file(specimen, tmp_path)
        assert "Spécimen, sans valeur" in run("pdftotext", "-f", str(page), "-l", str(page), path, "-")
    assert "Spécimen" not in text_of(render_sheet(samples.content(of), SYMBOL), tmp_path)
    assert "Spécimen" in text_of(render_card(samples.content(of, specimen=True), SYMBOL), tmp_path)


def test_an_attestation_made_as_a_specimen_prints_as_one() -> None:
    assert samples.content(structs.replace(samples.attestation(), specimen=True)).specimen


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("Li", "O"),
        ("Đorđe", "Ħamrun-Łęcki Ștefănescu Őry Žižka Þórðarson ẞ Ŵyn Ŷ Ġ İı"),
        ("Ελένη", "Παπαδοπούλου"),
        ("Юлія", "Ґалаґан-Їжакевич"),
        ("Maria-Ștefania Elżbieta Günhild Øystein", "de la Rochefoucauld-Montbéliard d’Aurillac"),
        ("W" * 100, "M" * 100),
        ("Anne-" * 19 + "Maria", "Wołodkowicz " * 8 + "Zé"),
    ],
)
def test_names_are_whole_and_inside_the_page(given: str, family: str, tmp_path: Path) -> None:
    content = samples.content(samples.attestation(samples.ALL, given=given, family=family))
    for pdf in (render_sheet(content, SYMBOL), render_card(content, SYMBOL)):
        # pdftotext joins what a hyphen parts at the end of a line.
        text = text_of(pdf, tmp_path).translate(_NO_BREAKS)
        assert f"{given}{family}".translate(_NO_BREAKS) in text
        picture = picture_of(pdf, tmp_path, dpi=72)
        edge = picture.crop((picture.width - 5, 20, picture.width, picture.height))
        assert edge.getextrema() == (255, 255)


@pytest.mark.parametrize("name", ["王", "علي", "A🙂", "x\u030c", "\U00010348"])
def test_a_character_without_a_glyph_is_refused_by_name(name: str) -> None:
    content = samples.content(samples.attestation(given=name))
    for render in (render_sheet, render_card):
        with pytest.raises(PassportError) as refused:
            render(content, SYMBOL)
        assert refused.value.code == "glyph_missing"
        assert f"U+{ord(max(content.holder_name)):04X}" in refused.value.message
        assert "Dupont" not in refused.value.message


def test_a_missing_glyph_in_a_body_or_place_is_refused_too() -> None:
    for body in (BodyLine("Centre 社"), BodyLine("Centre", "Salle 社")):
        with pytest.raises(PassportError, match="社"):
            render_sheet(samples.content(body=body), SYMBOL)


def test_all_our_own_texts_have_glyphs() -> None:
    for words in (catalogue("fr"), catalogue("en")):
        for key in words.keys:
            found = words._find(key)
            require_glyphs((found,) if isinstance(found, str) else found)
    for known in map(framework, framework_ids()):
        for competence in known.competences:
            for level in known.level_labels:
                require_glyphs((known.sentence(competence.id, level), known.level_label(level, "fr")))


@pytest.mark.parametrize("body", [samples.BODY, BodyLine("Régie", None, png())], ids=["initials", "logo"])
def test_fonts_are_embedded_and_the_file_is_small(body: BodyLine, tmp_path: Path) -> None:
    content = samples.content(samples.attestation(samples.ALL), body=body)
    sheet = render_sheet(content, SYMBOL, attachments=samples.attached())
    fonts = run("pdffonts", _file(sheet, tmp_path)).splitlines()[2:]
    assert {line.split()[0].partition("+")[2] for line in fonts} == {
        "PassportSans-Bold",
        "PassportSans-Regular",
    }
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
    assert len(sheet) <= 40_000


def test_the_same_input_gives_the_same_bytes_in_any_process() -> None:
    content = samples.content(body=replace(samples.BODY, logo_png=png()))
    once, again = (render_sheet(content, SYMBOL, attachments=samples.attached()) for _ in range(2))
    assert once == again
    program = (
        "import hashlib;from tests.documents import samples as s;"
        "from passport.documents.sheet import render_sheet;from passport.documents.card import render_card;"
        "print(hashlib.sha256(render_sheet(s.content(),s.symbol())+render_card(s.content(),s.symbol())).hexdigest())"
    )
    root = Path(__file__).parents[2]
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONPATH": str(root), "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_a_logo_that_is_no_whole_png_is_refused() -> None:
    for bad in (b"", b"GIF89a", png()[:60], png((4000, 1300))):
        with pytest.raises(PassportError) as refused:
            render_sheet(samples.content(body=BodyLine("Régie", None, bad)), SYMBOL)
        assert refused.value.code == "logo_unreadable"


def test_initials_stand_in_for_a_logo() -> None:
    assert initials("Centre social du Cap Blanc") == "CS"
    assert initials("L’Entraide de la Jordanne") == "EJ"
    assert initials("Régie") == "R"
    assert initials("de la") == "DL"


def test_an_unknown_competence_is_refused_and_not_left_out() -> None:
    with pytest.raises(UnsupportedError):
        samples.content(samples.attestation({"1.1": 2, "9.9": 3}))


def test_an_end_of_validity_is_printed_where_there_is_one() -> None:
    facts = dict(samples.content(samples.attestation(expires_at=1_900_000_000)).facts)
    assert facts["Valable jusqu’au"] == "17 mars 2030"
    assert "Valable jusqu’au" not in dict(samples.content().facts)


def test_english_prints_in_english(tmp_path: Path) -> None:
    sheet = render_sheet(samples.content(lang="en"), SYMBOL)
    text = text_of(sheet, tmp_path)
    assert "Attestation of digital skills" in text
    assert "14 March 2027" in text
    with pikepdf.open(io.BytesIO(sheet)) as document:
        assert document.Root.Lang == "en-GB"


def test_the_card_counts_levels_when_skills_are_many(tmp_path: Path) -> None:
    text = text_of(render_card(samples.content(samples.attestation(samples.ALL)), SYMBOL), tmp_path)
    assert "Sans aide : 3" in text
    assert "En créant du nouveau : 2" in text
    few = text_of(render_card(samples.content(), SYMBOL), tmp_path)
    assert "Chercher une information en ligne : avec de l’aide si besoin" in few


@pytest.mark.parametrize("known", ["digcomp-3.0", "crcn"])
@pytest.mark.parametrize("family", ["Dupont", "Wołodkowicz " * 8 + "Zé"], ids=["short", "long"])
def test_the_overview_of_a_whole_framework_stays_above_the_facts_at_11_points(
    known: str, family: str, tmp_path: Path
) -> None:
    levels = {competence.id: 4 for competence in framework(known).competences}
    # No place: its words would be taken for those of a label.
    content = samples.content(
        samples.attestation(levels, known=known, family=family), body=BodyLine("La Jordanne")
    )
    path = _file(render_sheet(content, SYMBOL), tmp_path)
    words = run("pdftotext", "-l", "1", "-bbox", path, "-").splitlines()
    boxes = [re.findall(r'"([0-9.]+)"', line) for line in words if "<word" in line]
    facts = next(float(b[1]) for b, line in zip(boxes, _words(words), strict=True) if line == "Évaluation")
    labels = {word for skill in content.skills for word in skill.label.split() if len(word) > 7}
    found = [b for b, word in zip(boxes, _words(words), strict=True) if word in labels]
    table = [box for box in found if 180 < float(box[1]) < facts + 90]
    assert len(table) >= 10
    assert max(float(box[3]) for box in table) <= facts + 4  # boxes are as high as the line, not the letters
    assert min(float(box[3]) - float(box[1]) for box in table) >= 11


def _words(lines: list[str]) -> list[str]:
    return [re.sub("<[^>]*>", "", line).strip() for line in lines if "<word" in line]
