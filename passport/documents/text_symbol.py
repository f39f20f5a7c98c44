"""The QR of a short text that a screen shows: a link, the seed of an application.

Decided here: level M, byte mode, any version that holds it (a screen has no 40 mm). Left to others: the
symbol on paper and its limits (`symbol`), how it becomes a picture (`symbol.symbol_svg`).
"""

from __future__ import annotations

from qrcode import QRCode, constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_8BIT_BYTE, QRData

from passport.documents.symbol import Symbol
from passport.errors import PassportError

__all__ = ["draw_text"]


def draw_text(text: str) -> Symbol:
    """Draw the symbol of a text. Raises `PassportError` (`qr_text`, `qr_too_large`)."""
    if not (text and text.isascii() and text.isprintable()):
        raise PassportError("The text of a QR symbol is printable ASCII, not empty.", code="qr_text")
    drawn = QRCode(error_correction=constants.ERROR_CORRECT_M, border=0)
    drawn.add_data(QRData(text.encode("ascii"), mode=MODE_8BIT_BYTE))
    try:
        drawn.best_fit()
        drawn.mask_pattern = drawn.best_mask_pattern()
        drawn.make(fit=False)
    except (DataOverflowError, ValueError):
        raise PassportError("The text is too long for a QR symbol.", code="qr_too_large") from None
    rows = tuple(int("".join("1" if dark else "0" for dark in row), 2) for row in drawn.get_matrix())
    return Symbol(drawn.version, drawn.mask_pattern, rows)
