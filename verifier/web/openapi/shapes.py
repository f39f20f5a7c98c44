"""Shapes: the JSON Schemas of what is sent and answered (JSON Schema 2020-12, as OpenAPI 3.1 takes it).

What is decided here: that every answer is closed (no member but these) and every list of values comes from
the type that really has them, so that a new reason or check cannot be forgotten here. Left to others: routes
(`operations`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from passport.framework import framework_ids
from passport.limits import LIMITS
from passport.model import Method
from verifier.forms import FORMS
from verifier.report import CHECK_CODES, Outcome, Reason, Verdict

__all__ = ["CODE_STATES", "Shape", "either", "ref", "shapes"]

Shape = dict[str, Any]

CODE_STATES: Final = (
    "code_found",
    "code_replaced",
    "code_expired",
    "code_withdrawn",
    "code_suspended",
    "code_not_found",
    "issuer_not_accredited",
    "key_compromised",
    "key_not_valid",
    "service_unavailable",
)
_INSTANT: Final[Shape] = {"type": "string", "format": "date-time"}
_DAY: Final[Shape] = {"type": "string", "format": "date"}
_TEXT: Final[Shape] = {"type": "string"}


def ref(name: str) -> Shape:
    """Return a reference to a shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def either(*choices: Shape) -> Shape:
    """Return the shape of a value that is of one of these."""
    return {"anyOf": list(choices)}


def shapes() -> dict[str, Shape]:
    """Return every shape by its name."""
    return {
        "CredentialRequest": _closed(
            "One credential to check.",
            credential=_said("A token (JWT, a last `~` allowed), the digits of a QR, or the address in it."),
        ),
        "BatchRequest": _closed("Many credentials to check.", credentials=_batch()),
        "FileRequest": _files(),
        "CodeRequest": _closed(
            "A typed code: 4-4-3 characters; case, spaces and dashes are forgiven.", code=_TEXT
        ),
        "Report": _report(),
        "Check": _check(),
        "Attestation": _attestation(),
        "Issuer": _issuer(),
        "Scheme": _closed(
            "The network whose documents judged; null when the issuer is of none that is known here.",
            name=_TEXT,
            url={"type": "string", "format": "uri"},
        ),
        "Reports": _together("Report"),
        "FileReport": _report() | {"properties": _file_members(), "required": list(_file_members())},
        "FileReports": _together("FileReport"),
        "CodeAnswer": _code_answer(),
        "Problem": _problem(),
        **_vc_shapes(),
    }


def _closed(description: str, /, *, optional: Iterable[str] = (), **members: Shape) -> Shape:
    """Return an object of exactly these members."""
    missing = frozenset(optional)
    return {
        "type": "object",
        "description": description,
        "properties": members,
        "required": [name for name in members if name not in missing],
        "additionalProperties": False,
    }


def _said(description: str, **more: Any) -> Shape:
    return {"type": "string", "description": description, **more}


def _one_of(values: Iterable[str], description: str = "") -> Shape:
    shape: Shape = {"type": "string", "enum": list(values)}
    return shape | ({"description": description} if description else {})


def _or_null(shape: Shape) -> Shape:
    return either(shape, {"type": "null"})


