"""Walking: which files of a folder are checked, and in which order.

What is decided here: files are taken by the ending of their name, folder by folder, sorted; hidden files,
other kinds and links are left out and counted. A link is never followed and what is no plain file is never
read: a folder that somebody filled for us must not make us read elsewhere, wait at a pipe or walk in a
circle. A folder that cannot be read is a trouble of its own line.

Left to others: what the files hold (`verifier.folder`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passport.errors import MalformedError
from passport.limits import LIMITS

__all__ = ["KINDS", "Walk", "read_plain", "walk"]

KINDS: Final = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".svg", ".jwt"})
# A pipe that took the place of a file after it was listed must not hold us. Windows knows neither flag.
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Walk:
    """What is to be checked, in order. `unreadable`: folders that could not be opened; `left_out`: how many
    files and links are not checked."""

    files: tuple[Path, ...]
    unreadable: tuple[Path, ...]
    left_out: int


def walk(named: Iterable[Path]) -> Walk:
    """Return the files that are named, and those in and under the folders that are named."""
    files: list[Path] = []
    unreadable: list[Path] = []
    left_out = 0
    for path in named:
        if not path.is_dir():
            files.append(path)
            continue
        for found, kind in _in_folder(path):
            if kind == "file":
                files.append(found)
            elif kind == "unreadable":
                unreadable.append(found)
            else:
                left_out += 1
    return Walk(tuple(files), tuple(unreadable), left_out)


def _in_folder(folder: Path) -> Iterator[tuple[Path, str]]:
    """Give what is in and under a folder, depth first and sorted; without recursion, which has an end."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            yield here, "unreadable"
            continue
        found = [(here / entry.name, _kind(entry)) for entry in entries]
        yield from ((path, kind) for path, kind in found if kind != "folder")
        waiting += [path for path, kind in reversed(found) if kind == "folder"]


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if not entry.name.startswith("."):
            if entry.is_dir(follow_symlinks=False):
                return "folder"
            if entry.is_file(follow_symlinks=False) and Path(entry.name).suffix.lower() in KINDS:
                return "file"
    except OSError:  # gone, or on a disk that does not answer
        return "unreadable"
    return "left out"


def read_plain(path: Path, *, follow: bool) -> bytes:
    """Return the bytes of a plain file. `follow`: whether the path itself may be a link: its user named it.

    Raises `MalformedError`: `file_unreadable`, `too_big`.
    """
    try:
        with os.fdopen(os.open(path, _OPEN if follow else _OPEN | _NO_LINK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError
            data = stream.read(LIMITS.file_bytes + 1)
    except OSError:
        raise MalformedError("The file cannot be opened.", code="file_unreadable") from None
    if len(data) > LIMITS.file_bytes:
        raise MalformedError("The file is larger than this program reads.", code="too_big")
    return data
