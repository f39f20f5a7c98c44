"""Typed codes at the checking counter: what the issuing counter answers, and what is said of it.

What is decided here: the shape of the narrow call (a code and the caller's network in, a token or nothing
out) and which state its answer is. A typed code proves nothing about a paper: anyone can copy eleven
characters on another. No state of a code says that the paper is genuine, and the name is masked.

Left to others: the call itself (the composition root gives it), the look-ups' count (the issuing counter).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

from verifier.report import Reason, Report, Verdict

__all__ = ["CodeAnswer", "code_state", "network_of"]

_STATES: Final = {
    Reason.VALID: "code_found",
    Reason.ISSUER_LEFT: "code_found",
    Reason.REPLACED: "code_replaced",
    Reason.EXPIRED: "code_expired",
    Reason.WITHDRAWN: "code_withdrawn",
    Reason.SUSPENDED: "code_suspended",
}
# Said of a signature or a body, never "authentic": their own words may stand under a code too.
_OWN_WORDS: Final = frozenset({Reason.KEY_COMPROMISED, Reason.KEY_NOT_VALID, Reason.ISSUER_NOT_ACCREDITED})


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """What the issuing counter says of a code: its token, None when no attestation has it.

    `wait_seconds`: more than zero when this network asked too often; then nothing was looked up.
    """

    token: bytes | None = None
    wait_seconds: int = 0


def network_of(address: str) -> str:
    """Return the network that look-ups are counted for: an IPv4 address, the /64 of an IPv6 one.

    A subscriber of IPv6 has 2^64 addresses (RFC 6177): counted one by one, there would be no limit.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.ip_network((found, 64), strict=False))


def code_state(report: Report) -> str:
    """Return the state that a code's report is shown as."""
    state = _STATES.get(report.reason)
    if state is not None:
        return state
    if report.verdict is Verdict.INVALID and report.reason in _OWN_WORDS:
        return report.reason.value
    return "service_unavailable"
