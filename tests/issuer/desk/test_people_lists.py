"""Lists through the desk, and acts on many that need a second person."""

from __future__ import annotations

import re

import pytest

from issuer.people.finding import find_people
from issuer.people.pending import LIFE_SECONDS
from issuer.register import Register
from issuer.register.audit import check
from issuer.register.issuing import issue
from issuer.register.lookup import stored
from issuer.staff.roles import Role
from passport.model import Holder
from passport.status import Status
from passport.typed_code import format_code
from tests.issuer.desk.conftest import BODY, OTHER, Seat, Seats
from tests.issuer.registers import Clock, request, rows

HEADER = "Prénom;Nom;Date d’évaluation;Méthode;DC 1.1;DC 2.1\n"
GOOD = "Odette;Chabrier;20/09/2026;observation;2;\nZoé;Li;20/09/2026;test;1;3\n"


def send(seat: Seat, text: str, **fields: str) -> object:
    files = {"file": ("liste.csv", text.encode(), "text/csv")}
    return seat.client.post(
        "/desk/import", data={"csrf": seat.csrf, **fields}, files=files, follow_redirects=False
    )


def shown(seat: Seat, answer: object) -> tuple[str, str]:
    """Return the address of a list and its page."""
    assert answer.status_code == 303, answer.text  # type: ignore[attr-defined]
    address = answer.headers["location"].partition("?")[0]  # type: ignore[attr-defined]
    return address, seat.client.get(address).text


def test_a_list_is_shown_then_issued_and_again_adds_nothing(register: Register, seat: Seats) -> None:
    trainer = seat(Role.TRAINER)
    address, page = shown(trainer, send(trainer, HEADER + GOOD))
    assert "Lignes justes\u00a0: 2, dont 2 nouvelles et 0 déjà délivrées" in page
    assert rows(register, "SELECT * FROM attestation") == []
    assert b"Chabrier" not in bytes(rows(register, "SELECT data FROM kept_file")[0][0])  # type: ignore[call-overload]
    done = trainer.post(f"{address}/confirm")
    assert done.status_code == 303  # type: ignore[attr-defined]
    assert len(rows(register, "SELECT * FROM attestation")) == 2
    assert rows(register, "SELECT * FROM kept_file") == []
    assert find_people(register, "chabrier", bodies=frozenset({BODY}))
    assert trainer.post(f"{address}/confirm").status_code == 404  # type: ignore[attr-defined]
    _, again = shown(trainer, send(trainer, HEADER + GOOD))
    assert "dont 0 nouvelles et 2 déjà délivrées" in again


def test_wrong_lines_are_told_and_taken_away_and_mended(register: Register, seat: Seats) -> None:
    trainer = seat(Role.TRAINER)
    bad = "Yves;Roux;31/02/2026;observation;2;\nPaul;Roux;20/09/2026;observation;7;\n"
    address, page = shown(trainer, send(trainer, HEADER + GOOD + bad))
    assert "Ligne 4, colonne C" in page
    assert "Ligne 5" in page  # beyond what the body may attest: the register refuses it
    rejected = trainer.client.get(f"{address}/rejected")
    text = rejected.content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("# À corriger;Prénom")
    assert "Yves" in text
    assert "Odette" not in text
    assert trainer.post(f"{address}/confirm").status_code == 303  # type: ignore[attr-defined]
    assert len(rows(register, "SELECT * FROM attestation")) == 2
    mended = text.replace("31/02/2026", "19/09/2026").replace(";7;", ";3;")
    address, page = shown(trainer, send(trainer, mended))
    assert "Lignes justes\u00a0: 2, dont 2 nouvelles" in page
    trainer.post(f"{address}/confirm")
    assert len(rows(register, "SELECT * FROM attestation")) == 4
    assert check(register) == []


