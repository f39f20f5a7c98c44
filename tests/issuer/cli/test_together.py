"""Both counters under one port: who answers what, and that they share what strangers share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient

from issuer.cli.serving import application, check_port, combined
from issuer.cli.together import RegisterSource, codes_at
from issuer.register import Register
from issuer.register.changes import withdraw
from issuer.register.lookup import stored
from issuer.settings import Settings
from issuer.web.app import create_app
from passport.errors import PassportError
from tests.issuer.cli.conftest import PASSPHRASE
from verifier.sources import SourceError
from verifier.web.serving import OPTIONS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def opened(folder: Path) -> Iterator[Register]:
    with Register.open(Settings.of(folder), passphrase=PASSPHRASE.encode()) as register:
        yield register


def test_one_port(opened: Register, issued: list[str]) -> None:
    with TestClient(combined(opened.settings, opened), base_url="https://reseau.example") as client:
        token = stored(opened, issued[0]).token.decode()
        assert client.get("/trust/list.json").status_code == 200
        assert client.get("/healthz").json()["database"] == "ok"
        assert client.get("/o/centre").status_code == 200
        assert "text/html" in client.get("/").headers["content-type"]
        assert "text/html" in client.get("/v").headers["content-type"]
        report = client.post("/api/v1/verify", json={"credential": token}).json()
        assert (report["verdict"], report["reason"]) == ("valid", "valid")
        code = client.post("/api/v1/codes", json={"code": issued[0]}).json()
        assert code["state"] == "code_found"
        assert code["values"]["name"] == "Zoé L."
        assert client.post("/api/v1/attestations", json={}).status_code == 401
        withdraw(opened, issued[0], actor="test")
        time.sleep(1.1)
        report = client.post("/api/v1/verify", json={"credential": token}).json()
        assert (report["verdict"], report["reason"]) == ("invalid", "withdrawn")


def test_the_checking_side_sees_what_is_public(opened: Register) -> None:
    source = RegisterSource(opened)
    assert source.fetch("https://reseau.example/trust/list.json") == source.fetch(
        "https://reseau.example/trust/2.json"
    )
    for url in (
        "https://other.example/trust/list.json",
        "https://reseau.example/scheme.json",
        "https://reseau.example",
    ):
        with pytest.raises(SourceError):
            source.fetch(url)


@pytest.mark.parametrize("only", ["issuer", "verifier"])
def test_only_one(folder: Path, issued: list[str], only: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSPORT_DIR", str(folder))
    monkeypatch.setenv("PASSPORT_SERVE_ONLY", only)
    token = Path(f"out/{issued[0]}.jwt").read_text("ascii")
    with TestClient(application()) as client:
        verified = client.post("/api/v1/verify", json={"credential": token}).status_code
        trusted = client.get("/trust/list.json").status_code
    assert (verified, trusted) == ((404, 200) if only == "issuer" else (200, 404))


def test_the_verifier_alone_from_published_files(
    passport: object, folder: Path, issued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert passport("publish", folder, "public").status == 0  # type: ignore[operator]
    monkeypatch.setenv("PASSPORT_DIR", str(Path("public").absolute()))
    monkeypatch.setenv("PASSPORT_SERVE_ONLY", "verifier")
    monkeypatch.delenv("PASSPORT_PASSPHRASE")
    token = Path(f"out/{issued[0]}.jwt").read_text("ascii")
    with TestClient(application()) as client:
        assert client.post("/api/v1/verify", json={"credential": token}).json()["verdict"] == "valid"
        assert client.post("/api/v1/codes", json={"code": issued[0]}).status_code == 503


@contextmanager
def _served(register: Register) -> Iterator[str]:
    app = create_app(register.settings, register=register)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, **OPTIONS)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_the_narrow_call_over_http(opened: Register, issued: list[str]) -> None:
    with _served(opened) as url:
        ask = codes_at(url, opened.code_secret)
        found = ask(issued[0], "192.0.2.1")
        assert found.token == stored(opened, issued[0]).token
        with pytest.raises(SourceError):
            codes_at(url, "wrong")(issued[0], "192.0.2.1")
    with pytest.raises(SourceError):
        ask(issued[0], "192.0.2.1")
    with pytest.raises(PassportError) as refused:
        codes_at("http://reseau.example", "x")
    assert refused.value.code == "codes_url"


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PassportError) as refused:
            check_port("127.0.0.1", taken.getsockname()[1])
    assert refused.value.code == "port_used"
    assert "--port" in refused.value.hint


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_as_a_process(folder: Path, workers: str) -> None:
    port = _free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [
        sys.executable,
        "-m",
        "issuer.cli",
        "serve",
        str(folder),
        "--port",
        str(port),
        "--workers",
        workers,
    ]
    server = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE)
    try:
        assert _answer(f"http://127.0.0.1:{port}/trust/list.json?nom=Zoé".replace("é", "%C3%A9")) == 200
    finally:
        server.terminate()
        _, written = server.communicate(timeout=20)
    log = written.decode()
    assert '"route": "/trust/{name}.json"' in log
    assert "Zo" not in log
    assert "Traceback" not in log


def _answer(url: str) -> int:
    for _ in range(1200):  # a minute: a loaded machine starts processes slowly, and says nothing by it
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                return int(answer.status)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not answer")
