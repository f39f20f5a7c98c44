"""Passwords and PINs: which are taken, and how they are kept. The only module that imports argon2.

Decided here: Argon2id with the parameters that RFC 9106 section 4 gives second (64 MiB, three passes, four
lanes); never more than two at once in a process, so that a flood of attempts costs time and not memory; one
computation for each question, whether there is something to compare with or not. A password has 12 to 128
characters of any kind (NIST SP 800-63B section 3.1.1.2: length and a list of common ones, no rules of
composition); it never comes alone, a second factor goes with it. What is left of a password once common
words, rows of keys, years and the person's own names are taken out must still be something.

Left to others: whose they are (`issuer.store.ways`), how often somebody may try (`throttle`).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from passport.errors import InputError

__all__ = ["MAX_CHARS", "MIN_CHARS", "check_password", "check_pin", "hash_secret", "matches"]

MIN_CHARS: Final = 12
MAX_CHARS: Final = 128
_LEFT_CHARS: Final = 4
"""What must be left beside common words: fewer is a common word with a date behind it."""

_PIN: Final = re.compile(r"[0-9]{4,8}")
_NAME_CHARS: Final = 3
_COMMON: Final = (
    *("motdepasse", "mdp", "password", "passwort", "secret", "bonjour", "bienvenue", "welcome", "admin"),
    *("administrateur", "azerty", "qwerty", "qwertz", "soleil", "chouchou", "doudou", "loulou", "jetaime"),
    *("iloveyou", "marseille", "paris", "france", "aurillac", "cantal", "auvergne", "guichet", "attestation"),
    *("numerique", "atelier", "mediateur", "mediatrice", "formateur", "referent", "regie", "dragon"),
    *("football", "rugby", "pokemon", "superman", "batman", "nicolas", "camille", "letmein", "monkey"),
    *("passe", "pass", "word", "user", "test", "demo", "temp", "changeme", "changemoi", "default"),
    *("printemps", "automne", "hiver", "ete", "janvier", "fevrier", "decembre", "lundi", "vendredi"),
)
_ROWS: Final = ("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop")
_ORDERED: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890")
_RUN_CHARS: Final = 4

_hasher: Final = PasswordHasher()
_at_once: Final = threading.BoundedSemaphore(2)


def normal(secret: str) -> str:
    """Return the form that is hashed: the same for every keyboard (NIST SP 800-63B section 3.1.1.2, NFKC)."""
    return unicodedata.normalize("NFKC", secret)


def hash_secret(secret: str) -> str:
    """Return the Argon2id hash of a password or PIN, with its salt and parameters, as text."""
    with _at_once:
        return _hasher.hash(normal(secret)[:MAX_CHARS])


@cache
def _of_nobody() -> str:
    return hash_secret("the hash that is compared with when there is none")


def matches(stored: str | None, given: str) -> bool:
    """Tell whether `given` is the secret; one computation of the same cost, also when `stored` is None."""
    compared = stored or _of_nobody()
    with _at_once:
        try:
            right = _hasher.verify(compared, normal(given)[:MAX_CHARS])
        except (Argon2Error, InvalidHashError):
            return False
    return right and stored is not None


def check_password(password: str, names: Sequence[str] = ()) -> None:
    """Raise `InputError` when a password is not taken.

    Its codes: `password_short`, `password_long`, `password_common`. `names`: what anyone would try for this
    person: their names, the scheme's.
    """
    wanted = normal(password)
    if len(wanted) < MIN_CHARS:
        raise InputError(f"Expected at least {MIN_CHARS} characters.", code="password_short")
    if len(wanted) > MAX_CHARS:
        raise InputError(f"Expected at most {MAX_CHARS} characters.", code="password_long")
    if len(_left_of(wanted, names)) < _LEFT_CHARS:
        raise InputError("This password is one of those that are tried first.", code="password_common")


def _left_of(password: str, names: Sequence[str]) -> str:
    """Return what is left of a password without common words, the person's names, runs and repetitions."""
    left = _folded(password)
    own = [word for name in names for word in _folded(name).split() if len(word) >= _NAME_CHARS]
    for word in sorted({*_COMMON, *own}, key=len, reverse=True):
        left = left.replace(word, " ")
    for row in (*_ROWS, *_ORDERED):
        for line in (row, row[::-1]):
            left = _without_runs(left, line)
    left = re.sub(r"(?:19|20)[0-9]{2}", " ", left)
    left = re.sub(r"(.{1,4}?)\1{2,}", r"\1", left)
    return re.sub(r"[\W_]", "", left)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _without_runs(text: str, line: str) -> str:
    """Take out every part of `text` that runs along `line` for some characters."""
    for length in range(len(line), _RUN_CHARS - 1, -1):
        for start in range(len(line) - length + 1):
            text = text.replace(line[start : start + length], " ")
    return text


def check_pin(pin: str) -> None:
    """Raise `InputError` (`pin_form`, `pin_common`) when a PIN is not taken: 4 to 8 digits, no 1234."""
    if _PIN.fullmatch(pin) is None:
        raise InputError("Expected 4 to 8 digits.", code="pin_form")
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        raise InputError("This PIN is one of those that are tried first.", code="pin_common")
