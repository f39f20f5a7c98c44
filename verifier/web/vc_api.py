"""The VC API of the checking counter: ``POST /credentials/verify`` and ``/presentations/verify``.

What is decided here: the two routes, their JSON and which wrong use has which status (docs/adr/0015 has the
shapes and their sources). An answer is 200 whatever the verdict, and `verified` is true only for *valid*.
The same documents and the same `verify()` as everywhere else in this counter.

Left to others: what is looked at and how it is said (`verifier.presentations`), shapes (`passport.vcdm`).
Source: VCALM 1.0 (the VC API of the W3C CCG), sections 2.4 and 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

import schemas
from passport.credential import context_of
from passport.errors import PassportError
from passport.limits import LIMITS
from passport.vcdm.terms import Definition
from verifier.presentations import (
    CredentialOptions,
    PresentationOptions,
    read_options,
    verify_credential,
    verify_presentation,
)
from verifier.schemes import Schemes
from verifier.web.bodies import read_json
from verifier.web.endpoints import Endpoint, json_response
from verifier.web.problems import ProblemError, problem_response

__all__ = ["vc_api_programs"]

_MOST: Final = 64 * LIMITS.token_chars
_UNKNOWN_OPTION: Final = "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED"


class _VcApi:
    def __init__(self, documents: Schemes) -> None:
        self._documents = documents

    async def credential(self, request: Request) -> Response:
        given = await _read(request, {"verifiableCredential"})
        options = read_options(CredentialOptions, given.get("options"))
        result = await run_in_threadpool(
            verify_credential,
            given["verifiableCredential"],
            verify=self._documents.check,
            problem_base=self._documents.scheme_url,
            contexts=self._contexts(),
        )
        return json_response(result.to_json(options))

    async def presentation(self, request: Request) -> Response:
        given = await _read(request, {"presentation"}, {"verifiablePresentation"})
        options = read_options(PresentationOptions, given.get("options"))
        result = await run_in_threadpool(
            verify_presentation,
            given.get("presentation", given.get("verifiablePresentation")),
            verify=self._documents.check,
            problem_base=self._documents.scheme_url,
            contexts=self._contexts(),
        )
        return json_response(result.to_json(options))

    def _contexts(self) -> Mapping[str, Definition]:
        """Return the context that each pinned scheme publishes: it comes with this package."""
        definition: Definition = schemas.read_json("contexts/attestation-1.json")["@context"]
        return {context_of(url): definition for url in self._documents.scheme_urls}


async def _read(request: Request, *choices: set[str]) -> Mapping[str, Any]:
    """Return the members of a request: one of `choices`, and `options` if there are any."""
    given = await read_json(request, most=_MOST)
    if given.keys() - {"options"} not in choices:
        wanted = " or ".join(sorted("".join(choice) for choice in choices))
        raise ProblemError(400, "members", f"Expected a JSON object with {wanted}, and options if any.")
    return given


def _problem_of(error: PassportError) -> Response:
    if error.code == "unknown_option":
        return problem_response(error, status=400, type_uri=_UNKNOWN_OPTION)
    return problem_response(error, status=400 if error.code == "option_value" else None)


def vc_api_programs(documents: Schemes) -> Mapping[str, Endpoint]:
    """Return what answers at each address of the VC API."""
    api = _VcApi(documents)
    answers = {"/credentials/verify": api.credential, "/presentations/verify": api.presentation}
    return {
        path: Endpoint(answer, open_to_pages=True, problem_of=_problem_of) for path, answer in answers.items()
    }
