"""Device: what a page needs to check by itself: the bundle for browsers, words, frameworks, pins.

What is decided here: that a page checks on the device only where the bundle was built (`verifier/browser`,
by ``make``), which texts it is given (those of the same catalogue, in the language of the page), and that
pins come with the page: never from a QR, never fetched. Without the bundle every page works as before.

Left to others: what the bundle decides (`verifier/browser/src`), how files are served (`served`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from starlette.routing import Route

import schemas
from passport.framework import Competence, Framework, Lang, framework, framework_ids
from passport.pages.catalogue import catalogue
from passport.pages.rendering import LANGUAGES, StaticFile, static_file
from passport.trust.writing import pin_document
from verifier.schemes import Schemes
from verifier.web.served import static_routes

__all__ = ["DeviceFiles", "connected", "device_files", "device_routes", "settings_of"]

_DIST: Final = Path(__file__).parents[1] / "browser" / "dist"
_BUILT: Final = ("device.js", "worker.js", "camera.js", "decoder.js", "decoder.wasm")
# What the bundle says, by the beginning of the key. A text that it lacks is an error there, and a test.
_SPOKEN: Final = (
    *("ago.", "answer.", "check_reference", "device.ask", "device.checked", "fields.", "form.title"),
    *("how.", "landing.failed", "level.", "level_note", "level_rule", "limits.", "meaning.", "problem."),
    *("profile.asked", "profile.at", "profile.change", "profile.fit.", "profile.not_assessed_note"),
    *("profile.not_compared", "profile.result", "profile.without", "profile.yours", "receipt.keep"),
    *("receipt.offer", "receipt.title", "report_problem", "result.", "site.home", "site.page_title"),
    *("site.title", "table.nothing", "what_level"),
)
# What a device never says: it reads no file of several credentials, and a service that fails says so itself.
_UNSAID: Final = frozenset({"documents_disagree", "no_code_in_file", "service_unavailable"})


@dataclass(frozen=True, slots=True)
class DeviceFiles:
    """The files of checking on the device. `frameworks`: id → language → texts; `worker`: its own script."""

    script: StaticFile
    worker: bytes
    camera: StaticFile
    decoder: StaticFile
    program: StaticFile
    words: Mapping[Lang, StaticFile]
    frameworks: Mapping[str, Mapping[Lang, StaticFile]]

    @property
    def kept(self) -> tuple[StaticFile, ...]:
        """The files that a phone keeps for use without a network."""
        texts = (file for named in self.frameworks.values() for file in named.values())
        return (self.script, self.camera, *self.words.values(), *texts)


@cache
def device_files(dist: Path = _DIST) -> DeviceFiles | None:
    """Return the files, read once; None where the bundle was not built."""
    try:
        script, worker, camera, decoder, program = ((dist / name).read_bytes() for name in _BUILT)
    except OSError:
        return None
    return DeviceFiles(
        script=static_file("device.js", script),
        worker=worker,
        camera=static_file("camera.js", camera),
        decoder=static_file("decoder.js", decoder),
        program=static_file("decoder.wasm", program),
        words={lang: _json(f"words-{lang}", _words(lang)) for lang in LANGUAGES},
        frameworks={
            one: {lang: _json(f"{one}-{lang}", _texts(framework(one), lang)) for lang in LANGUAGES}
            for one in framework_ids()
        },
    )


def device_routes(files: DeviceFiles) -> list[Route]:
    """Return a route for each file. The decoder, a worker, may compile WebAssembly; no page may."""
    compiling = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    return [
        *static_routes((*files.kept, files.program)),
        *static_routes((files.decoder,), {"Content-Security-Policy": compiling}),
    ]


def settings_of(files: DeviceFiles, documents: Schemes, contact: str) -> dict[str, Any]:
    """Return what is handed over with a page, as JSON; the scheme of the pages comes first.

    `contact`: whom to call, "" for the scheme's own.
    """
    leading = documents.pin
    others = (one.pin for one in documents.all if one.pin.issuer_prefix != leading.issuer_prefix)
    return {
        "script": files.script.path,
        "camera": files.camera.path,
        "decoder": files.decoder.path,
        "wasm": files.program.path,
        "pins": [json.loads(pin_document(pin)) for pin in (leading, *others)],
        "words": {lang: file.path for lang, file in files.words.items()},
        "frameworks": {
            one: {lang: file.path for lang, file in named.items()} for one, named in files.frameworks.items()
        },
        "contact": contact,
    }


def connected(documents: Schemes) -> tuple[str, ...]:
    """Return the addresses that a page may ask for public documents."""
    return tuple(documents.scheme_urls)


def _json(name: str, value: Any) -> StaticFile:
    return static_file(f"{name}.json", json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _words(lang: Lang) -> dict[str, Any]:
    words, said = catalogue(lang), schemas.read_json("wording/verdicts.json")
    return {
        "texts": dict(words.spoken(_SPOKEN)),
        "states": dict(_states(said["states"], lang)),
        "severities": {name: texts[lang] for name, texts in said["severities"].items()},
        "ticks": {
            name: {outcome: texts[lang] for outcome, texts in outcomes.items()}
            for name, outcomes in said["ticks"].items()
        },
    }


def _states(states: Any, lang: Lang) -> Iterator[tuple[str, Any]]:
    """Yield the states of reports and pages; those of typed codes are the server's alone."""
    for name, state in states.items():
        if state["kind"] != "code" and name not in _UNSAID:
            said = {part: state[lang][part] for part in ("title", "lead", "next", "optional")}
            yield name, {"severity": state["severity"], "icon": state["icon"], **said}


def _texts(known: Framework, lang: Lang) -> dict[str, Any]:
    return {
        "title": known.title(lang),
        "notes": [note for note in (known.attribution(lang), known.disclaimer(lang)) if note],
        "shown_as_level": known.shown_as_level,
        "max_level": known.max_level,
        "levels": {
            level: [
                known.level_label(level, lang),
                known.level_meaning(level, lang) or "",
                known.level_descriptor(level, lang),
            ]
            for level in known.level_labels
        },
        "competences": [_competence(known, one, lang) for one in known.competences],
    }


def _competence(known: Framework, one: Competence, lang: Lang) -> list[Any]:
    said = {level: known.sentence(one.id, level, lang=lang, person="third") for level in one.sentences}
    return [one.id, one.label(lang), one.descriptor(lang), said]
