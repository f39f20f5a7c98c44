"""`verify()` against the whole space of bad input: a report, never an exception, never a false green."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.claims import StatusReference
from passport.packing import pack, unpack
from passport.trust.model import KeyState
from passport.trust.writing import sealed_set_document
from tests.town import DAY, NOON, Town
from verifier import NotValidError, Reason, Report, Trust, Verdict, verify
from verifier.report import CHECK_CODES, PRECEDENCE

TOWN = Town.make()
TRUST = TOWN.trust()
STATUS = TOWN.status(TRUST)
TOKEN = TOWN.issue()


def _verify(token: Any, *, at: int = NOON) -> Report:
    return verify(token, trust=TRUST, status=STATUS, at=at)


def test_an_honest_token_is_valid() -> None:
    report = _verify(TOKEN)
    assert report
    assert report.require() is report
    assert report.attestation is not None
    assert report.attestation.holder.family_name == "L’Hévéder-Nuñez"


def test_every_flipped_bit_is_not_valid() -> None:
    for place in range(len(TOKEN)):
        for bit in range(8):
            damaged = TOKEN[:place] + bytes([TOKEN[place] ^ 1 << bit]) + TOKEN[place + 1 :]
            report = _verify(damaged)
            assert not report, (place, bit)
            assert report.attestation is None


def test_every_cut_is_not_valid() -> None:
    assert not any(_verify(TOKEN[:end]) for end in range(len(TOKEN)))


@given(st.binary(max_size=2_000))
def test_any_bytes_give_a_report(data: bytes) -> None:
    assert _verify(data).verdict is Verdict.INVALID


@given(st.text(max_size=2_000))
def test_any_text_gives_a_report(text: str) -> None:
    assert not _verify(text)


@pytest.mark.parametrize(
    "thing", [None, 7, 3.5, [], {}, object(), bytearray(b"x"), memoryview(b"x"), ["a"] * 5]
)
def test_any_thing_gives_a_report(thing: object) -> None:
    assert _verify(thing).reason is Reason.MALFORMED


@settings(deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=400), st.binary(min_size=64, max_size=64))
def test_any_parts_give_a_report(header: bytes, payload: bytes, signature: bytes) -> None:
    from passport.jose import b64url

    assert not _verify(b".".join(map(b64url, (header, payload, signature))))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_mutated_token_is_never_valid(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TOKEN) - 1))
    end = data.draw(st.integers(start, min(len(TOKEN), start + 40)))
    mutated = TOKEN[:start] + data.draw(st.binary(max_size=40)) + TOKEN[end:]
    assert bool(_verify(mutated)) is (mutated in {TOKEN, TOKEN + b"~"})


@given(st.integers(-(2**70), 2**70))
def test_any_clock_gives_a_report(at: int) -> None:
    report = _verify(TOKEN, at=at)
    report.to_json()
    assert bool(report) is (NOON - 300 <= at <= NOON - 600 + DAY)


def test_a_token_of_10_mb_costs_at_most_twice_a_normal_one() -> None:
    """The one timing here is a bound on complexity: reading 10 MB would cost hundreds of times more."""
    huge = [TOKEN[:100] + b"A" * 10_000_000 + TOKEN[100:], b"." * 10_000_000, "é" * 10_000_000]

    def cost(token: Any) -> float:
        times = []
        for _ in range(200):
            start = time.perf_counter()
            _verify(token)
            times.append(time.perf_counter() - start)
        return sorted(times)[100]

    honest = cost(TOKEN)
    assert all(cost(token) <= 2 * honest for token in huge)


def test_a_bare_tilde_is_the_same_credential() -> None:
    assert _verify(TOKEN + b"~")
    assert _verify((TOKEN + b"~").decode())
    assert not _verify(TOKEN + b"~~")


def test_the_digits_of_the_paper_are_the_same_credential() -> None:
    assert _verify(unpack(pack(TOKEN)))


def test_a_report_that_is_not_valid_raises_when_required() -> None:
    with pytest.raises(NotValidError) as caught:
        _verify(b"x").require()
    assert caught.value.code == "malformed"
    undetermined = verify(TOKEN, trust=None, status={}, at=NOON)
    assert undetermined.verdict is Verdict.UNDETERMINED
    with pytest.raises(NotValidError):
        undetermined.require()


def test_every_check_is_listed_in_order_whatever_happens() -> None:
    for token in (TOKEN, b"", TOKEN[:-3] + b"AAA", TOWN.issue(framework="crcn", levels={"1.1": 1})):
        assert tuple(check.code for check in _verify(token).checks) == CHECK_CODES


def test_precedence_names_every_reason_once() -> None:
    assert sorted(PRECEDENCE) == sorted(Reason)


def test_the_worst_of_several_faults_is_told() -> None:
    token = TOWN.issue(framework="crcn", levels={"1.1": 1}, expires_at=NOON + 1)
    report = verify(token, trust=TRUST, status={}, at=NOON + 5)
    assert report.reason is Reason.ISSUER_NOT_ACCREDITED
    outcomes = {check.code: check.outcome.value for check in report.checks}
    assert outcomes["signature"] == "passed"
    assert outcomes["accreditation"] == outcomes["dates"] == "failed"


def test_a_list_read_under_older_trust_is_judged_again() -> None:
    """A status key refused after its list was read: the list is not believed any more."""
    town = Town.make()
    token, trust = town.issue(), town.trust()
    statuses = town.status(trust)
    assert verify(token, trust=trust, status=statuses, at=NOON)
    town.refused = frozenset({town.bodies["csc-marmiers"].status_key.public.thumbprint})
    assert verify(token, trust=town.trust(), status=statuses, at=NOON).reason is Reason.STATUS_UNAVAILABLE


def test_a_list_given_under_another_name_is_not_believed() -> None:
    """Token Status List section 5.1: `sub` is the uri that the credential names."""
    fake = TOWN.bodies["csc-marmiers"]
    token = TOWN.issue(status=StatusReference(fake.body.status_prefix + "2", 5))
    wrong = {fake.body.status_prefix + "2": STATUS[fake.uri]}
    assert verify(token, trust=TRUST, status=wrong, at=NOON).reason is Reason.STATUS_UNAVAILABLE


def test_a_status_that_nobody_looked_at_has_not_passed() -> None:
    report = verify(TOWN.issue(expires_at=NOON + 1), trust=TRUST, status={}, at=NOON + 5)
    assert report.checks[-1].outcome.value == "undetermined"
    with pytest.raises(TypeError):
        report.checks[-1].detail["why"] = "changed for everybody"  # type: ignore[index]


def test_names_are_not_in_the_repr_of_a_report() -> None:
    assert "Hévéder" not in repr(_verify(TOKEN))


def test_a_bad_set_does_not_take_all_trust_away() -> None:
    kept = Trust.salvage(TOWN.list_document(), TOWN.now_document(), pin=TOWN.pin, sets={"0" * 64: b"x"})
    assert kept is not None
    assert not kept.sets


def test_an_empty_set_is_a_set() -> None:
    """A stolen key that signed nothing: what it signs now is the thief's, and not merely undecided."""
    town = Town.make()
    key = town.bodies["csc-marmiers"].credential_key
    digest, document = sealed_set_document([])
    town.change_key("csc-marmiers", key.kid, state=KeyState.COMPROMISED, sealed_set=digest)
    trust = Trust.salvage(town.list_document(), town.now_document(), pin=town.pin, sets={digest: document})
    report = verify(town.issue(), trust=trust, status=town.status(), at=NOON)
    assert report.reason is Reason.KEY_COMPROMISED


