"""Files as people make them: what is taken, what is refused, and how well the refusal explains itself."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from issuer.intake import IntakeError, IntakeOptions, IntakeRow, read_people, template
from issuer.intake.faults import messages, shown
from passport.framework import framework, framework_ids
from passport.model import Method

TODAY = date(2026, 11, 25)
PLACES = {"mediatheque": "Médiathèque du Val", "centre": "Centre social"}
SAID = IntakeOptions(assessed_on="14/03/2026", method="observation")
PLAIN = "Prénom;Nom;DC 1.1\n"


def taken(
    data: bytes | str,
    options: IntakeOptions = SAID,
    *,
    body: str = "regie",
    places: Mapping[str, str] = PLACES,
) -> tuple[IntakeRow, ...]:
    raw = data.encode() if isinstance(data, str) else data
    return read_people(raw, body=body, options=options, places=places, today=TODAY)


def refused(data: bytes | str, options: IntakeOptions = SAID) -> list[tuple[str, int, str]]:
    """Return (code, line, column) of every fault; every fault must be sayable in both languages."""
    with pytest.raises(IntakeError) as caught:
        taken(data, options)
    for fault in caught.value.faults:
        for text in (fault.sentence("fr"), fault.sentence("en")):
            assert not re.search(r"[{}]", text.replace(fault.header, "")), text
    return [(f.code, f.line, f.column) for f in caught.value.faults]


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_line_ends(mark: str, encoding: str, end: str) -> None:
    lines = ["Prénom|Nom de famille|Né(e) le|DC 1.1", "Zoé|L’Hôpital-Œuvrard|14/03/1958|3", ""]
    (row,) = taken(end.join(lines).replace("|", mark).encode(encoding))
    assert (row.holder.given_name, row.holder.family_name) == ("Zoé", "L’Hôpital-Œuvrard")
    assert (row.holder.birthdate, dict(row.levels), row.line) == (date(1958, 3, 14), {"1.1": 3}, 2)


@pytest.mark.parametrize(
    ("given", "family", "birth", "day", "how", "where", "what"),
    [
        ("PRENOM", " nom  d'usage ", "Date De Naissance", "Évalué le", "méthode", "LIEU", "Référentiel"),
        ("Given name", "surname", "Date of birth", "Assessed_on", "Method", "place", "framework"),
        ("first-name", "Family Name", "birthdate", "date", "mode d’évaluation", "Site", "cadre"),
    ],
)
def test_titles_are_forgiven(
    given: str, family: str, birth: str, day: str, how: str, where: str, what: str
) -> None:
    head = ";".join((given, family, birth, day, how, where, what, "1.1"))
    (row,) = taken(f"{head}\nA;B;1958-03-14;01.02.2026;Test;Médiathèque du val;DigComp 3.0;2\n")
    assert row == IntakeRow(
        line=2,
        holder=row.holder,
        framework="digcomp-3.0",
        levels={"1.1": 2},
        assessed_on=date(2026, 2, 1),
        method=Method.TEST,
        place="mediatheque",
        source_key=row.source_key,
    )


@pytest.mark.parametrize(
    ("title", "competence"),
    [
        *(("1.1", "1.1"), ("DC 1.1", "1.1"), ("DC1.1", "1.1"), ("dc-2.6", "2.6"), ("DC 1,1", "1.1")),
        *(("5.4 Cerner ses besoins", "5.4"), ("DigComp 3.4", "3.4"), ("Compétence 4.2", "4.2")),
    ],
)
def test_competence_titles(title: str, competence: str) -> None:
    (row,) = taken(f'Prénom;Nom;"{title}"\nA;B;4\n')
    assert dict(row.levels) == {competence: 4}


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        *(("01/janv", "DC 1.1"), ("1-Jan", "DC 1.1"), ("01/01/2026", "DC 1.1"), ("02/févr", "DC 2.2")),
        *(("Jan-01", "DC 1.1"), ("2026-03-02", "DC 2.3"), ("05.04.2026", "DC 5.4"), ("4-août-26", "DC 4.8")),
        ("2026-01-01 00:00:00", "DC 1.1"),
    ],
)
def test_a_title_that_became_a_date_is_explained(title: str, meant: str) -> None:
    with pytest.raises(IntakeError) as caught:
        taken(f"Prénom;Nom;{title}\nA;B;4\n")
    (fault,) = caught.value.faults
    assert (fault.code, fault.line, fault.column) == ("competence_date", 1, "C")
    assert meant in fault.fix("fr")
    assert meant in fault.fix("en")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        *(("14/03/1958", 14), ("14-03-1958", 14), ("14.03.1958", 14), ("1958-03-14", 14), ("1958/3/4", 4)),
        *(
            ("4/3/1958", 4),
            ("1958-03-14 00:00:00", 14),
            ("14/03/1958 00:00", 14),
            ("1958-03-14T00:00:00Z", 14),
        ),
    ],
)
def test_dates(cell: str, day: int) -> None:
    (row,) = taken(f"Prénom;Nom;Naissance;DC 1.1\nA;B;{cell};4\n")
    assert row.holder.birthdate == date(1958, 3, day)


@pytest.mark.parametrize(
    ("cell", "code", "fix"),
    [
        ("14/03/58", "date_two_digits", "14/03/1958"),
        ("21258", "date_serial", "14/03/1958"),
        ("21258,0", "date_serial", "14/03/1958"),
        ("03/14/1958", "date_month_first", "14/03/1958"),
        ("30/02/1958", "date_impossible", "14/03/1958"),
        ("14 mars 1958", "date_form", "14/03/1958"),
        ("1958", "date_serial", "Date"),
        ("14/03/2058", "date_future", "année"),
        ("14/03/1858", "date_early", "année"),
        ("१४/०३/१९५८", "date_form", "14/03/1958"),
        ("14/03/2026", "born_after", "échangées"),
    ],
)
def test_dates_that_are_refused_come_with_their_fix(cell: str, code: str, fix: str) -> None:
    with pytest.raises(IntakeError) as caught:
        taken(f"Prénom;Nom;Naissance;DC 1.1\nA;B;{cell};4\n")
    (fault,) = caught.value.faults
    assert (fault.code, fault.line, fault.column, fault.header) == (code, 2, "C", "Naissance")
    assert fix in fault.fix("fr")


@pytest.mark.parametrize(
    ("cell", "level"), [("1", 1), ("8", 8), ("Niveau 3", 3), ("n4", 4), ("3,0", 3), ("3.0", 3), (" 5 ", 5)]
)
def test_levels(cell: str, level: int) -> None:
    (row,) = taken(f"{PLAIN}A;B;{cell}\n")
    assert dict(row.levels) == {"1.1": level}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *(("0", "level_range"), ("9", "level_range"), ("3,5", "level_form"), ("avec aide", "level_form")),
        *(("-1", "level_form"), ("x", "level_form"), ("３", "level_form"), ("pas encore", "level_form")),
    ],
)
def test_levels_that_are_refused(cell: str, code: str) -> None:
    assert refused(f"{PLAIN}A;B;{cell}\n") == [(code, 2, "C")]


@pytest.mark.parametrize(
    ("cell", "step"),
    [
        *(("avec aide", 1), ("Avec de l'aide", 1), ("1", 1), ("with help", 1)),
        *(("seul(e)", 2), ("SEULE", 2), ("seul·e", 2), ("2", 2), ("alone", 2)),
    ],
)
def test_mentions_of_the_first_steps(cell: str, step: int) -> None:
    options = IntakeOptions(framework="Découverte", assessed_on="2026-03-14", method="observation")
    (row,) = taken(f"Prénom;Nom;D1;D5\nA;B;;{cell}\n", options)
    assert (row.framework, dict(row.levels)) == ("decouverte", {"D5": step})


def test_levels_are_in_the_order_of_the_framework() -> None:
    (row,) = taken("DC 2.1;Nom;DC 1.1;Prénom\n3;B;4;A\n")
    assert list(row.levels) == ["1.1", "2.1"]


def test_a_column_wins_over_an_option_and_an_empty_cell_falls_back() -> None:
    options = IntakeOptions(assessed_on="01/02/2026", method="test", place="centre")
    rows = taken(
        "Prénom;Nom;Date;Méthode;Lieu;1.1\nA;B;14/03/2026;observation;mediatheque;3\nC;D;;;;3\n", options
    )
    assert [(r.assessed_on.month, r.method.value, r.place) for r in rows] == [
        (3, "observation", "mediatheque"),
        (2, "test", "centre"),
    ]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    data = (
        "Prénom;Nom;Né(e) le;DC 1.1;Courriel;Date\n"
        "Zoé;=cmd|' /C calc'!A0;14/03/58;3;;14/03/2026\n"
        "\n"
        ";Durand;;9;;\n"
        "Ana;Luz;;;;14/03/2026;deux;trois\n"
    )
    assert refused(data, IntakeOptions(method="devinette")) == [
        ("method_unknown", 0, ""),
        ("header_unknown", 1, "E"),
        ("name_formula", 2, "B"),
        ("date_two_digits", 2, "C"),
        ("name_missing", 4, "A"),
        ("level_range", 4, "D"),
        ("assessed_on_missing", 4, "F"),
        ("levels_missing", 5, ""),
        ("cells_extra", 5, "G"),
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("=1+1", "name_formula"),
        ("+33", "name_formula"),
        ("-Paul", "name_formula"),
        ("@SUM", "name_formula"),
        ("HÃ©lÃ¨ne", "name_damaged"),
        ("H?l?ne", "name_damaged"),
        ("H\N{REPLACEMENT CHARACTER}l", "name_damaged"),
        ("<b>Zoé</b>", "name_character"),
        ("12345", "name_character"),
        ("'t Hooft", "name_start"),
        ("Zo\u202eé", "name_invisible"),
        ("Zo\u200bé", "name_invisible"),
        ("Zo\x07é", "name_invisible"),
        ("Z" * 101, "name_length"),
    ],
)
def test_names_that_are_refused(name: str, code: str) -> None:
    assert refused(f"{PLAIN}{name};B;3\n") == [(code, 2, "A")]


@pytest.mark.parametrize(
    "name", ["O", "Lê", "d’Artagnan", "Anne-Éléonore", "Ғани", "Müller", "Nuñez y Ruiz", "Jean 2"]
)
def test_names_that_are_taken(name: str) -> None:
    (row,) = taken(f"{PLAIN}{name};B;3\n")
    assert row.holder.given_name == name


def test_two_spellings_of_one_name_are_one_name() -> None:
    composed, decomposed = taken(f"{PLAIN}Zoé;B;3\nZoe\u0301;\u00a0 B ;3\n")
    assert composed.holder == decomposed.holder


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("empty_file", 0, "")),
        (b"\n \n;;\n", ("empty_file", 0, "")),
        (b"PK\x03\x04rest", ("workbook", 0, "")),
        (b"%PDF-1.7", ("not_text", 0, "")),
        ("Prénom;Nom".encode("utf-16"), ("utf16", 0, "")),
        (b"Nom;DC 1.1\nA\x00;3\n", ("nul_byte", 2, "")),
        (b"Nom;DC 1.1\n\xe9\x81;3\n", ("encoding", 2, "")),
        (f'{PLAIN}"A;B;3\n'.encode(), ("quotes", 2, "")),
        (b"x" * 10_000_001, ("file_too_big", 0, "")),
        (PLAIN.encode() + b"A;B;3\n" * 20_001, ("too_many_lines", 0, "")),
        (b";".join([b"a"] * 201), ("too_many_columns", 1, "")),
        (f"{PLAIN}{'A' * 2001};B;3\n".encode(), ("cell_too_long", 2, "A")),
        (PLAIN.encode(), ("no_people", 0, "")),
    ],
)
def test_files_that_are_no_list(data: bytes, expected: tuple[str, int, str]) -> None:
    assert refused(data) == [expected]


def test_the_limit_itself_is_taken() -> None:
    assert len(taken(PLAIN + "A;B;3\n" * 20_000)) == 20_000


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Prénom;Nom;Nom;1.1\nA;B;C;3\n", [("header_twice", 1, "C")]),
        ("Prénom;Nom;1.1;DC 1.1\nA;B;3;3\n", [("header_twice", 1, "D")]),
        ("Prénom;Nom;1.1;1.9\nA;B;3;\n", [("header_unknown", 1, "D")]),
        ("Prénon;Nom;1.1\nA;B;3\n", [("no_given_name_column", 1, ""), ("header_near", 1, "A")]),
        ("Prénom;Nom;1.1;\nA;B;3;x\n", [("header_missing", 1, "D")]),
        ("Prénom;Nom;46023\nA;B;3\n", [("no_competence_column", 1, ""), ("competence_serial", 1, "C")]),
        ("Prénom;Nom;D1\nA;B;1\n", [("competence_of_other", 2, "C")]),
        ("Prénom;Nom;Lieu;1.1\nA;B;Lune;1\n", [("place_unknown", 2, "C")]),
        ("Prénom;Nom;Cadre;1.1\nA;B;digcomp-2.2;1\n", [("framework_unknown", 2, "C")]),
    ],
)
def test_columns_that_are_refused(data: str, expected: list[tuple[str, int, str]]) -> None:
    assert refused(data) == expected


def test_columns_that_are_left_aside() -> None:
    (row,) = taken("Prénom;#Courriel;Nom;;1.1;;\nA;a@b.example;B;;3;;\n")
    assert row.holder.full_name == "A B"


def test_without_day_and_method_each_is_said_once() -> None:
    assert refused(f"{PLAIN}A;B;3\nC;D;3\n", IntakeOptions()) == [
        ("no_assessed_on", 1, ""),
        ("no_method", 1, ""),
    ]


def test_a_line_in_a_quoted_cell_keeps_the_numbers_of_the_spreadsheet() -> None:
    data = 'sep=;\r\n#Note;Prénom;Nom;1.1\r\n"deux\r\nlignes; et ""plus""";A;B;3\r\n;C;D;77\r\n'
    assert refused(data) == [("level_range", 3, "D")]


