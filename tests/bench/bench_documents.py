"""How long a symbol, a sheet and a card take. The symbol is measured against `qrcode`'s default make of the
same text (same version and level), turn by turn; a sheet is the median of 500, fonts registered once.
"""

from __future__ import annotations

from collections.abc import Callable

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from passport.documents.card import render_card
from passport.documents.sheet import render_sheet
from passport.documents.symbol import draw_symbol, symbol_png
from tests.bench.measure import Row, interleaved, ratio_row
from tests.documents import samples

SHEETS = 500


def run() -> list[Row]:
    """Return the rows of this bench."""
    symbol = samples.symbol()
    few = samples.content()
    all_of_them = samples.content(samples.attestation(samples.ALL))

    def with_symbol() -> bytes:
        return render_sheet(few, draw_symbol(samples.URL, samples.DIGITS))

    return [
        *(_symbol(count) for count in (400, 460, 550)),
        _alone("A4 sheet and its QR, 3 competences", with_symbol, goal="≤ 15 ms"),
        _alone(
            "A4 sheet, 21 competences, 4 pages", lambda: render_sheet(all_of_them, symbol), goal="≤ 15 ms"
        ),
        _alone("card", lambda: render_card(few, symbol), goal="-"),
        _alone("PNG of the symbol", lambda: symbol_png(symbol, module_px=8), goal="-"),
    ]


def _symbol(count: int) -> Row:
    digits = (samples.DIGITS * 2)[:count]
    version = draw_symbol(samples.URL, digits).version

    def peer() -> None:
        code = QRCode(error_correction=ERROR_CORRECT_M)
        code.add_data(samples.URL + digits)
        code.make()

    def ours() -> None:
        draw_symbol(samples.URL, digits)

    name = f"QR symbol, version {version}"
    return ratio_row(name, ours, peer, against="qrcode's default", goal="≤ 0.1", rounds=40)


def _alone(name: str, work: Callable[[], object], *, goal: str) -> Row:
    (taken,) = interleaved(work, rounds=SHEETS)
    return Row(name, round(taken, 3), "-", None, None, goal)
