"""Frameworks as the rest of the house sees them."""

import dataclasses
import subprocess
import sys
from datetime import date

import pytest

import schemas
from passport.errors import UnsupportedError
from passport.framework import Framework, Lang, framework, framework_ids
from passport.model import Attestation, Holder, Method


def test_the_known_frameworks() -> None:
    assert framework_ids() == ("crcn", "decouverte", "digcomp-3.0")
    assert [framework(i).id for i in framework_ids()] == list(framework_ids())
    assert framework("crcn") is framework("crcn")


@pytest.mark.parametrize(
    "unknown", ["digcomp-2.2", "", "../gestes", "DigComp-3.0", "digcomp-3.0.json", "crcn/", "x" * 9999]
)
def test_an_unknown_framework_names_the_known_ones(unknown: str) -> None:
    with pytest.raises(UnsupportedError) as error:
        framework(unknown)
    assert error.value.code == "unknown_framework"
    assert "crcn, decouverte, digcomp-3.0" in error.value.hint
    assert len(str(error.value)) < 200


def test_the_packing_order_is_frozen() -> None:
    """A change here breaks every printed QR: make a new framework id instead."""
    assert [c.id for c in framework("digcomp-3.0").competences] == [
        *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "3.1", "3.2"),
        *("3.3", "3.4", "4.1", "4.2", "4.3", "4.4", "5.1", "5.2", "5.3", "5.4"),
    ]
    assert [c.id for c in framework("decouverte").competences] == ["D1", "D2", "D3", "D4", "D5"]
    assert [c.id for c in framework("crcn").competences] == [
        *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1"),
        *("3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2"),
    ]


def test_levels_and_mentions() -> None:
    digcomp, decouverte, crcn = (framework(i) for i in ("digcomp-3.0", "decouverte", "crcn"))
    assert (digcomp.scale, digcomp.shown_as_level, digcomp.min_level, digcomp.max_level) == (
        "levels",
        True,
        1,
        8,
    )
    assert (crcn.scale, crcn.shown_as_level, crcn.min_level, crcn.max_level) == ("levels", True, 1, 8)
    assert (decouverte.scale, decouverte.shown_as_level, decouverte.max_level) == ("mentions", False, 2)
    assert [decouverte.level_label(n, "fr") for n in (1, 2)] == ["Avec aide", "Seul(e)"]
    assert digcomp.level_label(4, "fr") == "En s’adaptant"
    assert crcn.level_label(4, "fr") == "Indépendant"


def test_sentences_in_each_voice() -> None:
    digcomp = framework("digcomp-3.0")
    assert digcomp.sentence("2.1", 1) == "Avec de l’aide, j’ouvre un message et j’y réponds."
    assert (
        digcomp.sentence("2.1", 1, person="third")
        == "Avec de l’aide, la personne ouvre un message et y répond."
    )
    in_english = "With help, the person opens a message and replies to it."
    assert digcomp.sentence("2.1", 1, lang="en") == in_english
    assert digcomp.sentence("2.1", 1, lang="en", person="third") == in_english
    assert framework("decouverte").sentence("D1", 2) == "Je me sers d’un écran tactile sans aide."


def test_a_framework_without_sentences_says_the_name_of_the_competence() -> None:
    crcn = framework("crcn")
    assert not crcn.has_sentences
    assert crcn.sentence("2.3", 5) == "Collaborer"
    assert crcn.sentence("2.3", 5, lang="en", person="third") == "Collaborating"
    assert framework("digcomp-3.0").has_sentences
    assert framework("decouverte").has_sentences


def test_what_is_not_known_is_refused() -> None:
    digcomp = framework("digcomp-3.0")
    assert digcomp.knows("1.1", 8)
    assert not digcomp.knows("1.1", 0)
    assert not digcomp.knows("1.1", 9)
    assert not digcomp.knows("1.4", 1)
    assert not framework("decouverte").knows("D1", 3)
    for call in (lambda: digcomp.competence("9.9"), lambda: digcomp.sentence("D1", 1)):
        with pytest.raises(UnsupportedError) as error:
            call()
        assert error.value.code == "unknown_competence"
    crcn = framework("crcn")
    for call in (
        lambda: digcomp.sentence("1.1", 9),
        lambda: crcn.sentence("1.1", 0),
        lambda: crcn.level_label(9, "fr"),
    ):
        with pytest.raises(UnsupportedError) as error:
            call()
        assert error.value.code == "unknown_level"


@pytest.mark.parametrize("framework_id", framework_ids())
def test_areas_hold_every_competence_once_and_in_order(framework_id: str) -> None:
    subject = framework(framework_id)
    in_areas = [c for area in subject.areas for c in area.competences]
    assert in_areas == [c.id for c in subject.competences]
    for lang in ("fr", "en"):
        assert all(area.label(lang) for area in subject.areas)
        assert all(c.label(lang) for c in subject.competences)
        assert subject.title(lang)


def test_attribution_goes_with_its_disclaimer() -> None:
    digcomp = framework("digcomp-3.0")
    assert "JRC144121" in (digcomp.attribution("en") or "")
    assert "pas responsable" in (digcomp.disclaimer("fr") or "")
    assert framework("decouverte").attribution("fr") is None
    assert framework("decouverte").disclaimer("fr") is None


def test_the_model_takes_every_id_and_level_of_every_framework() -> None:
    for subject in map(framework, framework_ids()):
        levels = {c.id: subject.max_level for c in subject.competences}
        made = Attestation(
            issuer="https://example.org/o/centre",
            holder=Holder("Zoé", "Le Goff"),
            framework=subject.id,
            levels=levels,
            assessed_on=date(2027, 3, 1),
            method=Method.OBSERVATION,
            issued_at=1_800_000_000,
        )
        assert dict(made.levels) == levels


def test_a_framework_cannot_be_changed() -> None:
    subject = framework("crcn")
    with pytest.raises(dataclasses.FrozenInstanceError):
        subject.id = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        subject.level_labels[1] = {}  # type: ignore[index]
    with pytest.raises(TypeError):
        subject.competence("1.1").labels["fr"] = "autre"  # type: ignore[index]


def test_importing_parses_no_framework() -> None:
    program = (
        "import schemas; read = []; schemas.read_bytes = read.append; schemas.names = read.append;"
        "import passport.framework, passport.pages.catalogue; assert read == [], read;"
        "import sys; heavy = {'fastapi', 'sqlmodel', 'reportlab', 'babel', 'cryptography'} & {*sys.modules};"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_the_sentences_are_those_of_the_file() -> None:
    data = schemas.read_json("frameworks/digcomp-3.0.json")
    subject: Framework = framework("digcomp-3.0")
    langs: tuple[Lang, ...] = ("fr", "en")
    for competence in data["competences"]:
        for level, said in competence["sentences"].items():
            for lang in langs:
                assert (
                    subject.sentence(competence["id"], int(level), lang=lang, person="third")
                    == said[lang]["third"]
                )