def test_source_keys() -> None:
    once = taken(f"{PLAIN}A;B;3\nC;D;4\nA;B;3\n")
    assert len({row.source_key for row in once}) == 3
    again = taken("Nom,Prénom,1.1\nB,A,3\nB,A,niveau 3\nD,C,4\n".encode("cp1252"))
    assert {row.source_key for row in again} == {row.source_key for row in once}
    assert taken(f"{PLAIN}A;B;3\n", body="cci")[0].source_key != once[0].source_key
    assert all(re.fullmatch("[0-9a-f]{64}", row.source_key) for row in once)


@pytest.mark.parametrize("framework_id", framework_ids())
def test_the_template_is_read_back(framework_id: str) -> None:
    for lang in ("fr", "en"):
        data = template(framework_id, lang=lang)
        width = len(next(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")))
        cells = ["Zoé", "Lê", "", "2026-03-14", "test", "centre", framework_id, *["1"] * (width - 7)]
        (row,) = taken(data + ";".join(cells).encode(), IntakeOptions())
        assert list(row.levels) == [c.id for c in framework(framework_id).competences]


def test_every_fault_has_its_words() -> None:
    source = Path(__file__).parents[3] / "issuer" / "intake"
    code = "".join(path.read_text("utf-8") for path in source.glob("*.py"))
    used = set(re.findall(r'(?:Fault|Refused)\(\s*"([a-z_0-9]+)"', code))
    said = messages()
    assert used <= said.keys()
    for name, entry in said.items():
        assert set(entry) == {"fr", "en"}, name
        assert json.dumps(entry["fr"]) != json.dumps(entry["en"])
        if name != "_place":
            assert not re.search(r" [:;?!»]|« ", " ".join(entry["fr"].values())), name


def test_a_cell_is_repeated_in_french_and_without_a_command_for_the_terminal() -> None:
    assert shown("Médiathèque\u00a0: salle\u202f2") == "Médiathèque\u00a0: salle\u202f2"
    assert shown("a\x1b[2J\nb\u202ec\x9b") == "a�[2J�b�c�"
    assert shown("é" * 41) == "é" * 39 + "…"
