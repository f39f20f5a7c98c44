"""The codewords of a QR symbol: a byte segment and a numeric segment, with their error correction.

Decided here: how the text becomes bits (ISO/IEC 18004:2015 sections 7.4 and 7.5), always at level M,
and which version is the smallest that holds it. The block and field tables come from `qrcode`; its own
bit buffer and polynomial division are not used, because they cost more than everything else together.
Left to others: where each bit goes and which mask is best (`passport.documents.modules`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Final

from qrcode import base, constants, util

from passport.errors import PassportError
from passport.limits import LIMITS

__all__ = ["codeword_bits", "smallest_version"]

_MODE_BITS: Final = 4
_TERMINATOR_BITS: Final = 4
_DIGIT_GROUPS: Final[dict[str, str]] = {
    f"{value:0{width}d}": f"{value:0{util.NUMBER_LENGTH[width]}b}"
    for width in (1, 2, 3)
    for value in range(10**width)
}


def smallest_version(url: str, digits: str) -> int:
    """Return the smallest version at level M that holds `url` in bytes and `digits` as a number.

    Raises `PassportError`: `qr_text` when a segment holds anything but printable ASCII or ASCII digits,
    `qr_too_large` above `LIMITS.qr_max_version`: beyond it a 40 mm print is not read (PAPER.md).
    """
    if not (url and url.isascii() and url.isprintable()):
        raise PassportError("The address of a QR symbol is printable ASCII, not empty.", code="qr_text")
    if not (digits.isascii() and digits.isdigit()):
        raise PassportError("The payload of a QR symbol is made of the digits 0 to 9.", code="qr_text")
    payload = 8 * len(url) + 10 * (len(digits) // 3) + (0, 4, 7)[len(digits) % 3]
    for version in range(1, LIMITS.qr_max_version + 1):
        if payload + sum(_header_bits(version)) <= _capacity_bits(version):
            return version
    raise PassportError(
        f"The QR symbol would be larger than version {LIMITS.qr_max_version}: {len(url)} bytes "
        f"and {len(digits)} digits.",
        code="qr_too_large",
        hint="Shorten the name, or attest fewer competences in one attestation.",
        detail={"url_bytes": len(url), "digits": len(digits), "max_version": LIMITS.qr_max_version},
    )


def codeword_bits(url: str, digits: str, *, version: int) -> str:
    """Return all codewords of the symbol in the order of placement, as a text of ``0`` and ``1``.

    The text has been measured by `smallest_version`; a smaller `version` is a programming error.
    """
    data = _padded(_segments(url, digits, version), _capacity_bits(version))
    blocks = _blocks(data, version)
    corrections = [_correction(block, version) for block in blocks]
    codewords = bytes((*_interleaved(blocks), *chain.from_iterable(zip(*corrections, strict=True))))
    return f"{int.from_bytes(codewords):0{8 * len(codewords)}b}"


@cache
def _header_bits(version: int) -> tuple[int, int]:
    """Mode indicator and character count of the byte and of the numeric segment (table 3)."""
    return (
        _MODE_BITS + util.length_in_bits(util.MODE_8BIT_BYTE, version),
        _MODE_BITS + util.length_in_bits(util.MODE_NUMBER, version),
    )


@cache
def _capacity_bits(version: int) -> int:
    return int(util.BIT_LIMIT_TABLE[constants.ERROR_CORRECT_M][version])


@cache
def _data_counts(version: int) -> tuple[int, ...]:
    return tuple(block.data_count for block in base.rs_blocks(version, constants.ERROR_CORRECT_M))


@cache
def _correction_count(version: int) -> int:
    first = base.rs_blocks(version, constants.ERROR_CORRECT_M)[0]
    return int(first.total_count - first.data_count)


def _segments(url: str, digits: str, version: int) -> str:
    byte_header, number_header = _header_bits(version)
    return "".join(
        (
            f"{util.MODE_8BIT_BYTE:04b}{len(url):0{byte_header - _MODE_BITS}b}",
            f"{int.from_bytes(url.encode('ascii')):0{8 * len(url)}b}",
            f"{util.MODE_NUMBER:04b}{len(digits):0{number_header - _MODE_BITS}b}",
            *[_DIGIT_GROUPS[digits[at : at + 3]] for at in range(0, len(digits), 3)],
        )
    )


def _padded(bits: str, capacity: int) -> bytes:
    """Terminator, zero bits to a whole byte, then the two pad codewords in turn (section 7.4.9)."""
    bits += "0" * min(_TERMINATOR_BITS, capacity - len(bits))
    bits += "0" * (-len(bits) % 8)
    missing = (capacity - len(bits)) // 8
    data = int(bits, 2).to_bytes(len(bits) // 8)
    return data + (bytes((util.PAD0, util.PAD1)) * (missing // 2 + 1))[:missing]


def _blocks(data: bytes, version: int) -> list[bytes]:
    blocks, start = [], 0
    for count in _data_counts(version):
        blocks.append(data[start : start + count])
        start += count
    return blocks


def _interleaved(blocks: Sequence[bytes]) -> bytes:
    """First bytes of every block, then second bytes…; the longer blocks stand last (section 7.6)."""
    shortest = len(blocks[0])
    even = chain.from_iterable(zip(*(block[:shortest] for block in blocks), strict=True))
    return bytes((*even, *chain.from_iterable(block[shortest:] for block in blocks)))


def _correction(block: bytes, version: int) -> bytes:
    """Reed-Solomon remainder of one block, a whole remainder a step in one integer (section 7.5.2)."""
    count = _correction_count(version)
    multiples, shift, kept = _generator_multiples(count), 8 * (count - 1), (1 << 8 * (count - 1)) - 1
    remainder = 0
    for byte in block:
        remainder = ((remainder & kept) << 8) ^ multiples[(remainder >> shift) ^ byte]
    return remainder.to_bytes(count)


@cache
def _generator_multiples(count: int) -> tuple[int, ...]:
    """For each value of the leading byte, what it adds to the remainder: 256 integers of `count` bytes."""
    generator = base.Polynomial([1], 0)
    for power in range(count):
        generator = generator * base.Polynomial([1, base.gexp(power)], 0)
    logs = [base.glog(coefficient) for coefficient in generator][1:]
    scaled = (bytes(base.gexp(base.glog(lead) + log) for log in logs) for lead in range(1, 256))
    return (0, *map(int.from_bytes, scaled))
