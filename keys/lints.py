"""What must be true before an attestation is signed: who, with which key, when, about what.

Decided here: one small function a rule, each with its code, its sentence, what to do, and the source of the
rule. A lint whose subject is missing (no such body) says nothing: another says that it is missing. `lints_of`
gives all of them for one form, those of the key (`keys.key_lints`) and of the form (`keys.form_lints`,
`keys.credential_lints`) included. Left to others: running them and what follows (`keys.ceremony`); the same
questions asked by a stranger (`verifier`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from keys.credential_lints import CREDENTIAL_LINTS
from keys.draft import Draft, Lint, Problem, lint
from keys.form_lints import FORM_LINTS
from keys.key_lints import KEY_LINTS
from passport.errors import PassportError
from passport.formats import qr_token
from passport.framework import framework, framework_ids
from passport.limits import LIMITS
from passport.model import LATEST_INSTANT, Holder, is_slug

__all__ = ["LINTS", "lints_of"]

_BEFORE_JOINING: Final = timedelta(days=365)
_YOUNGEST: Final = 5
# A day has begun somewhere up to 14 hours before it begins in UTC (the islands of the Line): the scheme
# writes days without a time zone, and a local day must not be refused.
_EARLIEST_ZONE: Final = 14 * 3_600


def _day(instant: int) -> date:
    """Return the day (UTC) of an instant; beyond either end of the calendar, its first or last day.

    Documents and objects bound their times; a lint must not raise even when one came round that.
    """
    return datetime.fromtimestamp(min(max(instant, 0), LATEST_INSTANT), UTC).date()


@lint("issuer_prefix", "DESIGN, Trust: a scheme speaks only for issuers under its prefix")
def issuer_prefix(draft: Draft) -> Problem | None:
    """The issuer lies under the scheme's prefix and ends in a slug."""
    prefix, issuer = draft.trust_list.scheme.issuer_prefix, draft.attestation.issuer
    if issuer.startswith(prefix) and is_slug(issuer.removeprefix(prefix)):
        return None
    return Problem(f"The issuer does not lie under {prefix}.", "Issue with a body of this scheme.")


@lint("body_unknown", "DESIGN, Trust: bodies are named by the trust list")
def body_unknown(draft: Draft) -> Problem | None:
    """The trust list knows the body."""
    if draft.body is not None:
        return None
    return Problem("The trust list does not know the body.", "Publish the trust list after adding the body.")


@lint("body_out_of_dates", "DESIGN, Trust: bodies have dates")
def body_out_of_dates(draft: Draft) -> Problem | None:
    """The body belongs to the scheme at the moment of issue."""
    if draft.body is None or draft.body.period.holds(draft.attestation.issued_at):
        return None
    return Problem("The body is not in the scheme at the time of issue.", "Issue with its successor.")


@lint("trust_list_out_of_dates", "DESIGN, Trust: a list is good for months, and has dates")
def trust_list_out_of_dates(draft: Draft) -> Problem | None:
    """The trust list is within its dates when it is signed."""
    trust_list = draft.trust_list
    if trust_list.issued_at - LIMITS.clock_leeway_seconds <= draft.at < trust_list.expires_at:
        return None
    return Problem("The trust list is out of its dates.", "Publish a new trust list.")


@lint("status_prefix", "DESIGN, Status lists: they lie under the prefix that the trust list gives")
def status_prefix(draft: Draft) -> Problem | None:
    """The status reference lies under the body's own prefix."""
    body = draft.body
    if body is None or _is_list_of(body.status_prefix, draft.status.uri):
        return None
    return Problem("The status list is not one of the body.", "Take an index from the body's own list.")


def _is_list_of(prefix: str, uri: str) -> bool:
    number = uri.removeprefix(prefix)
    return uri.startswith(prefix) and number.isascii() and number.isdigit() and len(uri) <= LIMITS.url_chars


@lint("status_index", "Token Status List section 6.2 (idx), section 11.1 (bounds)")
def status_index(draft: Draft) -> Problem | None:
    """The index is one that a list of at most `LIMITS.status_list_bytes` can have."""
    if 0 <= draft.status.index < LIMITS.status_list_bytes * 4:
        return None
    return Problem("The status index is out of bounds.", "Take a free index of the body's list.")


@lint("framework_unknown", "DESIGN, rule 3: unknown level; issue 2: never without framework and version")
def framework_unknown(draft: Draft) -> Problem | None:
    """The framework, with its version, is one that is published here."""
    if draft.attestation.framework in framework_ids():
        return None
    known = ", ".join(framework_ids())
    return Problem(f"The framework {draft.attestation.framework} is not known.", f"Known: {known}.")


@lint("level_unknown", "DESIGN, rule 3: unknown level")
def level_unknown(draft: Draft) -> Problem | None:
    """The framework knows every competence and level."""
    attestation = draft.attestation
    if attestation.framework not in framework_ids():
        return None
    known = framework(attestation.framework)
    wrong = [f"{c} at {level}" for c, level in attestation.levels.items() if not known.knows(c, level)]
    if not wrong:
        return None
    hint = f"Its levels go from {known.min_level} to {known.max_level}."
    return Problem(f"{attestation.framework} does not know {', '.join(wrong[:21])}.", hint)


