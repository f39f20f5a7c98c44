"""Presentations against a real town: each credential has its answer; only what was checked is verified."""

from __future__ import annotations

from typing import Any

import pytest

from passport.errors import PassportError
from passport.model import Holder
from passport.vcdm.terms import CREDENTIALS_V2
from tests.town import DAY, Town
from tests.unit.test_vcdm import CREDENTIAL
from tests.unit.test_vcdm_presentation import presentation
from verifier import Reason, Report, verify
from verifier.presentations import (
    CredentialOptions,
    PresentationOptions,
    problems_of,
    read_options,
    verify_credential,
    verify_presentation,
)

TOWN = Town.make()
GOOD, GONE = TOWN.issue(), TOWN.issue()
TOWN.set_status("csc-marmiers", GONE, 1)
TRUST, STATUS = TOWN.trust(), TOWN.status()
BASE = "https://verif.example"
MODEL = "https://www.w3.org/TR/vc-data-model#"
ALL = CredentialOptions(return_credential=True, return_problem_details=True, return_results=True)


def check(token: bytes, at: int = TOWN.at) -> Report:
    return verify(token, trust=TRUST, status=STATUS, at=at)


def envelope(token: bytes, kind: str = "vc+jwt") -> dict[str, Any]:
    return {
        "@context": CREDENTIALS_V2,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/{kind},{token.decode()}",
    }


def answer(document: object, options: PresentationOptions | None = None) -> dict[str, Any]:
    result = verify_presentation(document, verify=check, problem_base=BASE)
    said = result.to_json(options or PresentationOptions())
    assert said["verified"] is bool(result)
    return said


def test_a_presentation_of_valid_credentials_is_verified() -> None:
    document = presentation(envelope(GOOD), envelope(GOOD))
    one = {
        "verified": True,
        "problemDetails": [],
        "results": {"proof": [{"verified": True}], "credentialStatus": [{"verified": True}]},
    }
    assert answer(document) == {
        "verified": True,
        "problemDetails": [],
        "results": {"credentials": [one, one]},
    }
    assert (
        answer(document, PresentationOptions(return_presentation=True))["verifiablePresentation"] is document
    )


def test_one_withdrawn_credential_is_enough_and_is_named() -> None:
    said = answer(presentation(envelope(GOOD), envelope(GONE)))
    assert (said["verified"], said["problemDetails"]) == (False, [])
    first, second = said["results"]["credentials"]
    assert (first["verified"], second["verified"]) == (True, False)
    assert second["problemDetails"] == [
        {
            "type": f"{BASE}/problems#withdrawn",
            "title": "withdrawn",
            "detail": "The verdict is invalid, the reason withdrawn.",
        }
    ]
    assert second["results"] == {"proof": [{"verified": True}], "credentialStatus": [{"verified": False}]}


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (presentation(), "MALFORMED_VALUE_ERROR"),
        (presentation(GOOD.decode()), "MALFORMED_VALUE_ERROR"),
        (presentation(envelope(GOOD), proof={"type": "DataIntegrityProof"}), "CRYPTOGRAPHIC_SECURITY_ERROR"),
        (presentation(envelope(GOOD), colour="green"), "MALFORMED_VALUE_ERROR"),
        (presentation(*[envelope(GOOD)] * 21), "MALFORMED_VALUE_ERROR"),
        (presentation(*["x"] * 5_000), "MALFORMED_VALUE_ERROR"),
        ({**presentation(), "type": "EnvelopedVerifiablePresentation"}, "CRYPTOGRAPHIC_SECURITY_ERROR"),
        ([envelope(GOOD)], "PARSING_ERROR"),
        (None, "PARSING_ERROR"),
    ],
)
def test_what_is_wrong_with_the_presentation_is_said(document: object, kind: str) -> None:
    said = answer(document)
    assert said["verified"] is False
    assert MODEL + kind in [problem["type"] for problem in said["problemDetails"]]


