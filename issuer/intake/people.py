"""From a table to people: one line, one assessment, or everything that is wrong with the file at once.

What is decided here: which value counts (a filled cell before an option; that they differ is no
error), which lines are people, when two lines are twins, and the source key that makes the same file
again add nothing. Left to others: spelling of titles (`headers`) and cells (`values`), the body's right
to attest and what was issued before (`issuer.register.issuing`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from issuer.intake.faults import Fault, Faults
from issuer.intake.headers import Columns, read_headers
from issuer.intake.rows import IntakeRow
from issuer.intake.table import Record, Table, column_letter, read_table
from issuer.intake.values import (
    Refused,
    read_day,
    read_framework,
    read_level,
    read_method,
    read_name,
    read_place,
)
from passport.framework import Framework
from passport.model import Holder, Method

__all__ = ["IntakeOptions", "parse_option_day", "read_people"]

DEFAULT_FRAMEWORK: Final = "digcomp-3.0"


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """What was said beside the file, as typed; a filled cell of a column wins over it."""

    framework: str = DEFAULT_FRAMEWORK
    place: str = ""
    assessed_on: str = ""
    method: str = ""

    def value(self, name: str) -> str:
        """Return the option of this name, "" when there is none."""
        return str(getattr(self, name, "")).strip()


def parse_option_day(text: str, *, today: date) -> date:
    """Return a day given as an option. Raises `IntakeError` with the fault of the date."""
    faults = Faults()
    try:
        return read_day(text.strip(), today=today)
    except Refused as refused:
        faults.add(Fault(refused.code, values=refused.values))
        faults.stop()
        raise AssertionError from None


def read_people(
    data: bytes,
    *,
    body: str,
    options: IntakeOptions,
    places: Mapping[str, str],
    today: date,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[IntakeRow, ...]:
    """Return everybody in a CSV file, in its order.

    `body`: slug, a part of the source keys. `places`: id → name of the body's places. `today`: no day
    lies after it. `progress`: is told each line, and how many there are. Raises `IntakeError` with the
    faults of the whole file.
    """
    table = read_table(data)
    faults = Faults()
    columns = read_headers(table, faults)
    sheet = _Sheet(table=table, columns=columns, options=options, places=places, today=today, faults=faults)
    sheet.check_options()
    people, rows = sheet.people(), []
    for record in people:
        row = sheet.row(record)
        rows += [] if row is None else [row]
        progress(1, len(people))
    if not rows and not faults.found:
        faults.add(Fault("no_people"))
    faults.stop()
    return tuple(_with_keys(rows, body))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """The file with all that is needed to read a line of it."""

    table: Table
    columns: Columns
    options: IntakeOptions
    places: Mapping[str, str]
    today: date
    faults: Faults

    def check_options(self) -> None:
        """Say once for the whole file what no column and no option gives, and what an option says wrong."""
        readers: dict[str, Callable[[str], object]] = {
            "framework": read_framework,
            "assessed_on": lambda text: read_day(text, today=self.today),
            "method": read_method,
            "place": lambda text: read_place(text, self.places),
        }
        for name, reader in readers.items():
            said = self.options.value(name)
            if said:
                try:
                    reader(said)
                except Refused as refused:
                    self.faults.add(Fault(refused.code, values=refused.values))
            elif name in ("assessed_on", "method") and name not in self.columns.fields:
                self.faults.add(Fault(f"no_{name}", line=self.table.header.line))

    def people(self) -> list[Record]:
        """Return the lines that say something; cells beyond the last title are faults."""
        width = len(self.columns.titles)
        found = [record for record in self.table.records if not record.is_blank]
        for record in found:
            extra = next((i for i, cell in enumerate(record.cells) if i >= width and cell), None)
            if extra is not None:
                self.faults.add(Fault("cells_extra", line=record.line, column=column_letter(extra)))
        return found

    def row(self, record: Record) -> IntakeRow | None:
        """Return the person of one line, or None after every fault of the line was added."""
        line = _Line(sheet=self, record=record)
        given, family = line.name("given_name"), line.name("family_name")
        birthdate = line.day("birthdate") if line.cell("birthdate") else None
        known = line.framework()
        levels = line.levels(known) if known else {}
        assessed_on, method, place = line.day("assessed_on"), line.method(), line.place()
        if birthdate and assessed_on and birthdate >= assessed_on:
            line.refuse("birthdate", Refused("born_after"))
        if not (given and family and known and levels and assessed_on and method):
            return None
        holder = Holder(given_name=given, family_name=family, birthdate=birthdate)
        return IntakeRow(record.line, holder, known.id, levels, assessed_on, method, place, source_key="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of the sheet."""

    sheet: _Sheet
    record: Record

    def cell(self, name: str) -> str:
        """Return what the line says for a field, "" when it says nothing."""
        index = self.sheet.columns.fields.get(name)
        return self._at(index) if index is not None else ""

    def _at(self, index: int) -> str:
        return self.record.cells[index] if index < len(self.record.cells) else ""

    def refuse(self, name: str, refused: Refused) -> None:
        """Add a fault of a field of this line."""
        index = self.sheet.columns.fields.get(name)
        where = self.sheet.columns.at(index) if index is not None else {}
        self.sheet.faults.add(Fault(refused.code, line=self.record.line, values=refused.values, **where))

    def name(self, name: str) -> str | None:
        """Return a clean name."""
        if name not in self.sheet.columns.fields:
            return None  # said once, of the header
        try:
            return read_name(self.cell(name))
        except Refused as refused:
            self.refuse(name, refused)
            return None

    def day(self, name: str) -> date | None:
        """Return a day from its column or, for the assessment, from the option."""
        said = self._said(name)
        if said is None:
            return None
        try:
            return read_day(said, today=self.sheet.today)
        except Refused as refused:
            self._of_cell(name, refused)
            return None

    def method(self) -> Method | None:
        """Return how the levels were seen."""
        said = self._said("method")
        if said is None:
            return None
        try:
            return read_method(said)
        except Refused as refused:
            self._of_cell("method", refused)
            return None

    def place(self) -> str | None:
        """Return the place; it may be left out."""
        said = self.cell("place") or self.sheet.options.value("place")
        if not said:
            return None
        try:
            return read_place(said, self.sheet.places)
        except Refused as refused:
            self._of_cell("place", refused)
            return None

    def framework(self) -> Framework | None:
        """Return the framework of this line."""
        said = self.cell("framework") or self.sheet.options.value("framework")
        try:
            return read_framework(said)
        except Refused as refused:
            self._of_cell("framework", refused)
            return None

    def levels(self, known: Framework) -> dict[str, int]:
        """Return competence → level, in the order of the framework; at least one, or a fault."""
        found: dict[str, int] = {}
        refused_any = False
        for index, competence in self.sheet.columns.competences.items():
            try:
                level = self._level(self._at(index), known, competence)
            except Refused as refused:
                where = self.sheet.columns.at(index)
                self.sheet.faults.add(
                    Fault(refused.code, line=self.record.line, values=refused.values, **where)
                )
                refused_any = True
                continue
            if level is not None:
                found[competence] = level
        if not found and not refused_any and self.sheet.columns.competences:
            self.sheet.faults.add(Fault("levels_missing", line=self.record.line))
        return {c.id: found[c.id] for c in known.competences if c.id in found}

    def _level(self, text: str, known: Framework, competence: str) -> int | None:
        if text and competence not in known.by_id:
            raise Refused("competence_of_other", competence=competence, framework=known.id)
        return read_level(text, known, competence) if text else None

    def _said(self, name: str) -> str | None:
        """Return the cell, else the option; None after a fault for an empty cell."""
        said = self.cell(name) or self.sheet.options.value(name)
        if said:
            return said
        if name in self.sheet.columns.fields:
            self.refuse(name, Refused(f"{name}_missing"))
        return None

    def _of_cell(self, name: str, refused: Refused) -> None:
        """A wrong option was said once for the whole file; a wrong cell is said here."""
        if self.cell(name):
            self.refuse(name, refused)


def _with_keys(rows: list[IntakeRow], body: str) -> list[IntakeRow]:
    """Give each line its source key: the same line of the same file has the same key, whatever its place."""
    seen: Counter[str] = Counter()
    keyed = []
    for row in rows:
        content = _content(row, body)
        seen[content] += 1
        key = hashlib.sha256(f"{content}\n{seen[content]}".encode()).hexdigest()
        keyed.append(replace(row, source_key=key))
    return keyed


def _content(row: IntakeRow, body: str) -> str:
    """Return what the line says, in one canonical form."""
    born = row.holder.birthdate
    said = [
        *(body, row.holder.given_name, row.holder.family_name, born.isoformat() if born else None),
        *(row.framework, dict(row.levels), row.assessed_on.isoformat(), row.method.value, row.place),
    ]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
