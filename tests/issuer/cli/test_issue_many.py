"""``passport issue`` with a long file: killed with -9 at any moment, and told in few words."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer.intake import MAX_FAULTS
from issuer.prints import EVERYDAY
from tests.issuer.cli.conftest import PASSPHRASE, SAID, Passport
from tests.issuer.databases import counts

ROOT = Path(__file__).parents[3]
LINES = 620


def _names(count: int) -> list[str]:
    letters = "abcdefghij"
    return [letters[n // 100] + letters[n // 10 % 10] + letters[n % 10] for n in range(count)]


def _write(path: Path, *, level: str = "3") -> None:
    lines = "".join(f"Zoé;Lê {name};{level}\n" for name in _names(LINES))
    path.write_text("Prénom;Nom;DC 1.1\n" + lines, "utf-8")


def _made(folder: Path) -> int:
    return counts(f"sqlite:///{folder}/register.sqlite3")["attestation"]


def _files() -> list[str]:
    return [path.name for path in Path("out").iterdir()] if Path("out").is_dir() else []


def _killed_when(ready: Callable[[], bool], words: list[str]) -> None:
    """Start the command, kill it alone, and see that its drawing processes end by themselves."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PASSPORT_PASSPHRASE": PASSPHRASE}
    command = [sys.executable, "-m", "issuer.cli", *words]
    child = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 120
    while not ready():
        assert child.poll() is None, "it was not killed: it had ended"
        assert time.monotonic() < ends
        time.sleep(0.02)
    child.kill()
    child.wait()
    for _ in range(200):
        try:
            os.killpg(child.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("processes were left behind")


@pytest.mark.slow
def test_killed_while_issuing_and_while_drawing_the_same_command_completes(
    passport: Passport, folder: Path, people: Path
) -> None:
    _write(people)
    words = ["issue", str(folder), str(people), "--body", "centre", "--out", "out", *SAID]
    _killed_when(lambda: _made(folder) > 0, words)
    assert _made(folder) in {500, LINES}
    assert passport("check", folder).status == 0
    _killed_when(lambda: len(_files()) > 60, words)
    assert _made(folder) == LINES
    assert len(_files()) < 4 * LINES
    ran = passport(*words)
    assert ran.status == 0
    assert f"{LINES}/{LINES}" in ran.err
    assert _made(folder) == LINES
    codes = {name.split(".")[0] for name in _files()}
    assert len(codes) == LINES
    assert sorted(_files()) == sorted(f"{code}.{kind}" for code in codes for kind in EVERYDAY)
    assert all(Path("out", name).stat().st_size for name in _files())
    assert passport("check", folder).status == 0


def test_of_many_faults_the_first_are_said_and_the_others_counted(
    passport: Passport, folder: Path, people: Path
) -> None:
    _write(people, level="77")
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID]
    ran = passport(*words)
    assert ran.status == 1
    assert f"({LINES})" in ran.err
    assert len(ran.err.splitlines()) == 52
    assert ran.err.splitlines()[1].startswith("- Ligne 2,")
    assert ran.err.splitlines()[-1] == f"- … et {LINES - 50} autres."
    error = passport(*words, "--json").json["error"]
    assert (error["count"], len(error["errors"])) == (LINES, MAX_FAULTS)


def test_of_many_refused_lines_too(passport: Passport, folder: Path, people: Path) -> None:
    _write(people, level="5")  # the body may attest up to 4
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID]
    ran = passport(*words)
    assert ran.status == 1
    assert "Rien n’a été délivré" in ran.err
    assert sum(line.startswith("- Ligne") for line in ran.err.splitlines()) == 50
    assert f"- … et {LINES - 50} autres." in ran.err
    error = passport(*words, "--json").json["error"]
    assert (error["count"], len(error["errors"])) == (LINES, MAX_FAULTS)
    assert _made(folder) == 0


def test_what_was_delivered_of_a_long_file_is_told(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import issuer.register.bulk
    from issuer.store.database import DatabaseError

    honest = issuer.register.bulk.issue
    calls: list[int] = []

    def cut(*given: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise DatabaseError("The connection to the database was lost.")
        return honest(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(issuer.register.bulk, "issue", cut)
    _write(people)
    words = ["issue", folder, people, "--body", "centre", *SAID]
    ran = passport(*words, "--out", "out")
    assert ran.status == 1
    assert f"500 sur {LINES}" in ran.err
    assert "Rien n’a été" not in ran.err
    calls.clear()
    error = passport(*words, "--out", "out", "--json").json["error"]
    assert (error["delivered"], error["of"]) == (500, LINES)
