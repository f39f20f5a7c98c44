"""What the law wants to be said of the service, and who says it: read from `legal.json` in the data folder.

Decided here: the facts of the three pages (accessibility statement: RGAA 4.1 and decree 2019-768, article 4;
legal notice: law 2004-575 of 21 June 2004, article 1-1; privacy notice: GDPR articles 13 and 14), and that a
fact which is not there is told as missing, never made up. Left to others: the pages (`issuer.web.legal`), the
words.

    {"publisher": "Régie numérique d’Aurillac", "director": "…", "host": "…", "accessibility": "partial", …}
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from issuer.settings import SettingsError

__all__ = ["LEGAL_FILE", "Legal", "read_legal"]

LEGAL_FILE: Final = "legal.json"
_LINE: Final = 400
_NUMBERS: Final = ("years_log",)


@dataclass(frozen=True, slots=True)
class Legal:
    """The facts; "" for what nobody has said yet.

    `accessibility`: what an audit found. `years_log`: how long the log of what was done is kept (how long
    attestations and people are, `scheme.json` says). Raises `SettingsError` (`legal_file`).
    """

    publisher: str = ""
    publisher_address: str = ""
    publisher_contact: str = ""
    director: str = ""
    host: str = ""
    host_address: str = ""
    controller: str = ""
    data_protection_contact: str = ""
    accessibility: Literal["none", "partial", "full"] = "none"
    audited_on: str = ""
    audited_by: str = ""
    not_accessible: str = ""
    years_log: int = 6

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _NUMBERS:
                right = type(value) is int and 1 <= value <= 100
            else:
                right = isinstance(value, str) and len(value) <= _LINE and _is_line(value)
            if not right:
                raise _wrong(f"{field.name} is not of its form")
        if self.accessibility not in ("none", "partial", "full"):
            raise _wrong("accessibility is none, partial or full")

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that the pages must have and nobody has said yet."""
        needed = ("publisher", "publisher_address", "director", "host", "host_address", "controller")
        return tuple(name for name in (*needed, "data_protection_contact") if not getattr(self, name))


def _is_line(text: str) -> bool:
    return all(c.isprintable() or c in "\u00a0\u202f" for c in text)


def read_legal(folder: Path) -> Legal:
    """Return the facts of a data folder, an empty `Legal` when there is no file.

    Raises `SettingsError` (`legal_file`).
    """
    try:
        members: dict[str, Any] = json.loads((folder / LEGAL_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return Legal()
    except (OSError, ValueError) as error:
        raise _wrong(f"it cannot be read ({type(error).__name__})") from None
    known = {field.name for field in fields(Legal)}
    if not isinstance(members, dict) or not members.keys() <= known:
        raise _wrong(f"expected an object with {', '.join(sorted(known))}")
    return Legal(**members)


def _wrong(why: str) -> SettingsError:
    return SettingsError(
        f"{LEGAL_FILE}: {why}.", code="legal_file", hint="docs/operations.md shows the whole file."
    )
