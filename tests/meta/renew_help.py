"""The help of every command, as a person reads it: ``python -m tests.meta.renew_help`` writes it anew.

Decides: how help is made the same on every machine (100 columns, no colour, a clean environment), and what
each text is called. `test_readme` compares; a change of help then shows in review, as words and not as code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import typer

FOLDER = Path(__file__).parent / "help"
_ROOT = Path(__file__).resolve().parents[2]
_PRINT = "--print"


def commands() -> Mapping[tuple[str, ...], Any]:
    """Return every command of ``passport`` by its words, groups too; ``()`` is the program itself."""
    from issuer.cli.app import app

    return dict(_walk(typer.main.get_command(app), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _walk(child, (*words, name))


def help_texts() -> dict[str, str]:
    """Return file name → help, made by a new process: what this one's terminal is must not matter."""
    clean = {"PATH": os.environ.get("PATH", ""), "COLUMNS": "100", "LINES": "40", "NO_COLOR": "1"}
    clean |= {"TERM": "dumb", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    made = subprocess.run(
        [sys.executable, "-m", "tests.meta.renew_help", _PRINT],
        cwd=_ROOT,
        env=clean,
        capture_output=True,
        check=True,
    )
    texts: dict[str, str] = json.loads(made.stdout)
    return texts


def _said() -> dict[str, str]:
    from issuer.cli import main
    from verifier.cli import main as verify_main

    texts = {}
    for words in commands():
        if words != ("verify",):  # the very program of passport-verify
            texts["-".join(("passport", *words))] = _told(lambda words=words: main([*words, "--help"]))
    texts["passport-verify"] = _told(lambda: verify_main(["--help"]))
    return {f"{name}.txt": text for name, text in texts.items()}


def _told(run: Any) -> str:
    heard = StringIO()
    with redirect_stdout(heard), suppress(SystemExit):  # how argparse leaves after its help
        run()
    return "\n".join(line.rstrip() for line in heard.getvalue().strip().splitlines()) + "\n"


def main() -> None:
    """Write every text, and take away those of commands that are gone."""
    if sys.argv[1:] == [_PRINT]:
        sys.stdout.write(json.dumps(_said()))
        return
    texts = help_texts()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
