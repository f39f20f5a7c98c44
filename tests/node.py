"""Node, from a package of PyPI, and the npm packages of a folder: fetched once, by its lock file.

Decided here: where they are found and when they are fetched again. Left to others: what is read with them.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["READERS", "read", "why_not"]

READERS = Path(__file__).parent / "independent"
_PROGRAMS = Path(sys.executable).parent
_SECONDS = 300


@cache
def why_not() -> str | None:
    """Return why the packages cannot be had here, or None when they are there."""
    try:
        _fetch(READERS)
    except (OSError, subprocess.SubprocessError) as error:
        return str(getattr(error, "stderr", None) or error).strip()[-300:]
    return None


def _fetch(folder: Path) -> None:
    """Install what the lock file names, where it is not there; one process at a time."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = folder / "node_modules" / ".of-lock-file"
        wanted = (folder / "package-lock.json").read_bytes()
        if stamp.is_file() and stamp.read_bytes() == wanted:
            return
        npm = [_PROGRAMS / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(npm, cwd=folder, check=True, capture_output=True, text=True, timeout=_SECONDS)
        stamp.write_bytes(wanted)


def read(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
    """Hand tasks to `independent/read.mjs`; return its answers in order."""
    command = [_PROGRAMS / "node", READERS / "read.mjs"]
    given = json.dumps(tasks)
    run = subprocess.run(command, input=given, capture_output=True, text=True, timeout=_SECONDS)
    assert run.returncode == 0, run.stderr
    answers: list[dict[str, Any]] = json.loads(run.stdout)
    return answers
