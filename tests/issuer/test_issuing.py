"""The issuing transaction, on real SQLite with real keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from issuer.register import Register, issuing
from issuer.register.audit import check
from issuer.register.bodies import NewBody, add_body, close_body
from issuer.register.issuing import DuplicateError, IssueRequest, RefusedError, issue
from issuer.register.lookup import stored
from keys.ceremony import Prepared
from keys.records import Purpose
from passport.errors import PassportError
from passport.framework import framework
from passport.jose import split
from passport.model import Attestation, Holder, Method
from passport.packing import unpack
from passport.trust.model import KeyState
from passport.typed_code import read_code
from tests.issuer.registers import (
    BODY,
    OTHER,
    SCHEME,
    START,
    Clock,
    make_register,
    reopened,
    request,
    rows,
    seen,
)

COUNTED = ("holder", "attestation", "credential", "status_entry", "audit_row")


def counts(register: Register) -> dict[str, object]:
    return {table: rows(register, f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}  # noqa: S608


def test_one_attestation_is_valid_for_a_stranger(register: Register) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    report = seen(register, made.token)
    report.require()
    assert report.attestation == made.attestation
    assert made.created
    assert (made.attestation.issuer, made.attestation.issued_at) == (f"{SCHEME.url}/o/{BODY}", START)
    assert read_code(made.code) == made.code
    assert unpack(made.digits) == made.token


def test_a_sequence_is_one_transaction_with_a_row_each(register: Register) -> None:
    before = counts(register)
    made = issue(register, BODY, [request(n) for n in range(25)], actor="test")
    after = counts(register)
    each = dict.fromkeys(COUNTED, 25) | {"credential": 75}  # in three forms
    assert {table: after[table] - before[table] for table in COUNTED} == each
    assert [m.attestation.holder.family_name for m in made] == [f"Sautarel-{n}" for n in range(25)]
    assert len({m.code for m in made}) == len({m.token for m in made}) == 25
    assert check(register) == []


def test_nothing_at_all_is_asked(register: Register) -> None:
    assert issue(register, BODY, [], actor="test") == []


def test_every_refusal_is_told_and_nothing_is_kept(register: Register) -> None:
    wrong = [
        request(0),
        request(1, levels={"1.1": 8}),  # beyond the accreditation
        request(2, place="cave"),
        replace(request(3), assessed_on=date(2026, 12, 1)),
        replace(request(4), levels={"9.9": 1}),
    ]
    before = counts(register)
    with pytest.raises(RefusedError) as caught:
        issue(register, BODY, wrong, actor="test")
    told = {(refusal.position, refusal.code) for refusal in caught.value.refusals}
    assert told >= {
        (1, "not_accredited"),
        (2, "place_unknown"),
        (3, "assessed_after_issue"),
        (4, "level_unknown"),
    }
    assert {position for position, _ in told} == {1, 2, 3, 4}
    assert counts(register) == before
    assert "Sautarel" not in str(caught.value)


def test_a_malformed_request_is_refused_before_the_transaction(register: Register) -> None:
    with pytest.raises(RefusedError) as caught:
        issue(register, BODY, [request(0), replace(request(1), levels={"1.1": 12})], actor="test")
    assert [(r.position, r.code) for r in caught.value.refusals] == [(1, "level_range")]


def test_our_own_token_must_verify(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token with another text than asked for never leaves, even signed with the right key."""
    before = counts(register)
    honest = issuing.prepare

    def prepare_another(attestation: Attestation, **given: Any) -> Prepared:
        return honest(structs.replace(attestation, holder=Holder("Mallory", "Autre")), **given)

    monkeypatch.setattr(issuing, "prepare", prepare_another)
    with pytest.raises(PassportError) as caught:
        issue(register, BODY, [request()], actor="test")
    assert caught.value.code == "self_check"
    assert counts(register) == before


