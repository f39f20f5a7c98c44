"""A folder of papers into a table: every file is a line, nothing stops the run, and a stop is clean."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from passport.errors import PassportError
from passport.limits import LIMITS
from tests.town import Town
from tests.verifier.test_cli import pdf, qr_png
from verifier.apart import LongReader
from verifier.cli import main
from verifier.files import FoundCredential
from verifier.folder_reading import read_in_order
from verifier.progress import Progress, counted, lasting
from verifier.walking import read_plain, walk

NOW = int(time.time())


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town.make(at=NOW)
    town.write_documents(tmp_path / "public")
    return town


def rows_of(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def check(tmp_path: Path, *more: str) -> tuple[int, Path]:
    out = tmp_path / "out.csv"
    given = [str(tmp_path / "papers"), "--trust", str(tmp_path / "public"), "--csv", str(out), *more]
    return main(given), out


def test_every_file_is_a_line_whatever_it_is(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    papers = tmp_path / "papers"
    (papers / "b" / "deep").mkdir(parents=True)
    good, bad = town.issue(), town.issue()
    town.set_status("csc-marmiers", bad, 1)
    town.write_documents(tmp_path / "public")
    (papers / "a.pdf").write_bytes(pdf(good, good))
    (papers / "b" / "c.PNG").write_bytes(qr_png(bad))
    (papers / "b" / "broken.pdf").write_bytes(pdf(good, good)[:900])
    (papers / "b" / "deep" / "two.jwt").write_bytes(good + b"\n" + town.issue())
    (papers / "b" / "empty.jpg").write_bytes(b"")
    (papers / "big.png").write_bytes(bytes(LIMITS.file_bytes + 1))
    (papers / "notes.txt").write_text("bonjour")
    (papers / ".hidden.pdf").write_bytes(b"x")
    status, out = check(tmp_path)
    assert status == 1
    rows = rows_of(out)
    assert [(Path(row["Fichier"]).name, row["Verdict"], row["Code du résultat"]) for row in rows] == [
        ("a.pdf", "À lire", "valid"),
        ("big.png", "À vérifier", "too_big"),
        ("broken.pdf", "À vérifier", "file_broken"),
        ("c.PNG", "Ne pas accepter", "withdrawn"),
        ("empty.jpg", "À vérifier", "nothing_given"),
        ("two.jwt", "À lire", "valid"),
        ("two.jwt", "À lire", "valid"),
    ]
    assert [row["Numéro"] for row in rows] == [str(n) for n in range(1, 8)]
    assert rows[0]["Nom signé"] == "Zoé L’Hévéder-Nuñez"
    assert rows[0]["Endroit dans le fichier"] == "pièce jointe attestation.jwt"
    assert rows[0]["Date de l’évaluation"] == "2026-11-24"
    assert rows[3]["Nom signé"] == "Zoé L’Hévéder-Nuñez"  # a withdrawn one is named, and no more
    assert rows[3]["Référence de cette vérification"]
    assert rows[3]["Vérification faite le"]
    assert rows[3]["Compétences et niveaux"] == ""
    told = capsys.readouterr()
    assert "Fichiers vérifiés\u00a0: 6. Lignes du tableau\u00a0: 7." in told.out
    assert "Fichiers ou dossiers où rien n’a pu être vérifié\u00a0: 3." in told.out
    assert "Laissés de côté (autres sortes de fichiers, liens, fichiers cachés)\u00a0: 2." in told.out
    assert "\x1b" not in told.out + told.err


def test_links_and_pipes_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    papers, outside = tmp_path / "papers", tmp_path / "outside"
    papers.mkdir()
    outside.mkdir()
    (outside / "secret.jwt").write_bytes(b"x")
    (papers / "all").symlink_to(outside)
    (papers / "loop").symlink_to(papers)
    (papers / "one.jwt").symlink_to(outside / "secret.jwt")
    os.mkfifo(papers / "pipe.pdf")
    (papers / "real.jwt").write_bytes(b"y")
    found = walk([papers])
    assert [path.name for path in found.files] == ["real.jwt"]
    assert found.left_out == 4
    # What was a file when the folder was listed may be something else when it is opened.
    for changed in ("one.jwt", "pipe.pdf", "gone.pdf"):
        with pytest.raises(PassportError) as refused:
            read_plain(papers / changed, follow=False)
        assert refused.value.code == "file_unreadable"
    assert read_plain(papers / "one.jwt", follow=True) == b"x"  # its user named it


def test_a_deep_folder_is_walked_to_its_end(tmp_path: Path) -> None:
    here = tmp_path
    for _ in range(400):
        here = here / "d"
    here.mkdir(parents=True)
    (here / "end.jwt").write_bytes(b"x")
    assert [path.name for path in walk([tmp_path]).files] == ["end.jwt"]


def test_a_name_cannot_become_a_formula_or_a_command(town: Town, tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "=1+1\x1b[2J\n.jwt").write_bytes(town.issue())
    (papers / os.fsdecode(b"\xff.jwt")).write_bytes(town.issue())
    out = tmp_path / "out.csv"
    names = sorted(str(path.relative_to(tmp_path)) for path in papers.iterdir())
    before = Path.cwd()
    os.chdir(papers)
    try:
        given = [*(Path(name).name for name in names), "--trust", str(tmp_path / "public")]
        assert main([*given, "--csv", str(out)]) == 0
    finally:
        os.chdir(before)
    cells = [row["Fichier"] for row in rows_of(out)]
    assert cells == ["'=1+1\ufffd[2J\ufffd.jwt", "\ufffd.jwt"]


def test_wrong_use(town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    trust = ["--trust", str(tmp_path / "public")]
    status, out = check(tmp_path)
    assert status == 2
    assert "nothing to check" in capsys.readouterr().err
    assert not out.exists()
    (papers / "a.jwt").write_bytes(town.issue())
    assert main([str(papers), *trust]) == 2
    assert "--csv OUT.csv" in capsys.readouterr().err
    assert main([town.issue().decode(), *trust, "--csv", str(out)]) == 2
    assert main([str(papers), *trust, "--csv", str(out), "--at", "receipt"]) == 2
    assert main([str(papers), *trust, "--csv", str(tmp_path / "none" / "out.csv")]) == 2
    assert check(tmp_path)[0] == 0
    out.write_text("my remarks")
    assert check(tmp_path)[0] == 2
    assert out.read_text() == "my remarks"


def test_a_child_that_dies_costs_one_file_and_is_started_again() -> None:
    reader, token = LongReader(), Town.make().issue()
    try:
        assert reader.read(token) == [FoundCredential(token, "text")]
        assert reader._child is not None
        os.killpg(reader._child.pid, signal.SIGKILL)
        lost = reader.read(token)
        assert isinstance(lost, PassportError)
        assert lost.code == "file_broken"
        assert reader.read(token) == [FoundCredential(token, "text")]
    finally:
        reader.close()
    closed = reader.read(token)
    assert isinstance(closed, PassportError)
    assert reader._child is None


def test_a_slow_file_holds_nobody_and_the_order_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{n:02}.jwt" for n in range(40)]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    under_way, most = [0], [0]

    def read(reader: LongReader, data: bytes) -> list[FoundCredential]:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.2 if data == b"00.jwt" else 0)
        under_way[0] -= 1
        return [FoundCredential(data, "text")]

    monkeypatch.setattr(LongReader, "read", read)
    files = [(tmp_path / name, False) for name in names]
    given = list(read_in_order(files, children=3, tick=lambda: False))
    assert [path.name for path, _ in given] == names
    assert most[0] <= 3


def test_a_stop_ends_the_reading_and_leaves_no_child(tmp_path: Path) -> None:
    for n in range(50):
        (tmp_path / f"{n:02}.jwt").write_bytes(b"x")
    stopped = [False]
    given = []
    for path, _ in read_in_order(
        [(p, False) for p in walk([tmp_path]).files], children=2, tick=lambda: stopped[0]
    ):
        given.append(path.name)
        stopped[0] = len(given) == 3
    assert given == ["00.jwt", "01.jwt", "02.jwt"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reading")]


def test_ctrl_c_leaves_a_whole_table_and_says_so(town: Town, tmp_path: Path) -> None:
    papers, out = tmp_path / "papers", tmp_path / "out.csv"
    papers.mkdir()
    for n in range(600):
        (papers / f"{n:03}.jwt").write_bytes(town.issue())
    program = (
        "import signal, sys, time\nfrom verifier import folder_reading\nfrom verifier.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in the background
        "read = folder_reading.read_plain\n"
        "def slowly(path, *, follow):\n    time.sleep(0.1)\n    return read(path, follow=follow)\n"
        "folder_reading.read_plain = slowly\nsys.exit(main())"
    )
    given = [str(papers), "--trust", str(tmp_path / "public"), "--csv", str(out)]
    run = subprocess.Popen(
        [sys.executable, "-c", program, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not (out.exists() and out.read_bytes().count(b"\n") > 3) and time.monotonic() < until:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    told, errors = run.communicate(timeout=60)
    assert run.returncode == 130, errors
    rows = rows_of(out)
    assert 3 <= len(rows) < 600
    assert {row["Verdict"] for row in rows} == {"À lire"}
    assert f"Le tableau contient les {len(rows)} premiers fichiers sur 600" in told
    assert errors == ""


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_says_how_many_how_fast_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    clock = [0.0]
    drawn, plain = _Terminal(), io.StringIO()
    bars = [Progress(10_000, stream=s, lang="fr", monotonic=lambda: clock[0]) for s in (drawn, plain)]
    for second in range(1, 62):
        clock[0] = second
        for bar in bars:
            bar.show(second * 20)
    for bar in bars:
        bar.close()
    last = drawn.getvalue().split("\r\x1b[K")[-2]
    assert last.endswith("1\u00a0220 / 10\u00a0000 fichiers, 20 par seconde, reste 7\u00a0min 19\u00a0s")
    assert plain.getvalue().splitlines() == [
        "600 / 10\u00a0000 fichiers, 20 par seconde, reste 7\u00a0min 50\u00a0s",
        "1\u00a0200 / 10\u00a0000 fichiers, 20 par seconde, reste 7\u00a0min 20\u00a0s",
    ]
    assert "\x1b" not in plain.getvalue()


def test_numbers_and_durations_in_words() -> None:
    assert counted(10_000, "en") == "10,000"
    told = [lasting(s).replace("\u00a0", " ") for s in (0.2, 59.6, 3599, 3600, 86_400)]
    assert told == ["0 s", "1 min 00 s", "59 min 59 s", "1 h 00 min", "24 h 00 min"]
