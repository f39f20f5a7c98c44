"""`make bench`: every bench in one run, a table on the terminal and JSON in `bench-results/`."""

from __future__ import annotations

import importlib
import json
import pkgutil
import platform
import sys
from pathlib import Path

from tests import bench
from tests.bench.measure import Row


def main() -> None:
    """Run the benches named on the command line, or all of them."""
    names = [m.name for m in pkgutil.iter_modules(bench.__path__) if m.name.startswith("bench_")]
    wanted = [name for name in names if not sys.argv[1:] or name.removeprefix("bench_") in sys.argv[1:]]
    rows: list[Row] = []
    for name in wanted:
        print(f"… {name}", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"tests.bench.{name}").run()
    python = f"Python {platform.python_version()}, {Path(sys.executable).resolve()}"
    print(f"{python}; one that was built without its own optimisation is slower", file=sys.stderr)
    _print(rows)
    folder = Path("bench-results")
    folder.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    told = {**machine, "rows": [row.to_json() for row in rows]}
    (folder / "latest.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _print(rows: list[Row]) -> None:
    width = max(len(row.name) for row in rows)
    print(f"{'what':{width}}  {'ours ms':>10}  {'ref. ms':>10}  {'ratio':>7}  goal")
    for row in rows:
        reference = "-" if row.reference_ms is None else f"{row.reference_ms:.3f}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
        print(f"{row.name:{width}}  {row.ours_ms:10.3f}  {reference:>10}  {ratio:>7}  {row.goal}")


if __name__ == "__main__":
    main()
