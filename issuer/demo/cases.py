"""The cases of the demo: one paper for each answer that the checking counter can give.

Decided here: which of the town's attestations was withdrawn, suspended, replaced; and the two papers that the
register never made: one with a single character changed, and one of a body that the network does not know.
The false ones are made outside the register, with a key that is thrown away. Left to others: the verdicts.
"""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from msgspec import structs

from issuer.demo.clock import DAY
from issuer.demo.town import ACTOR, LEFT, REGIE, Town, day_before
from issuer.prints import PrintJob, print_jobs, said_of
from issuer.register import changes
from issuer.register.issuing import IssueRequest
from keys.records import Purpose
from keys.ring import KeyRing
from keys.sealing import FLOOR
from passport.claims import StatusReference
from passport.documents.content import BodyLine
from passport.formats.qr_token import FORMAT, header_for, vct_of, write_claims
from passport.jose import b64url, sign_compact, split
from passport.model import Attestation, Holder, Method
from passport.packing import pack, qr_url
from passport.typed_code import format_code, new_code

__all__ = ["Case", "make_cases"]

NAMES: Final = (
    *("valid", "withdrawn", "replaced", "suspended"),
    *("expired", "left", "forged", "unknown"),
)
_UNKNOWN: Final = "organisme-inconnu"
_PASSERELLE: Final = "centre-passerelle"


@dataclass(frozen=True, slots=True)
class Case:
    """One paper to try. `name`: one of `NAMES`; `code`: in groups; `link`: what its QR opens."""

    name: str
    job: PrintJob

    @property
    def code(self) -> str:
        """The code as printed."""
        return format_code(self.job.code)

    @property
    def link(self) -> str:
        """The address in the QR."""
        return qr_url(self.job.verify_url, self.job.digits)


def make_cases(town: Town) -> list[Case]:
    """Return the cases, in the order of `NAMES`; withdraws, suspends and replaces three attestations."""
    register, issued = town.register, town.issued
    withdrawn, suspended, replaced = issued[_PASSERELLE][:3]
    changes.withdraw(register, withdrawn.code, actor=ACTOR, reason="Démonstration.")
    changes.suspend(register, suspended.code, actor=ACTOR, reason="Démonstration.")
    changes.replace(register, replaced.code, _progress(town, replaced.attestation), actor=ACTOR)
    valid = issued[REGIE][0]
    of_register = [valid, withdrawn, replaced, suspended, issued["expired"][0], issued[LEFT][0]]
    jobs = [*print_jobs(register, of_register)]
    jobs += [_forged(jobs[0]), _unknown(town, jobs[0])]
    return [Case(name, job) for name, job in zip(NAMES, jobs, strict=True)]


def _progress(town: Town, before: Attestation) -> IssueRequest:
    """Return what the person can do now: one level more than in the first paper, where there is one."""
    return IssueRequest(
        holder=before.holder,
        framework=before.framework,
        levels={competence: min(level + 1, 4) for competence, level in before.levels.items()} | {"3.1": 2},
        assessed_on=day_before(town.register, 1),
        method=before.method,
        place=before.place,
    )


def _forged(job: PrintJob) -> PrintJob:
    """Return the paper with one character of its level changed and the old signature."""
    jws = split(job.token)
    at = jws.payload.index(b'"levels":') + len(b'"levels":')
    old = next(
        i
        for i in range(at, len(jws.payload))
        if jws.payload[i : i + 1] in b"123456" and _is_level(jws.payload, i)
    )
    digit = b"8"
    payload = jws.payload[:old] + digit + jws.payload[old + 1 :]
    token = b".".join((b64url(jws.header_bytes), b64url(payload), b64url(jws.signature)))
    return replace(
        job, tokens={FORMAT: token}, digits=pack(token), said=said_of(_raised(job.said.attestation()))
    )


def _is_level(payload: bytes, index: int) -> bool:
    """Tell whether the character is a level: one digit of the packed text, or after a colon."""
    return payload[index - 1 : index] in (b":", b'"') and payload[index + 1 : index + 2] != b"."


def _raised(said: Attestation) -> Attestation:
    first = next(iter(said.levels))
    return structs.replace(said, levels=dict(said.levels) | {first: 8})


def _unknown(town: Town, like: PrintJob) -> PrintJob:
    """Return the paper of a body that is in no trust list, signed with a key of its own."""
    scheme = town.register.scheme
    # Older than the list: a younger one might be of a body that a newer list names (undetermined).
    issued_at = town.register.now() - 30 * DAY
    said = Attestation(
        issuer=scheme.issuer(_UNKNOWN),
        holder=Holder("Capucine", "Delpeuch"),
        framework="digcomp-3.0",
        levels={"1.1": 4, "2.1": 4},
        assessed_on=date.fromisoformat(day_before(town.register, 31).isoformat()),
        method=Method.OBSERVATION,
        issued_at=issued_at,
        specimen=True,
    )
    status = StatusReference(f"{scheme.status_prefix(_UNKNOWN)}1", secrets.randbelow(131_072))
    payload = write_claims(said, vct=vct_of(scheme.url), status=status)
    with tempfile.TemporaryDirectory() as folder:
        ring = KeyRing.create(Path(folder), passphrase=secrets.token_bytes(16), cost=FLOOR)
        ring.generate(_UNKNOWN, Purpose.CREDENTIAL, at=issued_at)
        signer = ring.signer(_UNKNOWN, Purpose.CREDENTIAL, at=issued_at)
        token = sign_compact(header_for(signer.alg, signer.kid), payload, signer)
    return PrintJob(
        code=new_code(),
        tokens={FORMAT: token},
        digits=pack(token),
        said=said_of(said),
        body=BodyLine("Organisme inconnu du réseau"),
        verify_url=like.verify_url,
        contact=like.contact,
        specimen=True,
        lang=like.lang,
    )
