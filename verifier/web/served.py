"""Served: bytes that are the same for everybody, compressed once, and asked for again at no cost.

What is decided here: gzip where the browser takes it and it is smaller (`Vary` says so), an `ETag` for each
encoding and ``If-None-Match`` (RFC 9110 sections 8.8.3, 12.5.3 and 13.1.2), and how long a file may be kept.
Left to others: which files there are (`passport.pages`, `verifier.web.device`).
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passport.pages.rendering import StaticFile

__all__ = ["FOREVER", "ServedBytes", "static_routes", "takes_gzip"]

# Nothing that is served so is a page: a short policy, since it goes along with each file.
_CLOSED: Final = {"Content-Security-Policy": "default-src 'none'"}
FOREVER: Final = "public, max-age=31536000, immutable"
_REFUSED: Final = re.compile(r"q=0(\.0*)?")


def takes_gzip(request: Request) -> bool:
    """Tell whether the answer may be compressed with gzip."""
    for part in request.headers.get("accept-encoding", "")[:300].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name == "gzip":
            return not any(_REFUSED.fullmatch(one) for one in parameters)
    return False


class ServedBytes:
    """One document as served. `headers`: what goes along with it, `Cache-Control` among them."""

    def __init__(self, data: bytes, media_type: str, headers: Mapping[str, str]) -> None:
        small = _compressed(data)
        self._plain = (data, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
        self._small = (small, f'"{hashlib.sha256(small).hexdigest()[:32]}"')
        self._worth = len(small) < len(data)
        self._media_type = media_type
        self._headers = {**_CLOSED, **headers}

    def answer(self, request: Request) -> Response:
        """Return the answer to one request."""
        compressed = self._worth and takes_gzip(request)
        data, tag = self._small if compressed else self._plain
        headers = {**self._headers, "ETag": tag, "Vary": "Accept-Encoding"}
        known = {part.strip() for part in request.headers.get("if-none-match", "")[:2_000].split(",")}
        if tag in known:
            return Response(None, 304, headers)
        if compressed:
            headers["Content-Encoding"] = "gzip"
        return Response(data, 200, headers, media_type=self._media_type)


@lru_cache(maxsize=64)
def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def static_routes(files: Iterable[StaticFile], headers: Mapping[str, str] | None = None) -> list[Route]:
    """Return a route for each static file; its name changes with its bytes, so it may be kept for a year."""

    def serving(file: StaticFile) -> Callable[[Request], Response]:
        return ServedBytes(file.data, file.media_type, {"Cache-Control": FOREVER, **(headers or {})}).answer

    return [Route(file.path, serving(file), methods=["GET"]) for file in files]
