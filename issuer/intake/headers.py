"""What a column means, from its title, as people write titles.

What is decided here: which spellings are taken (French and English; case, accents, apostrophes, dashes
and spaces do not count), what a competence column looks like (``1.1``, ``DC 1.1``, ``DC1.1``, ``D1``,
with or without words after it) and what a spreadsheet has made of one: ``01/janv`` was ``1.1``. Such a
title is refused, never guessed: ``01/02`` may have been 1.2 or 2.1. A column that is not known is an
error, not ignored: it may be a mistyped competence; a title that begins with ``#`` is left aside.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from issuer.intake.faults import Fault, Faults, shown
from issuer.intake.table import Table, column_letter
from passport.framework import framework, framework_ids

__all__ = ["Columns", "folded", "read_headers"]

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "given_name": (
        "prénom",
        "prénoms",
        "prénom usuel",
        "given name",
        "given names",
        "first name",
        "forename",
    ),
    "family_name": (
        *("nom", "nom de famille", "nom d’usage", "nom usuel", "nom de naissance"),
        *("family name", "last name", "surname", "name"),
    ),
    "birthdate": (
        *("date de naissance", "naissance", "né le", "née le", "né(e) le", "ddn"),
        *("birth date", "birthdate", "date of birth", "birthday", "dob", "born on"),
    ),
    "framework": ("référentiel", "cadre", "cadre de référence", "framework"),
    "place": ("lieu", "lieu d’évaluation", "site", "antenne", "place", "location", "venue"),
    "assessed_on": (
        *(
            "date d’évaluation",
            "évalué le",
            "évaluée le",
            "évalué(e) le",
            "évaluation",
            "date de l’évaluation",
        ),
        *(
            "date",
            "date d’atelier",
            "date de l’atelier",
            "assessed on",
            "assessment date",
            "date of assessment",
        ),
    ),
    "method": ("méthode", "méthode d’évaluation", "mode d’évaluation", "mode", "method", "how"),
}
_COMPETENCE: Final = re.compile(
    r"(?:dc|digcomp|crcn|comp[ée]tence|comp)?[\s.:_-]*([a-z]?)\s?"
    r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?(?:[\s:–—-].*)?",
    re.I | re.S,
)
_MONTHS: Final = (
    *(
        ("janv", "jan"),
        ("févr", "fev", "feb"),
        ("mars", "mar"),
        ("avr", "apr"),
        ("mai", "may"),
        ("juin", "jun"),
    ),
    *(("juil", "jul"), ("août", "aout", "aug"), ("sept", "sep"), ("oct",), ("nov",), ("déc", "dec")),
)
_DAY_MONTH_WORD: Final = re.compile(r"([0-9]{1,2})[\s/.-]+([a-zéû]{3,9})\.?(?:[\s/.-]+[0-9]{2,4})?", re.I)
_MONTH_WORD_DAY: Final = re.compile(r"([a-zéû]{3,9})\.?[\s/.-]+([0-9]{1,2})", re.I)
_DAY_MONTH_YEAR: Final = re.compile(
    r"([0-9]{1,2})(?:[/-]([0-9]{1,2})(?:[/-][0-9]{2,4})?|[.]([0-9]{1,2})[.][0-9]{2,4})"
    r"|([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T].*)?"
)
_SERIAL: Final = re.compile(r"[34][0-9]{4}")


def folded(text: str) -> str:
    """Return the text without case, accents, punctuation and spaces: what two spellings have in common."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe")).casefold()
    return "".join(c for c in plain if c.isalnum())


