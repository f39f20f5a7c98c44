"""What a report rests on: the documents as they came, by their address, enough to check again elsewhere."""

from __future__ import annotations

import pytest

from passport.jose import split
from passport.trust.model import KeyState
from passport.trust.writing import sealed_set_document
from tests.town import NOON, Town
from verifier import Reason, Trust, read_status, verify
from verifier.fetching import KeptSource
from verifier.sources import Documents
from verifier.statuses import read_list


def kept(town: Town, **sets: bytes) -> dict[str, bytes]:
    url = town.scheme.url
    found = {read_list(document).uri: document for document in town.status_documents()}
    found |= {f"{url}/trust/sets/{digest}": document for digest, document in sets.items()}
    found[f"{url}/trust/list.json"] = town.list_document()
    return found | {f"{url}/trust/now.json": town.now_document()}


def documents_of(town: Town, served: dict[str, bytes]) -> Documents:
    return Documents(KeptSource(served), town.pin, lambda: float(NOON))


@pytest.mark.parametrize("form", ["issue", "badge", "vc"])
def test_the_documents_of_a_report_are_those_that_were_received(town: Town, form: str) -> None:
    served = kept(town)
    documents = documents_of(town, served)
    report = documents.check(getattr(town, form)())
    assert report.reason is Reason.VALID
    used = documents.used(report)
    assert used == {url: served[url] for url in used}
    url = town.scheme.url
    assert used.keys() == {f"{url}/trust/list.json", f"{url}/trust/now.json", *report.status_uris}


def test_another_verifier_comes_to_the_same_report_with_them_alone(town: Town) -> None:
    documents, token, url = documents_of(town, kept(town)), town.issue(), town.scheme.url
    used = dict(documents.used(documents.check(token)))
    trust = Trust.read(used.pop(f"{url}/trust/list.json"), used.pop(f"{url}/trust/now.json"), pin=town.pin)
    status = {uri: read_status(document, trust=trust) for uri, document in used.items()}
    assert verify(token, trust=trust, status=status, at=NOON) == documents.check(token)


def test_only_the_sealed_set_that_was_looked_into_is_named(town: Town) -> None:
    ours, forged = town.issue(), town.issue()
    others = town.issue("epn-ville")
    sets = {}
    for slug, token in (("csc-marmiers", ours), ("epn-ville", others)):
        digest, document = sealed_set_document([split(token).member_digest("ES256")])
        sets[digest] = document
        key = town.bodies[slug].credential_key.kid
        town.change_key(slug, key, state=KeyState.COMPROMISED, sealed_set=digest)
    documents = documents_of(town, kept(town, **sets))
    for token, reason in ((ours, Reason.VALID), (forged, Reason.KEY_COMPROMISED)):
        report = documents.check(token)
        assert report.reason is reason
        named = [url for url in documents.used(report) if "/sets/" in url]
        assert named == [f"{town.scheme.url}/trust/sets/{next(iter(sets))}"]


def test_what_is_not_at_hand_is_left_out(town: Town) -> None:
    documents = documents_of(town, {})
    assert documents.used(documents.check(town.issue())) == {}
