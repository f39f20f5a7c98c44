"""The pages for people: three ways in without a camera, the landing of the QR, the verdict.

What is decided here: which field of a form was meant, which page a problem becomes, in which language, and
that a page answers 200 for any verdict. Without script everything works; with it the fragment of the QR is
posted here and taken out of the address.

Left to others: checking (`verifier.counter`), words (`verifier.wording`), looks (`passport.pages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from passport.baking.svg import looks_like_svg
from passport.errors import MalformedError, PassportError
from passport.framework import Lang
from passport.pages.catalogue import catalogue
from passport.pages.rendering import Site, choose_language, render
from passport.typed_code import format_code, read_code
from verifier.codes import network_of
from verifier.counter import Checked, check_found, check_text
from verifier.files import read_file
from verifier.intake import looks_like_code
from verifier.sources import Documents, SourceError
from verifier.web.api import Codes
from verifier.web.bodies import read_form
from verifier.web.problems import ProblemError, status_of
from verifier.web.settings import CheckingSettings
from verifier.wording import Wording, unbroken, word_code, word_page, word_report

__all__ = ["Pages"]

# Errors that have a page of their own among the states, and those that are said as an error of the form.
_STATES: Final = frozenset({"not_an_attestation", "no_code_in_file"})
_ERRORS: Final = {
    "file_broken": "file_broken",
    "badge_broken": "file_broken",
    "file_encrypted": "file_encrypted",
    "pdf_pages": "file_large",
    "image_pixels": "file_large",
}
_HEADS: Final = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")
_MEGABYTE: Final = 1_048_576


class Pages:
    """The pages of one checking counter."""

    def __init__(self, settings: CheckingSettings, documents: Documents, codes: Codes | None) -> None:
        self._settings = settings
        self._documents = documents
        self._codes = codes

    def routes(self) -> list[Route]:
        """Return the routes of the pages."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/v", self.landing, methods=["GET"]),
            Route("/v", self.answer, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """Show the ways in."""
        return self._home(request, landing=False)

    async def landing(self, request: Request) -> Response:
        """Show where the QR lands: a browser with script goes on by itself."""
        return self._home(request, landing=True)

    async def answer(self, request: Request) -> Response:
        """Check what was pasted, typed or sent, and show the verdict."""
        try:
            fields, files = await read_form(request, most=self._settings.file_bytes)
            return await run_in_threadpool(self._answer, request, fields, files)
        except PassportError as error:
            return self.error(request, error)

    def _answer(self, request: Request, fields: Mapping[str, str], files: list[bytes]) -> Response:
        code, text = fields.get("code", "").strip(), fields.get("paste", "").strip()
        if files:
            return self._verdicts(request, [c for data in files for c in self._check_file(data)])
        given = text or code
        if not given:
            asked = next((name for name in ("code", "paste", "file") if name in fields), "file")
            return self._home(request, landing=False, problem=asked)
        if looks_like_code(given) or (code and not text and len(code) <= 40):
            return self._states(request, [self._look_up(request, given)], typed=given)
        return self._verdicts(request, check_text(given, documents=self._documents))

    def _check_file(self, data: bytes) -> list[Checked]:
        """Read a file apart; a text needs no process of its own."""
        plain = not any(head in data[:1_024] for head in _HEADS) and not looks_like_svg(data)
        found = read_file(data) if plain else self._settings.read_file(data)
        return check_found(found, documents=self._documents)

    def _look_up(self, request: Request, typed: str) -> Wording:
        lang, contact = self._lang(request), self._site().contact
        try:
            code = read_code(typed)
        except MalformedError as error:
            return _wrong_code(error, typed, lang)
        shown = format_code(code)
        if self._codes is None:
            return word_page("service_unavailable", lang=lang, contact=contact)
        try:
            answer = self._codes(code, network_of(request.client.host if request.client else ""))
        except SourceError:
            return word_page("service_unavailable", lang=lang, contact=contact)
        if answer.wait_seconds > 0:
            wait = _minutes(answer.wait_seconds, lang)
            return word_page("too_many_attempts", lang=lang, contact=contact, minutes=wait)
        if answer.token is None:
            return word_page("code_not_found", lang=lang, contact=contact, code=shown)
        return word_code(self._documents.check(answer.token), shown, lang=lang, contact=contact)

    def _verdicts(self, request: Request, checked: list[Checked]) -> Response:
        lang, contact = self._lang(request), self._site().contact
        words = [word_report(c.report, lang=lang, contact=contact, reference=c.reference) for c in checked]
        return self._states(request, words)

    def _states(self, request: Request, said: list[Wording], typed: str = "") -> Response:
        again = len(said) == 1 and said[0].attestation is None
        values = {"said": said, "again": again, "typed": typed[:40]}
        return self._page(request, "verdict.html", status=200, values=values)

    def _home(self, request: Request, *, landing: bool, problem: str = "") -> Response:
        values = {"landing": landing, "problem": problem}
        return self._page(request, "home.html", status=422 if problem else 200, values=values)

    def error(self, request: Request, error: PassportError) -> Response:
        """Return the page of a problem; never does it say anything about an attestation."""
        lang = self._lang(request)
        if error.code in _STATES:
            said = word_page(error.code, lang=lang, contact=self._site().contact)
            return self._states(request, [said])
        if error.code == "nothing_given":
            return self._home(request, landing=False, problem="paste")
        status = status_of(error)
        return self.plain_error(request, _ERRORS.get(error.code, str(status)), status=status)

    def plain_error(self, request: Request, name: str, *, status: int) -> Response:
        """Return an error page by its name in the catalogue."""
        lang, site = self._lang(request), self._site()
        known = name if f"errors.{name}.title" in catalogue(lang).keys else "400"
        values: dict[str, str] = {}
        if "contact" in catalogue(lang).placeholders(f"errors.{known}.next"):
            values["contact"] = site.contact or catalogue(lang).text("answer.contact_unknown")
        return self._page(request, "error.html", status=status, values={"error": known, "values": values})

    def _page(self, request: Request, template: str, *, status: int, values: Mapping[str, Any]) -> Response:
        lang = self._lang(request)
        here = request.url.path if request.method == "GET" and status == 200 else "/v"
        size = self._settings.file_bytes // _MEGABYTE
        html = render(
            template,
            lang,
            site=self._site(),
            here=here,
            size=size,
            codes=self._codes is not None,
            **values,
        )
        return HTMLResponse(html, status, {"Content-Language": lang, "Vary": "Accept-Language"})

    def _lang(self, request: Request) -> Lang:
        return choose_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))

    def _site(self) -> Site:
        trust = self._documents.known
        scheme = trust.trust_list.scheme if trust else None
        return Site(
            scheme=self._settings.name or (scheme.name if scheme else ""),
            contact=unbroken(self._settings.contact or (scheme.contact if scheme else "")),
            demo=scheme.is_demo if scheme else False,
            accessibility=self._settings.accessibility,
        )


def _wrong_code(error: MalformedError, typed: str, lang: Lang) -> Wording:
    """Say which group to read again, before any server was asked."""
    shown = " ".join(typed.split())[:40]
    if error.code == "code_check":
        return word_page("code_wrong_check", lang=lang, code=shown.upper())
    group = error.detail.get("group")
    if not isinstance(group, int):
        return word_page("code_bad_format", lang=lang)
    letters = "".join(c for c in typed.upper() if c.isalnum())
    start, end = ((0, 4), (4, 8), (8, 11))[group - 1]
    return word_page("code_bad_format", lang=lang, group=letters[start:end])


def _minutes(seconds: int, lang: Lang) -> str:
    count = -(-seconds // 60)
    words = catalogue(lang)
    return words.text("answer.minute") if count == 1 else words.text("answer.minutes", count=count)


def not_found() -> ProblemError:
    """Return the error for an address that leads nowhere."""
    return ProblemError(404, "not_found", "There is nothing at this address.")
