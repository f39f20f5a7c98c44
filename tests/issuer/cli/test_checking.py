"""The checking counter alone: schemes named by pin, address or folder; what stays when it starts again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from issuer.cli.checking import TRUST
from issuer.cli.serving import application, combined
from issuer.cli.together import first_of
from issuer.register import Register
from issuer.register.changes import suspend, withdraw
from issuer.settings import Settings
from passport.errors import PassportError
from passport.trust.writing import pin_document
from tests.issuer.cli.conftest import PASSPHRASE
from tests.town import Town
from tests.verifier.serving import Answer, Shelf, body, put, server
from verifier.codes import CodeAnswer
from verifier.sources import SourceError

SECRET = "a-secret-that-is-long-enough"


class Served:
    """A demo scheme on a real socket, with documents of this very moment."""

    def __init__(self, url: str, answers: dict[str, Answer]) -> None:
        import time

        self.answers = answers
        self.town = Town.make(url=url, kind="demo", at=int(time.time()))
        self.put(self.town)

    def put(self, town: Town) -> None:
        shelf = Shelf()
        put(shelf, town)
        for url, document in shelf.documents.items():
            self.answers[url.removeprefix(town.scheme.url)] = body(document)

    def switch_off(self) -> None:
        for path in list(self.answers):
            self.answers[path] = body(b"", 503)


@pytest.fixture
def served() -> Iterator[Served]:
    answers: dict[str, Answer] = {}
    with server(answers) as (url, _):
        yield Served(url, answers)


Start = Callable[..., TestClient]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Start:
    def started(*trust: str | Path, folder: Path | None = None) -> TestClient:
        monkeypatch.setenv("PASSPORT_DIR", str(folder or tmp_path / "counter"))
        monkeypatch.setenv("PASSPORT_SERVE_ONLY", "verifier")
        monkeypatch.setenv(TRUST, json.dumps([str(one) for one in trust]))
        return TestClient(application())

    return started


def verdict(client: TestClient, token: bytes) -> tuple[str, str]:
    report = client.post("/api/v1/verify", json={"credential": token.decode()}).json()
    return report["verdict"], (report["scheme"] or {}).get("url", "")


def pin_file(town: Town, folder: Path) -> Path:
    file = folder / "pin.json"
    file.write_bytes(pin_document(town.pin))
    return file


def test_a_pin_is_enough_and_a_restart_needs_no_network(served: Served, start: Start, tmp_path: Path) -> None:
    pin, token = pin_file(served.town, tmp_path), served.town.issue()
    with start(pin) as client:
        assert verdict(client, token) == ("valid", served.town.scheme.url)
    served.switch_off()
    with start(pin) as client:
        assert verdict(client, token) == ("valid", served.town.scheme.url)
        assert client.get("/healthz").json()["trust"] == "fresh"
    assert [file.name for file in (tmp_path / "counter").iterdir()] == ["kept"]


def test_a_pinned_scheme_that_was_never_reached_is_red_and_stops_nothing(
    served: Served, start: Start, tmp_path: Path
) -> None:
    served.switch_off()
    with start(pin_file(served.town, tmp_path)) as client:
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (503, "trust_missing")
        assert client.get("/").status_code == 200


def test_an_address_is_pinned_once(
    served: Served, start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever takes the address later, with keys of their own, gets no green."""
    url, token = served.town.scheme.url, served.town.issue()
    with start(url) as client:
        assert verdict(client, token) == ("valid", url)
    assert caplog.text.count("Pinned for good") == 1
    assert served.town.root.public.thumbprint in caplog.text
    pins = list((tmp_path / "counter" / "pins").iterdir())
    assert [pin.read_bytes() for pin in pins] == [pin_document(served.town.pin)]
    thief = Town.make(url=url, kind="demo", at=served.town.at)
    thief.version = 7
    served.put(thief)
    with start(url) as client:
        assert verdict(client, thief.issue())[0] != "valid"
        assert verdict(client, token)[0] == "valid"
    assert caplog.text.count("Pinned for good") == 1


def test_an_address_that_does_not_answer_the_first_time_is_refused(
    served: Served, start: Start, tmp_path: Path
) -> None:
    served.switch_off()
    with pytest.raises(SourceError):
        start(served.town.scheme.url)
    assert not (tmp_path / "counter").exists()


def test_a_published_folder_and_an_address_side_by_side(
    passport: object, folder: Path, issued: list[str], served: Served, start: Start, tmp_path: Path
) -> None:
    assert passport("publish", folder, "public").status == 0  # type: ignore[operator]
    ours = Path(f"out/{issued[0]}.jwt").read_bytes()
    for client in (
        start(served.town.scheme.url, folder=Path("public").absolute()),
        start("public", served.town.scheme.url),
        start(served.town.scheme.url, folder=folder),
    ):
        with client:
            assert verdict(client, ours) == ("valid", "https://reseau.example")
            assert verdict(client, served.town.issue()) == ("valid", served.town.scheme.url)
            assert [one["trust"] for one in client.get("/healthz").json()["schemes"]] == ["fresh"] * 2
            assert "Réseau d’Essai" in client.get("/").text


