"""`check` finds what somebody with the database in hand has done to it."""

from __future__ import annotations

import hashlib
import json

import pytest

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.chain import append, check_chain
from issuer.register.changes import suspend, withdraw
from issuer.register.issuing import Issued, issue
from issuer.register.publishing import publish_trust_list
from issuer.register.status_documents import status_document
from issuer.store import chain as chain_store
from tests.issuer.registers import BODY, START, change, reopened, request, rows


@pytest.fixture
def made(register: Register) -> list[Issued]:
    issued = issue(register, BODY, [request(n) for n in range(6)], actor="test")
    withdraw(register, issued[4].code, actor="test")
    suspend(register, issued[5].code, actor="test")
    publish_trust_list(register, actor="test")
    status_document(register, f"{BODY}.1")
    assert check(register) == []
    return issued


def codes(register: Register) -> set[str]:
    return {finding.code for finding in check(register)}


def test_a_chain_can_be_recomputed_by_hand(register: Register, made: list[Issued]) -> None:
    previous = hashlib.sha256(b"passport-audit-1\x00" + BODY.encode()).hexdigest()
    columns = "seq, at, event, detail, previous, hash"
    found = rows(register, f"SELECT {columns} FROM audit_row WHERE chain = ? ORDER BY seq", BODY)  # noqa: S608
    assert len(found) == 1 + 6 + 2
    for number, (seq, at, event, detail, told, digest) in enumerate(found, 1):
        row = json.dumps([previous, BODY, seq, at, event, detail], separators=(",", ":"))
        assert (seq, told, digest) == (number, previous, hashlib.sha256(row.encode()).hexdigest())
        previous = digest
    assert rows(register, "SELECT seq, hash FROM audit_head WHERE chain = ?", BODY) == [(9, previous)]


