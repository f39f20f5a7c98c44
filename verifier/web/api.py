"""The API for programs: reports as JSON, 200 whatever the verdict; wrong use as problem+json.

What is decided here: the form of questions and answers, and how work is spread: what needs no fetching is
checked at once in the event loop (a fifth of a millisecond each, and many in small shares, so that nobody
waits long), everything that may wait for a network or a file goes to a thread.

Left to others: checking (`verifier.counter`), reading (`bodies`), the way in and out (`endpoints`), what is
said of this to programmers (`openapi`). There are no words for people here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.typed_code import format_code, read_code
from verifier.apart import read_sent
from verifier.codes import CodeAnswer, code_state, network_of
from verifier.counter import Checked, check_at_hand, check_credential, check_found, worst
from verifier.details import day_of
from verifier.report import Report, Verdict
from verifier.schemes import Schemes
from verifier.web.bodies import read_form, read_json
from verifier.web.encoding import report_json
from verifier.web.endpoints import Endpoint, json_response
from verifier.web.gathering import SHARE, Found, Gathering
from verifier.web.problems import ProblemError, problem_response
from verifier.web.settings import CheckingSettings

__all__ = ["Codes", "api_programs"]

Codes = Callable[[str, str], CodeAnswer]
_Tell = Callable[[bytes | Exception], None]
_ONE: Final = 4 * LIMITS.token_chars
# Of such characters JSON has one writing; anything else is read with care.
_BLANK: Final = rb"[ \t\r\n]*"
_ONE_TOKEN: Final = re.compile(
    _BLANK.join((b"", rb"\{", b'"credential"', b":", rb"\"([\w.~-]*)\"", rb"\}", b""))
)


class _Api:
    def __init__(self, settings: CheckingSettings, documents: Schemes, codes: Codes | None) -> None:
        self._settings = settings
        self._documents = documents
        self._codes = codes
        self._gathering = Gathering(partial(check_at_hand, documents=documents))
        self._fetching: set[asyncio.Task[None]] = set()

    async def verify(self, request: Request) -> Response:
        value = (await read_json(request, most=_ONE, members={"credential"}))["credential"]
        if type(value) is not str:
            raise ProblemError(422, "members", "Expected `credential` to be a text.")
        checked = await self._gathering.check(value)
        if checked is None:
            checked = await run_in_threadpool(check_credential, value, documents=self._documents)
        return json_response(report_json(checked.report))

    def take(self, body: bytes, tell: _Tell) -> bool:
        """Answer as `verify` does, where that is all the same: a body that is one token and nothing else."""
        asked = _ONE_TOKEN.fullmatch(body) if len(body) <= _ONE else None
        if asked is None:
            return False
        text = asked[1].decode()
        self._gathering.add(text, partial(self._tell, text, tell))
        return True

    def _tell(self, text: str, tell: _Tell, found: Found) -> None:
        if found is None:
            fetching = asyncio.get_running_loop().create_task(self._fetch_and_tell(text, tell))
            self._fetching.add(fetching)
            fetching.add_done_callback(self._fetching.discard)
        else:
            tell(found if isinstance(found, Exception) else _written(found))

    async def _fetch_and_tell(self, text: str, tell: _Tell) -> None:
        try:
            checked = await run_in_threadpool(check_credential, text, documents=self._documents)
        except Exception as error:  # noqa: BLE001  told to the guard, which says no word of it
            tell(error)
        else:
            tell(_written(checked))

    async def _check(self, texts: Sequence[str]) -> list[Checked]:
        """Return a report for each text: the one way to a verdict of this API, files aside."""
        at_hand = check_at_hand(texts, documents=self._documents)
        if None not in at_hand:
            return [checked for checked in at_hand if checked is not None]
        return await run_in_threadpool(self._fetch_and_check, texts)

    def _fetch_and_check(self, texts: Sequence[str]) -> list[Checked]:
        return [check_credential(text, documents=self._documents) for text in texts]

    async def verify_batch(self, request: Request) -> Response:
        most, count = LIMITS.batch_bytes, LIMITS.batch_credentials
        values = (await read_json(request, most=most, members={"credentials"}))["credentials"]
        if type(values) is not list or not 1 <= len(values) <= count:
            raise ProblemError(422, "members", f"Expected `credentials` to be a list of 1 to {count} texts.")
        if not all(type(value) is str for value in values):
            raise ProblemError(422, "members", "Expected each of `credentials` to be a text.")
        verdicts: set[Verdict] = set()
        told: list[bytes] = []
        for start in range(0, len(values), SHARE):
            # No report is kept once it is written: a thousand of them would not fit the processor's caches.
            for checked in await self._check(values[start : start + SHARE]):
                verdicts.add(checked.report.verdict)
                told.append(report_json(checked.report))
            await asyncio.sleep(0)
        return json_response(_together(verdicts, told))

    async def verify_file(self, request: Request) -> Response:
        form = await read_form(request, most=LIMITS.papers_bytes)
        if not form.files:
            raise ProblemError(422, "file_missing", "Expected at least one file in a multipart form.")
        if form.fields:
            raise ProblemError(422, "members", "Expected files and no other fields.")
        checked = await run_in_threadpool(self._files, [file.data for file in form.files])
        told = [{**c.report.to_json(), "file": number, "where": c.where} for number, c in checked]
        verdicts = {c.report.verdict for _, c in checked}
        return json_response(_together(verdicts, [msgspec.json.encode(one) for one in told]))

    def _files(self, files: list[bytes]) -> list[tuple[int, Checked]]:
        checked: list[tuple[int, Checked]] = []
        for number, read in enumerate(read_sent(files, self._settings.read_files)):
            if isinstance(read, PassportError):
                raise read
            checked += [(number, one) for one in check_found(read, documents=self._documents)]
        return checked

    async def look_up(self, request: Request) -> Response:
        value = (await read_json(request, most=_ONE, members={"code"}))["code"]
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
            return json_response({"state": "code_not_found", "code": format_code(code), "values": {}})
        report = await run_in_threadpool(self._documents.check, answer.token)
        return json_response(_code_json(report, code))


def _written(checked: Checked) -> bytes | Exception:
    """Return the answer about one credential, or the fault of ours that writing it brought out."""
    try:
        return report_json(checked.report)
    except Exception as error:  # noqa: BLE001  it must not cost others their answers
        return error


def _code_json(report: Report, code: str) -> dict[str, object]:
    """Return the answer to a code: a state that says nothing about a paper, a masked name, no birth date."""
    state, values = code_state(report), {}
    attestation, body = report.attestation, report.issuer
    if attestation is not None and body is not None and state.startswith("code_"):
        days = {"issued": attestation.issued_at, "valid_until": attestation.expires_at}
        values = {name: day.isoformat() for name, instant in days.items() if (day := day_of(instant))}
        values |= {"name": attestation.holder.masked_name, "issuer": body.name}
    return {"state": state, "code": format_code(code), "values": values}


def _together(verdicts: Set[Verdict], told: Sequence[bytes]) -> bytes:
    """Return the answer about several credentials: the worst verdict, and each report as it was written."""
    return b'{"verdict":"%b","reports":[%b]}' % (worst(verdicts).value.encode(), b",".join(told))


def api_programs(
    settings: CheckingSettings, *, documents: Schemes, codes: Codes | None
) -> Mapping[str, Endpoint]:
    """Return what answers at each address under ``/api/v1``."""
    api = _Api(settings, documents, codes)
    return {
        "/api/v1/verify": Endpoint(api.verify, take=api.take, open_to_pages=True),
        "/api/v1/verify/batch": Endpoint(api.verify_batch, open_to_pages=True),
        "/api/v1/verify/file": Endpoint(api.verify_file, open_to_pages=True),
        "/api/v1/codes": Endpoint(api.look_up, open_to_pages=False),
    }
