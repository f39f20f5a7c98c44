"""The receipt as a file: one page whatever it says, for eye and ear, in grey, and with its evidence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from PIL import ImageStat

from passport.documents.receipt import ReceiptContent, ReceiptPart, render_receipt
from passport.errors import PassportError
from passport.framework import Lang
from passport.model import Holder
from tests.documents.poppler import info_of, pages_of, picture_of, run, text_of
from tests.documents.tree import claimed_by, marks_of, opened, parts_of
from tests.pages.serving import _ALL, Counter, cases
from verifier.receipt_sheet import Maker, make_receipt
from verifier.several import FoundAgain

pytestmark = pytest.mark.poppler

CASES = cases()
LONG = "Régie communautaire des usages numériques, de la médiation et de l’accompagnement des habitants"


def receipt(
    counter: Counter, text: str, *, lang: Lang = "fr", months: int = 24, name: str = "Réseau"
) -> bytes:
    maker = Maker("page", name, "Réseau d’Exemple, 01 99 00 00 00", offline=False, months=months)
    return make_receipt(FoundAgain(text, "", ""), documents=counter.documents, maker=maker, lang=lang)[0]


def longest() -> tuple[Counter, str]:
    """Everything that a receipt may say, as long as it may be."""
    counter = Counter.make(kind="demo")
    counter.town.change_body("csc-marmiers", name=LONG)
    counter.renew()
    given, family = (
        "Marie-Antoinette-Élisabeth-Geneviève",
        "de La Rochefoucauld-Montmorency-Luxembourg d’Entraygues",
    )
    holder = Holder(given, family)
    token = counter.town.issue(levels=_ALL, holder=holder, expires_at=counter.town.at + 900_000)
    return counter, token.decode()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_longest_receipt_stays_on_one_page(lang: Lang, tmp_path: Path) -> None:
    counter, token = longest()
    pdf = receipt(counter, token, lang=lang, name=LONG)
    assert pages_of(pdf, tmp_path) == 1
    text = text_of(pdf, tmp_path)
    for said in ("Rochefoucauld-Montmorency-Luxembourg d’Entraygues", LONG.split(",")[0]):
        assert said in text
    assert text.count("niveau " if lang == "fr" else ": level ") >= 21
    boxes = run("pdftotext", "-bbox", tmp_path / "print.pdf", "-")
    lowest = max(float(part.split('"')[0]) for part in boxes.split('yMax="')[1:])
    assert lowest < 835


@pytest.mark.parametrize("name", CASES)
def test_every_verdict_is_told_by_its_words(name: str, tmp_path: Path) -> None:
    counter, token = CASES[name]
    pdf = receipt(counter, token)
    text = text_of(pdf, tmp_path)
    reason = "valid" if name in {"short", "demo"} else name
    assert f"Code du résultat : {reason}" in text
    marks = {"ok": "Valide", "stop": "Ne pas accepter", "attention": "À lire", "unknown": "À vérifier"}
    assert sum(f"{mark} " in text[:400] for mark in marks.values()) == 1
    assert ("Spécimen, sans valeur" in text[:40]) == (name in {"specimen", "demo"})
    for always in (
        "Ce que ce reçu ne prouve pas",
        "au plus 24 mois",
        "--at 2026-11-25T12:00:00Z",
        "n’est pas signé",
    ):
        assert always in text
    assert pages_of(pdf, tmp_path) == 1
    with opened(pdf) as document:
        files = {str(name): one.get_file().read_bytes() for name, one in document.attachments.items()}
    for file, data in files.items():
        if file not in {"pin.json", "receipt.json"}:
            assert hashlib.sha256(data).hexdigest() in text
    listed = json.loads(files["receipt.json"])
    assert {one["file"] for one in listed["documents"]} == files.keys() - {
        "attestation.jwt", "pin.json", "receipt.json",
    }  # fmt: skip
    assert listed["reason"] == reason
    assert listed["reference"] in text


def test_how_long_to_keep_it_is_what_the_counter_was_told(tmp_path: Path) -> None:
    counter, token = CASES["valid"]
    assert "au plus 6 mois" in text_of(receipt(counter, token, months=6), tmp_path)


@pytest.mark.parametrize("name", ["valid", "withdrawn", "malformed", "demo"])
def test_it_is_tagged_and_says_everything_to_who_listens(name: str, tmp_path: Path) -> None:
    pdf = receipt(*CASES[name])
    info = info_of(pdf, tmp_path)
    assert info["Title"] == "Reçu de vérification"
    assert info["Tagged"] == "yes"
    assert not {"Author", "CreationDate", "ModDate"} & info.keys()
    with opened(pdf) as document:
        assert document.Root.Lang == "fr-FR"
        assert document.check_pdf_syntax() == []
        marks = marks_of(document)
        assert marks.unmarked == []
        tags = [str(part.S)[1:] for part in parts_of(document)]
        assert claimed_by(document) == dict.fromkeys(marks.marked, 1)
        metadata = document.Root.Metadata.read_bytes()
        relations = {str(one.AFRelationship) for one in document.Root.AF}
    assert tags[: 3 if name == "demo" else 2] == ["Document", *(["P"] if name == "demo" else []), "H1"]
    assert "H2" in tags
    assert b"<pdfaid:part>3</pdfaid:part>" in metadata
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert relations == {"/Data"}
    fonts = run("pdffonts", tmp_path / "print.pdf").splitlines()[2:]
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)


def test_a_grey_printer_tells_the_verdicts_apart(tmp_path: Path) -> None:
    """The icon alone, cut out of a grey page, differs from verdict to verdict."""
    icons = {}
    for name in ("valid", "withdrawn", "status_unavailable", "expired", "suspended", "replaced"):
        picture = picture_of(receipt(*CASES[name]), tmp_path, dpi=72)
        icon = picture.crop((48, 85, 108, 150))
        assert ImageStat.Stat(icon).extrema[0][1] > 200  # white on dark
        icons[icon.point(lambda shade: 255 * (shade > 140)).tobytes()] = name
    assert len(icons) == 6


def test_the_same_check_makes_the_same_bytes() -> None:
    assert receipt(*CASES["valid"]) == receipt(*CASES["valid"])


def test_a_name_without_glyphs_is_refused_and_not_printed_wrong() -> None:
    counter = Counter.make()
    token = counter.town.issue(holder=Holder("美", "王")).decode()
    with pytest.raises(PassportError) as refused:
        receipt(counter, token)
    assert refused.value.code == "glyph_missing"


def test_more_words_than_a_page_holds_are_refused_and_not_cut() -> None:
    long = ReceiptPart("Titre", ("Une phrase qui dure. " * 60,) * 12)
    content = ReceiptContent(
        lang="fr", title="Reçu", specimen="", about=("x",), severity="ok", icon="none", mark="Valide",
        verdict="Valide", lead="x", name=(), seen=(), skills=long, facts=long, advice="", ticks_title="x",
        ticks=(), documents_title="x", documents=(), parts=(long,), hand=(),
    )  # fmt: skip
    with pytest.raises(PassportError) as refused:
        render_receipt(content)
    assert refused.value.code == "page_full"
