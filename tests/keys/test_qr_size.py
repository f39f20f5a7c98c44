"""The size of the symbol, told in advance: the same as another program finds, at every border."""

from __future__ import annotations

import pytest
import qrcode
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from keys.qr_size import symbol_version

PAGE = "https://passeport.example/v"


def best_fit(page: str, digits: str) -> int:
    symbol = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    symbol.add_data(QRData(f"{page}#".encode(), mode=MODE_8BIT_BYTE))
    symbol.add_data(QRData(digits.encode(), mode=MODE_NUMBER))
    return int(symbol.best_fit())


@pytest.mark.parametrize(
    "page", ["https://a.fr/v", PAGE, "https://verification.une-longue-adresse.example/v"]
)
def test_it_agrees_with_another_program(page: str) -> None:
    for count in range(1, 640):
        digits = "9" * count
        expected = best_fit(page, digits)
        assert symbol_version(page, digits) == (expected if expected <= 12 else None), count


def test_beyond_version_12_there_is_none() -> None:
    largest = max(count for count in range(500, 700) if symbol_version(PAGE, "1" * count))
    assert best_fit(PAGE, "1" * largest) == 12
    assert best_fit(PAGE, "1" * (largest + 1)) == 13