def test_a_failure_at_the_last_step_leaves_nothing(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(register)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(issuing.chain, "append_many", fail)
    with pytest.raises(RuntimeError):
        issue(register, BODY, [request(n) for n in range(3)], actor="test")
    assert counts(register) == before
    assert rows(register, "SELECT count(*) FROM status_list") == [(0,)]


def test_dry_run_does_everything_and_keeps_nothing(register: Register) -> None:
    before = counts(register)
    [rehearsed] = issue(register, BODY, [request(source="f:1")], actor="test", dry_run=True)
    assert counts(register) == before
    assert rehearsed.dry_run
    assert rehearsed.created
    assert (rehearsed.code, rehearsed.tokens, rehearsed.token, rehearsed.digits) == ("", {}, b"", "")
    with pytest.raises(RefusedError):
        issue(register, BODY, [request(levels={"1.1": 8})], actor="test", dry_run=True)
    [made] = issue(register, BODY, [request(source="f:1")], actor="test")
    [again] = issue(register, BODY, [request(source="f:1")], actor="test", dry_run=True)
    assert (again.token, again.created, again.dry_run) == (made.token, False, True)


def test_the_same_source_again_adds_nothing(register: Register) -> None:
    first = issue(register, BODY, [request(n, source=f"f:{n}") for n in range(3)], actor="test")
    before = counts(register)
    again = issue(register, BODY, [request(n, source=f"f:{n}") for n in range(4)], actor="test")
    assert [m.created for m in again] == [False, False, False, True]
    assert [m.token for m in again[:3]] == [m.token for m in first]
    assert [m.code for m in again[:3]] == [m.code for m in first]
    assert counts(register)["attestation"] == before["attestation"] + 1


def test_a_source_belongs_to_its_body(register: Register) -> None:
    [one] = issue(register, BODY, [request(source="f:1")], actor="test")
    [two] = issue(register, OTHER, [request(source="f:1", place=None)], actor="test")
    assert two.created
    assert one.token != two.token


def test_the_same_source_for_something_else_is_refused(register: Register) -> None:
    issue(register, BODY, [request(source="f:1")], actor="test")
    with pytest.raises(RefusedError) as caught:
        issue(register, BODY, [request(source="f:1", levels={"1.1": 4})], actor="test")
    assert [r.code for r in caught.value.refusals] == ["source_conflict"]


def test_one_source_twice_in_a_sequence_is_refused(register: Register) -> None:
    with pytest.raises(RefusedError) as caught:
        issue(register, BODY, [request(0, source="a"), request(1), request(2, source="a")], actor="test")
    assert [(r.position, r.code) for r in caught.value.refusals] == [
        (0, "source_repeated"),
        (2, "source_repeated"),
    ]


@pytest.mark.parametrize(
    ("given", "family"),
    [("Hélène", "Sautarel-0"), ("HELENE", "SAUTAREL 0"), ("helène", "Sautarel\u20110")],
)
def test_the_same_person_again_is_a_question(register: Register, given: str, family: str) -> None:
    [first] = issue(register, BODY, [request(0, source="f:1")], actor="test")
    again = request(source="g:1", holder=Holder(given, family))
    with pytest.raises(DuplicateError) as caught:
        issue(register, BODY, [request(7), again], actor="test")
    assert [(d.position, d.code, d.same_as) for d in caught.value.duplicates] == [(1, first.code, None)]
    assert first.code not in str(caught.value)
    [_, accepted] = issue(register, BODY, [request(7), again], actor="test", accept_duplicates=True)
    assert accepted.created
    assert accepted.code != first.code


@pytest.mark.parametrize(
    "other",
    [
        request(0, levels={"1.1": 3}),
        replace(request(0), assessed_on=date(2026, 9, 19)),
        request(holder=Holder("Hélène", "Sautarel-0", date(1958, 3, 14))),
        request(holder=Holder("Irène", "Sautarel-0")),
        replace(request(0), framework="decouverte", levels={framework("decouverte").competences[0].id: 1}),
    ],
)
def test_another_person_level_or_day_is_no_duplicate(register: Register, other: IssueRequest) -> None:
    issue(register, BODY, [request(0)], actor="test")
    [made] = issue(register, BODY, [other], actor="test")
    assert made.created


def test_the_same_twice_in_one_sequence_is_a_question(register: Register) -> None:
    with pytest.raises(DuplicateError) as caught:
        issue(register, BODY, [request(1), request(0), request(1)], actor="test")
    assert [(d.position, d.code, d.same_as) for d in caught.value.duplicates] == [(2, None, 0)]


def test_a_holder_of_the_register_is_named_and_not_made_again(register: Register) -> None:
    issue(register, BODY, [request(1)], actor="test")
    ((known,),) = rows(register, "SELECT id FROM holder")
    issue(register, BODY, [replace(request(1, levels={"1.1": 3}), holder_id=str(known))], actor="test")
    assert rows(register, "SELECT holder_id FROM attestation") == [(known,), (known,)]
    assert rows(register, "SELECT count(*) FROM holder") == [(1,)]


def test_two_people_of_one_name_whom_somebody_told_apart_are_no_duplicates(register: Register) -> None:
    issue(register, BODY, [request(1), request(2)], actor="test")
    one, other = (str(id_) for (id_,) in rows(register, "SELECT id FROM holder ORDER BY family_name"))
    same = request(1, levels={"1.1": 3})
    issue(register, BODY, [replace(same, holder_id=id_) for id_ in (one, other)], actor="test")
    with pytest.raises(DuplicateError):
        issue(register, BODY, [replace(same, holder_id=one)], actor="test")


def test_the_validity_of_the_scheme_is_applied(tmp_path: Path, clock: Clock) -> None:
    scheme = replace(SCHEME, validity_days={"digcomp-3.0": 1000})
    with make_register(tmp_path / "limited", clock, scheme) as register:
        [by_scheme] = issue(register, BODY, [request(0)], actor="test")
        [own] = issue(register, BODY, [replace(request(1), expires_at=START + 5000)], actor="test")
        assert by_scheme.attestation.expires_at == START + 1000 * 86_400
        assert own.attestation.expires_at == START + 5000
        clock.time += 5001
        assert seen(register, own.token).reason == "expired"
        assert seen(register, by_scheme.token)


def test_a_demo_makes_specimens(tmp_path: Path, clock: Clock) -> None:
    with make_register(tmp_path / "demo", clock, replace(SCHEME, kind="demo")) as register:
        [made] = issue(register, BODY, [request()], actor="test")
        assert made.attestation.specimen
        assert seen(register, made.token).specimen


@pytest.mark.parametrize("body", ["nobody", "scheme", "../x"])
def test_an_unknown_body_cannot_issue(register: Register, body: str) -> None:
    with pytest.raises(PassportError) as caught:
        issue(register, body, [request()], actor="test")
    assert caught.value.code == "unknown_body"


def test_a_body_that_is_not_yet_published_cannot_issue(register: Register) -> None:
    add_body(register, NewBody("neuf", "Neuf", "centre", (("digcomp-3.0", 1, 8),)), actor="test")
    with pytest.raises(PassportError) as caught:
        issue(register, "neuf", [request(place=None)], actor="test")
    assert caught.value.code == "body_unpublished"


def test_a_body_that_left_cannot_issue_published_or_not(register: Register) -> None:
    close_body(register, BODY, at=register.now(), successor=OTHER, actor="test")
    with pytest.raises(PassportError) as caught:
        issue(register, BODY, [request()], actor="test")
    assert caught.value.code == "body_left"


def test_a_locked_ring_cannot_issue(register: Register) -> None:
    with reopened(register, passphrase=None) as locked, pytest.raises(PassportError) as caught:
        issue(locked, BODY, [request()], actor="test")
    assert caught.value.code == "locked"


def test_a_key_that_is_not_active_does_not_sign(register: Register) -> None:
    [record] = [r for r in register.ring.records(BODY) if r.purpose is Purpose.CREDENTIAL]
    register.ring.change_state(BODY, record.kid, state=KeyState.SEALED)
    with pytest.raises(PassportError) as caught:
        issue(register, BODY, [request()], actor="test")
    assert caught.value.code == "no_key"


def test_a_key_that_the_trust_list_does_not_have_does_not_sign(register: Register, clock: Clock) -> None:
    clock.time += 10
    register.ring.generate(BODY, Purpose.CREDENTIAL, at=register.now())
    with pytest.raises(RefusedError) as caught:
        issue(register, BODY, [request()], actor="test")
    assert "key_unlisted" in {r.code for r in caught.value.refusals}


def test_issuing_goes_on_for_months_without_a_ceremony(register: Register, clock: Clock) -> None:
    """`now` is signed again on the way: a stale one would make our own check undetermined."""
    for month in range(5):
        clock.time = START + month * 30 * 86_400 + 5
        [made] = issue(register, BODY, [request(month)], actor="test")
        assert seen(register, made.token)


def test_a_name_cannot_be_an_actor(register: Register) -> None:
    for actor in ("Marie Dupont", "", "é", "x" * 65, "a\n"):
        with pytest.raises(PassportError) as caught:
            issue(register, BODY, [request()], actor=actor)
        assert caught.value.code == "actor"


def test_what_is_stored_is_what_was_handed_out(register: Register) -> None:
    [made] = issue(register, BODY, [request()], actor="test")
    kept = stored(register, f"{made.code[:4].lower()} {made.code[4:8]}-{made.code[8:]}")
    assert (kept.token, kept.digits, kept.code, kept.body) == (made.token, made.digits, made.code, BODY)
    assert kept.attestation == made.attestation
    assert dict(kept.tokens) == dict(made.tokens)
    stored_rows = rows(register, "SELECT form, token, member_digest, kid, list_id, position FROM credential")
    assert {form for form, *_ in stored_rows} == {"qr", "ob3", "vc"}
    assert len({(list_id, position) for *_, list_id, position in stored_rows}) == 1
    for form, token, digest, kid, *_ in stored_rows:
        assert token == made.tokens[str(form)]
        assert digest == split(made.tokens[str(form)]).member_digest("ES256")
        assert kid == "c2026-1"


def test_each_form_is_valid_for_a_stranger_and_says_the_same(register: Register) -> None:
    born = Holder("Hélène", "Sautarel", date(1958, 3, 14))
    [made] = issue(register, BODY, [request(holder=born)], actor="test")
    said = {form: seen(register, token) for form, token in made.tokens.items()}
    assert {form: (report.format, report.reason) for form, report in said.items()} == {
        form: (form, "valid") for form in ("qr", "ob3", "vc")
    }
    assert said["qr"].attestation == made.attestation
    assert said["ob3"].attestation == said["vc"].attestation == made.attestation.without_birthdate()
    assert not any(b"1958" in split(made.tokens[form]).payload for form in ("ob3", "vc"))


def test_a_source_asked_for_again_gives_every_form_back(register: Register) -> None:
    [first] = issue(register, BODY, [request(source="a")], actor="test")
    [again] = issue(register, BODY, [request(source="a")], actor="test")
    assert (again.created, dict(again.tokens)) == (False, dict(first.tokens))


def test_no_name_code_or_secret_in_the_audit_chain(register: Register) -> None:
    holder = Holder("Maryvonne", "Lespinasse", date(1958, 3, 14))
    [made] = issue(register, BODY, [request(holder=holder, source="fichier Lespinasse.csv")], actor="test")
    chain = "\n".join(
        f"{event} {detail}" for event, detail in rows(register, "SELECT event, detail FROM audit_row")
    )
    assert "attestation.issued" in chain
    for private in (
        "Maryvonne",
        "Lespinasse",
        "1958",
        "lespinasse",
        made.code,
        made.token.decode(),
        made.digits,
    ):
        assert private not in chain


def test_a_method_is_kept(register: Register) -> None:
    [made] = issue(register, BODY, [replace(request(), method=Method.DECLARATION)], actor="test")
    assert seen(register, made.token).attestation == made.attestation
    assert rows(register, "SELECT method FROM attestation") == [("declaration",)]
