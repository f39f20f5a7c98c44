"""How long a symbol, a sheet and a card take: ``python -m tests.bench.bench_documents``.

The symbol is measured against `qrcode`'s default make of the same text, turn by turn in one run, since
times swing on shared machines. Rows hold milliseconds, medians; a goal is a ratio or a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from qrcode import QRCode

from passport.documents.card import render_card
from passport.documents.sheet import render_sheet
from passport.documents.symbol import draw_symbol, symbol_png
from tests.documents import samples

SHEETS = 500


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def peer(text: str) -> None:
    code = QRCode()
    code.add_data(text)
    code.make()


def symbol_row(count: int) -> dict[str, object]:
    digits = (samples.DIGITS * 2)[:count]
    version = draw_symbol(samples.URL, digits).version
    ours, theirs = [], []
    for _ in range(25):
        theirs.append(timed(lambda: peer(samples.URL + digits)))
        ours.append(timed(lambda: draw_symbol(samples.URL, digits)))
    return {
        "name": f"symbol, version {version}",
        "ours_ms": median(ours),
        "peer_ms": median(theirs),
        "ratio": median(ours) / median(theirs),
        "goal": "ratio <= 0.1 of qrcode",
    }


def row(name: str, work: Callable[[], object], *, times: int, goal: str) -> dict[str, object]:
    work()  # fonts are cut and registered once a process
    taken = median(timed(work) for _ in range(times))
    return {"name": name, "ours_ms": taken, "peer_ms": None, "ratio": None, "goal": goal}


def run() -> list[dict[str, object]]:
    """All rows: {name, ours_ms, peer_ms, ratio, goal}."""
    symbol = samples.symbol()
    three = samples.content(token=samples.TOKEN)
    many = samples.content(samples.attestation(samples.ALL), token=samples.TOKEN)

    def sheet_with_symbol() -> object:
        return render_sheet(three, draw_symbol(samples.URL, samples.DIGITS))

    return [
        *(symbol_row(count) for count in (400, 460, 550)),
        row("sheet with symbol, 3 skills", sheet_with_symbol, times=SHEETS, goal="<= 15 ms"),
        row("sheet, 21 skills, 4 pages", lambda: render_sheet(many, symbol), times=100, goal="<= 15 ms"),
        row("card", lambda: render_card(three, symbol), times=200, goal="<= 15 ms"),
        row("PNG, 8 pixels a module", lambda: symbol_png(symbol, module_px=8), times=100, goal="<= 5 ms"),
    ]


def main() -> None:
    for line in run():
        peer_ms, ratio = line["peer_ms"], line["ratio"]
        against = f"{peer_ms:8.2f} ms  x{ratio:.3f}" if isinstance(ratio, float) else " " * 20
        print(f"{line['name']!s:30} {line['ours_ms']:8.3f} ms  {against}  {line['goal']}")


if __name__ == "__main__":
    main()
