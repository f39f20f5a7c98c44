"""Work spread over several processes, with a short backlog, and with nobody left behind.

Decided here: as many processes as there are cores; only a few chunks are on their way at a time, so that
memory does not grow with the work; a process that has lost its parent (``kill -9``) ends: it would otherwise
wait for ever, a hundred megabytes each. Left to others: the work (`issuer.prints`).
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Final, TypeVar

__all__ = ["BrokenProcessPool", "cores", "spread"]

_CHUNK: Final = 16
_BACKLOG: Final = 3  # chunks on their way for each process

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return how many processes can run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[T], R], jobs: Iterable[T], *, processes: int) -> Iterator[R]:
    """Yield ``work(job)`` for each job, in order; both must travel between processes.

    Raises what `work` raises, and `BrokenProcessPool` when a process ended before its time.
    """
    # Not plain fork: this process may hold threads and open database connections.
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    on_their_way: deque[Future[list[R]]] = deque()
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent)
    try:
        for chunk in _chunks(jobs):
            on_their_way.append(pool.submit(_work_all, work, chunk))
            if len(on_their_way) >= _BACKLOG * processes:
                yield from on_their_way.popleft().result()
        while on_their_way:
            yield from on_their_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _chunks(jobs: Iterable[T]) -> Iterator[list[T]]:
    left = iter(jobs)
    while chunk := list(itertools.islice(left, _CHUNK)):
        yield chunk


def _work_all(work: Callable[[T], R], chunk: list[T]) -> list[R]:
    return [work(job) for job in chunk]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
