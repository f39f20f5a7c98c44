"""Every print as those hear it who cannot see it: the tree, read back by pikepdf and by Poppler."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from passport.documents.card import render_card, render_cards
from passport.documents.content import BodyLine, SheetContent
from passport.documents.large import render_large
from passport.documents.paper import Paper
from passport.documents.sheet import render_sheet
from passport.documents.tags import Structure, Tag
from passport.documents.workshop import render_workshop
from tests.documents import samples
from tests.documents.poppler import run, text_of
from tests.documents.test_prints import png
from tests.documents.tree import claimed_by, marks_of, opened, parts_of

pytestmark = pytest.mark.poppler

SYMBOL = samples.symbol()
LOGO = BodyLine("Régie numérique", "Maison des services", png())
CONTENTS = {
    "three": samples.content(),
    "all": samples.content(samples.attestation(samples.ALL), body=LOGO),
    "specimen": samples.content(samples.attestation(samples.ALL), specimen=True),
    "decouverte": samples.content(samples.attestation({"D1": 1, "D2": 2}, known="decouverte"), lang="en"),
    "long": samples.content(samples.attestation(family="Wołodkowicz " * 8 + "Zé")),
}
PRINTS: dict[str, Callable[[SheetContent], bytes]] = {
    "sheet": lambda content: render_sheet(content, SYMBOL, attachments=samples.attached()),
    "large": lambda content: render_large(content, SYMBOL),
    "card": lambda content: render_card(content, SYMBOL),
    "cards": lambda content: render_cards([(content, SYMBOL)] * 9),
    "workshop": lambda content: render_workshop([(content, SYMBOL)] * 2),
}
EVERY = pytest.mark.parametrize(
    ("print_name", "content_name"), [(one, other) for one in PRINTS for other in CONTENTS]
)
# What a page repeats is not said twice: the head of an inner page, the number at the foot.
LEVELS = {"H1": 1, "H2": 2, "H3": 3}
ALLOWED = {
    "Document": {"P", "H1", "H2", "H3", "L", "Figure", "Part"},
    "Part": {"P", "H1", "H2", "H3", "L", "Figure"},
    "L": {"LI"},
    "LI": {"LBody"},
    "LBody": {"Figure"},
    "P": set(),
    "H1": set(),
    "H2": set(),
    "H3": set(),
    "Figure": set(),
}


@cache
def printed(print_name: str, content_name: str) -> bytes:
    return PRINTS[print_name](CONTENTS[content_name])


@EVERY
def test_every_mark_belongs_to_one_part_and_nothing_is_unmarked(print_name: str, content_name: str) -> None:
    with opened(printed(print_name, content_name)) as document:
        marks, claimed = marks_of(document), claimed_by(document)
        assert not marks.unmarked
        assert marks.artifacts
        assert set(claimed) == set(marks.marked)
        assert set(claimed.values()) == {1}
        numbers = document.Root.StructTreeRoot.ParentTree.Nums
        for at, page in enumerate(document.pages):
            assert page.StructParents == numbers[2 * at] == at
            assert page.Tabs == "/S"
            parents = numbers[2 * at + 1]
            for mcid, parent in enumerate(parents):
                assert str(parent.S)[1:] == marks.marked[at, mcid]
            assert len(parents) == sum(key[0] == at for key in marks.marked)


@EVERY
def test_parts_are_nested_as_the_standard_wants(print_name: str, content_name: str) -> None:
    with opened(printed(print_name, content_name)) as document:
        before = 0
        kinds = []
        for part in parts_of(document):
            kind = str(part.S)[1:]
            kinds.append(kind)
            if kind != "Document":
                assert kind in ALLOWED[str(part.P.S)[1:]]
            if kind in LEVELS:
                assert LEVELS[kind] <= before + 1, "a level of heading is left out"
                before = LEVELS[kind]
            if kind == "Figure":
                assert str(part.Alt).strip()
                left, bottom, right, top = (float(edge) for edge in part.A.BBox)
                width, height = (float(edge) for edge in document.pages[0].MediaBox[2:])
                assert 0 <= left < right <= width
                assert 0 <= bottom < top <= height
        assert "H1" in kinds
        assert "LBody" in kinds


@EVERY
def test_who_listens_hears_every_word_that_is_printed(
    print_name: str, content_name: str, tmp_path: Path
) -> None:
    content, pdf = CONTENTS[content_name], printed(print_name, content_name)
    (tmp_path / "heard.pdf").write_bytes(pdf)
    heard = heard_words(run("pdfinfo", "-struct-text", tmp_path / "heard.pdf"))
    aside = {"CS", "RN", "…", "Page", "sur", "of", *map(str, range(30))}
    unheard = set(text_of(pdf, tmp_path).split()) - set(heard) - aside
    # What is written across the page comes in pieces.
    assert all(word in "".join(content.specimen.split()) for word in unheard), unheard


def heard_words(struct_text: str) -> list[str]:
    """The words of `pdfinfo -struct-text`: what stands in quotes on a line of its own."""
    return " ".join(re.findall(r'^\s*"(.*)"$', struct_text, re.MULTILINE)).split()


def test_the_sheet_is_read_in_the_order_in_which_it_matters(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(printed("sheet", "three"))
    heard = " ".join(heard_words(run("pdfinfo", "-struct-text", path)))
    order = [
        "Attestation de compétences numériques Marie-Hélène Dupont",
        "Ce que je sais faire",
        "Je trouve une adresse ou un horaire, avec un peu d’aide si besoin. DigComp 3.0",
        "Les compétences non citées",
        "Évaluation faite par Centre social du Cap Blanc",
        "Date de l’évaluation 14 mars 2027",
        "Comparez le nom",
        "Pour vérifier, scannez le QR code",
        "2346-789B-CDF",
        "Page de vérification. Comparez cette adresse avec celle de votre écran. passeport.example.org/v",
        "Ce n’est ni un diplôme ni une certification professionnelle.",
        "Ce papier est à vous.",
        "À quoi sert ce papier ?",
        "Vos informations",
        "D’après DigComp 3.0",
    ]
    places = [heard.index(words) for words in order]
    assert places == sorted(places)


def test_pictures_are_said_in_words() -> None:
    with opened(printed("sheet", "all")) as document:
        said = [str(part.Alt) for part in parts_of(document) if part.S == "/Figure"]
    assert said[0] == "Logo\u00a0: Régie numérique"
    assert "QR\u00a0code de vérification de l’attestation" in said
    assert said.count("Niveau 3 sur 8") == 3
    with opened(printed("sheet", "three")) as document:
        said = [str(part.Alt) for part in parts_of(document) if part.S == "/Figure"]
    assert said[0] == "1.1 Chercher une information en ligne. Niveau 2 sur 8"


def test_each_person_of_a_workshop_is_a_part_with_a_name() -> None:
    people = [(samples.content(samples.attestation(given=given)), SYMBOL) for given in ("Zoé", "Éva")]
    with opened(render_workshop(people)) as document:
        named = [str(part.T) for part in parts_of(document) if part.S == "/Part"]
    assert named == ["Zoé Dupont", "Éva Dupont"] * 2


def test_a_text_outside_a_part_is_refused() -> None:
    paper = Paper(width=100, height=100, title="Essai", lang="fr")
    with pytest.raises(ValueError, match="stands in"):
        paper.text("perdu", x=0, y=10, size=10)
    with pytest.raises(ValueError, match="stands in"), paper.part(Tag.LIST):
        paper.text("perdu", x=0, y=10, size=10)


def test_an_empty_part_and_one_left_open_are_errors() -> None:
    structure = Structure()
    structure.enter(Tag.PARAGRAPH)
    with pytest.raises(ValueError, match="nothing was drawn"):
        structure.leave()
    with pytest.raises(ValueError, match="still open"):
        structure.write(None, pages=[])


def test_lines_that_break_at_a_space_keep_it_and_words_that_break_do_not(tmp_path: Path) -> None:
    content = samples.content(samples.attestation(given="W" * 100, family="M" * 100))
    with opened(render_sheet(content, SYMBOL)) as document:
        shown = [
            bytes(operands[0])
            for operands, operator in pikepdf.parse_content_stream(document.pages[0])
            if str(operator) == "Tj"
        ]
    long = [text for text in shown if len(set(text.strip())) == 1 and len(text) > 10]
    assert sum(len(text.strip()) for text in long) == 200
    path = tmp_path / "long.pdf"
    path.write_bytes(render_sheet(content, SYMBOL))
    heard = run("pdfinfo", "-struct-text", path)
    assert f"{'W' * 100} {'M' * 100}" in heard
