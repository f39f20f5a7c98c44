"""Withdrawing, suspending, restoring, correcting, replacing: as seen by a stranger."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.changes import Change, correct, replace, restore, suspend, withdraw
from issuer.register.issuing import Issued, RefusedError, issue
from issuer.register.lookup import stored
from passport.errors import PassportError
from passport.model import Holder
from passport.status import Status
from tests.issuer.registers import BODY, OTHER, request, rows, seen


@pytest.fixture
def made(register: Register) -> Issued:
    return issue(register, BODY, [request(n) for n in range(3)], actor="test")[0]


def events(register: Register) -> list[object]:
    found = rows(register, "SELECT event FROM audit_row WHERE chain = ? ORDER BY seq", BODY)
    return [event for (event,) in found][4:]  # after the body and its three attestations


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(PassportError) as caught:
        call()
    return caught.value.code


def test_withdrawing_is_seen_and_final(register: Register, made: Issued) -> None:
    assert seen(register, made.token)
    done = withdraw(register, made.code, actor="test", reason="erreur de personne")
    assert (done.before, done.after, done.changed) == (Status.VALID, Status.WITHDRAWN, True)
    assert seen(register, made.token).reason == "withdrawn"
    assert refused(lambda: restore(register, made.code, actor="test")) == "final"
    assert refused(lambda: suspend(register, made.code, actor="test")) == "final"
    assert refused(lambda: replace(register, made.code, request(0), actor="test")) == "final"
    assert seen(register, made.token).reason == "withdrawn"
    assert stored(register, made.code).status is Status.WITHDRAWN


def test_a_repeat_changes_nothing(register: Register, made: Issued) -> None:
    for change in (suspend, withdraw):
        change(register, made.code, actor="test")
        before = events(register)
        again = change(register, made.code, actor="test")
        assert not again.changed
        assert again == Change(made.code, BODY, again.after, again.after)
        assert events(register) == before
    assert events(register) == ["attestation.suspended", "attestation.withdrawn"]
    assert rows(register, "SELECT revision FROM status_list") == [(2,)]


def test_only_the_one_attestation_changes(register: Register) -> None:
    many = issue(register, BODY, [request(n) for n in range(20)], actor="test")
    withdraw(register, many[7].code, actor="test")
    valid = [bool(seen(register, each.token)) for each in many]
    assert valid == [position != 7 for position in range(20)]
    assert check(register) == []


def test_a_suspension_is_lifted(register: Register, made: Issued) -> None:
    suspend(register, made.code, actor="test", reason="à vérifier")
    assert seen(register, made.token).reason == "suspended"
    assert restore(register, made.code, actor="test").changed
    assert seen(register, made.token).reason == "valid"
    assert not restore(register, made.code, actor="test").changed
    suspend(register, made.code, actor="test")
    assert withdraw(register, made.code, actor="test").before is Status.SUSPENDED
    assert check(register) == []


def test_correcting_withdraws_and_issues(register: Register, made: Issued) -> None:
    right = correct(register, made.code, request(levels={"1.1": 3}), actor="test", reason="mauvais niveau")
    assert seen(register, made.token).reason == "withdrawn"
    assert seen(register, right.token).reason == "valid"
    assert rows(register, "SELECT kind FROM link") == [("corrects",)]
    assert events(register) == ["attestation.issued", "attestation.withdrawn"]
    assert check(register) == []


def test_a_corrected_name_is_another_holder(register: Register, made: Issued) -> None:
    right = correct(register, made.code, request(holder=Holder("Hélène", "Vidal")), actor="test")
    assert right.attestation.holder.family_name == "Vidal"
    [(old,), (new,)] = rows(
        register, "SELECT a.holder_id FROM attestation a JOIN link l ON a.id IN (older_id, newer_id)"
    )
    assert old != new


def test_a_correction_is_all_or_nothing(register: Register, made: Issued) -> None:
    before = events(register)
    with pytest.raises(RefusedError):
        correct(register, made.code, request(levels={"1.1": 8}), actor="test")
    assert seen(register, made.token).reason == "valid"
    assert events(register) == before
    assert rows(register, "SELECT count(*) FROM link") == [(0,)]


def test_a_correction_sent_twice_is_done_once(register: Register, made: Issued) -> None:
    wanted = request(levels={"1.1": 3}, source="correction:1")
    first = correct(register, made.code, wanted, actor="test")
    before = events(register)
    second = correct(register, made.code, wanted, actor="test")
    assert (second.token, second.created) == (first.token, False)
    assert events(register) == before


def test_what_was_withdrawn_cannot_be_corrected(register: Register, made: Issued) -> None:
    withdraw(register, made.code, actor="test")
    count = rows(register, "SELECT count(*) FROM attestation")
    assert refused(lambda: correct(register, made.code, request(), actor="test")) == "final"
    assert rows(register, "SELECT count(*) FROM attestation") == count


def test_replacing_keeps_the_old_one_valid(register: Register, made: Issued) -> None:
    newer = replace(register, made.code, request(levels={"1.1": 4}), actor="test")
    assert newer is not None
    old = seen(register, made.token)
    assert (old.verdict, old.reason) == ("valid", "replaced")
    assert seen(register, newer.token).reason == "valid"
    assert rows(register, "SELECT count(DISTINCT holder_id) FROM attestation") == [(3,)]
    assert rows(register, "SELECT kind FROM link") == [("replaces",)]
    assert check(register) == []


def test_replacing_by_a_code(register: Register, made: Issued) -> None:
    [newer] = issue(register, BODY, [request(levels={"1.1": 4})], actor="test")
    for _ in range(2):
        assert replace(register, made.code, newer.code, actor="test") is None
    assert seen(register, made.token).reason == "replaced"
    assert rows(register, "SELECT count(*) FROM link") == [(1,)]
    assert refused(lambda: replace(register, newer.code, made.code, actor="test")) == "replaced_by_it"
    assert seen(register, newer.token).reason == "valid"


def test_a_suspension_of_a_replaced_one_ends_where_it_began(register: Register, made: Issued) -> None:
    replace(register, made.code, request(levels={"1.1": 4}), actor="test")
    assert not restore(register, made.code, actor="test").changed
    suspend(register, made.code, actor="test")
    assert restore(register, made.code, actor="test").after is Status.REPLACED
    assert seen(register, made.token).reason == "replaced"
    assert check(register) == []


def test_a_suspended_one_is_not_made_valid_by_replacing_it(register: Register, made: Issued) -> None:
    suspend(register, made.code, actor="test")
    assert (
        refused(lambda: replace(register, made.code, request(levels={"1.1": 4}), actor="test"))
        == "status_step"
    )
    assert seen(register, made.token).reason == "suspended"


def test_what_cannot_replace(register: Register, made: Issued) -> None:
    [elsewhere] = issue(register, OTHER, [request(place=None)], actor="test")
    [another] = issue(register, BODY, [request(9)], actor="test")
    assert refused(lambda: replace(register, made.code, made.code, actor="test")) == "same_attestation"
    assert refused(lambda: replace(register, made.code, elsewhere.code, actor="test")) == "other_body"
    assert refused(lambda: replace(register, made.code, another.code, actor="test")) == "other_person"
    assert (
        refused(lambda: replace(register, made.code, request(9, levels={"1.1": 5}), actor="test"))
        == "other_person"
    )
    assert rows(register, "SELECT count(*) FROM link") == [(0,)]


def test_nothing_public_tells_of_a_link_or_a_reason(register: Register, made: Issued) -> None:
    newer = correct(register, made.code, request(levels={"1.1": 3}), actor="test", reason="raison privée")
    old_id, new_id = stored(register, made.code).id, stored(register, newer.code).id
    details = [str(d) for (d,) in rows(register, "SELECT detail FROM audit_row")]
    assert not any("privée" in detail for detail in details)
    assert not any(old_id in detail and new_id in detail for detail in details)
    assert rows(register, "SELECT reason FROM status_change") == [("raison privée",)]


def test_codes_that_name_nothing(register: Register, made: Issued) -> None:
    [(unused,)] = [("2346789BCDX",)]
    assert refused(lambda: withdraw(register, unused, actor="test")) in {"unknown_code", "code_check"}
    swapped = made.code[1] + made.code[0] + made.code[2:]
    if swapped != made.code:
        assert refused(lambda: withdraw(register, swapped, actor="test")) == "code_check"
    assert refused(lambda: withdraw(register, "AAAA", actor="test")) == "code_format"


def test_a_long_reason_and_a_named_actor_are_refused(register: Register, made: Issued) -> None:
    assert refused(lambda: withdraw(register, made.code, actor="test", reason="x" * 1001)) == "reason"
    assert refused(lambda: withdraw(register, made.code, actor="Jean Petit")) == "actor"
    assert stored(register, made.code).status is Status.VALID
