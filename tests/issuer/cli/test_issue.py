"""``passport issue``: all or nothing, once, drawn from what is stored, and explained line by line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from issuer.print_files import write_prints
from issuer.prints import EVERYDAY, print_jobs
from issuer.register import Register
from issuer.register.lookup import stored, stored_many
from issuer.settings import Settings
from tests.issuer.cli.conftest import LIST, PASSPHRASE, SAID, Passport


def _count(folder: Path) -> int:
    with Register.open(Settings.of(folder), passphrase=None) as register, register.reading() as session:
        return int(session.connection().exec_driver_sql("SELECT count(*) FROM attestation").scalar() or 0)


def test_issue_writes_every_file(passport: Passport, folder: Path, people: Path) -> None:
    ran = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID)
    assert (ran.status, ran.err) == (0, "")
    assert "Zoé Lê" in ran.out
    assert "Attestations délivrées par centre\u00a0: 2." in ran.out
    files = sorted(path.name for path in Path("out").iterdir())
    codes = {name.split(".")[0] for name in files}
    assert len(codes) == 2
    assert files == sorted(f"{code}.{kind}" for code in codes for kind in EVERYDAY)
    assert Path("out").stat().st_mode & 0o077 == 0
    with Register.open(Settings.of(folder), passphrase=None) as register:
        for code in codes:
            kept = stored(register, code)
            assert Path(f"out/{code}.jwt").read_bytes() == kept.token
            (seen,) = zxingcpp.read_barcodes(Image.open(f"out/{code}.png"))
            assert seen.text == f"https://reseau.example/v#{kept.digits}"
            assert kept.attestation.place is None


def test_the_same_file_again_adds_nothing_and_leaves_files_alone(
    passport: Passport, folder: Path, people: Path, issued: list[str]
) -> None:
    def stamps() -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in Path("out").iterdir()}

    before = stamps()
    Path(f"out/{issued[0]}.pdf").unlink()
    Path(f"out/{issued[1]}.png").write_bytes(b"half")
    ran = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--json")
    assert [one["created"] for one in ran.json["attestations"]] == [False, False]
    assert [one["code"] for one in ran.json["attestations"]] == issued
    assert _count(folder) == 2
    after = stamps()
    assert after.keys() == before.keys()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {f"{issued[0]}.pdf", f"{issued[1]}.png"}


def test_dry_run_shows_everything_and_keeps_nothing(passport: Passport, folder: Path, people: Path) -> None:
    ran = passport("issue", folder, people, "--body", "centre", *SAID, "--dry-run", "--out", "out")
    assert ran.status == 0
    assert "Jean-Baptiste d’Aurillac" in ran.out
    assert "1.1 → 2, 2.1 → 4" in ran.out
    assert ran.out.count("nouvelle") == 2
    assert _count(folder) == 0
    assert not Path("out").exists()
    answer = passport("issue", folder, people, "--body", "centre", *SAID, "--dry-run", "--json").json
    assert answer["dry_run"] is True
    assert answer["created"] == 2
    assert answer["attestations"][0]["levels"] == {"1.1": 3}


def test_all_errors_of_a_file_and_nothing_issued(passport: Passport, folder: Path, people: Path) -> None:
    people.write_text(LIST + "Léa;=1+1;14/03/58;9;\n;Puech;;;\n", "utf-8")
    ran = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID)
    assert ran.status == 1
    assert "(5)" in ran.err
    assert "Ligne 4, colonne B «\u00a0Nom\u00a0»\u00a0:" in ran.err
    assert "Ligne 4, colonne C «\u00a0Naissance\u00a0»" in ran.err
    assert "Ligne 4, colonne D" in ran.err
    assert "Ligne 5, colonne A" in ran.err
    assert _count(folder) == 0
    machine = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--json")
    errors = machine.json["error"]["errors"]
    assert machine.status == 1
    assert [(e["code"], e["line"]) for e in errors][:1] == [("name_formula", 4)]
    assert all(e["message"] and e["fix"] for e in errors)


def test_one_refused_line_stops_all(passport: Passport, folder: Path, people: Path) -> None:
    people.write_text(LIST + "Léa;Puech;;5;\n", "utf-8")
    ran = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID)
    assert ran.status == 1
    assert "- Ligne 4\u00a0: L’organisme n’est pas habilité" in ran.err
    assert _count(folder) == 0
    assert not Path("out").exists()


def test_the_same_again_in_another_file_is_a_question(
    passport: Passport, folder: Path, people: Path, issued: list[str]
) -> None:
    people.write_text("Nom,Prénom,DC 1.1,Méthode\nAutre,Éva,1,test\nLê,Zoé,3,test\n", "utf-8")
    words = ["issue", folder, people, "--body", "centre", "--out", "out", "--assessed-on", "2026-03-14"]
    people.write_text(
        "Nom,Prénom,Naissance,DC 1.1,Méthode\nAutre,Éva,,1,test\nLê,Zoé,1958-03-14,3,test\n", "utf-8"
    )
    ran = passport(*words)
    assert ran.status == 1
    assert f"- Ligne 3\u00a0: déjà délivrée sous le code {issued[0]}." in ran.err
    assert "Ligne 2" not in ran.err
    assert "--accept-duplicates" in ran.err
    assert _count(folder) == 2
    assert passport(*words, "--accept-duplicates").status == 0
    assert _count(folder) == 4


def test_twins_in_one_file_are_a_question(passport: Passport, folder: Path, people: Path) -> None:
    people.write_text("Prénom;Nom;DC 1.1\nZoé;Lê;3\nZoé;Lê;3\n", "utf-8")
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID]
    ran = passport(*words)
    assert ran.status == 1
    assert "- Ligne 3\u00a0: identique à la ligne 2." in ran.err
    accepted = passport(*words, "--accept-duplicates", "--json").json
    assert len({one["code"] for one in accepted["attestations"]}) == 2
    again = passport(*words, "--accept-duplicates", "--json").json
    assert again["created"] == 0


def test_folder_from_the_environment(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSPORT_DIR", str(folder))
    assert passport("issue", people, "--body", "centre", "--out", "out", *SAID).status == 0
    assert passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID).status == 0
    assert passport("issue", "--out", "out", "--body", "cci", *SAID, people).status == 0
    code = next(Path("out").glob("*.jwt")).name.split(".")[0]
    assert passport("withdraw", code).status == 0
    assert passport("withdraw", folder, code).status == 0
    assert "Organisme centre" in passport("body", "list").out


def test_from_standard_input(folder: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "issuer.cli",
        "issue",
        str(folder),
        "-",
        "--body",
        "centre",
        "--out",
        "o",
        *SAID,
    ]
    root = str(Path(__file__).parents[3])
    environment = os.environ | {"PYTHONPATH": root}
    ran = subprocess.run(words, input=LIST.encode("cp1252"), capture_output=True, env=environment)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert len(list(Path("o").iterdir())) == 2 * len(EVERYDAY)


def test_the_template(passport: Passport, folder: Path) -> None:
    ran = passport("issue", "--template", "--framework", "Découverte")
    assert ran.status == 0
    assert ran.out.startswith("\ufeffPrénom;Nom;")
    assert ran.out.rstrip().endswith("D1;D2;D3;D4;D5")
    Path("t.csv").write_text(ran.out + "Zoé;Lê;;14/03/2026;test;salle;decouverte;seul(e);;;;\n", "utf-8")
    assert passport("issue", folder, "t.csv", "--body", "centre", "--out", "out").status == 0
    unknown = passport("issue", "--template", "--framework", "lune")
    assert unknown.status == 1
    assert "digcomp-3.0" in unknown.err


def test_reprint_is_the_same_paper(passport: Passport, folder: Path, issued: list[str]) -> None:
    typed = issued[0].lower().replace("-", " ")
    assert passport("reprint", folder, typed, "--out", "again").status == 0
    for kind in EVERYDAY:
        name = f"{issued[0]}.{kind}"
        assert Path("again", name).read_bytes() == Path("out", name).read_bytes()


@pytest.mark.slow
def test_many_are_drawn_by_several_processes_as_by_one(
    passport: Passport, folder: Path, people: Path
) -> None:
    lines = "".join(f"Zoé;Lê {'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]};3\n" for n in range(40))
    people.write_text("Prénom;Nom;DC 1.1\n" + lines, "utf-8")
    ran = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID)
    assert ran.status == 0
    assert "40/40" in ran.err
    codes = [path.name.removesuffix(".vc.jwt") for path in Path("out").glob("*.vc.jwt")]
    assert len(codes) == 40
    with Register.open(Settings.of(folder), passphrase=None) as register:
        jobs = print_jobs(register, stored_many(register, codes))
    for path in write_prints(jobs, Path("alone"), processes=1):
        assert path.read_bytes() == Path("out", path.name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.8, 1.6, 2.4])
def test_killed_and_given_again(passport: Passport, folder: Path, people: Path, after: float) -> None:
    lines = "".join(f"Zoé;Lê {'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]};3\n" for n in range(60))
    people.write_text("Prénom;Nom;DC 1.1\n" + lines, "utf-8")
    words = ["issue", str(folder), str(people), "--body", "centre", "--out", "out", *SAID]
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PASSPORT_PASSPHRASE": PASSPHRASE,
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "issuer.cli", *words],
        env=environment,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert _count(folder) in {0, 60}
    assert passport(*words).status == 0
    assert _count(folder) == 60
    assert len([path for path in Path("out").iterdir() if not path.name.startswith(".")]) == 60 * len(
        EVERYDAY
    )
    assert passport("check", folder).status == 0
