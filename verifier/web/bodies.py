"""Bodies: what is read of a request, and how much. Sizes are held while receiving, not after.

What is decided here: the largest body of each kind, how long one may take and how many bytes of all of them
are held at once, that files of strangers stay in memory (a temporary file would keep a person's paper on
disk), and that a body which is not what its header says is wrong use.
"""

from __future__ import annotations

import asyncio
import json
import time
import unicodedata
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message

from passport.limits import LIMITS
from verifier.intake import TEXT_CHARS
from verifier.web.problems import ProblemError

__all__ = ["Form", "SentFile", "read_form", "read_json"]

_FIELDS: Final = 5
_PARTS: Final = 500  # files that a form may name before they are counted; all their bytes are bounded
_NAME_CHARS: Final = 80
_ENVELOPE: Final = 65_536  # boundaries and headers of a multipart body, for each of fifty files
_SECONDS: Final = 120  # twenty megabytes over a telephone line of the countryside
_ALL_AT_ONCE: Final = 8 * LIMITS.file_bytes
_SMALL: Final = 65_536  # a text or a code comes in however many files are on their way
_CHARSET: Final = "utf-8"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as sent. `name`: as its sender calls it, to be shown to that sender and nobody else."""

    name: str = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds: every value of each text field, in order, and the files that are not empty."""

    fields: Mapping[str, tuple[str, ...]] = field(repr=False)
    files: tuple[SentFile, ...] = ()

    def text(self, name: str) -> str:
        """Return the first value of a field, without blanks around it; "" for none."""
        return self.fields.get(name, ("",))[0].strip()


class _InMemory(MultiPartParser):
    """Keeps every part in memory; the whole body is bounded by the stream it reads from."""

    spool_max_size = 1 << 40
    _whole = False

    def on_end(self) -> None:
        """Note that the last boundary came."""
        self._whole = True

    async def parse(self) -> FormData:
        """Return the form; a part that does not end would be left out, and the others pass for the whole."""
        form = await super().parse()
        if not self._whole:
            raise MultiPartException("The last boundary is missing.")
        return form

    def on_headers_finished(self) -> None:
        """Read names and texts as UTF-8: a sender could otherwise choose any codec of Python for them."""
        self._charset = _CHARSET
        super().on_headers_finished()


class _Begun:
    """A call that was begun. `ended`: what it returned, None while it waits for something.

    A small body is there when its request is: no time limit has to be set up for it, which costs as much as
    reading it does. Awaiting this goes on with the call.
    """

    def __init__(self, call: Awaitable[Message]) -> None:
        self._call = call.__await__()
        self._waits_for: Any = None
        self.ended: Message | None = None
        self._go_on(self._call.send, None)

    def __await__(self) -> Generator[Any, Any, Message]:
        while self.ended is None:
            try:
                sent = yield self._waits_for
            except BaseException as error:  # noqa: BLE001  a timeout, a cancellation: the call's to deal with
                self._go_on(self._call.throw, error)
            else:
                self._go_on(self._call.send, sent)
        return self.ended

    def _go_on(self, how: Callable[[Any], Any], given: object) -> None:
        try:
            self._waits_for = how(given)
        except StopIteration as end:
            self.ended = end.value


class _Arriving:
    """A body on its way. `held`: bytes of all bodies that are on their way in this process."""

    held: ClassVar[int] = 0

    def __init__(self, request: Request, most: int) -> None:
        self._request = request
        self._most = most
        self._received = 0

    def __enter__(self) -> _Arriving:
        promised = _header(self._request, b"content-length")
        if promised.isdigit() and int(promised[:20]) > self._most:
            raise _too_big(self._most)
        return self

    def __exit__(self, *_: object) -> None:
        _Arriving.held -= self._received

    async def whole(self) -> bytes:
        """Return the body; stop a sender that sends too much, or is too slow."""
        received = _Begun(self._request.receive())
        message = received.ended
        if message and message["type"] == "http.request" and not message.get("more_body", False):
            body: bytes = message.get("body", b"")
            if len(body) > self._most:
                raise _too_big(self._most)
            return body  # it is no longer on its way: not counted among those that are
        return b"".join([piece async for piece in self.pieces(received)])

    async def pieces(self, first: _Begun | None = None) -> AsyncGenerator[bytes, None]:
        """Give the body in pieces. `first`: the call that gives the first one, if it was begun already."""
        deadline = time.monotonic() + _SECONDS
        more = True
        while more:
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    message = await (self._request.receive() if first is None else first)
            except TimeoutError:
                raise ProblemError(408, "too_slow", f"The body took over {_SECONDS} seconds.") from None
            if message["type"] != "http.request":
                raise ProblemError(400, "cut_off", "The request ended before its body.")
            more, first = message.get("more_body", False), None
            yield self._counted(message.get("body", b""))

    def _counted(self, piece: bytes) -> bytes:
        self._received += len(piece)
        _Arriving.held += len(piece)
        if self._received > self._most:
            raise _too_big(self._most)
        if _Arriving.held > _ALL_AT_ONCE and self._received > _SMALL:
            raise ProblemError(503, "busy", "Too many files are on their way.", hint="Try again in a minute.")
        return piece


