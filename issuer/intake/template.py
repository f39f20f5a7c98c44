"""The empty file to fill in: headers in the order people think, one column a competence.

What is decided here: the headers. Competence columns are called ``DC 1.1`` (``D1`` for "Découverte"),
because a spreadsheet turns ``1.1`` into the first of January. There is no example line: somebody would
issue it. Left to others: reading (`people`), which reads this very file back (a test sees to it).
"""

from __future__ import annotations

from typing import Final

from passport.framework import Lang, framework
from passport.spreadsheet import write_csv

__all__ = ["column_title", "template"]

_FIXED: Final = {
    "fr": ("Prénom", "Nom", "Date de naissance", "Date d’évaluation", "Méthode", "Lieu", "Référentiel"),
    "en": ("Given name", "Family name", "Birth date", "Assessed on", "Method", "Place", "Framework"),
}


def column_title(competence: str) -> str:
    """Return the header that no spreadsheet changes: ``DC 1.1``; ``D1`` stays."""
    return f"DC {competence}" if competence[0].isdigit() else competence


def template(framework_id: str, *, lang: Lang = "fr") -> bytes:
    """Return the CSV with its headers only. Raises `UnsupportedError` (`unknown_framework`)."""
    competences = (column_title(c.id) for c in framework(framework_id).competences)
    return write_csv([[*_FIXED[lang], *competences]])
