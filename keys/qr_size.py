"""How large the QR symbol will be, told before anything is signed or drawn.

Decided here: the smallest version at level M that holds a page address as a byte segment, its ``#``
included, and decimal digits as a numeric segment. Left to others: drawing it (`passport.documents`, which
custody does not import, so that signing needs no printing library).

Source: ISO/IEC 18004:2015, table 3 (widths of the character count), table 7 (data codewords at level M),
section 7.4.3 (numeric mode: 10 bits for three digits, 7 for two, 4 for one).
"""

from __future__ import annotations

from typing import Final

from passport.limits import LIMITS
from passport.packing import qr_url

__all__ = ["symbol_version"]

_DATA_CODEWORDS: Final = (16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290)
_MODE_BITS: Final = 4
_REST_BITS: Final = (0, 4, 7)
_WIDER_COUNTS_FROM: Final = 10


def symbol_version(page: str, digits: str) -> int | None:
    """Return the version (1 to 12) of the symbol for ``page#digits``, or None above `LIMITS.qr_max_version`.

    `page`: the address without its fragment. `digits`: ASCII digits.
    """
    text_bits = 8 * len(qr_url(page, "").encode())
    digit_bits = 10 * (len(digits) // 3) + _REST_BITS[len(digits) % 3]
    for version, codewords in enumerate(_DATA_CODEWORDS[: LIMITS.qr_max_version], start=1):
        counts = 8 + 10 if version < _WIDER_COUNTS_FROM else 16 + 12
        if 2 * _MODE_BITS + counts + text_bits + digit_bits <= 8 * codewords:
            return version
    return None
