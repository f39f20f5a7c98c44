"""The two counters under one port, and what passes between them.

Decided here: which paths are the issuing counter's, and that the checking counter, even in the same process,
sees of the register what a stranger sees (public documents by their address) plus the narrow call for typed
codes. Left to others: the applications themselves (`issuer.web`, `verifier.web`), the server (`serving`).
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from issuer.register import Register
from issuer.register.publishing import document
from issuer.web.codes import SECRET_HEADER, look_up
from issuer.web.legal import LEGAL_PAGES
from passport.errors import PassportError
from verifier.codes import CodeAnswer
from verifier.sources import SourceError
from verifier.web.guard import Guard

__all__ = ["BothCounters", "RegisterSource", "codes_at", "codes_of", "first_of"]

_ISSUER_PATHS: Final = (
    "/trust/",
    "/status/",
    "/o/",
    "/contexts/",
    "/schemas/",
    "/.well-known/",
    "/vct/",
    "/frameworks/",
    "/internal/",
    "/demo/",
    "/desk/",
    "/reseau/",
)
_ISSUER_EXACT: Final = frozenset(
    {"/healthz", "/demo", "/desk", "/reseau", "/credentials/issue", *(f"/{name}" for name in LEGAL_PAGES)}
)
_API: Final = "/api/v1/attestations"
_TIMEOUT_SECONDS: Final = 10
_ANSWER_BYTES: Final = 65_536
_SECONDS: Final = re.compile(r"[0-9]{1,6}")

_Codes = Callable[[str, str], CodeAnswer]
_Scope = MutableMapping[str, Any]
_App = Callable[[_Scope, Any, Any], Awaitable[None]]


class BothCounters:
    """An ASGI application that hands each request to the counter that it is for.

    `takers`: what the checking counter answers without a call (`verifier.web.whole`).
    """

    def __init__(self, issuing: _App, checking: Guard) -> None:
        self._issuing = issuing
        self._checking = checking
        self.takers = checking.takers

    async def __call__(self, scope: _Scope, receive: Any, send: Any) -> None:
        """Serve; start and stop belong to the issuing counter, the other has nothing to start."""
        chosen = (
            self._issuing if scope["type"] == "lifespan" or _is_issuing(scope["path"]) else self._checking
        )
        await chosen(scope, receive, send)


def _is_issuing(path: str) -> bool:
    api = path == _API or path.startswith(f"{_API}/")
    return api or path in _ISSUER_EXACT or path.startswith(_ISSUER_PATHS)


class RegisterSource:
    """Public documents from the register in this process, by their public address."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def fetch(self, url: str) -> bytes:
        """Return the document at `url`; raise `SourceError`."""
        prefix = self._register.scheme.url
        if not url.startswith(f"{prefix}/"):
            raise SourceError("The address is not under the scheme's own.", code="address_refused")
        try:
            found = document(self._register, url.removeprefix(prefix))
        except PassportError:
            raise SourceError("The document cannot be made now.") from None
        if found is None:
            raise SourceError("There is no such document.", code="document_missing")
        return found.data


def codes_of(register: Register) -> Callable[[str, str], CodeAnswer]:
    """Return the look-up of typed codes in the register of this process."""

    def ask(code: str, network: str) -> CodeAnswer:
        token, wait = look_up(register, code, network)
        return CodeAnswer(token=token, wait_seconds=wait)

    return ask


def first_of(askers: Sequence[_Codes]) -> _Codes:
    """Return the look-up of typed codes at several issuing counters, asked in turn until one knows the code.

    What one cannot say now (it does not answer, or asks to wait) is said only if no other knows the code.
    """

    def ask(code: str, network: str) -> CodeAnswer:
        failure: SourceError | None = None
        wait = 0
        for asker in askers:
            try:
                answer = asker(code, network)
            except SourceError as error:
                failure = error
                continue
            if answer.token is not None:
                return answer
            wait = max(wait, answer.wait_seconds)
        if wait or failure is None:
            return CodeAnswer(wait_seconds=wait)
        raise failure

    return ask


def codes_at(url: str, secret: str) -> Callable[[str, str], CodeAnswer]:
    """Return the look-up of typed codes at an issuing counter elsewhere; it may raise `SourceError`."""
    if not _keeps_secret(url):
        raise PassportError(
            "Typed codes are asked for over https only.", code="codes_url", hint="Correct PASSPORT_CODES_URL."
        )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())

    def ask(code: str, network: str) -> CodeAnswer:
        request = urllib.request.Request(  # noqa: S310 (its scheme was checked above)
            f"{url.rstrip('/')}/internal/codes",
            data=json.dumps({"code": code, "network": network}).encode(),
            headers={"Content-Type": "application/json", SECRET_HEADER: secret},
        )
        try:
            with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return CodeAnswer(token=json.loads(answer.read(_ANSWER_BYTES))["token"].encode("ascii"))
        except urllib.error.HTTPError as error:
            return _refused(error)
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SourceError("The issuing counter did not answer.") from None

    return ask


def _keeps_secret(url: str) -> bool:
    """Tell whether the secret may be sent there: over https, or on this very machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    near = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return near or (parts.scheme == "https" and bool(parts.hostname))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The secret goes to the address that was set, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""
        return


def _refused(error: urllib.error.HTTPError) -> CodeAnswer:
    status, wait = error.code, error.headers.get("Retry-After", "")
    error.close()
    if status == 404:
        return CodeAnswer()
    if status == 429 and _SECONDS.fullmatch(wait):
        return CodeAnswer(wait_seconds=int(wait))
    raise SourceError(f"The issuing counter answered {status}.")
