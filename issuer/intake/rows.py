"""Rows: what one line of a list says, once everything in it was found good.

What is decided here: what a line asks to be issued. Left to others: reading it (`people`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from issuer.register.requests import IssueRequest
from passport.model import Holder, Method

__all__ = ["IntakeRow"]


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """One assessed person. `line`: in the file, as a spreadsheet numbers it. `source_key`: hex SHA-256."""

    line: int
    holder: Holder
    framework: str
    levels: Mapping[str, int]
    assessed_on: date
    method: Method
    place: str | None
    source_key: str

    @property
    def request(self) -> IssueRequest:
        """What the line asks for."""
        return IssueRequest(
            holder=self.holder,
            framework=self.framework,
            levels=self.levels,
            assessed_on=self.assessed_on,
            method=self.method,
            place=self.place,
            source_key=self.source_key,
        )
