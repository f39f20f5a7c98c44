"""Agreement: whether the credentials of one file say one thing.

Decided here: an attached attestation and a printed QR that differ are a forger's oldest trick, so what a file
holds is *invalid*, `documents_disagree`, unless all of it agrees. A QR token that is attached must be the one
that is printed, byte for byte. A badge or a W3C credential beside it is another signature over the same
attestation: it agrees when it says the same, birth date aside (it carries none), at the same status entry.
One that agrees and is good itself adds nothing, and is not reported a second time.

Nothing is verified here: a copy that agrees and was forged has its own report, and the worst decides. Left to
others: reading files (`verifier.files`), judging (`verifier.verifying`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from passport.errors import PassportError
from passport.jose import CompactJws, split
from passport.model import Attestation
from passport.strictjson import compact_json
from verifier.forms import form_of
from verifier.report import Reason, Report, Verdict, first_reason

__all__ = ["agree", "disagreeing", "is_copy", "is_ours"]

_QR: Final = "qr"


def disagreeing(report: Report) -> Report:
    """Return `report` as *invalid*, `documents_disagree`: what the file says is not one thing."""
    return replace(report, reason=first_reason([report.reason, Reason.DOCUMENTS_DISAGREE]))


def is_ours(token: bytes) -> bool:
    """Tell whether an attachment, whatever its name, is in the envelope of one of our forms."""
    try:
        jws = split(token)
        return bool(form_of(jws).read_kid(jws))
    except PassportError:
        return False


def agree(printed: Iterable[bytes], attached: Iterable[bytes]) -> bool:
    """Tell whether the tokens on the pages and those attached say the same."""
    pages, by_form = list(printed), defaultdict(set)
    for token in attached:
        by_form[_form(token)].add(token)
    if pages and _QR in by_form and by_form[_QR] != set(pages):
        return False
    groups = [*by_form.values(), *([set(pages)] if pages else [])]
    said = [{_said(token) for token in group} for group in groups]
    return all(one == said[0] for one in said)


def _form(token: bytes) -> str:
    jws = _taken_apart(token)
    return _QR if jws is None else form_of(jws).name


def _taken_apart(token: bytes) -> CompactJws | None:
    try:
        return split(token)
    except PassportError:
        return None


def _said(token: bytes) -> bytes:
    """Return what a token claims, as bytes to compare; one that cannot be read says itself."""
    try:
        jws = split(token)
        claims = form_of(jws).read_claims(jws)
    except PassportError:
        return token
    return _content(claims.attestation) + compact_json([claims.status.uri, claims.status.index])


def _content(attestation: Attestation) -> bytes:
    said = attestation.without_birthdate()
    levels = sorted(said.levels.items())
    return compact_json([said.issuer, said.specimen, levels, said.to_json() | {"levels": None}])


def is_copy(report: Report, others: Sequence[Report]) -> bool:
    """Tell whether a report of another form says nothing that the report of a QR token does not say.

    Its signature is good, it is about the same attestation, and it is not what makes the file invalid. What
    is known of status is known through the QR token's list: the same entry of the same array.
    """
    if report.format == _QR or report.attestation is None:
        return False
    same = [o for o in others if o.format == _QR and o.attestation is not None]
    mine = _content(report.attestation)
    return any(
        _content(other.attestation) == mine
        and (report.verdict is not Verdict.INVALID or report.reason is other.reason)
        for other in same
        if other.attestation is not None
    )
