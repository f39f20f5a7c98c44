"""The modules of a QR symbol on one plain integer: placement, masks and the penalty that chooses a mask.

Decided here: the order in which bits fill a symbol, and the penalty of ISO/IEC 18004:2015 section 7.8.3
(rules 1 to 4, inside the symbol), which equals `qrcode.util.lost_point`. The fixed patterns, the format
and version information and the mask formulas are drawn once for each version by `qrcode` itself; only
its walk over lists of lists for each mask, 80 % of its time, is replaced.

A symbol of n × n modules is an integer of n rows of n + 1 bits, first module highest, 1 for dark. The
last bit of a row is a gutter: neither dark nor light, so that no run or pattern crosses a row's end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Final

from qrcode import QRCode, constants, util

__all__ = ["MASKS", "best_mask", "masked", "penalty", "placed", "split_rows"]

MASKS: Final = range(8)
_Grid = list[list[bool | None]]


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is fixed for one version. `fixed[k]`: everything of mask k that no data changes."""

    size: int
    placed: Callable[[str], tuple[str, ...]]
    fixed: tuple[int, ...]
    valid: int
    valid_pairs: int
    valid_rows: int


def placed(bits: str, version: int) -> int:
    """Return the data modules of a symbol, unmasked, from its codewords in order of placement."""
    return int("".join(_layout(version).placed(bits + "0" * 8)), 2)


def masked(data: int, version: int, mask: int) -> int:
    """Return the whole symbol: `data` under `mask`, with fixed patterns and format information."""
    return data ^ _layout(version).fixed[mask]


def best_mask(data: int, version: int) -> int:
    """Return the mask of least penalty, the lowest number among equals (section 7.8.3)."""
    return min(MASKS, key=lambda mask: penalty(masked(data, version, mask), version))


def split_rows(symbol: int, version: int) -> tuple[int, ...]:
    """Return the rows of `symbol` from top to bottom, without gutter, first module highest."""
    size = _layout(version).size
    keep = (1 << size) - 1
    return tuple(symbol >> ((size + 1) * (size - 1 - row) + 1) & keep for row in range(size))


def penalty(symbol: int, version: int) -> int:
    """Return the penalty points of a whole symbol, the four rules of section 7.8.3.1 added up."""
    layout = _layout(version)
    stride = layout.size + 1
    light = ~symbol & layout.valid
    beside = ~(symbol ^ symbol >> 1) & layout.valid_pairs
    below = ~(symbol ^ symbol >> stride) & layout.valid_rows
    blocks = 3 * (beside & beside >> stride & below).bit_count()
    dark_share = 100 * symbol.bit_count() / layout.size**2
    return (
        _runs(beside, 1)
        + _runs(below, stride)
        + blocks
        + _finder_likes(symbol, light, 1)
        + _finder_likes(symbol, light, stride)
        + 10 * int(abs(dark_share - 50) / 5)
    )


def _runs(equal: int, step: int) -> int:
    """Rule 1: a run of L ≥ 5 equal modules costs L - 2. `equal`: modules equal to their neighbour.

    A run of L shows L - 4 times in `fives`, and L - 5 times beside itself: 3(L-4) - 2(L-5) = L - 2.
    """
    pairs = equal & equal >> step
    fives = pairs & pairs >> 2 * step
    return 3 * fives.bit_count() - 2 * (fives & fives >> step).bit_count()


def _finder_likes(dark: int, light: int, step: int) -> int:
    """Rule 3: dark-light-dark 1:1:3:1:1 with four light modules before or after costs 40 each."""
    light_pairs = light & light >> step
    light_fours = light_pairs & light_pairs >> 2 * step
    one_light_one = dark & light >> step
    core = (
        one_light_one
        & (dark & dark >> step) >> 2 * step
        & (dark & light >> step) >> 4 * step
        & dark >> 6 * step
    )
    return 40 * ((core & light_fours >> 7 * step).bit_count() + (core & light_fours << 4 * step).bit_count())


@cache
def _layout(version: int) -> _Layout:
    size = 4 * version + 17
    grids = [_fixed_patterns(version, mask) for mask in MASKS]
    row = ((1 << size) - 1) << 1
    stride = size + 1
    valid = sum(row << stride * at for at in range(size))
    return _Layout(
        size=size,
        placed=_placing(grids[0]),
        fixed=tuple(_fixed_integer(grid, mask) for mask, grid in zip(MASKS, grids, strict=True)),
        valid=valid,
        # A pair is kept at its second module: the first of a row has none before it.
        valid_pairs=valid & ~sum(1 << (stride * at + size) for at in range(size)),
        valid_rows=valid & ((1 << stride * (size - 1)) - 1),
    )


def _fixed_patterns(version: int, mask: int) -> _Grid:
    """Let `qrcode` draw everything but the data; data modules are None."""
    code = QRCode(version=version, error_correction=constants.ERROR_CORRECT_M)
    size = code.modules_count = 4 * version + 17
    code.modules = [[None] * size for _ in range(size)]
    for row, column in ((0, 0), (size - 7, 0), (0, size - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    code.setup_type_info(False, mask)
    if version >= 7:
        code.setup_type_number(False)
    return list(code.modules)


def _fixed_integer(grid: _Grid, mask: int) -> int:
    inverted = util.mask_func(mask)
    bits = "".join(
        "".join(
            "1" if (inverted(row, column) if dark is None else dark) else "0"
            for column, dark in enumerate(modules)
        )
        + "0"
        for row, modules in enumerate(grid)
    )
    return int(bits, 2)


def _placing(grid: _Grid) -> Callable[[str], tuple[str, ...]]:
    """Return what picks, for every module in row order, its bit: two columns at a time, up and down.

    Section 7.7.3. Fixed modules and gutters take the last bit, which `placed` adds as zero.
    """
    size = len(grid)
    order: dict[tuple[int, int], int] = {}
    for turn, right in enumerate([*range(size - 1, 6, -2), 5, 3, 1]):
        rows = range(size - 1, -1, -1) if turn % 2 == 0 else range(size)
        for row in rows:
            for column in (right, right - 1):
                if grid[row][column] is None:
                    order[row, column] = len(order)
    return itemgetter(*(order.get((row, column), -1) for row in range(size) for column in range(size + 1)))
