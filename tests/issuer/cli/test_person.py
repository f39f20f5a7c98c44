"""`passport person`: data given, somebody erased, whoever was kept long enough."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from issuer.settings import DATABASE_FILE
from tests.issuer.cli.conftest import Passport


def test_somebody_gets_everything_and_is_erased(passport: Passport, folder: Path, issued: list[str]) -> None:
    ran = passport("person", "export", folder, issued[0], "--out", "zoe.zip")
    assert ran.status == 0
    assert Path("zoe.zip").stat().st_mode & 0o077 == 0
    data = json.loads(zipfile.ZipFile("zoe.zip").read("donnees.json"))
    assert data["person"]["given_name"] == "Zoé"
    assert passport("person", "export", folder, issued[0], "--out", "zoe.zip").status == 2
    erased = passport("person", "erase", folder, issued[0], "--yes", "--json")
    assert erased.json == {"attestations": 1, "withdrawn": 1}
    again = passport("person", "erase", folder, issued[0], "--yes")
    assert again.status == 1
    assert "code" in again.err
    assert passport("reprint", folder, issued[0], "--out", "again").status == 1
    assert passport("check", folder).status == 0
    other = passport("person", "erase", folder, data["person"]["id"], "--yes", "--keep-valid")
    assert other.status == 1  # the same person, by their id


def test_nobody_is_erased_without_a_word(
    passport: Passport, folder: Path, issued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.confirm", lambda _: False)
    assert passport("person", "erase", folder, issued[0]).status != 0
    assert passport("reprint", folder, issued[0], "--out", "again").status == 0


@pytest.mark.parametrize("who", ["xxx", "0" * 24, "2346-789B-CDF"])
def test_whoever_is_not_there_is_told(passport: Passport, folder: Path, who: str) -> None:
    assert passport("person", "erase", folder, who, "--yes").status == 1


def test_whoever_was_kept_long_enough_is_counted_then_erased(
    passport: Passport, folder: Path, issued: list[str]
) -> None:
    assert passport("person", "over", folder, "--json").json["count"] == 0
    # Their papers are as old as the settings: somebody else's time is not over.
    scheme = json.loads((folder / "scheme.json").read_text())
    assert (scheme["attestation_years"], scheme["register_years"]) == (3, 2)
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as database, database:
        database.execute(
            "UPDATE attestation SET assessed_on = '2019-01-01' WHERE code = ?", [issued[0].replace("-", "")]
        )
        database.execute("UPDATE holder SET created_at = 1500000000")
    assert passport("person", "over", folder, "--json").json["count"] == 1
    ran = passport("person", "over", folder, "--erase")
    assert ran.status == 0
    assert "1" in ran.out
    assert passport("person", "over", folder, "--json").json["count"] == 0
    assert passport("reprint", folder, issued[0], "--out", "again").status == 1
    assert passport("reprint", folder, issued[1], "--out", "again").status == 0
    assert passport("check", folder).status == 0