def test_at_moves_the_clock_and_not_what_is_known_of_status() -> None:
    town = Town.make()
    token = town.issue(issued_at=NOON - 30 * DAY)
    town.set_status("csc-marmiers", token, 1)
    trust = town.trust()
    report = verify(token, trust=trust, status=town.status(trust), at=NOON - 20 * DAY)
    assert report.reason is Reason.WITHDRAWN


def test_a_report_is_plain_json() -> None:
    import json

    told = json.loads(json.dumps(_verify(TOKEN).to_json()))
    named = (
        "verdict reason checks specimen attestation issuer scheme format checked_at trust_as_of status_as_of"
    )
    assert " ".join(told) == named


def test_the_library_is_light() -> None:
    """Three packages and nothing else: an auditor installs no web server."""
    heavy = ["fastapi", "starlette", "pydantic", "sqlmodel", "sqlalchemy", "reportlab", "qrcode", "PIL"]
    heavy += ["jinja2", "babel", "pypdfium2", "zxingcpp", "typer", "rich"]
    code = f"import sys, verifier; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@given(st.binary(max_size=500))
def test_any_bytes_as_trust_documents(data: bytes) -> None:
    assert Trust.salvage(data, data, pin=TOWN.pin) is None
    kept = Trust.salvage(TOWN.list_document(), data, pin=TOWN.pin)
    assert kept is not None
    assert kept.now is None
