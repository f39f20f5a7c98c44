"""The real command, in this process, on real folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from issuer.cli import main
from issuer.register import Register
from issuer.register.bodies import NewBody, add_body
from issuer.register.publishing import publish_trust_list
from issuer.settings import DATABASE_FILE, SchemeSettings, Settings
from issuer.staff.accounts import add_account
from issuer.staff.roles import Grant, Role
from keys.sealing import FLOOR

PASSPHRASE = "une phrase d’essai"
LIST = "Prénom;Nom;Naissance;DC 1.1;DC 2.1\nZoé;Lê;14/03/1958;3;\nJean-Baptiste;d’Aurillac;;2;4\n"
SAID = ("--assessed-on", "14/03/2026", "--method", "observation")


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Passport = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "PASSPORT_DIR",
        "PASSPORT_DATABASE_URL",
        "PASSPORT_PASSPHRASE_FILE",
        "PASSPORT_LOG",
        "LC_ALL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PASSPORT_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("LC_MESSAGES", "fr_FR.UTF-8")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def passport(capfd: pytest.CaptureFixture[str]) -> Passport:
    def run(*words: str | Path) -> Ran:
        capfd.readouterr()
        status = main([str(word) for word in words])
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ran(status, said.out, said.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with two bodies, made as `init` and `body add` make it but with light keys."""
    made = tmp_path / "data"
    settings = Settings(folder=made, database_url=f"sqlite:///{made / DATABASE_FILE}")
    scheme = SchemeSettings(
        name="Réseau d’Essai", kind="residents", url="https://reseau.example", contact="01 99 00 00 00"
    )
    with Register.create(settings, scheme, passphrase=PASSPHRASE.encode(), cost=FLOOR) as register:
        for slug in ("centre", "cci"):
            add_body(
                register,
                NewBody(
                    slug=slug,
                    name=f"Organisme {slug}",
                    kind="association",
                    accreditations=(("digcomp-3.0", 1, 4), ("decouverte", 1, 2)),
                    places=(("salle", "La Salle"),),
                ),
                actor="test",
            )
        publish_trust_list(register, actor="test")
    return made


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(LIST, "utf-8")
    return path


@pytest.fixture
def issued(passport: Passport, folder: Path, people: Path) -> list[str]:
    """The codes of two people, issued and printed in ``out``."""
    ran = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--json")
    return [one["code"] for one in ran.json["attestations"]]


@pytest.fixture
def colleague(folder: Path) -> str:
    """The account of an auditor."""
    settings = Settings(folder=folder, database_url=f"sqlite:///{folder / DATABASE_FILE}")
    with Register.open(settings, passphrase=None) as register:
        return add_account(register, "Zoé Vidal", Grant(Role.AUDITOR), actor="test")
