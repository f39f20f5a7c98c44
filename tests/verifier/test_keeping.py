"""Kept documents: a restart forgets nothing and needs no network; it believes no file blindly."""

from __future__ import annotations

import logging
import resource
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from passport.status import write_status_token
from passport.trust.model import KeyState
from passport.trust.writing import sealed_set_document
from tests.town import DAY, NOON, TestKey, Town
from tests.verifier.serving import Clock, Shelf, put, rotated
from verifier import Reason
from verifier.keeping import Keep, put_file
from verifier.sources import Documents, FolderSource


class Counter:
    """A counter that is started again and again over one folder. `shelf`: what the scheme serves."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town = town
        self.folder = folder
        self.shelf = Shelf()
        self.clock = Clock()
        put(self.shelf, town)

    def start(self, *, town: Town | None = None) -> Documents:
        keep = Keep(self.folder, self.town.scheme.url)
        return Documents(self.shelf, (town or self.town).pin, self.clock, keep=keep)

    def start_without_network(self) -> Documents:
        self.shelf.down = True
        return self.start()

    def file(self, path: str) -> Path:
        return next(self.folder.iterdir()) / path


@pytest.fixture
def counter(town: Town, tmp_path: Path) -> Counter:
    return Counter(town, tmp_path / "kept")


@pytest.mark.parametrize("form", ["issue", "badge", "vc"])
def test_a_restart_without_network_still_checks(counter: Counter, form: str) -> None:
    token = getattr(counter.town, form)()
    assert counter.start().check(token).reason is Reason.VALID
    counter.clock.at += 3600
    again = counter.start_without_network()
    report = again.check(token)
    assert report.reason is Reason.VALID
    assert again.used(report) == {url: counter.shelf.documents[url] for url in again.used(report)}


def test_what_is_kept_is_laid_out_as_publish_writes_it(counter: Counter) -> None:
    documents = counter.start()
    token = counter.town.issue()
    used = documents.used(documents.check(token))
    folder = FolderSource(counter.file("."), counter.town.scheme.url)
    assert {url: folder.fetch(url) for url in used} == used
    assert Documents(folder, counter.town.pin, counter.clock).check(token).reason is Reason.VALID
    assert sorted(f.name for f in counter.file(".").rglob("*") if f.is_file()) == [
        ".lock", "csc-marmiers.1", "list.json", "now.json",
    ]  # fmt: skip


def test_the_age_of_what_is_kept_still_decides(counter: Counter) -> None:
    token = counter.town.issue()
    assert counter.start().check(token)
    counter.clock.at = NOON + 2 * DAY
    assert counter.start_without_network().check(token).reason is Reason.STATUS_STALE
    counter.clock.at = NOON + 8 * DAY
    assert counter.start().check(token).reason is Reason.TRUST_STALE


def test_nothing_is_taken_back_after_a_restart(counter: Counter) -> None:
    town = counter.town
    withdrawn = town.issue()
    old = dict(counter.shelf.documents)
    town.set_status("csc-marmiers", withdrawn, 1)
    stolen = town.bodies["epn-ville"].credential_key.public.thumbprint
    town.version, town.refused, town.at = 2, frozenset({stolen}), NOON + 60
    put(counter.shelf, town)
    documents = counter.start()
    assert documents.check(withdrawn).reason is Reason.WITHDRAWN
    assert documents.check(town.issue("epn-ville")).reason is Reason.KEY_COMPROMISED
    counter.shelf.documents = old  # whoever serves plays back what was true before
    for later in (0, 400, 5_000):
        counter.clock.at = NOON + 60 + later
        again = counter.start()
        assert again.check(withdrawn).reason is Reason.WITHDRAWN
        assert again.check(town.issue("epn-ville")).reason is Reason.KEY_COMPROMISED
        trust = again.trust()
        assert trust is not None
        assert trust.trust_list.version == 2


def test_the_walk_from_the_pin_is_kept(counter: Counter) -> None:
    town = counter.town
    first, second, third = town.root, TestKey("r2027-1"), TestKey("r2028-1")
    url = f"{town.scheme.url}/trust"
    counter.start().trust()
    counter.shelf.documents[f"{url}/2.json"] = rotated(town, second, version=2, signers=[first, second])
    counter.shelf.documents[f"{url}/3.json"] = rotated(town, third, version=3, signers=[second, third])
    counter.shelf.documents[f"{url}/4.json"] = rotated(town, third, version=4, signers=[third])
    counter.shelf.documents[f"{url}/list.json"] = counter.shelf.documents[f"{url}/4.json"]
    del counter.shelf.documents[f"{url}/now.json"]
    counter.clock.at += 400
    counter.start().trust()
    # From the pin of the start again, without network; the old roots alone can sign nothing new.
    known = counter.start_without_network().known
    assert known is not None
    assert known.trust_list.version == 4
    assert known.trust_list.pin.root_keys[0].thumbprint == third.public.thumbprint
    assert sorted(f.name for f in counter.file("trust").glob("[0-9]*")) == ["2.json", "3.json"]
    counter.shelf.down = False
    forged = rotated(town, first, version=9, signers=[first])
    counter.shelf.documents[f"{url}/list.json"] = counter.shelf.documents[f"{url}/9.json"] = forged
    counter.clock.at += 400
    after = counter.start().trust()
    assert after is not None
    assert after.trust_list.version == 4


def test_sealed_sets_are_kept(counter: Counter) -> None:
    from passport.jose import split

    town = counter.town
    ours = town.issue()
    digest, members = sealed_set_document([split(ours).member_digest("ES256")])
    key = town.bodies["csc-marmiers"].credential_key.kid
    town.change_key("csc-marmiers", key, state=KeyState.COMPROMISED, sealed_set=digest)
    put(counter.shelf, town)
    counter.shelf.documents[f"{town.scheme.url}/trust/sets/{digest}"] = members
    assert counter.start().check(ours).reason is Reason.VALID
    again = counter.start_without_network()
    assert again.check(ours).reason is Reason.VALID
    assert again.check(town.issue()).reason is Reason.KEY_COMPROMISED


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "noise": lambda _: b"\x00\xff" * 100,
    "page": lambda _: b"<html><body>Connexion au portail</body></html>",
    "bit": lambda data: data[:-90] + bytes([data[-90] ^ 1]) + data[-89:],
    "huge": lambda data: data + b" " * 5_000_000,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("path", ["trust/list.json", "trust/now.json", "status/csc-marmiers.1"])
def test_a_damaged_file_is_ignored_and_said(
    counter: Counter, path: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = counter.town.issue()
    assert counter.start().check(token)
    file = counter.file(path)
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    with caplog.at_level(logging.WARNING):
        report = counter.start_without_network().check(token)
    assert report.reason in {Reason.TRUST_UNAVAILABLE, Reason.STATUS_UNAVAILABLE}
    lines = [record.getMessage() for record in caplog.records]
    assert len([line for line in lines if path in line and "ignored" in line]) == 1
    # With the network back it is mended.
    counter.shelf.down = False
    counter.clock.at += 60
    assert counter.start().check(token).reason is Reason.VALID
    counter.clock.at += 60
    assert counter.start_without_network().check(token).reason is Reason.VALID


def test_files_of_another_scheme_are_not_believed(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    """The same address and slugs, other keys: somebody else's documents in our folder."""
    thief = Counter(Town.make(), counter.folder)
    forged = thief.town.issue()
    assert thief.start().check(forged)
    with caplog.at_level(logging.WARNING):
        documents = counter.start_without_network()
    assert documents.known is None
    assert documents.check(forged).reason is Reason.TRUST_UNAVAILABLE
    assert "root_signatures" in caplog.text


