"""The ceremony: what is signed is what was linted, by the key that was linted, once."""

from __future__ import annotations

import copy
import pickle
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from keys.ceremony import LintError, Prepared, prepare
from keys.draft import Draft
from keys.records import KeyRecord
from keys.ring import KeyRing, Purpose
from keys.sealing import FLOOR
from keys.signing import FileSigner
from passport.claims import StatusReference
from passport.errors import PassportError
from passport.formats.qr_token import read_claims
from passport.jose import split
from passport.model import Holder
from passport.trust.model import Period
from tests.keys.drafts import PAGE, SLUG, draft_of, record_of, written
from tests.town import DAY, NOON, TestKey, Town, an_attestation
from verifier import verify


def prepared(town: Town, *, record: KeyRecord | None = None, **changes: Any) -> Prepared:
    fake = town.bodies[SLUG]
    return prepare(
        an_attestation(fake.issuer, **({"issued_at": town.at} | changes)),
        status=StatusReference(fake.uri, 4711),
        trust_list=town.trust_list(),
        signer_record=record or record_of(town),
        page_url=PAGE,
        at=town.at,
    )["qr"]


def refused(code: str) -> pytest.RaisesExc[PassportError]:
    return pytest.RaisesExc(PassportError, check=lambda error: error.code == code)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    ring = KeyRing.create(tmp_path, passphrase=b"une phrase de secours", cost=FLOOR)
    ring.generate(SLUG, Purpose.CREDENTIAL, at=NOON - DAY)
    return ring


@pytest.fixture
def town_of_ring(town: Town, ring: KeyRing) -> Town:
    """The town, with the ring's keys in its trust list."""
    town.change_body(SLUG, keys=MappingProxyType(ring.trusted_keys(SLUG)))
    return town


def test_what_is_signed_is_what_was_linted_and_a_stranger_finds_it_valid(town: Town) -> None:
    ready = prepared(town)
    token = ready.sign(town.bodies[SLUG].credential_key)
    assert token.rpartition(b".")[0] == ready.signing_input
    report = verify(token, trust=town.trust(), status=town.status(), at=NOON)
    assert report.verdict == "valid"
    assert read_claims(split(token).payload).attestation == an_attestation(town.bodies[SLUG].issuer)


def test_a_key_of_the_ring_signs(town_of_ring: Town, ring: KeyRing) -> None:
    (record,) = ring.records(SLUG)
    token = prepared(town_of_ring, record=record).sign(ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON))
    assert record.public.verify(split(token))


def test_it_is_signed_once(town: Town) -> None:
    ready = prepared(town)
    ready.sign(town.bodies[SLUG].credential_key)
    with refused("already_signed"):
        ready.sign(town.bodies[SLUG].credential_key)
    with refused("already_signed"):
        copy.copy(ready).sign(town.bodies[SLUG].credential_key)


def test_it_cannot_be_doubled(town: Town) -> None:
    with pytest.raises(TypeError):
        copy.deepcopy(prepared(town))
    with pytest.raises(TypeError):
        pickle.dumps(prepared(town))


def test_of_two_threads_one_signs(town: Town) -> None:
    ready, key = prepared(town), town.bodies[SLUG].credential_key
    both = threading.Barrier(2)
    outcomes: list[str] = []

    class Waiting:
        """Signs only when the other thread has had time to ask."""

        kid, alg = key.kid, key.alg

        def sign(self, data: bytes) -> bytes:
            refused_other.wait(10)
            return key.sign(data)

    refused_other = threading.Event()

    def run() -> None:
        both.wait(10)
        try:
            ready.sign(Waiting())
            outcomes.append("signed")
        except PassportError as error:
            outcomes.append(error.code)
            refused_other.set()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["already_signed", "signed"]


def test_a_signature_that_fails_uses_it_up(town: Town) -> None:
    class Broken:
        kid, alg = town.bodies[SLUG].credential_key.kid, "ES256"

        def sign(self, data: bytes) -> bytes:
            raise OSError("the card was pulled out")

    ready = prepared(town)
    with pytest.raises(OSError, match="card"):
        ready.sign(Broken())
    with refused("already_signed"):
        ready.sign(town.bodies[SLUG].credential_key)


@pytest.mark.parametrize(("kid", "alg"), [("c2026-2", "ES256"), ("c2026-1", "EdDSA"), ("s2026-1", "ES256")])
def test_another_signer_is_refused_and_nothing_is_used_up(town: Town, kid: str, alg: str) -> None:
    ready = prepared(town)
    with refused("signer_mismatch"):
        ready.sign(TestKey(kid, alg))
    assert ready.sign(town.bodies[SLUG].credential_key)


def test_another_key_of_the_same_name_is_refused(town: Town) -> None:
    with refused("signature_refused"):
        prepared(town).sign(TestKey("c2026-1"))


def test_what_another_key_of_the_ring_signed_never_leaves(town: Town, ring: KeyRing) -> None:
    """The ring's c2026-1 is not the town's c2026-1."""
    ready = prepared(town)
    with refused("signature_refused"):
        ready.sign(ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON))
    with refused("already_signed"):
        ready.sign(town.bodies[SLUG].credential_key)


