"""Several papers at once: files of one sender, each read and checked for itself.

What is decided here: that a file which cannot be read is a line of the answer and spoils no other, that
nothing is kept between the answer and the table that is made of it (what was found travels in the page of
its reader, and is checked again), and how many there may be.

Left to others: reading (`verifier.apart`), checking (`verifier.counter`), words and table (`verifier.table`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from passport.errors import MalformedError, PassportError
from passport.limits import LIMITS
from verifier.agreement import disagreeing
from verifier.apart import FileRead, read_sent
from verifier.counter import Checked, check_credential, check_found
from verifier.report import Reason
from verifier.schemes import Schemes

__all__ = ["FoundAgain", "Paper", "check_again", "check_files", "papers_of"]

_DISAGREES: Final = Reason.DOCUMENTS_DISAGREE.value


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """What a page carries of one line: the credential, or the code of the error; and the file's name."""

    credential: str
    note: str
    file: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One thing that was handed over. `number`: its place, from 1; `file`: as its sender calls it.

    `checked` is None when nothing could be judged; then `error` says why.
    """

    number: int
    file: str
    checked: Checked | None
    error: str = ""

    @property
    def carried(self) -> FoundAgain:
        """What the page of its reader carries, to be checked again."""
        if self.checked is None:
            return FoundAgain("", self.error, self.file)
        contradicts = self.checked.report.reason is Reason.DOCUMENTS_DISAGREE
        return FoundAgain(
            self.checked.token.decode("utf-8", "replace"), _DISAGREES if contradicts else "", self.file
        )


def check_files(
    files: Sequence[tuple[str, bytes]],
    read_files: Callable[[Sequence[bytes]], list[FileRead]],
    *,
    documents: Schemes,
) -> list[Paper]:
    """Return a paper for each credential of each (name, file), and one for each file that holds none.

    Raises `PassportError` (`busy`) and `MalformedError` (`too_many`).
    """
    found: list[tuple[str, Checked | str]] = []
    for (name, _), read in zip(files, read_sent([data for _, data in files], read_files), strict=True):
        if isinstance(read, PassportError):
            found.append((name, read.code))
        else:
            found += [(name, one) for one in check_found(read, documents=documents)]
    return _numbered(found)


def papers_of(checked: Sequence[Checked]) -> list[Paper]:
    """Return the papers of a text that holds several credentials. Raises `MalformedError` (`too_many`)."""
    return _numbered([("", one) for one in checked])


def check_again(lines: Sequence[FoundAgain], *, documents: Schemes) -> list[Paper]:
    """Return the papers that a page carries, judged anew. Raises `MalformedError` (`too_many`)."""
    return _numbered([(line.file, _again(line, documents)) for line in lines])


def _again(line: FoundAgain, documents: Schemes) -> Checked | str:
    if not line.credential:
        return line.note
    checked = check_credential(line.credential, documents=documents)
    return replace(checked, report=disagreeing(checked.report)) if line.note == _DISAGREES else checked


def _numbered(found: Sequence[tuple[str, Checked | str]]) -> list[Paper]:
    if len(found) > LIMITS.papers_at_once:
        raise MalformedError(
            f"There are {len(found)} attestations; expected at most {LIMITS.papers_at_once}.", code="too_many"
        )
    return [
        Paper(number, name, None, one) if isinstance(one, str) else Paper(number, name, one)
        for number, (name, one) in enumerate(found, 1)
    ]
