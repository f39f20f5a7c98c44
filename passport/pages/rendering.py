"""Rendering: templates, texts and the few static files that both web applications share. No web framework.

What is decided here: that every value is escaped, that a missing value or text is an error and never a
hole, that all visible words come from the catalogue, and under which address a static file is served (its
name holds its hash, so that it may be kept for a year).

Left to others: which page answers what (`verifier.web`, `issuer.web`), the words (`catalogue`).

Example::

    site = Site(scheme="Réseau d’Exemple")
    html = render("error.html", "fr", site=site, here="/", error="404", following="…")
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from passport.framework import Lang
from passport.pages.catalogue import catalogue

__all__ = ["Site", "StaticFile", "asset", "choose_language", "render", "static_file", "static_files"]

LANGUAGES: Final[tuple[Lang, ...]] = ("fr", "en")
STATIC_PREFIX: Final = "/static/"
_MEDIA_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
}


@dataclass(frozen=True, slots=True)
class Site:
    """Who offers the pages. `scheme`, `contact`: "" when not known. `demo`: everything is a specimen.

    `accessibility`: what an audit found (RGAA); ``none`` until there was one. `legal`: whether this very host
    serves the pages that the law asks for.
    """

    scheme: str = ""
    contact: str = ""
    demo: bool = False
    accessibility: Literal["none", "partial", "full"] = "none"
    legal: bool = False


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A static file as served. `path`: its address, which changes with its bytes."""

    path: str
    media_type: str
    data: bytes


@cache
def static_files(package: str = "passport.pages", prefix: str = STATIC_PREFIX) -> Mapping[str, StaticFile]:
    """Return the static files of a package by name (``style.css``), read once, served under `prefix`."""
    found: dict[str, StaticFile] = {}
    for file in files(package).joinpath("static").iterdir():
        stem, _, ending = file.name.rpartition(".")
        if stem and ending in _MEDIA_TYPES:
            found[file.name] = static_file(file.name, file.read_bytes(), prefix)
    return MappingProxyType(found)


def static_file(name: str, data: bytes, prefix: str = STATIC_PREFIX) -> StaticFile:
    """Return bytes as a static file under `prefix`. `name`: with its ending, one of the kinds served."""
    stem, _, ending = name.rpartition(".")
    path = f"{prefix}{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
    return StaticFile(path, _MEDIA_TYPES[ending], data)


def asset(name: str) -> str:
    """Return the address of a static file. Raises `KeyError` for a name that there is not."""
    return static_files()[name].path


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("passport.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"asset": asset, "languages": LANGUAGES}
    return environment


def render(template: str, lang: Lang, /, **values: Any) -> str:
    """Return the page; in a template ``t(key, …)`` and ``lines(key, …)`` are the texts of `lang`.

    Raises `PassportError` for a text that does not exist and jinja2's errors for a value that is missing:
    both are faults of the program, found by the tests of every page.
    """
    words = catalogue(lang)
    return _environment().get_template(template).render(lang=lang, t=words.text, lines=words.lines, **values)


def choose_language(asked: str | None, accepted: str) -> Lang:
    """Return the language of a page: the one asked for, else the browser's preference, else French.

    `accepted`: the header ``Accept-Language`` (RFC 9110 section 12.5.4).
    """
    for lang in LANGUAGES:
        if asked == lang:
            return lang
    return max(LANGUAGES, key=partial(_weight, accepted=accepted[:200]))


def _weight(lang: Lang, accepted: str) -> float:
    """Return how much a language is wanted; of equals French comes first (`max` keeps the first)."""
    best = 0.0
    for part in accepted.lower().split(","):
        tag, _, quality = part.strip().partition(";q=")
        if tag.split("-")[0] == lang:
            try:
                best = max(best, min(1.0, float(quality or "1")))
            except ValueError:
                continue
    return best
