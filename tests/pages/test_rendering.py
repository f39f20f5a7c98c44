"""What both web applications share: strict templates, escaped values, words only from the catalogue."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from passport.errors import PassportError
from passport.pages.rendering import Site, asset, choose_language, render, static_files

SITE = Site(scheme="Réseau <d’Exemple>", contact="01 99 00 00 00")
TEMPLATES = [
    file for file in files("passport.pages").joinpath("templates").iterdir() if file.name.endswith(".html")
]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_page_is_rendered_in_its_language_and_escaped(lang: str) -> None:
    page = render("error.html", lang, site=SITE, here="/", error="404", following="…")
    assert f'<html lang="{lang}">' in page
    assert "Réseau &lt;d’Exemple&gt;" in page
    assert "{{" not in page


def test_a_missing_value_or_text_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("error.html", "fr", site=SITE, error="404", following="…")
    with pytest.raises(PassportError, match="no text"):
        render("error.html", "fr", site=SITE, here="/", error="418", following="…")
    with pytest.raises(KeyError):
        asset("nothing.css")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_templates_hold_no_words_no_style_and_no_script_of_their_own(template: object) -> None:
    text = template.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    # A twin stands alone: its style sheet is put into the file, and its policy names the hash of just that.
    text = text.replace("<style>{{ style }}</style>", "") if template.name == "twin_base.html" else text  # type: ignore[attr-defined]
    if template.name == "script.html":  # type: ignore[attr-defined]
        text = text.replace('<script type="application/json" id="device">{{ device|tojson }}</script>', "")
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! src=)|\|\s*safe|autoescape|https?://", text)
    shown = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", " ", text, flags=re.DOTALL)
    assert re.findall(r"[A-Za-zÀ-ÿ]{2,}", shown) == []


def test_the_one_style_sheet_stays_small_and_asks_nobody() -> None:
    style = static_files()["style.css"].data
    assert len(style) < 15_000
    assert b"url(" not in style
    assert b"@import" not in style


@pytest.mark.parametrize(
    ("asked", "accepted", "lang"), [(None, "", "fr"), ("en", "fr", "en"), (None, "en", "en")]
)
def test_language(asked: str | None, accepted: str, lang: str) -> None:
    assert choose_language(asked, accepted) == lang
