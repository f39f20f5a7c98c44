"""Status lists as a verifier knows them: read once, their signature checked once, then looked up.

Decided here: which body a list belongs to (the one whose prefix it lies under, in the trust list) and that
its own status key signed it. A list that fails is not known, which is *undetermined*, never green.

Left to others: how old it may be at the time asked about (`verifying`), fetching and rollback (`sources`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from passport import bitstring
from passport.claims import Purpose
from passport.errors import TrustError
from passport.jose import split
from passport.limits import LIMITS
from passport.status import Entries, StatusListToken, read_status_token
from passport.trust.model import Body, TrustedKey
from verifier.trust import Trust

__all__ = ["StatusSnapshot", "read_list", "read_status"]


@dataclass(frozen=True, slots=True)
class StatusSnapshot:
    """A status list whose signature was good. Times in seconds since 1970, `ttl` in seconds.

    `purpose`: what the bits of a W3C list say; None for a Token Status List. `recent_until`: from when on it
    makes nothing green: after a day, or after its own `ttl` when a service that closed signed it for longer.
    """

    uri: str
    issuer: str
    key: TrustedKey
    issued_at: int
    expires_at: int
    ttl: int
    array: Entries = field(repr=False)
    purpose: Purpose | None = None
    recent_until: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        longest = max(LIMITS.status_fresh_seconds, self.ttl)
        object.__setattr__(self, "recent_until", min(self.issued_at + longest + 1, self.expires_at))


def read_list(document: bytes) -> StatusListToken:
    """Return a status list of either encoding, taken apart and not yet believed. Raises `MalformedError`."""
    jws = split(document, max_bytes=LIMITS.status_token_bytes)
    is_bitstring = jws.header.get("typ") == bitstring.TYP
    return bitstring.read_bitstring(jws) if is_bitstring else read_status_token(jws)


def read_status(document: bytes, *, trust: Trust) -> StatusSnapshot:
    """Return the status list in `document`, if a body of the scheme signed it with its status key.

    Raises `MalformedError` when it cannot be read and `TrustError` (`status_prefix`, `status_issuer`,
    `status_key`, `status_signature`) when it must not be believed.
    """
    token = read_list(document)
    body = _body_of(token.uri, trust)
    if token.issuer not in {None, body.issuer}:
        raise TrustError("The status list names another issuer than its body.", code="status_issuer")
    key = body.keys.get(token.kid)
    if key is None or not trust.accepts_status_key(key, token.issued_at):
        raise TrustError("The status list is not signed with a status key of its body.", code="status_key")
    if not key.key.verify(token.jws):
        raise TrustError("The signature of the status list is not good.", code="status_signature")
    return _snapshot(token, body, key)


def _body_of(uri: str, trust: Trust) -> Body:
    for body in trust.trust_list.bodies.values():
        if uri.startswith(body.status_prefix):
            return body
    raise TrustError("The status list lies under no body's prefix.", code="status_prefix")


def _snapshot(token: StatusListToken, body: Body, key: TrustedKey) -> StatusSnapshot:
    return StatusSnapshot(
        uri=token.uri,
        issuer=body.issuer,
        key=key,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        ttl=token.ttl,
        array=token.array,
        purpose=token.purpose,
    )
