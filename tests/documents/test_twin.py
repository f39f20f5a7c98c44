"""The HTML twins say what the prints say, in their order, and nothing that people gave becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from passport.documents.card import render_card
from passport.documents.content import BodyLine
from passport.documents.large import render_large
from passport.documents.sheet import render_sheet
from passport.documents.twin import render_card_twin, render_twin
from passport.errors import PassportError
from passport.pages.catalogue import catalogue
from tests.documents import samples
from tests.documents.poppler import run
from tests.documents.test_prints import png
from tests.documents.test_tags import heard_words
from tests.documents.twins import Heard

SYMBOL = samples.symbol()
CHECK = samples.URL + samples.DIGITS
HOSTILE = 'a<script>alert(1)</script>"><img src=x onerror=alert(2)>&amp;{{ 7*7 }}{% raw %}'

CASES = [
    pytest.param({"1.1": 2}, "digcomp-3.0", "Dupont", None, id="one"),
    pytest.param(samples.THREE, "digcomp-3.0", "Dupont", None, id="three"),
    pytest.param(samples.THREE, "digcomp-3.0", "de la Rochefoucauld-Montbéliard", 1_900_000_000, id="end"),
    pytest.param(samples.ALL, "digcomp-3.0", "Dupont", None, id="all"),
    pytest.param({"D1": 1, "D2": 2}, "decouverte", "Dupont", None, id="decouverte"),
    pytest.param({f"D{n}": 1 for n in range(1, 6)}, "decouverte", "Dupont", None, id="decouverte-all"),
    pytest.param({"1.1": 3, "5.2": 4}, "crcn", "Dupont", None, id="crcn"),
]
LANGS = pytest.mark.parametrize("lang", ["fr", "en"])
SPECIMEN = pytest.mark.parametrize("specimen", [False, True], ids=["real", "specimen"])


def run_together(text: str) -> str:
    """A text without what a line break changes: white space, and the hyphens that it may swallow."""
    return re.sub(r"[\s\u00a0\u00ad-]+", "", text)


def heard_in(pdf: bytes, folder: Path) -> str:
    """All words of a print as its structure gives them to a screen reader, in that order."""
    path = folder / "print.pdf"
    path.write_bytes(pdf)
    return " ".join(heard_words(run("pdfinfo", "-struct-text", path)))


@pytest.mark.poppler
@LANGS
@SPECIMEN
@pytest.mark.parametrize(("levels", "known", "family", "end"), CASES)
def test_the_twin_of_a_sheet_holds_its_words_in_its_order(
    levels: dict[str, int],
    known: str,
    family: str,
    end: int | None,
    specimen: bool,
    lang: str,
    tmp_path: Path,
) -> None:
    of = samples.attestation(levels, known=known, family=family, expires_at=end)
    content = samples.content(of, specimen=specimen, lang=lang)
    heard = Heard(render_twin(content, SYMBOL, check_url=CHECK))
    assert run_together(heard.text) == run_together(heard_in(render_sheet(content, SYMBOL), tmp_path))


@pytest.mark.poppler
@LANGS
@SPECIMEN
@pytest.mark.parametrize(("levels", "known", "family", "end"), CASES)
def test_the_twin_of_a_card_holds_its_words_in_its_order(
    levels: dict[str, int],
    known: str,
    family: str,
    end: int | None,
    specimen: bool,
    lang: str,
    tmp_path: Path,
) -> None:
    of = samples.attestation(levels, known=known, family=family, expires_at=end)
    content = samples.content(of, specimen=specimen, lang=lang)
    heard = Heard(render_card_twin(content, SYMBOL, check_url=CHECK))
    printed = heard_in(render_card(content, SYMBOL), tmp_path)
    # A card that is full joins its lines of skills with dots.
    assert run_together(heard.text) == run_together(printed.replace(" · ", " "))


@pytest.mark.poppler
@LANGS
@pytest.mark.parametrize(("levels", "known", "family", "end"), CASES)
def test_the_twin_of_a_sheet_says_all_that_the_large_print_says(
    levels: dict[str, int], known: str, family: str, end: int | None, lang: str, tmp_path: Path
) -> None:
    of = samples.attestation(levels, known=known, family=family, expires_at=end)
    content = samples.content(of, lang=lang, seal_name="Ville d’Essai")
    twin = Heard(render_twin(content, SYMBOL, check_url=CHECK)).text
    large = heard_in(render_large(content, SYMBOL), tmp_path)
    # The large print names the areas of Découverte; the sheet has no room, and its twin says what it says.
    areas = " ".join(area.label for area in content.areas)
    said = {run_together(word) for word in f"{twin} {areas}".split()}
    assert {run_together(word) for word in large.split()} <= said


@pytest.mark.parametrize("render", [render_twin, render_card_twin])
def test_what_people_gave_is_text_and_never_markup(render: type[None]) -> None:
    body = BodyLine(f"Centre {HOSTILE}", f"Salle {HOSTILE}")
    of = samples.attestation(given=HOSTILE, family="d’O'Brien")
    content = replace(samples.content(of, body=body), code=HOSTILE, domain=HOSTILE, notice=HOSTILE)
    hostile, plain = (
        Heard(render(made, SYMBOL, check_url=CHECK))  # type: ignore[call-arg, arg-type]
        for made in (content, samples.content())
    )
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert [set(held) for _, held in hostile.elements] == [set(held) for _, held in plain.elements]
    assert f"{HOSTILE} d’O'Brien" in hostile.text
    assert "49" not in hostile.text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "/v#1"])
def test_only_a_web_address_becomes_a_link(address: str) -> None:
    with pytest.raises(PassportError) as refused:
        render_twin(samples.content(), SYMBOL, check_url=address)
    assert refused.value.code == "twin_address"


@pytest.mark.parametrize("render", [render_twin, render_card_twin])
def test_a_twin_stands_alone(render: type[None]) -> None:
    content = samples.content(body=replace(samples.BODY, logo_png=png()))
    html: bytes = render(content, SYMBOL, check_url=CHECK)  # type: ignore[call-arg, arg-type, assignment]
    found = Heard(html).elements
    tags = {tag for tag, _ in found}
    assert not tags & {"script", "link", "iframe", "object", "form", "base"}
    assert {held["src"][:22] for _, held in found if held.get("src")} <= {"data:image/png;base64,"}
    assert [held["href"] for _, held in found if "href" in held] == [CHECK]
    assert b"url(" not in html
    assert b"@import" not in html
    assert ("html", {"lang": "fr"}) in found
    assert html.count(b"<h1>") == 1
    assert catalogue("fr").text("sheet.qr_alt") in html.decode()


def test_days_are_said_to_machines_too() -> None:
    html = render_twin(
        samples.content(samples.attestation(expires_at=1_900_000_000)), SYMBOL, check_url=CHECK
    ).decode()
    assert '<time datetime="2027-03-14">14 mars 2027</time>' in html
    assert '<time datetime="2030-03-17">17 mars 2030</time>' in html


def test_the_same_content_gives_the_same_twin() -> None:
    content = samples.content(body=replace(samples.BODY, logo_png=png()))
    assert render_twin(content, SYMBOL, check_url=CHECK) == render_twin(content, SYMBOL, check_url=CHECK)
