"""Hostile servers and documents at the checking command line: they do not hold it, nor speak through it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from verifier.answering import print_json
from verifier.asking import ask_counter
from verifier.fetching import HttpSource, SourceError
from verifier.speaking import shown, speak
from verifier.wording import word_page


@contextmanager
def answering(*pieces: bytes, pause: float = 0) -> Iterator[str]:
    """Answer one request with these pieces, one after the other; give the address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                for piece in pieces:
                    try:
                        connection.sendall(piece)
                    except OSError:
                        return
                    time.sleep(pause)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(5)


def test_a_server_that_drips_is_given_up_at_the_deadline() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    ticks = iter([0.0, *([100.0] * 1_000)])
    with answering(head, *([b"{"] * 30), pause=0.1) as url:
        source = HttpSource(url, monotonic=lambda: next(ticks))
        began = time.monotonic()
        with pytest.raises(SourceError, match="too slow"):
            source.fetch(f"{url}/trust/list.json")
    # With the first byte that comes after the deadline, not with the whole document.
    assert next(ticks) == 100.0
    assert time.monotonic() - began < 6


@pytest.mark.parametrize(
    "body", [b"[" * 60_000, b'{"state":"code_found","values":[]}', b'{"state":[],"values":{}}', b"[]", b"1"]
)
def test_a_counter_that_answers_nonsense_is_one_that_did_not_answer(body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with answering(head + body) as url, pytest.raises(SourceError):
        ask_counter(url, "2346-789B-CDF", lang="fr")


def test_nothing_that_a_terminal_obeys_is_printed() -> None:
    bad = "Centre\x1b[2J\x9b31m\u202eévil\udcff"
    said = word_page("code_not_found", lang="fr", code=bad, contact=bad)
    for colour in (False, True):
        lines = speak(said, colour=colour).replace("\x1b[0m", "").partition("m")[2] if colour else ""
        text = lines or speak(said, colour=False)
        assert not {"\x1b", "\x9b", "\u202e", "\udcff"} & set(text)
    assert shown("L’Écran\u00a0: été") == "L’Écran\u00a0: été"


def test_json_of_the_command_line_escapes_what_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"name": "Zoé \x9b31m\u202e\udcff"}
    print_json(value)
    line = capsys.readouterr().out
    assert "Zoé" in line
    assert not {"\x9b", "\u202e", "\udcff"} & set(line)
    assert json.loads(line) == value
