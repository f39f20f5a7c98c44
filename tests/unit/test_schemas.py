"""The published data: the loader, the shape of frameworks, the rules of their sentences."""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import schemas

ROOT = Path(__file__).parents[2]
FRAMEWORKS = schemas.names("frameworks")

# What makes a DigComp sentence one of its level: (first person, third person, English).
MARKERS = {
    "1": (r"^Avec de l’aide, ", r"^Avec de l’aide, la personne ", r"^With help, the person "),
    "2": (
        r", avec un peu d’aide si besoin\.$",
        r", avec un peu d’aide si besoin\.$",
        r", with a little help if needed\.$",
    ),
    "3": (r"^Sans aide, ", r"^Sans aide, la personne ", r"^Without help, the person "),
    "4": (r"[Ss]elon|besoins|adapte", r"[Ss]elon|besoins|adapte", r"needs|adapts"),
    "5": (
        r"^J’(aide|explique|apprends|accompagne)|^Je (montre|guide|conseille)",
        r"^La personne (aide|explique|apprend|accompagne|montre|guide|conseille) ",
        r"^The person (helps|explains|teaches|guides|shows|advises) ",
    ),
    "6": (
        r"^Face à .* (le|la|les) plus adaptée?s?",
        r"^Face à .* (le|la|les) plus adaptée?s?",
        r"^Faced with .* most suitable",
    ),
    "7": (
        r"complexe.*(équipe|métier|service|collègues)",
        r"complexe.*(équipe|métier|service|collègues)",
        r"complex .*(team|profession|department|colleagues)",
    ),
    "8": (
        r"^(Je (crée|conçois)|J’invente) .*nouve",
        r"^La personne (crée|conçoit|invente) .*nouve",
        r"^The person (creates|designs|invents) .*new ",
    ),
}

FRENCH_FAULT = re.compile(r"'|(?<![\u00a0\u202f])[:;?!»]|«(?![\u00a0\u202f])|  |\.\.\.")


def strings(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from strings(value, f"{path}/{name}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from strings(value, f"{path}/{number}")
    elif isinstance(node, str):
        yield path, node


def french(node: Any) -> Iterator[tuple[str, str]]:
    return ((p, s) for p, s in strings(node) if "/fr" in p and "/official" not in p)


def digcomp() -> Any:
    return schemas.read_json("frameworks/digcomp-3.0.json")


def sentences(data: Any) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    for competence in data["competences"]:
        for level, said in (competence["sentences"] or {}).items():
            yield competence["id"], level, (said["fr"]["first"], said["fr"]["third"], said["en"]["third"])


# --- the loader


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "frameworks/../../x",
        "/etc/passwd",
        "frameworks//crcn.json",
        "",
        ".",
        "./gestes.json",
        "frameworks\\crcn.json",
        "C:/x",
        "frameworks/.hidden",
        "frameworks/crcn.json\0",
        "frameworks/crcn.json\n",
    ],
)
def test_a_path_cannot_leave_the_package(path: str) -> None:
    with pytest.raises(schemas.UnknownSchemaError, match="cannot name a file"):
        schemas.read_bytes(path)
    with pytest.raises(schemas.UnknownSchemaError):
        schemas.names(path)


def test_a_missing_file_says_what_lies_beside_it() -> None:
    with pytest.raises(LookupError, match=r"Known there: .*crcn\.json, decouverte\.json, digcomp-3\.0\.json"):
        schemas.read_json("frameworks/digcomp-3.json")


def test_a_folder_is_not_a_file_nor_the_reverse() -> None:
    with pytest.raises(schemas.UnknownSchemaError):
        schemas.read_bytes("frameworks")
    with pytest.raises(schemas.UnknownSchemaError):
        schemas.names("gestes.json")


def test_what_is_read_is_fresh_each_time() -> None:
    first = schemas.read_json("frameworks/crcn.json")
    first["id"] = "changed"
    assert schemas.read_json("frameworks/crcn.json")["id"] == "crcn"


