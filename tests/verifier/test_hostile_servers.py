"""A scheme's server that fails or lies, over real sockets: the right third outcome, in bounded time."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from passport.claims import StatusReference
from passport.limits import LIMITS
from tests.town import DAY, NOON, Town
from tests.verifier.serving import Answer, Clock, Shelf, body, put, redirect, server
from verifier import Reason
from verifier.fetching import HttpSource, SourceError
from verifier.sources import Documents

_LIST, _NOW = "/trust/list.json", "/trust/now.json"
Handler = http.server.BaseHTTPRequestHandler


class Scheme:
    """A demo scheme that is really served, and a verifier that has a second for each document."""

    def __init__(self, url: str, answers: dict[str, Answer], asked: list[dict[str, str]]) -> None:
        self.url, self.answers, self.asked = url, answers, asked
        self.clock = Clock()
        self.town = Town.make(url=url, kind="demo")
        self.put()
        self.token = self.town.issue()
        self.uri = self.town.bodies["csc-marmiers"].uri
        self.path = self.uri.removeprefix(url)
        self.documents = self.start()

    def put(self) -> None:
        shelf = Shelf()
        put(shelf, self.town)
        self.answers |= {
            url.removeprefix(self.url): body(document) for url, document in shelf.documents.items()
        }

    def start(self) -> Documents:
        return Documents(HttpSource(self.url, seconds=1), self.town.pin, self.clock)


@pytest.fixture
def scheme() -> Iterator[Scheme]:
    answers: dict[str, Answer] = {}
    with server(answers) as (url, asked):
        yield Scheme(url, answers, asked)


def dripping(before: bytes) -> Answer:
    """Send a byte every tenth of a second, each one within every time limit of a socket."""

    def answer(handler: Handler) -> None:
        with contextlib.suppress(OSError):
            handler.wfile.write(before)
            for _ in range(400):
                handler.wfile.write(b"x")
                time.sleep(0.1)

    return answer


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b" " * 65_536)


def cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"{")


def silent(handler: Handler) -> None:
    time.sleep(3)


MISDEEDS: dict[str, Answer] = {
    "500": body(b"oups", 500),
    "404": body(b"no", 404),
    "empty": body(b""),
    "noise": body(b"\x00\xff\xfe" * 1_000),
    "page": body(b"<html><body>Portail captif</body></html>"),
    "null": body(b"null"),
    "deep": body(b"[" * 100_000),
    "cut": cut,
    "endless": endless,
    "silent": silent,
    "drips a body": dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
    "drips a head": dripping(b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "drips a first line": dripping(b"HTTP/1.1 200 "),
    "not http": dripping(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "to a file": redirect("file:///etc/passwd"),
    "to itself": redirect("/trust/list.json"),
    "to nowhere": redirect(""),
    "out of the path": redirect("/../../etc/passwd"),
    "with a query": redirect("/trust/list.json?x=1"),
    "to another port": redirect("http://127.0.0.1:1/trust/list.json"),
    "without tls": redirect("http://example.com/trust/list.json"),
    "to other documents": redirect("/vct/attestation-1"),
}
_BOUND = 8.0  # list, `now`, status: a second each, and what a busy machine adds


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_without_any_document_it_is_undetermined(scheme: Scheme, misdeed: str) -> None:
    for path in list(scheme.answers):
        scheme.answers[path] = MISDEEDS[misdeed]
    token = Town.make(url=scheme.url).issue()  # not of a demo, whose papers are specimens anyway
    began = time.monotonic()
    assert scheme.documents.check(token).reason is Reason.TRUST_UNAVAILABLE
    assert time.monotonic() - began < _BOUND


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_what_was_known_stays_while_the_server_misbehaves(scheme: Scheme, misdeed: str) -> None:
    assert scheme.documents.check(scheme.token).reason is Reason.VALID
    for path in list(scheme.answers):
        scheme.answers[path] = MISDEEDS[misdeed]
    scheme.clock.at += 3_600
    began = time.monotonic()
    assert scheme.documents.check(scheme.token).reason is Reason.VALID
    assert time.monotonic() - began < _BOUND
    scheme.clock.at = NOON + 2 * DAY
    assert scheme.documents.check(scheme.token).reason is Reason.STATUS_STALE
    assert scheme.documents.condition().failing_since == NOON + 3_600


@pytest.mark.parametrize("misdeed", ["500", "noise", "cut", "drips a head", "to a file"])
def test_without_its_status_list_it_is_unavailable(scheme: Scheme, misdeed: str) -> None:
    scheme.answers[scheme.path] = MISDEEDS[misdeed]
    assert scheme.documents.check(scheme.token).reason is Reason.STATUS_UNAVAILABLE


def test_a_server_that_is_switched_off(scheme: Scheme) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        town = Town.make(url=f"http://127.0.0.1:{closed.getsockname()[1]}")
        documents = Documents(HttpSource(town.scheme.url), town.pin, scheme.clock)
        assert documents.check(town.issue()).reason is Reason.TRUST_UNAVAILABLE


def test_a_server_that_takes_calls_and_says_nothing(scheme: Scheme) -> None:
    """The system takes the connection; no program ever does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(5)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(SourceError, match="slow"):
            HttpSource(url, seconds=1).fetch(f"{url}{_LIST}")
        assert time.monotonic() - began < 3


