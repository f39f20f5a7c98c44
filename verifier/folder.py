"""A folder of papers into a CSV: thousands of files, one line a credential, whatever the files are.

What is decided here: which columns the CSV has, that a file which cannot be read is a line of its own and
stops nothing, that lines are written as they come and each is whole, so that a run which is stopped leaves
what was done and says so, what is said at the end, and the exit status: the worst line decides, and a
file that could not be read is one about which nothing is known.

Left to others: which files (`walking`), reading them (`folder_reading`), judging (`counter`), the words of
a line (`table`), how far it has come (`progress`).
"""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from passport.errors import MalformedError, PassportError
from passport.framework import Lang
from passport.pages.catalogue import catalogue
from passport.spreadsheet import CSV_START, csv_lines
from verifier.apart import FileRead
from verifier.counter import Checked, check_found
from verifier.folder_reading import cores, read_in_order
from verifier.progress import Progress, counted
from verifier.report import Verdict
from verifier.schemes import Schemes
from verifier.several import Paper
from verifier.speaking import shown
from verifier.table import Line, cells_of, column_names, line_of
from verifier.walking import KINDS, Walk, walk
from verifier.wording import severity_word

__all__ = ["STOPPED", "Checking", "Tally", "check_into_csv", "told"]

STOPPED: Final = 130
"""Exit status of a run that Ctrl-C ended, as shells have it."""

_COLUMNS: Final = (
    *("number", "path", "where", "verdict", "reason", "result", "name", "body", "place", "framework"),
    *("levels", "assessed_on", "how", "issued_on", "valid_until", "checked_at", "reference", "specimen"),
)
_SEVERITIES: Final = ("ok", "attention", "stop", "unknown")


@dataclass(frozen=True, slots=True)
class Checking:
    """What files are checked against, and how it is said. `at`: None for now; `online`: over a network."""

    documents: Schemes
    online: bool
    at: int | None
    lang: Lang


@dataclass(slots=True)
class Tally:
    """What a run has come to. `lines`: how many of each severity; `unread`: files that held no answer."""

    files: int = 0
    unread: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    verdicts: set[Verdict] = field(default_factory=set)
    stopped: bool = False

    @property
    def number(self) -> int:
        """How many lines there are."""
        return self.lines.total()


def check_into_csv(named: Sequence[Path], out: Path, *, checking: Checking) -> tuple[Tally, Walk]:
    """Check all files in and under `named`, write the CSV and return what it came to.

    Raises `PassportError`: `nothing_to_check`, `csv_exists`, `csv_unwritable`.
    """
    found = walk(named)
    if not found.files and not found.unreadable:
        raise PassportError(
            f"There is nothing to check: no {', '.join(sorted(KINDS))} file.", code="nothing_to_check"
        )
    tally = Tally()
    with _Sheet(out) as sheet, _stopped_by_ctrl_c(tally):
        sheet.write([column_names(_COLUMNS, checking.lang)])
        for name, read in _all_read(found, set(named), tally=tally, lang=checking.lang):
            lines = _lines(name, read, tally=tally, checking=checking)
            sheet.write(cells_of(line, _COLUMNS, checking.lang) for line in lines)
    return tally, found


def _all_read(found: Walk, named: set[Path], *, tally: Tally, lang: Lang) -> Iterator[tuple[str, FileRead]]:
    for folder in found.unreadable:
        yield shown(str(folder)), MalformedError("The folder cannot be opened.", code="file_unreadable")
    progress = Progress(len(found.files), stream=sys.stderr, lang=lang)

    def tick() -> bool:
        progress.show(tally.files)
        return tally.stopped

    files = [(path, path in named) for path in found.files]
    try:
        for path, read in read_in_order(files, children=cores(), tick=tick):
            tally.files += 1
            yield shown(str(path)), read
    finally:
        progress.close()


def _lines(name: str, read: FileRead, *, tally: Tally, checking: Checking) -> list[Line]:
    judged: Sequence[Checked | str]
    if isinstance(read, PassportError):
        judged = [read.code]
        tally.unread += 1
    else:
        judged = check_found(read, documents=checking.documents, at=checking.at)
    lines = []
    for one in judged:
        number = tally.number + 1
        paper = Paper(number, name, None, one) if isinstance(one, str) else Paper(number, name, one)
        line = _line(paper, checking)
        tally.lines[line.said.severity] += 1
        tally.verdicts.add(paper.checked.report.verdict if paper.checked else Verdict.UNDETERMINED)
        lines.append(line)
    return lines


def _line(paper: Paper, checking: Checking) -> Line:
    contact = checking.documents.contact_of(paper.checked.report) if paper.checked else ""
    offline = not checking.online
    return line_of(paper, profile=None, lang=checking.lang, contact=contact, offline=offline)


class _Sheet:
    """The CSV while it grows; a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._writing():
            # A new file: what stands there may be a table that somebody has written remarks into.
            self._stream = path.open("xb")

    def __enter__(self) -> _Sheet:
        self._put(CSV_START)
        return self

    def __exit__(self, *_: object) -> None:
        with self._writing():
            self._stream.close()

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        """Write whole lines, and let them go now: who stops us with force keeps them."""
        self._put(csv_lines(rows))

    def _put(self, data: bytes) -> None:
        with self._writing():
            self._stream.write(data)
            self._stream.flush()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise PassportError(
                f"{str(self._path)!r} is there already.",
                code="csv_exists",
                hint="Give another name, or remove it.",
            ) from None
        except OSError as error:
            why = error.strerror or "it cannot be written"
            raise PassportError(f"Cannot write {str(self._path)!r}: {why}.", code="csv_unwritable") from None


@contextmanager
def _stopped_by_ctrl_c(tally: Tally) -> Iterator[None]:
    """Let the first Ctrl-C end the run after the line that is being written; the second ends everything."""
    before = signal.getsignal(signal.SIGINT)
    # Other threads get no signals; a job in the background is not told of a Ctrl-C that is for others.
    if threading.current_thread() is not threading.main_thread() or before is signal.SIG_IGN:
        yield
        return

    def stop(number: int, frame: object) -> None:
        tally.stopped = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def told(tally: Tally, found: Walk, out: Path, lang: Lang) -> list[str]:
    """Return the lines of the end of a run: how much was checked, and what it came to."""
    words = catalogue(lang)

    def say(key: str, **numbers: int) -> str:
        return words.text(f"folder.{key}", **{name: counted(n, lang) for name, n in numbers.items()})

    lines = [say("done", files=tally.files, lines=tally.number)]
    if tally.stopped:
        lines = [say("stopped", files=tally.files, total=len(found.files), lines=tally.number)]
    for severity in _SEVERITIES:
        if tally.lines[severity]:
            count = counted(tally.lines[severity], lang)
            lines.append(words.text("table.counted", mark=severity_word(severity, lang), count=count))
    if tally.unread:
        lines.append(say("unread", files=tally.unread))
    if found.left_out:
        lines.append(say("left_out", files=found.left_out))
    return [*lines, words.text("folder.table", path=shown(str(out)))]
