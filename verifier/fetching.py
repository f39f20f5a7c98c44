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
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any, Final, Protocol
from urllib.parse import urlsplit

from passport.errors import PassportError
from passport.limits import LIMITS

__all__ = ["DocumentSource", "FirstSource", "FolderSource", "HttpSource", "KeptSource", "SourceError"]

_TIMEOUT_SECONDS: Final = 5
_REDIRECTS: Final = 3
_CHUNK: Final = 65_536
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_ACCEPT: Final = (
    "application/json, application/statuslist+jwt, application/vc+jwt, application/octet-stream;q=0.5"
)


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


def _path_under(url: str, scheme_url: str) -> str:
    """Return the path of `url` if it lies under `scheme_url`, with plain parts only."""
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
        path = _path_under(url, self._scheme_url)
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
    Raises `SourceError` (`address_refused`) for anything else.
    """

    def __init__(self, scheme_url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._scheme_url = scheme_url.rstrip("/")
        self._monotonic = monotonic
        parts = urlsplit(self._scheme_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_near(parts.hostname or "")):
            raise SourceError(
                "Documents are fetched over https; plain http only from this machine or network.",
                code="address_refused",
            )
        self._opener = urllib.request.OpenerDirector()
        # Written out: the usual opener would also follow file:, ftp: and data:, and the proxies of the
        # environment.
        for handler in (
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
            _NearRedirects(self._scheme_url),
        ):
            self._opener.add_handler(handler)

    def address(self, path: str) -> str:
        """Return the whole URL of a path on this server."""
        return self._scheme_url + path

    def fetch(self, url: str) -> bytes:
        """Return the document at `url`; raise `SourceError`."""
        path = _path_under(url, self._scheme_url)
        headers = {"Accept": _ACCEPT, "Accept-Encoding": "identity", "User-Agent": "passport-verify"}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  its scheme was checked above
        deadline = self._monotonic() + 2 * _TIMEOUT_SECONDS
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return self._read(answer, most=_most_bytes(path), deadline=deadline)
        except SourceError:
            raise
        except urllib.error.HTTPError as error:
            error.close()
            raise SourceError(
                f"The server answered {error.code} for {path}.",
                code="document_missing" if error.code == 404 else "source_unavailable",
            ) from None
        except (OSError, HTTPException, ValueError):
            raise SourceError(
                "The server of the scheme did not answer.", hint="Is there a network? Try again later."
            ) from None

    def _read(self, answer: HTTPResponse, *, most: int, deadline: float) -> bytes:
        """Read in pieces: a server that drips a byte a second must not hold a request for ever."""
        received = bytearray()
        while piece := answer.read1(_CHUNK):  # what has come; `read` would wait for a whole chunk
            received += piece
            if len(received) > most:
                raise SourceError("The document is larger than this program reads.", code="too_big")
            if self._monotonic() > deadline:
                raise SourceError("The server of the scheme is too slow.")
        return bytes(received)


class _NearRedirects(urllib.request.HTTPRedirectHandler):
    """Redirects: at most three, and only under the scheme's address."""

    max_redirections = _REDIRECTS
    max_repeats = _REDIRECTS

    def __init__(self, scheme_url: str) -> None:
        self._scheme_url = scheme_url

    def redirect_request(  # the signature is urllib's
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _path_under(newurl, self._scheme_url)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
