"""What a fault is, and the bounds that are looked at before any other check.

Decided here: a fault has a stable code, a place (JSON pointer, RFC 6901), one sentence and the section it
comes from; a document that is nested too deep or has too many values is not looked at any further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from passport.limits import LIMITS

__all__ = ["Fault", "Faults", "objects_in", "pointer", "too_large"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as the standard asks. `pointer`: where (RFC 6901), ``""`` is the document.

    `message`: an English sentence; it may quote the name of a member, type or context, never a claim.
    """

    code: str
    pointer: str
    message: str
    section: str


@dataclass(slots=True)
class Faults:
    """The faults found so far, in the order of the checks."""

    found: list[Fault] = field(default_factory=list)

    def add(self, code: str, where: str, message: str, section: str) -> None:
        """Note one fault."""
        self.found.append(Fault(code, where, message, section))


def pointer(where: str, *steps: str | int) -> str:
    """Return the JSON pointer of what lies `steps` below `where`."""
    return where + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')[:100]}" for step in steps)


def too_large(document: object) -> Fault | None:
    """Return a fault when a document is nested too deep or has too many values to be looked at."""
    depth, count, level = 0, 0, [document]
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > LIMITS.json_depth or count > LIMITS.credential_values:
            message = (
                f"The document has more than {LIMITS.json_depth} levels or {LIMITS.credential_values} values."
            )
            return Fault("too_large", "", message, "own limit")
        level = [child for parent in level for child in _children(parent)]
    return None


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def objects_in(value: object, where: str) -> Iterator[tuple[object, str]]:
    """Give the values of a member that may be one or a list of them, each with its place."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield item, pointer(where, number)
    else:
        yield value, where
