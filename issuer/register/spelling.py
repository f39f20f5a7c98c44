"""Names as they sound and as they are misspelt: what a name is found by.

Decided here: a name is cut into words without case, accents or signs, and each word is folded by what French
does not make one hear (ph and f, y and i, double letters, mute endings). A word is then known by short
*keys*: itself, itself with each one of its first letters left out (two words with one slip between them share
a key: Garbe, SymSpell, 2012), its beginning, and its consonants. Folding loses nothing: a key only proposes a
person, whom `issuer.people.finding` compares letter by letter, and a human decides.

Left to others: keeping the keys (`issuer.store.people`), ranking (`issuer.people.finding`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

__all__ = ["keys_of", "sound_of", "words_of"]

_LONG: Final = 6
"""Letters of a folded word that its keys look at: what is wrong after them is forgiven."""

_LETTERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
# In this order: what is folded first is not seen by the later ones. Capitals stand for sounds.
_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"),
        ("ch(?=[lr])", "k"),
        ("s?ch|sh", "C"),
        ("qu?|c(?=[aouklr])|ck|c$|c(?=[^eiyh])", "k"),
        ("c", "s"),
        ("gu(?=[eiy])", "G"),
        ("g(?=[eiy])", "j"),
        ("e?au", "o"),
        ("ou|w", "u"),
        ("[ae][iy]", "e"),
        ("y", "i"),
        ("z", "s"),
        ("h", ""),
        (r"(.)\1+", r"\1"),
    )
)
_MUTE: Final = re.compile("(?<=...)[stdxpe]+$")
_VOWELS: Final = re.compile("(?<!^)[aeiou]")


def words_of(name: str) -> list[str]:
    """Return the words of a name: lower case, no accents, letters and digits only."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in bare).split()


@lru_cache(maxsize=20_000)
def sound_of(word: str) -> str:
    """Return a word of `words_of` as it sounds in French, more or less; never empty."""
    sound = word
    for pattern, heard in _SOUNDS:
        sound = pattern.sub(heard, sound)
    return _MUTE.sub("", sound) or word


def keys_of(*names: str) -> frozenset[str]:
    """Return the keys of a person's names, or of what somebody typed to find them."""
    keys: set[str] = set()
    for name in names:
        words = words_of(name)
        for word in words:
            keys |= _keys_of_word(sound_of(word))
        # Jean-Pierre is Jeanpierre, Du Pont is Dupont.
        keys |= {sound_of(one + other)[:_LONG] for one, other in pairwise(words)}
    return frozenset(keys)


def _keys_of_word(sound: str) -> set[str]:
    start = sound[:_LONG]
    if len(start) < 3:
        return {start}
    shorter = {start[:at] + start[at + 1 :] for at in range(len(start))}
    consonants = _VOWELS.sub("", sound)[:_LONG]
    skeleton = {f"%{consonants}"} if len(consonants) > 2 else set()
    return {start, f"^{sound[:3]}", *shorter, *skeleton}