def test_the_same_scheme_twice_is_refused(served: Served, start: Start, tmp_path: Path) -> None:
    with pytest.raises(PassportError) as refused:
        start(pin_file(served.town, tmp_path), served.town.scheme.url)
    assert refused.value.code == "prefix_overlap"


def test_nothing_named_is_refused(start: Start, tmp_path: Path) -> None:
    with pytest.raises(PassportError) as refused:
        start()
    assert refused.value.code == "file_missing"
    with pytest.raises(PassportError) as refused:
        start(tmp_path / "none.json")
    assert refused.value.code == "file_missing"


def test_trust_is_for_the_checking_counter_alone(passport: object, folder: Path) -> None:
    ran = passport("serve", folder, "--trust", "https://reseau.example")  # type: ignore[operator]
    assert (ran.status, "--only verifier" in ran.err) == (1, True)


# Typed codes of several schemes.


def asker(answer: CodeAnswer | None, asked: list[str]) -> Callable[[str, str], CodeAnswer]:
    def ask(code: str, network: str) -> CodeAnswer:
        asked.append(f"{code} {network}")
        if answer is None:
            raise SourceError("nobody answers")
        return answer

    return ask


FOUND, UNKNOWN, WAIT = CodeAnswer(token=b"t"), CodeAnswer(), CodeAnswer(wait_seconds=60)


@pytest.mark.parametrize(
    ("answers", "said", "asked"),
    [
        ([FOUND, UNKNOWN], FOUND, 1),
        ([UNKNOWN, FOUND], FOUND, 2),
        ([None, FOUND], FOUND, 2),
        ([WAIT, FOUND], FOUND, 2),
        ([UNKNOWN, UNKNOWN], UNKNOWN, 2),
        ([WAIT, UNKNOWN], WAIT, 2),
        ([None, WAIT], WAIT, 2),
        ([UNKNOWN, None], None, 2),
    ],
)
def test_counters_are_asked_in_turn(
    answers: list[CodeAnswer | None], said: CodeAnswer | None, asked: int
) -> None:
    heard: list[str] = []
    ask = first_of([asker(answer, heard) for answer in answers])
    if said is None:
        with pytest.raises(SourceError):
            ask("2346789BCDF", "192.0.2.1")
    else:
        assert ask("2346789BCDF", "192.0.2.1") == said
    assert len(heard) == asked


def test_each_address_needs_its_secret(
    served: Served, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSPORT_CODES_URL", "https://a.example, https://b.example")
    monkeypatch.setenv("PASSPORT_CODES_SECRET", "one")
    with pytest.raises(PassportError) as refused:
        start(pin_file(served.town, tmp_path))
    assert refused.value.code == "codes_url"


# Metrics.


def test_a_short_secret_is_refused(
    served: Served, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in ("court", "é" * 20):
        monkeypatch.setenv("PASSPORT_METRICS_SECRET", secret)
        with pytest.raises(PassportError) as refused:
            start(pin_file(served.town, tmp_path))
        assert refused.value.code == "metrics_secret"


@pytest.mark.parametrize("only", ["", "issuer"])
def test_what_was_issued_is_measured(
    folder: Path, issued: list[str], only: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSPORT_DIR", str(folder))
    monkeypatch.setenv("PASSPORT_SERVE_ONLY", only)
    with TestClient(application()) as client:
        assert client.get("/metrics").status_code == 404
    monkeypatch.setenv("PASSPORT_METRICS_SECRET", SECRET)
    with Register.open(Settings.of(folder), passphrase=PASSPHRASE.encode()) as register:
        withdraw(register, issued[0], actor="test")
        suspend(register, issued[1], actor="test")
    with TestClient(application()) as client:
        assert client.get("/metrics").status_code == 401
        told = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"}).text
    assert f"passport_issued_total {float(len(issued))}" in told
    for status, count in (("withdrawn", 1), ("suspended", 1), ("replaced", 0), ("restored", 0)):
        assert f'passport_status_changes_total{{status="{status}"}} {float(count)}' in told
    assert 'passport_signed_age_seconds{kind="now"}' in told
    assert ("passport_check_seconds_count" in told) is (only == "")
    assert not [one for one in (*issued, "centre", "Zo") if one in told]


def test_both_counters_share_one_page_of_metrics(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSPORT_METRICS_SECRET", SECRET)
    with Register.open(Settings.of(folder), passphrase=PASSPHRASE.encode()) as register:
        client = TestClient(combined(register.settings, register))
        told = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"}).text
    assert "passport_issued_total 0.0" in told
    assert 'passport_checks_total{reason="valid",verdict="valid"} 0.0' in told
