"""The frame: what every page of the checking counter has. Language, who offers it, errors, what is kept.

What is decided here: in which language a page answers, that a profile asked for stays in every address of
the page (and nowhere else), and which page a problem becomes. Left to others: what a page says.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from passport.errors import PassportError
from passport.framework import Lang
from passport.limits import LIMITS
from passport.pages.catalogue import catalogue
from passport.pages.rendering import Site, choose_language, render
from verifier.comparing import profile_lines
from verifier.profile import Profile, read_profile
from verifier.report import Report
from verifier.schemes import Schemes
from verifier.troubles import trouble_name, what_next
from verifier.web.device import connected, device_files, settings_of
from verifier.web.guard import CAMERA, policy
from verifier.web.problems import status_of
from verifier.web.served import takes_gzip
from verifier.web.settings import CheckingSettings
from verifier.wording import unbroken

__all__ = ["Frame", "language_of", "profile_of", "reach_of"]

_MEGABYTE: Final = 1_048_576
_EMAIL: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_PHONE: Final = re.compile(r"(?:\+[0-9]{1,3}|0)(?:[ .\u00a0-]?[0-9]){8,12}")


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach the scheme, as far as its contact says so; "" for what it does not say."""

    telephone: str = ""
    number: str = ""
    address: str = ""


class Frame:
    """Makes the pages of one checking counter. `codes`: whether typed codes are looked up here."""

    def __init__(self, settings: CheckingSettings, documents: Schemes, *, codes: bool) -> None:
        self._settings = settings
        self._documents = documents
        self._codes = codes
        self._device = device_files() if settings.on_device else None
        # Only a page that checks by itself may ask a scheme, and show a camera.
        self._opened = (
            {"Content-Security-Policy": policy(*connected(documents)), "Permissions-Policy": CAMERA}
            if self._device
            else {}
        )

    @property
    def contact(self) -> str:
        """Whom to call, "" when that is not known."""
        return self.site().contact

    def contact_of(self, report: Report) -> str:
        """Whom to call about a report: whoever offers the pages, else the scheme that it is a matter of."""
        return unbroken(self._settings.contact or self._documents.contact_of(report))

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        """Return a page. A profile that cannot be read is left out: its own page says so."""
        lang, here = language_of(request), request.url.path
        given = {"here": here if request.method == "GET" and status == 200 else "/v", **values}
        html = self._html(template, lang, _profile_if_any(request), given)
        headers = {"Content-Language": lang, "Vary": "Accept-Language", **self._opened}
        if request.method != "GET" or not takes_gzip(request):
            return HTMLResponse(html, status, headers)
        headers |= {"Vary": "Accept-Language, Accept-Encoding", "Content-Encoding": "gzip"}
        return HTMLResponse(gzip.compress(html.encode(), 6, mtime=0), status, headers)

    def landing(self, lang: Lang) -> str:
        """Return the page where the QR lands, before anything was asked: what a phone may keep."""
        return self._html("home.html", lang, None, {"here": "/v", "landing": True, "problem": ""})

    def _html(self, template: str, lang: Lang, profile: Profile | None, values: Mapping[str, Any]) -> str:
        words = catalogue(lang)
        common: Mapping[str, Any] = {
            "site": self.site(),
            "kept": f"&profil={profile.text}" if profile else "",
            "asked": profile_lines(profile, lang) if profile else (),
            "limits": {
                "size": words.text("form.file.size", count=LIMITS.papers_bytes // _MEGABYTE),
                "files": LIMITS.papers_at_once,
            },
            "codes": self._codes,
            "contact": self.contact or words.text("answer.contact_unknown"),
            "reach": reach_of(self.contact),
            "quoted": quote,
            "device": self._device and settings_of(self._device, self._documents, self._settings.contact),
        }
        return render(template, lang, **{**common, **values})

    def error(self, request: Request, error: PassportError) -> Response:
        """Return the page of a problem; never does it say anything about an attestation."""
        status = status_of(error)
        return self.plain_error(request, trouble_name(error.code) or str(status), status=status)

    def plain_error(self, request: Request, name: str, *, status: int) -> Response:
        """Return an error page by its name in the catalogue."""
        lang = language_of(request)
        known = name if f"errors.{name}.title" in catalogue(lang).keys else "400"
        following = what_next(known, lang=lang, contact=self.contact)
        return self.page(request, "error.html", status=status, error=known, following=following)

    def site(self) -> Site:
        """Return who offers the pages."""
        trust = self._documents.known
        scheme = trust.trust_list.scheme if trust else None
        return Site(
            scheme=self._settings.name or (scheme.name if scheme else ""),
            contact=unbroken(self._settings.contact or (scheme.contact if scheme else "")),
            demo=scheme.is_demo if scheme else False,
            accessibility=self._settings.accessibility,
            legal=self._settings.legal,
        )


def language_of(request: Request) -> Lang:
    """Return the language of the answer: the one asked for, else the browser's."""
    return choose_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def profile_of(request: Request) -> Profile | None:
    """Return the profile in an address, None without one. Raises `MalformedError` (`profile`)."""
    asked = request.query_params.get("profil")
    return None if asked is None else read_profile(asked)


def _profile_if_any(request: Request) -> Profile | None:
    try:
        return profile_of(request)
    except PassportError:
        return None


def reach_of(contact: str) -> Reach:
    """Return how to reach the scheme, as far as its contact says so."""
    email, phone = _EMAIL.search(contact), _PHONE.search(contact)
    number = phone[0] if phone else ""
    return Reach(
        telephone="".join(c for c in number if c.isdigit() or c == "+"),
        number=number,
        address=email[0] if email else "",
    )
