"""The API for programs: reports as JSON, 200 whatever the verdict; wrong use as problem+json.

What is decided here: the form of questions and answers, and how work is spread: a report that needs no
fetching is made at once in the event loop (a third of a millisecond), everything that may wait for a
network or a file goes to a thread. Plain Starlette routes with orjson (PERFORMANCE.md).

Left to others: checking (`verifier.counter`), reading (`bodies`), words: there are none here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.typed_code import format_code, read_code
from verifier.codes import CodeAnswer, code_state, network_of
from verifier.counter import Checked, check_credential, check_found, worst
from verifier.details import day_of
from verifier.report import Report
from verifier.schemes import Schemes
from verifier.web.bodies import read_form, read_json
from verifier.web.problems import ProblemError, problem_response
from verifier.web.settings import CheckingSettings

__all__ = ["Codes", "api_routes"]

Codes = Callable[[str, str], CodeAnswer]
_BATCH: Final = 100
_ONE: Final = 4 * LIMITS.token_chars
_CREDENTIAL: Final = frozenset({"credential"})


class _Api:
    def __init__(self, settings: CheckingSettings, documents: Schemes, codes: Codes | None) -> None:
        self._settings = settings
        self._documents = documents
        self._codes = codes

    async def verify(self, request: Request) -> Response:
        value = (await read_json(request, most=_ONE, members=_CREDENTIAL))["credential"]
        if type(value) is not str:
            raise ProblemError(422, "members", "Expected `credential` to be a text.")
        checked = await self._check(value)
        return _json(checked.report.to_json())

    async def _check(self, text: str) -> Checked:
        if self._documents.is_fresh():
            checked = check_credential(text, documents=self._documents)
            if self._documents.is_fresh(checked.report.status_uris):
                return checked
        return await run_in_threadpool(check_credential, text, documents=self._documents)

    async def verify_batch(self, request: Request) -> Response:
        members = frozenset({"credentials"})
        values = (await read_json(request, most=_BATCH * _ONE // 2, members=members))["credentials"]
        if type(values) is not list or not 1 <= len(values) <= _BATCH:
            raise ProblemError(422, "members", f"Expected `credentials` to be a list of 1 to {_BATCH} texts.")
        if not all(type(value) is str for value in values):
            raise ProblemError(422, "members", "Expected each of `credentials` to be a text.")
        reports = await run_in_threadpool(self._all, values)
        return _json(_together(reports, [report.to_json() for report in reports]))

    def _all(self, values: list[str]) -> list[Report]:
        return [check_credential(value, documents=self._documents).report for value in values]

    async def verify_file(self, request: Request) -> Response:
        form = await read_form(request, most=LIMITS.papers_bytes)
        if not form.files:
            raise ProblemError(422, "file_missing", "Expected at least one file in a multipart form.")
        checked = await run_in_threadpool(self._files, [file.data for file in form.files])
        told = [{**c.report.to_json(), "file": number, "where": c.where} for number, c in checked]
        return _json(_together([c.report for _, c in checked], told))

    def _files(self, files: list[bytes]) -> list[tuple[int, Checked]]:
        checked: list[tuple[int, Checked]] = []
        for number, read in enumerate(self._settings.read_files(files)):
            if isinstance(read, PassportError):
                raise read
            checked += [(number, one) for one in check_found(read, documents=self._documents)]
        return checked

    async def look_up(self, request: Request) -> Response:
        value = (await read_json(request, most=_ONE, members=frozenset({"code"})))["code"]
        if type(value) is not str:
            raise ProblemError(422, "members", "Expected `code` to be a text.")
        code = read_code(value)
        if self._codes is None:
            raise ProblemError(503, "codes_not_served", "Typed codes are not looked up at this counter.")
        network = network_of(request.client.host if request.client else "")
        answer = await run_in_threadpool(self._codes, code, network)
        if answer.wait_seconds > 0:
            error = ProblemError(429, "too_many_attempts", "Too many codes were looked up from this network.")
            return problem_response(error, headers={"Retry-After": str(answer.wait_seconds)})
        if answer.token is None:
            return _json({"state": "code_not_found", "code": format_code(code), "values": {}})
        report = await run_in_threadpool(self._documents.check, answer.token)
        return _json(_code_json(report, code))


def _code_json(report: Report, code: str) -> dict[str, object]:
    """Return the answer to a code: a state that says nothing about a paper, a masked name, no birth date."""
    state, values = code_state(report), {}
    attestation, body = report.attestation, report.issuer
    if attestation is not None and body is not None and state.startswith("code_"):
        days = {"issued": attestation.issued_at, "valid_until": attestation.expires_at}
        values = {name: day.isoformat() for name, instant in days.items() if (day := day_of(instant))}
        values |= {"name": attestation.holder.masked_name, "issuer": body.name}
    return {"state": state, "code": format_code(code), "values": values}


def _together(reports: list[Report], told: list[dict[str, object]]) -> dict[str, object]:
    return {"verdict": worst(reports).value, "reports": told}


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")


def _answering(endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            response: Response = await endpoint(request)
        except PassportError as error:
            return problem_response(error)
        return response

    return answer


def api_routes(settings: CheckingSettings, *, documents: Schemes, codes: Codes | None) -> list[Route]:
    """Return the routes under ``/api/v1``."""
    api = _Api(settings, documents, codes)
    endpoints = {
        "/api/v1/verify": api.verify,
        "/api/v1/verify/batch": api.verify_batch,
        "/api/v1/verify/file": api.verify_file,
        "/api/v1/codes": api.look_up,
    }
    return [Route(path, _answering(endpoint), methods=["POST"]) for path, endpoint in endpoints.items()]