def _batch() -> Shape:
    return {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": LIMITS.batch_credentials}


def _files() -> Shape:
    many = {"type": "array", "minItems": 1, "maxItems": LIMITS.papers_at_once}
    return {
        "type": "object",
        "description": "Files: PDF, PNG, JPEG, SVG badge or text, known by their first bytes and not by "
        "their name.",
        "properties": {"file": many | {"items": {"type": "string", "format": "binary"}}},
        "required": ["file"],
        "additionalProperties": False,
    }


def _verdict() -> Shape:
    return _one_of(
        [verdict.value for verdict in Verdict], "`undetermined`: it could not be known; ask again."
    )


def _report_members() -> dict[str, Shape]:
    return {
        "verdict": _verdict(),
        "reason": _one_of(
            [reason.value for reason in Reason],
            "Why. `replaced` and `issuer_left` are valid verdicts that say more.",
        ),
        "checks": {"type": "array", "items": ref("Check"), "description": "Every check, in their order."},
        "specimen": {"type": "boolean", "description": "Made for a demonstration, without value."},
        "attestation": _or_null(ref("Attestation")),
        "issuer": _or_null(ref("Issuer")),
        "scheme": _or_null(ref("Scheme")),
        "format": _one_of([*FORMS, "unknown"], "The form of the credential."),
        "checked_at": _INSTANT,
        "trust_as_of": _or_null(_INSTANT),
        "status_as_of": _or_null(_INSTANT),
    }


def _report() -> Shape:
    told = "One checked credential. `attestation` and `issuer` are null unless the signature is good."
    return _closed(told, **_report_members())


def _file_members() -> dict[str, Shape]:
    return {
        **_report_members(),
        "file": {"type": "integer", "minimum": 0, "description": "Which of the files, from 0."},
        "where": _said("Where it was found: `text`, `image`, `badge`, `page 1`, `attachment NAME`."),
    }


def _check() -> Shape:
    return _closed(
        "One check. `detail` is for programs and holds no personal data.",
        code=_one_of(CHECK_CODES),
        outcome=_one_of(outcome.value for outcome in Outcome),
        detail={"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
    )


def _attestation() -> Shape:
    levels = {"type": "integer", "minimum": 1, "maximum": 9}
    return _closed(
        "What is attested. Times are seconds since 1970.",
        optional=["birthdate"],
        given_name=_TEXT,
        family_name=_TEXT,
        birthdate=_DAY,
        framework=_one_of(framework_ids(), "The framework, with its version."),
        levels={"type": "object", "additionalProperties": levels, "minProperties": 1},
        assessed_on=_DAY,
        method=_one_of(method.value for method in Method),
        place=_or_null(_TEXT),
        issued_at={"type": "integer"},
        expires_at=_or_null({"type": "integer"}),
    )


def _issuer() -> Shape:
    return _closed(
        "The body that attested, as the trust list names it.",
        id={"type": "string", "format": "uri"},
        name=_TEXT,
        kind=_TEXT,
        place=_or_null(_TEXT),
        left_at=_or_null(_INSTANT),
    )


def _together(name: str) -> Shape:
    return _closed(
        "Several reports, in the order asked; the worst verdict is the verdict of all.",
        verdict=_verdict(),
        reports={"type": "array", "items": ref(name)},
    )


def _code_answer() -> Shape:
    values = ("issued", "valid_until", "name", "issuer")
    return _closed(
        "What a typed code leads to. It says nothing about the paper that it was copied from.",
        state=_one_of(CODE_STATES),
        code=_said("The code in its groups."),
        values=_closed("Days, the masked name, the body.", optional=values, **dict.fromkeys(values, _TEXT)),
    )


def _problem() -> Shape:
    return {
        "type": "object",
        "description": "Wrong use, or a service that cannot answer now (RFC 9457). Never a verdict.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "code": _said("Stable, for programs.", pattern="^[a-z0-9_]+$"),
            "detail": _said(
                "What was wrong and what was expected, in English. Quotes nothing that was sent."
            ),
        },
        "required": ["type", "title", "status", "code", "detail"],
        "additionalProperties": {"type": "integer"},
    }


def _vc_shapes() -> dict[str, Shape]:
    flag: Shape = {"type": "boolean"}
    asked = ("returnCredential", "returnProblemDetails", "returnResults")
    options = _closed("What is wanted back.", optional=asked, **dict.fromkeys(asked, flag))
    shown = _closed("What is wanted back.", optional=["returnPresentation"], returnPresentation=flag)
    verified = _closed("Whether it is good.", verified=flag)
    steps = {name: {"type": "array", "items": verified} for name in ("proof", "credentialStatus")}
    problems = {"type": "array", "items": ref("ProblemDetails")}
    return {
        "VerifyCredentialRequest": _closed(
            "An EnvelopedVerifiableCredential; anything else is answered as not verified.",
            optional=["options"],
            verifiableCredential=True,  # type: ignore[arg-type]  # the shape that takes anything
            options=_or_null(options),
        ),
        "VerifyPresentationRequest": {
            "oneOf": [
                _closed("A presentation.", optional=["options"], **{name: True, "options": _or_null(shown)})  # type: ignore[arg-type]
                for name in ("presentation", "verifiablePresentation")
            ]
        },
        "ProblemDetails": _closed(
            "A reason, as VCALM says it.", type={"type": "string", "format": "uri"}, title=_TEXT, detail=_TEXT
        ),
        "CredentialResult": _closed(
            "`verified` is true only when the verdict is *valid*.",
            optional=["credential", "problemDetails", "results"],
            verified=flag,
            credential=True,  # type: ignore[arg-type]
            problemDetails=problems,
            results=_closed("By step.", optional=steps, **steps),
        ),
        "PresentationResult": _closed(
            "`verified` is true only when every credential is *valid* and nothing else is wrong.",
            optional=["verifiablePresentation"],
            verified=flag,
            problemDetails=problems,
            results=_closed("", credentials={"type": "array", "items": ref("CredentialResult")}),
            verifiablePresentation=True,  # type: ignore[arg-type]
        ),
    }
