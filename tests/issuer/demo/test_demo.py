"""The demo town: every case says what it is there for, every page and paper says « Spécimen »."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from issuer.cli import main
from issuer.cli.serving import combined
from issuer.demo.cases import NAMES, Case, make_cases
from issuer.demo.serving import commands_of, lan_addresses
from issuer.demo.town import BODIES, Town, make_town
from issuer.prints import draw
from issuer.register.audit import check
from issuer.web.pages import page_words
from issuer.web.welcome import Welcome, welcome_routes

ROOT = Path(__file__).parents[3]
URL = "http://127.0.0.1:8099"
EXPECTED = {
    "valid": ("valid", "valid"),
    "withdrawn": ("invalid", "withdrawn"),
    "replaced": ("valid", "replaced"),
    "suspended": ("invalid", "suspended"),
    "expired": ("invalid", "expired"),
    "left": ("valid", "issuer_left"),
    "forged": ("invalid", "signature_invalid"),
    "unknown": ("invalid", "issuer_unknown"),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = make_town(tmp_path_factory.mktemp("town"), url=URL)
    yield made
    made.register.close()


@pytest.fixture(scope="module")
def cases(town: Town) -> list[Case]:
    return make_cases(town)


@pytest.fixture(scope="module")
def client(town: Town, cases: list[Case]) -> Iterator[TestClient]:
    bodies = [(body.slug, body.name) for body in BODIES]
    welcome = Welcome(cases=cases, commands=commands_of(town, cases), bodies=bodies)
    app = combined(town.register.settings, town.register, further=[welcome_routes(town.register, welcome)])
    with TestClient(app, base_url=URL) as made:
        yield made


def test_the_town_is_whole(town: Town, cases: list[Case]) -> None:
    people = town.attestations()
    assert 35 <= len(people) <= 45
    names = [one.attestation.holder.full_name for one in people]
    assert len(set(names)) == len(names)
    assert min(map(len, names)) <= 4
    assert max(map(len, names)) >= 40
    for sign in "éŁœÇĐùß’-":
        assert any(sign in name for name in names) or sign in "œù", sign
    assert {one.attestation.framework for one in people} == {"digcomp-3.0", "decouverte", "crcn"}
    assert all(one.attestation.specimen for one in people)
    kinds = [body.kind for body in BODIES]
    assert (kinds.count("régie"), kinds.count("centre social"), kinds.count("cci")) == (1, 3, 1)
    assert len(BODIES[0].places) == 3
    assert check(town.register) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_case_is_what_it_says(client: TestClient, cases: list[Case], name: str) -> None:
    case = next(case for case in cases if case.name == name)
    report = client.post("/api/v1/verify", json={"credential": case.link}).json()
    assert (report["verdict"], report["reason"]) == EXPECTED[name]
    assert report["specimen"] is True
    sheet = client.get(f"/demo/{name}.pdf")
    assert sheet.headers["content-type"] == "application/pdf"
    answer = client.post("/api/v1/verify/file", files={"file": ("a.pdf", sheet.content)}).json()
    assert {one["reason"] for one in answer["reports"]} == {EXPECTED[name][1]}


def test_codes_of_the_cases(client: TestClient, cases: list[Case]) -> None:
    states = {
        case.name: client.post("/api/v1/codes", json={"code": case.code}).json()["state"] for case in cases
    }
    assert states == {
        "valid": "code_found",
        "withdrawn": "code_withdrawn",
        "replaced": "code_replaced",
        "suspended": "code_suspended",
        "expired": "code_expired",
        "left": "code_found",
        "forged": "code_found",
        "unknown": "code_not_found",
    }


def test_the_forged_paper_differs_by_one_character(cases: list[Case]) -> None:
    from passport.jose import split

    by_name = {case.name: case for case in cases}
    true, false = (split(by_name[name].job.token) for name in ("valid", "forged"))
    changed = [(a, b) for a, b in zip(true.payload, false.payload, strict=True) if a != b]
    assert len(changed) == 1
    assert (true.header_bytes, true.signature) == (false.header_bytes, false.signature)


def test_every_paper_is_a_specimen(town: Town, cases: list[Case]) -> None:
    for case in cases:
        for kind in ("pdf", "card.pdf"):
            document = pypdfium2.PdfDocument(draw(case.job, kind))
            pages = [page.get_textpage().get_text_bounded() for page in document]
            assert all("Spécimen" in text for text in pages), (case.name, kind)
            document.close()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_welcome_page(client: TestClient, cases: list[Case], lang: str) -> None:
    page = client.get(f"/demo?lang={lang}").text
    words = page_words("fr" if lang == "fr" else "en")
    for door in ("sheet", "commands", "check", "network"):
        assert words[f"demo.door.{door}"].replace("’", "’") in page
    for case in cases:
        assert words[f"demo.case.{case.name}"] in page
        assert case.code in page
        assert case.link in page
        assert f'href="/demo/{case.name}.pdf"' in page
    assert "<script" not in page
    assert "style=" not in page
    assert 'class="specimen"' in page
    for link in set(re.findall(r'(?:href|src)="(/[^"#?]*)', page)):
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("path", ["/demo/lune.pdf", "/demo/valid.exe", "/demo/valid", "/demo/../x"])
def test_papers_that_there_are_not(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_only_a_demo_has_a_welcome_page(town: Town) -> None:
    with TestClient(combined(town.register.settings, town.register), base_url=URL) as plain:
        assert plain.get("/demo").status_code == 404


def test_the_commands_work_when_they_are_copied(
    town: Town, cases: list[Case], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    commands = commands_of(town, cases)
    monkeypatch.delenv("PASSPORT_PASSPHRASE", raising=False)
    change, _, export = commands[0][1].partition(" && export ")
    monkeypatch.chdir(shlex.split(change)[1])
    for setting in shlex.split(export):
        name, _, value = setting.partition("=")
        monkeypatch.setenv(name, value)
    expected = {"errors": 1, "issue": 0, "withdraw": 0, "publish": 0, "verify": 1}
    done = {}
    from issuer.demo.serving import _draw

    _draw(cases, town)
    for key, command in commands[1:]:
        words = shlex.split(command)
        done[key] = main(words[words.index("issuer.cli") + 1 :] if "issuer.cli" in words else words[1:])
        said = capfd.readouterr()
        if key == "errors":
            assert said.err.count("\n- ") == 6
    assert done == expected


@pytest.mark.allow_hosts(["127.0.0.1", "192.0.2.1"])  # nothing is sent: the system only chooses an address
def test_addresses_for_a_phone() -> None:
    for address in lan_addresses():
        assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", address)
        assert not address.startswith("127.")


def test_texts_keep_french_typography() -> None:
    for key, text in page_words("fr").items():
        assert not re.search(r" [:;?!»]|« |'", text), key


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_demo_as_a_process_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    port = _free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "issuer.cli", "demo", "--port", str(port)]
    server = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        page = _page(f"http://127.0.0.1:{port}/demo")
        assert list(tmp_path.iterdir())
    finally:
        server.send_signal(how)
        out, err = server.communicate(timeout=20)
    assert "Spécimen" in page
    assert f"http://127.0.0.1:{port}/demo" in out.decode()
    assert "Traceback" not in err.decode()
    assert list(tmp_path.iterdir()) == []
    assert server.returncode == 0


def _page(url: str) -> str:
    gives_up = time.monotonic() + 90
    while time.monotonic() < gives_up:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the demo did not answer")