def test_the_same_thing_said_again_is_a_question(register: Register, seat: Seats) -> None:
    trainer = seat(Role.TRAINER)
    levels = {"1.1": 2}
    issue(register, BODY, [request(holder=Holder("Odette", "Chabrier"), levels=levels)], actor="cli")
    address, page = shown(trainer, send(trainer, HEADER + "Odette;Chabrier;20/09/2026;observation;2;\n"))
    assert "lignes 2" in page
    assert trainer.post(f"{address}/confirm").status_code == 409  # type: ignore[attr-defined]
    assert trainer.post(f"{address}/confirm", duplicates="yes").status_code == 303  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01",
        "PK\x03\x04",
        "a;b\n1;2\n",
        HEADER,
        HEADER + "=cmd|' /C calc'!A0;X;20/09/2026;test;1;\n",
    ],
)
def test_what_is_no_list_is_told(register: Register, seat: Seats, text: str) -> None:
    trainer = seat(Role.TRAINER)
    answer = send(trainer, text)
    if answer.status_code == 303:  # type: ignore[attr-defined]
        _, page = shown(trainer, answer)
        assert "À corriger" in page
    else:
        assert answer.status_code == 422  # type: ignore[attr-defined]
    assert rows(register, "SELECT * FROM attestation") == []


def test_a_list_is_its_senders_and_lasts_an_hour(register: Register, seat: Seats, clock: Clock) -> None:
    trainer, colleague = seat(Role.TRAINER), seat(Role.TRAINER)
    address, _ = shown(trainer, send(trainer, HEADER + GOOD))
    for answer in (
        colleague.client.get(address),
        colleague.client.get(f"{address}/rejected"),
        colleague.post(f"{address}/confirm"),
    ):
        assert answer.status_code == 404  # type: ignore[attr-defined]
    clock.time += 3_601
    later = seat(Role.TRAINER)
    assert later.client.get(address).status_code == 404
    shown(later, send(later, HEADER + GOOD))
    assert len(rows(register, "SELECT * FROM kept_file")) == 1


def test_no_list_for_another_body(seat: Seats) -> None:
    trainer = seat(Role.TRAINER)
    assert send(trainer, HEADER + GOOD, body=OTHER).status_code == 404  # type: ignore[attr-defined]


def test_a_template_is_given(seat: Seats) -> None:
    trainer = seat(Role.TRAINER)
    assert "DC 1.1" in trainer.client.get("/desk/import/template/digcomp-3.0").content.decode("utf-8-sig")
    assert trainer.client.get("/desk/import/template/nothing").status_code == 404


@pytest.fixture
def codes(register: Register) -> list[str]:
    return [one.code for one in issue(register, BODY, [request(n) for n in range(3)], actor="cli")]


def ask_withdrawal(seat: Seat, papers: list[str], **fields: str) -> object:
    said = {"codes": "\n".join(format_code(code) for code in papers), "reason": "Atelier saisi deux fois"}
    return seat.post("/desk/pending/withdraw", **{**said, **fields})


def waiting(seat: Seat) -> str:
    (address,) = re.findall(r'href="(/desk/pending/[0-9a-f]{24})\?', seat.client.get("/desk/pending").text)
    return str(address)


def states(register: Register, codes: list[str]) -> set[Status]:
    return {stored(register, code).status for code in codes}


def test_a_second_person_agrees_to_withdraw_many(register: Register, seat: Seats, codes: list[str]) -> None:
    first, second = seat(Role.TRAINER), seat(Role.REFERENT)
    assert ask_withdrawal(first, codes).status_code == 303  # type: ignore[attr-defined]
    address = waiting(first)
    assert first.post(f"{address}/agree").status_code == 409  # type: ignore[attr-defined]
    assert states(register, codes) == {Status.VALID}
    page = second.client.get(address).text
    assert "Sautarel-2" in page
    assert second.post(f"{address}/agree").status_code == 303  # type: ignore[attr-defined]
    assert states(register, codes) == {Status.WITHDRAWN}
    assert second.post(f"{address}/agree").status_code == 409  # type: ignore[attr-defined]
    reasons = rows(register, "SELECT DISTINCT reason, actor FROM status_change")
    assert reasons == [("Atelier saisi deux fois", f"staff:{second.account}")]
    assert check(register) == []


def test_an_act_is_refused_taken_back_or_over(
    register: Register, seat: Seats, codes: list[str], clock: Clock
) -> None:
    first, second = seat(Role.TRAINER), seat(Role.TRAINER)
    for whoever in (first, second):
        ask_withdrawal(first, codes)
        address = waiting(first)
        assert whoever.post(f"{address}/refuse").status_code == 303  # type: ignore[attr-defined]
        assert second.post(f"{address}/agree").status_code == 409  # type: ignore[attr-defined]
    ask_withdrawal(first, codes)
    address = waiting(first)
    clock.time += LIFE_SECONDS
    late = seat(Role.TRAINER)
    assert late.post(f"{address}/agree").status_code == 409  # type: ignore[attr-defined]
    assert "Rien n’attend" in late.client.get("/desk/pending").text
    assert states(register, codes) == {Status.VALID}


