"""The sheets of a workshop read back: tables for those who hear them, big boxes, nobody left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from passport.documents.fonts import Face, font_of
from passport.documents.listing import BlankGrid, ListHead, SignIn, render_blank_grid, render_sign_in
from passport.documents.participation import ParticipationContent, render_participations
from passport.documents.warming import warm_up
from passport.errors import PassportError
from passport.gestures import gesture, templates
from tests.documents.poppler import decoded, info_of, pages_of, picture_of, run, text_of
from tests.documents.tree import claimed_by, marks_of, opened, parts_of

pytestmark = pytest.mark.poppler

HEAD = ListHead(
    lang="fr",
    title="Grille : E-mail",
    facts=("14 mars 2027 · Salle Hélitas · Centre social",),
    notes=("S — seul(e).", "A — avec aide.", "P — pas encore.", "Rien de coché : le geste n’a pas été vu."),
)
NAMES = ("Zoé Dupont", "Marie-Hélène de La Rochefoucauld-Liancourt", "Ôlga Ševčenko-Łukaszewicz", "Al Bo")
GESTURES = tuple(gesture(id_).label("fr") for id_ in templates()[4].gestures)


def grid(names: tuple[str, ...] = NAMES, *, gestures: tuple[str, ...] = GESTURES, lines: int = 8) -> bytes:
    return render_blank_grid(
        BlankGrid(HEAD, "Prénom et nom", gestures, boxes=("S", "A", "P"), names=names, lines=lines)
    )


def sign_in(names: tuple[str, ...] = NAMES, *, lines: int = 17) -> bytes:
    return render_sign_in(SignIn(HEAD, ("Prénom et nom", "Signature"), names, lines))


def participation(*names: str) -> bytes:
    people = [
        ParticipationContent(
            lang="fr",
            title="Attestation de participation",
            is_not="Ce papier dit que vous étiez là. Ce n’est pas une attestation de compétences.",
            name=name,
            lines=("a participé à l’atelier « E-mail »", "le 14 mars 2027."),
            done_title="Ce que vous avez fait ce jour-là",
            done=GESTURES[:2],
            foot=("Centre social",),
        )
        for name in names
    ]
    return render_participations(people)


PRINTS = {
    "grid": grid(),
    "grid-long": grid(tuple(f"Prénom Nom{n}" for n in range(30))),
    "sign-in": sign_in(),
    "sign-in-long": sign_in(tuple(f"Prénom Nom{n}" for n in range(40))),
    "participation": participation("Zoé Dupont", "Al Bo"),
}


@pytest.mark.parametrize("name", PRINTS)
def test_every_mark_belongs_to_one_part_and_nothing_is_unmarked(name: str) -> None:
    with opened(PRINTS[name]) as document:
        marks, claimed = marks_of(document), claimed_by(document)
        assert not marks.unmarked
        assert set(claimed) == set(marks.marked)
        assert set(claimed.values()) == {1}


@pytest.mark.parametrize(
    ("name", "rows", "columns"), [("grid", 9, 9), ("grid-long", 31, 9), ("sign-in", 18, 2)]
)
def test_a_table_is_a_table_to_who_hears_it(name: str, rows: int, columns: int) -> None:
    with opened(PRINTS[name]) as document:
        parts = list(parts_of(document))
        found = [part for part in parts if part.S == "/TR"]
        assert len(found) == rows
        assert all(part.P.S == "/Table" for part in found)
        for row in found:
            assert len([kid for kid in row.K if kid.S in {"/TH", "/TD"}]) == columns
        heads = [str(part.A.Scope) for part in parts if part.S == "/TH"]
        assert heads[:columns] == ["/Column"] * columns
        assert set(heads[columns:]) == {"/Row"}


def test_everyone_is_on_the_list_and_on_the_grid(tmp_path: Path) -> None:
    for name in ("grid", "sign-in"):
        text = text_of(PRINTS[name], tmp_path)
        for who in NAMES:
            assert all(word in text for word in who.split()), who
    many = text_of(PRINTS["grid-long"], tmp_path)
    assert all(f"Nom{n}" in many for n in range(30))
    # The heads of the columns stand on each page, and are heard once.
    pages = pages_of(PRINTS["grid-long"], tmp_path)
    assert pages == 4
    assert many.count("Je réponds à un message.") == pages
    (tmp_path / "heard.pdf").write_bytes(PRINTS["grid-long"])
    assert run("pdfinfo", "-struct-text", tmp_path / "heard.pdf").count("Je réponds à un message.") == 1


def test_the_usual_sheets_are_one_page_each(tmp_path: Path) -> None:
    assert pages_of(PRINTS["grid"], tmp_path) == 1
    assert "841.89 x 595.28" in info_of(PRINTS["grid"], tmp_path)["Page size"]
    assert pages_of(PRINTS["sign-in"], tmp_path) == 1
    assert pages_of(PRINTS["participation"], tmp_path) == 2


def test_the_boxes_are_large_enough_for_a_pen() -> None:
    """Boxes of 7 mm and more: a frame of 21 points and its line are drawn for each."""
    with opened(PRINTS["grid"]) as document:
        stream = b"".join(page.Contents.read_bytes() for page in document.pages)
    assert stream.count(b" 20.00 20.00 re S") == 8 * 8 * 3


def test_a_paper_of_participation_holds_nothing_to_check(tmp_path: Path) -> None:
    assert decoded(PRINTS["participation"], tmp_path, dpi=150) == []
    text = text_of(PRINTS["participation"], tmp_path)
    assert "Ce n’est pas une attestation de compétences." in text
    assert "niveau" not in text.lower()
    with opened(PRINTS["participation"]) as document:
        assert [str(part.T) for part in parts_of(document) if part.S == "/Part"] == ["Zoé Dupont", "Al Bo"]
    assert picture_of(PRINTS["participation"], tmp_path, dpi=40).getextrema()[0] < 60


def test_the_same_words_give_the_same_bytes() -> None:
    assert PRINTS["grid"] == grid()
    assert PRINTS["sign-in"] == sign_in()


def test_a_name_without_glyphs_is_refused() -> None:
    for draw in (grid, sign_in):
        with pytest.raises(PassportError) as refused:
            draw(("Zoé 𐌀",))
        assert refused.value.code == "glyph_missing"
    with pytest.raises(PassportError):
        participation("Zoé 𐌀")
    with pytest.raises(ValueError, match="nobody"):
        participation()


def test_warming_up_makes_both_faces_ready() -> None:
    font_of.cache_clear()
    warm_up()
    assert font_of.cache_info().currsize == len(Face)
