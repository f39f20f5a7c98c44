"""Asking: a typed code is looked up at a checking counter, over the network, by POST.

What is decided here: the form of the question, how much of an answer is read, and that only states and
values which are known here come out of it: what a server says is never printed as it is.

Left to others: the answer itself (the counter that is asked), its words (`verifier.wording`).
"""

from __future__ import annotations

import json
import unicodedata
import urllib.error
import urllib.request
from datetime import date
from http.client import HTTPException
from typing import Any, Final

from passport.framework import Lang
from passport.pages.catalogue import date_in_words
from verifier.fetching import HttpSource, SourceError
from verifier.wording import state_codes

__all__ = ["ask_counter"]

_ANSWER_BYTES: Final = 65_536
_TIMEOUT_SECONDS: Final = 10
_NAMES: Final = ("name", "issuer")
_DAYS: Final = ("issued", "valid_until")


def ask_counter(counter: str, code: str, *, lang: Lang) -> tuple[str, dict[str, str]]:
    """Return (state, values for its words) of a code; raise `SourceError` when nothing answers."""
    address = HttpSource(counter).address("/api/v1/codes")
    request = urllib.request.Request(  # noqa: S310  the scheme of the address was checked just above
        address,
        data=json.dumps({"code": code}).encode(),
        headers={
            "Content-Type": "application/json",
            "Accept-Language": lang,
            "User-Agent": "passport-verify",
        },
        method="POST",
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            return _read(json.loads(answer.read(_ANSWER_BYTES)), lang)
    except urllib.error.HTTPError as error:
        error.close()
        raise SourceError(f"The checking counter answered {error.code}.") from None
    except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise SourceError("The checking counter did not answer.", hint="Is there a network?") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _read(answer: Any, lang: Lang) -> tuple[str, dict[str, str]]:
    state, values = answer["state"], answer["values"]
    if state not in state_codes():
        raise ValueError(state)
    told = {name: _plain(values[name]) for name in _NAMES if isinstance(values.get(name), str)}
    days = {name: date.fromisoformat(values[name]) for name in _DAYS if values.get(name)}
    told |= {name: date_in_words(day, lang) for name, day in days.items()}
    return state, told


def _plain(text: str) -> str:
    """Drop control and format characters: a terminal obeys some of them."""
    return "".join(c for c in text[:200] if unicodedata.category(c)[0] != "C")