def test_a_kept_file_dated_ahead_is_ignored(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    token = counter.town.issue()
    assert counter.start().check(token)
    ahead = counter.town.now_document(issued_at=NOON + 3 * DAY)
    counter.file("trust/now.json").write_bytes(ahead)
    with caplog.at_level(logging.WARNING):
        assert counter.start_without_network().check(token).reason is Reason.TRUST_UNAVAILABLE
    assert "dated_ahead" in caplog.text


def test_an_older_file_in_the_place_of_a_newer_list_is_ignored(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    town = counter.town
    old = town.list_document()
    second = TestKey("r2027-1")
    url = f"{town.scheme.url}/trust"
    two = rotated(town, second, version=2, signers=[town.root, second])
    counter.shelf.documents[f"{url}/2.json"] = counter.shelf.documents[f"{url}/list.json"] = two
    counter.start().trust()
    counter.file("trust/list.json").write_bytes(old)
    with caplog.at_level(logging.WARNING):
        known = counter.start_without_network().known
    assert known is not None
    assert known.trust_list.version == 2


def test_a_link_out_of_the_folder_is_not_followed(
    counter: Counter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = counter.town.issue()
    assert counter.start().check(token)
    file = counter.file("trust/list.json")
    outside = tmp_path / "outside.json"
    file.rename(outside)
    file.symlink_to(outside)
    with caplog.at_level(logging.WARNING):
        assert counter.start_without_network().known is None
    assert "address_refused" in caplog.text


def test_a_folder_that_cannot_be_written_is_said_once(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.folder.write_bytes(b"a file stands where the folder should be")
    documents = counter.start()
    with caplog.at_level(logging.WARNING):
        for later in range(5):
            counter.clock.at += 400
            counter.town.at = int(counter.clock.at)
            counter.town.version = later + 2
            put(counter.shelf, counter.town)
            assert documents.check(counter.town.issue()).reason is Reason.VALID
    assert caplog.text.count("cannot be kept") == 1


def test_a_full_disk_stops_nothing_and_leaves_no_half_file(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    token, most = counter.town.issue(), resource.getrlimit(resource.RLIMIT_FSIZE)
    with caplog.at_level(logging.WARNING):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, most[1]))
        try:
            reason = counter.start().check(token).reason
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert reason is Reason.VALID
    assert caplog.text.count("cannot be kept") == 1
    assert [f.name for f in counter.file(".").rglob("*") if f.is_file()] == [".lock"]


def test_two_processes_share_the_folder_and_the_newer_wins(counter: Counter) -> None:
    """One is behind (its server lags): it neither overwrites what the other kept nor goes on without it."""
    town = counter.town
    token = town.issue()
    behind = counter.start()
    assert behind.check(token)
    ahead = Counter(town, counter.folder)
    town.set_status("csc-marmiers", token, 1)
    town.version, town.at = 2, NOON + 60
    put(ahead.shelf, town)
    ahead.clock.at = counter.clock.at = NOON + 400
    assert ahead.start().check(token).reason is Reason.WITHDRAWN
    kept = {path: counter.file(path).read_bytes() for path in ("trust/list.json", "status/csc-marmiers.1")}
    assert behind.check(token).reason is Reason.WITHDRAWN
    assert {path: counter.file(path).read_bytes() for path in kept} == kept


def test_a_reader_sees_one_whole_file_or_the_other(tmp_path: Path) -> None:
    target, versions = tmp_path / "list.json", [bytes([65 + n]) * 300_000 for n in range(4)]
    put_file(target, versions[0])
    writers = [
        threading.Thread(target=lambda data=data: [put_file(target, data) for _ in range(15)])
        for data in versions
    ]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(target.read_bytes())
    assert seen <= set(versions)
    assert [file.name for file in tmp_path.iterdir()] == ["list.json"]


def test_a_clock_that_was_wrong_at_the_start_forgets_nothing(counter: Counter) -> None:
    """A small machine starts in 1970: what is kept looks dated ahead until its clock is set."""
    town, token = counter.town, counter.town.issue()
    old = dict(counter.shelf.documents)
    town.set_status("csc-marmiers", token, 1)
    town.at = NOON + 60
    put(counter.shelf, town)
    counter.clock.at = NOON + 400
    assert counter.start().check(token).reason is Reason.WITHDRAWN
    counter.clock.at = 1_000
    counter.shelf.documents = old
    documents = counter.start()
    assert documents.known is None
    counter.clock.at = NOON + 500
    assert documents.check(token).reason is Reason.WITHDRAWN


def test_a_clock_that_is_set_back_does_not_stop_the_asking(counter: Counter) -> None:
    counter.clock.at = NOON + 4 * DAY
    documents = counter.start()
    documents.trust()
    counter.clock.at = NOON
    asked = len(counter.shelf.asked)
    documents.trust()
    assert len(counter.shelf.asked) > asked


def test_only_so_many_lists_of_a_body_are_held_and_kept(counter: Counter) -> None:
    from passport.claims import StatusReference
    from passport.limits import LIMITS

    town = counter.town
    fake, other = town.bodies["csc-marmiers"], town.issue("epn-ville")
    documents = counter.start()
    assert documents.check(other)
    for number in range(2, LIMITS.status_lists_per_body + 12):
        uri = f"{fake.body.status_prefix}{number}"
        signed = write_status_token(fake.array, uri=uri, issued_at=NOON - 60, signer=fake.status_key)
        counter.shelf.documents[uri] = signed
        counter.clock.at += 1
        assert documents.check(town.issue(status=StatusReference(uri, 5))).reason is Reason.VALID
    kept = [f.name for f in counter.file("status").iterdir()]
    assert len([name for name in kept if name.startswith("csc-")]) == LIMITS.status_lists_per_body
    assert "epn-ville.1" in kept
    assert "csc-marmiers.2" not in kept
