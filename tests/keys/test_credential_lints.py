"""The lints of the Open Badge and of the W3C credential: one draft that passes, and what each must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from keys.ceremony import LintError, prepare
from keys.credential_lints import CREDENTIAL_LINTS
from keys.draft import Draft, Weight
from keys.forms import MADE, said_in, signing_input, write_forms
from keys.lints import lints_of
from keys.records import KeyRecord
from passport.claims import StatusReference
from passport.formats import open_badge, w3c_vc
from passport.jose import split
from passport.model import Holder
from tests.keys.drafts import PAGE, SLUG, draft_of, record_of
from tests.town import TestKey, Town, an_attestation
from verifier.forms import FORMS

Change = Callable[[Draft], Draft]
BY_CODE = {lint.code: lint for lint in CREDENTIAL_LINTS}
BORN = Holder("Ana", "Čapek", date(1958, 3, 14))
TRAVELLING = (open_badge.FORMAT, w3c_vc.FORMAT)


def draft(town: Town, form: str, **changes: object) -> Draft:
    """A draft of a form with the bytes that would be signed."""
    plain = draft_of(town, **changes)
    said = said_in(form, plain.attestation)
    public = plain.record.public
    written = write_forms(said, status=plain.status, trust_list=plain.trust_list, public=public)[form]
    return replace(
        plain, attestation=said, form=form, payload=written[1], signing_input=signing_input(written)
    )


def of_another_name(record: KeyRecord) -> KeyRecord:
    return replace(record, kid="c2026-9", public=TestKey("c2026-9").public)


WRONG: list[tuple[str, str, Change]] = [
    ("credential_too_large", "long", lambda d: replace(d, signing_input=b"A" * 40_000)),
    ("birthdate_in_form", "there",
     lambda d: replace(d, attestation=structs.replace(d.attestation, holder=BORN))),
    ("credential_read_back", "bytes", lambda d: replace(d, signing_input=b"e30.e30")),
    ("credential_read_back", "index", lambda d: replace(d, status=StatusReference(d.status.uri, 1))),
    ("credential_read_back", "level", lambda d: replace(d, attestation=an_attestation(
        d.attestation.issuer, levels={"1.1": 1}))),
    ("credential_read_back", "payload", lambda d: replace(d, payload=b"{}")),
    ("credential_read_back", "key", lambda d: replace(d, record=of_another_name(d.record))),
]  # fmt: skip


@pytest.mark.parametrize("form", TRAVELLING)
@pytest.mark.parametrize(("code", "what", "change"), WRONG, ids=[f"{c}: {w}" for c, w, _ in WRONG])
def test_what_is_wrong_is_found(town: Town, form: str, code: str, what: str, change: Change) -> None:
    assert BY_CODE[code](draft(town, form)) is None
    finding = BY_CODE[code](change(draft(town, form)))
    assert finding is not None, what
    assert (finding.code, finding.sentence[-1], finding.hint[-1]) == (code, ".", ".")
    assert "Ana" not in str(finding)
    assert "1958" not in str(finding)


def test_an_algorithm_that_badge_platforms_do_not_read_is_a_warning(town: Town) -> None:
    town.add_body("musee", "Musée", number=3, alg="EdDSA")
    record = record_of(town, "musee")
    for form, expected in ((open_badge.FORMAT, True), (w3c_vc.FORMAT, False)):
        finding = BY_CODE["badge_algorithm"](draft(town, form, record=record))
        assert (finding is not None) is expected
        assert finding is None or finding.weight is Weight.WARNING


def test_every_lint_has_a_case_and_a_source() -> None:
    assert {code for code, _, _ in WRONG} | {"badge_algorithm"} == BY_CODE.keys()
    assert all(lint.source and lint.check.__doc__ for lint in CREDENTIAL_LINTS)


@pytest.mark.parametrize("form", TRAVELLING)
def test_a_draft_without_bytes_is_left_to_others(town: Town, form: str) -> None:
    empty = replace(draft(town, form), signing_input=None, payload=b"")
    assert [finding for lint in CREDENTIAL_LINTS if (finding := lint(empty)) is not None] == []


def test_every_form_goes_through_the_rules_of_content() -> None:
    content = {lint.code for lint in lints_of("qr")} & {lint.code for lint in lints_of("vc")}
    assert {"not_accredited", "key_state", "status_prefix", "level_unknown", "specimen"} <= content
    assert lints_of("ob3") == lints_of("vc")


def test_one_attestation_becomes_three_forms_each_signed_once(town: Town) -> None:
    fake = town.bodies[SLUG]
    attestation = an_attestation(fake.issuer, issued_at=town.at, holder=BORN)
    ready = prepare(
        attestation,
        status=StatusReference(fake.uri, 4711),
        trust_list=town.trust_list(),
        signer_record=record_of(town),
        page_url=PAGE,
        at=town.at,
    )
    assert tuple(ready) == MADE
    for form, prepared in ready.items():
        token = prepared.sign(fake.credential_key)
        claims = FORMS[form].read_claims(split(token))
        assert claims.attestation == (attestation if form == "qr" else attestation.without_birthdate())
        assert claims.status == StatusReference(fake.uri, 4711)
        assert fake.credential_key.public.verify(split(token))


def test_what_two_forms_find_is_told_once(town: Town) -> None:
    fake = town.bodies[SLUG]
    with pytest.raises(LintError) as caught:
        prepare(
            an_attestation(fake.issuer, issued_at=town.at, levels={"1.1": 8}),
            status=StatusReference(fake.uri, 4711),
            trust_list=town.trust_list(),
            signer_record=record_of(town),
            page_url=PAGE,
            at=town.at,
        )
    assert [finding.code for finding in caught.value.findings] == ["not_accredited"]
