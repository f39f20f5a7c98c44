"""How a signature comes to exist: prepare, lint, sign once.

Decided here (DESIGN, rule 3): nothing is signed that was not linted, what was linted is exactly what is
signed, and it is signed once. `prepare` writes the bytes, runs every lint and refuses with all findings;
a `Prepared` holds those bytes and signs them a single time, even when two threads ask, and only with the
key that was linted. Left to others: the rules (`keys.lints`), checking the finished token as a verifier
would (`issuer`), storing it.

Example::

    prepared = prepare(attestation, status=reference, trust_list=current, signer_record=record,
                       page_url=page, at=now)
    token = prepared.sign(ring.signer(slug, Purpose.CREDENTIAL, at=now))
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from keys.draft import Draft, Finding, Weight
from keys.lints import LINTS
from keys.records import KeyRecord
from keys.signing import FileSigner
from passport.errors import PassportError
from passport.formats.qr_token import StatusReference, header_for, vct_of, write_claims
from passport.jose import Signer, b64url, split
from passport.model import Attestation
from passport.strictjson import compact_json
from passport.trust.model import TrustList

__all__ = ["LintError", "Prepared", "prepare"]


class LintError(PassportError):
    """The attestation must not be signed. `findings`: every reason, each with what to do and its source."""

    default_code = "lint"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(
            "Not signed: " + " ".join(finding.sentence for finding in self.findings),
            hint=" ".join(dict.fromkeys(finding.hint for finding in self.findings)),
            detail={"findings": [finding.code for finding in self.findings]},
        )


class Prepared:
    """A linted attestation, ready to be signed once. Made by `prepare` alone.

    `warnings`: what people should be told although it does not stand against signing.
    """

    __slots__ = ("_once", "_record", "_signing_input", "warnings")

    def __init__(self, draft: Draft) -> None:
        """Lint `draft` and keep its bytes; raise `LintError`. There is no way around the lints."""
        findings = [finding for lint in LINTS if (finding := lint(draft)) is not None]
        errors = [finding for finding in findings if finding.weight is Weight.ERROR]
        if errors or draft.signing_input is None:
            raise LintError(errors or [_UNWRITABLE])
        self.warnings = tuple(finding for finding in findings if finding.weight is Weight.WARNING)
        self._signing_input = draft.signing_input
        self._record = draft.record
        self._once = threading.Lock()

    def __repr__(self) -> str:
        return f"Prepared(owner={self._record.owner!r}, kid={self._record.kid!r})"

    @property
    def signing_input(self) -> bytes:
        """The bytes that were linted and will be signed: ``header.payload`` in base64url."""
        return self._signing_input

    def sign(self, signer: Signer) -> bytes:
        """Return the compact JWS over the linted bytes.

        Raises `PassportError`: `signer_mismatch` when the signer is not the key that was linted (nothing
        is used up), `already_signed` the second time, whatever became of the first.
        """
        self._check_signer(signer)
        # Taken and never given back: of two threads one signs.
        if not self._once.acquire(blocking=False):
            raise PassportError(
                "This attestation was already signed.", code="already_signed", hint="Prepare it again."
            )
        token = self._signing_input + b"." + b64url(signer.sign(self._signing_input))
        # Our own signer has shown its public key; any other shows it by a signature that holds.
        if not isinstance(signer, FileSigner) and not self._record.public.verify(split(token)):
            raise _mismatch()
        return token

    def _check_signer(self, signer: Signer) -> None:
        public = self._record.public
        if (signer.kid, signer.alg) != (public.kid, public.alg):
            raise _mismatch()
        if isinstance(signer, FileSigner) and signer.public.thumbprint != public.thumbprint:
            raise _mismatch()


def _mismatch() -> PassportError:
    return PassportError(
        "The signer is not the key that was linted.",
        code="signer_mismatch",
        hint="Take the signer of the same owner, purpose and time as the record.",
    )


_UNWRITABLE = Finding(
    code="claims_unwritable",
    sentence="The claims cannot be written.",
    hint="This is a fault of the program: report it.",
    source="DESIGN, rule 3: nothing is signed that was not linted",
    weight=Weight.ERROR,
)


def prepare(
    attestation: Attestation,
    *,
    status: StatusReference,
    trust_list: TrustList,
    signer_record: KeyRecord,
    page_url: str,
    at: int,
) -> Prepared:
    """Write the bytes of the QR token and lint them; return them ready to sign.

    `page_url`: the page of the QR, without ``#``. `at`: now, seconds since 1970. Raises `LintError` with
    all findings.
    """
    public = signer_record.public
    signing_input, payload = None, _payload(attestation, vct_of(trust_list.scheme.url), status)
    if payload is not None:
        header = compact_json(header_for(public.alg, public.kid))
        signing_input = b64url(header) + b"." + b64url(payload)
    return Prepared(
        Draft(
            attestation=attestation,
            status=status,
            trust_list=trust_list,
            record=signer_record,
            page_url=page_url,
            at=at,
            signing_input=signing_input,
            payload=payload or b"",
        )
    )


def _payload(attestation: Attestation, vct: str, status: StatusReference) -> bytes | None:
    try:
        return write_claims(attestation, vct=vct, status=status)
    except PassportError:
        return None  # an unknown framework or competence: the lints say which
