"""``--large`` and ``--together``: more papers of the same attestations, and what a verifier says of each."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from issuer.print_files import write_together
from issuer.prints import EVERYDAY, LARGE, Drawing, PrintJob, draw, print_jobs
from issuer.register import Register
from issuer.register.lookup import stored_many
from issuer.settings import Settings
from passport.documents.sheet import render_sheet
from passport.errors import PassportError
from tests.documents.poppler import run
from tests.issuer.cli.conftest import LIST, SAID, Passport
from verifier.files import read_file

pytestmark = pytest.mark.poppler


def jobs_of(folder: Path, codes: list[str]) -> list[PrintJob]:
    with Register.open(Settings.of(folder), passphrase=None) as register:
        return print_jobs(register, stored_many(register, codes))


def test_issue_writes_large_prints_and_one_file_for_all(
    passport: Passport, folder: Path, people: Path
) -> None:
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--large", "--together"]
    answer = passport(*words, "--json").json
    (together,) = answer["together"]
    assert re.fullmatch(r"out/atelier-2026-03-14-[0-9a-f]{8}\.pdf", together)
    listed = [Path(path) for one in answer["attestations"] for path in one["files"].values()]
    assert sorted([*listed, Path(together)]) == sorted(Path("out").iterdir())
    for one in answer["attestations"]:
        assert list(one["files"]) == [*EVERYDAY, LARGE]
        assert one["code"] in run("pdftotext", one["files"][LARGE], "-")
        assert one["code"] in run("pdftotext", together, "-")
    with pikepdf.open(together) as document:
        assert len(document.pages) == 5
        assert "/AF" not in document.Root
    before = {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}
    ran = passport(*words)
    assert f"À imprimer en une fois\u00a0: {together}" in ran.out
    assert {path: path.stat().st_mtime_ns for path in Path("out").iterdir()} == before


def test_everyday_files_only_unless_asked(passport: Passport, folder: Path, people: Path) -> None:
    answer = passport("issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--json").json
    assert answer["together"] == []
    assert not list(Path("out").glob("*.large.pdf"))
    assert not list(Path("out").glob("atelier*"))


def test_reprint_knows_the_same_editions(passport: Passport, folder: Path, issued: list[str]) -> None:
    words = ["reprint", folder, *issued, "--out", "again", "--large", "--together"]
    answer = passport(*words, "--json").json
    files = {Path(path) for path in answer["files"]}
    assert files == set(Path("again").iterdir())
    assert len(files) == 2 * len([*EVERYDAY, LARGE]) + 1
    (together,) = Path("again").glob("atelier-*.pdf")
    assert f"À imprimer en une fois\u00a0: {together}" in passport(*words).out


def test_two_workshops_of_one_day_have_two_files_without_a_name_of_a_person(
    passport: Passport, folder: Path, people: Path
) -> None:
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--together"]
    assert passport(*words).status == 0
    people.write_text(LIST.replace("Zoé", "Éva").replace("Jean-Baptiste", "Léo"), "utf-8")
    assert passport(*words).status == 0
    names = [path.name for path in Path("out").glob("atelier-*.pdf")]
    assert len(names) == 2
    codes = {path.name.split(".")[0] for path in Path("out").glob("*.jwt")}
    assert not any(part in name for name in names for code in codes for part in ("Zo", "Lê", code))


def test_the_order_of_the_people_does_not_change_the_name(
    folder: Path, issued: list[str], tmp_path: Path
) -> None:
    jobs = jobs_of(folder, issued)
    assert write_together(jobs, tmp_path / "a")[0].name == write_together(jobs[::-1], tmp_path / "b")[0].name
    assert write_together([], tmp_path / "c") == []


@pytest.mark.slow
def test_very_many_make_several_files(folder: Path, issued: list[str], tmp_path: Path) -> None:
    job = jobs_of(folder, issued)[0]
    jobs = [replace(job, code=f"{at:011d}") for at in range(101)]
    first, second = write_together(jobs, tmp_path / "many")
    assert first.name.removesuffix("-1.pdf") == second.name.removesuffix("-2.pdf")
    with pikepdf.open(first) as document:
        assert len(document.pages) == 200 + 13
    with pikepdf.open(second) as document:
        assert len(document.pages) == 3


def test_a_body_may_be_english(folder: Path, issued: list[str], tmp_path: Path) -> None:
    job = replace(jobs_of(folder, issued)[0], lang="en")
    (path,) = write_together([job], tmp_path / "en")
    assert path.name.startswith("workshop-2026-03-14-")
    assert "Cards" not in run("pdftotext", path, "-")
    assert "Compare the name" in run("pdftotext", path, "-")


def test_the_sheet_and_the_large_print_carry_the_token_and_are_valid(
    passport: Passport, folder: Path, people: Path
) -> None:
    words = ["issue", folder, people, "--body", "centre", "--out", "out", *SAID, "--large"]
    assert passport(*words).status == 0
    assert passport("publish", folder, "public").status == 0
    sheets = sorted(Path("out").glob("*.pdf"))
    assert len(sheets) == 6
    said = passport("verify", *sheets, "--trust", "public", "--json").out.splitlines()
    assert [json.loads(line)["reason"] for line in said] == ["valid"] * 6
    for path in sheets:
        found, *copies = read_file(path.read_bytes())
        assert found.token == Path("out", f"{path.name.split('.')[0]}.jwt").read_bytes()
        assert [one.where for one in copies] == (
            [] if ".card." in path.name else ["attachment attestation.ob3.jwt"]
        )
        assert found.where == ("page 1" if ".card." in path.name else "attachment attestation.jwt")
        assert not found.disagrees


def test_a_sheet_with_the_token_of_another_disagrees(
    passport: Passport, folder: Path, issued: list[str]
) -> None:
    mine, other = (Drawing(job) for job in jobs_of(folder, issued))
    Path("false.pdf").write_bytes(render_sheet(mine.content, mine.symbol, attachments=other.attachments))
    assert passport("publish", folder, "public").status == 0
    ran = passport("verify", "false.pdf", "--trust", "public", "--json")
    assert {json.loads(line)["reason"] for line in ran.out.splitlines()} == {"documents_disagree"}
    assert ran.status == 1


def test_the_badge_travels_beside_the_token(folder: Path, issued: list[str], tmp_path: Path) -> None:
    job = jobs_of(folder, issued)[0]
    (tmp_path / "sheet.pdf").write_bytes(draw(job, "pdf"))
    with pikepdf.open(tmp_path / "sheet.pdf") as document:
        assert sorted(document.attachments) == ["attestation.jwt", "attestation.ob3.jwt"]
        assert document.attachments["attestation.jwt"].get_file().read_bytes() == job.token
    found = read_file((tmp_path / "sheet.pdf").read_bytes())
    assert [(one.token, one.disagrees) for one in found] == [(job.token, False), (job.tokens["ob3"], False)]


def test_a_kind_that_is_none_is_refused(folder: Path, issued: list[str]) -> None:
    with pytest.raises(PassportError) as refused:
        draw(jobs_of(folder, issued)[0], "exe")
    assert refused.value.code == "print_kind"
