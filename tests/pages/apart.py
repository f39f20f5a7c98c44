"""A checking counter of a fake town in a process of its own, as served: ``python -m tests.pages.apart``.

Prints its address, then a token that is valid there, a line each; ends with its standard input.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.pages.serving import Counter, served
from verifier.web.serving import calm


@dataclass(frozen=True)
class Process:
    """The server: its address, tokens that are valid there, and its process."""

    url: str
    tokens: tuple[str, ...]
    pid: int

    @property
    def resident(self) -> int:
        """Bytes of memory that it holds now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_seconds(self) -> float:
        """Seconds of a processor that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving_apart(*, tokens: int = 1) -> Iterator[Process]:
    """Serve a counter in a process of its own."""
    program = [sys.executable, "-m", "tests.pages.apart", str(tokens)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        lines = [process.stdout.readline().strip() for _ in range(tokens + 1)]
        assert all(lines), "the server did not start"
        yield Process(lines[0], tuple(lines[1:]), process.pid)
        process.stdin.close()


def main() -> None:
    counter = Counter.make()
    app = counter.app()
    tokens = [counter.town.issue().decode() for _ in range(int(sys.argv[1]))]
    calm()
    with served(app) as url:
        print(url, *tokens, sep="\n", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
