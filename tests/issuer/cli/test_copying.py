"""``passport copy`` as it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.issuer.cli.conftest import SAID, Passport
from tests.issuer.databases import counts
from tests.postgres import Server


@pytest.fixture
def server_url(postgres: Server) -> Iterator[str]:
    made = postgres.new_database()
    yield made.replace("postgres@", "postgres:caché@")
    postgres.drop(made)


@pytest.mark.postgres
def test_to_a_server_and_back(
    passport: Passport,
    folder: Path,
    issued: list[str],
    server_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = passport("copy", folder, "--to", server_url)
    assert there.status == 0
    assert "comparée ligne à ligne" in there.out
    assert "PASSPORT_DATABASE_URL=postgresql://postgres:***@/register_" in there.out
    assert "mot de passe" in there.err
    assert "caché" not in there.out + there.err
    again = passport("copy", folder, "--to", server_url)
    assert (again.status, "identique" in again.out) == (0, True)

    monkeypatch.setenv("PASSPORT_DATABASE_URL", server_url)
    monkeypatch.setenv("PASSPORT_COPY_TO", "sqlite:///back.sqlite3")
    assert passport("check", folder).status == 0
    assert passport("withdraw", folder, issued[0]).status == 0
    back = passport("copy", folder, "--json")
    assert back.json["database"] == f"sqlite:///{Path('back.sqlite3').absolute()}"
    assert back.json["made"] is True
    assert Path("back.sqlite3").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("PASSPORT_DATABASE_URL", "sqlite:///back.sqlite3")
    assert passport("check", folder).status == 0
    assert counts("sqlite:///back.sqlite3")["attestation"] == 2


def test_what_is_refused(passport: Passport, folder: Path, people: Path, issued: list[str]) -> None:
    nowhere = passport("copy", folder)
    assert (nowhere.status, "PASSPORT_COPY_TO" in nowhere.err) == (2, True)
    wrong = passport("copy", folder, "--to", "mysql://u:hidden@h/d")
    assert (wrong.status, "hidden" in wrong.err) == (1, False)
    same = passport("copy", folder, "--to", f"sqlite:///{folder}/register.sqlite3")
    assert (same.status, "la même" in same.err) == (1, True)
    assert passport("copy", folder, "--to", "sqlite:///other.sqlite3").status == 0
    people.write_text("Prénom;Nom;DC 1.1\nLéa;Puech;1\n", "utf-8")
    assert passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID).status == 0
    late = passport("copy", folder, "--to", "sqlite:///other.sqlite3")
    assert (late.status, "n’est pas vide" in late.err) == (1, True)
