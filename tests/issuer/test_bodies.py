"""Bodies, their keys, their API tokens."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from issuer.register import Register
from issuer.register.bodies import (
    NewBody,
    add_body,
    body,
    body_list,
    body_of_token,
    close_body,
    new_api_token,
)
from keys.records import Purpose
from passport.errors import PassportError
from tests.issuer.registers import BODY, OTHER, START, reopened, rows

GOOD: dict[str, Any] = {
    "slug": "epn",
    "name": "Espace public numérique",
    "kind": "epn",
    "accreditations": (("digcomp-3.0", 1, 4),),
    "places": (("a", "Salle A"),),
}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"slug": "Épn"}, "slug"),
        ({"slug": "a.b"}, "slug"),
        ({"slug": ".."}, "slug"),
        ({"slug": "scheme"}, "slug"),
        ({"slug": "x" * 41}, "slug"),
        ({"name": ""}, "body_name"),
        ({"name": "x" * 101}, "body_name"),
        ({"name": "two  spaces"}, "body_name"),
        ({"name": "a\u202eb"}, "body_name"),
        ({"kind": " "}, "body_name"),
        ({"accreditations": (("digcomp-3.0", 0, 4),)}, "accreditation"),
        ({"accreditations": (("digcomp-3.0", 5, 4),)}, "accreditation"),
        ({"accreditations": (("digcomp-3.0", 1, 9),)}, "accreditation"),
        ({"accreditations": (("digcomp-9", 1, 2),)}, "unknown_framework"),
        ({"places": (("a", "A"), ("a", "B"))}, "place_id"),
        ({"places": (("Ä", "A"),)}, "place_id"),
        ({"places": (("a", ""),)}, "body_name"),
        ({"logo_png": b"GIF89a"}, "logo"),
        ({"logo_png": b"\x89PNG\r\n\x1a\n" + bytes(262_144)}, "logo"),
    ],
)
def test_what_cannot_be_a_body(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(PassportError) as caught:
        NewBody(**{**GOOD, **wrong})
    assert caught.value.code == code


def test_a_new_body_has_its_two_keys(register: Register) -> None:
    add_body(register, NewBody(**GOOD), actor="test")
    found = body(register, "epn")
    assert (found.name, found.kind, found.created_at, found.closed_at) == (GOOD["name"], "epn", START, None)
    assert found.accreditations == (("digcomp-3.0", 1, 4),)
    assert found.place_name("a") == "Salle A"
    assert found.place_name("b") is None
    assert found.place_name(None) is None
    purposes = [record.purpose for record in register.ring.records("epn")]
    assert purposes == [Purpose.CREDENTIAL, Purpose.STATUS]
    assert [known.slug for known in body_list(register)] == [BODY, "epn", OTHER]


def test_a_slug_is_used_once(register: Register) -> None:
    before = register.ring.records(BODY)
    with pytest.raises(PassportError) as caught:
        add_body(register, NewBody(**{**GOOD, "slug": BODY}), actor="test")
    assert caught.value.code == "slug_taken"
    assert register.ring.records(BODY) == before


def test_a_body_without_keys_is_not_kept(register: Register) -> None:
    with reopened(register, passphrase=None) as locked, pytest.raises(PassportError) as caught:
        add_body(locked, NewBody(**GOOD), actor="test")
    assert caught.value.code == "locked"
    with pytest.raises(PassportError) as caught:
        body(register, "epn")
    assert caught.value.code == "unknown_body"


def test_keys_left_by_a_crash_are_found_again(register: Register) -> None:
    """Killed after the key files and before COMMIT: the same command again completes, with those keys."""
    left = register.ring.generate("epn", Purpose.CREDENTIAL, at=START)
    add_body(register, NewBody(**GOOD), actor="test")
    assert [r.kid for r in register.ring.records("epn") if r.purpose is Purpose.CREDENTIAL] == [left.kid]


def test_closing_ends_everything_the_body_had(register: Register) -> None:
    token = new_api_token(register, BODY, label="caisse")
    close_body(register, BODY, at=START + 5, successor=OTHER, actor="test")
    found = body(register, BODY)
    assert (found.closed_at, found.successor, found.accreditations, found.places) == (
        START + 5,
        OTHER,
        (),
        (),
    )
    assert body_of_token(register, token) is None
    assert rows(
        register, "SELECT count(*) FROM accreditation WHERE body = ? AND ends = ?", BODY, START + 5
    ) == [(2,)]
    assert body(register, OTHER).accreditations == (("digcomp-3.0", 1, 8),)


@pytest.mark.parametrize(
    ("slug", "at", "successor", "code"),
    [
        ("nobody", START, None, "unknown_body"),
        (BODY, START, "nobody", "unknown_body"),
        (BODY, START, BODY, "unknown_body"),
        (BODY, START - 1, None, "close_time"),
    ],
)
def test_what_cannot_be_closed(
    register: Register, slug: str, at: int, successor: str | None, code: str
) -> None:
    with pytest.raises(PassportError) as caught:
        close_body(register, slug, at=at, successor=successor, actor="test")
    assert caught.value.code == code


def test_a_body_leaves_once(register: Register) -> None:
    close_body(register, BODY, at=START, actor="test")
    for call in (
        lambda: close_body(register, BODY, at=START, actor="test"),
        lambda: new_api_token(register, BODY, label="x"),
    ):
        with pytest.raises(PassportError) as caught:
            call()
        assert caught.value.code == "already_closed"


def test_a_token_speaks_for_one_body_and_is_not_kept(register: Register) -> None:
    token, other = (new_api_token(register, slug, label="caisse") for slug in (BODY, OTHER))
    assert (body_of_token(register, token), body_of_token(register, other)) == (BODY, OTHER)
    kept = rows(register, "SELECT digest FROM api_token WHERE body = ?", BODY)
    assert kept == [(hashlib.sha256(token.encode()).hexdigest(),)]
    assert not any(token in str(row) for row in rows(register, "SELECT detail FROM audit_row"))


@pytest.mark.parametrize(
    "change", [lambda t: "", lambda t: t[:-1], lambda t: t + "A", lambda t: t.upper(), lambda t: "é" * 40]
)
def test_no_other_token_speaks(register: Register, change: Any) -> None:
    token = new_api_token(register, BODY, label="caisse")
    assert body_of_token(register, change(token)) is None


def test_a_token_of_an_unknown_body(register: Register) -> None:
    with pytest.raises(PassportError) as caught:
        new_api_token(register, "nobody", label="x")
    assert caught.value.code == "unknown_body"
