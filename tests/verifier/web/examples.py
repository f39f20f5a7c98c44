"""The examples of the OpenAPI document: ``python -m tests.verifier.web.examples`` makes them anew.

Decides which outcomes are shown. Each is asked of the real application, with the documents and the clock of a
vector (`tests/vectors`), so that the answer is the same on every day; `test_openapi` asks again and compares.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from passport.errors import PassportError
from passport.limits import LIMITS
from passport.packing import pack, qr_url
from passport.trust.reading import read_pin
from passport.typed_code import format_code, new_code
from tests.verifier.test_files import pdf
from verifier.codes import CodeAnswer
from verifier.report import Reason
from verifier.schemes import Schemes
from verifier.sources import Documents, KeptSource, SourceError, scheme_url_of
from verifier.statuses import read_list
from verifier.web.app import create_app
from verifier.web.settings import CheckingSettings

FILE = Path(__file__).parents[3] / "verifier/web/openapi/examples.json"
VECTORS = Path(__file__).parents[2] / "vectors"
ONE, BATCH, FILES, CODES = "/api/v1/verify", "/api/v1/verify/batch", "/api/v1/verify/file", "/api/v1/codes"
VC, VP = "/credentials/verify", "/presentations/verify"
JSON = {"content-type": "application/json"}
CODE = new_code(random_below=random.Random(20261125).randrange)

_OF_REASON = {
    Reason.VALID: "valid", Reason.REPLACED: "status-replaced", Reason.ISSUER_LEFT: "issuer-left",
    Reason.EXPIRED: "dates-expired", Reason.NOT_YET_VALID: "dates-future",
    Reason.WITHDRAWN: "status-withdrawn",
    Reason.SUSPENDED: "status-suspended", Reason.SIGNATURE_INVALID: "signature-payload-changed",
    Reason.ISSUER_UNKNOWN: "issuer-other-scheme", Reason.ISSUER_NOT_ACCREDITED: "accreditation-level",
    Reason.KEY_NOT_VALID: "key-ended", Reason.KEY_COMPROMISED: "key-compromised",
    Reason.STATUS_UNAVAILABLE: "status-foreign-prefix", Reason.STATUS_STALE: "status-old",
    Reason.TRUST_UNAVAILABLE: "trust-no-now", Reason.TRUST_STALE: "trust-now-expired",
    Reason.SPECIMEN: "specimen-not-pinned", Reason.MALFORMED: "claims-name-long",
    Reason.UNSUPPORTED: "header-alg-hs256",
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A request. `shown`: what the document shows of it, if it can. `codes`: how codes are answered."""

    path: str
    name: str
    summary: str
    send: Mapping[str, Any]
    shown: Any = None
    vector: str = "valid"
    codes: CodeAnswer | SourceError | None = field(default_factory=CodeAnswer)


