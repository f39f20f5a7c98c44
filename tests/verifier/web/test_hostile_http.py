"""Hostile requests on a real socket, to a server in a process of its own: it answers, and does not grow."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.pages.apart import Process, serving_apart
from tests.pages.serving import Counter, served
from verifier.web import bodies, protocol

GROWTH = 200 * 1_048_576
SECONDS = 60  # of a machine that does much else; alone it is a second or two
HEAD = b"POST /api/v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
FORM = b"POST /api/v1/verify/file HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n'


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    with serving_apart() as process:
        yield process


def address(url: str) -> tuple[str, int]:
    return "127.0.0.1", int(url.rpartition(":")[2])


def send(url: str, *pieces: bytes) -> bytes:
    """Send pieces until the server has enough of them; return the beginning of what it says."""
    with socket.create_connection(address(url), timeout=SECONDS) as sender:
        try:
            for piece in pieces:
                sender.sendall(piece)
            return sender.recv(65_536)
        except (ConnectionResetError, BrokenPipeError):
            return answer_left(sender)


def answer_left(sender: socket.socket) -> bytes:
    try:
        return sender.recv(65_536)
    except OSError:
        return b""


def status_of(answer: bytes) -> int | None:
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(found[1]) if found else None


def checks_still(server: Process) -> bool:
    given = {"credential": server.tokens[0]}
    answer = httpx2.post(f"{server.url}/api/v1/verify", json=given, timeout=SECONDS)
    return bool(answer.json()["verdict"] == "valid")


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def sized(head: bytes, body: bytes) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def form(*parts: bytes) -> bytes:
    return sized(FORM, b"".join(parts) + b"--b--\r\n")


# What is sent, and the statuses that may answer it; None: the connection is closed without a word.
REQUESTS: dict[str, tuple[Callable[[], list[bytes]], set[int | None]]] = {
    "endless chunks": (
        lambda: [HEAD + CHUNKED, *[chunked(b" " * 65_536)] * 2_000], {413, None},
    ),
    "endless small chunks": (
        lambda: [HEAD + CHUNKED, *[chunked(*[b" "] * 10_000)] * 200], {413, None},
    ),
    "endless chunks of a form": (
        lambda: [FORM + CHUNKED, *[chunked(b"x" * 65_536)] * 2_000], {400, 413, None},
    ),
    "length too large": (lambda: [HEAD + b"Content-Length: 999999999999\r\n\r\n"], {413}),
    "length beyond numbers": (lambda: [HEAD + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n"], {400}),
    "length negative": (lambda: [HEAD + b"Content-Length: -1\r\n\r\n{}"], {400}),
    "length and chunks": (
        lambda: [HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"], {400},
    ),
    "length too small": (lambda: [HEAD + b'Content-Length: 2\r\n\r\n{"credential":"x"}'], {400}),
    "two lengths": (lambda: [HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"], {400}),
    "chunk of no size": (lambda: [HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"], {400}),
    "many headers": (lambda: [HEAD + b"".join(b"A%d: b\r\n" % n for n in range(5_000)) + b"\r\n"], {400}),
    "endless headers": (lambda: [HEAD, *[b"A: bbbbbbbbbbbbbbbb\r\n" * 1_000] * 2_000], {400, None}),
    "endless header": (lambda: [HEAD + b"A: ", *[b"b" * 65_536] * 1_000], {400, None}),
    "endless address": (lambda: [b"GET /", *[b"a" * 65_536] * 1_000], {400, None}),
    "long address": (lambda: [b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"], {404}),
    "zero in the address": (lambda: [b"GET /v\x00 HTTP/1.1\r\nHost: x\r\n\r\n"], {400}),
    "zero written out": (lambda: [b"GET /v%00?x=%00 HTTP/1.1\r\nHost: x\r\n\r\n"], {404}),
    "broken UTF-8 in the address": (lambda: [b"GET /%ff%fe?%ff=%c0%80 HTTP/1.1\r\nHost: x\r\n\r\n"], {404}),
    "up a folder": (lambda: [b"GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"], {404}),
    "another method": (lambda: [b"PROPFIND /api/v1/verify HTTP/1.1\r\nHost: x\r\n\r\n"], {405}),
    "no HTTP": (lambda: [b"\x00\x01\x02" * 100], {400}),
    "HTTP/2": (lambda: [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], {400}),
    "WebSocket": (
        lambda: [
            b"GET /v HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ],
        {200, 400},
    ),
    "a hundred thousand parts": (lambda: [form(*[PART + b"\r\n\r\n"] * 100_000)], {400, 413, None}),
    "a hundred thousand fields": (
        lambda: [form(*[PART.replace(b'; filename="x"', b"") + b"\r\n\r\n"] * 100_000)], {400, None},
    ),
    "a part of many headers": (lambda: [form(b"--b\r\n" + b"A: b\r\n" * 500_000, b"\r\n\r\n")], {400, None}),
    "a part of one long header": (
        lambda: [form(b"--b\r\nA: " + b"b" * 30_000_000 + b"\r\n\r\n\r\n")], {400, 413, None},
    ),
    "a part that does not end": (lambda: [sized(FORM, PART + b"\r\n" + b"x" * 100)], {400}),
    "a boundary of thousands": (
        lambda: [sized(FORM.replace(b"=b", b"=" + b"b" * 9_000), b"--" + b"b" * 9_000)], {400},
    ),
    "a long name": (
        lambda: [form(PART.replace(b'"x"', b'"' + b"\xff" * 60_000 + b'"'), b"\r\nx\r\n")], {400, 415, 422},
    ),
    "deep JSON": (lambda: [sized(HEAD, b'{"credential":' + b"[" * 100_000)], {400}),
    "deep JSON that ends": (
        lambda: [sized(HEAD, b'{"credential":' + b"[" * 50_000 + b"]" * 50_000 + b"}")], {400},
    ),
    "wide JSON": (lambda: [sized(HEAD, b"{" + b",".join(b'"%d":1' % n for n in range(9_000)) + b"}")], {422}),
    "half a pair in JSON": (lambda: [sized(HEAD, b'{"credential":"\\ud800"}')], {400}),
    "broken UTF-8 in JSON": (lambda: [sized(HEAD, b'{"credential":"\xff\xfe"}')], {400}),
    "zeros in JSON": (lambda: [sized(HEAD, b'{"credential":"\\u0000\\u0000"}')], {200}),
    "huge number in JSON": (lambda: [sized(HEAD, b'{"credential":1' + b"0" * 100_000 + b"}")], {400, 422}),
    "many requests at once": (lambda: [sized(HEAD, b'{"credential":"x"}') * 500], {200}),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_hostile_request_is_answered_and_leaves_nothing_behind(server: Process, name: str) -> None:
    make, expected = REQUESTS[name]
    before, began = server.resident, time.monotonic()
    answer = send(server.url, *make())
    assert status_of(answer) in expected, answer[:300]
    assert b"Traceback" not in answer
    assert time.monotonic() - began < SECONDS
    assert checks_still(server)
    assert server.resident - before < GROWTH


def test_it_goes_on_while_two_hundred_wait_for_nothing(server: Process) -> None:
    before = server.resident
    waiting = [socket.create_connection(address(server.url)) for _ in range(200)]
    for number, sender in enumerate(waiting):
        sender.sendall(HEAD[: number % len(HEAD)])
    assert checks_still(server)
    assert server.resident - before < GROWTH
    for sender in waiting:
        sender.close()


def test_a_greeting_of_another_protocol_is_no_request(server: Process) -> None:
    greeting = ssl.MemoryBIO()
    context = ssl.create_default_context()
    hello = context.wrap_bio(ssl.MemoryBIO(), greeting, server_hostname="x")
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    assert status_of(send(server.url, greeting.read())) == 400
    assert checks_still(server)


@pytest.mark.parametrize("begun", [b"", b"P", b"POST / HTTP/1.1\r\n", HEAD])
def test_a_head_that_does_not_come_is_not_waited_for(
    begun: bytes, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_SECONDS", 0.3)
    with served(counter.app()) as url:
        assert send(url, begun) == b""


def test_a_second_head_that_does_not_come_is_not_waited_for(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_SECONDS", 0.3)
    with served(counter.app()) as url, socket.create_connection(address(url), timeout=SECONDS) as sender:
        sender.sendall(sized(HEAD, b"{}") + b"POST /")
        assert status_of(sender.recv(65_536)) == 422
        assert sender.recv(65_536) == b""


def test_a_body_that_stops_is_given_up(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SECONDS", 0.3)
    with served(counter.app()) as url:
        assert status_of(send(url, HEAD + b"Content-Length: 100\r\n\r\n{")) == 408
        assert status_of(send(url, FORM + b"Content-Length: 100\r\n\r\n--b")) == 408
    assert bodies._Arriving.held == 0


def test_a_connection_on_which_nothing_is_asked_is_left(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_SECONDS", 0.3)
    unread = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    with served(counter.app()) as url:
        for request, then in ((sized(HEAD, b"{}"), b"\r\n"), (unread, b"x")):
            with socket.create_connection(address(url), timeout=SECONDS) as sender:
                sender.sendall(request)
                assert status_of(sender.recv(65_536)) in {404, 422}
                sender.sendall(then)
                assert sender.recv(65_536) == b""


def test_requests_wait_with_their_sender_and_not_in_memory(server: Process) -> None:
    request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20_000
    before, many = server.resident, 3_000
    with socket.create_connection(address(server.url), timeout=SECONDS) as sender:
        received: list[bytes] = []
        reading = threading.Thread(target=lambda: received.extend(iter(lambda: sender.recv(65_536), b"")))
        reading.start()
        most = 0
        for _ in range(0, many, 50):
            sender.sendall(request * 50)
            most = max(most, server.resident - before)
        sender.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        reading.join(SECONDS)
    assert b"".join(received).count(b"HTTP/1.1 404 ") == many + 1
    assert most < 20 * 1_048_576, f"{many * len(request)} bytes were sent, {most} kept"


def test_what_follows_a_body_in_pieces_is_no_part_of_the_head(counter: Counter) -> None:
    seen: list[list[tuple[bytes, bytes]]] = []
    app = counter.app()

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)  # type: ignore[operator]
        seen.append(scope["headers"])

    body = chunked(b'{"credential":"x"}') + b"0\r\nAuthorization: Bearer x\r\n\r\n"
    with served(noting) as url:
        answer = send(url, HEAD + b"Connection: close\r\n" + CHUNKED + body)
    assert status_of(answer) == 200
    assert b"authorization" not in dict(seen[0])


def test_answers_keep_to_their_request_while_others_leave(server: Process) -> None:
    """Many lines at once, each with an order of its own, every other one left before it is answered."""
    verdict_of = {server.tokens[0]: b'"valid"', "no token": b'"invalid"'}
    orders = [[list(verdict_of)[number >> place & 1] for place in range(6)] for number in range(64)]
    lines = [socket.create_connection(address(server.url), timeout=SECONDS) for _ in orders]
    for line, order in zip(lines, orders, strict=True):
        bodies_sent = [json.dumps({"credential": text}).encode() for text in order]
        heads = [HEAD] * (len(order) - 1) + [HEAD + b"Connection: close\r\n"]
        line.sendall(b"".join(map(sized, heads, bodies_sent)))
    for gone in lines[::2]:
        gone.close()
    for line, order in list(zip(lines, orders, strict=True))[1::2]:
        found = re.findall(rb'"verdict":("\w+")', b"".join(iter(lambda: line.recv(65_536), b"")))  # noqa: B023
        assert found == [verdict_of[text] for text in order]
        line.close()
    assert checks_still(server)
