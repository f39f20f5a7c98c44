"""Before the issuing transaction: everything that needs no database lock.

Decided here: requests become attestations (validated by the book), with one time of issue for the whole
sequence and the scheme's validity; the signers are fetched (decrypting a key takes long); the public
documents that the tokens will be checked against are read. Left to others: what the register allows
(`issuing`), what may be signed (`keys.lints`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from issuer.register.bodies import body as known_body
from issuer.register.chain import check_actor
from issuer.register.folder import Register
from issuer.register.people import person_key
from issuer.register.requests import IssueRequest, Refusal, RefusedError
from issuer.register.trust_documents import refresh_now
from keys.records import KeyRecord, Purpose
from passport.errors import PassportError
from passport.jose import Signer
from passport.model import Attestation
from verifier import Trust

__all__ = ["Item", "Plan", "plan"]

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Item:
    """One request with its attestation and the digest of its person. `position`: in the sequence, from 0."""

    position: int
    request: IssueRequest
    attestation: Attestation
    person_key: str

    def says_the_same_as(self, *, person_key: str, attestation: Attestation) -> bool:
        """Tell whether another attestation says the same: person, framework, levels and day."""
        mine, other = self.attestation, attestation
        return (self.person_key, mine.framework, dict(mine.levels), mine.assessed_on) == (
            person_key,
            other.framework,
            dict(other.levels),
            other.assessed_on,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A sequence of requests, ready for the transaction. `at`: seconds since 1970, the time of issue."""

    body: str
    actor: str
    at: int
    items: tuple[Item, ...]
    trust: Trust
    record: KeyRecord
    signer: Signer
    status_signer: Signer


def plan(register: Register, body: str, requests: Sequence[IssueRequest], *, actor: str) -> Plan:
    """Return the plan of a sequence.

    Raises `RefusedError` with all malformed requests; `PassportError`: `actor`, `unknown_body`,
    `body_unpublished`, `locked`, `no_key`, `key_out_of_dates`.
    """
    check_actor(actor)
    at = register.now()
    # A day-old `now` would make our own check below undetermined one day; it is signed again here.
    refresh_now(register)
    trust = register.trust()
    _check_published(register, trust, body)
    signer = register.ring.signer(body, Purpose.CREDENTIAL, at=at)
    record = next(r for r in register.ring.records(body) if r.kid == signer.kid)
    return Plan(
        body=body,
        actor=actor,
        at=at,
        items=_items(register, body, requests, at=at),
        trust=trust,
        record=record,
        signer=signer,
        status_signer=register.ring.signer(body, Purpose.STATUS, at=at),
    )


def _check_published(register: Register, trust: Trust, body: str) -> None:
    if trust.trust_list.body_of(register.scheme.issuer(body)) is not None:
        return
    known_body(register, body)
    raise PassportError(
        f"The trust list does not name the body {body[:40]!r} yet.",
        code="body_unpublished",
        hint="Publish the trust list with `passport trust publish`.",
    )


def _items(register: Register, body: str, requests: Sequence[IssueRequest], *, at: int) -> tuple[Item, ...]:
    items, refusals = [], _repeated(requests)
    for position, request in enumerate(requests):
        try:
            attestation = _attestation(register, body, request, at=at)
        except PassportError as error:
            refusals.append(Refusal(position, error.code, error.message, error.hint))
            continue
        digest = person_key(request.holder, secret=register.person_secret)
        items.append(Item(position, request, attestation, digest))
    if refusals:
        raise RefusedError(refusals)
    return tuple(items)


def _repeated(requests: Sequence[IssueRequest]) -> list[Refusal]:
    counts = Counter(request.source_key for request in requests if request.source_key is not None)
    return [
        Refusal(position, "source_repeated", "The same line is there twice.", "Leave one of them out.")
        for position, request in enumerate(requests)
        if counts.get(request.source_key or "", 0) > 1
    ]


def _attestation(register: Register, body: str, request: IssueRequest, *, at: int) -> Attestation:
    days = register.scheme.validity_days.get(request.framework)
    by_scheme = None if days is None else at + days * _DAY
    return Attestation(
        issuer=register.scheme.issuer(body),
        holder=request.holder,
        framework=request.framework,
        levels=request.levels,
        assessed_on=request.assessed_on,
        method=request.method,
        issued_at=at,
        place=request.place,
        expires_at=by_scheme if request.expires_at is None else request.expires_at,
        specimen=register.scheme.is_demo,
    )