@lint("not_accredited", "DESIGN, rule 3: level beyond the accreditation")
def not_accredited(draft: Draft) -> Problem | None:
    """One accreditation of the body covers framework and levels at the time of issue."""
    attestation = draft.attestation
    covered = (attestation.framework, attestation.levels, attestation.issued_at)
    if draft.body is None or any(a.covers(*covered) for a in draft.body.accreditations):
        return None
    return Problem(
        f"The body may not attest these levels of {attestation.framework} at this time.",
        "Leave them out, or change its accreditation and publish the trust list.",
    )


@lint("issue_time", "DESIGN, rule 5: times are injected; RFC 7519 section 4.1.6 (iat)")
def issue_time(draft: Draft) -> Problem | None:
    """The time of issue is now: nothing is dated back, to reach an older key or accreditation, or ahead."""
    if abs(draft.attestation.issued_at - draft.at) <= LIMITS.clock_leeway_seconds:
        return None
    return Problem("The time of issue is not now.", "Issue with the time of the clock, and check the clock.")


@lint("assessed_after_issue", "DESIGN, the one picture: seen on this day, then attested")
def assessed_after_issue(draft: Draft) -> Problem | None:
    """The assessment is not later than the issue."""
    last_day = _day(draft.attestation.issued_at + _EARLIEST_ZONE)
    if draft.attestation.assessed_on <= last_day:
        return None
    return Problem("The day of the assessment lies after the issue.", "Correct the day of the assessment.")


@lint("assessed_before_body", "DESIGN, the one picture: a body assesses, at one of its places")
def assessed_before_body(draft: Draft) -> Problem | None:
    """The assessment is at most a year older than the body's joining (older results are re-assessed)."""
    if draft.body is None:
        return None
    joined = _day(draft.body.period.start)
    if draft.attestation.assessed_on >= joined - _BEFORE_JOINING:
        return None
    return Problem("The assessment is more than a year older than the body's joining.", "Assess again.")


@lint("expires_before_assessment", "DESIGN, Credential forms: a scheme may set a validity")
def expires_before_assessment(draft: Draft) -> Problem | None:
    """The end of validity lies after the day of the assessment."""
    attestation = draft.attestation
    if (end := attestation.expires_at) is None:
        return None
    if _day(end) > attestation.assessed_on:
        return None
    return Problem("The validity ends before the assessment.", "Correct the end of validity or the day.")


@lint("place_unknown", "DESIGN, Trust: places of the trust list; closed places stay listed")
def place_unknown(draft: Draft) -> Problem | None:
    """The place is one of the body's, and was not closed before the day of the assessment."""
    attestation = draft.attestation
    if draft.body is None or attestation.place is None:
        return None
    place = next((known for known in draft.body.places if known.id == attestation.place), None)
    if place is None:
        return Problem("The place is not one of the body.", "Add it to the body and publish the trust list.")
    assessed = datetime.combine(attestation.assessed_on, datetime.min.time(), UTC).timestamp()
    is_open = place.period.end is None or place.period.end > assessed
    if is_open and place.period.start <= attestation.issued_at:
        return None
    return Problem("The place was not open on the day of the assessment.", "Name the place where it was.")


@lint("birthdate", "DESIGN, rule 8: a birth date only where a holder wants it, and then a true one")
def birthdate(draft: Draft) -> Problem | None:
    """A birth date lies at least five years before the assessment (else a day was mistaken for it)."""
    born, assessed = draft.attestation.holder.birthdate, draft.attestation.assessed_on
    if born is None:
        return None
    age = assessed.year - born.year - ((assessed.month, assessed.day) < (born.month, born.day))
    if age >= _YOUNGEST:
        return None
    return Problem(f"The birth date is not {_YOUNGEST} years before the assessment.", "Correct or omit it.")


@lint("names", "OpenID Connect Core section 5.1; DESIGN, rule 8: minimal, but names are what is compared")
def names(draft: Draft) -> Problem | None:
    """Both names are printable, in NFC, of bounded length, and hold a letter between them."""
    holder = draft.attestation.holder
    try:
        # Validated when it was made; asked again, because what is signed must not rest on who made it.
        Holder(given_name=holder.given_name, family_name=holder.family_name)
    except PassportError as error:
        return Problem(error.message, "Type the name again.")
    if any(character.isalpha() for character in holder.full_name):
        return None
    return Problem("The name holds no letter.", "Type the name again.")


@lint("specimen", "DESIGN, Trust: in a scheme of kind demo everything is a specimen")
def specimen(draft: Draft) -> Problem | None:
    """A specimen is made by a demo, and a demo makes nothing else."""
    if draft.attestation.specimen == draft.trust_list.scheme.is_demo:
        return None
    return Problem("The specimen mark does not agree with the kind of the scheme.", "Set it from the scheme.")


_CONTENT: Final[tuple[Lint, ...]] = (
    issuer_prefix,
    body_unknown,
    body_out_of_dates,
    *KEY_LINTS,
    trust_list_out_of_dates,
    status_prefix,
    status_index,
    framework_unknown,
    level_unknown,
    not_accredited,
    issue_time,
    assessed_after_issue,
    assessed_before_body,
    expires_before_assessment,
    place_unknown,
    birthdate,
    names,
    specimen,
)
LINTS: Final[tuple[Lint, ...]] = (*_CONTENT, *FORM_LINTS)
"""Every lint of a QR token."""
_OF_CREDENTIALS: Final[tuple[Lint, ...]] = (*_CONTENT, *CREDENTIAL_LINTS)


def lints_of(form: str) -> tuple[Lint, ...]:
    """Return every lint of a form."""
    return LINTS if form == qr_token.FORMAT else _OF_CREDENTIALS
