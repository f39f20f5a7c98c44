"""What was wrong in a file, and how it is said: line, column, what was wrong and the fix.

What is decided here: the shape of a fault and its wording, from `messages.json` beside this module
(French and English, complete by test). Values in faults are cells of the file, cut to forty characters:
they go to the person who gave the file, never into a log. Left to others: finding the faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from passport.errors import PassportError
from passport.framework import Lang
from passport.pages.catalogue import fill

__all__ = ["MAX_FAULTS", "Fault", "Faults", "IntakeError", "messages", "shown"]

_SHOWN_CHARS: Final = 40
MAX_FAULTS: Final = 500
"""So many faults of a file are kept; further ones are only counted."""

_NO_BREAK: Final = "\u00a0\u202f"


@cache
def messages() -> Mapping[str, Any]:
    """Return the wording: code → language → ``message`` and ``fix``, and the parts of a place."""
    found: Mapping[str, Any] = json.loads(files("issuer.intake").joinpath("messages.json").read_bytes())
    return found


def shown(cell: str) -> str:
    """Return a cell as it may be repeated in a message: on one line, printable, forty characters."""
    flat = "".join(c if c.isprintable() or c in _NO_BREAK else "\N{REPLACEMENT CHARACTER}" for c in cell)
    return flat if len(flat) <= _SHOWN_CHARS else flat[: _SHOWN_CHARS - 1] + "…"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    `line`: as a spreadsheet numbers it, the header being line 1 (0: the whole file). `column`: its
    letter (``C``) or "". `header`: the title of the column, as written.
    """

    code: str
    line: int = 0
    column: str = ""
    header: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def place(self, lang: Lang) -> str:
        """Say where: ``Ligne 3, colonne C « Né le »``; "" for the whole file."""
        words = messages()["_place"][lang]
        if not self.line:
            return ""
        if not self.column:
            return fill(words["line"], {"line": self.line}, where="line")
        values = {"line": self.line, "column": self.column, "header": shown(self.header)}
        key = "cell" if self.header else "column"
        return fill(words[key], values if self.header else _without(values, "header"), where=key)

    def message(self, lang: Lang) -> str:
        """Say what was wrong."""
        return self._filled("message", lang)

    def fix(self, lang: Lang) -> str:
        """Say what to do."""
        return self._filled("fix", lang)

    def sentence(self, lang: Lang) -> str:
        """Say all of it on one line."""
        where = self.place(lang)
        colon = "\u00a0: " if lang == "fr" else ": "
        return f"{where}{colon if where else ''}{self.message(lang)} {self.fix(lang)}"

    def to_json(self, lang: Lang) -> dict[str, object]:
        """Return the fault for machines."""
        return {
            "code": self.code,
            "line": self.line,
            "column": self.column,
            "header": self.header,
            "message": self.message(lang),
            "fix": self.fix(lang),
        }

    def _filled(self, part: str, lang: Lang) -> str:
        template: str = messages()[self.code][lang][part]
        asked = {name: value for name, value in self.values.items() if f"{{{name}}}" in template}
        return fill(template, asked, where=f"{self.code}.{part}")


def _without(values: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in values.items() if key != name}


class IntakeError(PassportError):
    """The file cannot be taken; `faults` has what is wrong with it, in the order of the file.

    `count`: how many faults there are; of more than `MAX_FAULTS` only so many are in `faults`.
    """

    default_code = "intake"

    def __init__(self, faults: Iterable[Fault], *, count: int = 0) -> None:
        self.faults: Final = tuple(
            sorted(faults, key=lambda fault: (fault.line, len(fault.column), fault.column))
        )
        self.count: Final = max(count, len(self.faults))
        codes = sorted({fault.code for fault in self.faults})
        super().__init__(
            f"The file has {self.count} errors ({', '.join(codes)}); nothing was issued.",
            hint="Correct the lines that are named and give the same file again.",
            detail={"faults": self.count, "codes": codes},
        )


class Faults:
    """Collects faults while a file is read, so that all of them are said at once.

    `count`: how many there are; the first `MAX_FAULTS` are kept, or a hostile file would fill the memory.
    """

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.count = 0

    def add(self, fault: Fault) -> None:
        """Count one, and keep it among the first."""
        self.count += 1
        if len(self.found) < MAX_FAULTS:
            self.found.append(fault)

    def stop(self) -> None:
        """Raise `IntakeError` when there is anything."""
        if self.found:
            raise IntakeError(self.found, count=self.count)
