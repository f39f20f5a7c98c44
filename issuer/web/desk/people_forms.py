"""What the forms about people have in common: whose people, days, names, and what was wrong with a field.

Decided here: a day may be typed as a person writes it; what is wrong with a field is said beside it. Left to
others: what is asked (the pages), what is right (`issuer.people`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from starlette.responses import Response

from issuer.intake.values import Refused, read_day
from issuer.people.files import PEOPLE_ROLES
from issuer.web.desk.frame import HEADERS
from issuer.web.desk.visit import Visit
from issuer.web.pages import page_words
from passport.errors import MalformedError, PassportError
from passport.framework import Lang
from passport.model import Holder, clean_name
from passport.pages.catalogue import date_in_words

__all__ = [
    "FIELDS",
    "FieldError",
    "day_of",
    "day_said",
    "file_answer",
    "read_birthdate",
    "read_holder",
    "scope",
    "word_of",
]

FIELDS: Final = ("given_name", "family_name", "birthdate", "email", "identity")

T = TypeVar("T")


class FieldError(MalformedError):
    """A field is wrong. `field`: its name; the code says what is wrong."""

    def __init__(self, field: str, error: PassportError) -> None:
        super().__init__(error.message, code=error.code, hint=error.hint)
        self.field = field


def scope(visit: Visit) -> frozenset[str]:
    """Return the bodies whose people the visitor may see."""
    return visit.staff.bodies(*PEOPLE_ROLES)


def day_of(at: int) -> date:
    """Return the day of a moment where the counter stands."""
    return datetime.fromtimestamp(at, tz=UTC).astimezone().date()


def day_said(day: date | None, lang: Lang) -> str:
    """Return a day in words, "" for none."""
    return date_in_words(day, lang) if day is not None else ""


def read_birthdate(visit: Visit, name: str = "birthdate") -> date | None:
    """Return the day of a field, None when it is empty. Raises `FieldError`."""
    return read_date(visit, name) if visit.form.text(name) else None


def read_date(visit: Visit, name: str) -> date:
    """Return the day of a field. Raises `FieldError` (`day`)."""
    try:
        return read_day(visit.form.text(name), today=visit.register.today())
    except Refused:
        raise FieldError(name, MalformedError("This is not a day, or one to come.", code="day")) from None


def read_holder(visit: Visit) -> Holder:
    """Return the names and the birth date of a form. Raises `FieldError`."""
    given = _in_field("given_name", lambda: _name(visit.form.text("given_name")))
    family = _in_field("family_name", lambda: _name(visit.form.text("family_name")))
    birthdate = read_birthdate(visit)
    return _in_field("birthdate", lambda: Holder(given, family, birthdate))


def _name(typed: str) -> str:
    name = clean_name(typed)
    Holder(name, name)
    return name


def _in_field(field: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except PassportError as error:
        raise FieldError(field, error) from None


def word_of(error: PassportError, lang: Lang) -> str:
    """Return the key of the words for what is wrong with a field."""
    key = f"desk.people.wrong.{error.code}"
    return key if key in page_words(lang) else "desk.people.wrong.other"


def file_answer(data: bytes, media_type: str, name: str, *, inline: bool = False) -> Response:
    """Return a file that the browser shows or keeps, under a name that says nothing of anybody."""
    how = "inline" if inline else "attachment"
    headers = {**HEADERS, "Content-Disposition": f'{how}; filename="{name}"'}
    return Response(data, media_type=media_type, headers=headers)
