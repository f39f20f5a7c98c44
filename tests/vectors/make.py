"""Makes the vectors anew: `python -m tests.vectors.make`. Run only when a format changes.

Each vector is one file with one failure: `token` (or `digits`), the documents it is judged by, `at`,
`expect`, `why` and `source`. All keys are made here and thrown away; nothing else can sign for this town.
The same files are for every implementation (DESIGN, rule 12).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

from tests.vectors import bytes_cases, credential_cases, list_cases, trust_cases
from tests.vectors.case import FOLDER, Case

_CASES: list[Callable[[], list[Case]]] = [
    bytes_cases.cases,
    trust_cases.cases,
    credential_cases.cases,
    list_cases.cases,
]


def main() -> None:
    """Write every vector and its documents; old ones are removed."""
    for old in FOLDER.glob("*.json"):
        old.unlink()
    shutil.rmtree(FOLDER / "documents", ignore_errors=True)
    (FOLDER / "documents").mkdir()
    count = 0
    for make in _CASES:
        for case in make():
            _write(case)
            count += 1
    print(f"{count} vectors")


def _write(case: Case) -> None:
    path = FOLDER / f"{case.name}.json"
    if path.exists():
        raise SystemExit(f"two vectors are called {case.name}")
    path.write_text(json.dumps(case.to_json(), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