def test_the_loader_and_the_catalogue_work_from_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "house.zip"
    with zipfile.ZipFile(archive, "w") as house:
        for folder in ("schemas", "passport"):
            for file in (ROOT / folder).rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    house.write(file, file.relative_to(ROOT))
    program = (
        f"import sys; sys.path.insert(0, {str(archive)!r}); import schemas;"
        "from passport.framework import framework; from passport.pages.catalogue import catalogue;"
        "assert schemas.__file__.startswith(sys.path[0]), schemas.__file__;"
        "print(framework('digcomp-3.0').id, schemas.names('frameworks'), catalogue('en').text('site.title'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stderr == ""
    assert done.stdout.strip() == f"digcomp-3.0 {FRAMEWORKS} Check an attestation"


def test_the_wheel_takes_whole_packages_with_their_data() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {"schemas", "passport"} <= set(wheel["packages"])
    assert not {"include", "only-include"} & wheel.keys()
    assert wheel["exclude"] == ["verifier/browser"]  # sources of what is built there
    ignored = (ROOT / ".gitignore").read_text().split()  # hatch leaves out what git ignores
    assert not [line for line in ignored if "json" in line or line.rstrip("/") in {"schemas", "catalogue"}]


# --- frameworks


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_framework_has_the_common_shape(name: str) -> None:
    data = schemas.read_json(f"frameworks/{name}")
    jsonschema.Draft202012Validator(schemas.read_json("framework.schema.json")).validate(data)
    assert f"{data['id']}.json" == name
    scale = data["scale"]
    steps = [step["step"] for step in scale["steps"]]
    assert steps == list(range(scale["min"], scale["max"] + 1))
    areas = [area["id"] for area in data["areas"]]
    ids = [c["id"] for c in data["competences"]]
    assert len(set(areas)) == len(areas)
    assert len(set(ids)) == len(ids)
    assert [a for a in areas if a not in {c["area"] for c in data["competences"]}] == []
    assert {c["area"] for c in data["competences"]} <= set(areas)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_sentences_cover_every_step_or_there_are_none(name: str) -> None:
    data = schemas.read_json(f"frameworks/{name}")
    steps = {str(step["step"]) for step in data["scale"]["steps"]}
    covered = {c["id"]: set(c["sentences"] or ()) for c in data["competences"]}
    assert set(map(frozenset, covered.values())) in ({frozenset(steps)}, {frozenset()}), covered


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_no_sentence_is_used_twice(name: str) -> None:
    said = [s for _, _, texts in sentences(schemas.read_json(f"frameworks/{name}")) for s in texts]
    assert sorted(s for s in set(said) if said.count(s) > 1) == []


@pytest.mark.parametrize("name", [*(f"frameworks/{n}" for n in FRAMEWORKS), "gestes.json", "stages.json"])
def test_french_is_set_as_french(name: str) -> None:
    data = schemas.read_json(name)
    assert [(p, s) for p, s in french(data) if FRENCH_FAULT.search(s)] == []


def test_digcomp_is_complete() -> None:
    data = digcomp()
    counts = {a["id"]: sum(c["area"] == a["id"] for c in data["competences"]) for a in data["areas"]}
    assert counts == {"1": 3, "2": 6, "3": 4, "4": 4, "5": 4}
    assert len(list(sentences(data))) == 21 * 8
    assert all(
        c["official"]["name"]["en"] and c["official"]["description"]["en"] for c in data["competences"]
    )
    assert "JRC144121" in data["attribution"]["fr"]
    assert "CC BY 4.0" in data["attribution"]["fr"]
    assert "n’en est pas responsable" in data["disclaimer"]["fr"]


@pytest.mark.parametrize("level", MARKERS)
def test_digcomp_sentences_bear_the_mark_of_their_level(level: str) -> None:
    wrong = [
        (competence, text)
        for competence, at, texts in sentences(digcomp())
        for text, marker in zip(texts, MARKERS[level], strict=True)
        if at == level and not re.search(marker, text)
    ]
    assert wrong == []


def test_digcomp_sentences_are_short_and_speak_in_their_person() -> None:
    for competence, level, (first, third, en) in sentences(digcomp()):
        where = f"{competence} level {level}"
        assert max(map(len, (first, third, en))) <= 120, where
        # « d’autres : santé » counts its signs with the words they follow.
        assert max(len(re.findall(r"[\w’-]+", text)) for text in (first, third)) <= 15, where
        assert re.search(r"\b[Jj](e |’)", first), where
        assert "la personne" in third.lower(), where
        assert not re.search(r"\b(je|j’|mon|ma|mes|moi|nos)\b", third, re.IGNORECASE), where
        assert all(text.endswith(".") for text in (first, third, en)), where


def test_levels_one_to_three_name_gestures_that_exist_and_no_other_level_does() -> None:
    grid = schemas.read_json("gestes.json")
    level_of = {g["id"]: g["level"] for c in grid["competences"] for g in c["gestes"]}
    for competence in digcomp()["competences"]:
        assert set(competence["gestes"]) == {"1", "2", "3"}
        for level, gestes in competence["gestes"].items():
            assert gestes
            assert all(level_of[g] == int(level) and g.startswith(competence["id"]) for g in gestes), gestes


def test_decouverte_is_never_a_level() -> None:
    data = schemas.read_json("frameworks/decouverte.json")
    assert data["scale"]["kind"] == "mentions"
    assert data["scale"]["shown_as_level"] is False
    assert [s["label"]["fr"] for s in data["scale"]["steps"]] == ["Avec aide", "Seul(e)"]
    shown = [
        s
        for key in ("title", "areas", "competences")
        for p, s in strings(data[key])
        if re.search("/(fr|en)", p)
    ]
    shown += [s for step in data["scale"]["steps"] for p, s in strings(step)]
    assert [s for s in shown if re.search(r"\d|niveau|level", s, re.IGNORECASE)] == []
    grid = schemas.read_json("gestes.json")["decouverte"]
    assert [t["id"] for t in grid] == [c["id"] for c in data["competences"]] == ["D1", "D2", "D3", "D4", "D5"]
    assert [c["gestes"]["1"] for c in data["competences"]] == [[g["id"] for g in t["gestes"]] for t in grid]


def test_crcn_holds_official_words_or_nothing() -> None:
    data = schemas.read_json("frameworks/crcn.json")
    assert len(data["competences"]) == 16
    for entry in (*data["scale"]["steps"], *data["competences"]):
        official = entry["official"]
        left_empty = official["provenance"].startswith("Official text not read")
        assert (official["description"] is None) == left_empty, official
    known = set(digcomp_ids())
    assert all(set(c["digcomp"]) <= known for c in data["competences"])


def digcomp_ids() -> list[str]:
    return [c["id"] for c in digcomp()["competences"]]


def test_stages_and_workshops_speak_of_what_exists() -> None:
    known = {*digcomp_ids(), "D1", "D2", "D3", "D4", "D5"}
    stages, grid = schemas.read_json("stages.json"), schemas.read_json("gestes.json")
    assert {c["competence"] for c in stages["core"]} <= known
    assert {theme for themes in stages["decouverte_needs_any_of"] for theme in themes} <= known
    gestes = {g["id"] for group in (*grid["competences"], *grid["decouverte"]) for g in group["gestes"]}
    for workshop in grid["ateliers"]:
        assert set(workshop["competences"]) <= known
        assert set(workshop["gestes"]) <= gestes
