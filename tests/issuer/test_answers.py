"""Typed codes, kept answers, one-time links."""

from __future__ import annotations

import pytest

from issuer.register import Register
from issuer.register.access import make_link, open_link, secret_of, use_link
from issuer.register.codes import answer_code, count_lookup
from issuer.register.idempotency import keep, recall
from issuer.register.issuing import issue
from issuer.register.lookup import stored_many
from passport.errors import PassportError
from passport.typed_code import format_code, new_code
from tests.issuer.registers import BODY, OTHER, Clock, request, rows

DAY = 86_400


def test_a_code_gives_its_token(register: Register) -> None:
    made = issue(register, BODY, [request(n) for n in range(3)], actor="test")
    for each in made:
        assert answer_code(register, format_code(each.code).lower()) == each.token
    assert answer_code(register, new_code()) is None


@pytest.mark.parametrize(
    ("typed", "code"), [("", "code_format"), ("2346-789A-CDF", "code_letter"), ("x" * 70, "code_format")]
)
def test_what_is_no_code_is_refused(register: Register, typed: str, code: str) -> None:
    with pytest.raises(PassportError) as caught:
        answer_code(register, typed)
    assert caught.value.code == code


def test_look_ups_are_counted_by_network_and_day(register: Register, clock: Clock) -> None:
    assert [count_lookup(register, "192.0.2.7") for _ in range(3)] == [1, 2, 3]
    assert count_lookup(register, "192.0.2.8") == 1
    kept = str(rows(register, "SELECT * FROM lookup_count"))
    assert "192.0.2" not in kept
    [(first_key,)] = rows(register, "SELECT key FROM lookup_day")
    clock.time += DAY
    assert count_lookup(register, "192.0.2.7") == 1
    [(second_key,)] = rows(register, "SELECT key FROM lookup_day")
    assert first_key != second_key
    assert rows(register, "SELECT count(*) FROM lookup_count") == [(1,)]


def test_many_codes_come_in_their_order(register: Register) -> None:
    made = issue(register, BODY, [request(n) for n in range(5)], actor="test")
    wanted = [made[3].code, made[0].code, made[3].code]
    assert [s.code for s in stored_many(register, wanted)] == wanted
    with pytest.raises(PassportError) as caught:
        stored_many(register, [made[0].code, new_code()])
    assert caught.value.code == "unknown_code"


def test_an_answer_is_given_again(register: Register) -> None:
    assert recall(register, BODY, "k1", request=b"{}") is None
    keep(register, BODY, "k1", request=b"{}", response=b"made")
    assert recall(register, BODY, "k1", request=b"{}") == b"made"
    assert recall(register, OTHER, "k1", request=b"other") is None
    keep(register, BODY, "k1", request=b"{}", response=b"made twice")
    assert recall(register, BODY, "k1", request=b"{}") == b"made"


def test_a_key_used_for_something_else_is_refused(register: Register) -> None:
    keep(register, BODY, "k1", request=b"{}", response=b"made")
    with pytest.raises(PassportError) as caught:
        recall(register, BODY, "k1", request=b"{ }")
    assert caught.value.code == "idempotency_conflict"
    for key in ("", "é", "a\n", "x" * 101):
        with pytest.raises(PassportError) as caught:
            recall(register, BODY, key, request=b"{}")
        assert caught.value.code == "idempotency_key"


def _link(register: Register, *, life: int = 3_600) -> str:
    with register.writing() as session:
        return make_link(register, session, "test", at=register.now(), life=life).address


def _used(register: Register, secret: str) -> bool:
    with register.writing() as session:
        digest = open_link(session, secret, "test", at=register.now())
        return digest is not None and use_link(session, digest, at=register.now())


def test_a_link_opens_once(register: Register) -> None:
    page, _, secret = _link(register).partition("#")
    assert page == "https://pass.example/desk/welcome"
    assert secret_of(f"{page}#{secret}") == secret_of(secret) == secret
    assert not any(secret in str(row) for row in rows(register, "SELECT * FROM one_time_link"))
    with register.reading() as session:
        assert open_link(session, secret, "another purpose", at=register.now()) is None
    assert _used(register, secret)
    assert not _used(register, secret)


def test_a_link_has_a_life(register: Register, clock: Clock) -> None:
    secret = secret_of(_link(register, life=60))
    clock.time += 60
    assert not _used(register, secret)
    for wrong in ("", "x", "A" * 43, secret + "A", "é" * 43):
        assert not _used(register, wrong)
