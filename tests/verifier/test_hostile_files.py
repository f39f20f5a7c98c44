"""Files made to cost: through the API, the page and the command line each gets a clear answer, in time.

They are read once, for real, in the child that a server uses, with less time than in service; the three
mouths then say what was read. `hostile_files` has the files.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from passport.errors import PassportError
from passport.limits import LIMITS
from tests.pages.serving import Counter
from tests.verifier.hostile_files import FILES
from verifier import answering, apart, apart_child, cli
from verifier.apart import FileRead, read_sent
from verifier.web.app import create_app
from verifier.web.settings import CheckingSettings

pytestmark = pytest.mark.slow

EACH, TOGETHER = 4, 600
# The child as it is, but for the time that it gives to one file.
CHILD = f"""
import sys
from verifier import apart_child
apart_child.SECONDS_A_FILE = {EACH}
apart_child.serve(sys.stdin.buffer, sys.stdout.buffer, seconds=float(sys.argv[2]), job=sys.argv[1])
"""
# What a good reader may still find in one of them; everything else holds nothing.
HOLDS = {"pdf many attachments", "zip before a pdf", "zip after a pdf"}
ERRORS = {
    "file_broken", "file_encrypted", "file_type", "image_pixels", "badge_broken", "no_code_in_file",
    "not_an_attestation", "nothing_given", "pdf_pages", "too_big",
}  # fmt: skip


class Reading:
    """Every file with what was read of it, and how long all of it took."""

    def __init__(self) -> None:
        self.data = {name: make() for name, make in FILES.items()}
        began = time.monotonic()
        read = read_sent(list(self.data.values()), apart.read_files_apart)
        self.seconds = time.monotonic() - began
        self.read: Mapping[bytes, FileRead] = dict(zip(self.data.values(), read, strict=True))

    def again(self, files: Sequence[bytes]) -> list[FileRead]:
        return [self.read[data] for data in files]


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "_ALL_SECONDS", TOGETHER)
        patch.setattr(apart, "_child", lambda job, seconds: [sys.executable, "-c", CHILD, job, str(seconds)])
        yield Reading()


@pytest.fixture(scope="module")
def client(reading: Reading) -> Iterator[TestClient]:
    counter = Counter.make()
    settings = CheckingSettings(read_files=reading.again)
    app = create_app(settings, documents=counter.documents, codes=None)
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Counter.make().town.write_documents(tmp_path_factory.mktemp("published"))


def test_the_answer_to_each_is_ours_and_comes_in_time(reading: Reading) -> None:
    for name, data in reading.data.items():
        read = reading.read[data]
        if isinstance(read, PassportError):
            assert name not in HOLDS, name
            assert read.code in ERRORS, name
        else:
            assert name in HOLDS, name
    assert reading.seconds < EACH * len(FILES)  # most take a tenth of a second, a few all of their time


def test_no_child_grew_beyond_its_bound(reading: Reading) -> None:
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1_024
    assert largest < apart_child._MEMORY_BYTES


@pytest.mark.parametrize("name", FILES)
def test_the_api_says_clearly(client: TestClient, reading: Reading, name: str) -> None:
    answer = client.post("/api/v1/verify/file", files={"file": reading.data[name]})
    if name in HOLDS:
        assert (answer.status_code, answer.json()["verdict"]) == (200, "invalid")  # another town's
        return
    assert answer.status_code in {413, 415, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] in ERRORS
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", FILES)
def test_the_page_says_clearly(client: TestClient, reading: Reading, name: str) -> None:
    answer = client.post("/v?lang=en", files={"file": ("a.bin", reading.data[name])})
    assert answer.status_code in {200, 413, 415, 422}
    assert re.search(r'data-state="[a-z_]+"|class="problem|role="alert"', answer.text), name
    assert 'class="verdict ok"' not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", FILES)
def test_the_command_line_says_clearly(
    reading: Reading,
    name: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(answering, "read_files_apart", reading.again)
    (tmp_path / "file").write_bytes(reading.data[name])
    status = cli.main([str(tmp_path / "file"), "--trust", str(folder)])
    said = capsys.readouterr()
    assert status == (1 if name in HOLDS else 2)
    assert len(said.err.splitlines()) == (0 if name in HOLDS else 1)
    assert "Traceback" not in said.out + said.err


def test_a_file_of_the_largest_size_is_read_and_one_more_byte_is_not() -> None:
    [fits, beyond] = read_sent([b" " * LIMITS.file_bytes, b" " * (LIMITS.file_bytes + 1)], lambda _: [])
    assert (fits.code, beyond.code) == ("nothing_given", "too_big")  # type: ignore[union-attr]
