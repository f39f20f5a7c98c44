"""The logo of a body: hostile pixels made small and plain, or its initials when it has none.

Decided here: which picture is taken (PNG, bounded), that it is flattened on white, and the size it is
reduced to, so that a sheet stays under 40 kB. Left to others: where it stands (`front`, `card`).
"""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image

from passport.errors import PassportError
from passport.limits import LIMITS

__all__ = ["LogoPixels", "initials", "logo_pixels"]

_WIDEST: Final = 360
_HIGHEST: Final = 150
_SMALL_WORDS: Final = frozenset(
    {"à", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour", "sur"}
)


@dataclass(frozen=True, slots=True)
class LogoPixels:
    """Pixels ready for a PDF image: zlib stream, size in pixels, name of the PDF colour space.

    `name`: tells it from other logos in the same document.
    """

    name: str
    width: int
    height: int
    colour_space: str
    deflated: bytes


@lru_cache(maxsize=32)
def logo_pixels(png: bytes) -> LogoPixels:
    """Return the pixels of a PNG, reduced to at most 360 × 150 and laid on white.

    Raises `PassportError` (`logo_unreadable`) for anything else than a whole PNG of bounded size.
    """
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            if picture.width * picture.height > LIMITS.image_pixels // 10:
                raise PassportError("The logo has too many pixels.", code="logo_unreadable")
            layered = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, zlib.error, Image.DecompressionBombError) as error:
        raise PassportError(
            "The logo cannot be read; expected a PNG picture.", code="logo_unreadable"
        ) from error
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    flat.thumbnail((_WIDEST, _HIGHEST), Image.Resampling.LANCZOS)
    pixels = flat.tobytes()
    name = f"logo{hashlib.sha256(pixels).hexdigest()[:12]}"
    return LogoPixels(name, flat.width, flat.height, "DeviceRGB", zlib.compress(pixels, 9))


def initials(name: str) -> str:
    """Return one or two capitals for a body without a logo: ``Centre social du Cap Blanc`` → ``CC``."""
    words = [
        word
        for word in name.replace("’", " ").replace("'", " ").replace("-", " ").split()
        if word[0].isalnum()
    ]
    telling = [word for word in words if word.lower() not in _SMALL_WORDS] or words
    return "".join(word[0].upper() for word in telling[:2]) or "·"
