"""Lists: the status lists of one scheme that a verifier holds, and how many it is ready to hold.

What is decided here: the bounds. A body whose credential key was stolen can name millions of addresses under
its own prefix, all in credentials whose signature is good. Of each body the lists used last stay, and of
addresses that gave nothing a few are remembered; while there are too many of these, no further one of that
body is asked for. What one body does costs no other body a list, but for the bytes held in all.

Left to others: asking, accepting (`verifier.sources`, `verifier.accepting`). One thread at a time changes
this; all may read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from passport.limits import LIMITS
from verifier.accepting import Received
from verifier.statuses import StatusSnapshot

__all__ = ["HeldList", "Lists", "Turnus"]


@dataclass(frozen=True, slots=True)
class Turnus:
    """When something was asked for and when it is due again. Seconds since 1970."""

    asked: float = float("-inf")
    due: float = float("-inf")

    def is_due(self, now: float) -> bool:
        """Tell whether to ask again; also when the clock was set back behind the last time."""
        return not self.asked <= now < self.due

    def is_half_over(self, now: float) -> bool:
        """Tell whether half of the time until it is due has gone."""
        return not self.asked <= now < self.asked + self.seconds / 2

    def has_asked_within(self, seconds: float, now: float) -> bool:
        """Tell whether it was asked for less than `seconds` ago."""
        return self.asked <= now < self.asked + seconds

    @property
    def seconds(self) -> float:
        """From asking to asking again."""
        return self.due - self.asked if self.due > self.asked else 0.0


@dataclass(slots=True)
class HeldList:
    """A status list as it was accepted. `used`: when a credential last needed it."""

    snapshot: StatusSnapshot
    document: bytes = field(repr=False)
    used: float
    turnus: Turnus = Turnus()

    @property
    def held_bytes(self) -> int:
        """Roughly how much memory it takes: the document and the two bits of each entry."""
        return len(self.document) + len(self.snapshot.array) // 4


class Lists:
    """Status lists by their address. `snapshots` is what `verify()` is given."""

    def __init__(self) -> None:
        self.snapshots: dict[str, StatusSnapshot] = {}
        self._held: dict[str, HeldList] = {}
        self._missing: dict[str, dict[str, Turnus]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def held(self) -> Iterator[tuple[str, HeldList]]:
        """Yield what is held, as it is at this moment."""
        yield from tuple(self._held.items())

    def document(self, uri: str) -> bytes | None:
        """Return the bytes of a list as they were received."""
        found = self._held.get(uri)
        return found.document if found else None

    def received(self, uri: str) -> Received[StatusSnapshot] | None:
        """Return a list with its document."""
        found = self._held.get(uri)
        return Received(found.snapshot, found.document) if found else None

    def is_due(self, uri: str, now: float, prefix_of: Callable[[str], str]) -> bool:
        """Tell whether to ask for a list. `prefix_of`: its address → the prefix of its body's lists."""
        found = self._held.get(uri)
        if found is not None:
            return found.turnus.is_due(now)
        missing = self._missing.get(prefix_of(uri))
        if not missing:
            return True
        known = missing.get(uri)
        if known is not None:
            return known.is_due(now)
        return len(missing) < LIMITS.status_lists_per_body or any(t.is_due(now) for t in _copy(missing))

    def use(self, uri: str, now: float) -> None:
        """Note that a credential needed this list."""
        found = self._held.get(uri)
        if found is not None:
            found.used = now

    def put(self, held: HeldList, prefix: str) -> list[str]:
        """Hold a list; return the addresses of those of the same body that had to go for good."""
        uri = held.snapshot.uri
        known = self._held.pop(uri, None)
        if known is not None:
            held.used = known.used  # being fetched again is no use of it
        self._held[uri] = held
        self.snapshots[uri] = held.snapshot
        self._missing.get(prefix, {}).pop(uri, None)
        same = [one for one in self._held if self._held[one].snapshot.issuer == held.snapshot.issuer]
        gone = self._without_last_used(same, most=LIMITS.status_lists_per_body, spared=uri)
        while self._bytes() > LIMITS.status_held_bytes and len(self._held) > 1:
            self._without_last_used(list(self._held), most=len(self._held) - 1, spared=uri)
        return gone

    def asked(self, uri: str, prefix: str, turnus: Turnus) -> None:
        """Note when a list was asked for, whatever came of it."""
        found = self._held.get(uri)
        if found is not None:
            found.turnus = turnus
            return
        missing = self._missing.setdefault(prefix, {})
        for gone in [one for one, known in missing.items() if known.is_due(turnus.asked)]:
            del missing[gone]
        missing[uri] = turnus
        while len(missing) > LIMITS.status_lists_per_body:
            del missing[next(iter(missing))]

    def _bytes(self) -> int:
        return sum(one.held_bytes for one in self._held.values())

    def _without_last_used(self, among: list[str], *, most: int, spared: str) -> list[str]:
        """Let go of those that were not needed for the longest time until `most` are left."""
        surplus = max(0, len(among) - most)
        gone = sorted((one for one in among if one != spared), key=lambda one: self._held[one].used)[:surplus]
        for uri in gone:
            del self._held[uri]
            del self.snapshots[uri]
        return gone


def _copy(missing: Mapping[str, Turnus]) -> list[Turnus]:
    """Return the values as they are now: another thread may be adding one."""
    return list(missing.values())
