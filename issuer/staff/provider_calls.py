"""What is fetched from a provider of identity: bounded in bytes and seconds, never led elsewhere.

Decided here: https (plain only on this machine, for a demo); no redirect, no proxy of the environment, one
answer of at most 64 kB in ten seconds; an answer that is no success is a failure without its words, which may
quote a secret. Left to others: what is fetched (`oidc`).
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from passport.errors import PassportError

__all__ = ["ProviderError", "call"]

_MAX_BYTES: Final = 65_536
_SECONDS: Final = 10
_LOCAL: Final = frozenset({"localhost", "127.0.0.1"})


class ProviderError(PassportError):
    """A provider of identity did not answer, or not as it must."""

    default_code = "provider"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""
        return


def call(url: str, *, form: Mapping[str, str] | None = None, bearer: str | None = None) -> tuple[bytes, str]:
    """Return the bytes and the media type of an answer. `form`: sent by POST. Raises `ProviderError`."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise ProviderError("An address of the provider is not https.")
    body = urlencode(form).encode("ascii") if form is not None else None
    request = urllib.request.Request(url, data=body)  # noqa: S310 (the scheme was checked)
    request.add_header("Accept", "application/json, application/jwt")
    if bearer is not None:
        request.add_header("Authorization", f"Bearer {bearer}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            data = answer.read(_MAX_BYTES + 1)
            kind = answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        error.close()
        raise ProviderError(f"The provider answered {error.code}.") from None
    except (OSError, HTTPException, ValueError) as error:
        raise ProviderError(f"The provider did not answer ({type(error).__name__}).") from None
    if len(data) > _MAX_BYTES:
        raise ProviderError("The provider's answer is too large.")
    return data, kind
