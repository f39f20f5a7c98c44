"""Wording: every reason has its words in both languages, and says nothing that it must not say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from passport.model import Holder
from passport.trust.model import Period
from tests.town import DAY, NOON, Town
from verifier import Check, Outcome, Reason, Report, Verdict, verify
from verifier.codes import code_state
from verifier.wording import check_reference, state_codes, word_code, word_page, word_report

CONTACT = "Réseau d’Exemple, 01 99 00 00 00"
TOWN = Town.make()
HOLDER = Holder("Zoé", "L’Hévéder-Nuñez", date(1958, 3, 14))
TOKEN = TOWN.issue(holder=HOLDER, expires_at=NOON + 100 * DAY)
GOOD = verify(TOKEN, trust=TOWN.trust(), status=TOWN.status(), at=NOON)


def report(reason: Reason) -> Report:
    """A report of that reason about the same credential, as far as a report may say anything of it."""
    said_of = reason in {
        Reason.VALID, Reason.REPLACED, Reason.ISSUER_LEFT, Reason.EXPIRED, Reason.NOT_YET_VALID,
        Reason.WITHDRAWN, Reason.SUSPENDED, Reason.STATUS_STALE, Reason.STATUS_UNAVAILABLE,
        Reason.ISSUER_NOT_ACCREDITED,
        Reason.DOCUMENTS_DISAGREE, Reason.TRUST_STALE,
    }  # fmt: skip
    changed = structs.replace(GOOD, reason=reason)
    if reason is Reason.ISSUER_LEFT:
        assert GOOD.issuer is not None
        changed = structs.replace(changed, issuer=replace(GOOD.issuer, period=Period(0, NOON - DAY)))
    if reason is Reason.NOT_YET_VALID:
        changed = structs.replace(
            changed, checks=(Check("dates", Outcome.FAILED, {"not_before": NOON + DAY}),)
        )
    return changed if said_of else structs.replace(changed, attestation=None, issuer=None)


def everything(said: object) -> str:
    return repr(said)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("offline", [False, True])
def test_every_reason_has_its_words(reason: Reason, lang: str, offline: bool) -> None:
    said = word_report(
        report(reason), lang=lang, contact=CONTACT, reference="AAAA-BBBB-CCCC", offline=offline
    )
    for text in (said.title, said.lead, said.next, said.mark, said.checked):
        assert text
        assert "{" not in text
    unknown = "date inconnue" if lang == "fr" else "unknown date"
    assert unknown not in everything(said)
    assert (said.severity == "ok") == (reason in {Reason.VALID, Reason.ISSUER_LEFT} and not offline)
    if reason.verdict is Verdict.VALID:
        assert said.attestation is not None


@pytest.mark.parametrize("reason", [Reason.VALID, Reason.ISSUER_LEFT, Reason.STATUS_UNAVAILABLE])
def test_offline_has_words_of_its_own(reason: Reason) -> None:
    online = word_report(report(reason), lang="fr", contact=CONTACT)
    offline = word_report(report(reason), lang="fr", contact=CONTACT, offline=True)
    assert online.state == reason
    assert offline.state.startswith("offline_")
    assert "Internet" in offline.next + offline.lead


def test_the_words_of_a_valid_attestation() -> None:
    said = word_report(GOOD, lang="fr", contact=CONTACT)
    told = said.attestation
    assert said.title == "Attestation valide"
    assert said.lead.endswith("L’organisme Centre social de Marmiers l’a délivrée le 25 novembre 2026.")
    assert said.lines == ("Elle est valable jusqu’au 5 mars 2027 inclus.",)
    assert said.checked == "Vérification faite le 25 novembre 2026 à 13\u00a0h\u00a000"
    assert told is not None
    assert told.name == "Zoé L’Hévéder-Nuñez"
    assert told.ago == "Évaluation faite hier"
    assert [can.number for can in told.can_do] == [
        "DigComp 3.0, compétence 1.1, niveau 2 sur 8",
        "DigComp 3.0, compétence 2.1, niveau 3 sur 8",
        "DigComp 3.0, compétence 4.2, niveau 1 sur 8",
    ]
    assert all("la personne" in can.sentence.lower() for can in told.can_do)
    assert ("Date de naissance", "14 mars 1958") in told.rows


def test_the_first_level_is_never_shown_as_a_number() -> None:
    token = TOWN.issue(framework="decouverte", levels={"D1": 2})
    found = verify(token, trust=TOWN.trust(), status=TOWN.status(), at=NOON)
    for lang in ("fr", "en"):
        told = word_report(found, lang=lang, contact=CONTACT).attestation
        assert told is not None
        assert not any(word in told.can_do[0].number.lower() for word in ("niveau", "level", " 2"))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 25), "Évaluation faite aujourd’hui"),
        (date(2026, 11, 24), "Évaluation faite hier"),
        (date(2026, 11, 5), "Évaluation faite il y a 20\u00a0jours"),
        (date(2026, 10, 25), "Évaluation faite il y a un mois"),
        (date(2026, 8, 26), "Évaluation faite il y a 2\u00a0mois"),
        (date(2025, 11, 25), "Évaluation faite il y a un an"),
        (date(2021, 11, 26), "Évaluation faite il y a 4\u00a0ans"),
        (date(2026, 11, 26), ""),
    ],
)
def test_how_long_ago_is_always_said(day: date, said: str) -> None:
    assert GOOD.attestation is not None
    told = word_report(
        structs.replace(GOOD, attestation=structs.replace(GOOD.attestation, assessed_on=day)),
        lang="fr",
        contact=CONTACT,
    ).attestation
    assert told is not None
    assert told.ago == said


@pytest.mark.parametrize("reason", [Reason.WITHDRAWN, Reason.SUSPENDED])
def test_what_was_withdrawn_shows_no_level_and_no_date_of_withdrawal(reason: Reason) -> None:
    said = word_report(report(reason), lang="fr", contact=CONTACT)
    assert said.attestation is not None
    assert said.attestation.can_do == ()
    assert "retirée le" not in everything(said)
    assert "suspendue le" not in everything(said)


@pytest.mark.parametrize(
    "reason", [Reason.TRUST_STALE, Reason.DOCUMENTS_DISAGREE, Reason.MALFORMED, Reason.SIGNATURE_INVALID]
)
def test_what_was_not_confirmed_shows_nobody(reason: Reason) -> None:
    said = word_report(structs.replace(GOOD, reason=reason), lang="fr", contact=CONTACT)
    assert said.attestation is None
    assert "Zoé" not in everything(said)


def ticks(found: Report) -> dict[str, Outcome]:
    return {tick.code: tick.outcome for tick in word_report(found, lang="fr", contact=CONTACT).ticks}


def test_ticks_of_real_reports() -> None:
    passed, failed, open_ = Outcome.PASSED, Outcome.FAILED, Outcome.UNDETERMINED
    trust, status = TOWN.trust(), TOWN.status()
    assert set(ticks(GOOD).values()) == {passed}
    assert set(ticks(verify(TOKEN, trust=None, status={}, at=NOON)).values()) == {open_}
    unknown = verify(TOKEN, trust=trust, status={}, at=NOON)
    assert ticks(unknown) == {
        "signature": passed,
        "accredited": passed,
        "not_withdrawn": open_,
        "dates": passed,
    }
    late = verify(TOKEN, trust=trust, status=status, at=NOON + 9 * DAY)
    assert late.reason is Reason.TRUST_STALE
    assert ticks(late)["signature"] is open_
    assert ticks(late)["accredited"] is open_
    other = TOWN.issue(levels={"1.1": 8})
    assert ticks(verify(other, trust=trust, status=status, at=NOON))["accredited"] is failed
    forged = TOKEN[:-3] + (b"AAA" if TOKEN[-3:] != b"AAA" else b"BBA")
    assert ticks(verify(forged, trust=trust, status=status, at=NOON)).get("signature") in {failed, None}


def test_a_demonstration_says_so_beside_the_real_verdict() -> None:
    demo = Town.make(kind="demo")
    found = verify(demo.issue(), trust=demo.trust(), status=demo.status(), at=NOON)
    said = word_report(found, lang="fr", contact=CONTACT)
    assert said.title == "Attestation valide"
    assert said.notice[0] == "Spécimen, sans valeur"
    elsewhere = verify(demo.issue(), trust=TOWN.trust(), status={}, at=NOON)
    assert elsewhere.reason is Reason.SPECIMEN
    assert word_report(elsewhere, lang="fr", contact=CONTACT).notice == ()


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("reason", list(Reason))
def test_a_typed_code_never_says_that_the_paper_is_genuine(reason: Reason, lang: str) -> None:
    said = word_code(report(reason), "2346-789B-CDF", lang=lang, contact=CONTACT)
    assert said.severity != "ok"
    assert said.state == code_state(report(reason))
    assert said.ticks == ()
    whole = everything(said).lower()
    for word in (
        "authentique",
        "attestation is genuine",
        "l’hévéder",
        "1958",
        "attestation valide",
        "valid attestation",
    ):
        assert word not in whole, word


def test_a_known_code_masks_the_name_and_says_what_to_compare() -> None:
    said = word_code(GOOD, "2346-789B-CDF", lang="fr", contact=CONTACT)
    assert said.state == "code_found"
    assert "Zoé L." in said.lead
    assert said.attestation is not None
    assert said.attestation.name == "Zoé L."
    assert len(said.attestation.can_do) == 3


def test_states_that_are_no_report_can_be_said() -> None:
    values = {
        "code": "2346-789B-CDF",
        "name": "Marie D.",
        "minutes": "2 minutes",
        "valid_until": "1er mars 2027",
    }
    for state in state_codes():
        for lang in ("fr", "en"):
            assert word_page(state, lang=lang, contact=CONTACT, **values).title


def test_a_phone_number_stays_on_one_line_and_an_unknown_contact_is_a_place() -> None:
    assert (
        "01\u00a099\u00a000\u00a000\u00a000"
        in word_report(report(Reason.EXPIRED), lang="fr", contact=CONTACT).next
    )
    assert "l’accueil du lieu" in word_report(report(Reason.EXPIRED), lang="fr").next


def test_a_date_beyond_the_calendar_is_said_to_be_unknown() -> None:
    far = structs.replace(GOOD, reason=Reason.STATUS_STALE, status_as_of=2**52)
    assert "date inconnue" in word_report(far, lang="fr", contact=CONTACT).lead


def test_a_reference_names_one_check() -> None:
    assert check_reference(TOKEN, NOON) == check_reference(TOKEN, NOON)
    assert (
        len({check_reference(TOKEN, NOON), check_reference(TOKEN, NOON + 1), check_reference(b"", NOON)}) == 3
    )


def test_words_need_no_extra_installed() -> None:
    """The verify library, on cryptography, msgspec and pyjwt, still speaks, and its command line too."""
    code = (
        "import sys\n"
        "for name in ('fastapi', 'starlette', 'jinja2', 'babel', 'PIL', 'zxingcpp', 'pypdfium2'):\n"
        "    sys.modules[name] = None\n"
        "import verifier.cli, verifier.wording\n"
        "print(verifier.wording.word_page('no_code_in_file', lang='fr').title)\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "Aucune attestation dans ce fichier\n"
