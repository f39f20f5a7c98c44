"""Every lint: one draft that it lets pass, and each thing that it must find."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from msgspec import structs

from keys.draft import Draft, Weight
from keys.lints import LINTS
from passport.claims import StatusReference
from passport.framework import framework
from passport.jose import b64url
from passport.model import Holder
from passport.trust.model import Accreditation, KeyState, KeyUse, Period, Place, Scheme, TrustList
from tests.keys.drafts import SLUG, draft_of, record_of, status_record_of, stranger_record, written
from tests.town import DAY, NOON, TestKey, Town

Make = Callable[[Town], Draft]
BY_CODE = {lint.code: lint for lint in LINTS}
ALL_LEVELS = {competence.id: 3 for competence in framework("digcomp-3.0").competences}
HOST = "https://passeport.example"
LIST = f"{HOST}/status/{SLUG}.1"
LONG_NAME = Holder(
    "Maximiliana-Théodora Ozgünçelik Xu Yŵn",
    "Wyrzykowska-Fàbregas Quattrocchi Ñandú-Žďár Hjørleifsdóttir Bqvk",
)
# Does not compress: 20 digests.
NOISE = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(20))


def unchecked_holder(given: str, family: str) -> Holder:
    """A holder whose names went round the checks of the model."""
    holder = Holder("Zoé", "Martin")
    structs.force_setattr(holder, "given_name", given)
    structs.force_setattr(holder, "family_name", family)
    return holder


def listed(town: Town, issued_at: int) -> TrustList:
    return town.trust_list(issued_at=issued_at)


def with_body(town: Town, **changes: Any) -> Draft:
    town.change_body(SLUG, **changes)
    return draft_of(town)


def with_key(town: Town, **changes: Any) -> Draft:
    town.change_key(SLUG, "c2026-1", **changes)
    return draft_of(town)


def with_kind(town: Town, kind: str, **changes: Any) -> Draft:
    trust_list = town.trust_list()
    return draft_of(
        town, trust_list=replace(trust_list, scheme=replace(trust_list.scheme, kind=kind)), **changes
    )


def with_signing_input(town: Town, change: Callable[[bytes], bytes]) -> Draft:
    draft = written(draft_of(town))
    assert draft.signing_input is not None
    return replace(draft, signing_input=change(draft.signing_input))


def place(start: int, end: int | None) -> tuple[Place, ...]:
    return (Place("mediatheque", "Médiathèque", Period(start, end)),)


WRONG: list[tuple[str, str, Make]] = [
    ("issuer_prefix", "host", lambda t: draft_of(t, issuer="https://ailleurs.example/o/csc-marmiers")),
    ("issuer_prefix", "longer", lambda t: draft_of(t, issuer=f"{HOST}/o/csc-marmiers/x")),
    ("issuer_prefix", "empty", lambda t: draft_of(t, issuer=f"{HOST}/o/")),
    ("body_unknown", "slug", lambda t: draft_of(t, issuer=f"{HOST}/o/inconnu")),
    ("body_out_of_dates", "left", lambda t: with_body(t, period=Period(NOON - 9 * DAY, NOON))),
    ("body_out_of_dates", "not yet", lambda t: with_body(t, period=Period(NOON + 1))),
    ("key_owner", "other", lambda t: draft_of(t, record=record_of(t, "epn-ville"))),
    ("key_unlisted", "no kid", lambda t: with_body(t, keys=MappingProxyType({}))),
    ("key_unlisted", "other key", lambda t: draft_of(t, record=stranger_record(t))),
    ("key_use", "status record", lambda t: draft_of(t, record=status_record_of(t))),
    ("key_use", "listed as status", lambda t: with_key(t, use=KeyUse.STATUS)),
    *[
        ("key_state", f"record {state}", lambda t, s=state: draft_of(t, record=record_of(t, state=s)))
        for state in (KeyState.PLANNED, KeyState.SEALED, KeyState.COMPROMISED)
    ],
    ("key_state", "listed planned", lambda t: with_key(t, state=KeyState.PLANNED)),
    ("key_refused", "by now", lambda t: draft_of(
        t, refused_keys=frozenset({record_of(t).public.thumbprint}))),
    ("key_out_of_dates", "ended", lambda t: draft_of(t, record=record_of(t, period=Period(0, NOON)))),
    ("key_out_of_dates", "not begun", lambda t: draft_of(t, record=record_of(t, period=Period(NOON + 1)))),
    ("key_out_of_dates", "listed ended", lambda t: with_key(t, period=Period(0, NOON))),
    ("key_out_of_dates", "ends before it signs", lambda t: draft_of(
        t, issued_at=NOON - 60, record=record_of(t, period=Period(0, NOON)))),
    ("key_ends_soon", "record",
     lambda t: draft_of(t, record=record_of(t, period=Period(0, NOON + 14 * DAY - 1)))),
    ("key_ends_soon", "listed", lambda t: with_key(t, period=Period(0, NOON + 1))),
    ("trust_list_out_of_dates", "ended", lambda t: draft_of(t, trust_list=listed(t, NOON - 180 * DAY))),
    ("trust_list_out_of_dates", "not begun", lambda t: draft_of(t, trust_list=listed(t, NOON + 301))),
    ("status_prefix", "other body",
     lambda t: draft_of(t, status=StatusReference(f"{HOST}/status/epn-ville.1", 1))),
    ("status_prefix", "no number",
     lambda t: draft_of(t, status=StatusReference(f"{HOST}/status/{SLUG}.", 1))),
    ("status_prefix", "path", lambda t: draft_of(t, status=StatusReference(f"{LIST}/../x", 1))),
    ("status_index", "negative", lambda t: draft_of(t, status=StatusReference(LIST, -1))),
    ("status_index", "too high", lambda t: draft_of(t, status=StatusReference(LIST, 4_194_304))),
    ("framework_unknown", "edition", lambda t: draft_of(t, framework="digcomp-9.9")),
    ("level_unknown", "level", lambda t: draft_of(t, levels={"1.1": 9})),
    ("level_unknown", "competence", lambda t: draft_of(t, levels={"1.1": 2, "9.9": 2})),
    ("not_accredited", "level", lambda t: draft_of(t, levels={"1.1": 2, "2.1": 7})),
    ("not_accredited", "framework", lambda t: draft_of(t, framework="crcn", levels={"1.1": 1})),
    ("not_accredited", "over", lambda t: with_body(
        t, accreditations=(Accreditation("digcomp-3.0", 1, 8, Period(0, NOON)),))),
    ("issue_time", "dated back", lambda t: draft_of(t, issued_at=NOON - 301)),
    ("issue_time", "dated ahead", lambda t: draft_of(t, issued_at=NOON + 301)),
    ("assessed_after_issue", "in two days", lambda t: draft_of(t, assessed_on=date(2026, 11, 27))),
    ("assessed_before_body", "a year", lambda t: draft_of(t, assessed_on=date(2025, 1, 28))),
    ("expires_before_assessment", "ends first", lambda t: draft_of(
        t, assessed_on=date(2026, 12, 25), expires_at=NOON + 30 * DAY)),
    ("place_unknown", "not there", lambda t: draft_of(t, place="gymnase")),
    ("place_unknown", "of no place", lambda t: with_body(t, places=())),
    ("place_unknown", "closed before", lambda t: with_body(t, places=place(0, NOON - 3 * DAY))),
    ("place_unknown", "not yet", lambda t: with_body(t, places=place(NOON + 1, None))),
    ("birthdate", "too young", lambda t: draft_of(t, holder=Holder("Zoé", "M", date(2021, 11, 25)))),
    ("birthdate", "after", lambda t: draft_of(t, holder=Holder("Zoé", "M", date(2027, 1, 1)))),
    ("names", "control", lambda t: draft_of(t, holder=unchecked_holder("Zo\x00é", "Martin"))),
    ("names", "override", lambda t: draft_of(t, holder=unchecked_holder("Zo\u202eé", "Martin"))),
    ("names", "not NFC", lambda t: draft_of(t, holder=unchecked_holder("Zoe\u0301", "Martin"))),
    ("names", "long", lambda t: draft_of(t, holder=unchecked_holder("Z" * 101, "Martin"))),
    ("names", "empty", lambda t: draft_of(t, holder=unchecked_holder("", "Martin"))),
    ("names", "no letter", lambda t: draft_of(t, holder=Holder("1958", "22"))),
    ("specimen", "in a real scheme", lambda t: draft_of(t, specimen=True)),
    ("specimen", "missing in a demo", lambda t: with_kind(t, "demo")),
    ("vct", "other host", lambda t: written(draft_of(t), vct="https://ailleurs.example/vct/attestation-1")),
    ("claims_read_back", "other name", lambda t: replace(
        written(draft_of(t)), attestation=draft_of(t, holder=Holder("Léa", "Martin")).attestation)),
    ("claims_read_back", "other index", lambda t: replace(
        written(draft_of(t)), status=StatusReference(LIST, 4712))),
    ("claims_read_back", "not claims", lambda t: replace(written(draft_of(t)), payload=b"{}")),
    ("header_read_back", "other kid", lambda t: replace(
        written(draft_of(t)), record=replace(record_of(t), kid="c2026-7", public=TestKey("c2026-7").public))),
    ("header_read_back", "other payload", lambda t: with_signing_input(
        t, lambda s: s.partition(b".")[0] + b"." + b64url(b'{"iss":"x"}'))),
    ("header_read_back", "one more header", lambda t: with_signing_input(
        t, lambda s: b64url(b'{"alg":"ES256","kid":"c2026-1","typ":"dc+sd-jwt","x":1}')
        + b"." + s.partition(b".")[2])),
    ("header_read_back", "not a JWS", lambda t: with_signing_input(t, lambda _: b"..")),
    ("qr_round_trip", "not a JWS", lambda t: with_signing_input(t, lambda s: s.replace(b".", b"="))),
    ("qr_round_trip", "too long", lambda t: with_signing_input(
        t, lambda s: s.partition(b".")[0] + b"." + b64url(NOISE))),
    ("qr_too_large", "long page",
     lambda t: replace(written(draft_of(t)), page_url="https://h.example/" + "v" * 99)),
    ("qr_too_large", "all levels and a very long name", lambda t: written(
        draft_of(t, levels=ALL_LEVELS, holder=LONG_NAME, expires_at=NOON + 999 * DAY, place=None))),
    ("page_url", "fragment", lambda t: draft_of(t, page_url=f"{HOST}/v#")),
    ("page_url", "query", lambda t: draft_of(t, page_url=f"{HOST}/v?a=1")),
    ("page_url", "upper case", lambda t: draft_of(t, page_url="HTTPS://passeport.example/v")),
    ("page_url", "no https", lambda t: draft_of(t, page_url="http://passeport.example/v")),
    ("page_url", "script", lambda t: draft_of(t, page_url="javascript:alert(1)")),
]  # fmt: skip

# Beside the plain draft: what lies just on the right side of each border.
RIGHT: list[tuple[str, str, Make]] = [
    ("key_ends_soon", "in 14 days",
     lambda t: draft_of(t, record=record_of(t, period=Period(0, NOON + 14 * DAY)))),
    ("key_ends_soon", "over: said by another", lambda t: with_key(t, period=Period(0, NOON))),
    ("key_refused", "another", lambda t: draft_of(
        t, refused_keys=frozenset({stranger_record(t).public.thumbprint}))),
    ("key_out_of_dates", "last second", lambda t: with_key(t, period=Period(0, NOON + 1))),
    ("trust_list_out_of_dates", "last second",
     lambda t: draft_of(t, trust_list=listed(t, NOON - 180 * DAY + 1))),
    ("trust_list_out_of_dates", "clocks apart", lambda t: draft_of(t, trust_list=listed(t, NOON + 300))),
    ("status_index", "first", lambda t: draft_of(t, status=StatusReference(LIST, 0))),
    ("status_index", "last", lambda t: draft_of(t, status=StatusReference(LIST, 4_194_303))),
    ("not_accredited", "highest", lambda t: draft_of(t, levels={"1.1": 1, "2.1": 6})),
    ("not_accredited", "other framework", lambda t: draft_of(t, framework="decouverte", levels={"1": 2})),
    ("issue_time", "five minutes", lambda t: draft_of(t, issued_at=NOON - 300)),
    ("assessed_after_issue", "same day", lambda t: draft_of(t, assessed_on=date(2026, 11, 25))),
    ("assessed_before_body", "364 days", lambda t: draft_of(t, assessed_on=date(2025, 1, 30))),
    ("expires_before_assessment", "a month", lambda t: draft_of(t, expires_at=NOON + 30 * DAY)),
    ("place_unknown", "none named", lambda t: draft_of(t, place=None)),
    ("place_unknown", "closed since", lambda t: with_body(t, places=place(0, NOON - DAY))),
    ("birthdate", "five years", lambda t: draft_of(t, holder=Holder("Zoé", "M", date(2021, 11, 24)))),
    ("names", "short", lambda t: draft_of(t, holder=Holder("O", "2"))),
    ("specimen", "in a demo", lambda t: with_kind(t, "demo", specimen=True)),
    ("qr_too_large", "all levels", lambda t: written(draft_of(t, levels=ALL_LEVELS))),
    ("page_url", "demo without https",
     lambda t: with_kind(t, "demo", specimen=True, page_url="http://192.168.1.7:8000/v")),
]  # fmt: skip


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_a_plain_draft_passes(town: Town, code: str) -> None:
    assert BY_CODE[code](written(draft_of(town))) is None


@pytest.mark.parametrize(("code", "what", "make"), WRONG, ids=[f"{code}: {what}" for code, what, _ in WRONG])
def test_what_is_wrong_is_found(town: Town, code: str, what: str, make: Make) -> None:
    finding = BY_CODE[code](make(town))
    assert finding is not None, what
    assert finding.code == code
    assert finding.sentence.endswith(".")
    assert finding.hint.endswith(".")


@pytest.mark.parametrize(("code", "what", "make"), RIGHT, ids=[f"{code}: {what}" for code, what, _ in RIGHT])
def test_what_is_just_right_passes(town: Town, code: str, what: str, make: Make) -> None:
    assert BY_CODE[code](make(town)) is None, what


def test_every_lint_has_a_case_and_a_source() -> None:
    assert {code for code, _, _ in WRONG} == BY_CODE.keys()
    assert len(BY_CODE) == len(LINTS) >= 14
    assert all(lint.source and lint.check.__doc__ for lint in LINTS)
    assert [lint.code for lint in LINTS if lint.weight is Weight.WARNING] == ["key_ends_soon"]


@pytest.mark.parametrize(("code", "what", "make"), WRONG, ids=[f"{code}: {what}" for code, what, _ in WRONG])
def test_no_finding_names_the_person(town: Town, code: str, what: str, make: Make) -> None:
    draft = make(town)
    holder = draft.attestation.holder
    said = " ".join(str(finding) for lint in LINTS if (finding := lint(draft)) is not None)
    assert code in said, what
    assert not any(name in said for name in (holder.given_name, holder.family_name) if len(name) > 1)
    assert holder.birthdate is None or holder.birthdate.isoformat() not in said


def test_lints_bear_a_trust_list_of_another_scheme(town: Town) -> None:
    """Nothing raises, whatever does not fit together."""
    other = Scheme("Autre", "residents", "https://autre.example", "https://autre.example/o/", "-", ("fr",))
    draft = written(draft_of(town, trust_list=replace(town.trust_list(), scheme=other, bodies={})))
    codes = {finding.code for lint in LINTS if (finding := lint(draft)) is not None}
    assert {"issuer_prefix", "body_unknown"} <= codes


def unchecked_times(draft: Draft, instant: int) -> Draft:
    """The draft with times that went round the bounds of the model."""
    attestation = draft.attestation
    structs.force_setattr(attestation, "issued_at", instant)
    structs.force_setattr(attestation, "expires_at", instant)
    return draft


@pytest.mark.parametrize("instant", [-(2**63), -1, 253_402_300_799, 253_402_300_800, 2**53, 2**200])
def test_no_instant_makes_a_lint_raise(town: Town, instant: int) -> None:
    draft = unchecked_times(draft_of(town, expires_at=NOON + DAY), instant)
    assert draft.body is not None
    object.__setattr__(draft.body.period, "start", instant)
    object.__setattr__(draft, "at", instant)
    for lint in LINTS:
        lint(draft)


def test_no_half_surrogate_pair_makes_a_lint_raise(town: Town) -> None:
    half = "\ud800"
    draft = replace(
        written(draft_of(town)), page_url=f"{HOST}/{half}", status=StatusReference(f"{LIST}{half}", 1)
    )
    codes = {finding.code for lint in LINTS if (finding := lint(draft)) is not None}
    assert {"page_url", "status_prefix"} <= codes
