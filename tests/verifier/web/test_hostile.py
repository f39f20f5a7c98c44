"""The checking counter under hostile requests: what they take of it, and what is left for everybody else."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from passport.errors import PassportError
from tests.pages.serving import Counter, served
from verifier import apart, apart_child
from verifier.codes import network_of
from verifier.web import bodies

BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def counter() -> Counter:
    return Counter.make()


@pytest.fixture
def client(counter: Counter) -> Iterator[TestClient]:
    with TestClient(counter.app(), raise_server_exceptions=False) as made:  # type: ignore[arg-type]
        yield made


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "punycode", "idna", "undefined"])
def test_a_sender_does_not_choose_the_codec_of_a_form(client: TestClient, charset: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="code"\r\n\r\n2346\\ud80089bcdf\r\n--b--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    answer = client.post("/v?lang=en", content=body, headers=headers)
    assert answer.status_code == 200
    assert "2346\\ud80089bcdf" in answer.text


def test_bodies_on_their_way_share_a_bound_and_give_it_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies._Arriving, "held", bodies._ALL_AT_ONCE)
    large = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + b"x" * 70_000
    answer = client.post("/v", content=large + b"\r\n--b--\r\n", headers=BOUNDARY)
    assert answer.status_code == 503
    assert bodies._Arriving.held == bodies._ALL_AT_ONCE
    small = client.post("/v", content=b"paste=bonjour", headers=FORM)
    assert small.status_code == 200


def test_a_body_that_drips_is_given_up(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SECONDS", 0.3)
    head = b"POST /v HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with (
        served(counter.app()) as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as sender,
    ):
        sender.settimeout(5)
        sender.sendall(head + b"Content-Length: 100\r\n\r\npaste=")
        assert sender.recv(100).startswith(b"HTTP/1.1 408 ")
    assert bodies._Arriving.held == 0


def test_a_flood_of_files_is_refused_at_once_and_holds_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_IN_LINE", threading.BoundedSemaphore(1))
    with apart._IN_LINE:
        began = time.monotonic()
        with pytest.raises(PassportError) as refused:
            apart.read_files_apart([b"%PDF-1.4"])
    assert refused.value.code == "busy"
    assert time.monotonic() - began < 1


def test_several_files_of_one_sender_leave_a_place_for_one_file_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "_WAIT_SECONDS", 0.1)
    with apart._SEVERAL:
        (read,) = apart.read_files_apart([b"Bonjour"])
        assert isinstance(read, PassportError)
        assert read.code == "not_an_attestation"
        with pytest.raises(PassportError) as refused:
            apart.read_files_apart([b"Bonjour", b"Bonjour"])
    assert refused.value.code == "busy"


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # the real child has one thread
def test_a_file_that_hangs_or_crashes_costs_its_own_line_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fork for each file, with a reader that does what a hostile file would make a decoder do."""
    monkeypatch.setattr(apart_child, "read_file", _hostile_reader)
    given = io.BytesIO(
        b"".join(len(data).to_bytes(8) + data for data in (b"hang", b"crash", b"lie", b"fine"))
    )
    told = io.BytesIO()
    monkeypatch.setattr(apart_child, "SECONDS_A_FILE", 1)
    began = time.monotonic()
    apart_child.serve(given, told, seconds=60)
    assert time.monotonic() - began < 10
    lines = told.getvalue().splitlines()
    assert [apart._received(line) == [] for line in lines] == [False, False, False, True]


def _hostile_reader(data: bytes) -> list[object]:
    if data == b"hang":
        time.sleep(60)
    if data == b"crash":
        os.kill(os.getpid(), 11)
    if data == b"lie":
        os.write(1, b'{"found": []}\n')  # the line of another file: this pipe is closed here
    return []


def test_all_files_together_have_a_time() -> None:
    told = io.BytesIO()
    apart_child.serve(io.BytesIO((4).to_bytes(8) + b"fine"), told, seconds=0)
    assert told.getvalue() == b""
    answers = [*map(apart._received, ()), *[apart._late()] * 2]
    assert {error.code for error in answers if isinstance(error, PassportError)} == {"file_late"}


def test_no_process_to_be_had_says_nothing_about_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart.sys, "executable", "/nowhere/python")
    with pytest.raises(PassportError) as refused:
        apart.read_files_apart([b"%PDF-1.4"])
    assert refused.value.code == "busy"


def test_the_child_takes_no_module_from_the_folder_it_was_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base64.py").write_text("open('taken', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    (read,) = apart.read_files_apart([b"%PDF-1.4 nothing"])
    assert isinstance(read, PassportError)
    assert [path.name for path in tmp_path.iterdir()] == ["base64.py"]


def test_the_child_can_write_no_file(tmp_path: Path) -> None:
    program = (
        "from verifier import apart_child\napart_child._limit_this_process()\n"
        "import pathlib\ntry:\n"
        f"    pathlib.Path({str(tmp_path / 'left')!r}).write_text('x')\n"
        "except OSError:\n    print('refused')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "refused\n"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_look_ups_are_counted_for_a_network_not_for_each_address_of_it(address: str, network: str) -> None:
    assert network_of(address) == network
