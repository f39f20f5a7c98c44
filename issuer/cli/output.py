"""What the terminal and the machine see: sentences and tables, or JSON.

Decided here: results go to standard output and everything else to standard error; a name from a file is
printed as text, never read as markup or as a command of the terminal. Left to others: the words (`words`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

__all__ = ["bar", "note", "out", "plain", "print_json", "table", "terminal"]


_SPACES: Final = "\n\u00a0\u202f"  # no-break spaces of French are not "printable" to Python


def plain(text: str) -> str:
    """Return the text without anything that a terminal obeys: control characters become ``�``."""
    return "".join(c if c.isprintable() or c in _SPACES else "\N{REPLACEMENT CHARACTER}" for c in text)


def out(text: str) -> None:
    """Write a result."""
    sys.stdout.write(plain(text) + "\n")


def note(text: str) -> None:
    """Write a remark or an error."""
    sys.stderr.write(plain(text) + "\n")


def print_json(value: object) -> None:
    """Write one value on one line.

    What a terminal obeys, and what is no text at all (half of a pair, from a file's name), is escaped: the
    line says the same and does nothing.
    """
    line = json.dumps(value, ensure_ascii=False)
    sys.stdout.write("".join(c if c.isprintable() or c in _SPACES else _escaped(c) for c in line) + "\n")


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]


def terminal() -> Console:
    """Return the console of remarks: progress bars do not mix with results."""
    return Console(stderr=True, highlight=False, markup=False)


@contextmanager
def bar(description: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what moves a bar: how much was done since the last time, and how much there is in all."""
    if quiet:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal()) as progress:
        task = progress.add_task(description, total=None)

        def move(done: int, total: int) -> None:
            progress.update(task, total=total, advance=done)

        yield move


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as a result."""
    drawn = Table(box=None, pad_edge=False)
    for title in titles:
        drawn.add_column(Text(title))
    for row in rows:
        drawn.add_row(*(Text(plain(cell)) for cell in row))
    # Not cut to the width of a terminal when it goes to a file or a pipe.
    width = None if sys.stdout.isatty() else 400
    Console(file=sys.stdout, highlight=False, markup=False, width=width).print(drawn)
