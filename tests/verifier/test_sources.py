"""Documents: fetched when due, kept when a fetch fails, never taken back; and no call to a stranger."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from passport.limits import LIMITS
from passport.status import write_status_token
from passport.trust.model import KeyState
from tests.town import DAY, NOON, TestKey, Town
from tests.verifier.serving import Answer, Clock, Shelf, body, put, redirect, rotated, server
from verifier import Reason
from verifier.sources import (
    Documents,
    FirstSource,
    FolderSource,
    HttpSource,
    KeptSource,
    SourceError,
    scheme_url_of,
)


@pytest.fixture
def shelf(town: Town) -> Shelf:
    filled = Shelf()
    put(filled, town)
    return filled


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def documents(shelf: Shelf, town: Town, clock: Clock) -> Documents:
    return Documents(shelf, town.pin, clock)


def test_a_valid_credential_is_valid(documents: Documents, town: Town) -> None:
    report = documents.check(town.issue())
    assert report.reason is Reason.VALID
    assert report.checked_at == NOON


def test_what_is_fresh_is_not_asked_for_again(documents: Documents, town: Town, shelf: Shelf) -> None:
    for _ in range(5):
        assert documents.check(town.issue())
    assert sorted(shelf.asked) == sorted(
        [
            f"{town.scheme.url}/trust/list.json",
            f"{town.scheme.url}/trust/now.json",
            town.bodies["csc-marmiers"].uri,
        ]
    )


@pytest.mark.parametrize("form", ["badge", "vc"])
def test_every_list_that_a_form_needs_is_fetched(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock, form: str
) -> None:
    token = getattr(town, form)()
    uri = town.bodies["csc-marmiers"].uri
    assert documents.check(token).reason is Reason.VALID
    assert {f"{uri}.revocation", f"{uri}.suspension", uri} <= set(shelf.asked)
    town.set_status("csc-marmiers", token, 2)
    town.at = clock.at = NOON + 400
    put(shelf, town)
    assert documents.check(token).reason is Reason.SUSPENDED
    town.set_status("csc-marmiers", token, 3)
    town.at = clock.at = NOON + 800
    put(shelf, town)
    assert documents.check(token).reason is Reason.REPLACED


def test_an_older_list_of_bits_is_refused(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    token = town.badge()
    old = dict(shelf.documents)
    town.set_status("csc-marmiers", token, 2)
    town.at = clock.at = NOON + 400
    put(shelf, town)
    assert documents.check(token).reason is Reason.SUSPENDED
    uri = f"{town.bodies['csc-marmiers'].uri}.suspension"
    shelf.documents[uri] = old[uri]  # somebody plays back the list from before
    clock.at = NOON + 800
    assert documents.check(token).reason is Reason.SUSPENDED
    assert shelf.asked.count(uri) == 2


def test_a_withdrawal_shows_after_the_next_fetch(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    token = town.issue()
    assert documents.check(token)
    town.set_status("csc-marmiers", token, 1)
    town.at = NOON + 400
    put(shelf, town)
    assert documents.check(token)
    clock.at = NOON + 400
    assert documents.check(token).reason is Reason.WITHDRAWN


def test_a_failed_fetch_keeps_what_was_known_and_age_decides(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    token = town.issue()
    assert documents.check(token)
    shelf.down = True
    clock.at = NOON + DAY // 2
    assert documents.check(token).reason is Reason.VALID
    clock.at = NOON + 2 * DAY
    assert documents.check(token).reason is Reason.STATUS_STALE
    clock.at = NOON + 8 * DAY
    assert documents.check(token).reason is Reason.TRUST_STALE
    shelf.down = False
    town.version, town.at = 2, int(clock.at)
    put(shelf, town)
    clock.at += 31
    assert documents.check(token).reason is Reason.VALID


def test_without_any_document_nothing_is_green_or_red(town: Town, clock: Clock) -> None:
    documents = Documents(Shelf(), town.pin, clock)
    assert documents.check(town.issue()).reason is Reason.TRUST_UNAVAILABLE
    assert documents.trust() is None


def test_without_the_status_list_it_is_unavailable(documents: Documents, town: Town, shelf: Shelf) -> None:
    del shelf.documents[town.bodies["csc-marmiers"].uri]
    assert documents.check(town.issue()).reason is Reason.STATUS_UNAVAILABLE


def test_an_older_status_list_is_refused(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    token = town.issue()
    uri = town.bodies["csc-marmiers"].uri
    before = shelf.documents[uri]
    town.set_status("csc-marmiers", token, 1)
    shelf.documents[uri] = town.status_document("csc-marmiers", issued_at=NOON - 60)
    assert documents.check(token).reason is Reason.WITHDRAWN
    shelf.documents[uri] = before
    clock.at = NOON + 1000
    assert documents.check(token).reason is Reason.WITHDRAWN


def test_an_older_list_and_now_are_refused(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    old = dict(shelf.documents)
    thief = town.bodies["csc-marmiers"].credential_key.public.thumbprint
    town.version, town.refused, town.at = 2, frozenset({thief}), NOON + 60
    put(shelf, town)
    assert documents.check(town.issue()).reason is Reason.KEY_COMPROMISED
    shelf.documents = old
    for later in (400, 800, 5000):
        clock.at = NOON + later
        trust = documents.trust()
        assert trust is not None
        assert trust.trust_list.version == 2
        assert trust.now is not None
        assert thief in trust.now.refused_keys


def test_two_lists_of_one_version_are_not_both_believed(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    first = documents.trust()
    assert first is not None
    town.at = NOON + 60
    put(shelf, town)
    clock.at = NOON + 400
    second = documents.trust()
    assert second is not None
    assert second.trust_list.digest == first.trust_list.digest
    assert second.now == first.now


def test_a_status_list_of_another_address_is_refused(documents: Documents, town: Town, shelf: Shelf) -> None:
    fake = town.bodies["csc-marmiers"]
    elsewhere = write_status_token(fake.array, uri=fake.uri + "2", issued_at=NOON, signer=fake.status_key)
    shelf.documents[fake.uri] = elsewhere
    assert documents.check(town.issue()).reason is Reason.STATUS_UNAVAILABLE


def test_a_body_newer_than_the_list_is_found_at_once(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    assert documents.check(town.issue())
    town.add_body("nouveau", "Nouvel organisme", number=9)
    town.version, town.at = 2, NOON + 60
    put(shelf, town)
    clock.at = NOON + 60
    assert documents.check(town.issue("nouveau")).reason is Reason.VALID


def test_a_flood_of_unknown_bodies_does_not_become_a_flood_of_fetches(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    documents.trust()
    stranger = Town.make()
    fake = stranger.add_body("fantome", "Fantôme", number=7)
    clock.at = NOON + 60
    for _ in range(50):
        assert documents.check(stranger.issue("fantome", issued_at=NOON + 30)).reason is Reason.TRUST_STALE
    assert fake.uri not in shelf.asked
    assert len(shelf.asked) <= 6


def test_a_verifier_walks_from_an_old_pin_to_new_roots(town: Town, shelf: Shelf, clock: Clock) -> None:
    first, second, third = town.root, TestKey("r2027-1"), TestKey("r2028-1")
    url = f"{town.scheme.url}/trust"
    pin = town.pin
    shelf.documents[f"{url}/2.json"] = rotated(town, second, version=2, signers=[first, second])
    shelf.documents[f"{url}/3.json"] = rotated(town, third, version=3, signers=[second, third])
    shelf.documents[f"{url}/list.json"] = shelf.documents[f"{url}/3.json"]
    documents = Documents(shelf, pin, clock)
    trust = documents.trust()
    assert trust is not None
    assert trust.trust_list.version == 3
    assert trust.trust_list.pin.root_keys[0].thumbprint == third.public.thumbprint


def test_new_roots_that_the_old_ones_did_not_sign_are_refused(town: Town, shelf: Shelf, clock: Clock) -> None:
    thief = TestKey("r2027-1")
    documents = Documents(shelf, town.pin, clock)
    assert documents.trust() is not None
    forged = rotated(town, thief, version=2, signers=[thief])
    shelf.documents[f"{town.scheme.url}/trust/2.json"] = forged
    shelf.documents[f"{town.scheme.url}/trust/list.json"] = forged
    clock.at += 400
    trust = documents.trust()
    assert trust is not None
    assert trust.trust_list.version == 1


def test_the_sealed_set_of_a_stolen_key_is_fetched(town: Town, shelf: Shelf, clock: Clock) -> None:
    from passport.jose import split
    from passport.trust.writing import sealed_set_document

    ours, thiefs = town.issue(), town.issue()
    digest, members = sealed_set_document([split(ours).member_digest("ES256")])
    key = town.bodies["csc-marmiers"].credential_key.kid
    town.change_key("csc-marmiers", key, state=KeyState.COMPROMISED, sealed_set=digest)
    put(shelf, town)
    documents = Documents(shelf, town.pin, clock)
    assert documents.check(ours).reason is Reason.TRUST_UNAVAILABLE
    shelf.documents[f"{town.scheme.url}/trust/sets/{digest}"] = members
    clock.at += 400
    assert documents.check(ours).reason is Reason.VALID
    assert documents.check(thiefs).reason is Reason.KEY_COMPROMISED
    assert digest == hashlib.sha256(members).hexdigest()


def test_a_thief_of_the_publication_key_is_forgotten_with_it(
    documents: Documents, town: Town, shelf: Shelf, clock: Clock
) -> None:
    """A `now` signed ahead with the stolen key must not outlive the list that replaces that key."""
    token = town.issue()
    assert documents.check(token)
    url = town.scheme.url
    shelf.documents[f"{url}/trust/now.json"] = town.now_document(issued_at=NOON + 5000 * DAY, list_version=2)
    clock.at += 3600
    documents.trust()
    town.publication, town.version = TestKey("p2026-2"), 2
    town.refused = frozenset({town.bodies["csc-marmiers"].credential_key.public.thumbprint})
    put(shelf, town)
    clock.at += 3600
    assert documents.check(token).reason is Reason.KEY_COMPROMISED


def test_what_is_dated_ahead_is_refused(documents: Documents, town: Town, shelf: Shelf, clock: Clock) -> None:
    token = town.issue()
    assert documents.check(token)
    uri = town.bodies["csc-marmiers"].uri
    shelf.documents[uri] = town.status_document("csc-marmiers", issued_at=NOON + 3000 * DAY)
    clock.at += 2 * DAY
    assert documents.check(token).reason is Reason.STATUS_STALE
    town.set_status("csc-marmiers", token, 1)
    shelf.documents[uri] = town.status_document("csc-marmiers", issued_at=NOON + 2 * DAY)
    clock.at += 3600
    assert documents.check(token).reason is Reason.WITHDRAWN


def test_many_threads_share_one_fetch(documents: Documents, town: Town, shelf: Shelf) -> None:
    token, reasons = town.issue(), []
    threads = [
        threading.Thread(target=lambda: reasons.append(documents.check(token).reason)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert reasons == [Reason.VALID] * 12
    assert len(shelf.asked) == len(set(shelf.asked)) == 3


# Folders.


def test_a_published_folder_is_a_source(town: Town, tmp_path: Path, clock: Clock) -> None:
    folder = town.write_documents(tmp_path)
    documents = Documents(FolderSource(folder, scheme_url_of(town.pin)), town.pin, clock)
    assert documents.check(town.issue())


@pytest.mark.parametrize(
    "path", ["/../secret", "/trust/../../secret", "//etc/passwd", "/trust//list.json", "/.hidden", ""]
)
def test_a_folder_is_never_left(town: Town, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    source = FolderSource(tmp_path / "public", town.scheme.url)
    with pytest.raises(SourceError) as caught:
        source.fetch(town.scheme.url + path)
    assert caught.value.code == "address_refused"


def test_a_link_out_of_the_folder_is_refused(town: Town, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    public = tmp_path / "public"
    public.mkdir()
    (public / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(SourceError, match="outside"):
        FolderSource(public, town.scheme.url).fetch(f"{town.scheme.url}/link")


def test_a_file_too_large_is_refused(town: Town, tmp_path: Path) -> None:
    (tmp_path / "status").mkdir()
    with (tmp_path / "status" / "big.1").open("wb") as stream:
        stream.truncate(LIMITS.status_token_bytes + 1)
    with pytest.raises(SourceError) as caught:
        FolderSource(tmp_path, town.scheme.url).fetch(f"{town.scheme.url}/status/big.1")
    assert caught.value.code == "too_big"


def test_sources_are_asked_in_order() -> None:
    first, second = KeptSource({"a": b"1"}), KeptSource({"a": b"2", "b": b"3"})
    both = FirstSource([first, second])
    assert both.fetch("a") == b"1"
    assert both.fetch("b") == b"3"
    with pytest.raises(SourceError):
        both.fetch("c")


# HTTP, over a real socket.


def test_http_fetches_without_credentials_or_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with server({"/trust/list.json": body(b"{}")}) as (url, seen):
        assert HttpSource(url).fetch(f"{url}/trust/list.json") == b"{}"
    assert "application/json" in seen[0]["accept"]
    assert not {"cookie", "authorization", "referer"} & seen[0].keys()


def test_http_follows_few_redirects_and_none_to_strangers() -> None:
    with server({"/secret": body(b"secret")}) as (stranger, asked):
        answers = {
            "/trust/a": redirect("/trust/b"),
            "/trust/b": body(b"ok"),
            "/trust/loop": redirect("/trust/loop"),
            "/trust/away": redirect(f"{stranger}/secret"),
            "/trust/file": redirect("file:///etc/passwd"),
            "/trust/data": redirect("data:text/plain,ok"),
        }
        with server(answers) as (url, _):
            source = HttpSource(url)
            assert source.fetch(f"{url}/trust/a") == b"ok"
            for path in ("loop", "away", "file", "data"):
                with pytest.raises(SourceError):
                    source.fetch(f"{url}/trust/{path}")
        assert asked == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "https://evil.example/trust/list.json", "file:///etc/passwd"]
)
def test_http_fetches_only_under_its_scheme(url: str) -> None:
    source = HttpSource("https://passeport.example")
    with pytest.raises(SourceError) as caught:
        source.fetch(url)
    assert caught.value.code == "address_refused"


@pytest.mark.parametrize(
    "url", ["http://passeport.example", "ftp://127.0.0.1", "file:///tmp", "http://8.8.8.8"]
)
def test_plain_http_goes_only_to_the_machine_or_its_network(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        HttpSource(url)
    assert caught.value.code == "address_refused"


def test_http_stops_at_the_size_and_reports_errors() -> None:
    answers = {
        "/status/a.1": body(b"x" * (LIMITS.status_token_bytes + 1)),
        "/trust/now.json": body(b"no", 500),
    }
    with server(answers) as (url, _):
        source = HttpSource(url)
        for path, code in (
            ("/status/a.1", "too_big"),
            ("/trust/now.json", "source_unavailable"),
            ("/trust/9.json", "document_missing"),
        ):
            with pytest.raises(SourceError) as caught:
                source.fetch(url + path)
            assert caught.value.code == code
    with pytest.raises(SourceError):
        source.fetch(f"{url}/trust/list.json")


def test_a_server_that_drips_is_given_up() -> None:
    ticks = iter(range(0, 10_000, 6))
    with server({"/trust/list.json": body(b"x" * 400_000)}) as (url, _):
        source = HttpSource(url, monotonic=lambda: float(next(ticks)))
        with pytest.raises(SourceError, match="slow"):
            source.fetch(f"{url}/trust/list.json")


def test_a_scheme_over_http_end_to_end() -> None:
    answers: dict[str, Answer] = {}
    with server(answers) as (url, _):
        town = Town.make(url=url, kind="demo")
        for slug, fake in town.bodies.items():
            answers[fake.uri.removeprefix(url)] = body(town.status_document(slug))
        answers |= {
            "/trust/list.json": body(town.list_document()),
            "/trust/now.json": body(town.now_document()),
        }
        documents = Documents(HttpSource(url), town.pin, lambda: float(NOON))
        report = documents.check(town.issue())
    assert report.reason is Reason.VALID
    assert report.specimen
