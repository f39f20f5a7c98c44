"""Pictures: from PNG or JPEG bytes to the texts of the QR codes seen in them.

What is decided here: that a picture is measured from its header before a pixel is decoded, how it
becomes grey on white, and in which order scales and binarisations are tried, cheap and likely first,
so that a photo of a creased paper reads and a photo of a cat is soon given up. A symbol is read, never
followed. The only module that imports Pillow and zxing-cpp.

Left to others: what a text holds (`verifier.intake`).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import zxingcpp
from PIL import Image, JpegImagePlugin, PngImagePlugin

from passport.errors import MalformedError
from passport.limits import LIMITS

__all__ = ["open_picture", "read_symbols"]

_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
# A QR of 61 modules at 3 pixels a module in a third of the frame: enough for most, at a tenth of the cost.
_FIRST_LOOK: Final = 1_600
_SECOND_LOOK: Final = 2_600
_AT_MOST: Final = 20
_LONGEST: Final = 4_096


def open_picture(data: bytes) -> Image.Image:
    """Return the picture in grey. Raises `MalformedError`: `image_pixels`, `file_broken`.

    The two decoders are called by name: `Image.open` would try forty formats, and warn instead of refuse.
    """
    try:
        # Pillow's plugin classes are not annotated.
        decoder = (
            PngImagePlugin.PngImageFile if data.startswith(b"\x89PNG") else JpegImagePlugin.JpegImageFile
        )
        picture: Image.Image = decoder(io.BytesIO(data))
        _check_size(picture)
        picture.draft("L", picture.size)
        return _on_white(picture)
    except MalformedError:
        raise
    except Exception:  # noqa: BLE001  whatever a hostile picture makes the decoder raise, it is broken
        raise MalformedError("The picture cannot be read.", code="file_broken") from None


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > LIMITS.image_pixels or min(width, height) < 1:
        raise MalformedError(
            f"The picture has {width} × {height} pixels; expected at most {LIMITS.image_pixels} in all.",
            code="image_pixels",
        )


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in grey, transparent parts as paper: black on nothing would be black on black."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        alpha = picture.convert("RGBA")
        paper = Image.new("RGBA", alpha.size, "white")
        return Image.alpha_composite(paper, alpha).convert("L")
    return picture.convert("L")


def read_symbols(picture: Image.Image, *, thorough: bool = True) -> list[str]:
    """Return the texts of the QR codes in a grey picture, each once; the first look that sees one decides."""
    for look, binarizer in _looks(picture, thorough=thorough):
        symbols = zxingcpp.read_barcodes(
            look,
            formats=_QR,
            binarizer=binarizer,
            text_mode=zxingcpp.TextMode.Plain,
        )
        texts = [symbol.text for symbol in symbols[:_AT_MOST] if 0 < len(symbol.text) <= _LONGEST]
        if texts:
            return list(dict.fromkeys(texts))
    return []


def _looks(picture: Image.Image, *, thorough: bool) -> Iterator[tuple[Image.Image, zxingcpp.Binarizer]]:
    local, whole = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram
    longest = max(picture.size)
    if not thorough:
        yield picture, local
        return
    small = _at_most(picture, _FIRST_LOOK)
    yield small, local
    if longest > _FIRST_LOOK:
        yield _at_most(picture, _SECOND_LOOK), local
    if longest > _SECOND_LOOK:
        yield picture, local
    yield small, whole
    if longest <= _FIRST_LOOK:
        yield picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC), local


def _at_most(picture: Image.Image, longest: int) -> Image.Image:
    ratio = longest / max(picture.size)
    if ratio >= 1:
        return picture
    size = max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))
    return picture.resize(size, Image.Resampling.BOX)
