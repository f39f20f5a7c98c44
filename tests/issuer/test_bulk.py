"""A long file by parts: nothing of it when it has a fault, all of it in the end."""

from __future__ import annotations

import pytest

import issuer.register.bulk
from issuer.register import Register
from issuer.register.audit import check
from issuer.register.bulk import PART, issue_in_parts
from issuer.register.issuing import DuplicateError, Issued, IssueRequest, RefusedError, issue
from issuer.store.database import DatabaseError
from passport.errors import PassportError
from tests.issuer.registers import BODY, request, rows


def people(register: Register) -> int:
    return int(str(rows(register, "SELECT count(*) FROM attestation")[0][0]))


def file_of(count: int) -> list[IssueRequest]:
    return [request(n, source=f"line-{n}") for n in range(count)]


def test_every_part_is_delivered_in_order_and_once(register: Register) -> None:
    told: list[tuple[int, int]] = []
    wanted = file_of(8)
    made = issue_in_parts(
        register, BODY, wanted, actor="test", part=3, progress=lambda done, total: told.append((done, total))
    )
    assert [one.attestation.holder for one in made] == [one.holder for one in wanted]
    assert all(one.created for one in made)
    assert (sum(done for done, _ in told), {total for _, total in told}) == (16, {16})
    again = issue_in_parts(register, BODY, wanted, actor="test", part=3)
    assert [one.code for one in again] == [one.code for one in made]
    assert not any(one.created for one in again)
    assert people(register) == 8
    assert check(register) == []


def test_a_fault_in_the_last_line_stops_the_first(register: Register) -> None:
    wrong = [*file_of(8), request(8, source="line-8", levels={"1.1": 8})]
    with pytest.raises(RefusedError) as caught:
        issue_in_parts(register, BODY, wrong, actor="test", part=3)
    assert {refusal.position for refusal in caught.value.refusals} == {8}
    assert "delivered" not in caught.value.detail
    twins = [*file_of(8), request(1, source="line-9")]
    with pytest.raises(DuplicateError) as twice:
        issue_in_parts(register, BODY, twins, actor="test", part=3)
    assert [(one.position, one.same_as) for one in twice.value.duplicates] == [(8, 1)]
    assert people(register) == 0
    assert len(issue_in_parts(register, BODY, twins, actor="test", part=3, accept_duplicates=True)) == 9


def test_a_rehearsal_by_parts_keeps_nothing(register: Register) -> None:
    shown = issue_in_parts(register, BODY, file_of(8), actor="test", part=3, dry_run=True)
    assert [(one.code, one.token, one.dry_run) for one in shown] == [("", b"", True)] * 8
    assert people(register) == 0


def test_what_another_desk_does_in_between_is_told_with_how_far_it_came(register: Register) -> None:
    wanted = file_of(9)
    calls = []

    def meanwhile(done: int, total: int) -> None:
        calls.append(done)
        if people(register) == 6:
            issue(register, BODY, [request(7, source="other")], actor="other")

    with pytest.raises(DuplicateError) as caught:
        issue_in_parts(register, BODY, wanted, actor="test", part=3, progress=meanwhile)
    assert [one.position for one in caught.value.duplicates] == [7]
    assert (caught.value.detail["delivered"], caught.value.detail["of"]) == (6, 9)
    assert people(register) == 7
    made = issue_in_parts(register, BODY, wanted, actor="test", part=3, accept_duplicates=True)
    assert [one.created for one in made] == [False] * 6 + [True] * 3
    assert check(register) == []


def test_a_database_that_is_lost_in_between_is_told_and_the_same_again_completes(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def cut(*given: object, **named: object) -> list[Issued]:
        calls.append(1)
        if len(calls) == 3:
            raise DatabaseError("The connection to the database was lost.")
        return issue(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(issuer.register.bulk, "issue", cut)
    with pytest.raises(PassportError) as caught:
        issue_in_parts(register, BODY, file_of(9), actor="test", part=3)
    assert (caught.value.code, caught.value.detail["delivered"], caught.value.detail["of"]) == (
        *("database", 6),
        9,
    )
    made = issue_in_parts(register, BODY, file_of(9), actor="test", part=3)
    assert [one.created for one in made] == [False] * 6 + [True] * 3


def test_a_short_file_is_one_transaction(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(register: Register, body: str, requests: list[IssueRequest], **named: object) -> list[Issued]:
        asked.append(len(requests))
        return issue(register, body, requests[:2], **named)  # type: ignore[arg-type]

    monkeypatch.setattr(issuer.register.bulk, "issue", counted)
    issue_in_parts(register, BODY, file_of(PART), actor="test")
    assert asked == [PART]
