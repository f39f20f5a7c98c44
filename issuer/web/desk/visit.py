"""A visit: what a page of the desk is given. Who asks, in which language, with which form.

Decided here: how a form is read (bounded, UTF-8, no control characters but line ends in a text), and that a
value which is not there is "". Left to others: what the values mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from issuer.register import Register
from issuer.staff.roles import Staff
from issuer.staff.sessions import StaffSession
from issuer.web.problems import Problem
from passport.framework import Lang
from passport.pages.rendering import choose_language

__all__ = ["Form", "SentFile", "Visit", "language_of", "read_form"]

_FIELDS: Final = 2_000
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form, whole in memory. `name`: as the browser says, for showing only."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, in their order."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, SentFile] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the last value of a field without spaces around it, "" when it was not sent."""
        return self.fields.get(name, ("",))[-1].strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return tuple(value.strip() for value in self.fields.get(name, ()))


@dataclass(frozen=True, slots=True)
class Visit:
    """One request at the desk. `session`: None where nobody needs to be signed in and nobody is."""

    request: Request
    register: Register
    session: StaffSession | None
    lang: Lang
    form: Form

    @property
    def staff(self) -> Staff:
        """Whoever is signed in. A page that asks for no role must look at `session` first."""
        if self.session is None:
            raise Problem(401, "signed_out", "Nobody is signed in.")
        return self.session.staff

    def path(self, name: str) -> str:
        """Return a part of the address. Raises `Problem` (404) for what can be no id of anything."""
        part = str(self.request.path_params[name])
        if _has_controls(part):
            raise Problem(404, "not_found", "There is nothing here.")
        return part

    def query(self, name: str) -> str:
        """Return a value of the query, "" when it is not there. Never a name or a code of a person."""
        value = self.request.query_params.get(name, "").strip()[:200]
        return "" if _has_controls(value) else value


def language_of(request: Request) -> Lang:
    """Return the language of a page."""
    return choose_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


async def read_form(request: Request) -> Form:
    """Return the form of a POST. Raises `Problem` (400, 415); the size is held by the guard."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _URLENCODED:
        return _urlencoded(await request.body())
    if kind == _MULTIPART:
        return await _multipart(request)
    raise Problem(415, "media_type", "Expected a form.")


def _urlencoded(body: bytes) -> Form:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_FIELDS,
        )
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(_plain(value))
    except ValueError:
        raise Problem(400, "form", "This is not a form.") from None
    return Form(fields)


async def _multipart(request: Request) -> Form:
    fields: dict[str, list[str]] = {}
    files: dict[str, SentFile] = {}
    try:
        async with request.form(max_files=4, max_fields=_FIELDS) as sent:
            for name, value in sent.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = SentFile(value.filename or "", await value.read())
                else:
                    fields.setdefault(name, []).append(_plain(value))
    except (MultiPartException, ValueError, KeyError):
        raise Problem(400, "form", "This is not a form.") from None
    except OSError:
        # A large file waits on the disk while it is read.
        wait = {"Retry-After": "60"}
        raise Problem(503, "database_full", "There is no room for this file.", headers=wait) from None
    return Form(fields, files)


def _plain(value: str) -> str:
    """Return a value; characters that control a terminal or hide in a text are no part of any."""
    if _has_controls(value, but="\n\r\t"):
        raise ValueError("control character")
    return value


def _has_controls(text: str, *, but: str = "") -> bool:
    """Tell whether a text has control characters; PostgreSQL takes no zero byte in any text."""
    return any((c < " " and c not in but) or c == "\x7f" for c in text)
