"""Changes of a body that stays: published in the next list, noted in its chain, and never backwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from issuer.register import Register
from issuer.register.audit import check
from issuer.register.bodies import body, body_of_token, new_api_token
from issuer.register.body_changes import (
    accredit,
    add_place,
    end_accreditation,
    end_place,
    rename_body,
    revoke_api_token,
    set_logo,
    set_signatory,
)
from issuer.register.issuing import RefusedError, issue
from issuer.register.publishing import publish_trust_list
from passport.errors import PassportError
from tests.issuer.registers import BODY, OTHER, Clock, make_register, request, rows, seen
from verifier import Verdict


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path, clock: Clock) -> Register:
    return make_register(tmp_path / "scheme", clock)


def test_a_new_name_and_place_are_in_the_next_list(register: Register, clock: Clock) -> None:
    clock.time += 10
    rename_body(register, BODY, name="Maison de quartier", actor="test")
    set_signatory(register, BODY, signatory="La présidente, Anne Roux", actor="test")
    add_place(register, BODY, place="gare", name="La Gare", actor="test")
    end_place(register, BODY, place="bus", actor="test")
    publish_trust_list(register, actor="test")
    listed = register.trust().trust_list.body_of(register.scheme.issuer(BODY))
    assert listed is not None
    assert listed.name == "Maison de quartier"
    assert {place.id for place in listed.places if place.period.holds(register.now())} == {"salle", "gare"}
    assert {place.id for place in listed.places} == {"salle", "gare", "bus"}
    assert rows(register, "SELECT signatory FROM body WHERE slug = ?", BODY) == [
        ("La présidente, Anne Roux",)
    ]
    assert check(register) == []


def test_what_was_attested_before_an_accreditation_ended_stays_good(register: Register, clock: Clock) -> None:
    (made,) = issue(register, BODY, [request(levels={"1.1": 6})], actor="test")
    clock.time += 10
    accredit(register, BODY, framework="digcomp-3.0", lowest=1, highest=2, actor="test")
    publish_trust_list(register, actor="test")
    assert seen(register, made.token).verdict is Verdict.VALID
    with pytest.raises(RefusedError) as caught:
        issue(register, BODY, [request(1, levels={"1.1": 6})], actor="test")
    assert caught.value.refusals[0].code == "not_accredited"
    assert body(register, BODY).accreditations == (("decouverte", 1, 2), ("digcomp-3.0", 1, 2))
    clock.time += 10
    end_accreditation(register, BODY, framework="digcomp-3.0", actor="test")
    publish_trust_list(register, actor="test")
    assert seen(register, made.token).verdict is Verdict.VALID


def test_a_revoked_token_opens_nothing(register: Register) -> None:
    token = new_api_token(register, BODY, label="caisse")
    ((digest,),) = rows(register, "SELECT digest FROM api_token")
    with pytest.raises(PassportError):
        revoke_api_token(register, OTHER, token=str(digest)[:16], actor="test")
    assert body_of_token(register, token) == BODY
    revoke_api_token(register, BODY, token=str(digest)[:16], actor="test")
    assert body_of_token(register, token) is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda r: rename_body(r, BODY, name=" ", actor="test"), "body_name"),
        (lambda r: rename_body(r, "nobody", name="A", actor="test"), "unknown_body"),
        (lambda r: rename_body(r, BODY, name="A", actor="Anne Roux"), "actor"),
        (lambda r: set_logo(r, BODY, logo_png=b"GIF89a", actor="test"), "logo"),
        (lambda r: add_place(r, BODY, place="salle", name="Salle", actor="test"), "place_id"),
        (lambda r: end_place(r, BODY, place="gare", actor="test"), "place_unknown"),
        (
            lambda r: accredit(r, BODY, framework="digcomp-3.0", lowest=3, highest=9, actor="test"),
            "accreditation",
        ),
        (lambda r: end_accreditation(r, OTHER, framework="decouverte", actor="test"), "not_accredited"),
        (lambda r: revoke_api_token(r, BODY, token="", actor="test"), "token_unknown"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    register: Register, wrong: Callable[[Register], None], code: str
) -> None:
    before = rows(register, "SELECT seq FROM audit_head ORDER BY chain")
    with pytest.raises(PassportError) as caught:
        wrong(register)
    assert caught.value.code == code
    assert rows(register, "SELECT seq FROM audit_head ORDER BY chain") == before
