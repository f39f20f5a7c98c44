"""Schemathesis asks the served application what the OpenAPI document allows, and what it does not allow.

Its own process and a real socket: a program that knows nothing of us but the document. Every check is on, the
questions are the same on every run (`schemathesis.toml`), and a warning is an error.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages.serving import Counter, served

CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.slow
def test_what_is_answered_conforms_to_the_document(counter: Counter, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)]
    with served(counter.app()) as url:
        asked = subprocess.run(
            [*program, "run", f"{url}/openapi.json", "--checks", "all"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "6 selected / 6 total" in asked.stdout
    assert "No issues found" in asked.stdout
