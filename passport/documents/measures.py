"""The measures that all pages of the sheet share, in points, `y` running down from the top edge.

Decided here: A4 with margins that every office printer can reach, and the smallest size of a text that a
resident must read (DOMAIN.md: 14 points). Small print is for references to a framework only.
"""

from __future__ import annotations

from typing import Final

__all__ = ["A4", "HEADING", "LEADING", "MARGIN", "READ", "SMALL", "TEXT_WIDTH"]

A4: Final = (595.28, 841.89)
MARGIN: Final = 48.0
TEXT_WIDTH: Final = A4[0] - 2 * MARGIN
READ: Final = 14.0
LEADING: Final = 19.0
SMALL: Final = 9.5
HEADING: Final = 17.0
