"""Changes, merging, exporting and erasing: what a person's file goes through, on both databases."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date

import pytest

from issuer.people.acting import Act, act_on, acts_for, correct_fact, one_fact, replace_fact_by
from issuer.people.erasing import erase_person
from issuer.people.exporting import export_person
from issuer.people.facts import facts_of
from issuer.people.files import add_person, person
from issuer.people.finding import find_people
from issuer.people.merging import may_be_same, merge_people
from issuer.people.standing import levels_of, next_steps, stage_reached
from issuer.register import Register
from issuer.register.audit import check
from issuer.register.bodies import close_body
from issuer.register.folder import RegisterError
from issuer.register.idempotency import keep
from issuer.register.issuing import issue
from issuer.register.lookup import stored
from issuer.staff.roles import Staff
from issuer.store.rows import insert_rows
from issuer.store.tables import METADATA, AttendanceRow, PersonFileRow
from passport.errors import PassportError
from passport.gestures import Rating
from passport.model import Holder
from passport.status import Status
from passport.typed_code import format_code
from tests.issuer.filling import fill_desk
from tests.issuer.people.conftest import AddPerson
from tests.issuer.registers import BODY, OTHER, change, request, rows, seen

MINE = frozenset({BODY})
MARIE = Holder("Marie", "Dupont")


def attest(register: Register, person_id: str, holder: Holder = MARIE, **more: object) -> str:
    wanted = request(holder=holder, holder_id=person_id, **more)  # type: ignore[arg-type]
    return issue(register, BODY, [wanted], actor="test", accept_duplicates=True)[0].code


@pytest.fixture
def marie(register: Register, add: AddPerson) -> str:
    return add("Marie", "Dupont", email="marie@example.org", birthdate=None)


def test_levels_stage_and_what_comes_next(register: Register, marie: str) -> None:
    attest(register, marie, levels={"1.1": 2, "2.1": 3})
    _, facts = facts_of(register, marie, bodies=MINE)
    levels = levels_of(facts, at=register.now())
    assert [(one.competence, one.level) for one in levels] == [("1.1", 2), ("2.1", 3)]
    reached = stage_reached(levels)
    assert reached is not None
    assert reached.id == "none"
    steps = next_steps(levels, {"1.1.g1": Rating.ALONE, "1.1.g3": Rating.WITH_HELP})
    assert steps[0].competence == "1.1"
    assert ("1.1.g3", Rating.WITH_HELP) in [(one.id, rating) for one, rating in steps[0].gestures]
    assert "2.1" not in [step.competence for step in steps]  # level 3: all gestures are done alone


def test_all_core_competences_make_a_stage(register: Register, marie: str) -> None:
    core = ("1.1", "1.3", "2.1", "2.3", "3.1", "4.1", "4.2", "5.1")
    attest(register, marie, levels={**dict.fromkeys(core, 2), "5.1": 1})
    _, facts = facts_of(register, marie, bodies=MINE)
    reached = stage_reached(levels_of(facts, at=register.now()))
    assert reached is not None
    assert reached.level == 1


def test_withdraw_suspend_and_restore_need_a_reason(register: Register, trainer: Staff, marie: str) -> None:
    attest(register, marie)
    _, (fact,) = facts_of(register, marie, bodies=MINE)
    for act, after in (
        (Act.SUSPEND, Status.SUSPENDED),
        (Act.RESTORE, Status.VALID),
        (Act.WITHDRAW, Status.WITHDRAWN),
    ):
        with pytest.raises(PassportError) as raised:
            act_on(register, trainer, marie, fact.id, act=act, reason="  ")
        assert raised.value.code == "reason_missing"
        act_on(register, trainer, marie, fact.id, act=act, reason="Erreur de saisie")
        _, now = one_fact(register, marie, fact.id, bodies=MINE)
        assert now.status is after
    assert [note.reason for note in now.changes] == ["Erreur de saisie"] * 3
    assert acts_for(now) == ()
    assert check(register) == []


def test_a_correction_names_the_file_anew(register: Register, trainer: Staff, marie: str) -> None:
    attest(register, marie)
    _, (fact,) = facts_of(register, marie, bodies=MINE)
    right = request(holder=Holder("Maria", "Dupond"))
    correct_fact(register, trainer, marie, fact.id, request=right, reason="Nom mal écrit")
    named, facts = facts_of(register, marie, bodies=MINE)
    assert (named.given_name, named.family_name) == ("Maria", "Dupond")
    assert sorted(one.status for one in facts) == [Status.VALID, Status.WITHDRAWN]
    (new,) = [one for one in facts if one.status is Status.VALID]
    assert new.follows == {"corrects": fact.id}
    assert [one.id for one in find_people(register, "maria", bodies=MINE)] == [marie]
    assert rows(register, "SELECT count(*) FROM holder") == [(1,)]


def test_a_newer_one_takes_the_place_of_an_older_one(register: Register, trainer: Staff, marie: str) -> None:
    attest(register, marie, levels={"1.1": 1})
    attest(register, marie, levels={"1.1": 2})
    _, (newer, older) = facts_of(register, marie, bodies=MINE)
    replace_fact_by(register, trainer, marie, older.id, newer_id=newer.id)
    _, facts = facts_of(register, marie, bodies=MINE)
    assert {one.id: one.status for one in facts} == {newer.id: Status.VALID, older.id: Status.REPLACED}


def test_another_body_changes_nothing(register: Register, stranger: Staff, marie: str) -> None:
    attest(register, marie)
    _, (fact,) = facts_of(register, marie, bodies=MINE)
    with pytest.raises(RegisterError) as raised:
        act_on(register, stranger, marie, fact.id, act=Act.WITHDRAW, reason="r")
    assert raised.value.code == "unknown_person"
    own = add_person(register, stranger, OTHER, given_name="A", family_name="B", identity="known")
    with pytest.raises(RegisterError) as raised:
        act_on(register, stranger, own, fact.id, act=Act.WITHDRAW, reason="r")
    assert raised.value.code == "unknown_attestation"


def test_two_records_become_one(register: Register, trainer: Staff, marie: str, add: AddPerson) -> None:
    other = add("Marie", "Dupond", birthdate=date(1950, 2, 3))
    attest(register, marie)
    attest(register, other, Holder("Marie", "Dupond", date(1950, 2, 3)))
    assert [one.id for one in may_be_same(register, person(register, marie, bodies=MINE), bodies=MINE)] == [
        other
    ]
    assert merge_people(register, trainer, keep=marie, gone=other) == marie
    merged, facts = facts_of(register, other, bodies=MINE)
    assert (merged.id, merged.birthdate, len(facts)) == (marie, date(1950, 2, 3), 2)
    assert [one.id for one in find_people(register, "dupont", bodies=MINE)] == [marie]
    assert rows(register, "SELECT family_name FROM holder WHERE id = ?", other) == [("",)]
    with pytest.raises(RegisterError) as raised:
        merge_people(register, trainer, keep=marie, gone=other)
    assert raised.value.code == "same_person"
    assert check(register) == []


def test_workshop_records_move_and_two_at_one_table_stay_two(
    register: Register, trainer: Staff, marie: str, add: AddPerson
) -> None:
    attest(register, marie)
    _, (fact,) = facts_of(register, marie, bodies=MINE)
    fill_desk(register, body=BODY, other=OTHER, place="salle", holder=marie, attestation=fact.id)
    change(register, "DELETE FROM person_file WHERE body = ?", OTHER)
    other = add("Marie", "Dupond")
    merge_people(register, trainer, keep=other, gone=marie)
    assert rows(register, "SELECT holder_id FROM rating") == [(other,)]
    third = add("Marie", "Dupont")
    with register.writing() as session:
        seat = {"workshop": "w", "holder_id": third, "position": 2, "added_at": 1, "undone": 0}
        insert_rows(session, AttendanceRow, [seat])
    with pytest.raises(RegisterError) as raised:
        merge_people(register, trainer, keep=other, gone=third)
    assert raised.value.code == "merge_workshop"


def test_a_record_that_others_keep_is_not_merged_away(
    register: Register, trainer: Staff, marie: str, add: AddPerson
) -> None:
    other = add("Marie", "Dupond")
    with register.writing() as session:
        file = {"holder_id": other, "body": OTHER, "identity": "seen", "opened_at": 1, "opened_by": "x"}
        insert_rows(session, PersonFileRow, [file])
    with pytest.raises(RegisterError) as raised:
        merge_people(register, trainer, keep=marie, gone=other)
    assert raised.value.code == "merge_elsewhere"
    merge_people(register, trainer, keep=other, gone=marie)


def test_everything_is_exported(register: Register, trainer: Staff, marie: str) -> None:
    code = attest(register, marie)
    _, (fact,) = facts_of(register, marie, bodies=MINE)
    act_on(register, trainer, marie, fact.id, act=Act.SUSPEND, reason="On vérifie <b>")
    fill_desk(register, body=BODY, other=OTHER, place="salle", holder=marie, attestation=fact.id)
    archive = zipfile.ZipFile(io.BytesIO(export_person(register, marie, bodies=MINE, actor="test")))
    assert set(archive.namelist()) == {
        "donnees.json",
        "a-lire.html",
        *(f"attestation-1.{kind}" for kind in ("jwt", "ob3.jwt", "vc.jwt")),
    }
    data = json.loads(archive.read("donnees.json"))
    assert data["person"]["email"] == "marie@example.org"
    assert data["attestations"][0]["code"] == format_code(code)
    assert data["changes"][0]["reason"] == "On vérifie <b>"
    for name in ("workshops", "ratings", "decisions", "papers", "shown", "mails", "second_looks"):
        assert data[name], name
    page = archive.read("a-lire.html").decode()
    assert "On vérifie &lt;b&gt;" in page
    assert "Dupont" in page
    assert archive.read("attestation-1.jwt") == stored(register, code).token
    assert check(register) == []


def test_an_erased_person_is_gone_and_the_register_still_holds(
    register: Register, trainer: Staff, marie: str
) -> None:
    code = attest(register, marie)
    token = stored(register, code).token
    _, (fact,) = facts_of(register, marie, bodies=MINE)
    fill_desk(register, body=BODY, other=OTHER, place="salle", holder=marie, attestation=fact.id)
    keep(register, BODY, "key", request=b"q", response=f'{{"code":"{format_code(code)}"}}'.encode())
    keep(register, BODY, "other", request=b"q", response=b"{}")
    erased = erase_person(register, marie, bodies=frozenset({BODY, OTHER}), actor="test")
    assert (erased.attestations, erased.withdrawn, erased.is_whole) == (1, 1, True)
    assert _left(register, "Dupont", "marie@example.org", token.decode()) == []
    for gone in (lambda: person(register, marie, bodies=MINE), lambda: stored(register, code)):
        with pytest.raises(RegisterError):
            gone()
    assert find_people(register, "dupont", bodies=MINE) == []
    assert rows(register, "SELECT count(*) FROM rating") == [(0,)]
    assert rows(register, "SELECT key FROM idempotency") == [("other",)]
    assert rows(register, "SELECT count(*) FROM status_entry WHERE attestation_id = ?", fact.id) == [(1,)]
    assert check(register) == []
    assert seen(register, token).reason == "withdrawn"


def test_the_papers_of_an_erased_person_stay_valid_when_they_ask(register: Register, marie: str) -> None:
    token = stored(register, attest(register, marie)).token
    erased = erase_person(register, marie, bodies=MINE, actor="test", keep_valid=True)
    assert erased.withdrawn == 0
    assert check(register) == []
    assert seen(register, token).verdict == "valid"


def test_the_set_of_a_key_keeps_what_was_erased(register: Register, marie: str) -> None:
    """Otherwise a retired key would make the papers of erased people invalid."""
    attest(register, marie)
    ((before,),) = rows(register, "SELECT count(*) FROM credential")
    erase_person(register, marie, bodies=MINE, actor="test", keep_valid=True)
    digests = rows(register, "SELECT member_digest FROM credential")
    assert len({bytes(digest) for (digest,) in digests}) == before  # type: ignore[call-overload]


def test_a_body_erases_its_own_alone(register: Register, marie: str) -> None:
    with register.writing() as session:
        file = {"holder_id": marie, "body": OTHER, "identity": "seen", "opened_at": 1, "opened_by": "x"}
        insert_rows(session, PersonFileRow, [file])
    erased = erase_person(register, marie, bodies=MINE, actor="test")
    assert not erased.is_whole
    assert person(register, marie, bodies=frozenset({OTHER})).family_name == "Dupont"


def test_the_successor_of_a_body_that_left_sees_and_erases_its_people(register: Register, marie: str) -> None:
    code = attest(register, marie)
    close_body(register, BODY, at=register.now(), successor=OTHER, actor="test")
    theirs = frozenset({OTHER})
    _, (fact,) = facts_of(register, marie, bodies=theirs)
    assert not fact.is_own
    assert acts_for(fact) == ()
    archive = zipfile.ZipFile(io.BytesIO(export_person(register, marie, bodies=theirs, actor="test")))
    assert json.loads(archive.read("donnees.json"))["attestations"][0]["code"] == format_code(code)
    erased = erase_person(register, marie, bodies=theirs, actor="test", keep_valid=True)
    assert (erased.attestations, erased.is_whole) == (1, True)
    assert _left(register, "Dupont") == []
    assert check(register) == []


def test_an_erased_line_may_come_again(register: Register, marie: str) -> None:
    attest(register, marie, source="line")
    erase_person(register, marie, bodies=MINE, actor="test")
    (again,) = issue(register, BODY, [request(holder=MARIE, source="line")], actor="test")
    assert again.created
    assert check(register) == []


def test_a_token_that_outlives_its_erasure_is_found(register: Register, marie: str) -> None:
    code = attest(register, marie)
    token = stored(register, code).token
    erase_person(register, marie, bodies=MINE, actor="test")
    change(register, "UPDATE credential SET token = ? WHERE form = 'qr'", token)
    assert {finding.code for finding in check(register)} == {"credential_erased"}


def test_erased_without_a_word_in_the_chain_is_found(register: Register, marie: str) -> None:
    attest(register, marie)
    change(register, "UPDATE attestation SET erased_at = 1, person_key = ''")
    change(register, "UPDATE credential SET token = ?", b"")
    assert {finding.code for finding in check(register)} == {"credential_erased"}


def _left(register: Register, *needles: str) -> list[str]:
    """Return the columns in which one of these texts still stands."""
    found = []
    for table in METADATA.sorted_tables:
        for row in rows(register, f'SELECT * FROM "{table.name}"'):  # noqa: S608
            text = " ".join(
                bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row
            )
            found += [table.name for needle in needles if needle in text]
    return found
