"""What a program asks to have attested: JSON in, an `IssueRequest` out, or every field that is wrong.

Decided here: the members of ``POST /api/v1/attestations`` (those of a report's attestation: given_name,
family_name, birthdate, framework, levels, assessed_on, method, place; and accept_duplicates), that an unknown
member is an error, and how a finding of the register becomes the path of a field. Left to others: whether
it may be attested (`issuer.register.issuing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar

from issuer.intake.values import Refused, read_name
from issuer.register.issuing import IssueRequest, Refusal
from issuer.web.problems import FieldError, Problem
from passport.errors import PassportError
from passport.framework import Framework, framework
from passport.limits import LIMITS
from passport.model import Holder, Method, is_slug
from passport.strictjson import Json, parse_object

__all__ = ["Asked", "asked_of", "field_of", "read_asked"]

_T = TypeVar("_T")
_MAX_BYTES: Final = 16_384
_MEMBERS: Final = frozenset(
    {
        *("given_name", "family_name", "birthdate", "framework", "levels", "assessed_on", "method", "place"),
        "accept_duplicates",
    }
)
_REQUIRED: Final = ("given_name", "family_name", "framework", "levels", "assessed_on", "method")

# Finding of a lint → the field that somebody can change.
_FIELDS: Final[Mapping[str, str]] = {
    "not_accredited": "/levels",
    "level_unknown": "/levels",
    "framework_unknown": "/framework",
    "assessed_after_issue": "/assessed_on",
    "assessed_before_body": "/assessed_on",
    "expires_before_assessment": "/assessed_on",
    "place_unknown": "/place",
    "birthdate": "/birthdate",
    "names": "/family_name",
    "qr_too_large": "/family_name",
    "glyph_missing": "/family_name",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request. `at`: where its members stand (JSON Pointer)."""

    request: IssueRequest
    accept_duplicates: bool
    at: str = ""


def field_of(refusal: Refusal, *, at: str = "") -> FieldError:
    """Return a finding of the register with the path of the field it is about. `at`: where the fields are."""
    path = _FIELDS.get(refusal.code, "")
    return FieldError(at + path, refusal.code, f"{refusal.message} {refusal.hint}".strip())


def read_asked(raw: bytes, *, source_key: str | None) -> Asked:
    """Return what the bytes ask for. Raises `Problem`: 400 (no JSON object), 422 (wrong fields)."""
    try:
        members = parse_object(raw, max_bytes=_MAX_BYTES)
    except PassportError as error:
        raise Problem(400, "json", "The request is not one JSON object.") from error
    return asked_of(members, source_key=source_key)


def asked_of(members: Json, *, source_key: str | None, at: str = "") -> Asked:
    """Return what these members ask for. `at`: where they stand in the request, for the paths of errors.

    Raises `Problem` (422).
    """
    reader = _Reader(members)
    asked = reader.read(source_key)
    if asked is None:
        errors = [FieldError(at + error.path, error.code, error.detail) for error in reader.errors]
        raise Problem(422, "fields", "Some fields are missing or wrong.", errors=errors)
    return replace(asked, at=at)


class _Reader:
    """Reads the members one by one and keeps what is wrong with each."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members
        self.errors: list[FieldError] = [
            FieldError(f"/{_pointer(name)}", "unknown_member", "This member is not known.")
            for name in members
            if name not in _MEMBERS
        ]

    def read(self, source_key: str | None) -> Asked | None:
        """Return the request, None when something is wrong."""
        for name in _REQUIRED:
            if name not in self._members:
                self._wrong(name, "missing", "This member is required.")
        given, family = self._name("given_name"), self._name("family_name")
        born, seen = self._day("birthdate"), self._day("assessed_on")
        known = self._framework()
        levels = self._levels(known)
        method = self._text("method", _method, "Expected observation, test or declaration.")
        place = self._text("place", _slug, "Expected the id of a place.")
        accept = self._members.get("accept_duplicates", False)
        if not isinstance(accept, bool):
            self._wrong("accept_duplicates", "type", "Expected true or false.")
        if self.errors or not (given and family and seen and known and levels and method):
            return None
        holder = self._holder(given, family, born)
        if holder is None:
            return None
        request = IssueRequest(
            holder=holder,
            framework=known.id,
            levels=levels,
            assessed_on=seen,
            method=method,
            place=place,
            source_key=source_key,
        )
        return Asked(request, accept_duplicates=accept is True)

    def _holder(self, given: str, family: str, born: date | None) -> Holder | None:
        try:
            return Holder(given_name=given, family_name=family, birthdate=born)
        except PassportError as error:
            self._wrong(
                "birthdate" if error.code == "birthdate" else "family_name", error.code, error.message
            )
            return None

    def _wrong(self, name: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(f"/{name}", code, detail))

    def _text(self, name: str, read: Callable[[str], _T | None], expected: str) -> _T | None:
        """Return a member as read from its text; absent and null are None."""
        value = self._members.get(name)
        if value is None:
            if name in self._members and name in _REQUIRED:
                self._wrong(name, "type", expected)
            return None
        found = read(value) if isinstance(value, str) and len(value) <= LIMITS.url_chars else None
        if found is None:
            self._wrong(name, "value" if isinstance(value, str) else "type", expected)
        return found

    def _name(self, name: str) -> str | None:
        return self._text(name, _clean, f"Expected a name of 1 to {LIMITS.name_chars} letters, signs apart.")

    def _day(self, name: str) -> date | None:
        return self._text(name, _iso_day, "Expected a day as YYYY-MM-DD.")

    def _framework(self) -> Framework | None:
        return self._text("framework", _published, "Expected the id of a published framework.")

    def _levels(self, known: Framework | None) -> dict[str, int] | None:
        levels = self._members.get("levels")
        if "levels" not in self._members or known is None:
            return None
        if not isinstance(levels, Mapping) or not levels:
            self._wrong("levels", "type", "Expected an object: competence id to level, at least one.")
            return None
        for competence, level in levels.items():
            path = f"levels/{_pointer(competence)}"
            if competence not in known.by_id:
                self._wrong(path, "unknown_competence", f"{known.id} has no such competence.")
            elif type(level) is not int or not known.knows(competence, level):
                expected = f"Expected a whole number from {known.min_level} to {known.max_level}."
                self._wrong(path, "level", expected)
        return {c.id: levels[c.id] for c in known.competences if c.id in levels}


def _pointer(name: str) -> str:
    """Return a reference token of a JSON Pointer (RFC 6901 section 3), cut, without control characters."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:40])
    return shown.replace("~", "~0").replace("/", "~1")


def _clean(text: str) -> str | None:
    try:
        return read_name(text)
    except Refused:
        return None


def _iso_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None  # not 2026-W01-1, which Python reads too


def _published(text: str) -> Framework | None:
    try:
        return framework(text)
    except PassportError:
        return None


def _method(text: str) -> Method | None:
    return next((method for method in Method if method.value == text), None)


def _slug(text: str) -> str | None:
    return text if is_slug(text) else None
