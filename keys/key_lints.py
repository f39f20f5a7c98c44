"""What must be true of the key before it signs: whose it is, what for, in which state, within which dates.

Decided here: ring and trust list must say the same of the key, and neither `now` nor the ring may have
refused it. A lint whose subject is missing says nothing: another says that it is missing. Left to others:
the rules of content (`keys.lints`), whether the signature holds (`keys.ceremony`).
"""

from __future__ import annotations

from typing import Final

from keys.draft import Draft, Lint, Problem, Weight, lint
from keys.records import Purpose
from passport.trust.model import KeyState, KeyUse

__all__ = ["KEY_LINTS"]

_DAY: Final = 86_400
_KEY_ENDS_SOON: Final = 14 * _DAY


@lint("key_owner", "DESIGN, Trust: a key is found by (iss, kid)")
def key_owner(draft: Draft) -> Problem | None:
    """The key belongs to the body that attests."""
    if draft.body is None or draft.record.owner == draft.body.slug:
        return None
    return Problem("The key belongs to another body.", "Sign with the body's own credential key.")


@lint("key_unlisted", "DESIGN, Trust: keys of the trust list; RFC 7638 (thumbprint)")
def key_unlisted(draft: Draft) -> Problem | None:
    """The trust list has this kid for this body with the same public key and algorithm."""
    if draft.body is None:
        return None
    listed, public = draft.listed_key, draft.record.public
    if listed is None:
        return Problem(f"The trust list has no key {public.kid} for the body.", "Publish the trust list.")
    if (listed.key.thumbprint, listed.key.alg) == (public.thumbprint, public.alg):
        return None
    return Problem(f"The trust list has another public key as {public.kid}.", "Publish the trust list.")


@lint("key_use", "DESIGN, Status lists: signed with the status key, never the credential key")
def key_use(draft: Draft) -> Problem | None:
    """The key is for credentials, in the ring and in the trust list."""
    listed = draft.listed_key
    if draft.record.purpose is Purpose.CREDENTIAL and (listed is None or listed.use is KeyUse.CREDENTIAL):
        return None
    return Problem("The key is not for credentials.", "Sign with the body's credential key.")


@lint("key_state", "DESIGN, rule 11: a key has dates, a use and a state")
def key_state(draft: Draft) -> Problem | None:
    """The key is active, in the ring and in the trust list."""
    states = {draft.record.state} | ({draft.listed_key.state} if draft.listed_key else set())
    if states == {KeyState.ACTIVE}:
        return None
    return Problem("The key is not active.", "Rotate: make a new key, then publish the trust list.")


@lint("key_refused", "DESIGN, Trust: `now` lists the keys refused at once")
def key_refused(draft: Draft) -> Problem | None:
    """The key is not one that `now` refuses: what it signed would be refused by every verifier."""
    if draft.record.public.thumbprint not in draft.refused_keys:
        return None
    return Problem("The key was refused.", "Rotate: make a new key, then publish the trust list.")


@lint("key_out_of_dates", "DESIGN, rule 3: key out of its dates")
def key_out_of_dates(draft: Draft) -> Problem | None:
    """Issue and signature lie within the dates of the key, in the ring and in the trust list."""
    periods = [draft.record.period] + ([draft.listed_key.period] if draft.listed_key else [])
    if all(p.holds(instant) for p in periods for instant in (draft.attestation.issued_at, draft.at)):
        return None
    return Problem("The key is out of its dates.", "Rotate: make a new key, then publish the trust list.")


@lint("key_ends_soon", "DOMAIN, what people ask: alarms before a key expires", weight=Weight.WARNING)
def key_ends_soon(draft: Draft) -> Problem | None:
    """The key is good for at least 14 days more."""
    periods = [draft.record.period] + ([draft.listed_key.period] if draft.listed_key else [])
    end = min((p.end for p in periods if p.end is not None), default=None)
    if end is None or not draft.at < end < draft.at + _KEY_ENDS_SOON:
        return None
    return Problem(f"The key ends in {-(-(end - draft.at) // _DAY)} days.", "Rotate it before it ends.")


KEY_LINTS: Final[tuple[Lint, ...]] = (
    key_owner,
    key_unlisted,
    key_use,
    key_state,
    key_refused,
    key_out_of_dates,
    key_ends_soon,
)
