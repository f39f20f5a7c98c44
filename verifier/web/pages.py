"""The pages for people: the ways in without a camera, the landing of the QR, the verdict, the table.

What is decided here: which field of a form was meant, one paper or several, and that a page answers 200 for
any verdict. Without script everything works; with it the fragment of the QR is posted here and taken out of
the address. Nothing is kept: what the table as CSV needs travels in the page itself.

Left to others: checking (`verifier.counter`, `verifier.several`), words (`verifier.wording`,
`verifier.table`), the frame (`frame`), looks (`passport.pages`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passport.errors import MalformedError, PassportError
from passport.limits import LIMITS
from passport.pages.catalogue import catalogue
from verifier.codes import network_of
from verifier.comparing import Comparison
from verifier.counter import check_text
from verifier.intake import looks_like_code
from verifier.schemes import Schemes
from verifier.several import FoundAgain, Paper, check_again, check_files, papers_of
from verifier.table import Line, counts, csv_of, line_of, worst_first
from verifier.troubles import is_state
from verifier.web.api import Codes
from verifier.web.bodies import Form, read_form
from verifier.web.frame import Frame, language_of, profile_of
from verifier.web.problems import ProblemError
from verifier.web.settings import CheckingSettings
from verifier.web.typed import Asking, look_up
from verifier.wording import Wording, word_page

__all__ = ["Pages"]

_CARRIED: Final = ("credential", "note", "file")
_CARRIED_BYTES: Final = LIMITS.papers_at_once * (LIMITS.token_chars + 1_000)


class Pages:
    """The pages of one checking counter."""

    def __init__(
        self, settings: CheckingSettings, documents: Schemes, codes: Codes | None, *, frame: Frame
    ) -> None:
        self._settings = settings
        self._documents = documents
        self._codes = codes
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the routes of the pages."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/v", self.landing, methods=["GET"]),
            Route("/v", self.answer, methods=["POST"]),
            Route("/v/table.csv", self.table, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """Show the ways in."""
        return self._home(request, landing=False)

    async def landing(self, request: Request) -> Response:
        """Show where the QR lands: a browser with script goes on by itself."""
        return self._home(request, landing=True)

    async def answer(self, request: Request) -> Response:
        """Check what was pasted, typed or sent, and show the verdict, or the table of several."""
        try:
            profile_of(request)
            form = await read_form(request, most=LIMITS.papers_bytes)
            return await run_in_threadpool(self._answer, request, form)
        except PassportError as error:
            return self._trouble(request, error)

    async def table(self, request: Request) -> Response:
        """Answer the table of a page as CSV: what the page carries is checked again."""
        try:
            form = await read_form(request, most=_CARRIED_BYTES, fields=3 * LIMITS.papers_at_once)
            return await run_in_threadpool(self._csv, request, _carried(form))
        except PassportError as error:
            return self._frame.error(request, error)

    def _answer(self, request: Request, form: Form) -> Response:
        code, text = form.text("code"), form.text("paste")
        if form.files:
            sent = [(file.name, file.data) for file in form.files]
            return self._papers(
                request, check_files(sent, self._settings.read_files, documents=self._documents)
            )
        given = text or code
        if not given:
            asked = next((name for name in ("code", "paste", "file") if name in form.fields), "file")
            return self._home(request, landing=False, problem=asked)
        if looks_like_code(given) or (code and not text and len(code) <= 40):
            return self._code(request, given)
        return self._papers(request, papers_of(check_text(given, documents=self._documents)))

    def _code(self, request: Request, typed: str) -> Response:
        network = network_of(request.client.host if request.client else "")
        asking = Asking(network, language_of(request), self._frame.contact, profile_of(request))
        said, comparison = look_up(typed, asking, codes=self._codes, documents=self._documents)
        return self._verdict(request, said, comparison, typed=typed)

    def _papers(self, request: Request, papers: Sequence[Paper]) -> Response:
        if len(papers) == 1 and papers[0].checked is None:
            if papers[0].error == "nothing_given":
                return self._home(request, landing=False, problem="file")
            raise MalformedError("Nothing could be judged.", code=papers[0].error)
        lines = self._lines(request, papers)
        if len(lines) == 1:
            return self._verdict(request, lines[0].said, lines[0].comparison, carried=papers[0].carried)
        return self._frame.page(
            request,
            "table.html",
            wide=True,
            rows=worst_first(lines),
            counted=counts(lines, language_of(request)),
            carried=[one.carried for one in papers],
        )

    def _lines(self, request: Request, papers: Sequence[Paper]) -> list[Line]:
        lang, profile = language_of(request), profile_of(request)
        return [line_of(p, profile=profile, lang=lang, contact=self._contact(p)) for p in papers]

    def _contact(self, paper: Paper) -> str:
        return self._frame.contact_of(paper.checked.report) if paper.checked else self._frame.contact

    def _csv(self, request: Request, found: Sequence[FoundAgain]) -> Response:
        lang = language_of(request)
        lines = self._lines(request, check_again(found, documents=self._documents))
        name = catalogue(lang).text("table.filename")
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Content-Language": lang}
        data = csv_of(lines, profile=profile_of(request), lang=lang)
        return Response(data, 200, headers, media_type="text/csv; charset=utf-8")

    def _verdict(
        self,
        request: Request,
        said: Wording,
        comparison: Comparison | None = None,
        *,
        typed: str = "",
        carried: FoundAgain | None = None,
    ) -> Response:
        """Show one verdict. `carried`: what a receipt is made of, None where there is none to be had."""
        return self._frame.page(
            request,
            "verdict.html",
            said=said,
            comparison=comparison,
            again=said.attestation is None,
            typed=typed[:40],
            carried=carried,
        )

    def _home(self, request: Request, *, landing: bool, problem: str = "") -> Response:
        try:
            profile_of(request)
        except PassportError as error:
            return self._frame.error(request, error)
        status = 422 if problem else 200
        return self._frame.page(request, "home.html", status=status, landing=landing, problem=problem)

    def _trouble(self, request: Request, error: PassportError) -> Response:
        """Return what is said when nothing was judged: a state of its own, the form again, or an error."""
        if is_state(error.code):
            lang, contact = language_of(request), self._frame.contact
            return self._verdict(request, word_page(error.code, lang=lang, contact=contact))
        if error.code == "nothing_given":
            return self._home(request, landing=False, problem="paste")
        return self._frame.error(request, error)


def _carried(form: Form) -> list[FoundAgain]:
    """Return the lines that a page carried; raise `ProblemError` for a form that is none of ours."""
    columns = [form.fields.get(name, ()) for name in _CARRIED]
    if not columns[0] or len({len(column) for column in columns}) != 1:
        raise ProblemError(400, "form", "Expected the lines of a table.")
    return [FoundAgain(*line) for line in zip(*columns, strict=True)]
