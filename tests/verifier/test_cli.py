"""``passport-verify``: what it takes, what it says, and its exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from passport.documents.symbol import draw_symbol, symbol_png
from passport.packing import pack, qr_url
from passport.typed_code import format_code
from tests.pages.serving import Counter, served
from tests.town import DAY, Town
from verifier.cli import main

NOW = int(time.time())


@dataclass
class Bench:
    town: Town
    folder: Path
    token: bytes
    path: Path

    def write(self, name: str, data: bytes) -> str:
        (self.path / name).write_bytes(data)
        return str(self.path / name)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    town = Town.make(at=NOW)
    public = tmp_path / "public"
    token = town.issue()
    town.write_documents(public)
    return Bench(town, public, token, tmp_path)


def qr_png(token: bytes) -> bytes:
    return symbol_png(draw_symbol("https://verif.example/v#", pack(token)), module_px=6)


def pdf(token: bytes, attached: bytes) -> bytes:
    sheet = Image.new("L", (1240, 1754), 255)
    sheet.paste(Image.open(io.BytesIO(qr_png(token))).convert("L"), (300, 300))
    stream = io.BytesIO()
    sheet.save(stream, "PDF", resolution=150)
    with pikepdf.open(stream) as document:
        document.attachments["attestation.jwt"] = pikepdf.AttachedFileSpec(document, attached)
        made = io.BytesIO()
        document.save(made)
    return made.getvalue()


WRITINGS: dict[str, Callable[[Bench], str]] = {
    "token": lambda b: b.token.decode(),
    "token with tilde": lambda b: b.token.decode() + "~",
    "digits": lambda b: pack(b.token),
    "address": lambda b: qr_url("https://anywhere.example/v", pack(b.token)),
    "jwt file": lambda b: b.write("a.jwt", b.token + b"\n"),
    "file without ending": lambda b: b.write("a", b.token),
    "png": lambda b: b.write("a.png", qr_png(b.token)),
    "pdf": lambda b: b.write("a.pdf", pdf(b.token, b.token)),
    "png named pdf": lambda b: b.write("b.pdf", qr_png(b.token)),
}


@pytest.mark.parametrize("writing", WRITINGS.values(), ids=WRITINGS.keys())
def test_every_writing_of_a_valid_attestation(
    bench: Bench, writing: Callable[[Bench], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([writing(bench), "--trust", str(bench.folder)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("! À lire\u00a0: Authentique, état connu au ")
    assert "Zoé L’Hévéder-Nuñez" in out
    assert "✓ Attestation non retirée" in out
    assert "\x1b" not in out


def test_json_is_one_report_a_line(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    other = bench.town.issue(expires_at=NOW + DAY)
    what = bench.write("two.jwt", bench.token + b"\n" + other)
    assert main([what, "--trust", str(bench.folder), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["verdict"] for line in lines] == ["valid", "valid"]
    assert list(lines[0]) == [
        "verdict", "reason", "checks", "specimen", "attestation", "issuer", "scheme", "format", "checked_at",
        "trust_as_of", "status_as_of",
    ]  # fmt: skip


def test_the_worst_decides(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    withdrawn = bench.town.issue()
    bench.town.set_status("csc-marmiers", withdrawn, 1)
    bench.town.write_documents(bench.folder)
    (bench.folder / "status" / "epn-ville.1").unlink()
    unknown = bench.town.issue("epn-ville")
    trust = ["--trust", str(bench.folder)]
    good, bad, open_ = bench.token.decode(), withdrawn.decode(), unknown.decode()
    assert main([good, *trust]) == 0
    assert main([bad, *trust]) == 1
    assert main([open_, *trust]) == 3
    assert main([good, open_, *trust]) == 3
    assert main([open_, good, bad, *trust]) == 1
    out = capsys.readouterr().out
    assert "✗ Ne pas accepter\u00a0: Attestation retirée" in out
    assert "? À vérifier\u00a0: Authentique, état inconnu" in out


def test_a_damaged_token_is_not_valid(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([bench.token.decode()[:-4], "--trust", str(bench.folder)]) == 1
    assert main([pack(bench.token)[:-4], "--trust", str(bench.folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["reason"] == "malformed"


def test_a_pdf_that_contradicts_itself_is_invalid(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    what = bench.write("a.pdf", pdf(bench.token, bench.town.issue()))
    assert main([what, "--trust", str(bench.folder), "--json"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["reason"] for line in lines] == ["documents_disagree"] * 2


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (str(NOW), 0),
        (str(NOW + 3 * DAY), 3),
        (str(NOW + 400 * DAY), 3),
        ("2020-01-01", 1),
        ("2020-01-01T10:00Z", 1),
    ],
    ids=["now", "three days on", "a year on", "a day of 2020", "an hour of 2020"],
)
def test_at_moves_the_clock(bench: Bench, at: str, code: int) -> None:
    assert main([bench.token.decode(), "--trust", str(bench.folder), "--at", at]) == code


def test_a_list_and_a_status_file_do_as_well_as_a_folder(bench: Bench) -> None:
    trust, status = bench.folder / "trust" / "list.json", bench.folder / "status" / "csc-marmiers.1"
    assert main([bench.token.decode(), "--trust", str(trust)]) == 3
    assert main([bench.token.decode(), "--trust", str(trust), "--status", str(status)]) == 0


def test_a_kept_pin_refuses_another_scheme(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = Town.make(at=NOW)
    folder = stranger.write_documents(bench.path / "stranger")
    pin = str(bench.folder / "pin.json")
    assert main([stranger.issue().decode(), "--trust", str(folder)]) == 0
    assert main([stranger.issue().decode(), "--trust", str(folder), "--pin", pin]) == 2
    assert main([bench.token.decode(), "--trust", str(bench.folder), "--pin", pin]) == 0
    assert "--trust" in capsys.readouterr().err


def test_english_and_colour(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [bench.token.decode(), "--trust", str(bench.folder), "--lang", "en"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("\x1b[1;33m! Please read: Genuine, status known on ")
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("! Please read: Genuine, status known on ")


def exit_status(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as left:  # argparse's own way out
        return int(left.code or 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "WHAT"),
        (["{token}"], "--trust is missing"),
        (["{token}", "--trust", "/nowhere"], "/nowhere"),
        (["{token}", "--trust", "{folder}", "--at", "yesterday"], "yesterday"),
        (["{token}", "--trust", "{folder}", "--status", "/nowhere"], "/nowhere"),
        (["/nowhere/a.pdf", "--trust", "{folder}"], "neither a file nor an attestation"),
        (["bonjour", "--trust", "{folder}"], "neither a file nor an attestation"),
        (["{folder}", "--trust", "{folder}"], "--csv OUT.csv"),
        (["2346-789B-CDF"], "check character"),
        (["2346-789A-CDF"], "Group 2"),
        (["{code}"], "--counter"),
        (["{token}", "--trust", "http://8.8.8.8"], "https"),
    ],
)
def test_wrong_use_is_2_and_says_what(
    bench: Bench, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from passport.typed_code import new_code

    given = [a.format(token=bench.token.decode(), folder=bench.folder, code=new_code()) for a in arguments]
    assert exit_status(given) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [
        sys.executable,
        "-c",
        "import sys; from verifier.cli import main; sys.exit(main())",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def test_standard_input_takes_text_and_pictures(bench: Bench) -> None:
    for data in (bench.token, qr_png(bench.token)):
        assert run("-", "--trust", str(bench.folder), input=data).returncode == 0


def test_a_terminal_without_accents_still_gets_its_verdict(bench: Bench) -> None:
    environment = {"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"}
    done = run(bench.token.decode(), "--trust", str(bench.folder), env=environment)
    assert done.returncode == 0
    assert b"Authentique" in done.stdout


def test_a_base_install_says_which_extra_reads_a_pdf(bench: Bench, tmp_path: Path) -> None:
    for name in ("PIL", "zxingcpp", "pypdfium2", "jinja2", "fastapi", "reportlab"):
        (tmp_path / f"{name}.py").write_text("raise ImportError\n")  # for the child that reads files, too
    code = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "from verifier.cli import main\nsys.exit(main())\n"
    )
    receipt = bench.path / "receipt.pdf"
    for name, data, more, status in (
        ("a.pdf", b"%PDF-1.7 x", (), 2),
        ("a.png", qr_png(bench.token), (), 2),
        ("a.jwt", bench.token, (), 0),
        ("a.jwt", bench.token, ("--receipt", str(receipt)), 2),
    ):
        command = [sys.executable, "-c", code, bench.write(name, data), "--trust", str(bench.folder), *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == status
        assert ("[verifier]" in done.stderr) == (status == 2)
    assert not receipt.exists()


def test_no_network_is_used_unless_an_address_was_given(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    address = qr_url("https://passeport.example/v", pack(bench.token))
    assert main([address, "--trust", str(bench.folder)]) == 0


def test_a_typed_code_is_looked_up_at_a_counter_and_never_gives_0(capsys: pytest.CaptureFixture[str]) -> None:
    counter = Counter.make()
    withdrawn = counter.town.issue()
    counter.town.set_status("csc-marmiers", withdrawn, 1)
    counter.renew()
    good, bad = counter.add_code(counter.town.issue()), counter.add_code(withdrawn)
    with served(counter.app()) as url:
        assert main([format_code(good).lower(), "--counter", url]) == 3
        out = capsys.readouterr().out
        assert "Code connu, papier non vérifié" in out
        assert "au nom de Zoé L. Cela" in out
        assert "25 novembre 2026" in out
        assert "Hévéder" not in out
        assert main([bad, "--counter", url]) == 1
        assert main([bad, "--counter", url, "--json"]) == 1
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["state"] == "code_withdrawn"
    assert main([good, "--counter", url]) == 2


def test_a_scheme_address_is_enough_online(capsys: pytest.CaptureFixture[str]) -> None:
    """The address of a scheme gives the list, its `now` and the status lists, over a real socket."""
    import http.server
    import tempfile
    import threading

    with tempfile.TemporaryDirectory() as folder:

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args: object) -> None:
                super().__init__(*args, directory=folder)  # type: ignore[arg-type]

            def log_message(self, *_: object) -> None:
                return

        running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{running.server_address[1]}"
        town = Town.make(url=url, kind="demo", at=NOW)
        town.write_documents(Path(folder))
        token = town.issue().decode()
        assert main([token, "--trust", url]) == 0
        assert (
            main([token, "--trust", f"{url}/trust/list.json", "--status", f"{url}/status/csc-marmiers.1"])
            == 0
        )
        running.shutdown()
        running.server_close()
    out = capsys.readouterr().out
    assert "Spécimen, sans valeur" in out
    assert "sans Internet" not in out


def test_several_schemes_are_told_apart(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    other = Town.make(url="https://entreprises.example", at=NOW)
    folder = other.write_documents(bench.path / "other")
    words = ["--trust", str(bench.folder), "--trust", str(folder), "--json"]
    assert main([bench.token.decode(), other.issue().decode(), *words]) == 0
    told = [json.loads(line)["scheme"]["url"] for line in capsys.readouterr().out.splitlines()]
    assert told == [bench.town.scheme.url, other.scheme.url]
    for pins in ([bench.folder], [folder], [bench.folder, folder]):
        named = [word for one in pins for word in ("--pin", str(one / "pin.json"))]
        assert main([other.issue().decode(), *words, *named]) == 0
    assert main([bench.token.decode(), "--trust", str(folder), "--pin", str(bench.folder / "pin.json")]) == 2
    assert main([bench.token.decode(), *words, "--trust", str(folder)]) == 2


def test_kept_documents_are_enough_and_nothing_older_is_believed(bench: Bench) -> None:
    pin, kept = bench.write("kept-pin.json", (bench.folder / "pin.json").read_bytes()), bench.path / "kept"
    words = [bench.token.decode(), "--trust", str(bench.folder), "--pin", pin, "--keep", str(kept)]
    old = {file: file.read_bytes() for file in bench.folder.rglob("*") if file.is_file()}
    bench.town.set_status("csc-marmiers", bench.token, 1)
    bench.town.at += 60
    bench.town.version = 2
    bench.town.write_documents(bench.folder)
    assert main(words) == 1
    for file, data in old.items():  # an old copy of the folder is put in its place
        file.write_bytes(data)
    assert main(words) == 1
    assert main(words[:-2]) == 0
    for name in ("now.json", "list.json", "1.json", "2.json"):
        (bench.folder / "trust" / name).write_bytes(b"")
    (bench.folder / "trust" / "list.json").write_bytes(next(kept.glob("*/trust/list.json")).read_bytes())
    assert main(words) == 1
