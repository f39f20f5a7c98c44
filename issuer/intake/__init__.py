"""CSV of assessments as people make it: bytes in, rows or all errors out. Pure: no file, no database.

What is decided here: what is forgiven (separator, encoding, header spelling, date form), what is
refused, and how an error is said: line, column, what was wrong and the fix, all at once. Names and
levels go on as `passport.model` types. Left to others: who may attest what, duplicates already in the
register (`issuer.register.issuing`), where the bytes come from (`issuer.cli`).

    intake = read_people(data, body="centre-x", options=IntakeOptions(), places={}, today=date.today())
"""

from issuer.intake.faults import MAX_FAULTS, Fault, IntakeError
from issuer.intake.people import IntakeOptions, parse_option_day, read_people
from issuer.intake.rows import IntakeRow
from issuer.intake.table import MAX_BYTES, MAX_COLUMNS, MAX_LINES
from issuer.intake.template import template

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_FAULTS",
    "MAX_LINES",
    "Fault",
    "IntakeError",
    "IntakeOptions",
    "IntakeRow",
    "parse_option_day",
    "read_people",
    "template",
]
