"""The table: several papers in words, one line each, on a page and as CSV.

What is decided here: what a line says (the signed name, the verdict in icon and word, what was attested, by
whom and when), which lines come first for people, and which columns the CSV has. Dates in the CSV are ISO
8601, which every spreadsheet takes for a date. A line says no more than the page of one attestation: never a
reason or a date of withdrawal.

Left to others: judging (`verifier.several`), safe cells (`passport.spreadsheet`), looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from passport.framework import Lang, framework
from passport.pages.catalogue import catalogue
from passport.spreadsheet import write_csv
from verifier.comparing import Comparison, compared
from verifier.details import day_of, reader_zone
from verifier.profile import Profile
from verifier.report import Report
from verifier.several import Paper
from verifier.troubles import word_trouble
from verifier.wording import Wording, severity_word, word_report

__all__ = ["Line", "cells_of", "column_names", "counts", "csv_of", "line_of", "worst_first"]

_SEVERITIES: Final = ("stop", "unknown", "attention", "ok")
_COLUMNS: Final = (
    *("number", "name", "verdict", "result", "framework", "levels", "body", "place", "assessed_on", "how"),
    *("issued_on", "valid_until", "checked_at", "reference", "file", "specimen"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One paper in words. `said`: its verdict; `comparison`: its answer to the profile, None without one."""

    paper: Paper
    said: Wording
    comparison: Comparison | None


def line_of(
    paper: Paper, *, profile: Profile | None, lang: Lang, contact: str, offline: bool = False
) -> Line:
    """Return the words of one paper. `offline`: no network was used for the documents."""
    if paper.checked is None:
        return Line(paper, word_trouble(paper.error, lang=lang, contact=contact), None)
    report = paper.checked.report
    reference = paper.checked.reference
    said = word_report(report, lang=lang, contact=contact, reference=reference, offline=offline)
    return Line(paper, said, compared(profile, report, said))


def counts(lines: Sequence[Line], lang: Lang) -> list[tuple[str, str, int]]:
    """Return (severity, its word, how many lines have it), what needs attention first."""
    found = [line.said.severity for line in lines]
    return [(one, severity_word(one, lang), found.count(one)) for one in _SEVERITIES if one in found]


def worst_first(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with those to look at first; equals stay in the order given."""
    return sorted(lines, key=lambda line: _SEVERITIES.index(line.said.severity))


def csv_of(lines: Iterable[Line], *, profile: Profile | None, lang: Lang) -> bytes:
    """Return the table as CSV for spreadsheets, lines in the order given, formulas neutralised."""
    words = catalogue(lang)
    head = column_names(_COLUMNS, lang)
    if profile is None:
        return write_csv([head, *(cells_of(line, _COLUMNS, lang) for line in lines)])
    known = framework(profile.framework)
    # « 1.1 » alone would become the first of January.
    asked = [f"{one} {known.competence(one).label(lang)}" for one in profile.levels]
    head += [words.text("table.columns.profile"), *asked]
    rows = ([*cells_of(line, _COLUMNS, lang), *_profile_cells(line, profile)] for line in lines)
    return write_csv([head, *rows])


def column_names(columns: Sequence[str], lang: Lang) -> list[str]:
    """Return the titles of columns, as the catalogue has them."""
    return [catalogue(lang).text(f"table.columns.{name}") for name in columns]


def cells_of(line: Line, columns: Sequence[str], lang: Lang) -> list[str]:
    """Return what a line says in each of `columns`; "" for what it does not say."""
    checked = line.paper.checked
    report = checked.report if checked else None
    cells = {
        "number": str(line.paper.number),
        "verdict": line.said.mark,
        "result": line.said.title,
        "reference": line.said.reference,
        "file": line.paper.file,
        "path": line.paper.file,
        "where": _place(checked.where, lang) if checked else "",
        "reason": line.paper.error if report is None else report.reason.value,
        # A report is false unless it is valid: one that is not has a name and a time too.
        **({} if report is None else _attested(line.said, report, lang)),
    }
    return [cells.get(name, "") for name in columns]


def _place(where: str, lang: Lang) -> str:
    """Say where in its file a credential was (see `verifier.files.FoundCredential`)."""
    words, (kind, _, rest) = catalogue(lang), where.partition(" ")
    key = f"folder.places.{kind}"
    return words.text(key, **dict.fromkeys(words.placeholders(key), rest))


def _attested(said: Wording, report: Report, lang: Lang) -> dict[str, str]:
    words = catalogue(lang)
    moment = datetime.fromtimestamp(report.checked_at, tz=reader_zone())
    cells = {"checked_at": moment.strftime("%Y-%m-%d %H:%M")}
    if report.specimen:
        cells["specimen"] = words.text("table.yes")
    told, attestation, body = said.attestation, report.attestation, report.issuer
    if told is None or attestation is None or body is None:
        return cells
    return cells | {
        "name": told.name,
        "framework": told.framework if told.can_do else "",
        "levels": ", ".join(can.short for can in told.can_do),
        "body": told.body,
        "place": body.place_name(attestation.place) or "",
        "assessed_on": attestation.assessed_on.isoformat(),
        "how": told.how,
        "issued_on": _day(attestation.issued_at),
        "valid_until": _day((attestation.expires_at or 0) - 1),
    }


def _day(instant: int) -> str:
    day = day_of(instant) if instant >= 0 else None
    return day.isoformat() if day else ""


def _profile_cells(line: Line, profile: Profile) -> list[str]:
    comparison = line.comparison
    if comparison is None:
        return [""] * (1 + len(profile.levels))
    answers = [one.answer for one in comparison.lines] or [""] * len(profile.levels)
    return [comparison.answer, *answers]
