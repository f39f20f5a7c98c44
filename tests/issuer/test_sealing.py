"""Sealed keys: what was honestly signed stays good, and nothing signed later with the key does."""

from __future__ import annotations

import pytest

from issuer.register import Register
from issuer.register.issuing import issue
from issuer.register.publishing import all_paths, document, publish_trust_list
from issuer.register.sealing import refuse_key, retire_keys, sealed_set
from issuer.register.trust_documents import renew_now
from keys.records import Purpose
from passport.claims import StatusReference
from passport.errors import PassportError
from passport.formats.qr_token import header_for, read_claims, write_claims
from passport.jose import sign_compact, split
from passport.trust.model import KeyState
from passport.trust.reading import read_trust_list
from tests.issuer.registers import BODY, Clock, request
from verifier import Reason, Report, Trust, read_status, verify


def judge(register: Register, token: bytes, *, sets: bool = True) -> Report:
    """Verify as a stranger with the public documents."""

    def fetch(path: str) -> bytes:
        found = document(register, path)
        assert found is not None, path
        return found.data

    prefix = "/trust/sets/"
    named = {
        path.removeprefix(prefix): fetch(path) for path in all_paths(register) if path.startswith(prefix)
    }
    pin = register.ring.root_pin(register.scheme.issuer_prefix)
    trust = Trust.read(
        fetch("/trust/list.json"), fetch("/trust/now.json"), pin=pin, sets=named if sets else {}
    )
    snapshots = [read_status(fetch(p), trust=trust) for p in all_paths(register) if p.startswith("/status/")]
    return verify(token, trust=trust, status={s.uri: s for s in snapshots}, at=register.now())


def _forge(register: Register, token: bytes) -> bytes:
    """Sign another text with the very key, as its thief would."""
    signer = register.ring.signer(BODY, Purpose.CREDENTIAL, at=register.now())
    claims = read_claims(split(token).payload)
    payload = write_claims(
        claims.attestation, vct=claims.type_uri, status=StatusReference(claims.status.uri, 7)
    )
    return sign_compact(header_for(signer.alg, signer.kid), payload, signer)


def _issued(register: Register) -> bytes:
    return issue(register, BODY, [request(1)], actor="test")[0].token


def _kid(register: Register) -> str:
    return register.ring.signer(BODY, Purpose.CREDENTIAL, at=register.now()).kid


def test_a_stolen_key_is_refused_and_honest_papers_stay_good(register: Register) -> None:
    token = _issued(register)
    forged = _forge(register, token)
    refuse_key(register, BODY, _kid(register), actor="test")
    publish_trust_list(register, actor="test")
    assert judge(register, token)
    assert judge(register, forged).reason is Reason.KEY_COMPROMISED
    assert judge(register, token, sets=False).reason is Reason.TRUST_UNAVAILABLE


def test_a_theft_takes_effect_without_a_ceremony(register: Register) -> None:
    token = _issued(register)
    forged = _forge(register, token)
    refuse_key(register, BODY, _kid(register), actor="test")
    assert renew_now(register)
    pin = register.ring.root_pin(register.scheme.issuer_prefix)
    listed = document(register, "/trust/list.json")
    assert listed is not None
    trust_list = read_trust_list(listed.data, pin=pin)
    assert all(k.state is KeyState.ACTIVE for b in trust_list.bodies.values() for k in b.keys.values())
    assert judge(register, token)
    assert judge(register, forged).reason is Reason.KEY_COMPROMISED


def test_a_retired_key_is_sealed_and_the_next_one_signs(register: Register, clock: Clock) -> None:
    token = _issued(register)
    forged = _forge(register, token)
    old = _kid(register)
    clock.time += 60
    new = register.ring.generate(BODY, Purpose.CREDENTIAL, at=register.now())
    assert retire_keys(register, BODY, but=new.kid, actor="test") == [old]
    publish_trust_list(register, actor="test")
    assert judge(register, token)
    assert judge(register, forged).reason is Reason.KEY_NOT_VALID
    clock.time += 60
    later = issue(register, BODY, [request(2)], actor="test")[0].token
    assert split(later).header["kid"] == new.kid
    assert judge(register, later)
    assert judge(register, token)


def test_nothing_is_issued_with_a_refused_key(register: Register) -> None:
    refuse_key(register, BODY, _kid(register), actor="test")
    with pytest.raises(PassportError) as caught:
        issue(register, BODY, [request(1)], actor="test")
    assert caught.value.code == "no_key"


def test_a_key_sealed_between_plan_and_transaction_signs_nothing(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuer.register import issuing

    made = issuing.plan

    def slow_plan(*args: object, **named: object) -> object:
        planned = made(*args, **named)  # type: ignore[arg-type]
        retire_keys(register, BODY, actor="test")
        return planned

    monkeypatch.setattr(issuing, "plan", slow_plan)
    with pytest.raises(PassportError) as caught:
        issue(register, BODY, [request(1)], actor="test")
    assert caught.value.code == "no_key"


def test_an_unknown_set_is_not_there(register: Register) -> None:
    assert sealed_set(register, "0" * 64) is None
    assert document(register, "/trust/sets/" + "0" * 64) is None
