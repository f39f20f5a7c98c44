"""Letters to holders, read back by Poppler: the act, the reason, the remedies, and nobody accused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pikepdf
import pytest

from issuer.people.acting import Act, act_on, correct_fact, replace_fact
from issuer.people.facts import facts_of
from issuer.people.letters import letter
from issuer.register import Register
from issuer.register.folder import RegisterError
from issuer.register.issuing import issue
from issuer.staff.roles import Staff
from passport.model import Holder
from tests.issuer.people.conftest import AddPerson
from tests.issuer.registers import BODY, OTHER, request, rows

MINE = frozenset({BODY})
REASON = "La date notée n’est pas celle de l’atelier."


@pytest.fixture
def marie(register: Register, add: AddPerson) -> str:
    person = add("Marie", "Dupont")
    issue(register, BODY, [request(holder=Holder("Marie", "Dupont"), holder_id=person)], actor="test")
    return person


def fact(register: Register, marie: str) -> str:
    return facts_of(register, marie, bodies=MINE)[1][-1].id


def last_letter(register: Register, marie: str) -> bytes:
    ((change,),) = rows(register, "SELECT max(id) FROM status_change")
    return letter(register, marie, int(str(change)), bodies=MINE)


def read(pdf: bytes, folder: Path) -> str:
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True)
    return " ".join(said.stdout.split())


@pytest.mark.poppler
@pytest.mark.parametrize(
    ("act", "title"),
    [(Act.WITHDRAW, "Retrait de votre attestation"), (Act.SUSPEND, "Suspension de votre attestation")],
)
def test_a_letter_names_the_act_the_reason_and_the_remedies(
    register: Register, trainer: Staff, marie: str, tmp_path: Path, act: Act, title: str
) -> None:
    act_on(register, trainer, marie, fact(register, marie), act=act, reason=REASON)
    pdf = last_letter(register, marie)
    text = read(pdf, tmp_path)
    for words in (
        title,
        "Pour Marie Dupont",
        "Le 21 septembre 2026",
        REASON,
        "Recours gracieux",
        "Recours contentieux",
        "deux mois",
        "04 71 00 00 00",
        "Cette lettre ne vous reproche rien",
    ):
        assert words in text, words
    with pikepdf.open(tmp_path / "letter.pdf") as opened:
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.Lang == "fr-FR"
    assert pdf == last_letter(register, marie)


@pytest.mark.poppler
def test_a_letter_for_each_other_change(
    register: Register, trainer: Staff, marie: str, tmp_path: Path
) -> None:
    old = fact(register, marie)
    act_on(register, trainer, marie, old, act=Act.SUSPEND, reason=REASON)
    act_on(register, trainer, marie, old, act=Act.RESTORE, reason="Vérifié")
    assert "de nouveau valable" in read(last_letter(register, marie), tmp_path)
    replace_fact(
        register, trainer, marie, old, request=request(holder=Holder("Marie", "Dupont"), levels={"1.1": 4})
    )
    text = read(last_letter(register, marie), tmp_path)
    assert "Votre attestation a été remplacée" in text
    assert "Recours" not in text
    newer = next(f.id for f in facts_of(register, marie, bodies=MINE)[1] if f.follows)
    correct_fact(
        register, trainer, marie, newer, request=request(holder=Holder("Maria", "Dupont")), reason="Nom faux"
    )
    text = read(last_letter(register, marie), tmp_path)
    assert "Correction de votre attestation" in text
    assert "Pour Maria Dupont" in text


def test_a_long_reason_turns_the_page(register: Register, trainer: Staff, marie: str) -> None:
    act_on(register, trainer, marie, fact(register, marie), act=Act.WITHDRAW, reason="Une raison. " * 83)
    assert last_letter(register, marie).startswith(b"%PDF-")


def test_another_body_reads_no_letter(register: Register, trainer: Staff, marie: str) -> None:
    act_on(register, trainer, marie, fact(register, marie), act=Act.WITHDRAW, reason=REASON)
    for person, change, bodies in ((marie, 1, frozenset({OTHER})), (marie, 99, MINE), ("0" * 24, 1, MINE)):
        with pytest.raises(RegisterError):
            letter(register, person, change, bodies=bodies)
