"""Reading many files at once and giving them back in order, with a bounded share of memory.

What is decided here: one child process for each core (`verifier.apart`), a few files on their way for each
child and no more, whatever the folder holds, and that reading can be stopped at any moment: what was read in
order before that is whole.

Left to others: which files (`verifier.walking`), what they say (`verifier.folder`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from passport.errors import PassportError
from verifier.apart import FileRead, LongReader
from verifier.walking import read_plain

__all__ = ["cores", "read_in_order"]

_AHEAD: Final = 4  # files on their way, for each child: one slow file does not stop the others
_TICK_SECONDS: Final = 0.2


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_in_order(
    files: Sequence[tuple[Path, bool]], *, children: int, tick: Callable[[], bool]
) -> Iterator[tuple[Path, FileRead]]:
    """Give each file with what it holds, or why it could not be read, in the order of `files`.

    `files`: path, and whether it may be a link. `tick` is called several times a second and before each
    file; when it answers true, reading ends.
    """
    readers = [LongReader() for _ in range(children)]
    free: SimpleQueue[LongReader] = SimpleQueue()
    for reader in readers:
        free.put(reader)
    pool = ThreadPoolExecutor(children, thread_name_prefix="reading")
    try:
        yield from _given(files, pool=pool, free=free, ahead=_AHEAD * children, tick=tick)
    finally:
        for reader in readers:
            reader.close()
        pool.shutdown(wait=True, cancel_futures=True)
        for reader in readers:  # one that was just starting its child when it was closed
            reader.close()


def _given(
    files: Sequence[tuple[Path, bool]],
    *,
    pool: ThreadPoolExecutor,
    free: SimpleQueue[LongReader],
    ahead: int,
    tick: Callable[[], bool],
) -> Iterator[tuple[Path, FileRead]]:
    under_way: deque[tuple[Path, Future[FileRead]]] = deque()
    coming = iter(files)
    while not tick():
        while len(under_way) < ahead and (following := next(coming, None)) is not None:
            path, follow = following
            under_way.append((path, pool.submit(_read, path, follow=follow, free=free)))
        if not under_way:
            return
        path, read = under_way[0]
        if read in wait([read], timeout=_TICK_SECONDS).done:
            under_way.popleft()
            yield path, read.result()


def _read(path: Path, *, follow: bool, free: SimpleQueue[LongReader]) -> FileRead:
    try:
        data = read_plain(path, follow=follow)
    except PassportError as error:
        return error
    reader = free.get()
    try:
        return reader.read(data)
    finally:
        free.put(reader)
