"""`passport issue`, from a CSV to PDF, card, PNG and token, as a trainer would run it: 1,000 people, told
also for 10,000. ``PEOPLE=10000 make bench ARGS=issue`` runs the 10,000 for real.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import Row

PEOPLE = int(os.environ.get("PEOPLE", "1000"))
MANY = 10_000


def run() -> list[Row]:
    """Return the rows of this bench."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        environment = {**os.environ, "PASSPORT_PASSPHRASE": "bench", "PASSPORT_DIR": str(folder / "town")}

        def passport(*arguments: str) -> float:
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "issuer.cli", *arguments],
                cwd=folder,
                env=environment,
                check=True,
                capture_output=True,
            )
            return time.perf_counter() - start

        passport("init", "town", "--scheme", "Bench", "--url", "https://bench.example")
        passport(
            "body", "add", "town", "body", "--name", "Bench", "--kind", "agency", "--may", "digcomp-3.0:1-6"
        )
        (folder / "people.csv").write_text(_people(), "utf-8")
        said = ("--body", "body", "--out", "papers", "--assessed-on", time.strftime("%Y-%m-%d"))
        taken = passport("issue", "town", "people.csv", *said, "--method", "test")
        files = sum(1 for _ in (folder / "papers").iterdir())
        sheets = [path.stat().st_size for path in (folder / "papers").glob("*.pdf") if _is_sheet(path)]
    name = f"{PEOPLE} people by passport issue ({files} files, sheets up to {max(sheets) // 1000} kB)"
    rows = [Row(name, round(taken * 1000), "-", None, None, f"≤ {24 * PEOPLE:,} ms, ≤ 40 kB")]
    if PEOPLE != MANY:
        told = f"that makes for {MANY:,} people"
        rows.append(Row(told, round(taken * 1000 * MANY / PEOPLE), "-", None, None, "≤ 240,000 ms"))
    return rows


def _is_sheet(path: Path) -> bool:
    return not path.name.endswith(".card.pdf")


def _people() -> str:
    lines = [f"Prénom{n};Nom{n};{1 + n % 6};{1 + n % 5};{1 + n % 4}" for n in range(PEOPLE)]
    return "\n".join(["Prénom;Nom;DC 1.1;DC 2.1;DC 4.2", *lines, ""])
