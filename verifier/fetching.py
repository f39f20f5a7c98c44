"""Fetching: where the bytes of public documents come from. A folder, a server, or bytes already at hand.

What is decided here: that a document is asked for by its whole URL and only under the scheme's own
address (a token can never make this program call another machine: server-side request forgery), how many
bytes and seconds one may take, and that redirects stay under the same address. No proxy of the
environment, no credential, no cookie.

Left to others: whether a document is genuine, new enough or to be kept (`verifier.sources`, the readers
of `passport`). Every failure is a `SourceError`: "not at hand", never "invalid".
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

from passport.errors import PassportError
from passport.limits import LIMITS
from verifier.line import Line, TooSlowError

__all__ = [
    "DocumentSource",
    "FirstSource",
    "FolderSource",
    "HttpSource",
    "KeptSource",
    "SourceError",
    "path_under",
]

_TIMEOUT_SECONDS: Final = 5
_REDIRECTS: Final = 3
_CHUNK: Final = 65_536
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "Accept": "application/json, application/statuslist+jwt, application/vc+jwt, "
    "application/octet-stream;q=0.5",
    "Accept-Encoding": "identity",
    "User-Agent": "passport-verify",
}


class SourceError(PassportError):
    """A document is not at hand. It says nothing about any credential."""

    default_code = "source_unavailable"


class DocumentSource(Protocol):
    """Something that public documents can be had from."""

    def fetch(self, url: str) -> bytes:
        """Return the bytes of the document at `url`; raise `SourceError`."""


def _most_bytes(path: str) -> int:
    """Return how large the document at a path may be; nothing larger is even received."""
    if path.startswith("/trust/sets/"):
        return LIMITS.sealed_set_bytes
    if path.startswith("/status/"):
        return LIMITS.status_token_bytes
    return LIMITS.trust_document_bytes


def path_under(url: str, scheme_url: str) -> str:
    """Return the path of `url` if it lies under `scheme_url`, with plain parts only; else `SourceError`."""
    path = url.removeprefix(scheme_url)
    parts = path.split("/")[1:]
    if path == url or not path.startswith("/") or not all(_PART.fullmatch(part) for part in parts):
        raise SourceError(
            "The address of a document does not lie under the scheme's own.", code="address_refused"
        )
    return path


class KeptSource:
    """Documents already at hand, by URL."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._documents = documents

    def fetch(self, url: str) -> bytes:
        """Return the document; raise `SourceError` when it is not among those given."""
        try:
            return self._documents[url]
        except KeyError:
            raise SourceError("The document was not given.", code="document_missing") from None


class FirstSource:
    """Several sources, asked in order."""

    def __init__(self, sources: Sequence[DocumentSource]) -> None:
        self._sources = sources

    def fetch(self, url: str) -> bytes:
        """Return the document from the first source that has it; raise the last `SourceError`."""
        failure = SourceError("No source of documents was given.", code="document_missing")
        for source in self._sources:
            try:
                return source.fetch(url)
            except SourceError as error:
                failure = error
        raise failure


class FolderSource:
    """A folder made by ``passport publish``: the paths below the scheme's address are its files."""

    def __init__(self, folder: Path, scheme_url: str) -> None:
        self._folder = folder.resolve()
        self._scheme_url = scheme_url.rstrip("/")

    def fetch(self, url: str) -> bytes:
        """Return the file that stands for `url`; raise `SourceError`."""
        path = path_under(url, self._scheme_url)
        file = self._folder.joinpath(*path.split("/")[1:])
        most = _most_bytes(path)
        try:
            if not file.resolve().is_relative_to(self._folder):  # a link out of the folder
                raise SourceError("The document lies outside the folder.", code="address_refused")
            with file.open("rb") as stream:
                data = stream.read(most + 1)
        except OSError:
            raise SourceError(f"The folder holds no readable {path[1:]}.", code="document_missing") from None
        if len(data) > most:
            raise SourceError("The document is larger than this program reads.", code="too_big")
        return data


class HttpSource:
    """The scheme's own server, or one that carries the same files. Standard library only.

    `scheme_url`: ``https://HOST``; plain http only to a loopback or private address, where a demo runs.
    `seconds`: how long one document may take, whatever the server does. Raises `SourceError`
    (`address_refused`) for anything else.
    """

    def __init__(
        self,
        scheme_url: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        seconds: float = 2 * _TIMEOUT_SECONDS,
    ) -> None:
        self._scheme_url = scheme_url.rstrip("/")
        self._monotonic = monotonic
        self._seconds = seconds
        parts = urlsplit(self._scheme_url)
        host = parts.hostname or ""
        if not host or (parts.scheme != "https" and not (parts.scheme == "http" and _is_near(host))):
            raise SourceError(
                "Documents are fetched over https; plain http only from this machine or network.",
                code="address_refused",
            )
        self._host, self._port = host, parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None

    def address(self, path: str) -> str:
        """Return the whole URL of a path on this server."""
        return self._scheme_url + path

    def fetch(self, url: str) -> bytes:
        """Return the document at `url`; raise `SourceError`."""
        until = self._monotonic() + self._seconds
        for _ in range(_REDIRECTS + 1):
            path = path_under(url, self._scheme_url)
            answer = self._asked(path, until)
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)  # held to the scheme's address like the first one
        raise SourceError("The server of the scheme redirects without end.")

    def _asked(self, path: str, until: float) -> bytes | str:
        """Return the document at a path, or the address that the server redirects to."""
        try:
            with Line(self._host, self._port, tls=self._tls, seconds=until - self._monotonic()) as line:
                answer = line.get(path, _HEADERS)
                if answer.status in _REDIRECTED:
                    return answer.headers.get("Location", "")
                if answer.status != 200:
                    code = "document_missing" if answer.status == 404 else SourceError.default_code
                    raise SourceError(f"The server answered {answer.status} for {path}.", code=code)
                return self._read(answer, most=_most_bytes(path), until=until)
        except TooSlowError:
            raise SourceError("The server of the scheme is too slow.") from None
        except (OSError, HTTPException, ValueError):
            raise SourceError(
                "The server of the scheme did not answer.", hint="Is there a network? Try again later."
            ) from None

    def _read(self, answer: HTTPResponse, *, most: int, until: float) -> bytes:
        """Read in pieces: nothing larger than a document may be is even received."""
        received = bytearray()
        while piece := answer.read1(_CHUNK):  # what has come; `read` would wait for a whole chunk
            received += piece
            if len(received) > most:
                raise SourceError("The document is larger than this program reads.", code="too_big")
            if self._monotonic() > until:
                raise TooSlowError
        if answer.length:
            raise SourceError("The document was cut short on its way.")
        return bytes(received)


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
