"""The QR of a text on a screen, read back by a decoder that is not ours."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from passport.documents.symbol import symbol_png
from passport.documents.text_symbol import draw_text
from passport.errors import PassportError


@pytest.mark.parametrize(
    "text",
    [
        "https://pass.example/desk/welcome#" + "aZ9_-" * 8 + "abc",
        "otpauth://totp/R%C3%A9seau:zoe.1234?secret=" + "A" * 32 + "&issuer=R%C3%A9seau",
        "0",
        "x" * 1_500,
    ],
)
def test_a_decoder_reads_the_very_text(text: str) -> None:
    picture = Image.open(io.BytesIO(symbol_png(draw_text(text), module_px=4)))
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == text


@pytest.mark.parametrize(("text", "code"), [("", "qr_text"), ("é", "qr_text"), ("x" * 5_000, "qr_too_large")])
def test_what_is_no_such_text_is_refused(text: str, code: str) -> None:
    with pytest.raises(PassportError) as caught:
        draw_text(text)
    assert caught.value.code == code