@cache
def vector(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return found


def token(name: str) -> str:
    return str(vector(name)["token"])


def documents_of(name: str) -> Schemes:
    """What a counter knows that has fetched the documents of a vector, at its moment."""
    named, at = vector(name)["documents"], float(vector(name)["at"])
    read = {n: (VECTORS / n).read_bytes() for n in [*named["statuses"], *named["sets"].values()]}
    pin = read_pin((VECTORS / named["pin"]).read_bytes())
    url = scheme_url_of(pin)
    kept = {f"{url}/trust/sets/{digest}": read[n] for digest, n in named["sets"].items()}
    for path, n in (("list", named["trust_list"]), ("now", named["now"])):
        if n is not None:
            kept[f"{url}/trust/{path}.json"] = (VECTORS / n).read_bytes()
    for n in named["statuses"]:
        try:
            kept[read_list(read[n]).uri] = read[n]
        except PassportError:
            continue
    return Schemes([Documents(KeptSource(kept), pin, lambda: at)])


def client_of(example: Example) -> TestClient:
    def codes(code: str, network: str) -> CodeAnswer:
        if isinstance(example.codes, SourceError):
            raise example.codes
        assert example.codes is not None
        return example.codes

    known = documents_of(example.vector)
    app = create_app(CheckingSettings(), documents=known, codes=codes if example.codes else None)
    return TestClient(app)


def ask(example: Example) -> Any:
    with client_of(example) as client:
        return client.post(example.path, **example.send)


def examples() -> list[Example]:
    """Every example, in the order of the document."""
    return [*_verdicts(), *_writings(), *_batches(), *_files(), *_codes(), *_w3c(), *_misuse()]


def _json(path: str, name: str, summary: str, value: Any, **more: Any) -> Example:
    return Example(path, name, summary, {"json": value}, value, **more)


def _verdicts() -> Iterator[Example]:
    for reason, name in _OF_REASON.items():
        given = {"credential": token(name)}
        yield _json(ONE, reason.value, f"{reason.verdict}: {reason}", given, vector=name)


def _writings() -> Iterator[Example]:
    digits = pack(token("valid").encode())
    yield _json(ONE, "digits", "The digits of a QR code", {"credential": digits})
    url = qr_url("https://verifier.example/v", digits)
    yield _json(ONE, "address", "The address in a QR code; its host does not matter", {"credential": url})
    yield _json(ONE, "badge", "An Open Badge", {"credential": token("badge-valid")}, vector="badge-valid")
    yield _json(ONE, "w3c", "A W3C credential", {"credential": token("vc-valid")}, vector="vc-valid")
    yield _json(
        ONE, "not_a_credential", "What is no credential at all is malformed", {"credential": "Bonjour"}
    )


def _batches() -> Iterator[Example]:
    good, bad = token("status-withdrawn"), "Bonjour"
    given = {"credentials": [good, bad]}
    yield _json(BATCH, "mixed", "The worst verdict decides", given, vector="status-withdrawn")
    yield _json(BATCH, "valid", "All valid", {"credentials": [token("valid"), token("valid") + "~"]})


def _files() -> Iterator[Example]:
    text = token("valid")
    sent = {"files": [("file", ("attestation.jwt", text.encode()))]}
    yield Example(FILES, "valid", "A file with a token", sent, {"file": [text]})
    other = token("valid-birthdate")
    forged = pdf(text.encode(), attached={"attestation.jwt": other.encode()})
    sent = {"files": [("file", ("attestation.pdf", forged))]}
    yield Example(FILES, "documents_disagree", "A PDF that shows one thing and carries another", sent)
    nothing = {"files": [("file", b"PK\x03\x04\x00\xff")]}
    yield Example(FILES, "file_type", "A file of a kind that is not read", nothing)
    yield Example(
        FILES, "not_an_attestation", "A file without an attestation", {"files": [("file", b"Bonjour")]}
    )
    yield Example(FILES, "file_missing", "No file", {"files": [("note", (None, "Bonjour"))]})
    with_text = {**sent, "data": {"note": "Bonjour"}}
    yield Example(FILES, "members", "Fields that are no files", with_text)
    many = {"files": [("file", b"x")] * (LIMITS.papers_at_once + 1)}
    yield Example(FILES, "too_many", "Too many files", many)
    yield Example(
        FILES, "form", "No form", {"content": b"x", "headers": {"content-type": "multipart/form-data"}}
    )


def _codes() -> Iterator[Example]:
    given = {"code": format_code(CODE)}
    named = {
        "code_found": "valid", "code_replaced": "status-replaced", "code_expired": "dates-expired",
        "code_withdrawn": "status-withdrawn", "code_suspended": "status-suspended",
        "key_not_valid": "key-ended", "key_compromised": "key-compromised",
        "issuer_not_accredited": "accreditation-level",
        "service_unavailable": "trust-now-expired",
    }  # fmt: skip
    for state, name in named.items():
        answer = CodeAnswer(token(name).encode())
        yield _json(CODES, state, f"State: {state}", given, vector=name, codes=answer)
    yield _json(CODES, "code_not_found", "No attestation has this code", given)
    yield _json(CODES, "code_check", "A character is wrong or two are swapped", {"code": "2346-789B-CDF"})
    yield _json(CODES, "code_letter", "A letter that codes do not use", {"code": "2346-78OB-CDF"})
    yield _json(CODES, "code_format", "Not eleven characters", {"code": "2346"})
    slow = CodeAnswer(wait_seconds=90)
    yield _json(CODES, "too_many_attempts", "Too many look-ups from this network", given, codes=slow)
    yield _json(CODES, "codes_not_served", "A counter that looks up no codes", given, codes=None)
    lost = SourceError("The issuing counter did not answer.")
    yield _json(CODES, "source_unavailable", "The issuing counter does not answer", given, codes=lost)


def _w3c() -> Iterator[Example]:
    asked = {"returnProblemDetails": True, "returnResults": True}
    for name, of in (("valid", "vc-valid"), ("withdrawn", "bits-vc-withdrawn"), ("broken", "vc-broken")):
        given = {"verifiableCredential": _envelope(token(of)), "options": asked}
        yield _json(VC, name, f"A W3C credential: {name}", given, vector=of)
    context = "https://www.w3.org/ns/credentials/v2"
    whole = {"@context": context, "type": ["VerifiablePresentation"]}
    held = {**whole, "@context": [context], "verifiableCredential": [_envelope(token("vc-valid"))]}
    yield _json(
        VP, "valid", "A presentation of one credential", {"verifiablePresentation": held}, vector="vc-valid"
    )
    empty = {"presentation": {**whole, "@context": [context]}}
    yield _json(VP, "empty", "A presentation of nothing is not verified", empty)
    bound = {"verifiablePresentation": held, "options": {"challenge": "1"}}
    yield _json(VP, "unknown_option", "An option that is not known", bound)
    wrong = {"verifiableCredential": {}, "options": {"returnResults": "yes"}}
    yield _json(VC, "option_value", "An option of the wrong type", wrong)


def _envelope(text: str) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": f"data:application/vc+jwt,{text}",
        "type": "EnvelopedVerifiableCredential",
    }


def _misuse() -> Iterator[Example]:
    for path in (ONE, BATCH, CODES, VC, VP):
        yield Example(path, "json", "Not JSON", {"content": b"{", "headers": JSON})
        plain = {"content": b"{}", "headers": {"content-type": "text/plain"}}
        yield Example(path, "media_type", "Not of the media type", plain)
        yield _json(path, "members", "Not the members expected", {"other": 1})
        large = {"content": b" " * (LIMITS.batch_bytes + 1), "headers": JSON}
        yield Example(path, "too_big", "More than is taken here", large)
    twice = b'{"credential":"a","credential":"b"}'
    yield Example(ONE, "twice", "A member named twice", {"content": twice, "headers": JSON})
    yield Example(FILES, "media_type", "Not of the media type", {"content": b"x", "headers": JSON})


def made() -> dict[str, list[dict[str, Any]]]:
    """What the document holds: by path, each example with its answer."""
    told: dict[str, list[dict[str, Any]]] = {}
    for example in examples():
        answer = ask(example)
        shown = {"name": example.name, "summary": example.summary, "request": example.shown}
        told.setdefault(example.path, []).append(
            {**shown, "status": answer.status_code, "answer": answer.json()}
        )
    return told


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), ensure_ascii=False, separators=(",", ":")) + "\n")
