"""Bodies: what is read of a request, and how much. Sizes are held while receiving, not after.

What is decided here: the largest body of each kind, that files of strangers stay in memory (a temporary file
would keep a person's paper on disk), and that a body which is not what its header says is wrong use.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from verifier.intake import TEXT_CHARS
from verifier.web.problems import ProblemError

__all__ = ["FILES_AT_ONCE", "read_form", "read_json"]

FILES_AT_ONCE: Final = 5
_FIELDS: Final = 5
_ENVELOPE: Final = 16_384  # boundaries and headers of a multipart body


class _InMemory(MultiPartParser):
    """Keeps every part in memory; the whole body is bounded by the stream it reads from."""

    spool_max_size = 1 << 40


async def _bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """Give the body in pieces, and stop a sender that promises or sends more than `most` bytes."""
    promised = request.headers.get("content-length", "")
    if promised.isascii() and promised.isdigit() and int(promised[:20]) > most:
        raise _too_big(most)
    received = 0
    try:
        async for piece in request.stream():
            received += len(piece)
            if received > most:
                raise _too_big(most)
            yield piece
    except ClientDisconnect:
        raise ProblemError(400, "cut_off", "The request ended before its body.") from None


def _too_big(most: int) -> ProblemError:
    return ProblemError(413, "too_big", f"The request is larger than the {most} bytes taken here.")


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json(request: Request, *, most: int, members: frozenset[str]) -> Mapping[str, Any]:
    """Return the JSON object in a body; raise `ProblemError` unless it has exactly these members."""
    if _kind(request) != "application/json":
        raise ProblemError(415, "media_type", "Expected Content-Type: application/json.")
    body = b"".join([piece async for piece in _bounded(request, most)])
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProblemError(400, "json", "The body is not JSON.") from None
    if not isinstance(value, dict) or value.keys() != members:
        wanted = ", ".join(sorted(members))
        raise ProblemError(422, "members", f"Expected a JSON object with exactly: {wanted}.")
    return value


async def read_form(request: Request, *, most: int) -> tuple[dict[str, str], list[bytes]]:
    """Return the text fields and the files of a form; raise `ProblemError`.

    Both encodings of HTML are taken. File names are not read: a file is what its first bytes say.
    """
    kind, stream = _kind(request), _bounded(request, most + _ENVELOPE)
    try:
        if kind == "multipart/form-data":
            parser = _InMemory(
                request.headers,
                stream,
                max_files=FILES_AT_ONCE,
                max_fields=_FIELDS,
                max_part_size=4 * TEXT_CHARS,
            )
            return await _taken(await parser.parse())
        if kind == "application/x-www-form-urlencoded":
            plain = FormParser(request.headers, stream, max_fields=_FIELDS, max_part_size=4 * TEXT_CHARS)
            return await _taken(await plain.parse())
    except ProblemError:
        raise
    except (MultiPartException, KeyError, ValueError, LookupError):
        raise ProblemError(400, "form", "The form cannot be read.") from None
    raise ProblemError(415, "media_type", "Expected the body of an HTML form.")


async def _taken(form: FormData) -> tuple[dict[str, str], list[bytes]]:
    fields: dict[str, str] = {}
    files: list[bytes] = []
    async with _closing(form):
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.append(await value.read())
            else:
                fields.setdefault(name, value)
    return fields, [data for data in files if data]


class _closing:  # noqa: N801  reads as a phrase: async with closing(form)
    def __init__(self, form: FormData) -> None:
        self._form = form

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        await self._form.close()
