"""The typed code: eleven characters that a pencil can copy, the last one a check character.

Decided here: the alphabet (24 characters that no hand confuses), the groups 4-4-3, the check over
GF(8) × GF(3), what is forgiven (case, spaces, dashes) and what is said when a code is wrong: which
group to look at again, before any server is asked. Every single wrong character and every swap of two
neighbours is caught; no weighted sum modulo 24 can do that. Where the wrong one stands cannot be known for
sure, for in each place one other character would fit. A group is named when a likely slip of
the eye is there.

Left to others: which attestation a code names (the issuing counter's register). A code is random; it
holds nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from passport.errors import MalformedError

__all__ = ["ALPHABET", "format_code", "new_code", "read_code"]

ALPHABET: Final = "2346789BCDFGHJKMPQRTVWXY"
LENGTH: Final = 11
_GROUPS: Final = ((0, 4), (4, 8), (8, 11))
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
# Taken for each other by a tired eye: for each character the others.
_ALIKE: Final = {"8": "B", "B": "8", "6": "G", "G": "6C", "C": "G", "V": "Y", "Y": "V", "P": "R", "R": "P"}
_FORGIVEN: Final = str.maketrans("", "", " -‐‑‒–—.\u00a0\u202f\t\r\n")

# Each value v of 0..23 is the pair (v // 3, v % 3) of GF(8) × GF(3). A code word is right when the weighted
# sum of its pairs is zero in both fields. Weights are never zero (every single error shows) and differ
# between neighbours (every swap of two different neighbours shows).
_WEIGHTS_8: Final = (1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 1)
_WEIGHTS_3: Final = (1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)


def _times_8(a: int, b: int) -> int:
    """Multiply in GF(8) = GF(2)[x] / (x³ + x + 1)."""
    product = 0
    for bit in range(3):
        if b >> bit & 1:
            product ^= a << bit
    for bit in (4, 3):
        if product >> bit & 1:
            product ^= 0b1011 << (bit - 3)
    return product


def _syndrome(values: list[int]) -> tuple[int, int]:
    in_8 = in_3 = 0
    for value, weight_8, weight_3 in zip(values, _WEIGHTS_8, _WEIGHTS_3, strict=False):
        in_8 ^= _times_8(value // 3, weight_8)
        in_3 = (in_3 + value % 3 * weight_3) % 3
    return in_8, in_3


def _check_character(body: list[int]) -> str:
    """Return the character that makes the syndrome zero; both last weights are 1."""
    in_8, in_3 = _syndrome(body)
    return ALPHABET[in_8 * 3 + (-in_3) % 3]


def new_code(*, random_below: Callable[[int], int] = secrets.randbelow) -> str:
    """Return a new code of 11 characters, without dashes: 10 random ones (45 bits) and the check."""
    body = [random_below(len(ALPHABET)) for _ in range(LENGTH - 1)]
    return "".join(ALPHABET[value] for value in body) + _check_character(body)


def format_code(code: str) -> str:
    """Return the code in groups as printed: ``2346-789B-CDF``."""
    return "-".join(code[start:end] for start, end in _GROUPS)


def read_code(typed: str) -> str:
    """Return the 11 characters of a code as a person typed it.

    Raises `MalformedError`: `code_format` (not 11 characters), `code_letter` (a character outside the
    alphabet; `detail["group"]` says which group, 1 to 3), `code_check` (the check does not fit;
    `detail["group"]` says which group to look at first, where there is reason to).
    """
    if len(typed) > 64:
        raise MalformedError("The code is too long; expected 11 characters.", code="code_format")
    code = typed.upper().translate(_FORGIVEN)
    if len(code) != LENGTH:
        raise MalformedError(
            f"The code has {len(code)} characters; expected 11: 4, then 4, then 3.", code="code_format"
        )
    for number, (start, end) in enumerate(_GROUPS, 1):
        if any(character not in _VALUE for character in code[start:end]):
            raise MalformedError(
                f"Group {number} of the code holds a character that codes do not use.",
                code="code_letter",
                hint=f"Codes use only {ALPHABET}. Look at group {number} again.",
                detail={"group": number},
            )
    if not _is_right(code):
        group = _likely_group(code)
        raise MalformedError(
            "The check character of the code does not fit.",
            code="code_check",
            hint="Compare each group with the paper; one character is wrong or two are swapped.",
            detail={} if group is None else {"group": group},
        )
    return code


def _is_right(code: str) -> bool:
    return _syndrome([_VALUE[character] for character in code]) == (0, 0)


def _likely_group(code: str) -> int | None:
    """Return the one group where a character that looks like another, put right, makes the code right."""
    groups = {
        number
        for number, (start, end) in enumerate(_GROUPS, 1)
        for place in range(start, end)
        for other in _ALIKE.get(code[place], "")
        if _is_right(code[:place] + other + code[place + 1 :])
    }
    return groups.pop() if len(groups) == 1 else None