def test_old_documents_played_back_change_nothing(scheme: Scheme) -> None:
    town, old = scheme.town, dict(scheme.answers)
    town.set_status("csc-marmiers", scheme.token, 1)
    town.version, town.at = 2, NOON + 60
    scheme.put()
    scheme.clock.at = NOON + 100
    assert scheme.documents.check(scheme.token).reason is Reason.WITHDRAWN
    scheme.answers |= old
    for later in (500, 1_000, 20_000):
        scheme.clock.at = NOON + later
        assert scheme.documents.check(scheme.token).reason is Reason.WITHDRAWN
    failures = scheme.documents.condition().failures
    assert failures["status", "rollback"] >= 1
    assert sum(count for (kind, _), count in failures.items() if kind == "now") >= 1


def test_documents_dated_ahead_lock_nobody_out(scheme: Scheme) -> None:
    town = scheme.town
    for later in (400, 900 * DAY):
        scheme.answers[_NOW] = body(town.now_document(issued_at=NOON + later))
        scheme.answers[scheme.path] = body(town.status_document("csc-marmiers", issued_at=NOON + later))
        assert scheme.start().check(scheme.token).reason is Reason.TRUST_UNAVAILABLE
    scheme.put()
    assert scheme.documents.check(scheme.token).reason is Reason.VALID


def test_the_list_of_another_body_is_no_answer(scheme: Scheme) -> None:
    scheme.answers[scheme.path] = body(scheme.town.status_document("epn-ville"))
    assert scheme.documents.check(scheme.token).reason is Reason.STATUS_UNAVAILABLE


def test_a_token_chooses_no_address(scheme: Scheme) -> None:
    """Whatever a status reference says, even signed by a body of the scheme, nobody else is called."""
    with server({}) as (stranger, called):
        for uri in (
            f"{stranger}/status/csc-marmiers.1",
            f"{scheme.url}/status/csc-marmiers.1/../../../etc/passwd",
            f"{scheme.url}/status/csc-marmiers.1?to={stranger}",
            f"{scheme.url}@127.0.0.1:1/status/csc-marmiers.1",
            f"{scheme.url}/status/epn-ville.1",
        ):
            token = scheme.town.issue(status=StatusReference(uri, 5))
            assert scheme.documents.check(token).reason in {Reason.STATUS_UNAVAILABLE, Reason.MALFORMED}
        assert called == []
    assert {one["path"] for one in scheme.asked} == {_LIST, _NOW}


def test_a_thief_who_names_a_thousand_lists_costs_little_and_others_nothing(scheme: Scheme) -> None:
    """With a stolen credential key every one of these signatures is good, and no such list exists."""
    documents, prefix = scheme.documents, scheme.town.bodies["csc-marmiers"].body.status_prefix
    for number in range(2, 402):
        token = scheme.town.issue(status=StatusReference(f"{prefix}{number}", 5))
        assert documents.check(token).reason is Reason.STATUS_UNAVAILABLE
    assert len(scheme.asked) <= LIMITS.status_lists_per_body + 2
    assert documents.check(scheme.town.issue("epn-ville")).reason is Reason.VALID
    scheme.clock.at += 60
    assert documents.check(scheme.token).reason is Reason.VALID


def test_a_slow_server_does_not_gather_requests(scheme: Scheme) -> None:
    """Forty people at once: one asks, a few wait, the rest are told at once that it cannot be known now."""
    gate = threading.Event()

    def late(answer: Answer) -> Answer:
        def wait(handler: Handler) -> None:
            gate.wait(20)
            answer(handler)

        return wait

    scheme.answers[_LIST] = late(scheme.answers[_LIST])
    documents = Documents(HttpSource(scheme.url, seconds=30), scheme.town.pin, scheme.clock)
    reasons: list[Reason] = []
    threads = [
        threading.Thread(target=lambda: reasons.append(documents.check(scheme.token).reason))
        for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    while len(reasons) < 20 and time.monotonic() - began < 10:
        time.sleep(0.01)
    assert len(reasons) >= 20
    assert Reason.VALID not in reasons
    told_at_once = len(reasons)
    gate.set()
    for thread in threads:
        thread.join(20)
    assert reasons[told_at_once:] == [Reason.VALID] * (40 - told_at_once)
    assert [one["path"] for one in scheme.asked].count(_LIST) == 1


def test_after_silence_no_request_waits_for_each_list(scheme: Scheme) -> None:
    assert scheme.documents.check(scheme.token)
    for path in list(scheme.answers):
        scheme.answers[path] = silent
    tokens = [scheme.town.issue("epn-ville"), scheme.town.badge("epn-ville"), scheme.town.vc("epn-ville")]
    began = time.monotonic()
    for token in tokens:
        assert scheme.documents.check(token).reason is Reason.STATUS_UNAVAILABLE
    assert time.monotonic() - began < 4  # one second for the first, and none for the four others