def _too_big(most: int) -> ProblemError:
    return ProblemError(413, "too_big", f"The request is larger than the {most} bytes taken here.")


def _header(request: Request, name: bytes) -> bytes:
    """Return a header as it was sent, b"" without one; no object is made of all the others."""
    for known, value in request.scope["headers"]:
        if known == name:
            found: bytes = value
            return found
    return b""


def _kind(request: Request) -> bytes:
    return _header(request, b"content-type").partition(b";")[0].strip().lower()


async def read_json(request: Request, *, most: int, members: Set[str] | None = None) -> Mapping[str, Any]:
    """Return the JSON object in a body; raise `ProblemError` unless it has exactly `members`, if given."""
    if _kind(request) != b"application/json":
        raise ProblemError(415, "media_type", "Expected Content-Type: application/json.")
    with _Arriving(request, most) as arriving:
        body = await arriving.whole()
    value = _parsed(body)
    if type(value) is not dict:
        raise ProblemError(422, "members", "Expected a JSON object.")
    if members is not None and value.keys() != members:
        wanted = ", ".join(sorted(members))
        raise ProblemError(422, "members", f"Expected a JSON object with exactly: {wanted}.")
    return value


def _parsed(body: bytes) -> Any:
    """Return the JSON in a body. A member named twice is refused: another reader might take the other one.

    Without a backslash every quotation mark begins or ends a string; with one, or when the count is not that
    of the value, a slower reader looks.
    """
    try:
        value = msgspec.json.decode(body)
        if b"\\" in body or 2 * _strings(value) != body.count(b'"'):
            json.loads(body, object_pairs_hook=_refuse_twins)
    except (ValueError, RecursionError):
        raise ProblemError(400, "json", "The body is not JSON, or not plain enough.") from None
    return value


def _strings(value: Any) -> int:
    """Return how many strings an object or a list has, names of members too; 1 for a string."""
    kind = type(value)
    if kind is str:
        return 1
    inner = value.values() if kind is dict else value if kind is list else ()
    found = len(inner) if kind is dict else 0
    for one in inner:  # hot path: a text is mostly all there is
        found += 1 if type(one) is str else _strings(one)
    return found


def _refuse_twins(pairs: list[tuple[str, object]]) -> None:
    """Refuse an object with a member named twice. What it holds was read already."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("twins")


async def read_form(request: Request, *, most: int, fields: int = _FIELDS) -> Form:
    """Return the text fields and the files of a form; raise `ProblemError`.

    Both encodings of HTML are taken. `fields`: how many text fields there may be. A file's name says
    nothing here: a file is what its first bytes say.
    """
    readers = {b"multipart/form-data": _InMemory, b"application/x-www-form-urlencoded": FormParser}
    reader = readers.get(_kind(request))
    if reader is None:
        raise ProblemError(415, "media_type", "Expected the body of an HTML form.")
    limits = {"max_fields": fields, "max_part_size": 4 * TEXT_CHARS}
    if reader is _InMemory:
        limits["max_files"] = _PARTS
    with _Arriving(request, most + _ENVELOPE) as arriving:
        try:
            form = await _taken(await reader(request.headers, arriving.pieces(), **limits).parse())
        except ProblemError:
            raise
        except (MultiPartException, KeyError, ValueError, LookupError):
            raise ProblemError(400, "form", "The form cannot be read.") from None
    if len(form.files) > LIMITS.papers_at_once:
        raise ProblemError(413, "too_many", f"Expected at most {LIMITS.papers_at_once} files at once.")
    return form


async def _taken(form: FormData) -> Form:
    fields: dict[str, tuple[str, ...]] = {}
    files: list[SentFile] = []
    async with _closing(form):
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.append(SentFile(_plain_name(value.filename or ""), await value.read()))
            else:
                fields[name] = (*fields.get(name, ()), value)
    return Form(fields, tuple(file for file in files if file.data))


def _plain_name(name: str) -> str:
    """Return a file's name without folders and without characters that hide or re-order others."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if unicodedata.category(c)[0] != "C")[:_NAME_CHARS]


class _closing:  # noqa: N801  reads as a phrase: async with closing(form)
    def __init__(self, form: FormData) -> None:
        self._form = form

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        await self._form.close()
