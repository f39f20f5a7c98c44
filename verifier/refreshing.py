"""Refreshing: documents are asked for before anybody waits for them, by a thread of its own for each scheme.

What is decided here: when (at half of the time that is left until a document is due, give or take a fifth, so
that many counters do not ask in the same second), and that nothing ends the thread but being told to stop.

Left to others: what is asked and believed (`verifier.sources`).
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from verifier.sources import Documents

__all__ = ["refreshing"]

_LOG: Final = logging.getLogger("passport.documents")
_STOP_SECONDS: Final = 2.0
_PAUSE_SECONDS: Final = 60.0


@contextmanager
def refreshing(schemes: Sequence[Documents]) -> Iterator[None]:
    """Keep the documents of these schemes fresh for as long as the block."""
    stop = threading.Event()
    # Daemons: a server that drips must not hold back the end of the program.
    threads = [
        threading.Thread(target=_forever, args=(documents, stop), name="documents", daemon=True)
        for documents in schemes
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_STOP_SECONDS)


def _forever(documents: Documents, stop: threading.Event) -> None:
    pause = 0.0
    while not stop.wait(pause * random.uniform(0.8, 1.2)):  # noqa: S311 (no secret)
        try:
            pause = documents.refresh_ahead()
        except Exception as error:  # noqa: BLE001 (whatever it was: tomorrow's documents are needed too)
            _LOG.error("Refreshing failed: %s.", type(error).__name__)
            pause = _PAUSE_SECONDS