ONE_STRAY = f"x'{'00' * 32_767}55'"
TAMPERED = {
    "detail": (
        "UPDATE audit_row SET detail = replace(detail, 'test', 'them') WHERE seq = 3",
        {"audit_broken"},
    ),
    "event": (
        "UPDATE audit_row SET event = 'body.added' WHERE seq = 9",
        {"audit_broken"},
    ),
    "time": ("UPDATE audit_row SET at = at - 1 WHERE seq = 2", {"audit_broken"}),
    "row gone": ("DELETE FROM audit_row WHERE chain = 'centre-social' AND seq = 5", {"audit_broken"}),
    "last row gone": ("DELETE FROM audit_row WHERE chain = 'centre-social' AND seq = 9", {"audit_cut"}),
    "chain gone": ("DELETE FROM audit_head WHERE chain = 'regie'", {"audit_missing", "audit_checkpoint"}),
    "status undone": (
        'UPDATE status_list SET "array" = zeroblob(32768), revision = revision + 1',
        {"audit_status"},
    ),
    "status of nobody": (f'UPDATE status_list SET "array" = {ONE_STRAY}', {"status_stray"}),  # noqa: S608
    "signed list damaged": (
        "UPDATE status_list SET signed_token = substr(signed_token, 1, 400)",
        {"status_signed"},
    ),
    "badge list swapped": ("UPDATE status_list SET signed_revocation = signed_suspension", {"status_signed"}),
    "array moved, revision not": (
        "UPDATE status_list SET \"array\" = zeroblob(32768) WHERE id = 'centre-social.1'",
        {"status_signed", "audit_status"},
    ),
    "change forgotten": ("DELETE FROM status_change WHERE id = 1", {"status_changes"}),
    "change told otherwise": ('UPDATE status_change SET "after" = 2 WHERE id = 1', {"status_changes"}),
    "short list": ('UPDATE status_list SET "array" = zeroblob(32)', {"status_size", "audit_status"}),
    "entry of another": (
        "UPDATE status_entry SET attestation_id = 'other' WHERE rowid = 1",
        {"credential_entry"},
    ),
    "level raised": (
        "UPDATE attestation SET levels = '{\"1.1\": 6}' WHERE rowid = 1",
        {"credential_columns"},
    ),
    "token damaged": (
        "UPDATE credential SET token = substr(token, 1, 40) WHERE rowid = 1",
        {"credential_signature"},
    ),
    "digest changed": ("UPDATE credential SET member_digest = x'00' WHERE rowid = 1", {"credential_digest"}),
    "kid changed": ("UPDATE credential SET kid = 'c2026-9' WHERE rowid = 1", {"credential_signature"}),
    "attestation gone": (
        "DELETE FROM credential WHERE attestation_id IN (SELECT id FROM attestation LIMIT 1)",
        {"attestation_lost"},
    ),
    "form gone": ("DELETE FROM credential WHERE form = 'ob3'", {"credential_lost"}),
    "badge swapped": (
        "UPDATE credential SET token = (SELECT v.token FROM credential v WHERE v.form = 'vc'"
        " AND v.attestation_id = credential.attestation_id) WHERE form = 'ob3'",
        {"credential_signature"},
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_found(register: Register, made: list[Issued], name: str) -> None:
    statement, expected = TAMPERED[name]
    change(register, statement)
    assert expected <= codes(register)


def test_the_signature_of_another_body_is_found(register: Register, made: list[Issued]) -> None:
    change(register, "UPDATE attestation SET body = 'regie' WHERE rowid = 1")
    assert {"credential_signature", "credential_columns"} <= codes(register)


def test_a_chain_cut_with_its_head_is_found_by_the_published_checkpoint(
    register: Register, made: list[Issued]
) -> None:
    """Whoever moves the head too makes a chain that is whole in itself: only what was published tells."""
    [(digest,)] = rows(register, "SELECT hash FROM audit_row WHERE chain = ? AND seq = 8", BODY)
    change(register, "DELETE FROM audit_row WHERE chain = ? AND seq = 9", BODY)
    change(register, "UPDATE audit_head SET seq = 8, hash = ? WHERE chain = ?", digest, BODY)
    assert {"audit_checkpoint", "audit_status"} <= codes(register)


def test_a_signed_list_of_before_is_found(register: Register, made: list[Issued]) -> None:
    """It is well signed, by the right key, and says that what was withdrawn since is valid."""
    before = status_document(register, f"{BODY}.1")
    withdraw(register, made[0].code, actor="test")
    assert status_document(register, f"{BODY}.1") != before
    assert check(register) == []
    change(register, "UPDATE status_list SET signed_token = ? WHERE id = ?", before, f"{BODY}.1")
    assert codes(register) == {"status_signed"}


def test_a_list_that_was_not_signed_again_yet_is_no_finding(register: Register, made: list[Issued]) -> None:
    withdraw(register, made[0].code, actor="test")
    assert check(register) == []


def test_findings_name_nobody(register: Register, made: list[Issued]) -> None:
    change(register, "UPDATE credential SET token = x'00'")
    findings = check(register)
    assert len(findings) >= 6
    for finding in findings:
        assert "Sautarel" not in finding.message
        assert not any(issued.code in finding.message for issued in made)


def test_checking_needs_no_passphrase_and_changes_nothing(register: Register, made: list[Issued]) -> None:
    before = rows(register, "SELECT count(*), max(hash) FROM audit_row")
    with reopened(register, passphrase=None) as locked:
        assert check(locked) == []
    assert rows(register, "SELECT count(*), max(hash) FROM audit_row") == before


def test_appending_links_to_the_head(register: Register) -> None:
    with register.writing() as session:
        append(session, BODY, "one", {"b": 1, "a": "é"}, at=START)
        append(session, BODY, "two", {}, at=START)
    with register.reading() as session:
        [head] = [h for h in chain_store.heads(session) if h.chain == BODY]
        assert head.seq == 3
        assert check_chain(session, head) == []
    assert rows(register, "SELECT detail FROM audit_row WHERE event = 'one'") == [('{"a":"é","b":1}',)]
