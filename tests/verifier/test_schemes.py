"""Several schemes side by side: each is named, and none speaks under another's prefix."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.claims import StatusReference
from passport.errors import PassportError
from passport.limits import LIMITS
from passport.trust.model import Pin
from tests.town import TestKey, Town
from tests.verifier.serving import Clock, Shelf, put
from verifier import Reason, Report, Verdict
from verifier.schemes import Schemes, issuer_of
from verifier.sources import Documents

COMPANIES = "https://entreprises.example"


def named(url: str, name: str, *, kind: str = "residents") -> Town:
    made = Town.make(url=url, kind=kind)
    made.scheme = replace(made.scheme, name=name, contact=f"{name}, 01 99 00 00 00")
    return made


@pytest.fixture
def residents() -> Town:
    return named("https://passeport.example", "Habitants")


@pytest.fixture
def companies() -> Town:
    return named(COMPANIES, "Entreprises")


@pytest.fixture
def shelf(residents: Town, companies: Town) -> Shelf:
    filled = Shelf()
    for town in (residents, companies):
        put(filled, town)
    return filled


def beside(shelf: Shelf, *towns: Town) -> Schemes:
    return Schemes([Documents(shelf, town.pin, Clock()) for town in towns])


@pytest.fixture
def schemes(shelf: Shelf, residents: Town, companies: Town) -> Schemes:
    return beside(shelf, residents, companies)


def name_of(report: Report) -> str | None:
    return report.scheme.name if report.scheme else None


def test_each_scheme_judges_its_own_and_is_named(schemes: Schemes, residents: Town, companies: Town) -> None:
    for town, name in ((residents, "Habitants"), (companies, "Entreprises")):
        for form in ("issue", "badge", "vc"):
            report = schemes.check(getattr(town, form)())
            assert (report.reason, name_of(report)) == (Reason.VALID, name)
            assert report.to_json()["scheme"] == {"name": name, "url": town.scheme.url}
            assert schemes.contact_of(report) == f"{name}, 01 99 00 00 00"
            assert all(url.startswith(town.scheme.url) for url in schemes.used(report))


def test_a_key_of_one_scheme_signs_nothing_in_another(
    schemes: Schemes, residents: Town, companies: Town
) -> None:
    """Same slug, same kid, and the issuer of the other."""
    thief = residents.bodies["csc-marmiers"].credential_key
    forged = companies.issue(signer=thief)
    report = schemes.check(forged)
    assert report.reason is Reason.SIGNATURE_INVALID
    assert name_of(report) == "Entreprises"


def test_a_status_list_of_one_scheme_counts_nothing_in_another(
    schemes: Schemes, residents: Town, companies: Town
) -> None:
    withdrawn = companies.issue()
    elsewhere = residents.bodies["csc-marmiers"].uri
    assert schemes.check(residents.issue())
    report = schemes.check(companies.issue(status=StatusReference(elsewhere, 7)))
    assert report.reason is Reason.STATUS_UNAVAILABLE
    assert schemes.check(withdrawn).reason is Reason.VALID


def test_a_trust_list_of_one_scheme_is_none_of_another(
    shelf: Shelf, residents: Town, companies: Town
) -> None:
    """Even when the same people hold the roots of both, and the server mixes them up."""
    companies.root = residents.root
    put(shelf, companies)
    for name in ("list.json", "1.json", "now.json"):
        shelf.documents[f"{COMPANIES}/trust/{name}"] = shelf.documents[f"{residents.scheme.url}/trust/{name}"]
    schemes = beside(shelf, residents, companies)
    assert schemes.check(residents.issue()).reason is Reason.VALID
    assert schemes.check(companies.issue()).reason is Reason.TRUST_UNAVAILABLE


def test_a_scheme_that_does_not_answer_leaves_the_other_alone(
    shelf: Shelf, residents: Town, companies: Town
) -> None:
    for url in [url for url in shelf.documents if url.startswith(COMPANIES)]:
        del shelf.documents[url]
    schemes = beside(shelf, residents, companies)
    assert schemes.check(residents.issue()).reason is Reason.VALID
    report = schemes.check(companies.issue())
    assert report.reason is Reason.TRUST_UNAVAILABLE
    assert schemes.used(report) == {}


def test_a_scheme_that_is_not_pinned_is_unknown(schemes: Schemes) -> None:
    report = schemes.check(Town.make(url="https://ailleurs.example").issue())
    assert (report.reason, report.scheme) == (Reason.ISSUER_UNKNOWN, None)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_demo_beside_a_real_scheme_stays_a_specimen(residents: Town, order: tuple[int, int]) -> None:
    demo = named("https://demo.example", "Démo", kind="demo")
    shelf, towns = Shelf(), (residents, demo)
    for town in towns:
        put(shelf, town)
    schemes = beside(shelf, *(towns[place] for place in order))
    real, sample = schemes.check(residents.issue()), schemes.check(demo.issue())
    assert (real.reason, real.specimen) == (Reason.VALID, False)
    assert (sample.reason, sample.specimen, name_of(sample)) == (Reason.VALID, True, "Démo")
    stranger = schemes.check(Town.make(url="https://autre-demo.example", kind="demo").issue())
    assert (stranger.reason, stranger.specimen) == (Reason.SPECIMEN, True)
    unknown = schemes.check(Town.make(url="https://ailleurs.example").issue())
    assert (unknown.reason, unknown.specimen) == (Reason.ISSUER_UNKNOWN, False)
    known = schemes.known
    assert known is not None
    assert known.trust_list.scheme.name == "Habitants"  # the pages are not those of a demo


def pinned(prefix: str) -> Documents:
    return Documents(Shelf(), Pin((TestKey("r").public,), 1, prefix), Clock())


@pytest.mark.parametrize(
    "other",
    [
        "https://passeport.example/o/",
        "https://passeport.example/",
        "https://passeport.example/o/csc/",
        "https://PASSEPORT.example/o/",
        "https://passeport.example",
        "",
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_prefixes_that_nest_are_refused_at_the_start(other: str, turned: bool) -> None:
    both = [pinned("https://passeport.example/o/"), pinned(other)]
    with pytest.raises(PassportError) as caught:
        Schemes(both[::-1] if turned else both)
    assert caught.value.code == "prefix_overlap"


def test_prefixes_that_only_look_alike_are_not_refused() -> None:
    prefixes = ("https://a.example/o/", "https://a.example:8443/o/", "https://aa.example/o/")
    assert len(Schemes([pinned(prefix) for prefix in prefixes]).all) == 3


def test_no_scheme_at_all_is_refused() -> None:
    with pytest.raises(PassportError) as caught:
        Schemes([])
    assert caught.value.code == "schemes_missing"


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_the_selector_takes_anything(token: bytes | str) -> None:
    assert issuer_of(token) == ""


def test_the_selector_reads_every_form_and_no_giant(residents: Town) -> None:
    for form in ("issue", "badge", "vc"):
        token: bytes = getattr(residents, form)()
        assert issuer_of(token) == residents.bodies["csc-marmiers"].issuer
        assert issuer_of(token.decode() + "~") == residents.bodies["csc-marmiers"].issuer
    assert issuer_of(b"a" * (LIMITS.token_chars + 1)) == ""


def test_watchers_hear_of_every_check(schemes: Schemes, residents: Town) -> None:
    heard: list[tuple[Verdict, bool]] = []
    schemes.watch(lambda told, seconds: heard.extend((one.verdict, seconds >= 0) for one in told))
    schemes.check(residents.issue())
    schemes.check(b"nothing")
    assert heard == [(Verdict.VALID, True), (Verdict.INVALID, True)]
