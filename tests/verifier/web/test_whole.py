"""A request that came whole is answered without a call, and with the same bytes as by one."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import re
import socket
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from passport.limits import LIMITS
from tests.pages.serving import Counter, served
from verifier.report import Reason, Report
from verifier.schemes import Schemes
from verifier.sources import Documents, KeptSource
from verifier.web import api, gathering
from verifier.web.guard import Guard
from verifier.web.protocol import BoundedProtocol
from verifier.web.serving import OPTIONS
from verifier.web.whole import Taker, Tell

PATH = b"/api/v1/verify"
HEAD = b"POST /api/v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SECONDS = 30


@dataclass
class Both:
    """One counter at two addresses: as it is, and one that is offered nothing. `taken`: how often it took."""

    counter: Counter
    url: str
    ordinary: str
    taken: list[bool] = field(default_factory=list)

    @property
    def token(self) -> bytes:
        return self.counter.town.issue()


def watched(taker: Taker, taken: list[bool]) -> Taker:
    def take(body: bytes, tell: Tell) -> bool:
        taken.append(taker(body, tell))
        return taken[-1]

    return take


def both_of(counter: Counter) -> Iterator[Both]:
    app, ordinary = counter.app(), counter.app()
    assert isinstance(app, Guard)
    assert isinstance(ordinary, Guard)
    taken: list[bool] = []
    app.takers = {path: watched(taker, taken) for path, taker in app.takers.items()}
    ordinary.takers = {}
    with served(app) as url, served(ordinary) as other:
        yield Both(counter, url, other, taken)


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    yield from both_of(Counter.make())


def told(url: str, *pieces: bytes, answers: int = 1) -> bytes:
    """Send pieces, a moment apart; return what is answered until it ends or there are so many answers."""
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=SECONDS) as sender:
        for number, piece in enumerate(pieces):
            time.sleep(0.05 if number else 0)
            sender.sendall(piece)
        received = b""
        while whole_answers(received) < answers:
            more = sender.recv(65_536)
            if not more:
                break
            received += more
    return re.sub(rb"date: [^\r]*\r\n", b"", received)


def whole_answers(received: bytes) -> int:
    count = 0
    while b"\r\n\r\n" in received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        size = int(length[1]) if length else 0
        if len(rest) < size:
            break
        count, received = count + 1, rest[size:]
    return count


def sized(body: bytes, head: bytes = HEAD) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def asked(text: bytes) -> bytes:
    return sized(b'{"credential": "%b"}' % text)


def with_head(line: bytes) -> bytes:
    return HEAD + line + b"\r\n"


def test_what_it_is_for_is_taken_up_and_answered_alike(both: Both) -> None:
    token = both.token
    forged = token[:-86] + b"A" * 86
    blank = b' \t\r\n{ "credential"\n:\t"%b" } \n'
    for text in (token, forged, token + b"~", token + b"~~", b"eyJ.x.y", b"", b"123", b"A" * 9_000):
        for body in (b'{"credential":"%b"}' % text, b'{"credential": "%b"}' % text, blank % text):
            both.taken.clear()
            answer = told(both.url, sized(body))
            assert both.taken == [True], body[:60]
            assert answer == told(both.ordinary, sized(body))
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_parameters_of_the_media_type_say_nothing_of_a_token(both: Both) -> None:
    body = b'{"credential":"%b"}' % both.token
    for kind in (
        b"application/json; charset=utf-8",
        b"Application/JSON;charset=utf-16",
        b"application/json ;",
    ):
        both.taken.clear()
        request = sized(body, HEAD.replace(b"application/json", kind))
        answer = told(both.url, request)
        assert both.taken == [True], kind
        assert answer == told(both.ordinary, request)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_what_is_offered_and_left_is_answered_alike(both: Both) -> None:
    token = both.token
    bodies = (
        b"",
        b"{}",
        b'{"credential":1}',
        b'{"credential":"%b","credential":"x"}' % token,
        b'{"credential":"%b","more":1}' % token,
        b'{"credential":"\\u0041"}',
        '{"credential":"é"}'.encode(),
        b'{"credential":"%b"' % token,
        b'{"credential":"%b"}x' % token,
        b'\xef\xbb\xbf{"credential":"%b"}' % token,
        b'{"credential":"https://x.example/v#%b"}' % token,
    )
    for body in bodies:
        both.taken.clear()
        answer = told(both.url, sized(body))
        assert both.taken == [False], body[:60]
        assert answer == told(both.ordinary, sized(body))


def test_an_unusual_head_is_not_even_offered_and_answered_alike(both: Both) -> None:
    body = b'{"credential":"%b"}' % both.token
    twice = HEAD.replace(b"Content-Type", b"Content-Type: text/plain\r\nContent-Type")
    for request in (
        sized(body, twice),
        sized(body, HEAD.replace(b"application/json", b"text/plain")),
        sized(body, HEAD.replace(b"verify", b"verify?x=1")),
        sized(body, HEAD.replace(b"/api", b"http://x/api")),
        sized(body, HEAD.replace(b"/verify", b"/%76erify")),
        sized(body, HEAD.replace(b"HTTP/1.1", b"HTTP/1.0")),
        sized(body, HEAD.replace(b"POST", b"PUT")),
        sized(body, with_head(b"Connection: Upgrade\r\nUpgrade: h2c")),
    ):
        both.taken.clear()
        answer = told(both.url, request)
        assert both.taken == [], request[:200]
        assert answer == told(both.ordinary, request)


def test_a_body_that_comes_later_goes_the_ordinary_way(both: Both) -> None:
    request = asked(both.token)
    expecting = sized(b'{"credential":"x"}', with_head(b"Expect: 100-continue"))
    large = sized(b'{"credential":"%b"}' % (b"A" * (4 * LIMITS.token_chars)))
    for whole, answers in ((expecting, 2), (large, 1)):
        both.taken.clear()
        assert told(both.url, whole, answers=answers) == told(both.ordinary, whole, answers=answers)
        assert not any(both.taken)
    for cut in (len(HEAD) + 30, len(request) - 1, request.index(b"{"), request.index(b"{") + 1):
        both.taken.clear()
        answer = told(both.url, request[:cut], request[cut:])
        assert both.taken == []
        assert answer == told(both.ordinary, request[:cut], request[cut:])
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_in_chunks_is_not_even_offered_and_answered_alike(both: Both) -> None:
    body = b'{"credential":"%b"}' % both.token
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:30], body[30:]))
    request = with_head(b"Transfer-Encoding: chunked") + b"\r\n" + chunks + b"0\r\nTrailer: x\r\n\r\n"
    for sent in (request, request.replace(b"Trailer: x", b"Connection: close")):
        both.taken.clear()
        answer = told(both.url, sent)
        assert both.taken == []
        assert answer == told(both.ordinary, sent)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_requests_that_come_before_an_answer_are_answered_in_turn(both: Both) -> None:
    token = both.token
    page = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    texts = [asked(token), asked(b"x"), page, asked(token[:-86] + b"A" * 86), asked(token)]
    request = b"".join(texts)
    answer = told(both.url, request, answers=5)
    assert answer == told(both.ordinary, request, answers=5)
    assert re.findall(rb'{"verdict":"\w+","reason":"(\w+)"', answer) == [
        b"valid",
        b"malformed",
        b"signature_invalid",
        b"valid",
    ]


def test_a_connection_is_kept_or_ended_as_asked(both: Both) -> None:
    request = asked(both.token)
    kept = told(both.url, request, request, request, answers=3)
    assert kept == told(both.ordinary, request, request, request, answers=3)
    last = request.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n")
    both.taken.clear()
    ended = told(both.url, last, answers=2)
    assert both.taken == [True]
    assert ended == told(both.ordinary, last, answers=2)
    assert whole_answers(ended) == 1
    assert b"connection: close\r\n" in ended


def test_who_goes_away_takes_nothing_from_the_others(both: Both) -> None:
    port = int(both.url.rpartition(":")[2])
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as gone:
            gone.sendall(asked(both.token))
    assert b'"verdict":"valid"' in told(both.url, asked(both.token))


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_body_is_answered_alike(both: Both, before: bytes, after: bytes) -> None:
    body = before + b'{"credential":"' + after
    for sent in (body, body + b'"}'):
        assert told(both.url, sized(sent)) == told(both.ordinary, sized(sent))


def test_what_must_be_fetched_first_is_fetched_and_told(both: Both) -> None:
    town = both.counter.town
    lazy = Counter(town, Schemes([Documents(KeptSource(_documents(both)), town.pin, lambda: float(town.at))]))
    token = both.token
    for pair in both_of(lazy):
        answer = told(pair.url, asked(token))
        assert pair.taken == [True]
        assert answer == told(pair.ordinary, asked(token))
        assert b'"verdict":"valid"' in answer


def _documents(both: Both) -> dict[str, bytes]:
    town, url = both.counter.town, both.counter.town.scheme.url
    lists = {body.uri: town.status_document(slug, issued_at=town.at) for slug, body in town.bodies.items()}
    trust = {"list": town.list_document(), "now": town.now_document(issued_at=town.at)}
    return lists | {f"{url}/trust/{name}.json": document for name, document in trust.items()}


def test_a_fault_is_told_and_logged_alike_and_costs_its_sender_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counter = Counter.make()
    sound = counter.documents.check_at_hand

    def broken(tokens: list[bytes]) -> object:
        if any(b"personal" in bytes(token) for token in tokens):
            raise ArithmeticError("personal")
        return sound(tokens)

    monkeypatch.setattr(counter.documents, "check_at_hand", broken)
    text = b"eyJ.personal." + b"A" * 86
    for pair in both_of(counter):
        for url in (pair.url, pair.ordinary):
            caplog.clear()
            with caplog.at_level(logging.INFO, logger="passport.access"):
                answer = told(url, asked(text) + asked(pair.token), answers=2)
                until = time.monotonic() + SECONDS
                while len(caplog.records) < 3 and time.monotonic() < until:
                    time.sleep(0.01)  # a line is written after its answer
            lines = [json.loads(record.getMessage()) for record in caplog.records]
            assert "personal" not in caplog.text
            assert [line.get("error") for line in lines] == ["ArithmeticError", None, None]
            assert [line.get("status") for line in lines] == [None, 500, 200]
            assert {line["route"] for line in lines[1:]} == {PATH.decode()}
            assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"500", b"200"]
        assert told(pair.url, asked(text)) == told(pair.ordinary, asked(text))
        assert pair.taken[0] is True


def test_a_bound_on_what_is_served_at_once_leaves_everything_to_the_ordinary_way(both: Both) -> None:
    app = both.counter.app()
    for further in ({"limit_concurrency": 5}, {"root_path": "/under"}):
        config = uvicorn.Config(app, **OPTIONS, **further)  # type: ignore[arg-type]
        config.load()
        protocol = BoundedProtocol(config=config, server_state=ServerState(), app_state={}, _loop=object())
        assert not protocol._takers


def test_an_answer_that_cannot_be_written_costs_its_sender_alone(
    both: Both, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sound = api.report_json

    def broken(report: Report) -> bytes:
        if report.reason is Reason.MALFORMED:
            raise ArithmeticError("personal")
        return sound(report)

    monkeypatch.setattr(api, "report_json", broken)
    monkeypatch.setattr(gathering, "SHARE", 3)
    port, token = int(both.url.rpartition(":")[2]), both.token
    senders = [socket.create_connection(("127.0.0.1", port), timeout=SECONDS) for _ in range(12)]
    for number, sender in enumerate(senders):
        sender.sendall(asked(token if number % 2 else b"malformed"))
    statuses = [sender.recv(65_536)[9:12] for sender in senders]
    assert statuses == [b"500", b"200"] * 6
    assert "personal" not in caplog.text
    for sender in senders:
        sender.close()


def test_an_answer_that_cannot_be_sent_is_logged_without_a_word_and_stops_nobody(
    both: Both, caplog: pytest.LogCaptureFixture
) -> None:
    app = both.counter.app()
    assert isinstance(app, Guard)
    told_to: list[int] = []

    def refuse(status: int, head: bytes, body: bytes) -> None:
        told_to.append(status)
        if status == 500 or len(told_to) == 1:
            raise RuntimeError("personal")

    async def ask() -> None:
        for text in (both.token, b"x", both.token):
            assert app.takers[PATH](b'{"credential":"%b"}' % text, refuse)
        await asyncio.sleep(0.2)

    asyncio.run(ask())
    assert told_to == [200, 200, 200]
    assert "personal" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_connection_that_ended_is_not_kept_by_its_last_request(both: Both) -> None:
    app = both.counter.app()
    config = uvicorn.Config(app, **OPTIONS)  # type: ignore[arg-type]
    config.load()

    async def serve_one() -> weakref.ref[BoundedProtocol]:
        loop = asyncio.get_running_loop()
        made: list[BoundedProtocol] = []

        def connect() -> BoundedProtocol:
            made.append(BoundedProtocol(config=config, server_state=ServerState(), app_state={}))
            return made[-1]

        server = await loop.create_server(connect, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(asked(both.token))
        assert (await reader.read(65_536)).startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.05)
        server.close()
        return weakref.ref(made.pop())

    gc.disable()
    try:
        assert asyncio.run(serve_one())() is None
    finally:
        gc.enable()
