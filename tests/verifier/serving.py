"""Where a verifier under test gets its documents: a shelf in memory, and a real server that misbehaves."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from passport.trust.envelope import LIST_TYP, sign_envelope
from passport.trust.model import Pin
from passport.trust.writing import trust_list_payload
from tests.town import NOON, TestKey, Town
from verifier.sources import SourceError
from verifier.statuses import read_list


@dataclass
class Shelf:
    """Documents that a test changes under the verifier; `asked` counts. `down`: no answer at all."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.down:
            raise SourceError("nobody answers")
        if url not in self.documents:
            raise SourceError("not there", code="document_missing")
        return self.documents[url]


class Clock:
    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def put(shelf: Shelf, town: Town) -> None:
    url = town.scheme.url
    shelf.documents[f"{url}/trust/list.json"] = town.list_document()
    shelf.documents[f"{url}/trust/{town.version}.json"] = town.list_document()
    shelf.documents[f"{url}/trust/now.json"] = town.now_document()
    for document in town.status_documents():
        shelf.documents[read_list(document).uri] = document


def rotated(town: Town, key: TestKey, *, version: int, signers: list[TestKey]) -> bytes:
    pin = Pin((key.public,), 1, town.scheme.issuer_prefix)
    listed = replace(town.trust_list(), version=version, pin=pin)
    return sign_envelope(trust_list_payload(listed), typ=LIST_TYP, signers=signers)


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def server(answers: dict[str, Answer]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    seen: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
            answers.get(self.path, lambda h: h.send_error(404))(self)

        def log_message(self, *_: Any) -> None:
            return

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}", seen
    finally:
        running.shutdown()
        running.server_close()


def body(data: bytes, status: int = 200) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            handler.wfile.write(data)

    return answer


def redirect(to: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.end_headers()

    return answer
