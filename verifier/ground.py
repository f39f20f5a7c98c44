"""The ground: what every credential of one call of `verify` or `verify_all` is judged by.

What is decided here: what is worked out once for all credentials of a call (whether trust is fresh at the
time asked about, which status lists may be believed, whose key a header names), since a thousand of them
mostly come from the same desk. Pure, and forgotten after the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from passport.trust.model import Body, TrustedKey
from verifier.statuses import StatusSnapshot
from verifier.trust import Trust

__all__ = ["Ground", "Standing"]


class Standing(NamedTuple):
    """A body and a key of it that may sign credentials, on whatever day lies within the key's dates."""

    body: Body
    key: TrustedKey


class Ground:
    """Trust, status lists and the time of one call. `weakness`: why trust cannot make anything green.

    `standings`: what credentials say of who signed them → who that is, where that is all there is to say.
    """

    __slots__ = (
        *("_believed", "_status", "at", "scheme", "specimen", "standings"),
        *("trust", "trust_as_of", "weakness"),
    )

    def __init__(self, trust: Trust | None, status: Mapping[str, StatusSnapshot], at: int) -> None:
        self.trust = trust
        self.at = at
        self.scheme = trust.trust_list.scheme if trust else None
        self.specimen = self.scheme is not None and self.scheme.is_demo
        self.weakness = trust.weakness(at) if trust else None
        self.trust_as_of = trust.as_of if trust else None
        self._status = status
        self.standings: dict[tuple[object, ...], Standing] = {}
        self._believed: dict[tuple[str, str], StatusSnapshot | None] = {}

    def believed(self, uri: str, body: Body) -> StatusSnapshot | None:
        """Return a body's list, if its key is still that body's: trust may have moved."""
        asked = (uri, body.issuer)
        if asked not in self._believed:
            self._believed[asked] = self._looked_up(uri, body)
        return self._believed[asked]

    def _looked_up(self, uri: str, body: Body) -> StatusSnapshot | None:
        snapshot, trust = self._status.get(uri), self.trust
        if snapshot is None or snapshot.uri != uri or snapshot.issuer != body.issuer or trust is None:
            return None
        key = body.keys.get(snapshot.key.key.kid)
        if key is None or key.key.thumbprint != snapshot.key.key.thumbprint:
            return None
        return snapshot if trust.accepts_status_key(key, snapshot.issued_at) else None
