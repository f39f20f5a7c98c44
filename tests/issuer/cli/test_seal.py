"""``passport issue`` and ``reprint`` with an electronic seal, and with HTML twins."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuer.prints import EVERYDAY, LARGE, TWINS, draw, print_jobs
from issuer.register import Register
from issuer.register.lookup import stored_many
from issuer.settings import Settings
from tests.certificates import ORGANISATION, PASSPHRASE, make_seal, usage
from tests.documents.twins import Heard
from tests.issuer.cli.conftest import SAID, Passport

TODAY = datetime.now(UTC)


def seal_it(folder: Path, monkeypatch: pytest.MonkeyPatch, *, days: int = 300, **how: object) -> None:
    """Put a seal in the data folder, as an administrator does."""
    ends = TODAY + timedelta(days=days)
    made = make_seal(begins=TODAY - timedelta(days=500), ends=ends, **how)  # type: ignore[arg-type]
    made.write(folder / "seal.p12")
    path = folder / "scheme.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seal": "seal.p12"}))
    monkeypatch.setenv("PASSPORT_SEAL_PASSPHRASE", PASSPHRASE)


def pdfsig(path: Path) -> str:
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True).stdout


@pytest.mark.poppler
def test_issue_seals_the_sheet_and_it_still_verifies(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_it(folder, monkeypatch)
    ran = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--large", "--json")
    assert ran.status == 0
    files = ran.json["attestations"][0]["files"]
    assert "Signature is Valid." in pdfsig(Path(files["pdf"]))
    assert "Signature is Valid." in pdfsig(Path(files[LARGE]))
    assert "not contain any signatures" in pdfsig(Path(files["card.pdf"]))
    assert passport("publish", folder, "public").status == 0
    assert passport("verify", files["pdf"], "--trust", "public").status == 0


@pytest.mark.poppler
def test_a_sealed_sheet_that_is_there_is_left_and_a_damaged_one_is_sealed_again(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_it(folder, monkeypatch)
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID]
    assert passport(*words).status == 0
    first, second = sorted(path for path in Path("out").glob("*.pdf") if path.name.count(".") == 1)
    kept = first.read_bytes()
    harmed = bytearray(second.read_bytes())
    harmed[-300] ^= 1
    second.write_bytes(harmed)
    assert passport(*words).status == 0
    assert first.read_bytes() == kept
    assert "Signature is Valid." in pdfsig(second)


@pytest.mark.parametrize(
    ("days", "how", "code"),
    [(-1, {}, "seal_expired"), (300, {"uses": usage(signature=False)}, "seal_usage")],
    ids=["expired", "usage"],
)
def test_a_seal_that_may_not_be_set_is_refused_before_anything_is_issued(
    days: int,
    how: dict[str, object],
    code: str,
    passport: Passport,
    folder: Path,
    people: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seal_it(folder, monkeypatch, days=days, **how)
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID]
    ran = passport(*words)
    assert ran.status == 1
    assert "cachet" in ran.err
    assert passport(*words, "--json").json["error"]["code"] == code
    assert not Path("out").exists()
    with Register.open(Settings.of(folder), passphrase=None) as register, register.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM attestation").scalar() == 0


def test_the_passphrase_of_the_seal_is_asked_for_and_never_repeated(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seal_it(folder, monkeypatch)
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--json"]
    monkeypatch.delenv("PASSPORT_SEAL_PASSPHRASE")
    assert passport(*words).json["error"]["code"] == "seal_passphrase_missing"
    monkeypatch.setenv("PASSPORT_SEAL_PASSPHRASE", "une autre phrase")
    wrong = passport(*words)
    assert wrong.json["error"]["code"] == "seal_passphrase"
    assert "une autre phrase" not in wrong.out + wrong.err
    monkeypatch.delenv("PASSPORT_SEAL_PASSPHRASE")
    file = tmp_path / "phrase"
    file.write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("PASSPORT_SEAL_PASSPHRASE_FILE", str(file))
    file.chmod(0o604)
    assert passport(*words).json["error"]["code"] == "seal_passphrase_file"
    file.chmod(0o600)
    (folder / "seal.p12").chmod(0o644)
    assert passport(*words).json["error"]["code"] == "key_file_open"
    (folder / "seal.p12").chmod(0o600)
    assert passport(*words).status == 0


def test_a_reprint_that_cannot_be_sealed_is_not_noted(
    passport: Passport, folder: Path, issued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_it(folder, monkeypatch, days=-1)

    def acts() -> int:
        with Register.open(Settings.of(folder), passphrase=None) as register, register.reading() as session:
            rows = session.connection().exec_driver_sql("SELECT count(*) FROM audit_row").scalar()
            return int(rows or 0)

    before = acts()
    ran = passport("reprint", folder, issued[0], "--out", "again", "--json")
    assert ran.json["error"]["code"] == "seal_expired"
    assert acts() == before
    assert not Path("again").exists()


@pytest.mark.poppler
@pytest.mark.slow
def test_many_are_sealed_by_several_processes(
    folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_it(folder, monkeypatch)
    lines = "".join(f"Zoé;Lê {'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]};3\n" for n in range(40))
    people.write_text("Prénom;Nom;DC 1.1\n" + lines, "utf-8")
    # A process of its own: those that draw have the environment of the one that starts them.
    words = ["issue", str(folder), str(people), "--body", "centre", "--out", "out", *SAID]
    subprocess.run([sys.executable, "-m", "issuer.cli", *words], check=True, capture_output=True)
    codes = [path.name.removesuffix(".vc.jwt") for path in Path("out").glob("*.vc.jwt")]
    with Register.open(Settings.of(folder), passphrase=None) as register:
        jobs = print_jobs(register, stored_many(register, codes))
    assert all(PASSPHRASE not in repr(job) and "PrivateKey" not in repr(job) for job in jobs)
    sheets = [path for path in Path("out").glob("*.pdf") if path.name.count(".") == 1]
    assert len(sheets) == 40
    for path in sheets[::13]:
        assert "Signature is Valid." in pdfsig(path)


def test_the_web_gives_a_sealed_sheet_and_other_files_as_before(
    folder: Path, issued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Register.open(Settings.of(folder), passphrase=None) as register:
        (plain,) = print_jobs(register, stored_many(register, issued[:1]))
    seal_it(folder, monkeypatch)
    with Register.open(Settings.of(folder), passphrase=None) as register:
        (job,) = print_jobs(register, stored_many(register, issued[:1]))
    assert b"ETSI.CAdES.detached" in draw(job, "pdf")
    for kind in ("card.pdf", "png", "jwt"):
        assert draw(job, kind) == draw(plain, kind)


def test_html_twins_are_written_when_asked_for(
    passport: Passport, folder: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID]
    ran = passport(*words, "--html", "--json")
    made = ran.json["attestations"][0]
    assert set(made["files"]) == {*EVERYDAY, *TWINS}
    twin, card = (Path(made["files"][kind]) for kind in ("html", "card.html"))
    assert twin.name == f"{made['code']}.html"
    assert "Zoé Lê" in Heard(twin.read_bytes()).text
    assert "Zoé Lê" in Heard(card.read_bytes()).text
    kept = twin.read_bytes()
    assert passport("reprint", folder, made["code"], "--out", "again", "--html").status == 0
    assert Path("again", twin.name).read_bytes() == kept
    assert passport("reprint", folder, made["code"], "--out", "plain").status == 0
    assert len(list(Path("plain").iterdir())) == len(EVERYDAY)
    seal_it(folder, monkeypatch)
    assert passport("reprint", folder, made["code"], "--out", "sealed", "--html").status == 0
    assert ORGANISATION in Heard(Path("sealed", twin.name).read_bytes()).text
