"""How a signature comes to exist: prepare, lint, sign once.

Decided here (DESIGN, rule 3): nothing is signed that was not linted, what was linted is exactly what is
signed, and it is signed once. `prepare` writes the bytes, runs every lint and refuses with all findings;
a `Prepared` holds those bytes, signs them a single time, even when two threads ask, soon after the lints
looked, and hands out no signature but one that holds for the key that was linted, whoever made it. Left to
others: the rules (`keys.lints`), checking the finished token as a verifier would (`issuer`), storing it.

Example::

    prepared = prepare(attestation, status=reference, trust_list=current, signer_record=record,
                       page_url=page, at=now)
    signer = ring.signer(slug, Purpose.CREDENTIAL, at=now)
    tokens = {form: one.sign(signer) for form, one in prepared.items()}
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from keys.draft import Draft, Finding, Weight
from keys.forms import MADE, said_in, signing_input, write_forms
from keys.lints import lints_of
from keys.records import KeyRecord
from passport.claims import StatusReference
from passport.errors import MalformedError, PassportError
from passport.jose import PublicKey, Signer, b64url, split
from passport.model import Attestation
from passport.trust.model import TrustList

__all__ = ["LintError", "Prepared", "prepare"]

# What was true when it was linted (the key, the accreditation, the clock) may not be so much later.
_GOOD_FOR_SECONDS: Final = 300


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
    """One form of a linted attestation, ready to be signed once. Made by `prepare` alone.

    `warnings`: what people should be told although it does not stand against signing.
    """

    __slots__ = ("_elapsed", "_made", "_once", "_record", "_signing_input", "warnings")

    def __init__(self, draft: Draft, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Lint `draft` and keep its bytes; raise `LintError`. There is no way around the lints.

        `elapsed`: a clock that only measures (seconds from any beginning), whatever the injected time is.
        """
        self._elapsed, self._made = elapsed, elapsed()
        findings = [finding for lint in lints_of(draft.form) if (finding := lint(draft)) is not None]
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

        Raises `PassportError`: `signer_mismatch` when the signer bears another name than the key that was
        linted, `prepared_too_old` five minutes after the lints; `already_signed` the second time,
        whatever became of the first; `signature_refused` when the fresh signature does not hold for the
        public key that was linted: it is then thrown away.
        """
        public = self._record.public
        if (signer.kid, signer.alg) != (public.kid, public.alg):
            raise _mismatch()
        if self._elapsed() - self._made > _GOOD_FOR_SECONDS:
            raise PassportError(
                "This attestation was prepared too long ago.",
                code="prepared_too_old",
                hint="Prepare it again.",
            )
        # Taken and never given back: of two threads one signs.
        if not self._once.acquire(blocking=False):
            raise PassportError(
                "This attestation was already signed.", code="already_signed", hint="Prepare it again."
            )
        token = self._signing_input + b"." + b64url(signer.sign(self._signing_input))
        if not _holds(token, public):
            raise _refused()
        return token


def _holds(token: bytes, public: PublicKey) -> bool:
    """A foreign key of the same name, a fault of the machine or of a card: none of it leaves."""
    try:
        return public.verify(split(token))
    except MalformedError:  # not 64 bytes
        return False


def _mismatch() -> PassportError:
    return PassportError(
        "The signer is not the key that was linted.",
        code="signer_mismatch",
        hint="Take the signer of the same owner, purpose and time as the record.",
    )


def _refused() -> PassportError:
    return PassportError(
        "The signature does not hold for the key that was linted.",
        code="signature_refused",
        hint="Nothing was handed out. Check which key signs, and the machine or card that holds it.",
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
    refused_keys: frozenset[str] = frozenset(),
) -> dict[str, Prepared]:
    """Write the bytes of every form and lint them; return them ready to sign, by the name of the form.

    `page_url`: the page of the QR, without ``#``. `at`: now, seconds since 1970. `refused_keys`: those of
    the newest `now` (thumbprints). Raises `LintError` with all findings, one that several forms share once.
    """
    written = write_forms(attestation, status=status, trust_list=trust_list, public=signer_record.public)
    prepared: dict[str, Prepared] = {}
    findings: dict[str, Finding] = {}
    for form in MADE:
        draft = Draft(
            attestation=said_in(form, attestation),
            status=status,
            trust_list=trust_list,
            record=signer_record,
            page_url=page_url,
            at=at,
            signing_input=signing_input(written[form]) if form in written else None,
            payload=written[form][1] if form in written else b"",
            refused_keys=refused_keys,
            form=form,
        )
        try:
            prepared[form] = Prepared(draft)
        except LintError as error:
            findings |= {finding.sentence: finding for finding in error.findings}
    if findings:
        raise LintError(tuple(findings.values()))
    return prepared