def test_a_faulty_signature_of_our_own_key_never_leaves(
    town_of_ring: Town, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flipped bit in the machine: with two signatures over one nonce it would give the key away."""
    (record,) = ring.records(SLUG)
    signer = ring.signer(SLUG, Purpose.CREDENTIAL, at=NOON)
    sound = FileSigner.sign

    def faulty(self: FileSigner, data: bytes) -> bytes:
        signature = sound(self, data)
        return signature[:40] + bytes([signature[40] ^ 1]) + signature[41:]

    monkeypatch.setattr(FileSigner, "sign", faulty)
    with refused("signature_refused"):
        prepared(town_of_ring, record=record).sign(signer)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_never_leaves(town: Town, length: int) -> None:
    class Card:
        kid, alg = "c2026-1", "ES256"

        def sign(self, data: bytes) -> bytes:
            return bytes(length)

    with refused("signature_refused"):
        prepared(town).sign(Card())


@pytest.mark.parametrize(("seconds", "is_signed"), [(300.0, True), (300.5, False)])
def test_what_was_prepared_is_signed_within_five_minutes(town: Town, seconds: float, is_signed: bool) -> None:
    readings = iter([1000.0, 1000.0 + seconds])
    ready = Prepared(written(draft_of(town)), elapsed=lambda: next(readings))
    if is_signed:
        assert ready.sign(town.bodies[SLUG].credential_key)
        return
    with refused("prepared_too_old"):
        ready.sign(town.bodies[SLUG].credential_key)


def test_a_key_that_now_refuses_does_not_sign(town: Town) -> None:
    fake, record = town.bodies[SLUG], record_of(town)
    with pytest.raises(LintError) as caught:
        prepare(
            an_attestation(fake.issuer, issued_at=town.at),
            status=StatusReference(fake.uri, 4711),
            trust_list=town.trust_list(),
            signer_record=record,
            page_url=PAGE,
            at=town.at,
            refused_keys=frozenset({record.public.thumbprint}),
        )
    assert [finding.code for finding in caught.value.findings] == ["key_refused"]


@pytest.mark.parametrize(
    "status",
    [StatusReference("https://passeport.example/status/\ud800", 1), StatusReference("x", 10**5000)],
    ids=["half a surrogate pair", "a number too long to write"],
)
def test_a_status_that_cannot_be_written_is_a_finding(town: Town, status: StatusReference) -> None:
    with pytest.raises(LintError) as caught:
        prepare(
            an_attestation(town.bodies[SLUG].issuer, issued_at=town.at),
            status=status,
            trust_list=town.trust_list(),
            signer_record=record_of(town),
            page_url=PAGE,
            at=town.at,
        )
    assert "status_prefix" in {finding.code for finding in caught.value.findings}


def test_all_findings_are_told_at_once(town: Town) -> None:
    with pytest.raises(LintError) as caught:
        prepared(town, levels={"1.1": 7}, place="gymnase", issued_at=NOON - DAY)
    error = caught.value
    assert [finding.code for finding in error.findings] == ["not_accredited", "issue_time", "place_unknown"]
    assert error.code == "lint"
    assert error.detail == {"findings": ["not_accredited", "issue_time", "place_unknown"]}
    assert all(finding.sentence in error.message for finding in error.findings)
    assert all(finding.hint in error.hint for finding in error.findings)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"framework": "digcomp-9.9"}, "framework_unknown"),
        ({"levels": {"1.1": 2, "9.9": 2}}, "level_unknown"),
    ],
)
def test_claims_that_cannot_be_written_are_findings_too(
    town: Town, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(LintError) as caught:
        prepared(town, **changes)
    assert code in {finding.code for finding in caught.value.findings}


def test_a_draft_without_bytes_is_never_ready(town: Town) -> None:
    with pytest.raises(LintError) as caught:
        Prepared(draft_of(town))
    assert [finding.code for finding in caught.value.findings] == ["claims_unwritable"]


def test_the_lints_cannot_be_gone_round(town: Town) -> None:
    wrong: Draft = draft_of(town, place="gymnase")
    with pytest.raises(LintError):
        Prepared(wrong)


def test_a_warning_is_told_and_does_not_stand_against_signing(town: Town) -> None:
    record = record_of(town, period=Period(NOON - DAY, NOON + 3 * DAY))
    ready = prepared(town, record=record)
    assert [(w.code, w.sentence) for w in ready.warnings] == [("key_ends_soon", "The key ends in 3 days.")]
    assert ready.sign(town.bodies[SLUG].credential_key)
    assert prepared(town).warnings == ()


def test_nothing_shown_holds_the_person(town: Town) -> None:
    holder = Holder("Zoé", "L’Hévéder", date(2024, 2, 29))
    assert repr(prepared(town)) == "Prepared(owner='csc-marmiers', kid='c2026-1')"
    with pytest.raises(LintError) as caught:
        prepared(town, holder=holder)
    shown = f"{caught.value} {caught.value.detail} {caught.value.findings}"
    assert not any(secret in shown for secret in ("Zoé", "Hévéder", "2024"))


def test_a_changed_record_does_not_change_what_was_prepared(town: Town) -> None:
    record = record_of(town)
    ready = prepared(town, record=record)
    assert replace(record, kid="c2026-9", public=TestKey("c2026-9").public) != record
    assert ready.signing_input == prepared(town).signing_input
