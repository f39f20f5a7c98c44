"""Files that only their owner may read: checked when read, whole when written.

Decided here: a folder or file of keys that group or others may read is refused, one of another user and
a symbolic link too (whoever may place a link chooses what is read or overwritten), and so is a data folder
in which others may write (they could put another key folder in the place of ours); a file is replaced in
one step, so that a process killed half-way leaves the old file or the new one. Left to others: what the
files hold.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from passport.errors import PassportError

__all__ = [
    "KeyFileError",
    "check_data_folder",
    "check_folder",
    "exclusive",
    "make_folder",
    "read_private",
    "write_private",
]

_FILE_BYTES: Final = 65_536
_OTHERS: Final = 0o077
_WRITTEN_BY_OTHERS: Final = 0o022
_ROOT: Final = 0
# What opening a link, or a socket, with O_NOFOLLOW gives.
_NOT_A_FILE: Final = frozenset({errno.ELOOP, errno.ENXIO})
_TEMPORARY: Final = ".tmp"


class KeyFileError(PassportError):
    """A folder or file of keys cannot be used as it is."""

    default_code = "key_file"


def _check_owner(path: Path, found: os.stat_result, *, allowed: frozenset[int] = frozenset()) -> None:
    # Whoever owns a file may change its rights and then its bytes, whatever its mode is now.
    if found.st_uid not in allowed | {os.geteuid()}:
        raise KeyFileError(
            f"{path} belongs to user {found.st_uid}; this program runs as user {os.geteuid()}.",
            code="key_file_owner",
            hint="Run it as the user of the data folder, or give the folder back to that user (chown).",
        )


def _check_mode(path: Path, found: os.stat_result, *, wanted: str) -> None:
    if found.st_mode & _OTHERS:
        raise KeyFileError(
            f"{path} may be read by others than its owner (mode {stat.S_IMODE(found.st_mode):o}).",
            code="key_file_open",
            hint=f"Run: chmod {wanted} '{path}'",
        )


def _refuse_link(path: Path) -> KeyFileError:
    return KeyFileError(
        f"{path} is a symbolic link or not of the expected kind.",
        code="key_file_link",
        hint="Put the folder or file itself there.",
    )


def check_folder(path: Path) -> None:
    """Refuse a link, another's folder, one open to others (`key_file_link`, `_owner`, `_open`)."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise _refuse_link(path)
    _check_owner(path, found)
    _check_mode(path, found, wanted="700")


def check_data_folder(path: Path) -> None:
    """Refuse a data folder of another user, or in which others may write.

    It may be reached by a link, and may be the machine's own (root). Raises `key_file_owner`,
    `data_folder_open`, `key_file_link` (not a folder), `FileNotFoundError`.
    """
    found = path.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise _refuse_link(path)
    _check_owner(path, found, allowed=frozenset({_ROOT}))
    if found.st_mode & _WRITTEN_BY_OTHERS:
        raise KeyFileError(
            f"Others than its owner may write in {path} (mode {stat.S_IMODE(found.st_mode):o}).",
            code="data_folder_open",
            hint=f"Run: chmod go-w '{path}'",
        )


def make_folder(path: Path) -> None:
    """Make a folder for its owner alone, its parents as usual; one that is there is checked instead."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        _sync_folder(path.parent)
    check_folder(path)


def read_private(path: Path, *, max_bytes: int = _FILE_BYTES) -> bytes:
    """Return the bytes of a file that is ours and that only we may read, at most `max_bytes` (64 KiB).

    The open file is checked, not its name: nothing can be exchanged in between. Raises `key_file_link`
    (not a plain file), `key_file_owner`, `key_file_open`, `key_file_damaged` (too large).
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _NOT_A_FILE:
            raise _refuse_link(path) from None
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _refuse_link(path)
        _check_owner(path, found)
        _check_mode(path, found, wanted="600")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(max_bytes + 1)
    finally:
        os.close(descriptor)
    if len(data) > max_bytes:
        raise KeyFileError(f"{path} is larger than any key file.", code="key_file_damaged")
    return data


def write_private(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step, mode 600, on the disk when this returns.

    What an earlier, killed process left of its own temporary file is removed; call within `exclusive`.
    """
    for left in path.parent.glob(f".{path.name}.*{_TEMPORARY}"):
        left.unlink(missing_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{_TEMPORARY}")
    try:
        _write_synced(temporary, data)
        os.replace(temporary, path)  # noqa: PTH105 - the one step; a test makes it fail
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write_synced(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as file:  # noqa: PTH123 - mode and flags matter
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the only right to write in `folder` among processes and threads; ends with the process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