_BY_SPELLING: Final = MappingProxyType(
    {folded(spelling): name for name, spellings in _SPELLINGS.items() for spelling in spellings}
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things are. `fields`: field → index. `competences`: index → competence id."""

    titles: tuple[str, ...]
    fields: Mapping[str, int] = field(default_factory=dict)
    competences: Mapping[int, str] = field(default_factory=dict)

    def at(self, index: int) -> dict[str, str]:
        """Return the letter and title of a column, for a fault."""
        return {"column": column_letter(index), "header": self.titles[index]}


def read_headers(table: Table, faults: Faults) -> Columns:
    """Return what each column means; everything wrong with the titles goes to `faults`."""
    titles = table.header.cells
    fields: dict[str, int] = {}
    competences: dict[int, str] = {}
    for index, title in enumerate(titles):
        if title.startswith("#"):
            continue
        if not title:
            _check_unnamed(index, table, faults)
            continue
        name = _BY_SPELLING.get(folded(title))
        competence = None if name else _competence_id(title)
        if name and name not in fields:
            fields[name] = index
        elif competence and competence not in competences.values():
            competences[index] = competence
        else:
            faults.add(_refused(title, index, line=table.header.line, twice=bool(name or competence)))
    columns = Columns(titles, fields, competences)
    _check_complete(columns, table.header.line, faults)
    return columns


def _check_unnamed(index: int, table: Table, faults: Faults) -> None:
    """A column without a title is nothing while it is empty, and an error when it says something."""
    if any(index < len(record.cells) and record.cells[index] for record in table.records):
        faults.add(Fault("header_missing", line=table.header.line, column=column_letter(index)))


def _check_complete(columns: Columns, line: int, faults: Faults) -> None:
    for name in ("given_name", "family_name"):
        if name not in columns.fields:
            faults.add(Fault(f"no_{name}_column", line=line))
    if not columns.competences and not any(f.code == "competence_date" for f in faults.found):
        faults.add(Fault("no_competence_column", line=line))


def _known_competences() -> frozenset[str]:
    return frozenset(c.id for known in framework_ids() for c in framework(known).competences)


def _competence_id(title: str) -> str | None:
    """Return the competence that a title names, when some framework has it."""
    match = _COMPETENCE.fullmatch(title)
    if match is None:
        return None
    found = match[1].upper() + str(int(match[2])) + (f".{int(match[3])}" if match[3] else "")
    return found if found in _known_competences() else None


def _refused(title: str, index: int, *, line: int, twice: bool) -> Fault:
    where: dict[str, Any] = {"line": line, "column": column_letter(index), "header": title}
    values = {"title": shown(title)}
    if twice:
        return Fault("header_twice", values=values, **where)
    once = _was_competence(title)
    if once:
        return Fault("competence_date", values=values | {"competence": once}, **where)
    if _SERIAL.fullmatch(title):
        return Fault("competence_serial", values=values, **where)
    near = difflib.get_close_matches(folded(title), list(_BY_SPELLING), n=1, cutoff=0.8)
    if near:
        values["near"] = next(s for s in _SPELLINGS[_BY_SPELLING[near[0]]] if folded(s) == near[0])
        return Fault("header_near", values=values, **where)
    return Fault("header_unknown", values=values, **where)


def _was_competence(title: str) -> str | None:
    """Return the title that a spreadsheet probably was given before it made a date of it."""
    text = title.strip()
    numeric = _DAY_MONTH_YEAR.fullmatch(text)
    if numeric:
        day, month = numeric[1] or numeric[6], numeric[2] or numeric[3] or numeric[5]
        return f"DC {int(day)}.{int(month)}"
    worded = _DAY_MONTH_WORD.fullmatch(text) or _MONTH_WORD_DAY.fullmatch(text)
    if worded is None:
        return None
    day, word = (worded[1], worded[2]) if worded[1].isdigit() else (worded[2], worded[1])
    month = _month_number(word)
    return f"DC {int(day)}.{month}" if month else None


def _month_number(word: str) -> int | None:
    key = folded(word)
    starts = ((n, folded(s)) for n, spellings in enumerate(_MONTHS, 1) for s in spellings)
    return next((number for number, start in starts if key.startswith(start)), None)
