"""The receipt of a verdict's page, as a PDF.

What is decided here: that a receipt is of one credential, which the page carries and which is checked anew
at that moment, that nothing of it is kept, and that its file is named by the reference of the check: a name
would end up in a list of downloads. Not offered for a typed code, which proves nothing.

Left to others: evidence and words (`verifier.receipt`, `verifier.receipt_sheet`), the frame of errors.
"""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.pages.catalogue import catalogue
from verifier.receipt_sheet import Maker, make_receipt
from verifier.schemes import Schemes
from verifier.several import FoundAgain
from verifier.web.bodies import Form, read_form
from verifier.web.frame import Frame, language_of
from verifier.web.problems import ProblemError
from verifier.web.settings import CheckingSettings

__all__ = ["Receipts"]

_BYTES: Final = 2 * LIMITS.token_chars


class Receipts:
    """The address ``/v/receipt.pdf``."""

    def __init__(self, settings: CheckingSettings, documents: Schemes, frame: Frame) -> None:
        self._settings = settings
        self._documents = documents
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the route of the receipt."""
        return [Route("/v/receipt.pdf", self.receipt, methods=["POST"])]

    async def receipt(self, request: Request) -> Response:
        """Check what the page carries again, and answer the receipt."""
        try:
            form = await read_form(request, most=_BYTES)
            return await run_in_threadpool(self._made, request, _carried(form))
        except PassportError as error:
            return self._frame.error(request, error)

    def _made(self, request: Request, found: FoundAgain) -> Response:
        lang, settings = language_of(request), self._settings
        name = self._frame.site().scheme or request.url.hostname or ""
        maker = Maker("page", name, settings.contact, offline=False, months=settings.receipt_months)
        data, judged = make_receipt(found, documents=self._documents, maker=maker, lang=lang)
        file = f"{catalogue(lang).text('receipt.filename')}-{judged.checked.reference}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{file}"', "Content-Language": lang}
        return Response(data, 200, headers, media_type="application/pdf")


def _carried(form: Form) -> FoundAgain:
    """Return what a page carried; raise `ProblemError` for a form that is none of ours."""
    values = [form.fields.get(name, ()) for name in ("credential", "note")]
    if any(len(given) != 1 for given in values) or not values[0][0]:
        raise ProblemError(400, "form", "Expected the attestation of a page.")
    return FoundAgain(values[0][0], values[1][0], "")
