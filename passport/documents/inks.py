"""The inks of all prints.

Decided here: a deep green and an ochre, chosen to stay apart in grey and in print; neither is the State's.
The four inks of a verdict are those of the checking page, all dark: in grey its icon and its word tell.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Ink"]


class Ink(Enum):
    """An ink, as red, green and blue from 0 to 1 (sRGB)."""

    BLACK = (0.09, 0.10, 0.10)
    GREY = (0.33, 0.36, 0.35)
    PINE = (0.07, 0.27, 0.23)
    OCHRE = (0.80, 0.52, 0.13)
    TINT = (0.925, 0.95, 0.935)
    MIST = (0.93, 0.93, 0.93)
    RULE = (0.78, 0.83, 0.80)
    LINE = (0.45, 0.52, 0.49)
    WHITE = (1.0, 1.0, 1.0)
    OK = (0.114, 0.361, 0.208)
    ATTENTION = (0.478, 0.29, 0.024)
    STOP = (0.561, 0.122, 0.106)
    UNKNOWN = (0.239, 0.294, 0.349)

    def __init__(self, red: float, green: float, blue: float) -> None:
        self.operands = f"{red:g} {green:g} {blue:g}"
        """The operands of a PDF colour operator."""