@pytest.mark.parametrize(
    "credential",
    [
        {**CREDENTIAL, "issuer": "did:example:me"},
        {**CREDENTIAL, "proof": {"type": "DataIntegrityProof"}},
        envelope(GOOD + b"~", "vc+sd-jwt"),
        envelope(b"0oRD", "vc+cose;base64"),
    ],
)
def test_what_cannot_be_checked_here_is_never_verified(credential: dict[str, Any]) -> None:
    said = answer(presentation(credential, holder="did:example:me"))
    (one,) = said["results"]["credentials"]
    assert not said["verified"]
    assert not one["verified"]
    assert MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR" in [problem["type"] for problem in one["problemDetails"]]
    assert one["results"] == {}


def test_nothing_is_verified_when_there_are_too_many() -> None:
    asked: list[bytes] = []

    def count(token: bytes) -> Report:
        asked.append(token)
        return check(token)

    verify_presentation(presentation(*[envelope(GOOD)] * 21), verify=count, problem_base=BASE)
    assert asked == []


def test_a_credential_alone() -> None:
    given = envelope(GOOD)
    result = verify_credential(given, verify=check, problem_base=BASE)
    assert result.to_json(CredentialOptions()) == {"verified": True}
    said = result.to_json(ALL)
    assert set(said) == {"verified", "credential", "problemDetails", "results"}
    assert said["credential"] is given
    for broken in (GOOD.decode(), None, {}, {**given, "id": GOOD.decode()}):
        refused = verify_credential(broken, verify=check, problem_base=BASE)
        assert not refused
        assert refused.problems


@pytest.mark.parametrize(
    ("token", "at", "kind"),
    [
        (GOOD[:-4] + b"AAAA", TOWN.at, f"{MODEL}CRYPTOGRAPHIC_SECURITY_ERROR"),
        (b"a.b.c", TOWN.at, f"{MODEL}PARSING_ERROR"),
        (GOOD, TOWN.at - 2 * DAY, f"{MODEL}RANGE_ERROR"),
        (TOWN.issue(expires_at=TOWN.at + 60), TOWN.at + DAY // 2, f"{MODEL}RANGE_ERROR"),
        (TOWN.issue(levels={"1.1": 8}), TOWN.at, f"{BASE}/problems#issuer_not_accredited"),
    ],
)
def test_reasons_become_types_of_problems(token: bytes, at: int, kind: str) -> None:
    (problem,) = problems_of(check(token, at), problem_base=BASE)
    assert problem.type == kind


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.VALID])
def test_every_reason_has_a_type_and_no_personal_data(reason: Reason) -> None:
    (problem,) = problems_of(Report(reason=reason, checks=(), checked_at=TOWN.at), problem_base=BASE)
    assert problem.type.startswith(("https://www.w3.org/", f"{BASE}/problems#"))
    assert problem.title in problem.type
    named = TOWN.issue(holder=Holder("Zéphyrine", "Untel"))
    assert "Untel" not in str(verify_credential(envelope(named), verify=check, problem_base=BASE).problems)


def test_a_status_list_that_is_missing_is_its_own_problem() -> None:
    report = verify(GOOD, trust=TRUST, status={}, at=TOWN.at)
    (problem,) = problems_of(report, problem_base=BASE)
    assert problem.type == "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"


def test_options_are_known_or_an_error() -> None:
    assert read_options(CredentialOptions, None) == CredentialOptions()
    assert read_options(PresentationOptions, {"returnPresentation": True}).return_presentation
    for value, code in (
        ({"challenge": "x"}, "unknown_option"),
        ({"domain": "x"}, "unknown_option"),
        ({"returnPresentation": 1}, "option_value"),
        ([], "option_value"),
    ):
        with pytest.raises(PassportError) as caught:
            read_options(PresentationOptions, value)
        assert caught.value.code == code
