"""The badge: a square picture with the credential baked in, and what it must not show."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from passport.baking.png import read_png
from passport.baking.svg import read_svg
from passport.documents.badge import BadgeContent, badge_content, render_badge_png, render_badge_svg
from passport.documents.content import BodyLine
from passport.errors import PassportError
from passport.framework import framework
from tests.documents.samples import ALL, BODY, attestation

TOKEN = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0." + b"A" * 86
DECOUVERTE = {framework("decouverte").competences[0].id: 2}


def words(
    levels: dict[str, int] = ALL, known: str = "digcomp-3.0", *, specimen: bool = False
) -> BadgeContent:
    said = attestation(levels, known=known)
    return badge_content(said, body=BODY, specimen=specimen, lang="fr")


def title(svg: bytes) -> str:
    found = re.search(r"<title>(.*)</title>", svg.decode())
    assert found is not None
    return found.group(1)


def test_both_pictures_carry_the_token_and_are_the_same_each_time() -> None:
    content = words()
    png, svg = render_badge_png(content, TOKEN), render_badge_svg(content, TOKEN)
    assert read_png(png) == read_svg(svg) == TOKEN
    assert (png, svg) == (render_badge_png(content, TOKEN), render_badge_svg(content, TOKEN))
    assert len(png) < 60_000
    assert len(svg) < 120_000


def test_the_png_is_a_square_without_holes() -> None:
    with Image.open(io.BytesIO(render_badge_png(words(), TOKEN))) as picture:
        assert picture.size == (640, 640)
        assert "transparency" not in picture.info
        assert picture.convert("RGB").getpixel((320, 560)) == (255, 255, 255)


def test_the_svg_loads_nothing_and_names_no_font() -> None:
    svg = render_badge_svg(words(), TOKEN).decode()
    assert re.findall(r"href|font|url\(|<text|<style|<script|<image", svg) == []
    assert set(re.findall(r'"(https?:[^"]*)"', svg)) == {
        "http://www.w3.org/2000/svg",
        "https://purl.imsglobal.org/ob/v3p0",
    }


def test_the_words_in_order_and_never_the_holder() -> None:
    said = title(render_badge_svg(words({"1.1": 2, "2.1": 3}), TOKEN))
    assert said == (
        "Compétences numériques. Centre social du Cap Blanc. DigComp 3.0. Jusqu’au niveau 3 sur 8. "
        "Ni diplôme, ni certification professionnelle."
    )
    assert "Dupont" not in said


def test_a_specimen_says_so() -> None:
    assert title(render_badge_svg(words(specimen=True), TOKEN)).startswith("Spécimen, sans valeur. ")
    # The band at the bottom is black with white letters, where a real badge is white.
    real, demo = (Image.open(io.BytesIO(render_badge_png(words(specimen=s), TOKEN))) for s in (False, True))
    band = [one.convert("L").getpixel((500, 590)) for one in (demo, real)]
    assert band[0] < 60 < 200 < band[1]


def test_mentions_are_never_a_number() -> None:
    content = words(DECOUVERTE, "decouverte")
    assert (content.level, content.level_number, content.level_words) == (None, "", "Seul(e)")
    assert not re.search(r"\d", title(render_badge_svg(content, TOKEN)))


@pytest.mark.parametrize(
    "name", ["Œ" * 90, "A", "Chambre de commerce et d’industrie du Cantal, antenne du bassin"]
)
def test_a_long_name_is_smaller_and_whole(name: str) -> None:
    content = badge_content(attestation(), body=BodyLine(name), specimen=True, lang="en")
    assert name in title(render_badge_svg(content, TOKEN))
    assert render_badge_png(content, TOKEN)


def test_a_name_that_is_xml_stays_a_name() -> None:
    content = badge_content(attestation(), body=BodyLine("</title><script>&"), specimen=False, lang="fr")
    svg = render_badge_svg(content, TOKEN)
    assert read_svg(svg) == TOKEN
    assert b"<script>" not in svg


def test_a_name_without_glyphs_is_refused() -> None:
    content = badge_content(attestation(), body=BodyLine("東京"), specimen=False, lang="fr")
    with pytest.raises(PassportError) as caught:
        render_badge_svg(content, TOKEN)
    assert caught.value.code == "glyph_missing"
