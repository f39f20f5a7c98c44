"""Progress: how far a long run has come, for a person who waits.

What is decided here: one line drawn over itself where there is a terminal, a line every half minute
where there is none (a log must stay readable), and the same words in both: how many, how fast, how long
still. Left to others: when to say it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from typing import Final, TextIO

from passport.framework import Lang
from passport.pages.catalogue import catalogue

__all__ = ["Progress", "counted", "lasting"]

_REDRAW_SECONDS: Final = 0.2
_LINE_SECONDS: Final = 30
_BAR: Final = 24
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """The progress of `total` files on `stream`. `monotonic`: seconds."""

    def __init__(
        self, total: int, *, stream: TextIO, lang: Lang, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._stream, self._lang, self._clock = total, stream, lang, monotonic
        self._drawn = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._began = self._last = monotonic()

    def show(self, done: int) -> None:
        """Say how many are done, if it is time to say it."""
        now = self._clock()
        if now - self._last < (_REDRAW_SECONDS if self._drawn else _LINE_SECONDS):
            return
        self._last = now
        said = self._words(done, now - self._began)
        if not self._drawn:
            self._stream.write(said + "\n")
        else:
            full = _BAR * done // self._total
            line = f"{'█' * full}{'░' * (_BAR - full)} {said}"
            self._stream.write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()

    def close(self) -> None:
        """Take the drawn line away."""
        if self._drawn:
            self._stream.write(_CLEAR)
            self._stream.flush()

    def _words(self, done: int, seconds: float) -> str:
        words = catalogue(self._lang)
        values = {"done": counted(done, self._lang), "total": counted(self._total, self._lang)}
        if not done or seconds <= 0:
            return words.text("folder.begun", **values)
        rate = done / seconds
        left = lasting((self._total - done) / rate)
        return words.text("folder.progress", rate=_rate(rate, self._lang), left=left, **values)


def counted(number: int, lang: Lang) -> str:
    """Return a whole number as people of a language write it: ``10 000``, ``10,000``."""
    return f"{number:,}".replace(",", "\u00a0" if lang == "fr" else ",")


def lasting(seconds: float) -> str:
    """Return a duration to be read at a glance: ``45 s``, ``6 min 05 s``, ``1 h 12 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}\u00a0s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}\u00a0min {rest:02d}\u00a0s"
    return f"{minutes // 60}\u00a0h {minutes % 60:02d}\u00a0min"


def _rate(rate: float, lang: Lang) -> str:
    told = f"{rate:.1f}" if rate < 10 else f"{rate:.0f}"
    return told.replace(".", ",") if lang == "fr" else told