def test_another_body_neither_sees_nor_agrees_nor_asks(
    register: Register, seat: Seats, codes: list[str]
) -> None:
    ask_withdrawal(seat(Role.TRAINER), codes)
    address = waiting(seat(Role.TRAINER))
    stranger = seat(Role.TRAINER, OTHER)
    assert address not in stranger.client.get("/desk/pending").text
    assert stranger.client.get(address).status_code == 404
    for act in ("agree", "refuse"):
        assert stranger.post(f"{address}/{act}").status_code == 404  # type: ignore[attr-defined]
    assert ask_withdrawal(stranger, codes).status_code == 422  # type: ignore[attr-defined]
    assert ask_withdrawal(stranger, codes, body=BODY).status_code == 404  # type: ignore[attr-defined]
    assert states(register, codes) == {Status.VALID}


@pytest.mark.parametrize("wrong", [{"codes": ""}, {"codes": "xxx"}, {"reason": " "}])
def test_what_is_wrong_is_told_and_kept(seat: Seats, codes: list[str], wrong: dict[str, str]) -> None:
    answer = ask_withdrawal(seat(Role.TRAINER), codes, **wrong)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert 'class="problem"' in answer.text  # type: ignore[attr-defined]
    if "codes" not in wrong:
        assert format_code(codes[0]) in answer.text  # type: ignore[attr-defined]


def test_a_second_person_agrees_to_correct_many(register: Register, seat: Seats, codes: list[str]) -> None:
    first, second = seat(Role.TRAINER), seat(Role.TRAINER)
    lines = [
        f"{format_code(code)};Hélène;Sautarelle-{n};20/09/2026;observation;3" for n, code in enumerate(codes)
    ]
    text = "Code;Prénom;Nom;Date d’évaluation;Méthode;DC 1.1\n" + "\n".join(lines) + "\n"
    files = {"file": ("liste.csv", text.encode(), "text/csv")}
    data = {"csrf": first.csrf, "reason": "Niveaux décalés"}
    asked = first.client.post("/desk/pending/correct", data=data, files=files, follow_redirects=False)
    assert asked.status_code == 303, asked.text
    assert second.post(f"{waiting(first)}/agree").status_code == 303  # type: ignore[attr-defined]
    assert states(register, codes) == {Status.WITHDRAWN}
    assert rows(register, "SELECT count(*) FROM link WHERE kind = 'corrects'") == [(3,)]
    assert rows(register, "SELECT count(*) FROM holder") == [(3,)]
    assert len(find_people(register, "sautarelle", bodies=frozenset({BODY}))) == 3
    assert rows(register, "SELECT * FROM kept_file") == []
    assert check(register) == []


def test_a_list_of_corrections_needs_codes(seat: Seats) -> None:
    first = seat(Role.TRAINER)
    for text in (HEADER + GOOD, "Code;" + HEADER + ";" + GOOD.replace("\n", "\n;", 1)):
        files = {"file": ("liste.csv", text.encode(), "text/csv")}
        data = {"csrf": first.csrf, "reason": "r"}
        answer = first.client.post("/desk/pending/correct", data=data, files=files, follow_redirects=False)
        assert answer.status_code == 422
        assert "Code" in answer.text


def test_asking_and_agreeing_need_the_second_factor(
    register: Register, seat: Seats, codes: list[str]
) -> None:
    assert ask_withdrawal(seat(Role.TRAINER, proved=False), codes).status_code == 200  # type: ignore[attr-defined]
    assert rows(register, "SELECT * FROM pending_act") == []
    ask_withdrawal(seat(Role.TRAINER), codes)
    address = waiting(seat(Role.TRAINER))
    unproved = seat(Role.TRAINER, proved=False)
    assert unproved.post(f"{address}/agree").status_code == 200  # type: ignore[attr-defined]
    assert states(register, codes) == {Status.VALID}
