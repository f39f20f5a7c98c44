"""Profile: what a post or a course asks for, and how far an attestation answers it.

What is decided here: how a profile is written in an address (``digcomp-3.0:1.1-3,2.1-2``: framework, then
competence and lowest level), what is refused of it (an address comes from anybody), and the three answers
for each competence. There is no fourth: an attestation never says that somebody *cannot* do a thing, and a
competence that was not assessed is not a competence that is missing.

Left to others: whether the attestation holds (`verifier.verifying`), the words (`verifier.comparing`).
Levels of two frameworks are never converted into each other.

Example::

    >>> read_profile("digcomp-3.0:2.1-2,1.1-3").text
    'digcomp-3.0:1.1-3,2.1-2'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from passport.errors import MalformedError, PassportError
from passport.framework import Framework, framework
from passport.model import Attestation

__all__ = ["Fit", "Profile", "answers", "make_profile", "overall", "read_profile"]

_CHARS: Final = 400
_FORM: Final = re.compile(r"([a-z][a-z0-9.-]{1,39}):([A-Z0-9.,-]+)")
_ONE: Final = re.compile(r"([A-Z]?[0-9]{1,2}(?:\.[0-9]{1,2})?)-([1-9])")


class Fit(StrEnum):
    """How far one competence of an attestation answers a profile, or the whole of it."""

    MET = "met"
    PARTLY = "partly"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True)
class Profile:
    """Competences of one framework at their lowest levels, in the framework's order."""

    framework: str
    levels: Mapping[str, int]

    @property
    def text(self) -> str:
        """The profile as addresses carry it; one profile has one writing."""
        return f"{self.framework}:{','.join(f'{one}-{level}' for one, level in self.levels.items())}"


def make_profile(known: Framework, levels: Mapping[str, int]) -> Profile:
    """Return a profile of competences and levels that the framework knows; raise `MalformedError`."""
    if not levels or not all(known.knows(one, level) for one, level in levels.items()):
        raise _refused()
    ordered = {c.id: levels[c.id] for c in known.competences if c.id in levels}
    return Profile(known.id, MappingProxyType(ordered))


def read_profile(text: str) -> Profile:
    """Return the profile in `text`; raise `MalformedError` (`profile`) for anything else."""
    whole = _FORM.fullmatch(text) if len(text) <= _CHARS else None
    if whole is None:
        raise _refused()
    parts = [_ONE.fullmatch(part) for part in whole[2].split(",")]
    levels = {part[1]: int(part[2]) for part in parts if part is not None}
    if len(levels) != len(parts):  # a part that is none, or a competence asked for twice
        raise _refused()
    try:
        return make_profile(framework(whole[1]), levels)
    except PassportError:
        raise _refused() from None


def answers(profile: Profile, attestation: Attestation) -> dict[str, Fit]:
    """Return the answer for each competence of the profile, in its order."""
    same = attestation.framework == profile.framework
    found = attestation.levels if same else {}
    return {one: _answer(found.get(one), wanted) for one, wanted in profile.levels.items()}


def overall(fits: Mapping[str, Fit]) -> Fit:
    """Return the answer of a whole attestation: met when each is met, not assessed when none was."""
    kinds = set(fits.values())
    return kinds.pop() if len(kinds) == 1 else Fit.PARTLY


def _answer(level: int | None, wanted: int) -> Fit:
    if level is None:
        return Fit.NOT_ASSESSED
    return Fit.MET if level >= wanted else Fit.PARTLY


def _refused() -> MalformedError:
    return MalformedError(
        "The profile cannot be read.", code="profile", hint="Expected FRAMEWORK:COMPETENCE-LEVEL,…"
    )
