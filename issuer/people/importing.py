"""A list of assessments through the desk: read, shown, and issued when somebody says so.

Decided here: the reader is the command line's (`issuer.intake`), with the same words for what is wrong; lines
that are wrong are set aside and can be taken away, with what is wrong in a column of their own that the
reader skips, so that the mended file is sent as it is; the others can be issued without them. The preview is
a rehearsal of issuing: what the register would refuse is refused here. The same list again adds nothing.

Left to others: keeping the list meanwhile (`lists`), issuing (`issuer.register.bulk`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from issuer.intake import Fault, IntakeError, IntakeOptions, IntakeRow, read_people
from issuer.intake.table import Table, read_table
from issuer.people.lists import KeptList
from issuer.register.bodies import body
from issuer.register.bulk import issue_in_parts
from issuer.register.folder import Register, RegisterError
from issuer.register.issuing import DuplicateError, Issued, RefusedError
from passport.framework import Lang
from passport.spreadsheet import write_csv

__all__ = [
    "MOST_LINES",
    "Preview",
    "issue_list",
    "options_of",
    "preview",
    "rejected_lines",
]

MOST_LINES: Final = 1_000
_TITLE: Final = {"fr": "# À corriger", "en": "# To mend"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do. `rows`: the lines that can be issued, in order; `fresh`: how many are new.

    `faults`: what is wrong, by line. `refused`: lines that the register refuses → code of the reason.
    `duplicates`: lines that say again what stands. `is_whole`: the file itself can be read.
    """

    rows: tuple[IntakeRow, ...] = field(repr=False)
    fresh: int
    faults: tuple[Fault, ...]
    refused: Mapping[int, str]
    duplicates: tuple[int, ...]
    is_whole: bool

    @property
    def rejected(self) -> frozenset[int]:
        """The lines that are set aside."""
        return frozenset({fault.line for fault in self.faults} | set(self.refused))


def options_of(kept: KeptList) -> IntakeOptions:
    """Return what was said beside a list."""
    return IntakeOptions(**{name: str(value) for name, value in kept.options.items()})


def preview(register: Register, kept: KeptList, *, actor: str) -> Preview:
    """Return what a list would do; nothing is kept of the rehearsal. Raises `PassportError` (`list_long`)."""
    faults, rows = _read(register, kept)
    if rows is None:
        return Preview((), 0, faults, {}, (), is_whole=False)
    refused: dict[int, str] = {}
    duplicates: tuple[int, ...] = ()
    fresh = 0
    for _ in range(2):  # once more without what the register refuses
        try:
            issued = _issue(register, kept.body, rows, actor=actor, accept=bool(duplicates), dry_run=True)
            fresh = sum(one.created for one in issued)
            break
        except RefusedError as error:
            refused |= {rows[one.position].line: one.code for one in error.refusals}
            rows = tuple(row for row in rows if row.line not in refused)
        except DuplicateError as error:
            duplicates = tuple(sorted(rows[one.position].line for one in error.duplicates))
            fresh = len(rows)
    return Preview(rows, fresh, faults, refused, duplicates, is_whole=True)


def _read(register: Register, kept: KeptList) -> tuple[tuple[Fault, ...], tuple[IntakeRow, ...] | None]:
    """Return what is wrong, and the lines that are right; None when the file itself cannot be read."""
    try:
        table = read_table(kept.data)
    except IntakeError as error:
        return error.faults, None
    if len(table.records) > MOST_LINES:
        raise RegisterError(f"The list has more than {MOST_LINES} lines.", code="list_long")
    try:
        return (), _rows(register, kept, kept.data)
    except IntakeError as error:
        faults, count = error.faults, error.count
    wrong = {fault.line for fault in faults}
    # A fault of the titles, or more faults than are kept: nobody knows which lines are right.
    if min(wrong) <= table.header.line or len(faults) < count:
        return faults, None
    try:
        return faults, _rows(register, kept, _without(table, wrong))
    except IntakeError:
        return faults, ()  # every line is wrong


def _without(table: Table, lines: set[int]) -> bytes:
    """Return the table without some lines, each of the others in its place."""
    last = max(record.line for record in table.records)
    kept = {
        record.line: record.cells for record in (table.header, *table.records) if record.line not in lines
    }
    return write_csv([list(kept.get(line, ("",))) for line in range(1, last + 1)])


def _rows(register: Register, kept: KeptList, data: bytes) -> tuple[IntakeRow, ...]:
    places = dict(body(register, kept.body).places)
    return read_people(data, body=kept.body, options=options_of(kept), places=places, today=register.today())


def _issue(
    register: Register,
    slug: str,
    rows: Sequence[IntakeRow],
    *,
    actor: str,
    accept: bool,
    dry_run: bool = False,
) -> list[Issued]:
    requests = [row.request for row in rows]
    return issue_in_parts(register, slug, requests, actor=actor, accept_duplicates=accept, dry_run=dry_run)


def issue_list(register: Register, kept: KeptList, *, actor: str, accept_duplicates: bool) -> list[Issued]:
    """Issue the lines of a list that can be issued. Raises as `issue`; `DuplicateError` unless accepted."""
    shown = preview(register, kept, actor=actor)
    return _issue(register, kept.body, shown.rows, actor=actor, accept=accept_duplicates)


def rejected_lines(shown: Preview, kept: KeptList, *, lang: Lang, words: Mapping[str, str]) -> bytes:
    """Return the lines that are set aside as CSV, with what is wrong in a first column that is not read.

    `words`: code of a refusal → what it says.
    """
    table = read_table(kept.data)
    said: dict[int, list[str]] = defaultdict(list)
    for fault in shown.faults:
        said[fault.line].append(f"{fault.message(lang)} {fault.fix(lang)}")
    for line, code in shown.refused.items():
        said[line].append(words.get(code, code))
    lines = [[" ".join(said[one.line]), *one.cells] for one in table.records if one.line in said]
    return write_csv([[_TITLE[lang], *table.header.cells], *lines])
